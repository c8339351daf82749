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
        build_side_by_side
}

# The server, and beside it the browser's files and the plugins: each ends with a few large crates that keep one core busy
# and leave the other idle. They have build folders of their own, so that neither waits for the other's lock.
build_side_by_side() {
    say "building the server, the browser's files and the built-in plugins" || return 1
    local others code=0 traps
    traps=$(trap -p INT TERM)
    # In a process group of its own: a shell makes what it starts with `&` deaf to Ctrl-C, so it is ended by name.
    set -m
    ("$TARGET/product/xtask" site && "$TARGET/product/xtask" plugins) &
    others=$!
    set +m
    trap 'kill -- "-$others" 2>/dev/null; exit 130' INT TERM
    cargo build --package server --profile product || code=1
    wait "$others" || code=1
    trap - INT TERM
    eval "$traps"
    return $code
}
