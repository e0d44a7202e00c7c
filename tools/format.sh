#!/bin/sh
# Formats every C++ file git knows; with --check only says which are not formatted, and fails.
set -eu
cd "$(dirname "$0")/.."
mode=-i
[ "${1:-}" != --check ] || mode='--dry-run --Werror'
# shellcheck disable=SC2086
git ls-files -co --exclude-standard '*.hpp' '*.cpp' | xargs clang-format-14 $mode
