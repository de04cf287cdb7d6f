#!/usr/bin/env bash
# with_postgres.sh COMMAND…: starts a PostgreSQL of its own in a temporary folder on a free port of 127.0.0.1, runs the
# command with BILLHOOK_TEST_POSTGRES=postgres://… (a superuser), and ends and removes that server, however it went.
# A server that is already named by BILLHOOK_TEST_POSTGRES is used as it is.
set -euo pipefail
[ -z "${BILLHOOK_TEST_POSTGRES:-}" ] || exec "$@"

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -x "$bin/initdb" ] || {
    echo "PostgreSQL is not installed (package postgresql-15)" >&2
    exit 1
}
folder=$(mktemp -d /tmp/billhook_postgres.XXXXXX)
# PostgreSQL refuses to run as root.
as_owner=()
if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
    as_owner=(runuser -u postgres --)
fi
in_folder() { (cd "$folder" && "${as_owner[@]}" "$@"); }

stop() {
    [ ! -f "$folder/data/postmaster.pid" ] || in_folder "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

free_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

in_folder "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/initdb.log" 2>&1 || {
    cat "$folder/initdb.log" >&2
    exit 1
}
# Nothing of it outlives the tests, so it need not reach the disk.
options="-c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c max_connections=200"
options+=" -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
# Another program may take the port between asking and starting.
for attempt in 1 2 3; do
    port=$(free_port)
    if in_folder "$bin/pg_ctl" -D "$folder/data" -l "$folder/server.log" -o "$options -p $port" -w -t 60 start >/dev/null 2>&1; then
        break
    elif [ "$attempt" = 3 ]; then
        cat "$folder/server.log" >&2
        exit 1
    fi
done
export BILLHOOK_TEST_POSTGRES=postgres://postgres@127.0.0.1:$port/postgres
"$@"
