#!/usr/bin/env bash
# Rust from Debian's security suite, for machines without rustup. Debian has no wasm32 standard library but its sources,
# so we build it: about a minute, once.
. "$(dirname "$0")/lib.sh"

need "Rust" rustc-web cargo-web rust-web-src lld-22 gcc libc6-dev
[ -z "${RUST_LINTS:-}" ] || need "its lints" rust-web-clippy rustfmt-web
install_needed

sysroot=$(/usr/bin/rustc --print sysroot)
to=$sysroot/lib/rustlib/wasm32-unknown-unknown/lib
if ! ls "$to"/libstd-*.rlib >/dev/null 2>&1; then
    say "building Rust's standard library for wasm32"
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    mkdir "$folder/src"
    printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2021"\n' >"$folder/Cargo.toml"
    : >"$folder/src/lib.rs"
    # Bitcode, or builds with link-time optimisation fail later.
    (cd "$folder" && env -u CARGO_TARGET_DIR RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes \
        /usr/bin/cargo build --release -Zbuild-std=std,panic_abort,proc_macro --target wasm32-unknown-unknown)
    mkdir -p "$to"
    for file in "$folder"/target/wasm32-unknown-unknown/release/deps/*.rlib; do
        case $file in */libempty-*) ;; *) cp "$file" "$to/" ;; esac
    done
fi

linker=$sysroot/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld
if [ ! -e "$linker" ]; then
    mkdir -p "$(dirname "$linker")"
    ln -s /usr/bin/lld-22 "$linker"
fi
