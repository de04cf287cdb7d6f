#!/usr/bin/env bash
# what has to hold before every commit: format, lint, rooms, contract, amounts, queries, crash points; builds and unit tests too
# check [--static] [--all-files]
build_too=yes
for argument in "$@"; do
    case $argument in
    --static) build_too=no ;;
    --all-files) CHECK_ALL_FILES=yes ;;
    *)
        echo "./dev check knows --static (without building) and --all-files (clang-tidy over every file), not '$argument'." >&2
        exit 2
        ;;
    esac
done
ensure_packages
status=0
static_checks || status=1
if [ "$build_too" = yes ]; then
    compile release
    run_suites unit || status=1
    close_with_counts || status=1
fi
exit "$status"
