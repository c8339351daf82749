#!/usr/bin/env bash
# `make bundle`: a release in dist/, one binary and its site/ folder. With Node, the front end gets a third smaller.
. "$(dirname "$0")/lib.sh"
. scripts/setup.sh

tools=$CACHE/tools
if [ ! -x "$tools/node_modules/.bin/wasm-opt" ] && have npm; then
    say "installing wasm-opt"
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$tools" binaryen@132 >&2 || say "no wasm-opt: the front end stays larger"
fi
if [ -x "$tools/node_modules/.bin/wasm-opt" ]; then export WASM_OPT=$tools/node_modules/.bin/wasm-opt; fi

cargo run --quiet --package xtask -- bundle "$@"
