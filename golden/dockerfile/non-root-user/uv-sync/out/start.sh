#!/bin/sh
set -e
uv run alembic upgrade head
exec uv run --no-sync gunicorn -b 0.0.0.0:8000 desk:app
