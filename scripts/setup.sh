# shellcheck shell=bash
# Finds or installs what building and running needs. With SETUP_STAGES, names of `make test`'s stages: what these need
# instead. With SETUP_BUNDLE: what building alone needs. Sourced.

have cc || need "a C compiler (cc)" gcc libc6-dev
have ld || need "a linker (ld)" binutils
[ -e /etc/ssl/certs/ca-certificates.crt ] || ! have apt-get || need "certificates of the web" ca-certificates
have cargo || have rustup || [ -d "$HOME/.cargo/bin" ] || ! on_debian_as_root || have curl || need "curl, to get Rust" curl

# for_stage NAME…: whether tests are set up for, and one of these stages among them.
for_stage() {
    local stage
    for stage in "$@"; do case " ${SETUP_STAGES:-} " in *" $stage "*) return 0 ;; esac; done
    return 1
}

# A database is needed when all is built, and by tests.
postgres=
if for_stage unit browser mesh; then
    [ -n "$(postgres_bin)" ] || need "PostgreSQL's programs (initdb, pg_ctl)" postgresql
elif [ -z "${SETUP_STAGES:-}${SETUP_BUNDLE:-}${DATABASE_URL:-}" ] && [ -z "$(postgres_bin)" ]; then
    if on_debian_as_root; then postgres=missing; else need "PostgreSQL's programs (initdb, pg_ctl)" postgresql; fi
fi

[ -z "${SETUP_STAGES:-}" ] || export RUST_LINTS=1
if for_stage unit plugins; then
    have python3 && python3 -c 'import ensurepip' 2>/dev/null ||
        need "Python with venv (python3)" python3 python3-venv
fi
if for_stage browser; then
    { have node && have npm; } || need "Node (node, npm)" nodejs npm
    if [ -z "$(chromium_bin)" ]; then
        on_debian_as_root && apt_update
        if has_package chromium-headless-shell; then chromium=chromium-headless-shell; else chromium=chromium; fi
        need "Chromium ($chromium)" "$chromium"
    elif [ "$(chromium_bin)" = chromium ] && on_debian_as_root; then
        # Also there without it, only slower.
        apt_update && has_package chromium-headless-shell && apt_install chromium-headless-shell || true
    fi
    # Without such a font the screenshots show boxes for Chinese. fc-list may be missing, then apt decides.
    [ -d /usr/share/fonts/opentype/noto ] || fc-list :lang=zh 2>/dev/null | grep -q . ||
        need "a font with Chinese" fonts-noto-cjk
fi

install_needed
[ -z "$postgres" ] || install_meanwhile postgresql
. "$ROOT/scripts/setup-rust.sh"
