# shellcheck shell=bash
# Finds or installs a Rust that builds for this machine and for wasm32-unknown-unknown. Sourced, for it may set PATH and
# RUSTUP_TOOLCHAIN. In this order: the active toolchain, rustup, Debian's packages (`scripts/setup-rust-debian.sh`).

RUST_NEEDED=96 # of 1.96

rust_works() {
    have cargo && have rustc || return 1
    local minor
    minor=$(rustc --version 2>/dev/null | sed -n 's/^rustc 1\.\([0-9]*\)\..*/\1/p')
    [ -n "$minor" ] && [ "$minor" -ge $RUST_NEEDED ] &&
        ls "$(rustc --print sysroot)"/lib/rustlib/wasm32-unknown-unknown/lib/libstd-*.rlib >/dev/null 2>&1 &&
        { [ -z "${RUST_LINTS:-}" ] || { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1; }
}

setup_rust() {
    [ -d "$HOME/.cargo/bin" ] && PATH=$PATH:$HOME/.cargo/bin
    rust_works && return
    if have rustup; then
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
