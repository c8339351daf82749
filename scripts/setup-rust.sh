# shellcheck shell=bash
# Finds or installs a Rust that builds for this machine and for wasm32-unknown-unknown. Sourced, for it may set PATH and
# RUSTUP_TOOLCHAIN. In this order: the active toolchain, rustup (as root on Debian we get it), Debian's packages
# (`scripts/setup-rust-debian.sh`), whose compiler needs 1.7 times as long for the same code.

RUST_NEEDED=96 # of 1.96

rust_works() {
    have cargo && have rustc || return 1
    # Or rustup would install what is missing here, and nobody would see why it takes so long.
    local -x RUSTUP_AUTO_INSTALL=0
    local minor
    minor=$(rustc --version 2>/dev/null | sed -n 's/^rustc 1\.\([0-9]*\)\..*/\1/p')
    [ -n "$minor" ] && [ "$minor" -ge $RUST_NEEDED ] &&
        ls "$(rustc --print sysroot)"/lib/rustlib/wasm32-unknown-unknown/lib/libstd-*.rlib >/dev/null 2>&1 &&
        { [ -z "${RUST_LINTS:-}" ] || { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1; }
}

RUSTUP=1.28.2

# rustup's installer, which is rustup: known by its digest. Of Rust itself it installs nothing yet.
install_rustup() {
    on_debian_as_root && have curl || return 1
    local sum machine folder code=0
    machine=$(uname -m)
    case $machine in
        x86_64) sum=20a06e644b0d9bd2fbdbfd52d42540bdde820ea7df86e92e533c073da0cdd43c ;;
        aarch64) sum=e3853c5a252fca15252d07cb23a1bdd9377a8c6f3efa01531109281ae47f841c ;;
        *) return 1 ;;
    esac
    say "installing rustup $RUSTUP"
    folder=$(mktemp -d)
    (
        cd "$folder" &&
            curl -fsS --connect-timeout 15 --retry 2 --proto =https -O \
                "${RUSTUP_UPDATE_ROOT:-https://static.rust-lang.org/rustup}/archive/$RUSTUP/$machine-unknown-linux-gnu/rustup-init" &&
            echo "$sum  rustup-init" | sha256sum --check --quiet && chmod +x rustup-init &&
            RUSTUP_INIT_SKIP_PATH_CHECK=yes ./rustup-init -y --quiet --no-modify-path --default-toolchain none
    ) >&2 || code=1
    rm -rf "$folder"
    return $code
}

setup_rust() {
    local own=${CARGO_HOME:-$HOME/.cargo}/bin
    [ ! -d "$own" ] || PATH=$PATH:$own
    rust_works && return
    if have rustup || { install_rustup && PATH=$own:$PATH; }; then
        # Before a cargo that is too old.
        PATH=$(dirname "$(command -v rustup)"):$PATH
        rust_works && return
        # Named by rust-toolchain.toml. Some machines forbid rustup to install by itself, so it is told to.
        say "installing the Rust of rust-toolchain.toml"
        if rustup toolchain install >&2 && rust_works; then return; fi
    fi
    if on_debian_as_root; then
        "$ROOT/scripts/setup-rust-debian.sh"
        if have rustup; then
            rustup toolchain link debian /usr
            export RUSTUP_TOOLCHAIN=debian
        fi
        rust_works && return
    fi
    die "A Rust of at least 1.$RUST_NEEDED with wasm32-unknown-unknown is missing. Install rustup (https://rustup.rs), then:
  rustup toolchain install   (in this folder: it reads rust-toolchain.toml)"
}
setup_rust
