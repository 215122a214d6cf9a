# shellcheck shell=bash disable=SC2034,SC2154 # lib.sh and this file share variables.
version='goose 3.29.0'
exit_code=1

# Drivers of other databases take minutes to compile.
make_goose() {
  GOBIN=$PWD go install \
    -tags='no_clickhouse no_mssql no_mysql no_sqlite3 no_vertica no_ydb no_libsql no_duckdb no_starrocks no_spanner' \
    "github.com/pressly/goose/v3/cmd/goose@$1"
}

generate() {
  PATH=$(kept goose v3.29.0):$PATH
  export PATH
  mkdir migrations
  goose -dir migrations create notes sql
  cat >migrations/*_notes.sql <<SQL
-- +goose Up
CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text);
$witness;

-- +goose Down
DROP TABLE witness;
DROP TABLE notes;
SQL
}

broken() {
  # Made in the same second the two would have one version.
  printf -- '-- +goose Up\nCREATE TABLE half (id int);\nSELECT 1/0;\n' >migrations/29991231000000_broken.sql
}

pending() { shown _broken.sql --status; }
