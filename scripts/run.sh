#!/usr/bin/env bash
# `make run`: sets up, builds, serves until Ctrl-C. Options of the server may follow (scripts/run.sh --help).
. "$(dirname "$0")/lib.sh"
. scripts/setup.sh
. scripts/build.sh
build_product >&2
wait_for_meanwhile || die "PostgreSQL could not be installed"

say "starting (Ctrl-C stops it)"
# In place of this script: what Ctrl-C reaches is the server alone, which stops all it started.
exec "$SERVER" --site-dir "$ROOT/site" --plugins-dir "$PLUGINS" --data-dir "${DATA_DIR:-$ROOT/.data}" "$@"
