#!/bin/sh
# Runs every libFuzzer target of a build for some seconds: tools/fuzz.sh DIRECTORY SECONDS
# What a target finds new goes to build/fuzz/corpus; the seeds are in test/fuzz/corpus.
set -eu
bin=$1
seconds=$2
cd "$(dirname "$0")/.."
for target in "$bin"/*_fuzz; do
  name=$(basename "$target")
  mkdir -p "build/fuzz/corpus/$name" "test/fuzz/corpus/$name"
  echo "== $name, ${seconds} s"
  "$target" -max_total_time="$seconds" -max_len=8192 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="build/fuzz/$name-" "build/fuzz/corpus/$name" "test/fuzz/corpus/$name" 2>&1 |
    tee "build/fuzz/$name.log" | grep -E '^stat::(number_of_executed_units|average_exec)|ERROR|SUMMARY' || true
  ! grep -qE 'ERROR: |SUMMARY: ' "build/fuzz/$name.log"
done
