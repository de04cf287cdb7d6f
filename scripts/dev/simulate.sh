#!/usr/bin/env bash
# replays the whole server and the sandbox in one process from a seed
# simulate SEED [OPTION…]
if [ $# -eq 0 ] || ! [[ $1 =~ ^[0-9]+$ ]]; then
    echo "usage: ./dev simulate SEED [OPTION…]; the seed is the number that a failed simulation printed." >&2
    exit 2
fi
ensure_packages
configure release
if ! has_target release billhook_simulate; then
    echo "The simulation (target billhook_simulate) has not been written yet." >&2
    exit 1
fi
compile release billhook_simulate
exec "$(find build/release -type f -name billhook_simulate -perm -u+x | head -n 1)" "$@"
