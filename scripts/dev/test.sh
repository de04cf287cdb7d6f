#!/usr/bin/env bash
# checks, builds and runs all suites; with names only those suites or programs
# test [SUITE|PROGRAM…]
ensure_packages
ensure_npm
status=0
if [ $# -eq 0 ]; then
    static_checks || status=1
    compile release
    run_suites "${SUITES[@]}" || status=1
else
    # Named suites and programs are for the minutes while one works: no checks, and only what is needed is built.
    suites=() programs=()
    for name in "$@"; do
        if is_suite "$name"; then suites+=("$name"); else programs+=("$name"); fi
    done
    if [ ${#suites[@]} -gt 0 ]; then compile release; else compile release "${programs[@]/%/_test}"; fi
    run_suites "${suites[@]}" || status=1
    run_programs "${programs[@]}" || status=1
fi
close_with_counts || status=1
exit "$status"
