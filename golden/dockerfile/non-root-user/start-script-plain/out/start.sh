#!/bin/sh
set -e
: "${DATABASE_URL:?is not set}"
exec "$@"
