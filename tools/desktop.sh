#!/bin/sh
# The agents' desktop, web/desktop. `build` puts it where build/release/bin/cordboard finds it and
# the package takes it from; `test` builds it and tests its pure parts, and in Chromium, against the
# server that is built in CORDBOARD, an agent's day and the demo; `browser` tests all that is tested
# in Chromium; `lint` only looks at the sources.
# What it needs from npm is installed if it has changed.
set -eu
program=${CORDBOARD:+$(realpath "$CORDBOARD")}
cd "$(dirname "$0")/../web"
share=../../build/release/share/cordboard

install_from_npm() {
  [ node_modules/.package-lock.json -nt package-lock.json ] ||
    npm ci --no-audit --no-fund --loglevel=error
}

# The desktop is made with the SDK beside it.
cd sdk
install_from_npm
npm run --silent build
cd ../desktop
install_from_npm

build() {
  npm run --silent build
  mkdir -p "$share"
  rm -rf "$share/desktop"
  cp -r dist "$share/desktop"
}

case ${1:-build} in
  build) build ;;
  lint) npm run --silent lint ;;
  test)
    build
    npm test --silent
    CORDBOARD_PROGRAM=$program npm run --silent browser -- story demo
    ;;
  browser)
    build
    CORDBOARD_PROGRAM=$program npm run --silent browser
    ;;
  *)
    echo "usage: $0 build | test | browser | lint" >&2
    exit 2
    ;;
esac
