#!/bin/sh
# Configures (once) and builds one CMake preset: tools/build.sh PRESET [TARGET ...]
set -eu
cd "$(dirname "$0")/.."
preset=$1
shift
[ -f "build/$preset/build.ninja" ] || cmake --preset "$preset" >/dev/null
[ $# -eq 0 ] || set -- --target "$@"
exec cmake --build "build/$preset" -j "${JOBS:-$(nproc)}" "$@"
