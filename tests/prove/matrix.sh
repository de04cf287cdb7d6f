#!/usr/bin/env bash
# every route × every caller × own and foreign; a build without one of the walls between customers is caught
set -euo pipefail
ninja -C build/release billhook billhook_unfiltered billhook_unsecured
export BILLHOOK_TEST_PROGRAM=$PWD/build/release/billhook
folder=${PROVE_STATE:-$(mktemp -d)}

# matrix NAME CLASS…: the matrix under these stores; its output is kept.
matrix() {
    local name=$1
    shift
    scripts/with_postgres.sh /usr/bin/python3 tests/matrix/matrix.py "$@" >"$folder/$name.log" 2>&1
}
# caught NAME SIGN CLASS: the matrix fails, and by what the wall was there for.
caught() {
    local name=$1 sign=$2 class=$3
    if matrix "$name" "$class"; then
        echo "$name was not caught by $class" && exit 1
    fi
    grep -q "$sign" "$folder/$name.log" || { tail -n 40 "$folder/$name.log" && exit 1; }
    echo "figure: $name: $(grep -o 'FAILED (.*)' "$folder/$name.log") of $(grep -o 'Ran [0-9]* tests' "$folder/$name.log")"
}

matrix complete || { tail -n 60 "$folder/complete.log" && exit 1; }
grep 'requests to' "$folder/complete.log" | sed 's/^/figure: /'

# On PostgreSQL either wall stands alone: the second class has lifted row-level security, here the statements are open.
BILLHOOK_TEST_MUTANT=$PWD/build/release/billhook_unfiltered matrix rows_alone OnPostgres ||
    { tail -n 60 "$folder/rows_alone.log" && exit 1; }
echo "figure: without the customer filter row-level security still shows nothing"

export BILLHOOK_TEST_MUTANT=$PWD/build/release/billhook_unfiltered
caught no_customer_filter_on_sqlite 'is seen' OnSqlite
caught no_customer_filter_on_postgres 'is seen' OnPostgresWithoutRowLevelSecurity
unset BILLHOOK_TEST_MUTANT
BILLHOOK_TEST_PROGRAM=$PWD/build/release/billhook_unsecured \
    caught no_row_level_security_on_postgres test_tables_show_a_request_its_own_customer_alone OnPostgres
