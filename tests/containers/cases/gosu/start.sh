#!/bin/sh
# The data is the program's user's, whoever made it; then root's rights are given up.
set -e
mkdir -p data
chown -R app:app data
exec gosu app "$@"
