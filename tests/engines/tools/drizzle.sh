# shellcheck shell=bash disable=SC2034,SC2154 # lib.sh and this file share variables.
version='drizzle-kit 0.31.11'
exit_code=1
# It ends with 1, and that is all.
silent=yes

generate() {
  ln -s "$(kept npm drizzle-kit@0.31.11 drizzle-orm@0.45.4 pg@8.23.1)/node_modules" node_modules
  cat >drizzle.config.ts <<'TS'
import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: './schema.ts',
  dbCredentials: { url: process.env.DATABASE_URL! },
  migrations: { schema: process.env.DATABASE_SCHEMA },
})
TS
  cat >schema.ts <<'TS'
import { pgTable, serial, text } from 'drizzle-orm/pg-core'

export const notes = pgTable('notes', { id: serial().primaryKey(), title: text() })
TS
  export DATABASE_URL=$url
  node_modules/.bin/drizzle-kit generate --name notes
  node_modules/.bin/drizzle-kit generate --custom --name witness
  unset DATABASE_URL
  # The generated file ends in a comment without a line end.
  printf '\n%s;\n' "$witness" >>drizzle/*_witness.sql
}

broken() {
  DATABASE_URL=$url node_modules/.bin/drizzle-kit generate --custom --name broken
  printf '\nCREATE TABLE half (id int); SELECT 1/0;\n' >>drizzle/*_broken.sql
}

repaired() { sed -i 's#1/0#1/1#' drizzle/*_broken.sql; }
