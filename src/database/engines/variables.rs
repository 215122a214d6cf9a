//! What the tools have to know of the database, in the names that each of them reads.

use std::time::Duration;

use plattr_api::Variables;
use plattr_api::variables::percent_encode;
use plattr_db::Server;
use tokio_postgres::config::Host;

use super::Engine;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// A database, as the login that owns the schema sees it.
#[derive(Clone)]
pub struct Database<'a> {
    /// A URL that libpq accepts.
    pub url: &'a str,
    /// The schema.
    pub schema: &'a str,
    /// Whether the search path has to be set for each session, because the login's own is another (`--schema`). It is
    /// a startup parameter, which some poolers refuse.
    pub set_search_path: bool,
    /// How long a statement may wait for a lock: tools that lock do it for ever otherwise. Also a startup
    /// parameter.
    pub lock_timeout: Option<Duration>,
}

/// The variables for one engine. Every tool gets the same ones, except where two of them give different meanings to one
/// name: `DATABASE_URL`.
///
/// # Errors
/// When the URL cannot be read.
pub fn variables(engine: Engine, database: &Database) -> CommandResult<Variables> {
    // The reason could hold the URL, which has a password in it.
    let unreadable = |_| CommandError::new(ErrorKind::Usage, "db-url", "the URL of the database cannot be read");
    let config = Server::parse(database.url).map_err(unreadable)?.config;
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        #[cfg(unix)]
        Some(Host::Unix(folder)) => folder.display().to_string(),
        _ => String::new(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let user = config.get_user().unwrap_or_default();
    let name = config.get_dbname().unwrap_or(user);
    let password = config.get_password().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let query = database.url.split_once('?').map_or("", |(_, query)| query);
    let options = options(database);

    let schema = percent_encode(database.schema);
    let prisma = with_query(database.url, &[("schema", &schema), ("options", &percent_encode(&options))]);
    let own_url = match engine {
        Engine::Prisma => prisma.clone(),
        _ => database.url.to_owned(),
    };
    let jdbc = format!("jdbc:postgresql://{host}:{port}/{}?{query}", percent_encode(name));
    let jdbc = with_query(&jdbc, &[("currentSchema", &schema), ("options", &percent_encode(&options))]);
    let login = [("user", user), ("password", password.as_deref().unwrap_or_default())]
        .map(|(name, value)| (name, percent_encode(value)));
    let jdbc_with_login = with_query(&jdbc, &login.each_ref().map(|(name, value)| (*name, value.as_str())));

    let mut v = Variables::new();
    v.set("DATABASE_URL", own_url);
    v.set("MIGRATION_DATABASE_URL", database.url);
    v.set("PRISMA_DATABASE_URL", prisma);
    v.set("JDBC_DATABASE_URL", jdbc_with_login);
    v.set("DATABASE_SCHEMA", database.schema);
    v.set("PGHOST", host);
    v.set("PGPORT", port.to_string());
    v.set("PGDATABASE", name);
    v.set("PGUSER", user);
    for (name, parameter) in [("PGSSLMODE", "sslmode"), ("PGSSLROOTCERT", "sslrootcert")] {
        if let Some(value) = query.split('&').find_map(|pair| pair.strip_prefix(parameter)?.strip_prefix('=')) {
            v.set(name, value);
        }
    }
    if !options.is_empty() {
        v.set("PGOPTIONS", options);
    }
    let secret = match engine {
        Engine::Flyway => Some("FLYWAY_PASSWORD"),
        Engine::Liquibase => Some("LIQUIBASE_COMMAND_PASSWORD"),
        _ => None,
    };
    // Without a password in the URL the tool may find one by itself, as in ~/.pgpass.
    if let Some(password) = &password {
        ["PGPASSWORD"].into_iter().chain(secret).for_each(|variable| v.set(variable, password));
    }
    match engine {
        Engine::Flyway => {
            v.set("FLYWAY_URL", jdbc);
            v.set("FLYWAY_USER", user);
            v.set("FLYWAY_DEFAULT_SCHEMA", database.schema);
        }
        Engine::Liquibase => {
            v.set("LIQUIBASE_COMMAND_URL", jdbc);
            v.set("LIQUIBASE_COMMAND_USERNAME", user);
            v.set("LIQUIBASE_COMMAND_DEFAULT_SCHEMA_NAME", database.schema);
            v.set("LIQUIBASE_LIQUIBASE_SCHEMA_NAME", database.schema);
        }
        Engine::Goose => {
            v.set("GOOSE_DRIVER", "postgres");
            v.set("GOOSE_DBSTRING", database.url);
        }
        _ => {}
    }
    Ok(v)
}

/// Settings of every session, as libpq's `options` has them.
fn options(database: &Database) -> String {
    let timeout = database.lock_timeout.map(|wait| format!("-c lock_timeout={}ms", wait.as_millis()));
    let path = database.set_search_path.then(|| {
        // A backslash keeps a blank from ending the word.
        let quoted = plattr_db::quote(database.schema).replace('\\', "\\\\").replace(' ', "\\ ");
        format!("-c search_path={quoted}")
    });
    timeout.into_iter().chain(path).collect::<Vec<_>>().join(" ")
}

/// A URL with more parameters; those without a value are left out, and what the URL says itself stays.
fn with_query(url: &str, parameters: &[(&str, &str)]) -> String {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let said =
        |name: &str| query.split('&').any(|pair| pair.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')));
    let added = parameters.iter().filter(|(name, value)| !value.is_empty() && !said(name));
    let pairs: Vec<_> = (query.split('&').filter(|pair| !pair.is_empty()).map(str::to_owned))
        .chain(added.map(|(name, value)| format!("{name}={value}")))
        .collect();
    if pairs.is_empty() { base.to_owned() } else { format!("{base}?{}", pairs.join("&")) }
}
