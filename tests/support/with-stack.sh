#!/usr/bin/env bash
# Starts all six services in a scratch project, runs COMMAND with the variables by which the live tests of
# plattr-backends find them, and destroys the stack.
#
#   tests/support/with-stack.sh COMMAND...
#
# PLATTR names the program; without it, this checkout is built.
set -euo pipefail
# shellcheck source=tests/support/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
[ $# -gt 0 ] || { sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

enter_world
project=$scratch/backends
projects+=("$project")
mkdir "$project"
cat >"$project/plattr.yaml" <<'YAML'
version: 1
name: with-stack
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
step 'plattr dev'
plattr --project "$project" dev --yes --progress none >&2

status=$(plattr --project "$project" status -o json)
port() { jq -er --arg id "$1" --arg port "$2" '.services[] | select(.id == $id).ports[$port]' <<<"$status"; }
# Logins are those that plattr gives itself on a laptop.
postgres=$(port postgres sql) minio=$(port minio api) redis=$(port redis tcp)
keycloak=$(port keycloak http) opensearch=$(port opensearch http)
postgrest=$(plattr cache ls -o json | jq -r '
  .entries[] | select(.kind == "package" and .current and (.name | startswith("postgrest-"))).path + "/postgrest"')
postgrest=${postgrest:-$(command -v postgrest)}
[ -x "$postgrest" ] || die "there is no postgrest at ${postgrest:-all}"
export PLATTR_TEST_POSTGRES_URL=postgresql://plattr:localdev@127.0.0.1:$postgres/plattr
export PLATTR_TEST_S3_URL=http://127.0.0.1:$minio
export PLATTR_TEST_REDIS=127.0.0.1:$redis
export PLATTR_TEST_KEYCLOAK_URL=http://127.0.0.1:$keycloak
export PLATTR_TEST_OPENSEARCH_URL=http://127.0.0.1:$opensearch
export PLATTR_TEST_POSTGREST=$postgrest
PLATTR_TEST_POSTGREST_PORT=$(free_port)
export PLATTR_TEST_POSTGREST_PORT

step "$*"
"$@"
