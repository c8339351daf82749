# shellcheck shell=bash
# Finds or installs what building and running needs; with SETUP_TESTS=1 also what only tests need. Sourced.

have cc || apt_install "a C compiler" gcc libc6-dev
have ld || apt_install "a linker" binutils
[ -e /etc/ssl/certs/ca-certificates.crt ] || ! have apt-get || apt_install "certificates of the web" ca-certificates
[ -n "${DATABASE_URL:-}" ] && [ -z "${SETUP_TESTS:-}" ] || [ -n "$(postgres_bin)" ] ||
    apt_install "PostgreSQL" postgresql

if [ -n "${SETUP_TESTS:-}" ]; then
    RUST_LINTS=1
    have python3 && python3 -c 'import ensurepip' 2>/dev/null || apt_install "Python with venv" python3 python3-venv
    { have node && have npm; } || apt_install "Node" nodejs npm
    have chromium || [ -n "${CHROMIUM:-}" ] || apt_install "Chromium" chromium
    # Without such a font the screenshots show boxes for Chinese. fc-list may be missing, then apt decides.
    [ -d /usr/share/fonts/opentype/noto ] || fc-list :lang=zh 2>/dev/null | grep -q . ||
        apt_install "a font with Chinese" fonts-noto-cjk
fi

. "$ROOT/scripts/setup-rust.sh"
