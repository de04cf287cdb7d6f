#!/usr/bin/env bash
# durable receipts of webhooks beside the disk's fdatasync rate, and what one event costs before it is stored
# bench webhook [ROUNDS] [SECONDS]
set -euo pipefail
/usr/bin/python3 bench/webhook.py "$@"
