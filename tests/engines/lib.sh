# shellcheck shell=bash disable=SC2154 # `run` says $here and $scratch.
# What the proofs of all tools share. Sourced, not run; a file of tools/ then says `version`, `install`, `generate`,
# `exit_code`, `broken` and, where the tool can do it, `pending`. `whole=no` where it does not undo a failed migration;
# `silent=yes` and `repaired` where it does not say why one failed.

keep=${PLATTR_RIG:-$HOME/.cache/plattr-rig}/engines
owner_of=plattr_engines

# The first migration of every project does this too: it tells who the tool was, and how long it waits for locks.
# shellcheck disable=SC2034 # Files of tools/ use it.
witness="CREATE TABLE witness AS SELECT current_user::text AS who, current_setting('lock_timeout') AS waits"

# kept NAME WORD...: a folder for these words, made once by the function make_NAME, whose working folder it is.
kept() {
  local name=$1 folder
  folder=$keep/$name-$(printf '%s\n' "$@" "$(declare -f "make_$name")" | sha256sum | cut -c1-16)
  if [ ! -e "$folder/.made" ]; then
    step "making $folder"
    mkdir -p "$keep"
    rm -rf "$folder"
    mkdir "$folder"
    (cd "$folder" && "make_$name" "${@:2}") >&2
    touch "$folder/.made"
  fi
  echo "$folder"
}

# node_modules with exactly these packages.
make_npm() {
  npm init --yes >/dev/null
  npm install --no-audit --no-fund --ignore-scripts --save-exact "$@"
}

make_python() {
  python3 -m venv .
  bin/pip install --quiet --disable-pip-version-check "$@"
}

# One environment for all tools of Python, and for asking the server.
python() { kept python alembic==1.20.1 django==5.2.19 'psycopg[binary]==3.3.9' sqlalchemy==2.1.9; }

# sql URL STATEMENT...: runs them and prints the rows, tabs between columns.
sql() {
  "$(python)/bin/python" -c '
import sys, psycopg
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    for statement in sys.argv[2:]:
        answer = connection.execute(statement)
        for row in answer.fetchall() if answer.description else []:
            print(*row, sep="\t")
' "$@"
}

# A database with a schema for one login, as on a laptop. Sets $url.
make_database() {
  local name=${owner_of}_$1 server=${PLATTR_TEST_POSTGRES%/*}
  drop_database "$1"
  sql "$PLATTR_TEST_POSTGRES" "CREATE ROLE ${name}_migrator LOGIN PASSWORD 'p@ss'" "CREATE DATABASE $name"
  sql "$server/$name" "REVOKE ALL ON DATABASE $name FROM PUBLIC" 'REVOKE CREATE ON SCHEMA public FROM PUBLIC' \
    "GRANT CONNECT, CREATE ON DATABASE $name TO ${name}_migrator" "GRANT ${name}_migrator TO CURRENT_USER" \
    "CREATE SCHEMA app AUTHORIZATION ${name}_migrator" \
    "ALTER ROLE ${name}_migrator IN DATABASE $name SET search_path = app"
  url="postgresql://${name}_migrator:p%40ss@${server#*@}/$name"
}

drop_database() {
  sql "$PLATTR_TEST_POSTGRES" "DROP DATABASE IF EXISTS ${owner_of}_$1 WITH (FORCE)" \
    "DROP ROLE IF EXISTS ${owner_of}_$1_migrator"
}

# What is in the schema, and how often each row was written: a tool that does nothing leaves it as it was. Where tools
# keep their locks in a table, they take them and give them back.
fingerprint() {
  sql "$url" "SELECT oid, relname FROM pg_class WHERE relnamespace = 'app'::regnamespace ORDER BY oid" \
    "SELECT relname, query_to_xml(format('SELECT xmin, ctid FROM app.%I ORDER BY ctid', relname), true, true, '')
     FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind = 'r' AND relname !~* 'lock' ORDER BY oid"
}

migrate() { plattr --project "$project" db migrate --db-url "$url" "$@"; }

# expect WHAT COMMAND...: dies unless the command succeeds.
expect() {
  local what=$1
  shift
  "$@" || die "not so: $what"
}

same() { [ "$1" = "$2" ] || { diff <(echo "$1") <(echo "$2") || true; return 1; }; }

has_table() { [ "$(sql "$url" "SELECT to_regclass('app.$1') IS NOT NULL")" = True ]; }

is_owner() { [[ $1 = *_migrator$'\t'[1-9]* ]]; }

# shown WORD OPTION...: with these options plattr prints the word and succeeds.
shown() {
  local word=$1 said
  shift
  said=$(migrate --engine "$engine" "$@" 2>&1) || { echo "$said"; die "plattr db migrate $* failed"; }
  echo "$said"
  [[ $said = *"$word"* ]] || die "$* says nothing of $word"
}

# The story of one tool, in a folder of its own.
prove() {
  local before after code=0 said
  engine=$1
  # shellcheck source=/dev/null
  . "$here/tools/$engine.sh"
  project=$scratch/$engine/notes
  mkdir -p "$project"
  cd "$project" || die "no folder $project"
  make_database "$engine"
  step "the project of $engine"
  generate
  step 'migrate, with an engine that is found by its files'
  migrate
  expect 'the table of the first migration is there' has_table notes
  said=$(sql "$url" 'SELECT who, waits FROM app.witness')
  expect "the tool is the owner and waits for locks only so long, not $said" is_owner "$said"
  before=$(fingerprint)
  step 'migrate again'
  migrate --engine "$engine"
  after=$(fingerprint)
  expect 'a second migrate does nothing' same "$before" "$after"
  step 'a migration that fails in the middle'
  broken
  if declare -F pending >/dev/null; then pending; fi
  after=$(fingerprint)
  expect 'showing what is pending does nothing' same "$before" "$after"
  said=$(migrate --engine "$engine" 2>&1) || code=$?
  echo "$said"
  if [ "${silent:-no}" = no ]; then expect 'what the server said is shown' grep -q 'division by zero' <<<"$said"; fi
  # shellcheck disable=SC2154 # The file of the tool says it.
  expect "the exit code of the tool is kept, not $code" [ "$code" = "$exit_code" ]
  if [ "${whole:-yes}" = yes ] && has_table half; then die 'half of a migration was applied'; fi
  if declare -F repaired >/dev/null; then
    step 'the same migration, repaired'
    repaired
    migrate
    expect 'it was nothing else that failed' has_table half
  fi
  drop_database "$engine"
}
