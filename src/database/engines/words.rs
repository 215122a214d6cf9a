//! What each engine's tool is told.

use super::{Action, Engine};

/// The words for an action; none where the tool has no command for it.
pub fn words(engine: Engine, action: &Action) -> Option<Vec<String>> {
    let words: &[&str] = match (engine, action) {
        (Engine::Prisma, Action::Migrate) => &["migrate", "deploy"],
        (Engine::Prisma, Action::Status) => &["migrate", "status"],

        (Engine::Drizzle, Action::Migrate) => &["migrate"],

        (Engine::Knex, Action::Migrate) => &["migrate:latest"],
        (Engine::Knex, Action::Status) => &["migrate:list"],
        // `migrate:rollback` takes back a batch: everything that one run applied.
        (Engine::Knex, Action::Rollback) => &["migrate:down"],

        (Engine::Typeorm, Action::Migrate) => &["migration:run"],
        (Engine::Typeorm, Action::Status) => &["migration:show"],
        (Engine::Typeorm, Action::Rollback) => &["migration:revert"],

        (Engine::Sequelize, Action::Migrate) => &["db:migrate"],
        (Engine::Sequelize, Action::To(version)) => &["db:migrate", "--to", version],
        (Engine::Sequelize, Action::Status) => &["db:migrate:status"],
        (Engine::Sequelize, Action::Rollback) => &["db:migrate:undo"],

        (Engine::Alembic, Action::Migrate) => &["upgrade", "head"],
        (Engine::Alembic, Action::To(version)) => &["upgrade", version],
        (Engine::Alembic, Action::Status) => &["history", "--indicate-current"],
        // `upgrade --sql` never asks the database, so it would begin with the first migration.
        (Engine::Alembic, Action::DryRun) => &["history", "--indicate-current", "--rev-range", "current:head"],
        (Engine::Alembic, Action::Rollback) => &["downgrade", "-1"],

        (Engine::Django, Action::Migrate) => &["migrate", "--noinput"],
        (Engine::Django, Action::To(version)) => return django_to(version),
        (Engine::Django, Action::Status) => &["showmigrations"],
        (Engine::Django, Action::DryRun) => &["migrate", "--plan"],

        (Engine::Rails, Action::Migrate) => &["db:migrate"],
        (Engine::Rails, Action::To(version)) => return Some(owned(&["db:migrate", &format!("VERSION={version}")])),
        (Engine::Rails, Action::Status) => &["db:migrate:status"],
        (Engine::Rails, Action::Rollback) => &["db:rollback"],

        (Engine::Flyway, Action::Migrate) => &["migrate"],
        (Engine::Flyway, Action::To(version)) => return Some(owned(&["migrate", &format!("-target={version}")])),
        (Engine::Flyway, Action::Status) => &["info"],

        (Engine::Liquibase, Action::Migrate) => &["update"],
        (Engine::Liquibase, Action::To(tag)) => return Some(owned(&["update-to-tag", &format!("--tag={tag}")])),
        (Engine::Liquibase, Action::Status) => &["status", "--verbose"],
        (Engine::Liquibase, Action::DryRun) => &["update-sql"],
        (Engine::Liquibase, Action::Rollback) => &["rollback-count", "--count=1"],

        (Engine::Goose, Action::Migrate) => &["up"],
        (Engine::Goose, Action::To(version)) => &["up-to", version],
        (Engine::Goose, Action::Status) => &["status"],
        (Engine::Goose, Action::Rollback) => &["down"],

        _ => return None,
    };
    Some(owned(words))
}

/// Versions of Django are of one app: `shop` is its newest migration, `shop.0002` that one.
fn django_to(version: &str) -> Option<Vec<String>> {
    let (app, migration) = version.split_once('.').map_or((version, None), |(app, name)| (app, Some(name)));
    if app.is_empty() || !app.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return None;
    }
    let mut words = owned(&["migrate", "--noinput", app]);
    words.extend(migration.map(str::to_owned));
    Some(words)
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}
