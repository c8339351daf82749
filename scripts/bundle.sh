#!/usr/bin/env bash
# `make bundle`: a release in dist/, one binary and its site/ folder.
. "$(dirname "$0")/lib.sh"
SETUP_BUNDLE=1
. scripts/setup.sh
cargo run --quiet --profile product --package xtask -- bundle "$@"
