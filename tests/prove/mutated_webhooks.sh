#!/usr/bin/env bash
# 1,000,000 webhooks that Stripe did not send, 20,000 of them over HTTP: none accepted
set -euo pipefail
export BILLHOOK_TEST_PROGRAM=${BILLHOOK_TEST_PROGRAM:-$PWD/build/release/billhook}
export MUTATIONS=${MUTATIONS:-980000} HTTP_MUTATIONS=${HTTP_MUTATIONS:-20000}
scripts/with_postgres.sh build/release/tests/mutated_webhook/mutated_webhook_test
/usr/bin/python3 tests/mutated_webhook/mutated_over_http.py
echo "figure: $MUTATIONS in process by 25 kinds of mutation and $HTTP_MUTATIONS over HTTP by 16: none accepted, and every unspoilt one between them was"
