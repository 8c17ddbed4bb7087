#!/usr/bin/env bash
# Builds the server and the example program, then runs the Python client against the real server.
# Needs Python 3.11 with msgpack (another one with PYTHON=…) and OpenSSL 3; installs nothing.
set -euo pipefail
cd "$(dirname "$0")/../../.."
cargo build --quiet -p whoelse-server -p whoelse-proto --bins --examples
exec "${PYTHON:-python3}" proto/tests/python/run.py "$@"
