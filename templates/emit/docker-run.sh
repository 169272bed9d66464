#!/bin/sh
# Starts each container as its hardened files say: made by ironhull --emit=docker-run.
# Run it in the folder in which it was made: paths begin there. Volumes have the names that the files give them, without
# the project's in front; there is no network that containers share, unless you give them one (--network).
set -eu
