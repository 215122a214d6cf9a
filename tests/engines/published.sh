#!/usr/bin/env bash
# A published schema of some size goes through the whole workflow: migrate, diff (which is empty), types (which
# compile), lint. It is Camunda's, a workflow engine: 49 tables and 226 indexes, as its package of Maven Central ships
# them (Apache-2.0).
#
#   tests/engines/published.sh
set -euo pipefail
shopt -s inherit_errexit

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ -z "${PLATTR_TEST_POSTGRES:-}" ]; then exec "$here/../support/with-postgres.sh" "$0" "$@"; fi
# shellcheck source=tests/support/common.sh
. "$here/../support/common.sh"
# shellcheck source=tests/engines/lib.sh
. "$here/lib.sh"

make_camunda() {
  mvn --batch-mode --no-transfer-progress --quiet org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
    "-Dartifact=org.camunda.bpm:camunda-engine:$1" -DoutputDirectory=.
  echo "$2  camunda-engine-$1.jar" | sha256sum --check --quiet
  unzip -q "camunda-engine-$1.jar" 'org/camunda/bpm/engine/db/create/activiti.postgres.create.*'
}

# migrations: the parts in the order in which they need each other, as files of the built-in engine.
migrations() {
  local parts=(engine history identity case.engine case.history decision.engine decision.history) number=0 part folder
  folder=$(kept camunda 7.23.0 f70bae63533401508dd44b0b16313de55fdcf46cdfd8d5d2b701cdad9bdd355c)
  mkdir migrations
  for part in "${parts[@]}"; do
    cp "$folder/org/camunda/bpm/engine/db/create/activiti.postgres.create.$part.sql" \
      "migrations/$((number += 1))_${part//./_}.sql"
  done
}

enter_world
project=$scratch/camunda
mkdir "$project"
cd "$project"
make_database camunda
migrations

step 'migrate'
migrate
tables=$(sql "$url" "SELECT count(*) FROM pg_tables WHERE schemaname = 'app' AND tablename LIKE 'act\\_%'")
expect "all 49 tables are there, not $tables" [ "$tables" = 49 ]

step 'migrate again'
before=$(fingerprint)
migrate
after=$(fingerprint)
expect 'a second migrate does nothing' same "$before" "$after"

step 'diff'
# The migrator may make no databases; a second empty one like the first is its shadow.
live=$url
make_database camunda_shadow
shadow=$url url=$live
difference=$(plattr db diff --db-url "$url" --shadow-url "$shadow" --exit-code)
expect "there is no difference, not $difference" [ -z "$difference" ]

step 'types'
plattr gen types --lang typescript --db-url "$url" >database.ts
tables=$(grep -c '^ *act_[a-z_]*: {' database.ts || true)
expect "there are types of 49 tables, not $tables" [ "$tables" -ge 49 ]
"$(kept npm typescript@5.9.3)/node_modules/.bin/tsc" --noEmit --strict database.ts

step 'lint'
plattr db lint --all --fail-on never --db-url "$url" -o json >lint.json
found=$(jq -e '[.. | objects | select(has("rule"))] | length' lint.json)
expect "lint has something to say of it, not $found findings" [ "$found" -gt 0 ]

drop_database camunda
drop_database camunda_shadow
printf '1 passed, 0 failed\n'
