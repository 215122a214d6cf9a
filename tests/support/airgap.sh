#!/usr/bin/env bash
# A machine without a network: a bundle is made here, loaded in a network namespace that has nothing but a loopback
# interface, and `plattr dev` runs there. Both engines, unless one is named.
#
#   tests/support/airgap.sh [native|kind]
#
# PLATTR names the program; without it, this checkout is built. Needs root; `kind` needs the rig (tests/rig/up).
set -euo pipefail
# shellcheck source=tests/support/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
[ "$(id -u)" = 0 ] || die 'only root can make namespaces'

holder=
daemon=
registry=

# Makes a machine: processes of it see no network. The mounts are its own too. `there` runs something on it.
enter_airgap() {
  unshare --net --mount sleep infinity &
  holder=$!
  eventually 'the namespace' 10 separated
  there ip link set lo up
  [ -z "$(there ip route show)" ] || die 'the namespace has a route'
  if there curl --silent --max-time 3 --output /dev/null https://1.1.1.1; then die 'the namespace has a network'; fi
}

separated() { [ "$(readlink "/proc/$holder/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }

there() { nsenter --target "$holder" --net --mount --wd="$PWD" "$@"; }

# A user of that machine, who never used plattr.
plattr_there() {
  there env -u PLATTR_TEST_CACHE HOME="$scratch/there" XDG_STATE_HOME="$scratch/there/state" \
    XDG_CONFIG_HOME="$scratch/there/config" PATH="$path_there" "${env_there[@]}" "$PLATTR" "$@"
}

stop_daemon() {
  local containers
  [ -n "$daemon" ] || return 0
  containers=$(docker --host "$host" ps --all --quiet) || containers=
  # shellcheck disable=SC2086 # One word each.
  [ -z "$containers" ] || docker --host "$host" rm --force --volumes $containers >/dev/null || true
  kill "$daemon" 2>/dev/null || true
  wait "$daemon" 2>/dev/null || true
  daemon=
  # What it had mounted for its containers is gone with it.
  rm -rf "$scratch/docker" "$scratch/docker-run"
}

leave_airgap() {
  [ -n "$holder" ] || return 0
  kill "$holder" 2>/dev/null || true
  wait "$holder" 2>/dev/null || true
  holder=
}

# Whatever happens on the way.
stop_own() {
  if [ -n "$holder" ] && [ -e "${project_there:-}/.plattr" ]; then
    plattr_there --project "$project_there" destroy --yes --progress none || true
  fi
  stop_daemon
  leave_airgap
  [ -z "$registry" ] || docker rm --force --volumes "$registry" >/dev/null || true
}

# dev_there: `plattr dev` on that machine, which must prove that everything works.
dev_there() {
  local report
  report=$(plattr_there --project "$project_there" dev --yes --progress plain -o json "$@")
  jq -e '.checks | length > 0 and all(.passed)' <<<"$report" >/dev/null || die "not verified: $report"
}

native() {
  local here=$scratch/native
  mkdir "$here" "$scratch/there" "$scratch/empty"
  cat >"$here/plattr.yaml" <<'YAML'
version: 1
name: airgap
database:
  enabled: true
storage:
  enabled: true
  buckets:
    - name: files
auth:
  enabled: true
cache:
  enabled: true
search:
  enabled: true
YAML
  step 'native: plattr bundle create'
  plattr --project "$here" bundle create "$scratch/native.tar" --engine native --progress none
  enter_airgap
  # The same place, so that what was prepared fits, and nothing in it.
  there mount --bind "$scratch/empty" "$cache"
  chmod 755 "$scratch/empty"
  path_there=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  env_there=("PLATTR_CACHE_DIR=$cache")
  project_there=$here
  step 'native: plattr bundle load, in the namespace'
  plattr_there bundle load "$scratch/native.tar" --progress none
  step 'native: plattr dev, in the namespace'
  dev_there --engine native
  step 'native: plattr db dump, in the namespace'
  plattr_there --project "$project_there" db dump --schema-only --progress none | grep -q 'PostgreSQL database dump'
  plattr_there --project "$project_there" destroy --yes --progress none
  leave_airgap
  rm -rf "$scratch/there" "$scratch/empty" "$scratch/native.tar"
}

kind() {
  local here=$scratch/kind image digest capabilities options
  : "${PLATTR_IMAGES_LOCK:?the rig is not up}"
  mkdir "$here" "$scratch/there"
  printf 'version: 1\nname: airgap\ncache:\n  enabled: true\nstorage:\n  enabled: true\n' >"$here/plattr.yaml"

  # An image that a registry knows by the digest of its manifest, which saving and loading loses. The registry is a
  # throw-away one.
  step 'kind: an image by digest from a registry'
  registry=$(docker run --detach --publish 127.0.0.1::5000 "$(locked registry)")
  image=localhost:$(docker port "$registry" 5000/tcp | head -1 | sed 's/.*://')/library/redis
  docker tag "$(locked redis)" "$image:airgap"
  eventually 'the registry' 30 docker push --quiet "$image:airgap"
  digest=$(docker image inspect --format '{{join .RepoDigests "\n"}}' "$image:airgap" | sed -n "s|^$image@||p")
  docker rmi "$image:airgap" >/dev/null
  docker pull --quiet "$image@$digest" >/dev/null
  grep -vE '^(redis|minio) ' "$PLATTR_IMAGES_LOCK" >"$scratch/images.lock"
  echo "redis = \"$image:airgap@$digest\"" >>"$scratch/images.lock"
  # One that nobody serves: plattr makes it of the package.
  echo "minio = \"localhost:1/minio/minio:RELEASE.2026-02-12T20-18-48Z@sha256:$(printf '%064d' 0)\"" >>"$scratch/images.lock"

  step 'kind: plattr bundle create'
  PLATTR_IMAGES_LOCK=$scratch/images.lock plattr --project "$here" bundle create "$scratch/kind.tar" --engine kind --progress none
  docker rm --force --volumes "$registry" >/dev/null
  registry=
  # The names that the images got for it, which nothing here needs.
  plattr bundle show "$scratch/kind.tar" -o json | jq -r '.entries[].names[]?' | xargs docker rmi "$image@$digest" >/dev/null

  enter_airgap
  step 'kind: a Docker daemon in the namespace'
  host=unix://$scratch/docker.sock
  options=(--data-root "$scratch/docker" --exec-root "$scratch/docker-run" --pidfile "$scratch/docker.pid" --host "$host")
  # As in the rig: bit 24 is CAP_SYS_RESOURCE.
  capabilities=$(sed -n 's/^CapBnd:\s*//p' /proc/self/status)
  if [ $((0x$capabilities >> 24 & 1)) = 0 ]; then
    options+=(--add-runtime "without=$repo/tests/rig/docker/runc" --default-runtime without)
  fi
  # Not through `there`: the process is to be the daemon itself.
  nsenter --target "$holder" --net --mount dockerd "${options[@]}" >"$scratch/dockerd.log" 2>&1 &
  daemon=$!
  eventually 'Docker answers' 60 docker --host "$host" version
  [ -z "$(docker --host "$host" images --quiet)" ] || die 'the daemon has images'

  mkdir "$scratch/cache"
  path_there=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  env_there=("DOCKER_HOST=$host" "PLATTR_CACHE_DIR=$scratch/cache" "PLATTR_IMAGES_LOCK=$scratch/images.lock")
  project_there=$here
  step 'kind: plattr bundle load, in the namespace'
  plattr_there bundle load "$scratch/kind.tar" --progress none
  plattr_there bundle load "$scratch/kind.tar" -o json --progress none |
    jq -e '.entries | all(.outcome == "there")' >/dev/null || die 'a second load does not find what is there'
  step 'kind: plattr dev, in the namespace'
  dev_there --engine kind
  plattr_there --project "$project_there" destroy --yes --progress none
  stop_daemon
  leave_airgap
  rm -rf "$scratch/there" "$scratch/cache" "$scratch/kind.tar"
}

# locked KEY: the id of an image of the rig.
locked() { sed -n "s/^$1 = \".*@\(.*\)\"/\1/p" "$PLATTR_IMAGES_LOCK"; }

enter_world
case ${1:-both} in
  native) native ;;
  kind) kind ;;
  both)
    native
    kind
    ;;
  *) die "which engine is $1?" ;;
esac
