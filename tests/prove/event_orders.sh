#!/usr/bin/env bash
# every order of the events of one life, 7 at a time, and 100,000 random ones with losses and duplicates end as Stripe is
set -euo pipefail
program=${BILLHOOK_EVENT_ORDERS:-$(find build/release -type f -name billhook_event_orders -perm -u+x | head -n 1)}
window=${BILLHOOK_ORDERS_WINDOW:-7}
# Each batch tries 50 random orders after each of the 20 steps of the life.
batches=${BILLHOOK_ORDERS_BATCHES:-100}
state=${PROVE_STATE:-$(mktemp -d)}
mkdir -p "$state"

run_part() {
    local kept=$1 program=$2 name=$3
    shift 3
    [ -f "$kept/$name.holds" ] && return
    if "$program" "$@" > "$kept/$name.running"; then
        mv "$kept/$name.running" "$kept/$name.holds"
    else
        cat "$kept/$name.running"
        return 1
    fi
}
export -f run_part
status=0
{
    echo "all --window $window"
    for batch in $(seq 1 "$batches"); do echo "random$batch --seed $batch --window 0 --random 50"; done
} | xargs -P 2 -L 1 bash -c 'run_part "$@"' _ "$state" "$program" || status=1
cat "$state"/*.holds 2>/dev/null |
    awk -F'[ ,]+' '/^holds/ { events = $5; orders += $7; random += $10 }
        END { print "figure: " orders " orders of a life of " events " events, and " random + 0 " random orders, end alike" }'
exit "$status"
