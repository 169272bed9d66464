# Our own repository, as others check theirs.
# shellcheck shell=bash disable=SC2154

check 'ironhull --check .: nothing is left to harden here' env --chdir="$source" ironhull --check .
