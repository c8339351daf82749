# shellcheck shell=bash
# What the scripts share. To be read by `. scripts/lib.sh`, from any folder.

set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

# Tools that we install for ourselves (a Python environment with Envoy) are kept here, outside the clone.
CACHE=${MARKETPLACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/marketplace}

say() { printf '%s\n' "── $*" >&2; }
die() { printf '%s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

on_debian_as_root() { [ "$(id -u)" = 0 ] && have apt-get; }

# apt_install WHY PACKAGE…: installs, or says what a person has to do.
apt_updated=
apt_install() {
    local why=$1
    shift
    on_debian_as_root || die "$why is missing. On Debian, as root: apt-get install $*"
    say "installing $why: $*"
    # Another apt may be at work: wait for it.
    if [ -z "$apt_updated" ]; then
        apt-get -o DPkg::Lock::Timeout=300 -q update >&2
        apt_updated=yes
    fi
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qy install --no-install-recommends "$@" >&2
}

# The folder of PostgreSQL's server programs: on PATH, else where Debian keeps them, the newest.
postgres_bin() {
    local found
    if have initdb && have pg_ctl; then dirname "$(command -v initdb)"; return; fi
    found=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
    [ -n "$found" ] && dirname "$found"
}

# Queries are checked against the committed descriptions (`.sqlx`), never against a database that happens to be set.
export SQLX_OFFLINE=${SQLX_OFFLINE:-true}
