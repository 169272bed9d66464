#!/bin/sh
set -e
chown -R 900 /data
exec gosu 900 "$@"
