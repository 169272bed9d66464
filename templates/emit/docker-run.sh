#!/bin/sh
# Starts each container as its hardened files say: made by ironhull --emit=docker-run.
# Run it in the folder in which it was made: paths begin there. Volumes have the names that the files give them, without
# the project's in front; there is no network that containers share, unless you give them one (--network).
# Variables such as those of a .env file come from the environment: set -a; . ./.env
# shellcheck disable=SC1003,SC2016 # what is in single quotes is meant so
set -eu
