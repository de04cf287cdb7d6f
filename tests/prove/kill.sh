#!/usr/bin/env bash
# 1,000 x kill -9 at random moments on each store: nothing acknowledged lost, no effect doubled, ready by itself
set -euo pipefail
export BILLHOOK_TEST_PROGRAM=${BILLHOOK_TEST_PROGRAM:-$PWD/build/release/billhook}
export BILLHOOK_TEST_CRASHING_PROGRAM=${BILLHOOK_TEST_CRASHING_PROGRAM:-$PWD/build/release/tests/crash/billhook_crashing}
total=${BILLHOOK_TEST_KILLS_TOTAL:-1000}
state=${PROVE_STATE:-$(mktemp -d)}
# A part is 50 kills on one store from one seed; one that is finished is not run again.
export BILLHOOK_TEST_KILLS=50
for store in sqlite postgres; do
    for ((seed = 1; seed * BILLHOOK_TEST_KILLS <= total; seed++)); do
        part=$state/$store.$seed
        if [ ! -f "$part" ]; then
            BILLHOOK_TEST_SEED=$seed BILLHOOK_TEST_STORES=$store env -u BILLHOOK_TEST_POSTGRES \
                scripts/with_postgres.sh /usr/bin/python3 tests/crash/kill.py | tee "$part.running"
            mv "$part.running" "$part"
        fi
        sed -n 's|.*figure: ||p' "$part"
    done
    echo "figure: $store: $(cat "$state/$store".* | grep -c 'none lost, none doubled') times 50 x kill -9," \
        "none lost, none doubled, ready at the latest after" \
        "$(cat "$state/$store".* | sed -n 's/.*at most \([0-9.]*\) s.*/\1/p' | sort -n | tail -n 1) s"
done
