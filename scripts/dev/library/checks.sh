# The checks that need no build. Each says what is wrong, where, and what to do; tests/check/ shows each of them failing.

static_checks() {
    local status=0
    step format "C++ files are formatted" check_format || status=1
    step rooms "no include goes against the arrow" scripts/check_rooms || status=1
    step openapi "the contract is sound and describes every route" scripts/check_openapi || status=1
    step amounts "no amount of money outside catalogs and tests" scripts/check_amounts || status=1
    step queries "every named statement is used" scripts/check_queries || status=1
    step crash_points "each crash point has a name of its own" scripts/check_crash_points || status=1
    prepare_tidy
    step tidy "clang-tidy has no complaint about changed files" check_tidy || status=1
    return "$status"
}

cpp_files() { git ls-files -- '*.h' '*.cc'; }

# clang-tidy reads each file by itself, as the preset dev compiles it, with the headers that the build generates.
prepare_tidy() {
    configure dev
    local generated
    generated=$(ninja -C build/dev -t targets all | sed -n 's/^\([a-z_]*_queries\): .*/\1/p')
    [ -z "$generated" ] || step generate "generating headers" ninja -C build/dev $generated
}

check_tidy() { scripts/check_tidy ${CHECK_ALL_FILES:+--all-files}; }

check_format() {
    cpp_files | xargs -r clang-format-19 --dry-run --Werror || {
        echo "'./dev format' mends this."
        return 1
    }
}
