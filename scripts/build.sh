# shellcheck shell=bash
# Builds what `make run` and the browser tests start. Quick when nothing changed. Sourced; sets TARGET, SERVER, PLUGINS.

TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
case $TARGET in /*) ;; *) TARGET=$ROOT/$TARGET ;; esac
SERVER=$TARGET/product/marketplace
PLUGINS=$TARGET/plugins-dist

# The server, and beside it the browser's files and the plugins: each ends with a few large crates that keep one core busy
# and leave the other idle. They have build folders of their own, so that none waits for the other's lock.
#
# Chained, because `set -e` does not hold where a caller writes `build_product || …`: old files must not pass for new ones.
build_product() {
    say "building the browser's files, the tools, the server and the built-in plugins" || return 1
    BESIDE=()
    local traps code=0
    traps=$(trap -p INT TERM)
    trap 'stop_beside; exit 130' INT TERM
    # What `xtask site` begins with, and finds done: no need to wait for xtask.
    beside cargo build --package frontend --lib --target wasm32-unknown-unknown --profile wasm-release &&
        cargo build --quiet --package xtask --profile product &&
        beside eval '"$TARGET/product/xtask" plugins && "$TARGET/product/xtask" site' &&
        cargo build --package server --profile product || code=1
    [ $code = 0 ] || stop_beside
    wait_beside || code=1
    trap - INT TERM
    eval "$traps"
    return $code
}

# Starts a command in a process group of its own: a shell makes what it starts with `&` deaf to Ctrl-C, so it is ended by
# name.
beside() {
    set -m
    ("$@") &
    BESIDE+=($!)
    set +m
}

stop_beside() {
    local group
    for group in "${BESIDE[@]}"; do kill -- "-$group" 2>/dev/null || true; done
}

wait_beside() {
    local one code=0
    for one in "${BESIDE[@]}"; do wait "$one" || code=1; done
    return $code
}
