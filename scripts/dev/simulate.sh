#!/usr/bin/env bash
# replays the whole server and the sandbox in one process from a seed
# simulate SEED… [--customers N] [--months M] [--faults PLAN] [--catalog FILE] [--database URL] [--trace] [--log]
usage() {
    cat <<'END'
usage: ./dev simulate SEED… [OPTION…]; the seed is the number that a failed simulation printed.
  --customers N    how many buy (40)
  --months M       for how long (14)
  --faults PLAN    all, none, or none,lose=50,stop=10 in thousandths (all)
  --catalog FILE   the catalog file (tests/simulation/catalog.yaml)
  --database URL   an empty PostgreSQL database instead of SQLite
  --trace          print every step
  --log            the engine's own log to standard error
END
}
case ${1-} in
    -h | --help) usage && exit ;;
    '' | *[!0-9]*) usage >&2 && exit 2 ;;
esac
ensure_packages
configure release
if ! has_target release billhook_simulate; then
    echo "The simulation (target billhook_simulate) has not been written yet." >&2
    exit 1
fi
compile release billhook_simulate
exec "$(find build/release -type f -name billhook_simulate -perm -u+x | head -n 1)" "$@"
