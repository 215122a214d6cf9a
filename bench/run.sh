#!/usr/bin/env bash
# Measures plattr against a plain script that starts the same six programs (bench/plain-start.sh), in one run,
# and prints ratios. Asserts nothing.
#
#   bench/run.sh [--plattr FILE] [--runs N]
#
# Builds plattr in release form unless --plattr names a program. Uses plattr's own package cache, so run
# `plattr dev` once before: fetching and preparing packages is not what is measured.
set -euo pipefail
cd "$(dirname "$0")/.."

plattr='' runs=5
while [ $# -gt 0 ]; do
  case $1 in
    --plattr) plattr=$(realpath "$2"); shift 2 ;;
    --runs) runs=$2; shift 2 ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done
# shellcheck source=bench/common.sh
source bench/common.sh
dev() { (cd "$scratch/$1" && "$plattr" dev --yes --progress none); }
plain() { # plain LABEL ARGS...: the rival's total seconds
  bench/plain-start.sh "$@" | tee "$scratch/plain" >&2
  awk '$1 == "total" && $3 == "s" { print $2; exit }' "$scratch/plain"
}

row 'what' 'median' 'against'
row 'plattr --help' "$(repeat "$plattr" --help) s" 'at most 0.010 s'
row 'size of the binary' "$(stat -c %s "$plattr" | awk '{ printf "%.1f MB", $1 / 1e6 }')" 'at most 40 MB'

cache=$("$plattr" cache ls -o json | jq -r .folder)
export PATH=$cache/bin:$PATH
plain_empty=$(plain --cache "$cache" --data "$scratch/plain-data")
new_project bench-one
first=$(seconds dev bench-one)
row 'first dev, empty data (verified)' "$first s" "$(ratio "$first" "$plain_empty") of the plain script's $plain_empty s"
row 'memory of all six' "$(in_project bench-one status -o json | jq '.memoryBytes / 1e6 | floor') MB" 'at most 1100 MB'
row 'warm dev, nothing to do' "$(repeat dev bench-one) s" 'at most 0.300 s'
row 'status' "$(repeat in_project bench-one status) s" 'at most 0.200 s'
in_project bench-one stop --yes >/dev/null 2>&1

plain_kept=$(plain --cache "$cache" --data "$scratch/plain-data")
again=$(seconds dev bench-one)
row 'dev after stop (verified)' "$again s" "$(ratio "$again" "$plain_kept") of the plain script's $plain_kept s"
in_project bench-one stop --yes >/dev/null 2>&1
new_project bench-two
second=$(seconds dev bench-two)
row 'first dev of a second project (verified)' "$second s" "$(ratio "$second" "$plain_kept") of the plain script's $plain_kept s"
