# The checks that need no build. Each says what is wrong, where, and what to do; tests/check/ shows each of them failing.

static_checks() {
    local status=0
    step format "C++ files are formatted" check_format || status=1
    step rooms "no include goes against the arrow" scripts/check_rooms || status=1
    return "$status"
}

cpp_files() { git ls-files -- '*.h' '*.cc'; }

check_format() {
    cpp_files | xargs -r clang-format-19 --dry-run --Werror || {
        echo "'./dev format' mends this."
        return 1
    }
}
