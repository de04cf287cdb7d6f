#!/usr/bin/env bash
# the check beside nginx's static answer and the gate of S1 and S3, as ratios in one run
# bench check [ROUNDS] [SECONDS]
set -euo pipefail
. scripts/dev/library/progress.sh
. scripts/dev/library/install.sh
ensure_packages bench/packages.txt
ensure_npm bench
exec scripts/with_postgres.sh /usr/bin/python3 bench/check.py "$@"
