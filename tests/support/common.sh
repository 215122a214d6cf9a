# shellcheck shell=bash
# What the scripts beside this one share: plattr in a world of its own. Sourced, not run.

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

step() { printf -- '-- %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

target_folder() { (cd "$repo" && cargo metadata --no-deps --format-version 1 --locked | jq -r .target_directory); }

# Sets PLATTR to the program under test, a debug build of this checkout if the caller has not named one, and
# makes a folder, $scratch, where a user of this machine lives who never used plattr. Only the package cache is
# shared, because filling it takes minutes. On the way out, stacks of $projects are destroyed.
enter_world() {
  if [ -z "${PLATTR:-}" ]; then
    # With the features of the tests, which it is built for anyway.
    (cd "$repo" && cargo test --workspace --all-features --quiet --locked --no-run --test cli)
    PLATTR=$(target_folder)/debug/plattr
  fi
  PLATTR=$(realpath "$PLATTR")
  cache=${PLATTR_TEST_CACHE:-$("$PLATTR" cache ls -o json --progress none | jq -r .folder)}
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/plattr-test-XXXXXX")
  projects=()
  mkdir "$scratch/home"
  trap leave_world EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# A function of the script that stops what it started itself.
stop_own() { :; }

leave_world() {
  local code=$? project
  trap - EXIT
  stop_own || code=1
  for project in ${projects[@]+"${projects[@]}"}; do
    [ -e "$project/.plattr" ] || continue
    if [ "$code" != 0 ]; then
      printf -- '-- what the services of %s said last\n' "$project" >&2
      plattr --project "$project" logs --tail 10 >&2 || true
    fi
    plattr --project "$project" destroy --yes --progress none >/dev/null || code=1
  done
  rm -rf "$scratch"
  exit "$code"
}

# Runs a program as that user.
as_user() {
  env HOME="$scratch/home" XDG_STATE_HOME="$scratch/home/state" XDG_CONFIG_HOME="$scratch/home/config" \
    PLATTR_CACHE_DIR="$cache" PLATTR_ENGINE="${PLATTR_TEST_ENGINE:-native}" "$@"
}

plattr() { as_user "$PLATTR" "$@"; }

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A port that nobody listens on, outside of the range that the kernel hands out by itself.
free_port() {
  local port
  while port=$((20000 + RANDOM % 10000)) && listening "$port"; do :; done
  echo "$port"
}

# eventually WHAT SECONDS COMMAND...: waits until the command succeeds.
eventually() {
  local what=$1 deadline=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || die "still not: $what"
    sleep 0.1
  done
}
