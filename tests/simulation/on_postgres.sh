#!/usr/bin/env bash
# on_postgres.sh PROGRAM SEED OPTION…: a simulation on a database of its own in the PostgreSQL of this run.
set -euo pipefail
program=$1
shift
database=billhook_simulation_$$
as_superuser() { psql -qX -v ON_ERROR_STOP=1 -c "$1" "$BILLHOOK_TEST_POSTGRES"; }
as_superuser "CREATE DATABASE $database"
trap 'as_superuser "DROP DATABASE $database WITH (FORCE)"' EXIT
status=0
"$program" "$@" --database "${BILLHOOK_TEST_POSTGRES%/*}/$database" || status=$?
[ $status = 0 ] || echo "  on PostgreSQL: scripts/with_postgres.sh tests/simulation/on_postgres.sh $program $*"
exit $status
