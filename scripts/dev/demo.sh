#!/usr/bin/env bash
# builds the program and serves it beside its own Stripe sandbox with sample customers, until ctrl-C
# demo            (DEMO_LISTEN, DEMO_SANDBOX_LISTEN and DEMO_DATA change where)
listen=${DEMO_LISTEN:-127.0.0.1:8080}
sandbox_listen=${DEMO_SANDBOX_LISTEN:-127.0.0.1:12111}
data=${DEMO_DATA:-build/demo}
ensure_packages
compile release billhook
mkdir -p "$data"

show_where_to_go() { # HTTP SANDBOX KEY
    cat <<END

  Open in a browser   $1
  Stripe sandbox      $2 (pages, test cards, time)
  API key             $3
  Sample customers    $(sed '2,$s/^/                      /' "$data/customers")

  Next, in a second terminal:

    export KEY=$3
    curl -H "Authorization: Bearer \$KEY" -H "Billhook-Customer: bakery" $1/api/v1/entitlements
    build/release/billhook events list --data $data

  README.md has a tour of a customer's whole life. The log is $data/log. ctrl-C ends the demo; the next one goes
  on from here, and 'rm -r $data' starts anew.

END
}

# The program says when it is ready; then the customers are made, and it is said where to go.
pass_on() {
    local line http sandbox key
    while IFS= read -r line; do
        printf '%s\n' "$line"
        [[ $line == "ready "* ]] || continue
        read -r http sandbox key <<<"${line#ready }"
        scripts/sample_customers.sh "${http#http=}" "${key#key=}" >"$data/customers" &&
            show_where_to_go "${http#http=}" "${sandbox#sandbox=}" "${key#key=}"
    done
}

build/release/billhook serve --dev --data "$data" --listen "$listen" --sandbox-listen "$sandbox_listen" \
    > >(pass_on) 2>"$data/log" &
program=$!
trap 'kill -TERM "$program" 2>/dev/null || true' INT TERM HUP
status=0
# A signal interrupts the first wait; the second one sees the program end in good order.
wait "$program" || status=$?
if kill -0 "$program" 2>/dev/null; then
    status=0
    wait "$program" || status=$?
fi
[ "$status" = 0 ] || tail -n 5 "$data/log" >&2
exit "$status"
