# shellcheck shell=bash
# Finds or installs what building and running needs; with SETUP_TESTS=1 also what only tests need. Sourced.

have cc || need "a C compiler (cc)" gcc libc6-dev
have ld || need "a linker (ld)" binutils
[ -e /etc/ssl/certs/ca-certificates.crt ] || ! have apt-get || need "certificates of the web" ca-certificates
have cargo || have rustup || [ -d "$HOME/.cargo/bin" ] || ! on_debian_as_root || have curl || need "curl, to get Rust" curl

# A database is needed when all is built, and by tests.
postgres=
if [ -z "${DATABASE_URL:-}" ] || [ -n "${SETUP_TESTS:-}" ]; then
    [ -n "$(postgres_bin)" ] || postgres=missing
fi
if [ -n "$postgres" ] && { [ -n "${SETUP_TESTS:-}" ] || ! on_debian_as_root; }; then
    need "PostgreSQL's programs (initdb, pg_ctl)" postgresql
    postgres=
fi

if [ -n "${SETUP_TESTS:-}" ]; then
    export RUST_LINTS=1
    have python3 && python3 -c 'import ensurepip' 2>/dev/null ||
        need "Python with venv (python3)" python3 python3-venv
    { have node && have npm; } || need "Node (node, npm)" nodejs npm
    have chromium || [ -n "${CHROMIUM:-}" ] || need "Chromium (chromium)" chromium
    # Without such a font the screenshots show boxes for Chinese. fc-list may be missing, then apt decides.
    [ -d /usr/share/fonts/opentype/noto ] || fc-list :lang=zh 2>/dev/null | grep -q . ||
        need "a font with Chinese" fonts-noto-cjk
fi

install_needed
[ -z "$postgres" ] || install_meanwhile postgresql
. "$ROOT/scripts/setup-rust.sh"
