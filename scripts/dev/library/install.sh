# What the machine lacks: Debian packages from scripts/packages.txt, npm packages by lockfile.

# ensure_packages [LIST]: asks apt only when one is missing; a machine with all needs neither root nor a network.
ensure_packages() {
    local missing
    missing=$(missing_packages "${1:-scripts/packages.txt}")
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086
    step packages "installing $(wc -w <<<"$missing") Debian packages" install_packages $missing
}

missing_packages() {
    local wanted installed
    wanted=$(sed 's/#.*//' "$1" | tr -s ' \t' '\n' | sed '/^$/d' | sort -u)
    installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' 2>/dev/null | sed -n 's/ installed$//p' | sort -u)
    comm -23 <(echo "$wanted") <(echo "$installed") | tr '\n' ' '
}

install_packages() {
    command -v apt-get >/dev/null || {
        echo "This is not a Debian system; install what matches these packages: $*"
        return 1
    }
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || {
            echo "Run this as root, or install sudo. Missing packages: $*"
            return 1
        }
        as_root=(sudo -n)
    fi
    # Packages of servers start them unless this file says no; the tests start their own, on free ports.
    local policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
        "${as_root[@]}" chmod +x "$policy"
        trap '"${as_root[@]}" rm -f "$policy"' EXIT
    fi
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300)
    "${apt[@]}" update
    "${apt[@]}" install --no-install-recommends "$@"
}

# ensure_npm [ROOM]: `npm ci` in every folder with a lockfile, again only when that file changed. What measurements
# compare with is theirs to install: `ensure_npm bench`.
ensure_npm() {
    local lock folder stamp where=(':!bench')
    [ $# -eq 0 ] || where=("$1")
    for lock in $(git ls-files -- "${where[@]}" | grep 'package-lock\.json$'); do
        folder=$(dirname "$lock")
        stamp=$folder/node_modules/.installed_from
        if [ "$(cat "$stamp" 2>/dev/null)" != "$(sha256sum <"$lock")" ]; then
            step "npm" "installing the packages of $folder by its lockfile" npm_ci "$folder" "$stamp" "$lock"
        fi
    done
}

npm_ci() {
    command -v npm >/dev/null || install_packages nodejs npm
    npm --prefix "$1" ci --no-audit --no-fund
    sha256sum <"$3" >"$2"
}
