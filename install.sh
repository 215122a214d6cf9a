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

demo=false release=false version=latest prefix=${HOME:?}/.local
while [ $# -gt 0 ]; do
  case $1 in
    --demo) demo=true ;;
    --release) release=true ;;
    --prefix) prefix=${2:?--prefix needs a folder}; shift ;;
    --version) version=${2:?--version needs a version}; release=true; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; printf '\n' >&2; fail "unknown option $1" ;;
  esac
  shift
done

here=$(cd "$(dirname "${BASH_SOURCE[0]:-.}")" && pwd)
in_checkout() { [ -f "$here/Cargo.toml" ] && grep -q '^name = "plattr"$' "$here/Cargo.toml"; }
bin=$prefix/bin

build() {
  command -v cargo >/dev/null || fail "there is no cargo to build plattr with" \
    "install Rust from https://rustup.rs, or run this script with --release to take a built one"
  say "building plattr from $here (the first time takes some minutes)"
  (cd "$here" && cargo build --release --locked --bin plattr)
  built=${CARGO_TARGET_DIR:-$here/target}/release/plattr
}

target() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo x86_64-unknown-linux-gnu ;;
    Linux-aarch64) echo aarch64-unknown-linux-gnu ;;
    Darwin-x86_64) echo x86_64-apple-darwin ;;
    Darwin-arm64) echo aarch64-apple-darwin ;;
    *) fail "there is no release for $(uname -s) on $(uname -m)" "build it: clone the repository and run ./install.sh there" ;;
  esac
}

sha256() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1; }

download() {
  command -v curl >/dev/null || fail "there is no curl to fetch a release with" "install curl"
  local releases=${PLATTR_RELEASES:-https://github.com/plattr/plattr/releases} base archive expected
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
  [ "$(sha256 "$scratch/$archive")" = "$expected" ] || fail \
    "$archive is not what the release lists: its digest is $(sha256 "$scratch/$archive"), expected $expected" \
    "run the script again; if it persists, something between you and the release changes it: do not use it"
  say "its digest is as listed ($expected)"
  tar -xzf "$scratch/$archive" -C "$scratch" plattr
  built=$scratch/plattr
}

if in_checkout && [ "$release" = false ]; then build; else download; fi
mkdir -p "$bin" || fail "cannot make $bin" "choose another folder with --prefix"
install -m 0755 "$built" "$bin/plattr.new" && mv -f "$bin/plattr.new" "$bin/plattr"
say "installed $bin/plattr ($("$bin/plattr" --version))"
case ":$PATH:" in
  *":$bin:"*) ;;
  *) say "$bin is not on your PATH: add 'export PATH=\"$bin:\$PATH\"' to your shell's start-up file" ;;
esac

[ "$demo" = true ] || { say "next: cd into your project and run 'plattr init', then 'plattr dev'"; exit 0; }

in_checkout || fail "--demo needs the example of a checkout" \
  "git clone https://github.com/plattr/plattr && cd plattr && ./install.sh --demo"
PATH=$bin:$PATH
cd "$here/examples/todo"
say "starting the six services that examples/todo asks for: plattr dev"
plattr dev --yes
say "proving each with a real round trip: plattr verify"
plattr verify

# The page needs Node.js, which is the example's business and not plattr's.
if ! command -v npm >/dev/null || ! node -e 'process.exit(+process.versions.node.split(".")[0] < 20)'; then
  fail "the services run, but the example's page needs Node.js 20 or newer" \
    "install Node.js, then: cd $here/examples/todo && npm ci && plattr run -- npm run migrate && plattr run -- npm start"
fi
say "installing the example's own packages: npm ci"
npm ci --no-audit --no-fund --loglevel=error
say "creating its tables and rows: npm run migrate, npm run seed"
plattr run -- npm run --silent migrate
plattr run -- npm run --silent seed

port=${PORT:-3000}
while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
page=http://localhost:$port
log=.plattr/logs/web.log
say "starting the page: npm start (its log: examples/todo/$log)"
mkdir -p .plattr/logs
PORT=$port APP_URL=$page nohup plattr run -- npm start >"$log" 2>&1 </dev/null &
web=$!
for _ in $(seq 150); do
  if curl -fsS -o /dev/null "$page/healthz" 2>/dev/null; then ready=true; break; fi
  kill -0 "$web" 2>/dev/null || break
  sleep 0.2
done
[ "${ready:-false}" = true ] || { cat "$log" >&2; fail "the page did not answer at $page"; }
cat <<SEE

The example runs.
  page            $page      (sign in as alice or bob, password localdev)
  services        cd examples/todo && plattr status
  variables       cd examples/todo && plattr env
  stop the page   kill $web
  stop the rest   cd examples/todo && plattr stop     (keeps data; 'plattr destroy' deletes it)
SEE
