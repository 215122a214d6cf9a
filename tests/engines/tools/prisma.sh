# shellcheck shell=bash disable=SC2034,SC2154 # lib.sh and this file share variables.
version='prisma 7.10.1'
exit_code=1
# @prisma/adapter-pg sends a script statement by statement, without a transaction.
whole=no

generate() {
  ln -s "$(kept npm prisma@7.10.1 @prisma/adapter-pg@7.10.1 \
    @prisma/schema-engine-wasm@8.1.0-2.59be4fda12412a79eeb9c2ae727b6aa723593323)/node_modules" node_modules
  # The native engine is a download; this is the same one as WebAssembly.
  export PRISMA_SCHEMA_ENGINE_BINARY=$here/prisma-schema-engine.mjs PRISMA_HIDE_UPDATE_MESSAGE=1 CHECKPOINT_DISABLE=1
  echo '{"name": "notes", "private": true}' >package.json
  node_modules/.bin/prisma init --datasource-provider postgresql --no-skills
  rm -f .env
  cat >>prisma/schema.prisma <<'PRISMA'

model notes {
  id    Int     @id @default(autoincrement())
  title String?
}
PRISMA
  mkdir -p prisma/migrations/20260101000000_notes
  DATABASE_URL="$url?schema=app" node_modules/.bin/prisma migrate diff --from-empty --to-schema prisma/schema.prisma --script \
    --output prisma/migrations/20260101000000_notes/migration.sql
  echo "$witness;" >>prisma/migrations/20260101000000_notes/migration.sql
}

broken() {
  mkdir prisma/migrations/20260102000000_broken
  echo 'CREATE TABLE half (id int); SELECT 1/0;' >prisma/migrations/20260102000000_broken/migration.sql
}

# With something pending the tool says so by its exit code.
pending() {
  local code=0 said
  said=$(migrate --engine prisma --status 2>&1) || code=$?
  [[ $code = 1 && $said = *20260102000000_broken* ]] || { echo "$said"; die "--status ended with $code"; }
}
