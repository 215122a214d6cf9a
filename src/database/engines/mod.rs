//! Migration engines of others: which of them a project uses, how their tools are called, and what these have to know.
//!
//! files of the project → [`detect`]; engine and action → words ([`words`]) for a program ([`tool`]) with variables
//! ([`variables`]) → [`Invocation`]. Nothing is started here.

pub mod detect;
pub mod tool;
pub mod variables;
pub mod words;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use plattr_api::Variables;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use variables::Database;

/// What runs a project's migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// plattr itself: ordered SQL files
    Sql,
    /// Prisma Migrate
    Prisma,
    /// drizzle-kit
    Drizzle,
    /// Knex
    Knex,
    /// TypeORM
    Typeorm,
    /// sequelize-cli
    Sequelize,
    /// Alembic
    Alembic,
    /// Django
    Django,
    /// Rails
    Rails,
    /// Flyway
    Flyway,
    /// Liquibase
    Liquibase,
    /// goose
    Goose,
}

impl Engine {
    /// The name that `--engine` takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sql => "sql",
            Self::Prisma => "prisma",
            Self::Drizzle => "drizzle",
            Self::Knex => "knex",
            Self::Typeorm => "typeorm",
            Self::Sequelize => "sequelize",
            Self::Alembic => "alembic",
            Self::Django => "django",
            Self::Rails => "rails",
            Self::Flyway => "flyway",
            Self::Liquibase => "liquibase",
            Self::Goose => "goose",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What an engine is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Apply everything that is pending.
    Migrate,
    /// Apply up to, and with, this version, as the engine names versions.
    To(String),
    /// Show what is applied and what is pending.
    Status,
    /// Show what [`Action::Migrate`] would do.
    DryRun,
    /// Take back the last migration.
    Rollback,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Migrate => "migrate",
            Self::To(_) => "migrate to one version",
            Self::Status => "show which migrations are applied",
            Self::DryRun => "show what a migration would do",
            Self::Rollback => "take back a migration",
        })
    }
}

/// A program to run. Shown, it is the command line; the variables have secrets in them and are not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables that it gets besides, or instead of, its caller's.
    pub env: Variables,
    /// Where it runs.
    pub cwd: PathBuf,
}

impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = self.program.strip_prefix(&self.cwd).unwrap_or(&self.program);
        write!(f, "{}", program.display())?;
        self.args.iter().try_for_each(|arg| write!(f, " {arg}"))
    }
}

impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Where tools are looked for.
#[derive(Debug, Clone)]
pub struct Place {
    /// Folder of the project.
    pub root: PathBuf,
    /// `PATH`.
    pub path: Option<OsString>,
}

impl Place {
    /// A project, and the programs of this process.
    pub fn of(root: &Path) -> Self {
        Self { root: root.to_owned(), path: std::env::var_os("PATH") }
    }
}

/// The command that does `action` with `engine`.
///
/// # Errors
/// When the engine has no such command, its tool is missing, or the project does not say what the tool needs.
pub fn invocation(engine: Engine, action: &Action, place: &Place, database: &Database) -> CommandResult<Invocation> {
    let words = words::words(engine, action).ok_or_else(|| cannot(engine, action))?;
    let tool = tool::find(engine, place)?;
    let mut args = tool.args(words);
    args.extend(tool::options(engine, &place.root)?);
    let mut env = variables::variables(engine, database)?;
    if let Some(folder) = detect::goose_folder(&place.root).filter(|_| engine == Engine::Goose) {
        env.set("GOOSE_MIGRATION_DIR", folder);
    }
    Ok(Invocation { program: tool.program, args, env, cwd: place.root.clone() })
}

fn cannot(engine: Engine, action: &Action) -> CommandError {
    let error = CommandError::new(ErrorKind::Usage, "engine-cannot", format!("{engine} cannot {action}"));
    match (engine, action) {
        (Engine::Drizzle, Action::Status) => {
            error.hint("its table `__drizzle_migrations` has what was applied: `plattr db shell`")
        }
        (Engine::Django, Action::To(_)) => {
            error.hint("name an app, or an app and a migration of it: `--to shop` or `--to shop.0002`")
        }
        (_, Action::Rollback) => error.hint("write a new migration that undoes it"),
        (_, Action::To(_)) => error.hint("leave `--to` out, or move later migrations aside meanwhile"),
        (_, Action::DryRun) => error.hint("`--status` shows what is pending; `plattr test` runs on a copy"),
        (_, Action::Status | Action::Migrate) => error,
    }
}
