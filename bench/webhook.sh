#!/usr/bin/env bash
# durable receipts of webhooks a second, and the processor time of each, beside the disk's fdatasync rate
# bench webhook [ROUNDS] [SECONDS]
set -euo pipefail
/usr/bin/python3 bench/webhook.py "$@"
