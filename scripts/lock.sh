#!/bin/sh
# Writes the lock files: exact versions with hashes, and no address of any package index.
set -eu
cd "$(dirname "$0")/.."
export CUSTOM_COMPILE_COMMAND="make lock"
for name in requirements requirements-dev requirements-node; do
    .venv/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-emit-options \
        --no-emit-index-url --no-emit-trusted-host --no-emit-find-links "$@" --output-file "$name.lock" "$name.in"
done
