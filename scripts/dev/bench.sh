#!/usr/bin/env bash
# measures: runs bench/NAME.sh (which starts what bench/NAME.cc needs), or bench/NAME.cc alone; without a name lists them
# bench [NAME [ARGUMENT…]]
bench_names() { ls bench/*.sh bench/*.cc 2>/dev/null | sed 's|.*/||; s|\.[a-z]*$||' | sort -u || true; }
if [ $# -eq 0 ]; then
    names=$(bench_names)
    if [ -n "$names" ]; then printf 'Measurements:\n%s\n' "$names"; else echo "There are no measurements in bench/ yet."; fi
    exit 0
fi
name=$1
shift
if [ ! -f "bench/$name.sh" ] && [ ! -f "bench/$name.cc" ]; then
    echo "There is no measurement '$name'." >&2
    meant=$(bench_names | nearest_name "$name")
    [ -z "$meant" ] || echo "Did you mean '$meant'?" >&2
    exit 2
fi
ensure_packages
if [ -f "bench/$name.sh" ]; then
    if [ -f "bench/$name.cc" ]; then compile release "bench_$name"; else compile release billhook bench_load; fi
    exec "bench/$name.sh" "$@"
fi
compile release "bench_$name"
exec "$(find build/release -type f -name "bench_$name" -perm -u+x | head -n 1)" "$@"
