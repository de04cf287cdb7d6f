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
    configure release
    suites=() programs=() targets=()
    for name in "$@"; do
        if is_suite "$name"; then
            suites+=("$name") targets=(all)
            continue
        elif ! program_names | grep -x "$name" >/dev/null; then
            echo "'$name' is neither a suite (${SUITES[*]}) nor a test program." >&2
            meant=$({ printf '%s\n' "${SUITES[@]}" && program_names; } | nearest_name "$name")
            [ -z "$meant" ] || echo "Did you mean './dev test $meant'?" >&2
            exit 2
        fi
        programs+=("$name")
        if has_target release "${name}_test"; then
            targets+=("${name}_test")
        elif ! program_names -L '^unit$' | grep -x "$name" >/dev/null; then
            targets+=(billhook billhook_crashing)
        fi
    done
    [ ${#targets[@]} -eq 0 ] || compile release "${targets[@]}"
    run_suites "${suites[@]}" || status=1
    run_programs "${programs[@]}" || status=1
fi
close_with_counts || status=1
exit "$status"
