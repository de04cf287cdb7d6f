# One line per step with its seconds; the whole output of the step goes to build/log/STEP.log.

RUNNING_STEP=
# A step runs in a process group of its own, so that ctrl-C ends all of it and nothing else.
end_running_step() {
    [ -z "$RUNNING_STEP" ] || kill -TERM -- "-$RUNNING_STEP" 2>/dev/null || true
    RUNNING_STEP=
}
trap 'end_running_step; exit 130' INT
trap 'end_running_step; exit 143' TERM HUP

# step NAME SENTENCE COMMAND…: runs the command; when it fails, shows the end of its log and returns its status.
step() {
    local name=$1 sentence=$2 started=$SECONDS status=0
    local log=build/log/$name.log
    shift 2
    mkdir -p build/log
    printf '%-14s %s … ' "$name" "$sentence"
    set -m
    (set -euo pipefail && "$@") >"$log" 2>&1 </dev/null &
    RUNNING_STEP=$!
    set +m
    show_signs_of_life "$log"
    wait "$RUNNING_STEP" || status=$?
    RUNNING_STEP=
    if [ "$status" = 0 ]; then
        printf '%d s\n' $((SECONDS - started))
        return 0
    fi
    printf 'failed after %d s\n' $((SECONDS - started))
    echo "---- the end of $log"
    tail -n "${STEP_TAIL_LINES:-40}" "$log"
    echo "----"
    return "$status"
}

# Returns when the running step has ended; until then a long one says every minute how far it is.
show_signs_of_life() {
    local due=$((SECONDS + 60))
    while kill -0 "$RUNNING_STEP" 2>/dev/null; do
        sleep 0.1
        if [ "$SECONDS" -ge "$due" ]; then
            printf '\n%-14s %s … ' "" "$(tail -n 1 "$1" | cut -c 1-90)"
            due=$((SECONDS + 60))
        fi
    done
}

say() { printf '%-14s %s\n' "$1" "$2"; }
