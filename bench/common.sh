# shellcheck shell=bash
# shellcheck disable=SC2154 # Whoever sources this sets plattr and runs.
# What the benchmarks beside this one share. Sourced, after `plattr` (a program, or nothing) and `runs` are set.

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ -z "$plattr" ]; then
  (cd "$repo" && cargo build --release --locked --quiet --bin plattr)
  plattr=${CARGO_TARGET_DIR:-$repo/target}/release/plattr
fi
scratch=$(mktemp -d)
chmod 711 "$scratch" # services of root run as an unprivileged user
projects=()
# What a benchmark started besides.
cleanup_own() { :; }
cleanup() {
  local project
  cleanup_own
  for project in ${projects[@]+"${projects[@]}"}; do
    (cd "$project" && "$plattr" destroy --yes --progress none >/dev/null 2>&1) || true
  done
  rm -rf "$scratch"
}
trap cleanup EXIT

now() { date +%s.%N; }
seconds() { # seconds COMMAND...: wall-clock seconds of one run
  local began
  began=$(now)
  "$@" >"$scratch/out" 2>&1 || { cat "$scratch/out" >&2; return 1; }
  awk -v a="$began" -v b="$(now)" 'BEGIN { printf "%.3f\n", b - a }'
}
median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
repeat() { local i; for ((i = 0; i < runs; i++)); do seconds "$@"; done | median; }
row() { printf '%-58s %12s   %s\n' "$1" "$2" "${3:-}"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f x", a / b }'; }
new_project() { # a project with all six services
  mkdir -p "$scratch/$1"
  projects+=("$scratch/$1")
  sed "s/^name:.*/name: $1/" "$repo/examples/todo/plattr.yaml" >"$scratch/$1/plattr.yaml"
}
in_project() { (cd "$scratch/$1" && shift && "$plattr" "$@"); }
