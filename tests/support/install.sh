#!/usr/bin/env bash
# install.sh as a person meets it: its options, a release from a local server, good and tampered with, and
# `--demo` in a fresh checkout until the page answers.
#
#   tests/support/install.sh
#
# PLATTR names the program that the release is made of; without it, this checkout is built.
set -euo pipefail
# shellcheck source=tests/support/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
unset PORT APP_URL LISTEN_HOST PLATTR_RELEASES

# A new user has the machine's Rust and npm downloads, and nothing else of the caller's.
export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
npm_config_cache=$(npm config get cache 2>/dev/null)
export npm_config_cache
[ ! -f "$HOME/.npmrc" ] || export NPM_CONFIG_USERCONFIG=$HOME/.npmrc

enter_world
server='' web=''
stop_own() {
  local pid
  for pid in $server $web; do kill "$pid" 2>/dev/null || true; done
}

# run CODE COMMAND...: the command must end with this code; what it said is in $output.
run() {
  local code=0 expected=$1
  shift
  output=$(as_user "$@" 2>&1) || code=$?
  [ "$code" = "$expected" ] || die "$* ended with $code instead of $expected: $output"
}
said() { grep -qF -- "$1" <<<"$output" || die "expected '$1', got: $output"; }
nothing_in() { [ ! -e "$1" ] || die "something was installed: $(find "$1")"; }

step 'options'
run 0 "$repo/install.sh" --help
said 'Usage: ./install.sh'
run 2 "$repo/install.sh" --frobnicate
said 'error: unknown option --frobnicate'
run 2 "$repo/install.sh" --prefix
said 'error: --prefix needs a folder'

step 'a release'
# The script alone, as one who fetched it has it.
cp "$repo/install.sh" "$scratch/install.sh"
target=$(rustc -vV | sed -n 's/^host: //p')
archive=plattr-$target.tar.gz
releases=$scratch/releases
good=$releases/latest/download
"$repo/.ci/package" "$target" "$PLATTR" "$good"
(cd "$good" && sha256sum "$archive" >SHA256SUMS)
bad=$releases/download/v6.6.6
mkdir -p "$bad"
cp "$good/SHA256SUMS" "$bad/"
{ cat "$good/$archive"; echo changed; } >"$bad/$archive"
unlisted=$releases/download/v7.7.7
mkdir -p "$unlisted"
cp "$good/$archive" "$unlisted/"
echo "0000  plattr-other.tar.gz" >"$unlisted/SHA256SUMS"

exec {from_server}< <(exec node -e '
  const [root] = process.argv.slice(1), fs = require("node:fs"), path = require("node:path");
  const server = require("node:http").createServer((request, response) => {
    const file = fs.createReadStream(path.join(root, path.normalize(request.url)));
    file.on("error", () => response.writeHead(404).end());
    file.on("open", () => file.pipe(response));
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));' "$releases")
server=$!
read -r port <&"$from_server"
export PLATTR_RELEASES=http://127.0.0.1:$port

run 0 "$scratch/install.sh" --prefix "$scratch/one"
said "its digest is as listed ($(cut -d' ' -f1 "$good/SHA256SUMS"))"
said "$scratch/one/bin is not on your PATH"
version=$("$PLATTR" --version)
said "installed $scratch/one/bin/plattr ($version)"
[ "$("$scratch/one/bin/plattr" --version)" = "$version" ] || die 'the installed plattr is another'
# Again, over the one that is there, and with a folder named from here.
(cd "$scratch" && run 0 ./install.sh --prefix one)
[ "$(find "$scratch/one" -type f)" = "$scratch/one/bin/plattr" ] || die "there is more: $(find "$scratch/one")"

step 'a release that is not what it lists'
run 1 "$scratch/install.sh" --prefix "$scratch/two" --version 6.6.6
said "error: $archive is not what the release lists"
nothing_in "$scratch/two"
run 1 "$scratch/install.sh" --prefix "$scratch/two" --version v7.7.7
said "SHA256SUMS of that release does not list $archive"
nothing_in "$scratch/two"

step 'a release that is not there'
run 1 "$repo/install.sh" --prefix "$scratch/two" --version 9.9.9
said "error: cannot fetch $PLATTR_RELEASES/download/v9.9.9/$archive"
nothing_in "$scratch/two"
run 1 "$scratch/install.sh" --prefix "$scratch/three" --demo
said 'error: --demo needs the example of a checkout'
nothing_in "$scratch/three"
kill "$server"
server=''

step 'a fresh checkout: install.sh --demo'
# Always in the same place, and with the files' own times, so that cargo builds only what changed.
CARGO_TARGET_DIR=$(target_folder)
# What is slow about a release is its compilation, which is cargo's matter.
export CARGO_TARGET_DIR PLATTR_PROFILE=dev
checkout=$CARGO_TARGET_DIR/install-test
rm -rf "$checkout"
mkdir -p "$checkout"
projects+=("$checkout/examples/todo")
(cd "$repo" && git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf -) | tar -xpf - -C "$checkout"
git() { command git -C "$checkout" -c user.name=test -c user.email=test@example.org "$@"; }
git init --quiet
git add --all
git commit --quiet --message=checkout

log=$scratch/demo.log
as_user "$checkout/install.sh" --demo --prefix "$scratch/demo" 2>&1 | tee "$log"
web=$(sed -n 's/^ *stop the page  *kill \([0-9]*\)$/\1/p' "$log")
page=$(sed -n 's/^ *page  *\(http[^ ]*\).*/\1/p' "$log")
[ -n "$web" ] || die 'it did not say how to stop the page'
[ -n "$page" ] || die 'it did not say where the page is'
health=$(curl -fsS "$page/healthz")
[ "$(jq -r '[.ok, (.services | length)] | @csv' <<<"$health")" = 'true,6' ] || die "the page is not well: $health"
title=$(curl -fsS "$page/" | sed -n 's/.*<title>\(.*\)<\/title>.*/\1/p')
[ -n "$title" ] || die 'the page has no title'
echo "the page's title: $title"
for address in $(ip -o -4 address show scope global | awk '{ sub("/.*", "", $4); print $4 }'); do
  ! curl -fsS -o /dev/null --max-time 5 "http://$address:${page##*:}/" 2>/dev/null ||
    die "others in the network reach the page at $address"
done

step 'stopping what the demo started, as it says'
kill "$web"
gone() { ! kill -0 "$web" && ! listening "${page##*:}"; }
eventually 'the page is gone' 15 gone
web=''
# With the plattr that was installed.
as_user "$scratch/demo/bin/plattr" --project "$checkout/examples/todo" destroy --yes --progress none
changed=$(git status --porcelain)
[ -z "$changed" ] || die "the checkout has changed: $changed"
