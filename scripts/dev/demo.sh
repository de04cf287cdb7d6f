#!/usr/bin/env bash
# builds the program and serves it beside its own Stripe sandbox, until ctrl-C
# demo            (DEMO_LISTEN, DEMO_SANDBOX_LISTEN and DEMO_DATA change where)
listen=${DEMO_LISTEN:-127.0.0.1:8080}
sandbox_listen=${DEMO_SANDBOX_LISTEN:-127.0.0.1:12111}
data=${DEMO_DATA:-build/demo}
ensure_packages
compile release billhook
mkdir -p "$data"
say demo "Billhook on http://$listen, its Stripe sandbox on http://$sandbox_listen, data in $data; ctrl-C ends it"
exec build/release/billhook serve --dev --data "$data" --listen "$listen" --sandbox-listen "$sandbox_listen"
