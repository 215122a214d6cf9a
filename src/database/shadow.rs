//! A database beside the real one, in which migrations are replayed to see what they make.
//!
//! Its name says which process made it, so that the next run can drop what a killed one left behind. A comment would
//! come a moment after the database, and another run could take it for an abandoned one meanwhile; an advisory lock
//! against that holds in one database only, and runs come from many.

use std::time::Duration;

use jiff::Timestamp;
use plattr_db::catalog::Catalog;
use plattr_db::diff::environment;
use plattr_db::migrate::{self, ApplyError, Migration, Migrations, Plan};
use plattr_db::{Server, Session, SqlFailure, literal, quote, template};
use tokio_postgres::error::SqlState;

use super::migrate::LOCK_TIMEOUT;
use super::target::Target;
use crate::digest;
use crate::engines::native::process_table;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// What names of shadow databases begin with.
const PREFIX: &str = "plattr_shadow_";
/// After so long, one that was made on another machine is abandoned.
const FOREIGN_AGE: Duration = Duration::from_secs(24 * 3600);

/// A shadow of a database: a schema of the same name, empty at first.
pub struct Shadow {
    /// How to work on it.
    pub target: Target,
    place: Place,
}

/// Where it is.
enum Place {
    /// A database that was made for it.
    Made { admin: Box<Server>, name: String },
    /// A database that a person lent, with nothing in it but these schemas.
    Lent { schemas: Vec<String> },
}

/// Who made a shadow, as its name says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Maker {
    pid: u32,
    /// When the process began, in whatever the system counts.
    start: u64,
    /// When the shadow was made.
    at: Timestamp,
    /// A digest of the machine's name.
    host: String,
}

impl Maker {
    fn this() -> Self {
        let pid = std::process::id();
        Self {
            pid,
            start: process_table::alive(pid).map_or(0, |row| row.start),
            at: Timestamp::now(),
            host: digest::short(rustix::system::uname().nodename().to_bytes(), 4),
        }
    }

    /// `plattr_shadow_PID_START_MILLISECONDS_HOST`, the numbers in hexadecimal: 63 bytes are all that a name may have.
    fn name(&self) -> String {
        format!("{PREFIX}{:x}_{:x}_{:x}_{}", self.pid, self.start, self.at.as_millisecond(), self.host)
    }

    fn parse(name: &str) -> Option<Self> {
        let [pid, start, at, host] = name.strip_prefix(PREFIX)?.split('_').collect::<Vec<_>>().try_into().ok()?;
        Some(Self {
            pid: u32::from_str_radix(pid, 16).ok()?,
            start: u64::from_str_radix(start, 16).ok()?,
            at: Timestamp::from_millisecond(i64::from_str_radix(at, 16).ok()?).ok()?,
            host: host.to_owned(),
        })
    }

    /// Whether nobody works with it any more, as seen from the machine and at the moment of `this`.
    fn is_gone(&self, this: &Self, started: impl Fn(u32) -> Option<u64>) -> bool {
        if self.host == this.host {
            started(self.pid) != Some(self.start)
        } else {
            this.at.duration_since(self.at).unsigned_abs() > FOREIGN_AGE
        }
    }
}

impl Shadow {
    /// Makes an empty schema like the one of `target`: of the same name, with the same default privileges, and with
    /// the extensions that `live` has in other schemas and no migration makes. `lent` is the URL of a database to use
    /// instead of a new one.
    ///
    /// # Errors
    /// When the login may not make databases, or the lent one is not empty.
    pub async fn open(
        ui: &Ui,
        target: &Target,
        live: &Catalog,
        migrations: &Migrations,
        lent: Option<&str>,
    ) -> CommandResult<Self> {
        let shadow = match lent {
            Some(url) => Self::lent(target, url).await?,
            None => Self::made(ui, target).await?,
        };
        match shadow.furnish(target, live, migrations).await {
            Ok(()) => Ok(shadow),
            Err(error) => {
                shadow.close(ui).await;
                Err(error)
            }
        }
    }

    async fn made(ui: &Ui, target: &Target) -> CommandResult<Self> {
        let admin = target.local.as_ref().map_or_else(|| target.server.clone(), super::target::Local::admin);
        let session = target.session(&admin).await?;
        let this = Maker::this();
        drop_abandoned(ui, &session, &this).await.map_err(|e| target.explain("look for shadow databases", e))?;
        let name = this.name();
        let owner = target.server.config.get_user().map(|user| format!(" OWNER {}", quote(user))).unwrap_or_default();
        let made = session.client.batch_execute(&format!("CREATE DATABASE {}{owner}", quote(&name))).await;
        made.map_err(|e| cannot_make(target, e.into()))?;
        let server = target.server.database(&name);
        Ok(Self { target: like(target, server), place: Place::Made { admin: Box::new(admin), name } })
    }

    async fn lent(target: &Target, url: &str) -> CommandResult<Self> {
        let server = Server::parse(url).map_err(|error| {
            CommandError::new(ErrorKind::Usage, "shadow-url", "`--shadow-url` cannot be used")
                .because(error)
                .hint("write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
        })?;
        let mut shadow = Self { target: like(target, server), place: Place::Lent { schemas: Vec::new() } };
        let session = shadow.target.connect().await?;
        let schema = &target.schema;
        let there = match Catalog::read(&session.client, schema, &[]).await {
            Ok(catalog) => Some(catalog),
            Err(failure) if failure.is(&SqlState::INVALID_SCHEMA_NAME) => None,
            Err(failure) => return Err(target.explain("look at the shadow database", failure)),
        };
        let abandoned = |c: &Catalog| c.comment.as_deref().is_some_and(|text| Maker::parse(text).is_some());
        let refused = |what: String| {
            let message = format!("the database of `--shadow-url` has {what}");
            let error = CommandError::new(ErrorKind::Failed, "shadow-not-empty", message);
            Err(error.hint("name an empty database: all that the migrations make is dropped there"))
        };
        let others = schemas(&session).await.map_err(|e| target.explain("look at the shadow database", e))?;
        // Of a run that was killed, whatever is there is what its migrations made of an empty database.
        if there.as_ref().is_some_and(abandoned) {
            shadow.place = Place::Lent { schemas: vec!["public".into()] };
        } else {
            if there.is_some_and(|catalog| !is_empty(&catalog)) {
                return refused(format!("something in the schema `{schema}`"));
            }
            if let Some(other) = others.iter().find(|other| *other != schema && *other != "public") {
                return refused(format!("another schema, `{other}`"));
            }
            shadow.place = Place::Lent { schemas: others };
        }
        let sql = format!(
            "DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}; COMMENT ON SCHEMA {schema} IS {}",
            literal(&Maker::this().name()),
            schema = quote(schema),
        );
        session.client.batch_execute(&sql).await.map_err(|e| target.explain("empty the shadow's schema", e.into()))?;
        Ok(shadow)
    }

    /// What a schema has before its first migration.
    async fn furnish(&self, target: &Target, live: &Catalog, migrations: &Migrations) -> CommandResult {
        let session = self.target.connect().await?;
        let mut sql = format!("CREATE SCHEMA IF NOT EXISTS {};", quote(&live.schema));
        for statement in environment(live, target.server.config.get_user().unwrap_or_default()) {
            sql += &format!("{statement};");
        }
        session.client.batch_execute(&sql).await.map_err(|e| target.explain("prepare the shadow", e.into()))?;
        for extension in live.extensions.iter().filter(|e| e.schema != live.schema && e.schema != "pg_catalog") {
            let made_by = |text: &str| {
                let text = text.to_lowercase();
                text.contains("extension") && text.contains(&extension.name.to_lowercase())
            };
            if migrations.all.iter().any(|m| made_by(m.sql())) {
                continue;
            }
            let (schema, name) = (quote(&extension.schema), quote(&extension.name));
            let sql =
                format!("CREATE SCHEMA IF NOT EXISTS {schema}; CREATE EXTENSION IF NOT EXISTS {name} SCHEMA {schema}");
            // Those that only a superuser may make are seldom what a schema is made of.
            if let Err(error) = session.client.batch_execute(&sql).await {
                tracing::debug!(extension = extension.name, %error, "not in the shadow");
            }
        }
        Ok(())
    }

    /// Applies all migrations; `begins` hears of each file.
    ///
    /// # Errors
    /// When the shadow cannot be reached; inside, the migration that failed.
    pub async fn replay(
        &self,
        migrations: &Migrations,
        mut begins: impl FnMut(&str) + Send,
    ) -> CommandResult<Result<(), ApplyError>> {
        let mut session = self.target.connect().await?;
        let plan = Plan { pending: migrations.all.clone(), applied: 0 };
        let mut hear = |migration: &Migration, took: Option<Duration>| {
            if took.is_none() {
                begins(&migration.file_name());
            }
        };
        let applied = migrate::apply(&self.target.server, &mut session, &plan, LOCK_TIMEOUT, &mut hear).await;
        Ok(applied.map(|_| ()))
    }

    /// Drops it. What cannot be dropped now is dropped by the next run.
    pub async fn close(self, ui: &Ui) {
        let dropped = match &self.place {
            Place::Made { admin, name } => drop_database(admin, name).await,
            Place::Lent { schemas } => drop_made(&self.target, schemas).await,
        };
        if let Err(failure) = dropped {
            ui.warn(format!("the shadow database cannot be dropped: {failure}; the next `plattr db diff` does it"));
        }
    }
}

/// The same schema on another server, as nobody's stack.
fn like(target: &Target, server: Server) -> Target {
    Target { server, url: String::new(), schema: target.schema.clone(), label: target.label.clone(), local: None }
}

fn is_empty(catalog: &Catalog) -> bool {
    let Catalog { tables, views, routines, enums, domains, composites, ranges, sequences, others, .. } = catalog;
    let types = enums.len() + domains.len() + composites.len() + ranges.len();
    let extensions = catalog.extensions.iter().filter(|extension| extension.schema == catalog.schema).count();
    tables.len() + views.len() + routines.len() + types + sequences.len() + others.len() + extensions == 0
}

fn cannot_make(target: &Target, failure: SqlFailure) -> CommandError {
    if !failure.is(&SqlState::INSUFFICIENT_PRIVILEGE) {
        return target.explain("make a shadow database", failure);
    }
    let user = target.server.config.get_user().unwrap_or_default().to_owned();
    CommandError::new(ErrorKind::Failed, "shadow-denied", format!("`{user}` may not make a shadow database"))
        .because(failure)
        .hint("`--shadow-url URL` names an empty database to use instead, on any server of the same version")
        .hint(format!("a superuser lets it make databases: `ALTER ROLE {} CREATEDB`", quote(&user)))
}

async fn drop_database(admin: &Server, name: &str) -> Result<(), SqlFailure> {
    template::drop(&admin.connect().await?, name).await
}

/// Schemas of a database that are not the server's own.
async fn schemas(session: &Session) -> Result<Vec<String>, SqlFailure> {
    let query = "SELECT nspname::text FROM pg_namespace
                  WHERE NOT starts_with(nspname::text, 'pg_') AND nspname <> 'information_schema' ORDER BY 1";
    Ok(session.client.query(query, &[]).await?.iter().map(|row| row.get(0)).collect())
}

/// Drops the schema, and all others that were not there before.
async fn drop_made(target: &Target, before: &[String]) -> Result<(), SqlFailure> {
    let session = target.server.connect().await?;
    let mut sql = String::new();
    for schema in schemas(&session).await?.iter().filter(|it| **it == target.schema || !before.contains(it)) {
        sql += &format!("DROP SCHEMA IF EXISTS {} CASCADE;", quote(schema));
    }
    if target.schema == "public" {
        // As a new database has it.
        sql += "CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC;";
    }
    Ok(session.client.batch_execute(&sql).await?)
}

/// Drops what killed runs left behind. Where that fails, another run is at it, or somebody else's login owns it now:
/// no reason for this run to end.
async fn drop_abandoned(ui: &Ui, session: &Session, this: &Maker) -> Result<(), SqlFailure> {
    let query = "SELECT datname::text FROM pg_database
                 WHERE starts_with(datname::text, $1) AND pg_has_role(datdba, 'USAGE') ORDER BY 1";
    let started = |pid| process_table::alive(pid).map(|row| row.start);
    for row in session.client.query(query, &[&PREFIX]).await? {
        let name: String = row.try_get(0)?;
        if !Maker::parse(&name).is_some_and(|maker| maker.is_gone(this, started)) {
            continue;
        }
        match template::drop(session, &name).await {
            Ok(()) => ui.say(format!("dropped the shadow database {name}, which an earlier run left behind")),
            Err(error) => tracing::debug!(name, %error, "an abandoned shadow stays"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn maker(pid: u32, start: u64, host: &str, at: &str) -> Maker {
        Maker { pid, start, host: host.into(), at: at.parse().unwrap() }
    }

    #[test]
    fn a_name_says_who_made_it() {
        let made = maker(31, 123, "0a1b2c3d", "2026-11-21T08:00:00.007Z");
        assert_eq!(made.name(), "plattr_shadow_1f_7b_1a1fd1e8c07_0a1b2c3d");
        assert_eq!(Maker::parse(&made.name()), Some(made));
        for other in ["plattr_shadow_", "plattr_shadow_ab12", "plattr_shadow_1_2_3_4_5", "plattr_shadow_x_2_3_4", "app"]
        {
            assert_eq!(Maker::parse(other), None, "{other}");
        }
    }

    #[test]
    fn the_longest_name_is_a_name_for_postgresql() {
        let longest = Maker { pid: u32::MAX, start: u64::MAX >> 8, ..Maker::this() };
        assert!(longest.name().len() <= 63, "{}", longest.name());
    }

    #[test]
    fn a_shadow_is_abandoned_when_its_process_is_gone() {
        let this = maker(9, 500, "laptop", "2026-11-21T08:00:00Z");
        let running = |pid| (pid == 7).then_some(123);
        let gone = |pid, start, host, at| maker(pid, start, host, at).is_gone(&this, running);
        assert!(!gone(7, 123, "laptop", "2026-11-01T08:00:00Z"), "it runs");
        assert!(gone(8, 123, "laptop", "2026-11-21T07:59:00Z"), "no such process");
        assert!(gone(7, 99, "laptop", "2026-11-21T07:59:00Z"), "another process has its id");
        assert!(!gone(8, 1, "server", "2026-11-21T07:59:00Z"), "nobody can tell from here");
        assert!(gone(8, 1, "server", "2026-11-19T07:59:00Z"), "no run lasts a day");
    }
}
