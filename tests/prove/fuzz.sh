#!/usr/bin/env bash
# every fuzz target by libFuzzer, ten minutes each, without a finding
set -euo pipefail
. scripts/dev/library/progress.sh
. scripts/dev/library/install.sh
. scripts/dev/library/compile.sh
ensure_packages tests/fuzz/packages.txt
state=${PROVE_STATE:-build/prove/fuzz}
seconds=${FUZZ_SECONDS:-600}
mapfile -t targets < <(sed -n 's/^add_fuzz_target(\([a-z_]*\) .*/\1/p' tests/fuzz/CMakeLists.txt)
compile fuzz "${targets[@]/#/fuzz_}"
status=0
for target in "${targets[@]}"; do
    # What reached new code once is tried again for other sources too.
    grown=build/prove/grown_corpus/$target
    mkdir -p "$state" "$grown"
    # A target that has had its time is not run again; one that was stopped goes on with what it had found.
    if [ ! -f "$state/$target.done" ]; then
        if build/fuzz/tests/fuzz/fuzz_"$target" -max_total_time="$seconds" -max_len=16384 -timeout=5 -rss_limit_mb=2048 \
            -print_final_stats=1 -artifact_prefix="$state/$target." "$grown" "tests/fuzz/corpus/$target" \
            >"$state/$target.log" 2>&1; then
            touch "$state/$target.done"
        else
            tail -n 40 "$state/$target.log"
            echo "finding: $target; the input is $(ls "$state/$target".{crash,timeout,oom,leak}-* 2>/dev/null | tr '\n' ' ')"
            status=1
            continue
        fi
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$state/$target.log")
    echo "figure: $target: $runs inputs in $seconds s, no finding"
done
exit "$status"
