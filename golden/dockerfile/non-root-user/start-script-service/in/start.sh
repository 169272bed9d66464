#!/bin/sh
set -e
cron
exec node server.js
