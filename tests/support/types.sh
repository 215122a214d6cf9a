#!/usr/bin/env bash
# `plattr gen types` from end to end: makes the types of a real database that has everything, and gives them to the
# compilers of their languages, together with uses that have to compile and uses that must not. What the server prints
# is read by the types, too.
#
#   tests/support/types.sh
#
# PLATTR names the program; without it, this checkout is built. PLATTR_TEST_POSTGRES names a server; without it, one is
# started. Compilers and libraries are installed once into $PLATTR_RIG/types (~/.cache/plattr-rig/types), by version.
set -euo pipefail
support=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ -z "${PLATTR_TEST_POSTGRES:-}" ]; then exec "$support/with-postgres.sh" "${BASH_SOURCE[0]}"; fi
# shellcheck source=tests/rig/common.sh
. "$support/../rig/common.sh"
use_go
# shellcheck source=tests/support/common.sh
. "$support/common.sh"
enter_world

types=$support/types
mkdir -p "$rig/types"

# installed NAME FILE COMMAND...: prints a folder of $rig/types that COMMAND, which is given it, has filled once for this
# content of FILE.
installed() {
  local folder part
  folder=$rig/types/$1-$(key "$2")
  if [ ! -d "$folder" ]; then
    part=$(mktemp -d "$rig/types/part-XXXXXX")
    "${@:3}" "$part" >&2
    mv -T "$part" "$folder" 2>/dev/null || [ -d "$folder" ] || die "cannot keep $folder"
  fi
  echo "$folder"
}
with_npm() { cp "$types/package.json" "$1" && npm install --prefix "$1" --no-audit --no-fund --loglevel=error; }
# Not a virtual environment, which could not be moved to its place.
with_pip() { python3 -m pip install --quiet --disable-pip-version-check --target "$1" -r "$types/requirements.txt"; }

step 'compilers and libraries'
node_modules=$(installed npm "$types/package.json" with_npm)/node_modules
packages=$(installed pip "$types/requirements.txt" with_pip)
python() { PYTHONPATH=$packages python3 "$@"; }
database() { python "$types/database.py" "$@"; }

made=
stop_own() { [ -z "$made" ] || database drop "$PLATTR_TEST_POSTGRES" "$made"; }
made=$(database make "$PLATTR_TEST_POSTGRES" "$types/schema.sql")

# must_fail WHAT PATTERN... -- COMMAND...: it fails, and says something that fits each pattern.
must_fail() {
  local what=$1 patterns=() said
  shift
  while [ "$1" != -- ]; do patterns+=("$1") && shift; done
  shift
  if said=$("$@" 2>&1); then die "$what passed"; fi
  for pattern in "${patterns[@]}"; do grep -qE "$pattern" <<<"$said" || die "$what: not '$pattern', but: $said"; done
}

gen() { plattr gen types --db-url "$made" --schema types --progress none "$@"; }
work=$scratch/work
mkdir -p "$work"/{ts,rs,py,go/database,openapi}

step 'plattr gen types'
languages=(typescript:ts/database.ts rust:rs/database.rs python:py/database.py go:go/database/database.go
  openapi:openapi/database.json)
for language in "${languages[@]}"; do
  file=$work/${language#*:}
  gen --lang "${language%%:*}" --file "$file"
  gen --lang "${language%%:*}" --file "$file" --check
  gen --lang "${language%%:*}" >"$file.printed"
  # Printed, a Go file does not know its folder, but this one's is the usual.
  cmp "$file" "$file.printed" && rm "$file.printed"
done
database rows "$made" everything >"$work/rows.json"

step 'TypeScript'
cp "$types"/{use.ts,tsconfig.json,package.json} "$work/ts"
ln -s "$node_modules" "$work/ts/node_modules"
(cd "$work/ts" && node_modules/.bin/tsc)

step 'Python'
cp "$types/use.py" "$work/py"
(cd "$work/py" && python -m py_compile database.py && python -m mypy --strict --no-error-summary use.py database.py &&
  python3 use.py ../rows.json)

step 'Go'
cp "$types/use.go" "$work/go/main.go"
mkdir "$work/go/misuse"
cp "$types/misuse.go" "$work/go/misuse/main.go"
printf 'module types\n\ngo 1.21\n' >"$work/go/go.mod"
(
  cd "$work/go"
  export GOFLAGS=-mod=mod GOTOOLCHAIN=local
  go vet . ./database
  unformatted=$(gofmt -l .)
  [ -z "$unformatted" ] || die "gofmt would change $unformatted: $(gofmt -d "$unformatted" | head -40)"
  go run . ../rows.json
  must_fail 'misuse.go' 'unknown field Pages' 'cannot use 1' 'unknown field ID' -- go build -o /dev/null ./misuse
)

step 'OpenAPI'
cp "$types/validate.mjs" "$work/openapi"
ln -s "$node_modules" "$work/openapi/node_modules"
node "$work/openapi/validate.mjs" "$work/openapi/database.json"

step 'Rust'
cp "$types"/{use,misuse}.rs "$types/Cargo.toml" "$work/rs"
(
  cd "$work/rs"
  export CARGO_TARGET_DIR=$rig/types/rust CARGO_INCREMENTAL=0
  unset CARGO_BUILD_BUILD_DIR
  rustfmt --edition 2024 --check database.rs
  cargo run --quiet --bin use ../rows.json
  must_fail 'misuse.rs' E0063 E0560 E0308 -- cargo check --quiet --bin misuse
)

step 'a schema that changed'
database run "$made" 'ALTER TABLE book ADD pages int'
for language in "${languages[@]}"; do
  file=$work/${language#*:}
  must_fail "${language%%:*} --check" 'is not as the schema has it' -- gen --lang "${language%%:*}" --file "$file" --check
  gen --lang "${language%%:*}" --file "$file"
  gen --lang "${language%%:*}" --file "$file" --check
done
echo "the types of five languages compile"
