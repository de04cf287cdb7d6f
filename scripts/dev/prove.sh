#!/usr/bin/env bash
# shows with figures that a promise is kept; what is proven for the same sources is not run again
# prove [ITEM…] [--again]
prove_items() { ls tests/prove/*.sh 2>/dev/null | sed 's|.*/||; s|\.sh$||'; }
again=no items=()
for argument in "$@"; do
    if [ "$argument" = --again ]; then again=yes; else items+=("$argument"); fi
done
for item in "${items[@]}"; do
    if [ ! -f "tests/prove/$item.sh" ]; then
        echo "There is no item '$item'." >&2
        meant=$(prove_items | nearest_name "$item")
        if [ -n "$meant" ]; then echo "Did you mean '$meant'?" >&2; else echo "Items: $(prove_items | tr '\n' ' ')" >&2; fi
        exit 2
    fi
done
if [ ${#items[@]} -eq 0 ]; then
    mapfile -t items < <(prove_items)
fi
if [ ${#items[@]} -eq 0 ]; then
    echo "There is nothing in tests/prove/ yet."
    exit 0
fi

# A commit that changes only texts for people leaves the program that was proven as it is. What was shown for a tree
# with changes says nothing about a commit, so it is never taken for done.
sources=(. ':!*.md' ':!docs')
record=build/prove/$(git ls-files -s -- "${sources[@]}" | sha256sum | cut -c 1-12)
if [ -n "$(git status --porcelain -- "${sources[@]}")" ]; then
    record+=-changed again=yes
fi
mkdir -p "$record"
ensure_packages
ensure_npm
compile release
status=0
for item in "${items[@]}"; do
    if [ "$again" = no ] && [ -f "$record/$item.proven" ]; then
        say "$item" "already proven for these sources:"
    else
        rm -f "$record/$item.proven"
        mkdir -p "$record/$item"
        # An item keeps what it has finished in PROVE_STATE, so that a long one goes on where it was stopped.
        if PROVE_STATE=$PWD/$record/$item step "prove-$item" "$(sed -n '2s/^# //p' "tests/prove/$item.sh")" "tests/prove/$item.sh"; then
            cp "build/log/prove-$item.log" "$record/$item.proven"
        else
            status=1
            continue
        fi
    fi
    # An item's figures are the lines that it prints as 'figure: …'.
    sed -n 's/^figure: /               /p' "$record/$item.proven"
done
exit "$status"
