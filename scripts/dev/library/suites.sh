# Running test suites by their ctest label, and counting what ran. tests/README.md says what belongs in which. They run
# from the build of TEST_PRESET.

SUITES=(unit store integration scenario browser simulation fuzz)

TEST_PRESET=release

is_suite() { [[ " ${SUITES[*]} " == *" $1 "* ]]; }

# Every test program by its ctest name, or those that ctest's own options choose.
program_names() { ctest --test-dir "build/$TEST_PRESET" -N "$@" | sed -n 's/^ *Test *#[0-9]*: //p'; }

# run_suites SUITE…: runs them all, also after a failure, and remembers the results for close_with_counts.
RESULTS=()
run_suites() {
    local suite status=0
    for suite in "$@"; do
        if [ -z "$(program_names -L "^$suite\$")" ]; then
            say "test-$suite" "no tests in this suite yet"
            continue
        fi
        RESULTS+=("build/log/$suite.junit.xml")
        step "test-$suite" "running the $suite tests" run_ctest "$suite" -L "^$suite\$" || status=1
    done
    return "$status"
}

# run_programs NAME…: test programs by their ctest name, for the minutes while one works on them.
run_programs() {
    local name status=0
    for name in "$@"; do
        RESULTS+=("build/log/$name.junit.xml")
        step "test-$name" "running $name" run_ctest "$name" -R "^$name\$" --no-tests=error || status=1
    done
    return "$status"
}

# run_ctest NAME ARGUMENT…: only unit tests do without PostgreSQL; a story is told on both stores.
run_ctest() {
    local name=$1
    shift
    local servers=(scripts/with_postgres.sh)
    [ "$name" != unit ] || servers=()
    rm -f "build/log/$name.junit.xml"
    # The output of passed tests is kept whole, because the counts are read from it.
    "${servers[@]}" ctest --test-dir "build/$TEST_PRESET" -j 2 --timeout "${TEST_SECONDS_MAX:-900}" --output-on-failure "$@" \
        --output-junit "$PWD/build/log/$name.junit.xml" \
        --test-output-size-passed 10000000 --test-output-size-failed 10000000
}

# The last line of a test run, alone on its line, as CI reads it: 'N passed, N failed'.
close_with_counts() { scripts/count_tests "${RESULTS[@]}"; }
