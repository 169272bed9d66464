#!/bin/sh
echo "{\"port\": $PORT}" > /app/config.json
exec "$@"
