#!/usr/bin/env bash
# the sandbox and the network fail in every way while customers live on, on both stores: nothing lost, nothing done twice
set -euo pipefail
export BILLHOOK_TEST_PROGRAM=${BILLHOOK_TEST_PROGRAM:-$PWD/build/release/billhook} BILLHOOK_TEST_ROUNDS=${BILLHOOK_TEST_ROUNDS:-20}
output=$(mktemp)
trap 'rm -f "$output"' EXIT
for seed in 1 2 3; do
    BILLHOOK_TEST_SEED=$seed scripts/with_postgres.sh /usr/bin/python3 tests/faults/sandbox_faults.py 2>&1 | tee -a "$output"
done
scripts/with_postgres.sh /usr/bin/python3 tests/faults/network_faults.py 2>&1 | tee -a "$output"
sum() { sed -n "s/.*: \([0-9]*\) $1, .*/\1/p" "$output" | awk '{ lines++; sum += $1 } END { printf "%d times, %d %s", lines, sum, word }' word="$1"; }
echo "figure: a life through faults of the sandbox: $(sum faults); three lives through a failing network: $(sum troubles)"
