#!/usr/bin/env bash
# Runs every test. Installs what they need where it can (Debian and Ubuntu, as root), and says what to install
# where it cannot. Nothing is skipped.
#
# Third-party programs that the tests need, a whole Kubernetes node among them, are made once by tests/rig and kept in
# $PLATTR_RIG (~/.cache/plattr-rig), by version; packages that plattr itself fetches are kept in plattr's own cache. The
# rig is made in the background while the first stages run.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'USAGE'
Usage: ./test.sh [--quick|--full] [STAGE...]

  --quick   only what needs no services: format, lints, unit tests
  --full    all of it; without it, the Kind engine runs a part of the tests of services, and not the example, and
            migration tools of some languages are left out (docs/testing.md)
  STAGE     only these stages, in this order

Stages: tools lint unit cli database migrations services backends faults example tutorial install rig kind
kind-services kind-example airgap
USAGE
}

rig=${PLATTR_RIG:-$HOME/.cache/plattr-rig}
deny_version=0.20.2
stages=(tools lint unit cli database migrations services backends faults example tutorial install
  rig kind kind-services airgap)
full=false
if [ "${1:-}" = --full ]; then
  full=true
  stages+=(kind-example)
  shift
fi
case ${1:-} in
  -h | --help) usage; exit 0 ;;
  --quick) stages=(tools lint unit cli) ;;
  --*) usage >&2; exit 2 ;;
  ?*) stages=("$@") ;;
esac

say() { printf '\n== %s\n' "$*"; }
have() { command -v "$1" >/dev/null; }
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-auto}
export INSTA_UPDATE=no CI=${CI:-false}

# Programs that the tests use, and the Debian packages that have them.
stage_tools() {
  local missing=() pair
  for pair in cc:build-essential cmake:cmake curl:curl git:git unzip:unzip shellcheck:shellcheck zsh:zsh dash:dash \
    chromium:chromium node:nodejs npm:npm unshare:util-linux ip:iproute2 setpriv:util-linux jq:jq \
    psql:postgresql-client script:bsdutils mvn:maven rails:ruby-rails; do
    have "${pair%%:*}" || missing+=("${pair##*:}")
  done
  # Debian's Python makes environments with another package only, and its Rails has no driver.
  python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
  ruby -e 'require "pg"' 2>/dev/null || missing+=(ruby-pg)
  if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" = 0 ] && have apt-get; then
      echo "installing ${missing[*]}"
      apt-get -o Acquire::Retries=5 update -qq
      DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=5 install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    else
      echo "error: the tests need ${missing[*]}; install them and run this again" >&2
      exit 4
    fi
  fi
  have cargo || { echo "error: the tests need Rust; install it from https://rustup.rs" >&2; exit 4; }
  if [ ! -x "$rig/cargo-deny-$deny_version/bin/cargo-deny" ]; then
    echo "building cargo-deny $deny_version, once"
    # Its own speed does not matter.
    CARGO_TARGET_DIR=$(mktemp -d) cargo install --quiet --debug --locked "cargo-deny@$deny_version" --root "$rig/cargo-deny-$deny_version"
  fi
}

stage_lint() {
  cargo fmt --all --check
  shellcheck -x install.sh test.sh .ci/* bench/*.sh tests/support/*.sh tests/engines/run tests/engines/*.sh tests/engines/tools/*.sh
  shellcheck -x tests/rig/{up,down,api,common.sh} tests/rig/make/* tests/rig/docker/* tests/rig/opensearch/*.sh
  cargo clippy --workspace --all-targets --all-features --locked --quiet -- -D warnings
  # Advisories need the RustSec database from GitHub; `cargo deny check advisories` where that can be reached.
  "$rig/cargo-deny-$deny_version/bin/cargo-deny" --log-level error check bans licenses sources
}

# Always of the whole workspace with all features, so that everything is compiled once and not once a stage.
tests() { cargo test --workspace --all-features --locked "$@"; }
export -f tests

# What needs Docker waits for the rig.
stage_unit() { tests --lib --bins -- --skip engines::kind::real && tests --doc; }

# The command line as a person meets it, without services.
stage_cli() { tests --test cli; }

# The database workflow on real servers of every version, and what it gives to compilers.
stage_database() {
  tests/support/with-postgres.sh --majors 15,16,17,18 bash -c 'tests --test database --test diff --test shell'
  tests/support/types.sh
}

# Migration tools of others, each from its registry, and a published schema.
stage_migrations() {
  # One of each kind; all with --full.
  local engines=(prisma drizzle knex alembic django flyway)
  [ "$full" = false ] || engines=()
  tests/engines/run ${engines[@]+"${engines[@]}"}
  tests/engines/published.sh
}

stage_tutorial() { tests/support/tutorial.sh; }

# Real services, started by plattr itself.
stage_services() { tests --test services -- --test-threads=1; }

stage_backends() { tests/support/with-stack.sh bash -c 'tests --test backends -- --test-threads=1'; }

stage_faults() { tests --test faults -- --test-threads=1; }

# The rig is made in the background from the start; here it is waited for.
rig_log=$(mktemp "${TMPDIR:-/tmp}/plattr-rig-XXXXXX")
rig_process=
begin_rig() {
  local more=()
  [ "$full" = false ] || more=(--gateway)
  tests/rig/up ${more[@]+"${more[@]}"} >"$rig_log" 2>&1 </dev/null &
  rig_process=$!
}

stage_rig() {
  [ -n "$rig_process" ] || begin_rig
  local code=0
  wait "$rig_process" || code=$?
  cat "$rig_log"
  [ "$code" = 0 ] || return "$code"
  # shellcheck source=/dev/null
  source "$rig/env"
  # The Docker pieces by themselves.
  tests --bin plattr engines::kind::real -- --test-threads=1
}

# With what the rig has made, and the other engine.
in_rig() {
  # shellcheck source=/dev/null
  (source "$rig/env" && PLATTR_TEST_ENGINE=kind "$@")
}

# A real cluster, damaged in every way.
stage_kind() { in_rig tests --test kind -- --test-threads=1; }

# The same tests as of native processes; without --full, those that show what differs between the engines.
stage_kind-services() {
  local part=(lifecycle::a_project snapshots::everything sharing::two_projects database:: testing::a_state
    upgrade::data)
  [ "$full" = false ] || part=()
  in_rig tests --test services -- --test-threads=1 ${part[@]+"${part[@]}"}
}

stage_kind-example() { in_rig tests/support/example.sh; }

# A machine without a network, with both engines.
stage_airgap() { in_rig tests/support/airgap.sh; }

stage_example() { tests/support/example.sh; }

stage_install() { tests/support/install.sh; }

trap 'rm -f "$rig_log"; [ -z "$rig_process" ] || kill "$rig_process" 2>/dev/null || true' EXIT

passed=0
timings=()
for stage in "${stages[@]}"; do
  declare -F "stage_$stage" >/dev/null || { usage >&2; exit 2; }
  say "$stage"
  began=$SECONDS
  # Not in a condition: set -e would be off inside the stage.
  "stage_$stage"
  # In the background from here on. Not sooner: both would want the system's package manager.
  case "$stage ${stages[*]} " in tools*' rig '*) begin_rig ;; esac
  timings+=("$(printf '%-10s %5d s' "$stage" $((SECONDS - began)))")
  passed=$((passed + 1))
done
say "all stages"
printf '%s\n' "${timings[@]}"
echo "$passed passed, 0 failed"
