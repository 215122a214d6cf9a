#!/usr/bin/env bash
# Measures the database workflow in one run, and prints ratios. Asserts nothing.
#
#   bench/db.sh [--plattr FILE] [--runs N]
#
# Builds plattr in release form unless --plattr names a program. Rivals are taken from PATH (goose, refinery, sqlx,
# psql); those that are not there are named as not found. Uses plattr's own package cache, so run `plattr dev` once
# before. All six services run meanwhile, on the native engine.
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

count=1000
project=$scratch/bench-db
new_project bench-db
in_project bench-db dev --engine native --yes --progress none >/dev/null
url=$(in_project bench-db env -o json | jq -r .MIGRATION_DATABASE_URL)

# Small migrations, in the form of each tool.
mkdir -p "$project/migrations" "$scratch"/{refinery,sqlx,goose}
for ((i = 1; i <= count; i++)); do
  number=$(printf %04d "$i")
  sql="CREATE TABLE t$number (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, at timestamptz);"
  echo "$sql" | tee "$project/migrations/${number}_t.sql" "$scratch/refinery/V${i}__t.sql" >"$scratch/sqlx/${number}_t.sql"
  printf -- '-- +goose Up\n%s\n' "$sql" >"$scratch/goose/${number}_t.sql"
done
empty() { in_project bench-db db reset --yes --no-template --progress none >/dev/null 2>&1; }
drop() { # the schema as it is before any migration
  mv "$project/migrations" "$scratch/kept" && mkdir "$project/migrations" && empty
  rmdir "$project/migrations" && mv "$scratch/kept" "$project/migrations"
}

row 'what' 'median' 'against'
drop
ours=$(seconds in_project bench-db db migrate)
row "db migrate, $count files" "$ours s"
row 'db migrate, nothing to apply' "$(repeat in_project bench-db db migrate) s" 'at most 0.150 s'
row "gen types, $count tables" "$(repeat in_project bench-db gen types --lang typescript) s" 'at most 1 s'
rival() { # rival NAME COMMAND...: the same files with another tool
  local name=$1 took
  shift
  command -v "$name" >/dev/null || { row "$name" 'not found'; return 0; }
  drop
  took=$(seconds "$@")
  row "$name, the same files" "$took s" "plattr takes $(ratio "$ours" "$took")"
}
rival goose goose -dir "$scratch/goose" postgres "$url" up
rival refinery env DATABASE_URL="$url" refinery migrate -e DATABASE_URL -p "$scratch/refinery"
rival sqlx sqlx migrate run --source "$scratch/sqlx" --database-url "$url"

drop
rm "$project"/migrations/00[1-9]*.sql "$project"/migrations/0[1-9]*.sql "$project/migrations/1000_t.sql"
in_project bench-db db reset --yes --progress none >/dev/null 2>&1
row 'db reset from the cached template' "$(repeat in_project bench-db db reset --yes) s" 'at most 2 s'
# The first one of each makes the template and the realm; the others find them prepared.
printf 'local:\n  test:\n    command: ["true"]\n' >>"$project/plattr.yaml"
states() {
  local i
  for ((i = 0; i <= runs; i++)); do
    CI='' in_project bench-db test --ci -o json --progress none 2>/dev/null | jq .preparedSeconds
  done | tail -n +2 | median
}
row 'an isolated state for a test, its realm from the pool' "$(states) s" 'at most 0.300 s'
