#!/usr/bin/env bash
# builds the program and its tests (presets: release, dev, asan, tsan)
# build [PRESET] [TARGET…]
ensure_packages
preset=release
if [ $# -gt 0 ] && jq -e --arg name "$1" '.configurePresets[] | select(.name == $name)' CMakePresets.json >/dev/null 2>&1; then
    preset=$1
    shift
fi
compile "$preset" "$@"
if [ -x "build/$preset/billhook" ]; then say "" "build/$preset/billhook"; fi
