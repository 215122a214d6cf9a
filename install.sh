#!/usr/bin/env bash
# Installs plattr for the user who runs it; no root needed.
#
# In a checkout it builds plattr with cargo; elsewhere it takes a release and checks its digest.
set -euo pipefail

usage() {
  cat <<'USAGE'
Install plattr.

Usage: ./install.sh [--demo] [--prefix DIR] [--version VERSION] [--release]

  --demo             then start the example application with all six services, prove that they work, and say
                     where to look
  --prefix DIR       install DIR/bin/plattr (default: ~/.local)
  --version VERSION  take this release (default: the newest); implies --release
  --release          take a release even in a checkout
  -h, --help         show this help

Variables:
  PLATTR_PROFILE     cargo's profile for a checkout (default: release)
  PLATTR_RELEASES    where releases are (default: https://github.com/plattr/plattr/releases)
USAGE
}

say() { printf '%s\n' "$*"; }
fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  if [ $# -gt 0 ]; then printf '\nhint: %s\n' "$@" >&2; fi
  exit 1
}

# A wrong command line, which is exit code 2 as in plattr itself.
misuse() {
  printf 'error: %s\n\n' "$1" >&2
  usage >&2
  exit 2
}

demo=false release=false version=latest prefix=''
while [ $# -gt 0 ]; do
  case $1 in
    --demo) demo=true ;;
    --release) release=true ;;
    --prefix) [ -n "${2:-}" ] || misuse "--prefix needs a folder"; prefix=$2; shift ;;
    --version) [ -n "${2:-}" ] || misuse "--version needs a version"; version=$2 release=true; shift ;;
    -h | --help) usage; exit 0 ;;
    *) misuse "unknown option $1" ;;
  esac
  shift
done
[ -n "$prefix${HOME:-}" ] || misuse "HOME is not set, so --prefix must say where to install"
prefix=${prefix:-$HOME/.local}
# The script goes into other folders later.
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac

here=$(cd "$(dirname "${BASH_SOURCE[0]:-.}")" && pwd)
in_checkout() { [ -f "$here/Cargo.toml" ] && grep -q '^name = "plattr"$' "$here/Cargo.toml"; }
bin=$prefix/bin
[ "$demo" = false ] || in_checkout || fail "--demo needs the example of a checkout" \
  "git clone https://github.com/plattr/plattr && cd plattr && ./install.sh --demo"

build() {
  # Where rustup puts it, before the first new shell knows.
  command -v cargo >/dev/null || PATH=$PATH:${CARGO_HOME:-${HOME:-}/.cargo}/bin
  command -v cargo >/dev/null || fail "there is no cargo to build plattr with" \
    "install Rust from https://rustup.rs, or run this script with --release to take a built one"
  command -v cc >/dev/null || fail "there is no C compiler to build plattr with" \
    "install one (Debian and Ubuntu: apt install build-essential; macOS: xcode-select --install)"
  say "building plattr from $here (the first time takes some minutes)"
  local profile=${PLATTR_PROFILE:-release}
  (cd "$here" && cargo build --profile "$profile" --locked --bin plattr) ||
    fail "plattr cannot be built; cargo says why above"
  # So are the folders of these called.
  case $profile in dev | test) profile=debug ;; bench) profile=release ;; esac
  # Cargo's configuration may put it elsewhere than into target/.
  built=$(cd "$here" && cargo metadata --no-deps --locked --format-version 1 |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/$profile/plattr
}

target() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo x86_64-unknown-linux-gnu ;;
    Linux-aarch64) echo aarch64-unknown-linux-gnu ;;
    Darwin-x86_64) echo x86_64-apple-darwin ;;
    Darwin-arm64) echo aarch64-apple-darwin ;;
    Linux-arm64) echo aarch64-unknown-linux-gnu ;;
    *) fail "there is no release for $(uname -s) on $(uname -m)" "build it: clone the repository and run ./install.sh there" ;;
  esac
}

sha256() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1; }

download() {
  command -v curl >/dev/null || fail "there is no curl to fetch a release with" "install curl"
  local releases=${PLATTR_RELEASES:-https://github.com/plattr/plattr/releases} base archive expected actual
  case $version in
    latest) base=$releases/latest/download ;;
    *) base=$releases/download/v${version#v} ;;
  esac
  archive=plattr-$(target).tar.gz
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  say "fetching $base/$archive"
  curl -fsSL --retry 3 -o "$scratch/$archive" "$base/$archive" ||
    fail "cannot fetch $base/$archive" "see $releases for the versions that exist"
  curl -fsSL --retry 3 -o "$scratch/SHA256SUMS" "$base/SHA256SUMS" || fail "cannot fetch $base/SHA256SUMS"
  expected=$(awk -v name="$archive" '$2 == name || $2 == "*" name { print $1 }' "$scratch/SHA256SUMS")
  [ -n "$expected" ] || fail "SHA256SUMS of that release does not list $archive"
  actual=$(sha256 "$scratch/$archive")
  [ "$actual" = "$expected" ] || fail \
    "$archive is not what the release lists: its digest is $actual, expected $expected" \
    "run the script again; if it persists, something between you and the release changes it: do not use it"
  say "its digest is as listed ($expected)"
  tar -xzf "$scratch/$archive" -C "$scratch" plattr || fail "$archive holds no plattr"
  built=$scratch/plattr
}

if in_checkout && [ "$release" = false ]; then build; else download; fi
built_version=$("$built" --version) || fail "the built plattr does not run on this machine" \
  "releases for Linux need glibc 2.35 or newer; a checkout builds for the machine it is on"
mkdir -p "$bin" || fail "cannot make $bin" "choose another folder with --prefix"
# Renamed into place, so that a plattr that runs this moment is left alone.
{ install -m 0755 "$built" "$bin/.plattr.$$" && mv -f "$bin/.plattr.$$" "$bin/plattr"; } ||
  fail "cannot write $bin/plattr" "choose another folder with --prefix"
say "installed $bin/plattr ($built_version)"
case ":$PATH:" in
  *":$bin:"*) ;;
  *) say "$bin is not on your PATH: add 'export PATH=\"$bin:\$PATH\"' to your shell's start-up file" ;;
esac

[ "$demo" = true ] || { say "next: cd into your project and run 'plattr init', then 'plattr dev'"; exit 0; }

PATH=$bin:$PATH
cd "$here/examples/todo"
say "starting the six services that examples/todo asks for: plattr dev (a machine's first time takes some minutes)"
plattr dev --yes
say "proving each with a real round trip: plattr verify"
plattr verify

# The page needs Node.js, which is the example's business and not plattr's.
if ! command -v npm >/dev/null || ! node -e 'process.exit(+(parseInt(process.versions.node) < 20))'; then
  fail "the services run, but the example's page needs Node.js 20 or newer" \
    "install Node.js, then: cd $here/examples/todo && npm ci && plattr run -- npm run migrate && plattr run -- npm start"
fi
say "installing the example's own packages: npm ci"
npm ci --no-audit --no-fund --loglevel=error
say "creating its tables and rows: npm run migrate, npm run seed"
plattr run -- npm run --silent migrate
plattr run -- npm run --silent seed

port=${PORT:-3000}
taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null || (exec 3<>"/dev/tcp/::1/$1") 2>/dev/null; }
while taken "$port"; do port=$((port + 1)); done
page=http://localhost:$port
log=.plattr/logs/web.log
say "starting the page: node server.mjs (its log: examples/todo/$log)"
mkdir -p .plattr/logs
# What `npm start` runs, without npm in between: plattr becomes the program, so its pid is the server's.
PORT=$port APP_URL=$page LISTEN_HOST=127.0.0.1 nohup plattr run -- node server.mjs >"$log" 2>&1 </dev/null &
web=$!
for _ in $(seq 150); do
  if node -e 'fetch(process.argv[1]).then((r) => process.exit(+!r.ok), () => process.exit(1))' "$page/healthz"; then
    ready=true
    break
  fi
  kill -0 "$web" 2>/dev/null || break
  sleep 0.2
done
[ "${ready:-false}" = true ] || {
  kill "$web" 2>/dev/null || true
  cat "$log" >&2
  fail "the page did not answer at $page; its log is above" "cd $here/examples/todo && plattr status"
}
# Commands that work as they are copied, from any folder and before PATH has plattr.
plattr="$bin/plattr --project $PWD"
cat <<SEE

The example runs.
  page            $page      (sign in as alice or bob, password localdev)
  services        $plattr status
  variables       $plattr env
  stop the page   kill $web
  stop the rest   $plattr stop     (keeps data; 'destroy' instead of 'stop' deletes it)
SEE
