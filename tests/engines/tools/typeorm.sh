# shellcheck shell=bash disable=SC2034,SC2154 # lib.sh and this file share variables.
version='typeorm 1.1.1'
exit_code=1

generate() {
  ln -s "$(kept npm typeorm@1.1.1 pg@8.23.1 reflect-metadata@0.2.2 ts-node@10.9.2 typescript@5.9.3 @types/node@24)/node_modules" node_modules
  echo '{"name": "notes", "dependencies": {"typeorm": "1.1.1"}}' >package.json
  echo '{"compilerOptions": {"module": "commonjs", "target": "es2022", "esModuleInterop": true, "types": ["node"]}}' >tsconfig.json
  mkdir -p src/migration
  cat >src/data-source.ts <<'TS'
import { DataSource } from 'typeorm'

export const AppDataSource = new DataSource({
  type: 'postgres',
  url: process.env.DATABASE_URL,
  migrations: ['src/migration/*.ts'],
})
TS
  node_modules/.bin/typeorm migration:create src/migration/notes
  fill notes 'CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text)' "$witness"
}

# fill NAME STATEMENT...
fill() {
  local file statement lines=
  file=$(echo src/migration/*-"$1".ts)
  shift
  for statement; do lines+="await queryRunner.query(\`$statement\`);"; done
  python3 - "$file" "$lines" <<'PY'
import pathlib, re, sys
path = pathlib.Path(sys.argv[1])
path.write_text(re.sub(r"(async up\([^{]*\{)", lambda found: found[1] + sys.argv[2], path.read_text(), count=1))
PY
}

broken() {
  node_modules/.bin/typeorm migration:create src/migration/broken
  fill broken 'CREATE TABLE half (id int)' 'SELECT 1/0'
}

pending() { shown Broken --status; }
