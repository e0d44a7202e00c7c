#!/bin/sh
# Builds and tests web/sdk: its unit tests, and those against the server that is built in CORDBOARD,
# some of them in Chromium.
# tools/sdk.sh lint only looks at the sources. What it needs from npm is installed if it has changed.
set -eu
program=${CORDBOARD:+$(realpath "$CORDBOARD")}
cd "$(dirname "$0")/../web/sdk"
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  npm ci --no-audit --no-fund --loglevel=error
fi
if [ "${1:-}" = lint ]; then
  npm run --silent lint
else
  npm test --silent
  CORDBOARD_PROGRAM=$program npm run --silent scenario
  CORDBOARD_PROGRAM=$program npm run --silent browser
fi
