#!/usr/bin/env bash
# 200 customers × 14 months × 200 seeds of the whole house under all faults: the oracle finds no violation
set -euo pipefail
program=${BILLHOOK_SIMULATION:-$(find build/release -type f -name billhook_simulate -perm -u+x | head -n 1)}
seeds=${BILLHOOK_SIMULATION_SEEDS:-200}
size=(--customers "${BILLHOOK_SIMULATION_CUSTOMERS:-200}" --months 14 --faults all)
state=${PROVE_STATE:-$(mktemp -d)}
mkdir -p "$state"

# A seed that was run for these sources is not run again; a violated one ends with the command that shows it.
run_seed() {
    local kept=$1 program=$2 seed=$3
    shift 3
    [ -f "$kept/$seed.holds" ] && return
    if "$program" "$seed" "$@" > "$kept/$seed.running"; then
        mv "$kept/$seed.running" "$kept/$seed.holds"
    else
        mv "$kept/$seed.running" "$kept/$seed.violated"
        cat "$kept/$seed.violated"
        return 1
    fi
}
export -f run_seed
status=0
seq 1 "$seeds" | xargs -P 2 -I{} bash -c 'run_seed "$@"' _ "$state" "$program" {} "${size[@]}" || status=1

# Sums of what each run says after its digest: steps, calls, deliveries, stops and each kind of fault.
held=$(find "$state" -name '*.holds' | wc -l)
violated=$(find "$state" -name '*.violated' | wc -l)
echo "figure: $held of $seeds seeds hold, $violated violated (${size[*]})"
cat "$state"/*.holds 2>/dev/null | sed -n 's/^seed [0-9]*: holds digest [0-9a-f]* steps \([0-9]*\) ms [0-9]*/steps \1/p' |
    tr ',' '\n' | sed 's/^ *//' |
    awk '{ n = $NF; sub(/ [0-9]+$/, ""); sum[$0] += n } END { for (what in sum) print "figure: " what " " sum[what] }' |
    sort
exit "$status"
