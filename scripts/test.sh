#!/usr/bin/env bash
# `make test`: everything that must hold. With arguments, only the stages named: fmt clippy licences unit plugins browser
# mesh. Goes on after a failure, so that one run tells all; the last line is the sum.
. "$(dirname "$0")/lib.sh"
STAGES=("$@")
[ ${#STAGES[@]} -gt 0 ] || STAGES=(fmt clippy licences unit plugins browser mesh)
SETUP_STAGES="${STAGES[*]}"
. scripts/setup.sh
. scripts/build.sh
. scripts/test-parts.sh

export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}
PASSED=0
FAILED=0

stage_fmt() {
    cargo fmt --all --check && cargo fmt --manifest-path plugins/Cargo.toml --all --check
}

# The front end apart, and for the target it is for: `ssr` and `hydrate` must not meet in one build.
stage_clippy() {
    cargo clippy --quiet --workspace --exclude frontend --all-targets -- -D warnings &&
        cargo clippy --quiet --package frontend --target wasm32-unknown-unknown -- -D warnings &&
        CARGO_TARGET_DIR=$TARGET/plugins cargo clippy --quiet --manifest-path plugins/Cargo.toml --workspace --all-targets -- -D warnings
}

# By cargo-deny where it is; its advisories need a database from the network. Else what needs neither.
stage_licences() {
    if have cargo-deny; then cargo deny check; else cargo run --quiet --profile product --package xtask -- licences; fi
}

stage_unit() {
    find_envoy && start_postgres && env -u TEST_KUBECONFIG cargo test --workspace --exclude frontend --no-fail-fast
}

stage_plugins() {
    find_envoy && cargo run --quiet --profile product --package xtask -- plugins &&
        PLUGINS_WASM_DIR=$TARGET/plugins/wasm32-unknown-unknown/release CARGO_TARGET_DIR=$TARGET/plugins \
            cargo test --manifest-path plugins/Cargo.toml --workspace --no-fail-fast
}

stage_browser() {
    start_postgres && build_product || return 1
    psql -q "$TEST_DATABASE_URL" -c 'DROP DATABASE IF EXISTS browser' -c 'CREATE DATABASE browser' || return 1
    start_server --cluster demo --database-url "${TEST_DATABASE_URL/\/postgres\?//browser?}" || return 1
    local result=0
    (
        cd end2end
        CHROMIUM=$(command -v "$(chromium_bin)")
        export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 CHROMIUM CI=${CI:-1}
        if [ ! package-lock.json -ot node_modules/.package-lock.json ]; then npm ci --no-audit --no-fund; fi
        npx playwright test
    ) || result=1
    stop_server
    [ $result = 0 ] || { echo "the server's last lines:"; tail -n 30 "$WORK/server.log"; }
    return $result
}

stage_mesh() {
    if ! start_mesh; then
        echo "skipped: there is no mesh here (../shared/mesh, as root) and TEST_KUBECONFIG is not set"
        [ -z "$MESH_STARTED" ]
        return
    fi
    compgen -G 'server/tests/real_*.rs' >/dev/null || compgen -G 'crates/*/tests/real_*.rs' >/dev/null || {
        echo "skipped: there are no tests server/tests/real_*.rs"
        return
    }
    build_product && start_postgres &&
        MESH=${MESH:-} MARKETPLACE_BIN=$SERVER SITE_DIR=$ROOT/site PLUGINS_DIR=$PLUGINS \
            cargo test --workspace --exclude frontend --test 'real_*' --no-fail-fast -- --test-threads=1
}

# What a stage's output counts: cargo's sums, and that of end2end/support/sum.ts. A stage without sums counts as one.
count() {
    local log=$1 code=$2 passed failed
    passed=$(sed -nE 's/^test result: .* ([0-9]+) passed;.*/\1/p; s/^([0-9]+) passed, [0-9]+ failed$/\1/p' "$log" | paste -sd+ - | sed 's/^$/0/')
    failed=$(sed -nE 's/^test result: .* ([0-9]+) failed;.*/\1/p; s/^[0-9]+ passed, ([0-9]+) failed$/\1/p' "$log" | paste -sd+ - | sed 's/^$/0/')
    passed=$((passed)) failed=$((failed))
    if [ "$code" != 0 ] && [ $failed = 0 ]; then failed=1; fi
    if [ "$code" = 0 ] && [ $passed = 0 ] && ! grep -q '^skipped: ' "$log"; then passed=1; fi
    PASSED=$((PASSED + passed))
    FAILED=$((FAILED + failed))
    printf '%d passed, %d failed' "$passed" "$failed"
}

run_stage() {
    local name=$1 begin=$SECONDS code=0 log=$WORK/$1.log
    say "$name"
    # Not in a subshell: what a stage starts has to be known here, to be stopped in the end.
    stage_to_log "$name" "$log" || code=$?
    # `set -e` does not hold inside conditions: stages chain their steps with && instead.
    local sums
    count "$log" "$code" >"$WORK/sums"
    sums=$(cat "$WORK/sums")
    say "$name: $([ $code = 0 ] && echo ok || echo FAILED), $sums, $((SECONDS - begin)) s"
}

stage_to_log() {
    local code=0 tail_pid
    : >"$2"
    tail -n +1 -f "$2" 2>/dev/null &
    tail_pid=$!
    "stage_$1" >>"$2" 2>&1 || code=$?
    sleep 0.3 # the last lines
    kill "$tail_pid" 2>/dev/null
    wait "$tail_pid" 2>/dev/null || true
    return $code
}

for stage in "${STAGES[@]}"; do
    declare -F "stage_$stage" >/dev/null || die "there is no stage $stage"
done
for stage in "${STAGES[@]}"; do run_stage "$stage"; done

say "all of it took $SECONDS s"
echo "$PASSED passed, $FAILED failed"
[ "$FAILED" = 0 ]
