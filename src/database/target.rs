//! The database that a command works on: the project's own, or the one that `--db-url` names.

use std::fmt;

use clap::Args;
use plattr_api::Variables;
use plattr_db::server::{Server, UrlError};
use plattr_db::{Session, SqlFailure};
use tokio_postgres::error::SqlState;

use crate::project::Project;
use crate::services::postgres::{self, Postgres};
use crate::services::{LOCAL_PASSWORD, Service as _};
use crate::stack::App;
use crate::stack::observe::OpenStack;
use crate::stack::open::open;
use crate::stack::state::State;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::Globals;

/// The flags that say which database is meant.
#[derive(Clone, Default, Args)]
pub struct TargetArgs {
    /// Work on this database instead of the project's own: a URL that libpq accepts
    #[arg(long, value_name = "URL", env = "PLATTR_DB_URL", hide_env_values = true, help_heading = "Database")]
    pub db_url: Option<String>,
    /// The schema in it; the first of the login's search path unless given
    #[arg(long, value_name = "NAME", requires = "db_url", help_heading = "Database")]
    pub schema: Option<String>,
}

/// A database, reached as the login that owns the schema.
pub struct Target {
    /// Server, database and the owner's login.
    pub server: Server,
    /// The same as a URL that libpq accepts. A secret.
    pub url: String,
    /// The schema.
    pub schema: String,
    /// Where it is, for people: `todo` or `db.example.com/shop`.
    pub label: String,
    /// The project's own stack; none with `--db-url`.
    pub local: Option<Local>,
}

/// A database of the project's stack.
pub struct Local {
    /// The stack.
    pub open: OpenStack,
    /// The application whose schema it is.
    pub app: App,
}

impl Local {
    /// The administrator's login, who may make databases and is no superuser.
    pub fn admin(&self) -> Server {
        let instance = crate::stack::Instance { service: &Postgres, app: None };
        Server::plain(postgres::admin(self.open.context(&instance)))
    }

    /// What the application sees.
    pub fn variables(&self) -> Variables {
        self.open.variables(&self.app)
    }
}

impl fmt::Debug for TargetArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL has a password in it, and this is for the log.
        let db_url = self.db_url.as_ref().map(|_| "…");
        f.debug_struct("TargetArgs").field("db_url", &db_url).field("schema", &self.schema).finish()
    }
}

impl TargetArgs {
    /// Finds the database, and asks it for its schema where that is not known.
    ///
    /// # Errors
    /// When there is no such database, or the project has none or never ran.
    pub async fn open(&self, globals: &Globals) -> CommandResult<Target> {
        match &self.db_url {
            Some(url) => by_url(url, self.schema.as_deref()).await,
            None => own(&Project::find(globals.project.as_deref())?),
        }
    }
}

/// The database of the project. Nothing is asked of the server.
///
/// # Errors
/// When the project has no database, or never ran.
pub fn own(project: &Project) -> CommandResult<Target> {
    let open: OpenStack = open(project, None)?;
    let app = open.app(project)?.clone();
    if !app.spec.database.enabled {
        return Err(CommandError::new(ErrorKind::Config, "no-database", format!("`{}` has no database", app.name))
            .hint(
                "`database: {enabled: true}` in plattr.yaml and `plattr dev` give it one; `--db-url` names another",
            ));
    }
    let never_ran = || {
        CommandError::new(ErrorKind::Failed, "never-ran", format!("the database of `{}` was never started", app.name))
            .hint("`plattr dev` starts it; `--db-url` names another")
    };
    if State::read(&open.stack.root)?.is_none() || open.state.ports.get(Postgres.name(), "sql") == 0 {
        return Err(never_ran());
    }
    let names = app.names();
    let variables = open.variables(&app);
    let url = variables.get("MIGRATION_DATABASE_URL").ok_or_else(never_ran)?.to_owned();
    let local = Local { open, app };
    let mut server = local.admin();
    server.config.user(&names.migrator_role).password(LOCAL_PASSWORD);
    Ok(Target { server, url, schema: names.schema, label: local.app.name.to_string(), local: Some(local) })
}

async fn by_url(url: &str, schema: Option<&str>) -> CommandResult<Target> {
    let server = Server::parse(url).map_err(|error| {
        let hint = match &error {
            UrlError::Parameter(name) if name == "schema" => {
                "`--schema NAME` names the schema; a URL that libpq accepts has no `schema=` (C-04)"
            }
            UrlError::Parameter(_) => "leave it out: plattr takes what libpq accepts",
            UrlError::Invalid(_) => "write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
        };
        // The URL itself has a password in it.
        CommandError::new(ErrorKind::Usage, "db-url", "`--db-url` cannot be used").because(error).hint(hint)
    })?;
    let host = match server.config.get_hosts().first() {
        Some(tokio_postgres::config::Host::Tcp(host)) => host.clone(),
        _ => "a socket".to_owned(),
    };
    let label = format!("{host}/{}", server.config.get_dbname().unwrap_or_default());
    let mut target = Target { server, url: url.to_owned(), schema: String::new(), label, local: None };
    target.schema = match schema {
        Some(name) => name.to_owned(),
        None => {
            let session = target.connect().await?;
            let row = session.client.query_one("SELECT current_schema()::text", &[]).await;
            let row = row.map_err(|e| target.explain("look at the database", e.into()))?;
            row.get::<_, Option<String>>(0).unwrap_or_else(|| "public".to_owned())
        }
    };
    Ok(target)
}

impl Target {
    /// The same schema in another database of the stack.
    #[must_use]
    pub fn in_database(mut self, name: &str) -> Self {
        self.server = self.server.database(name);
        if let Some(local) = &mut self.local {
            local.app = local.app.in_database(name);
            let url = local.variables().get("MIGRATION_DATABASE_URL").map(str::to_owned);
            self.url = url.unwrap_or_default();
        }
        self
    }

    /// What a command that works on this database gets.
    pub fn variables(&self) -> Variables {
        if let Some(local) = &self.local {
            return local.variables();
        }
        let mut variables = Variables::new();
        variables.set("DATABASE_URL", &self.url);
        variables.set("MIGRATION_DATABASE_URL", &self.url);
        variables.set("DATABASE_SCHEMA", &self.schema);
        variables
    }

    /// Opens a session as the owner of the schema, with the schema first in its search path.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses the login, with what to do about it.
    pub async fn connect(&self) -> CommandResult<Session> {
        self.session(&self.server).await
    }

    /// As [`Target::connect`], with another login or database of the same server.
    ///
    /// # Errors
    /// As [`Target::connect`].
    pub async fn session(&self, server: &Server) -> CommandResult<Session> {
        let session = server.connect().await.map_err(|failure| self.unreachable(failure))?;
        if self.local.is_none() && !self.schema.is_empty() {
            let path = format!("SET search_path TO {}", plattr_db::quote(&self.schema));
            session.client.batch_execute(&path).await.map_err(|e| self.explain("choose the schema", e.into()))?;
        }
        Ok(session)
    }

    /// What is said where the server cannot be reached or refuses the login.
    pub fn unreachable(&self, failure: SqlFailure) -> CommandError {
        let refused =
            failure.is(&SqlState::INVALID_PASSWORD) || failure.is(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION);
        let error = |kind, code| {
            CommandError::new(kind, code, format!("cannot connect to the database of {}", self.label))
                .because(failure.clone())
        };
        match (&self.local, refused) {
            (Some(_), false) => error(ErrorKind::Environment, "database-unreachable")
                .hint("`plattr dev` starts it; `plattr status` shows what runs"),
            (Some(_), true) => error(ErrorKind::Failed, "database-login").hint("`plattr dev` makes its logins again"),
            (None, false) => error(ErrorKind::Remote, "database-unreachable")
                .hint("check host, port and `sslmode` of `--db-url`, and whether a firewall or a tunnel is in between"),
            (None, true) => error(ErrorKind::Remote, "database-login").hint("check user and password of `--db-url`"),
        }
    }

    /// A refusal of the server as an error of a command: what was to be done, why not, and what the server suggests.
    pub fn explain(&self, doing: &str, failure: SqlFailure) -> CommandError {
        let lost = failure.code.is_none();
        let (kind, code) = match (lost, &self.local) {
            (true, None) => (ErrorKind::Remote, "database-lost"),
            (true, Some(_)) => (ErrorKind::Environment, "database-lost"),
            (false, _) => (ErrorKind::Failed, "database-refused"),
        };
        let hint = failure.hint.clone();
        let error = CommandError::new(kind, code, format!("cannot {doing}")).because(failure);
        match (hint, lost) {
            (Some(hint), _) => error.hint(format!("the server says: {hint}")),
            (None, true) => error.hint("run the same command again; nothing is half done"),
            (None, false) => error,
        }
    }
}
