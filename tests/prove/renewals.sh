#!/usr/bin/env bash
# 1,000 subscriptions x 24 months in the sandbox, webhooks delivered to the engine over HTTP: within 30 s, and what bounds it
set -euo pipefail
export BILLHOOK_TEST_PROGRAM=${BILLHOOK_TEST_PROGRAM:-$PWD/build/release/billhook}
export BILLHOOK_TEST_SUBSCRIPTIONS=${BILLHOOK_TEST_SUBSCRIPTIONS:-1000}
export BILLHOOK_TEST_MONTHS=${BILLHOOK_TEST_MONTHS:-24}
export BILLHOOK_TEST_WITHIN_S=${BILLHOOK_TEST_WITHIN_S:-30}
/usr/bin/python3 tests/renewals/renewals.py
