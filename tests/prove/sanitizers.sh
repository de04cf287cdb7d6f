#!/usr/bin/env bash
# unit, store and integration suites under the address, undefined-behaviour and thread sanitizers
set -euo pipefail
. scripts/dev/library/progress.sh
. scripts/dev/library/compile.sh
. scripts/dev/library/suites.sh
state=${PROVE_STATE:-build/prove/sanitizers}
mkdir -p "$state"
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:abort_on_error=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=suppressions=$PWD/tests/sanitizers/thread.supp:halt_on_error=1:second_deadlock_stack=1
# An instrumented program is five to fifteen times slower, and as much larger.
TEST_SECONDS_MAX=3600
export BILLHOOK_TEST_RSS_TIMES=15
status=0
for TEST_PRESET in ${SANITIZER_PRESETS:-asan tsan}; do
    compile "$TEST_PRESET"
    for suite in unit store integration; do
        # A suite that was clean is not run again when the item goes on.
        if [ ! -f "$state/$TEST_PRESET.$suite.clean" ]; then
            RESULTS=()
            run_suites "$suite" || { status=1 && continue; }
            close_with_counts >"$state/$TEST_PRESET.$suite.clean" || status=1
        fi
        echo "figure: $TEST_PRESET: $suite: $(cat "$state/$TEST_PRESET.$suite.clean")"
    done
done
exit "$status"
