# shellcheck shell=bash disable=SC2034,SC2154 # lib.sh and this file share variables.
version='django 5.2.19'
exit_code=1

generate() {
  ln -s "$(python)" .venv
  .venv/bin/django-admin startproject site_of_notes .
  .venv/bin/python manage.py startapp notes
  cat >>site_of_notes/settings.py <<'PY'

import os

INSTALLED_APPS += ["notes"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ.get("PGHOST"),
        "PORT": os.environ.get("PGPORT"),
        "NAME": os.environ.get("PGDATABASE"),
        "USER": os.environ.get("PGUSER"),
        "PASSWORD": os.environ.get("PGPASSWORD"),
    }
}
PY
  cat >>notes/models.py <<'PY'

class Note(models.Model):
    title = models.TextField()

    class Meta:
        db_table = "notes"
PY
  .venv/bin/python manage.py makemigrations notes
  .venv/bin/python manage.py makemigrations notes --empty --name witness
  operations notes/migrations/0002_witness.py "$witness"
}

# operations FILE STATEMENT...
operations() {
  local file=$1 statement lines=
  shift
  for statement; do lines+="        migrations.RunSQL(\"\"\"$statement\"\"\"),"$'\n'; done
  python3 - "$file" "$lines" <<'PY'
import pathlib, re, sys
path = pathlib.Path(sys.argv[1])
path.write_text(re.sub(r"(operations = \[\n)", lambda found: found[1] + sys.argv[2], path.read_text()))
PY
}

broken() {
  .venv/bin/python manage.py makemigrations notes --empty --name broken
  operations notes/migrations/0003_broken.py 'CREATE TABLE half (id int)' 'SELECT 1/0'
}

pending() {
  shown '[ ] 0003_broken' --status
  shown notes.0003_broken --dry-run
}
