#!/bin/sh
while sleep 3600; do
  docker image prune --force
done
