# shellcheck shell=bash disable=SC2034,SC2154 # lib.sh and this file share variables.
version='alembic 1.20.1'
exit_code=1

generate() {
  ln -s "$(python)" .venv
  .venv/bin/alembic init migrations
  # The generated env.py takes the URL from alembic.ini, where no secret belongs.
  cat >>migrations/env.py.new <<'PY'
import os

context.config.set_main_option(
    "sqlalchemy.url",
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1).replace("%", "%%"),
)
PY
  sed -i '/^from alembic import context/r migrations/env.py.new' migrations/env.py
  .venv/bin/alembic revision -m notes
  sed -i '/^def upgrade/,/pass/s/    pass/    op.create_table("notes", sa.Column("id", sa.Integer, primary_key=True), sa.Column("title", sa.Text))\n    op.execute(WITNESS)/' \
    migrations/versions/*_notes.py
  echo "WITNESS = \"\"\"$witness\"\"\"" >>migrations/versions/*_notes.py
}

broken() {
  .venv/bin/alembic revision -m broken
  sed -i '/^def upgrade/,/pass/s/    pass/    op.execute("CREATE TABLE half (id int)")\n    op.execute("SELECT 1\/0")/' \
    migrations/versions/*_broken.py
}

pending() {
  shown broken --status
  shown broken --dry-run
}
