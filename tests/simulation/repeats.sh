#!/usr/bin/env bash
# repeats.sh PROGRAM SEED OPTION…: the same seed gives the same run, byte for byte.
set -euo pipefail
program=$1
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# What is measured in real time stands in the last line alone.
for run in first second; do "$program" "$@" --trace | sed 's/ ms [0-9]*//' > "$folder/$run"; done
cmp "$folder/first" "$folder/second" || {
    diff "$folder/first" "$folder/second" | head -n 20 || true
    echo "seed $1 does not repeat itself; again: tests/simulation/repeats.sh $program $*"
    exit 1
}
echo "$(wc -l < "$folder/first") lines, twice the same"
