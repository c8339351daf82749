#!/bin/sh
# Writes .sqlx anew: what the checked queries of crates/catalogue look like to a live database. Run it after a query or a
# migration changed, and commit the result.
#
# Needs DATABASE_URL: a PostgreSQL database with pg_trgm that nobody else uses. All of our migrations are applied to it with psql.
set -eu
cd "$(dirname "$0")/.."
: "${DATABASE_URL:?set DATABASE_URL to a database that may be changed}"

# An empty database gets the schema; one that has it already (from the program, or from a run before) is left alone.
if [ "$(psql "$DATABASE_URL" -Atqc "SELECT to_regclass('plugin') IS NOT NULL")" = f ]; then
    for migration in migrations/*.up.sql; do
        psql "$DATABASE_URL" -q -v ON_ERROR_STOP=1 -1 -f "$migration"
    done
fi

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
touch crates/catalogue/src/lib.rs
SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$fresh" cargo check -p marketplace-catalogue
mkdir -p .sqlx
rm -f .sqlx/query-*.json
cp "$fresh"/query-*.json .sqlx/
echo "$(ls .sqlx | wc -l) queries in .sqlx"
