# shellcheck shell=bash
# Builds what `make run` and the browser tests start. Quick when nothing changed. Sourced; sets TARGET, SERVER, PLUGINS.

TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
case $TARGET in /*) ;; *) TARGET=$ROOT/$TARGET ;; esac
SERVER=$TARGET/product/marketplace
PLUGINS=$TARGET/plugins-dist

# Chained, because `set -e` does not hold where a caller writes `build_product || …`: old files must not pass for new ones.
build_product() {
    say "building the tools" &&
        cargo build --quiet --package xtask --profile product &&
        say "building the browser's files" &&
        "$TARGET/product/xtask" site &&
        say "building the built-in plugins" &&
        "$TARGET/product/xtask" plugins &&
        say "building the server" &&
        cargo build --package server --profile product
}
