#!/usr/bin/env bash
# how long a server with many customers takes until it is ready, beside a bare scan of the same rows, on both databases
# bench start [CUSTOMERS] [ROUNDS]
set -euo pipefail
exec scripts/with_postgres.sh build/release/bench/bench_start "$@"
