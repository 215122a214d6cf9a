#![allow(clippy::unwrap_used)]
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use rstest::rstest;

use super::detect::{Found, data_source, detect};
use super::variables::{Database, variables};
use super::*;

const URL: &str = "postgresql://todo_migrator:p%40ss@db:5433/plattr";

fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        if name.contains("bin/") || name.ends_with("mvnw") {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    folder
}

/// A machine that has no programs but those that the project has under `path/bin`.
fn place(folder: &tempfile::TempDir) -> Place {
    Place { root: folder.path().to_owned(), path: Some(folder.path().join("path/bin").into()) }
}

fn database(url: &str) -> Database<'_> {
    Database { url, schema: "todo", set_search_path: false, lock_timeout: Some(Duration::from_secs(10)) }
}

fn command(engine: Engine, action: &Action, files: &[(&str, &str)]) -> String {
    let folder = project(files);
    match invocation(engine, action, &place(&folder), &database(URL)) {
        Ok(invocation) => invocation.to_string(),
        Err(error) => format!("{}: {}", error.code, error.hints.join("; ")),
    }
}

#[rstest]
#[case(&[("prisma/schema.prisma", "")], &[(Engine::Prisma, "`prisma/schema.prisma`")])]
#[case(&[("prisma.config.ts", "")], &[(Engine::Prisma, "`prisma.config.ts`")])]
#[case(&[("prisma7.config.ts", "")], &[(Engine::Prisma, "`prisma7.config.ts`")])]
#[case(&[("drizzle.config.ts", "")], &[(Engine::Drizzle, "`drizzle.config.ts`")])]
#[case(&[("knexfile.js", "")], &[(Engine::Knex, "`knexfile.js`")])]
#[case(&[("package.json", r#"{"dependencies": {"typeorm": "1"}}"#)], &[(Engine::Typeorm, "`typeorm` in `package.json`")])]
#[case(&[("package.json", r#"{"devDependencies": {"sequelize-cli": "6"}}"#)], &[(Engine::Sequelize, "`sequelize-cli` in `package.json`")])]
#[case(&[("package.json", r#"{"dependencies": {"sequelize": "6"}}"#)], &[])]
#[case(&[("package.json", "not json")], &[])]
#[case(&[("alembic.ini", "")], &[(Engine::Alembic, "`alembic.ini`")])]
#[case(&[("pyproject.toml", "[tool.alembic]\n")], &[(Engine::Alembic, "`[tool.alembic]` in `pyproject.toml`")])]
#[case(&[("manage.py", "from django.core")], &[(Engine::Django, "`django` in `manage.py`")])]
#[case(&[("manage.py", "from flask_script")], &[])]
#[case(&[("Gemfile", "gem 'rails'"), ("db/migrate/1.rb", "")], &[(Engine::Rails, "`db/migrate`")])]
#[case(&[("flyway.toml", "")], &[(Engine::Flyway, "`flyway.toml`")])]
#[case(&[("pom.xml", "<artifactId>flyway-maven-plugin</artifactId>")], &[(Engine::Flyway, "`flyway-maven-plugin` in `pom.xml`")])]
#[case(&[("liquibase.properties", "")], &[(Engine::Liquibase, "`liquibase.properties`")])]
#[case(&[("db/migrations/1.sql", "-- +goose Up\n")], &[(Engine::Goose, "`-- +goose Up` in `db/migrations`")])]
#[case(&[("db/migrations/1.sql", "create table a ();")], &[])]
#[case(&[("manage.py", "django"), ("knexfile.mjs", "")], &[(Engine::Knex, "`knexfile.mjs`"), (Engine::Django, "`django` in `manage.py`")])]
#[case(&[], &[])]
fn engines_are_known_by_their_files(#[case] files: &[(&str, &str)], #[case] expected: &[(Engine, &str)]) {
    let folder = project(files);
    let expected: Vec<_> =
        expected.iter().map(|&(engine, because)| Found { engine, because: because.to_owned() }).collect();
    assert_eq!(detect(folder.path()), expected);
}

#[rstest]
#[case::own(Engine::Knex, &[("node_modules/.bin/knex", ""), ("path/bin/knex", "")], "node_modules/.bin/knex migrate:latest")]
#[case::plug_and_play(Engine::Drizzle, &[(".pnp.cjs", ""), ("path/bin/yarn", "")], "path/bin/yarn run drizzle-kit migrate")]
#[case::global(Engine::Prisma, &[("path/bin/prisma", "")], "path/bin/prisma migrate deploy")]
#[case::venv(Engine::Alembic, &[(".venv/bin/alembic", ""), ("uv.lock", ""), ("path/bin/uv", "")], ".venv/bin/alembic upgrade head")]
#[case::uv(Engine::Alembic, &[("uv.lock", ""), ("path/bin/uv", "")], "path/bin/uv run alembic upgrade head")]
#[case::poetry(Engine::Django, &[("poetry.lock", ""), ("path/bin/poetry", "")], "path/bin/poetry run python manage.py migrate --noinput")]
#[case::python(Engine::Django, &[("path/bin/python3", "")], "path/bin/python3 manage.py migrate --noinput")]
#[case::rails(Engine::Rails, &[("bin/rails", "")], "bin/rails db:migrate")]
#[case::bundle(Engine::Rails, &[("path/bin/bundle", "")], "path/bin/bundle exec rails db:migrate")]
#[case::maven(Engine::Flyway, &[("pom.xml", "flyway-maven-plugin"), ("mvnw", "")], "mvnw --batch-mode flyway:migrate")]
#[case::flyway(Engine::Flyway, &[("pom.xml", "flyway-maven-plugin"), ("mvnw", ""), ("path/bin/flyway", "")], "path/bin/flyway migrate")]
#[case::go_tool(Engine::Goose, &[("go.mod", "tool github.com/pressly/goose/v3/cmd/goose\n"), ("path/bin/go", "")], "path/bin/go tool goose up")]
#[case::commonjs(Engine::Typeorm, &[("src/data-source.ts", ""), ("node_modules/.bin/typeorm-ts-node-commonjs", "")], "node_modules/.bin/typeorm-ts-node-commonjs migration:run -d src/data-source.ts")]
#[case::esm(Engine::Typeorm, &[("package.json", r#"{"type": "module"}"#), ("data-source.ts", ""), ("node_modules/.bin/typeorm-ts-node-esm", "")], "node_modules/.bin/typeorm-ts-node-esm migration:run -d data-source.ts")]
fn the_projects_own_tool_comes_first(#[case] engine: Engine, #[case] files: &[(&str, &str)], #[case] expected: &str) {
    assert_eq!(command(engine, &Action::Migrate, files), expected);
}

#[rstest]
#[case(Engine::Knex, &[], "`npm install --save-dev knex` adds it to the project")]
#[case(Engine::Knex, &[("pnpm-lock.yaml", "")], "`pnpm add -D knex` adds it to the project")]
#[case(Engine::Drizzle, &[("yarn.lock", ""), ("package.json", r#"{"devDependencies": {"drizzle-kit": "1"}}"#)], "`yarn install` puts the project's packages in place")]
#[case(Engine::Alembic, &[("uv.lock", "")], "`uv add alembic` adds it to the project")]
#[case(Engine::Flyway, &[("pom.xml", "")], "put Flyway's `flyway` on PATH, or `flyway-maven-plugin` into pom.xml")]
fn a_missing_tool_is_said_with_how_to_get_it(
    #[case] engine: Engine,
    #[case] files: &[(&str, &str)],
    #[case] hint: &str,
) {
    assert_eq!(command(engine, &Action::Migrate, files), format!("tool-missing: {hint}"));
}

#[rstest]
#[case(Engine::Flyway, Action::To("1.2".into()), "flyway migrate -target=1.2")]
#[case(Engine::Django, Action::To("shop.0002".into()), "python manage.py migrate --noinput shop 0002")]
#[case(Engine::Django, Action::To("shop".into()), "python manage.py migrate --noinput shop")]
#[case(Engine::Rails, Action::To("2026".into()), "bundle exec rails db:migrate VERSION=2026")]
#[case(Engine::Alembic, Action::DryRun, "alembic history --indicate-current --rev-range current:head")]
#[case(Engine::Goose, Action::To("3".into()), "goose up-to 3")]
fn words_are_the_tools_own(#[case] engine: Engine, #[case] action: Action, #[case] expected: &str) {
    let bin = format!("path/bin/{}", expected.split(' ').next().unwrap());
    assert_eq!(command(engine, &action, &[(bin.as_str(), "")]), format!("path/bin/{expected}"));
}

#[test]
fn options_of_flyway_are_written_as_maven_wants_them() {
    let files = [("pom.xml", "flyway-maven-plugin"), ("mvnw", "")];
    let command = command(Engine::Flyway, &Action::To("2".into()), &files);
    assert_eq!(command, "mvnw --batch-mode flyway:migrate -Dflyway.target=2");
}

#[rstest]
#[case(Engine::Prisma, Action::Rollback, "write a new migration that undoes it")]
#[case(Engine::Drizzle, Action::DryRun, "`--status` shows what is pending; `plattr test` runs on a copy")]
#[case(Engine::Django, Action::To("0002".into()), "name an app, or an app and a migration of it: `--to shop` or `--to shop.0002`")]
fn what_a_tool_cannot_do_is_refused(#[case] engine: Engine, #[case] action: Action, #[case] hint: &str) {
    assert_eq!(command(engine, &action, &[]), format!("engine-cannot: {hint}"));
}

#[test]
fn what_the_projects_files_do_not_say_is_asked_for() {
    assert!(command(Engine::Typeorm, &Action::Migrate, &[("path/bin/typeorm", "")]).starts_with("engine-options: "));
}

#[test]
fn a_data_source_is_found_where_it_usually_is() {
    assert_eq!(data_source(project(&[("src/db/data-source.ts", "")]).path()).unwrap(), "src/db/data-source.ts");
}

fn seen(engine: Engine, database: &Database) -> Vec<String> {
    let variables = variables(engine, database).unwrap();
    variables.iter().map(|(name, value)| format!("{name}={value}")).collect()
}

#[test]
fn every_tool_is_the_owner_of_the_schema() {
    assert_eq!(
        seen(Engine::Flyway, &database(URL)),
        [
            "DATABASE_URL=postgresql://todo_migrator:p%40ss@db:5433/plattr",
            "MIGRATION_DATABASE_URL=postgresql://todo_migrator:p%40ss@db:5433/plattr",
            "PRISMA_DATABASE_URL=postgresql://todo_migrator:p%40ss@db:5433/plattr?schema=todo&options=-c%20lock_timeout%3D10000ms",
            "JDBC_DATABASE_URL=jdbc:postgresql://db:5433/plattr?currentSchema=todo&options=-c%20lock_timeout%3D10000ms&user=todo_migrator&password=p%40ss",
            "DATABASE_SCHEMA=todo",
            "PGHOST=db",
            "PGPORT=5433",
            "PGDATABASE=plattr",
            "PGUSER=todo_migrator",
            "PGOPTIONS=-c lock_timeout=10000ms",
            "PGPASSWORD=p@ss",
            "FLYWAY_PASSWORD=p@ss",
            "FLYWAY_URL=jdbc:postgresql://db:5433/plattr?currentSchema=todo&options=-c%20lock_timeout%3D10000ms",
            "FLYWAY_USER=todo_migrator",
            "FLYWAY_DEFAULT_SCHEMA=todo",
        ]
    );
}

#[rstest]
#[case(Engine::Knex, "postgresql://u@db/x?sslmode=require", "DATABASE_URL=postgresql://u@db/x?sslmode=require")]
#[case(Engine::Knex, "postgresql://u@db/x?sslmode=require", "PGSSLMODE=require")]
#[case(
    Engine::Prisma,
    "postgresql://u@db/x?sslmode=require",
    "DATABASE_URL=postgresql://u@db/x?sslmode=require&schema=my%20schema&options=-c%20search_path%3D%22my%5C%20schema%22"
)]
#[case(Engine::Goose, "postgresql://u@db/x", "GOOSE_DBSTRING=postgresql://u@db/x")]
#[case(Engine::Alembic, "postgresql://u@db/x", r#"PGOPTIONS=-c search_path="my\ schema""#)]
#[case(
    Engine::Liquibase,
    "postgresql://u@db/x?options=-c%20a%3D1",
    "LIQUIBASE_COMMAND_URL=jdbc:postgresql://db:5432/x?options=-c%20a%3D1&currentSchema=my%20schema"
)]
fn a_url_of_any_database_becomes_what_the_tool_reads(
    #[case] engine: Engine,
    #[case] url: &str,
    #[case] expected: &str,
) {
    let database = Database { url, schema: "my schema", set_search_path: true, lock_timeout: None };
    let seen = seen(engine, &database);
    assert!(seen.iter().any(|line| line == expected), "{seen:#?}");
}

#[test]
fn a_password_is_not_in_what_is_shown() {
    let folder = project(&[("path/bin/knex", "")]);
    let invocation = invocation(Engine::Knex, &Action::Migrate, &place(&folder), &database(URL)).unwrap();
    assert!(!format!("{invocation} {invocation:?}").contains("p@ss"), "{invocation}");
    let error = variables(Engine::Knex, &database("mysql://u:p@ss/x")).unwrap_err();
    assert!(!format!("{error:?}").contains("p@ss"), "{error:?}");
}
