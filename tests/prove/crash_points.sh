#!/usr/bin/env bash
# the process is stopped at every named crash point, in each flow, on both stores, and ends well when started again
set -euo pipefail
export BILLHOOK_TEST_CRASHING_PROGRAM=${BILLHOOK_TEST_CRASHING_PROGRAM:-$PWD/build/release/tests/crash/billhook_crashing}
export BILLHOOK_TEST_CRASH_STORES="sqlite postgres"
scripts/with_postgres.sh /usr/bin/python3 tests/crash/crash_points.py
