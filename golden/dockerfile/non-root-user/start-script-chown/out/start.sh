#!/bin/sh
set -e
# the volume belongs to root at first
chown -R node:node /data
exec "$@"
