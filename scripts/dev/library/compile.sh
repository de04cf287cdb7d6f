# Configuring and building with the CMake presets.

# configure PRESET: only when there is nothing yet or the presets changed; ninja itself sees changed CMakeLists.
configure() {
    local preset=$1 folder=build/$1
    if [ ! -f "$folder/build.ninja" ] || [ CMakePresets.json -nt "$folder/build.ninja" ]; then
        step "configure" "configuring $preset" cmake --preset "$preset"
    fi
}

# compile PRESET [TARGET…]
compile() {
    local preset=$1
    shift
    configure "$preset"
    step "build" "building ${*:-everything} ($preset)" cmake --build "build/$preset" -j "$(nproc)" ${1:+--target "$@"}
}

# grep reads to the end: one that stops early would end ninja by a signal, and pipefail would call that a miss.
has_target() { ninja -C "build/$1" -t targets all 2>/dev/null | grep "^$2: " >/dev/null; }
