# shellcheck shell=bash disable=SC2034,SC2154 # lib.sh and this file share variables.
version='knex 3.3.0'
exit_code=1

generate() {
  ln -s "$(kept npm knex@3.3.0 pg@8.23.1)/node_modules" node_modules
  node_modules/.bin/knex init
  cat >knexfile.js <<'JS'
module.exports = { client: 'pg', connection: process.env.DATABASE_URL, migrations: { directory: 'migrations' } }
JS
  node_modules/.bin/knex migrate:make notes
  cat >migrations/*_notes.js <<JS
exports.up = async (knex) => {
  await knex.schema.createTable('notes', (table) => { table.increments('id'); table.string('title') })
  await knex.raw(\`$witness\`)
}
exports.down = (knex) => knex.schema.dropTable('notes').dropTable('witness')
JS
}

broken() {
  node_modules/.bin/knex migrate:make broken
  cat >migrations/*_broken.js <<'JS'
exports.up = async (knex) => {
  await knex.schema.createTable('half', (table) => table.increments('id'))
  await knex.raw('SELECT 1/0')
}
exports.down = () => {}
JS
}

pending() { shown _broken.js --status; }
