#!/usr/bin/env bash
# Stripe's own command line triggers every event of the promised families, and the server takes each signed event in
set -euo pipefail
export BILLHOOK_TEST_PROGRAM=${BILLHOOK_TEST_PROGRAM:-$PWD/build/release/billhook}
output=$(mktemp)
trap 'rm -f "$output"' EXIT
/usr/bin/python3 tests/stripe_cli/stripe_cli.py 2>&1 | tee "$output"
triggers=$(sed -n 's/^triggers: //p' "$output")
echo "figure: stripe trigger: $triggers, each with exit 0 and its signed event worked off by the server"
