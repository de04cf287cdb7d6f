#!/usr/bin/env bash
# two simultaneous purchases, upgrades or schedule requests of one line, 200 rounds on each store
set -euo pipefail
export BILLHOOK_TEST_PROGRAM=${BILLHOOK_TEST_PROGRAM:-$PWD/build/release/billhook} BILLHOOK_TEST_ROUNDS=${BILLHOOK_TEST_ROUNDS:-200}
scripts/with_postgres.sh /usr/bin/python3 tests/simultaneous/simultaneous.py
# The same and every other wish, in one process, where nothing but the two meet.
scripts/with_postgres.sh build/release/tests/flow/flow_paths_test --gtest_filter='Flow/Race.*'
echo "figure: $BILLHOOK_TEST_ROUNDS rounds each of purchase, upgrade and schedule on SQLite and on PostgreSQL; never two"
