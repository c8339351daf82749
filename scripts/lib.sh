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

# need WHAT PACKAGE…: one more thing that is missing. `install_needed` sees to all of them at once.
MISSING= PACKAGES=()
need() {
    MISSING+="  $1"$'\n'
    PACKAGES+=("${@:2}")
}

# Installs what is needed, or says what a person has to do.
install_needed() {
    [ ${#PACKAGES[@]} -gt 0 ] || return 0
    can_install
    say "installing ${PACKAGES[*]}"
    apt_update
    apt_install "${PACKAGES[@]}"
    MISSING= PACKAGES=()
}

can_install() {
    on_debian_as_root || die "These are missing:"$'\n'"${MISSING}On Debian, as root: apt-get install ${PACKAGES[*]}"
}

apt_updated=
apt_update() {
    [ -z "$apt_updated" ] || return 0
    apt-get -q update >&2
    apt_updated=yes
}

# Another apt may be at work: wait for it.
apt_install() {
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qy install --no-install-recommends "$@" >&2
}

# install_meanwhile PACKAGE…: in the background, because it is needed only later; `wait_for_meanwhile` before that.
MEANWHILE=
install_meanwhile() {
    say "installing in the background: $*"
    apt_update
    MEANWHILE_LOG=$(mktemp)
    set -m # or it could not be told to stop
    (apt_install "$@") </dev/null >"$MEANWHILE_LOG" 2>&1 &
    MEANWHILE=$!
    set +m
    trap wait_for_meanwhile EXIT
}

# Also when we are told to stop: what installs packages is not to be cut off in the middle.
wait_for_meanwhile() {
    [ -n "$MEANWHILE" ] || return 0
    local code=0
    wait "$MEANWHILE" || code=$?
    [ $code = 0 ] || cat "$MEANWHILE_LOG" >&2
    rm -f "$MEANWHILE_LOG"
    MEANWHILE=
    trap - EXIT
    return $code
}

# Whether apt knows a package.
has_package() { have apt-cache && [ -n "$(apt-cache --quiet=0 policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: *\((none)\)*//p')" ]; }

# The Chromium for tests: the one given, else its headless program, which needs half of the time that the one with windows
# needs for the same tests, else that.
chromium_bin() {
    local one
    for one in "${CHROMIUM:-}" chromium-headless-shell chromium; do
        if [ -n "$one" ] && have "$one"; then printf '%s\n' "$one"; return; fi
    done
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
