//! PostgreSQL: a schema, three logins and two roles, made through an admin that is not a superuser.
//!
//! | Role | Login | May |
//! |---|---|---|
//! | migrator | yes | own the schema and everything in it (X-10) |
//! | app | yes | read and write rows; no DDL |
//! | authenticator | yes, `NOINHERIT` | become anon or authenticated, nothing else (X-04) |
//! | anon | no | read `api.anonTables` |
//! | authenticated | no | what `api.authenticated` says |
//!
//! **Tables of later migrations** get their grants from `ALTER DEFAULT PRIVILEGES FOR ROLE migrator`: default
//! privileges of the admin would not apply to tables that the migrator creates.
//!
//! **Functions.** PostgreSQL lets PUBLIC execute every new function, which PostgREST would offer to anyone as
//! `/rpc/…`. This is taken away for functions of the migrator. The application may execute them, and signed-in
//! users where `api.authenticated` is not `none` (row-level policies often call one). A migration that wants
//! anonymous callers says `GRANT EXECUTE ON FUNCTION … TO {schema}_anon`.
//!
//! **What a migration grants is kept, and so is what it revokes.** Tables that are there already get a privilege when
//! it becomes one of the default privileges; from then on it is the migrations' to take away. (Not so the tables of
//! `api.anonTables`, which are named one by one.) What plattr itself
//! gave is taken back when `plattr.yaml` no longer asks for it: default privileges show what signed-in users
//! were given, and a comment on the role anon lists its tables.
//!
//! Passwords reach the server as SCRAM verifiers, so no statement log has them. Whether one is right is found
//! by logging in, so an unchanged password is never written.

mod apply;
mod observe;
mod plan;
mod verify;

use std::collections::BTreeSet;

use plattr_api::application::TableAccess;
use plattr_api::{ApplicationSpec, Environment, Names};
use tokio_postgres::{Client, Config, NoTls};

use crate::Login;

pub use apply::{apply, deprovision, notify_reload};
pub use observe::{Grant, Membership, Object, Observed, Role, Schema, observe};
pub use plan::{Change, plan};
pub use verify::{RestTarget, verify, verify_rest};

/// Why provisioning PostgreSQL failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection, or the login was refused.
    #[error("cannot connect to PostgreSQL as `{user}`: {reason}")]
    Connect {
        /// Login.
        user: String,
        /// What the server or the network said.
        reason: String,
    },
    /// The state of the database could not be read.
    #[error("cannot read {what} from PostgreSQL: {reason}")]
    Observe {
        /// What was read.
        what: &'static str,
        /// What the server said.
        reason: String,
    },
    /// The schema belongs to someone else.
    #[error("the schema `{schema}` exists and is not ours: {found}, but `{expected}` was expected")]
    NotOurs {
        /// Schema.
        schema: String,
        /// What its comment says.
        found: String,
        /// What it should say.
        expected: String,
    },
    /// A statement was refused.
    #[error("cannot {what}: {reason}")]
    Apply {
        /// What was to be done.
        what: String,
        /// What the server said.
        reason: String,
    },
    /// Everything was applied, and something still differs.
    #[error("PostgreSQL still differs after provisioning: {}", remaining.join(", "))]
    NotConverged {
        /// What the new plan would do.
        remaining: Vec<String>,
    },
}

/// What the server said, with its code; tokio-postgres' own text is only "db error".
pub(crate) fn reason(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => format!("{} (SQLSTATE {})", db.message(), db.code().code()),
        None => {
            let mut text = error.to_string();
            let mut source = std::error::Error::source(error);
            while let Some(inner) = source {
                text = format!("{text}: {inner}");
                source = inner.source();
            }
            text
        }
    }
}

/// Opens a connection. The one place where TLS will be chosen: an Aurora cluster demands it, loopback does not
/// have it.
///
/// # Errors
/// [`Error::Connect`] when the server cannot be reached or refuses the login.
pub async fn connect(config: &Config) -> Result<Client, Error> {
    try_connect(config)
        .await
        .map_err(|e| Error::Connect { user: config.get_user().unwrap_or("?").into(), reason: reason(&e) })
}

/// [`connect`] for those who need the server's error code.
async fn try_connect(config: &Config) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    // The connection ends with its client; an error in it also reaches the statement that waits for it.
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a PostgreSQL connection ended");
        }
    });
    Ok(client)
}

/// `config` with another login.
fn with_login(config: &Config, login: &Login) -> Config {
    let mut config = config.clone();
    config.user(&login.user).password(&login.password);
    config
}

/// Passwords of the three logins.
#[derive(Clone, PartialEq, Eq)]
pub struct Passwords {
    /// Of the application.
    pub app: String,
    /// Of the migrator.
    pub migrator: String,
    /// Of PostgREST's authenticator.
    pub authenticator: String,
}

/// What one application needs from PostgreSQL.
#[derive(Clone, PartialEq, Eq)]
pub struct Desired {
    /// Who owns the schema, as its comment says after `plattr: `.
    pub owner: String,
    /// Schema.
    pub schema: String,
    /// Login that owns the schema.
    pub migrator: Login,
    /// Login of the application.
    pub app: Login,
    /// Login of PostgREST.
    pub authenticator: Login,
    /// Role of requests without a token.
    pub anon: String,
    /// Role of requests with a token.
    pub authenticated: String,
    /// What signed-in users may do with tables.
    pub access: TableAccess,
    /// Tables and views that anyone may read.
    pub anon_tables: BTreeSet<String>,
    /// Channel on which PostgREST hears of a changed schema.
    pub notify_channel: String,
    /// How many times the usual number of connections the logins may have.
    pub room: i32,
}

/// Connections of the application's login; a pool of ten in each of four processes.
const APP_CONNECTIONS: i32 = 40;
/// PostgREST's pool is ten, and one more listens.
const AUTHENTICATOR_CONNECTIONS: i32 = 20;
/// Migrations run one at a time; the rest is for `plattr db shell`, `verify` and a tool that was left open.
const MIGRATOR_CONNECTIONS: i32 = 10;

impl Desired {
    /// What `spec` needs under `names`.
    pub fn new(names: &Names, environment: Environment, spec: &ApplicationSpec, passwords: Passwords) -> Self {
        let login = |user: &String, password| Login { user: user.clone(), password };
        Self {
            owner: crate::owner(names, environment),
            schema: names.schema.clone(),
            migrator: login(&names.migrator_role, passwords.migrator),
            app: login(&names.app_role, passwords.app),
            authenticator: login(&names.authenticator_role, passwords.authenticator),
            anon: names.anon_role.clone(),
            authenticated: names.authenticated_role.clone(),
            access: spec.database.api.authenticated,
            anon_tables: spec.database.api.anon_tables.iter().cloned().collect(),
            notify_channel: names.notify_channel.clone(),
            // Tests run beside the application, by the same logins and in databases of their own.
            room: if environment == Environment::Local { 2 } else { 1 },
        }
    }

    /// The comment that says whose the schema is.
    fn comment(&self) -> String {
        format!("plattr: {}", self.owner)
    }

    /// The logins and how many connections each may have.
    fn logins(&self) -> [(&Login, i32); 3] {
        [
            (&self.migrator, self.room * MIGRATOR_CONNECTIONS),
            (&self.app, self.room * APP_CONNECTIONS),
            (&self.authenticator, self.room * AUTHENTICATOR_CONNECTIONS),
        ]
    }

    /// All five roles.
    fn roles(&self) -> [&str; 5] {
        [&self.migrator.user, &self.app.user, &self.authenticator.user, &self.anon, &self.authenticated]
    }
}

/// Makes PostgreSQL as `desired`, and says what was done. `admin` connects to the database that is to hold the
/// schema, as a login with `CREATEROLE` that owns the database.
///
/// # Errors
/// [`Error::NotOurs`] when the schema belongs to someone else; otherwise what could not be read or done.
pub async fn ensure(admin: &Config, desired: &Desired) -> Result<Vec<Change>, Error> {
    let mut client = connect(admin).await?;
    let changes = plan(desired, &observe(&client, admin, desired).await?);
    if changes.is_empty() {
        return Ok(changes);
    }
    apply(&mut client, desired, &changes).await?;
    let remaining = plan(desired, &observe(&client, admin, desired).await?);
    if !remaining.is_empty() {
        return Err(Error::NotConverged { remaining: remaining.iter().map(ToString::to_string).collect() });
    }
    Ok(changes)
}
