#!/usr/bin/env bash
# Measures plattr's Kind engine against the bare tools in one run, and prints ratios. Asserts nothing.
#
#   bench/kind.sh [--plattr FILE] [--runs N]
#
# Needs Docker, kind, kubectl, curl and jq on PATH, and pgbench for the database's rows; rivals that are not on PATH (tilt
# with ctlptl) are named as not found. Builds plattr in release form unless --plattr names a program. The first dev of a
# scratch project comes first and is not measured: it brings images into this machine's registry.
set -euo pipefail
cd "$(dirname "$0")/.."

plattr='' runs=3
while [ $# -gt 0 ]; do
  case $1 in
    --plattr) plattr=$(realpath "$2"); shift 2 ;;
    --runs) runs=$2; shift 2 ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done
# shellcheck source=bench/common.sh
source bench/common.sh
bare='plattr-bench-bare'
containers=() forward=
cleanup_own() {
  [ -z "$forward" ] || kill "$forward" 2>/dev/null || true
  [ ${#containers[@]} = 0 ] || docker rm --force --volumes "${containers[@]}" >/dev/null 2>&1 || true
  kind delete cluster --quiet --name "$bare" --kubeconfig "$scratch/bare" >/dev/null 2>&1 || true
  kind delete cluster --quiet --name bench-tilt --kubeconfig "$scratch/tilt/kubeconfig" >/dev/null 2>&1 || true
}
until_ok() { # until_ok SECONDS COMMAND...
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do [ "$SECONDS" -lt "$deadline" ] || return 1; sleep 0.1; done
}
dev() { (cd "$scratch/$1" && "$plattr" dev --engine kind --yes --progress none); }

row 'what' 'measured' 'against'
new_project bench-warm
seconds dev bench-warm >/dev/null
node='plattr-bench-warm-control-plane'
image=$(docker inspect --format '{{.Config.Image}}' "$node")
keycloak=$(docker images --format '{{.Repository}}:{{.Tag}}' | grep -m1 '/keycloak-built:')
# The registry has the image under the beginning of its digest.
kubeconfig=$(in_project bench-warm kubeconfig --path)
digest=$(kubectl --kubeconfig "$kubeconfig" --namespace plattr-local get deployment postgres \
  -o jsonpath='{.spec.template.spec.containers[0].image}' | sed -E 's/.*:[^-]*-([0-9a-f]+).*/\1/')
postgres=$(docker images --no-trunc --digests --format '{{.ID}} {{.Digest}}' | sed -nE "/sha256:$digest/{s/ .*//p;q}")
in_project bench-warm destroy --yes >/dev/null 2>&1

# The bare tools: an empty cluster of the same image and settings, and the slowest service in a container of its own.
kind_create() {
  local config=$scratch/bare.yaml
  printf 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n' >"$config"
  # A patch for plattr may say itself what it is.
  [ -z "${PLATTR_KIND_CONFIG:-}" ] || sed '/^kind:/d; /^apiVersion:/d' "$PLATTR_KIND_CONFIG" >>"$config"
  kind create cluster --name "$bare" --image "$image" --config "$config" --kubeconfig "$scratch/bare" --wait 120s
}
empty=$(seconds kind_create)
kind delete cluster --quiet --name "$bare" --kubeconfig "$scratch/bare"
row 'kind create cluster --wait' "$empty s"
# bare_database: PostgreSQL in a container of its own, its port published by Docker alone.
bare_database() {
  database=$(docker run --detach --env TZ=UTC --user 999:999 --publish 127.0.0.1::5432 "$postgres" sh -c \
    "initdb -D /tmp/d -U keycloak --auth=trust >/dev/null && echo 'host all all all trust' >>/tmp/d/pg_hba.conf &&
     echo 'CREATE DATABASE keycloak;' | postgres --single -D /tmp/d postgres >/dev/null &&
     exec postgres -D /tmp/d -c listen_addresses='*' -c unix_socket_directories=/tmp")
  containers+=("$database")
  address=$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$database")
  published=$(docker port "$database" 5432/tcp | head -1)
  until_ok 60 bash -c "exec 3<>/dev/tcp/$address/5432"
}
bare_database
alone() {
  local id ip
  id=$(docker run --detach --env KC_DB_URL="jdbc:postgresql://$address/keycloak" --env KC_DB_USERNAME=keycloak \
    --env KC_DB_PASSWORD=x --env KC_HTTP_ENABLED=true --env KC_HOSTNAME_STRICT=false "$keycloak" start --optimized --cache=local)
  echo "$id" >"$scratch/keycloak"
  ip=$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$id")
  until_ok 300 curl -sf "http://$ip:8080/health/ready"
}
slowest=$(seconds alone)
containers+=("$(cat "$scratch/keycloak")")
docker rm --force --volumes "${containers[@]}" >/dev/null
containers=()
row 'Keycloak alone, empty database' "$slowest s"

new_project bench-kind
first=$(seconds dev bench-kind)
sum=$(awk -v a="$empty" -v b="$slowest" 'BEGIN { print a + b }')
row 'first dev, six verified' "$first s" "$(ratio "$first" "$sum") of both together; at most 1.5 x"
row 'warm dev, nothing to do' "$(repeat dev bench-kind) s" 'at most 0.300 s'
row 'status' "$(repeat in_project bench-kind status) s"
memory=$(docker stats --no-stream --format '{{.MemUsage}}' plattr-bench-kind-control-plane | cut -d/ -f1)
row 'memory of node and services' "$memory" 'at most 2.5 GB'
in_project bench-kind stop --yes >/dev/null 2>&1
again=$(seconds dev bench-kind)
row 'dev after stop' "$again s" "$(ratio "$again" "$first") of the first; at most 0.5 x"

node='plattr-bench-kind-control-plane'
kubeconfig=$(in_project bench-kind kubeconfig --path)
if command -v pgbench >/dev/null; then
  url=$(in_project bench-kind env -o json | jq -r .MIGRATION_DATABASE_URL)
  ip=$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$node")
  node_port=$(kubectl --kubeconfig "$kubeconfig" --namespace plattr-local get service postgres -o jsonpath='{.spec.ports[0].nodePort}')
  port=$(sed -E 's|.*:([0-9]+)/.*|\1|' <<<"$url")
  at() { sed -E "s|@[^/]+/|@$1/|" <<<"$url"; }
  kubectl --kubeconfig "$kubeconfig" --namespace plattr-local port-forward service/postgres 25999:5432 >/dev/null 2>&1 &
  forward=$!
  until_ok 30 bash -c 'exec 3<>/dev/tcp/127.0.0.1/25999'
  tps() { pgbench --no-vacuum --client 4 --jobs 2 --time 8 "$@" 2>/dev/null | sed -nE 's/^tps = ([0-9.]+).*/\1/p'; }
  pgbench --initialize --quiet --scale 5 "$url" >/dev/null 2>&1
  for kind in read-only read-write; do
    flags=(); [ "$kind" = read-write ] || flags=(--select-only)
    ours=$(tps "${flags[@]}" "$(at "127.0.0.1:$port")")
    direct=$(tps "${flags[@]}" "$(at "$ip:$node_port")")
    kubectl=$(tps "${flags[@]}" "$(at 127.0.0.1:25999)")
    row "pgbench $kind through our port" "$ours tps" "$(ratio "$ours" "$direct") of the node's address, $(ratio "$ours" "$kubectl") of kubectl port-forward"
  done
  # What Docker's own proxy costs, under the same load and in the same minute.
  bare_database
  url=postgresql://keycloak@$published/keycloak
  pgbench --initialize --quiet --scale 5 "$url" >/dev/null 2>&1
  for kind in read-only read-write; do
    flags=(); [ "$kind" = read-write ] || flags=(--select-only)
    through=$(tps "${flags[@]}" "$url")
    direct=$(tps "${flags[@]}" "$(at "$address:5432")")
    row "pgbench $kind through a port that Docker publishes" "$through tps" "$(ratio "$through" "$direct") of the container's address"
  done
else
  row 'pgbench' 'not found' 'apt-get install postgresql-contrib has it'
fi

# The rival gets what plattr has applied, with the data that plattr has made and its registry, in a cluster of the same
# image. So both bring up the same six services; only plattr checks them afterwards.
tilt_up() { (cd "$scratch/tilt" && ctlptl apply -f cluster.yaml && tilt ci --port 0 --web-mode prod); }
if command -v tilt >/dev/null && command -v ctlptl >/dev/null; then
  export KUBECONFIG=$scratch/tilt/kubeconfig DO_NOT_TRACK=1
  mkdir "$scratch/tilt"
  plattrs() { kubectl --kubeconfig "$kubeconfig" --namespace plattr-local get -o json "$@"; }
  { plattrs namespace/plattr-local; plattrs persistentvolumes
    plattrs persistentvolumeclaims,secrets,configmaps,services,deployments,networkpolicies; } |
    jq --slurp '{ apiVersion: "v1", kind: "List", items: [ .[] | .items // [.] | .[]
      | select(.metadata.name != "kube-root-ca.crt") | del(.status, .spec.claimRef.uid, .spec.claimRef.resourceVersion,
        .spec.clusterIP, .spec.clusterIPs) | .metadata |= { name, namespace, labels } ] }' >"$scratch/tilt/all.yaml"
  printf "allow_k8s_contexts('kind-bench-tilt')\nk8s_yaml('all.yaml')\n" >"$scratch/tilt/Tiltfile"
  docker cp "$node:/etc/containerd/certs.d" "$scratch/tilt/certs.d" >/dev/null
  in_project bench-kind stop --yes >/dev/null 2>&1
  docker rm --force --volumes "$node" >/dev/null
  ours=$(seconds dev bench-kind)
  row 'dev with data and without a cluster' "$ours s"
  in_project bench-kind stop --yes >/dev/null 2>&1
  {
    printf 'apiVersion: ctlptl.dev/v1alpha1\nkind: Cluster\nproduct: kind\nname: kind-bench-tilt\nkindV1Alpha4Cluster:\n'
    printf '  nodes:\n  - role: control-plane\n    image: %s\n    extraMounts:\n' "$image"
    printf '    - {hostPath: %s, containerPath: /plattr/data}\n' "$scratch/bench-kind/.plattr/data"
    printf '    - {hostPath: %s, containerPath: /etc/containerd/certs.d}\n' "$scratch/tilt/certs.d"
    [ -z "${PLATTR_KIND_CONFIG:-}" ] || sed '/^kind:/d; /^apiVersion:/d; s/^/  /' "$PLATTR_KIND_CONFIG"
  } >"$scratch/tilt/cluster.yaml"
  rival=$(seconds tilt_up)
  row 'ctlptl and tilt, the same objects and data' "$rival s" "plattr takes $(ratio "$ours" "$rival")"
else
  row 'tilt with ctlptl' 'not found'
fi
