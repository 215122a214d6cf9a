# shellcheck shell=bash disable=SC2034,SC2154 # lib.sh and this file share variables.
version='sequelize-cli 6.6.5'
exit_code=1

generate() {
  ln -s "$(kept npm sequelize-cli@6.6.5 sequelize@6.37.8 pg@8.23.1)/node_modules" node_modules
  echo '{"name": "notes", "devDependencies": {"sequelize-cli": "6.6.5"}}' >package.json
  node_modules/.bin/sequelize-cli init
  echo '{"development": {"use_env_variable": "DATABASE_URL", "dialect": "postgres"}}' >config/config.json
  node_modules/.bin/sequelize-cli migration:generate --name notes
  cat >migrations/*-notes.js <<JS
module.exports = {
  async up(query, Sequelize) {
    await query.createTable('notes', { id: { type: Sequelize.INTEGER, primaryKey: true }, title: Sequelize.TEXT })
    await query.sequelize.query(\`$witness\`)
  },
}
JS
}

broken() {
  node_modules/.bin/sequelize-cli migration:generate --name broken
  # sequelize-cli opens no transaction: a migration has to.
  cat >migrations/*-broken.js <<'JS'
module.exports = {
  up: (query, Sequelize) =>
    query.sequelize.transaction(async (transaction) => {
      await query.createTable('half', { id: Sequelize.INTEGER }, { transaction })
      await query.sequelize.query('SELECT 1/0', { transaction })
    }),
}
JS
}

pending() { shown -broken.js --status; }
