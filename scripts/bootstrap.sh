#!/bin/sh
# Makes .venv and installs the given lock into it when the lock has changed: scripts/bootstrap.sh requirements.lock
set -eu
cd "$(dirname "$0")/.."
lock=$1

say() { printf 'herald  | %s\n' "$*" >&2; }

find_python() {
    for name in python3.11 python3.12 python3.13 python3; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1; then
            command -v "$name"
            return
        fi
    done
    say 'Herald needs Python 3.11, 3.12 or 3.13. On Debian 12: apt-get install python3 python3-venv'
    exit 1
}

# A bare Debian has Python without ensurepip, and then no virtual environment can be made.
need_venv() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1 && return
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "installing $package, which $1 lacks"
        apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >&2
    else
        say "$1 cannot make virtual environments. As root: apt-get install $package"
        exit 1
    fi
}

if [ ! -x .venv/bin/python ] || [ ! -x .venv/bin/pip ]; then
    python=$(find_python)
    need_venv "$python"
    say "making .venv with $python"
    "$python" -m venv --clear .venv
fi

stamp=.venv/installed-$(basename "$lock")
if ! cmp -s "$lock" "$stamp"; then
    say "installing $lock"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
    cp "$lock" "$stamp"
fi
