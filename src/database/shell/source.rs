//! Who talks to which database, and how: the same for psql and for the prompt of our own.

use clap::ValueEnum;
use plattr_db::{Server, Session, SqlFailure, literal, quote};
use serde_json::{Map, Value};

use crate::database::target::Target;
use crate::services::LOCAL_PASSWORD;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// Whose eyes the database is seen with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Identity {
    /// The login that owns the schema, as migrations use it
    Migrator,
    /// The application's login
    App,
    /// PostgREST's login, before it knows who asks
    Authenticator,
    /// Somebody who is not signed in, as PostgREST lets them in
    Anon,
    /// Somebody who is signed in, as PostgREST lets them in
    Authenticated,
}

/// A login, and what is set at the beginning of each of its sessions.
#[derive(Clone)]
pub struct Login {
    /// Server, database, user.
    pub server: Server,
    /// Parameters of the server and their values, in order.
    pub settings: Vec<(&'static str, String)>,
}

/// A database and who talks to it.
pub struct Source {
    /// The database.
    pub target: Target,
    /// The login.
    pub login: Login,
    /// What the prompt says: `todo`, `todo (anon)`.
    pub label: String,
    /// As whom, where that was asked for.
    identity: Option<String>,
    /// Whether only reading is allowed.
    pub read_only: bool,
    /// How to be allowed more.
    pub way_out: &'static str,
}

/// What was asked for.
#[derive(Debug, Default)]
pub struct Wishes {
    /// `--schema`
    pub schema: Option<String>,
    /// `--as`
    pub identity: Option<Identity>,
    /// `--claims`
    pub claims: Option<String>,
    /// `--read-only`
    pub read_only: bool,
    /// `--write`
    pub write: bool,
}

impl Source {
    /// Decides who talks to `target`. A database elsewhere is only read unless writing is asked for.
    ///
    /// # Errors
    /// When an identity of the project's stack is asked for elsewhere, or the claims cannot be used.
    pub fn new(target: Target, wishes: &Wishes) -> CommandResult<Self> {
        let read_only = wishes.read_only || (!wishes.write && !target.server.is_of_this_machine());
        let mut login = Login { server: target.server.clone(), settings: Vec::new() };
        if let Some(schema) = &wishes.schema {
            login.settings.push(("search_path", quote(schema)));
        }
        if read_only {
            login.settings.push(("default_transaction_read_only", "on".to_owned()));
        }
        match (&target.local, wishes.identity) {
            (None, Some(_)) => {
                return Err(CommandError::new(
                    ErrorKind::Usage,
                    "identity",
                    "`--as` is for the project's own database",
                )
                .hint("`--db-url` names its login itself"));
            }
            (Some(local), Some(identity)) => {
                let names = local.app.names();
                let user = match identity {
                    Identity::App => &names.app_role,
                    Identity::Migrator => &names.migrator_role,
                    Identity::Authenticator | Identity::Anon | Identity::Authenticated => &names.authenticator_role,
                };
                login.server.config.user(user).password(LOCAL_PASSWORD);
                let role = match identity {
                    Identity::Anon => Some(&names.anon_role),
                    Identity::Authenticated => Some(&names.authenticated_role),
                    _ => None,
                };
                if let Some(role) = role {
                    let claims = claims(wishes.claims.as_deref(), role)?;
                    login.settings.push(("request.jwt.claims", claims));
                    login.settings.push(("role", role.clone()));
                }
            }
            (_, None) => {}
        }
        if wishes.claims.is_some() && !login.settings.iter().any(|(name, _)| *name == "role") {
            return Err(CommandError::new(
                ErrorKind::Usage,
                "claims",
                "`--claims` needs `--as anon` or `--as authenticated`",
            )
            .hint("only requests through PostgREST have claims"));
        }
        let way_out =
            if wishes.read_only { "leave `--read-only` out to change it" } else { "`--write` allows changes" };
        let mut source = Self { target, login, label: String::new(), identity: None, read_only, way_out };
        source.identity =
            wishes.identity.and_then(|identity| Some(identity.to_possible_value()?.get_name().to_owned()));
        let name = source.target.label.clone();
        source.renamed(&name);
        Ok(source)
    }

    /// Says in the prompt that it is another database.
    pub fn renamed(&mut self, name: &str) {
        let read_only = self.read_only.then(|| "read-only".to_owned());
        let notes: Vec<String> = self.identity.iter().cloned().chain(read_only).collect();
        self.label = if notes.is_empty() { name.to_owned() } else { format!("{name} ({})", notes.join(", ")) };
    }
}

impl Login {
    /// Opens a session.
    ///
    /// # Errors
    /// When the server cannot be reached, refuses the login, or a setting.
    pub async fn connect(&self) -> Result<Session, SqlFailure> {
        let session = self.server.connect().await?;
        if !self.settings.is_empty() {
            let set: Vec<String> = self
                .settings
                .iter()
                .map(|(name, value)| format!("pg_catalog.set_config({}, {}, false)", literal(name), literal(value)))
                .collect();
            session.client.batch_execute(&format!("SELECT {}", set.join(", "))).await?;
        }
        Ok(session)
    }
}

/// What PostgREST sets for a request: the claims of its token, which always name the role.
fn claims(given: Option<&str>, role: &str) -> CommandResult<String> {
    let mut claims: Map<String, Value> = match given {
        None => Map::new(),
        Some(text) => serde_json::from_str(text).map_err(|error| {
            CommandError::new(ErrorKind::Usage, "claims", "`--claims` is no JSON object")
                .because(error)
                .hint("write it as '{\"sub\": \"…\"}'")
        })?,
    };
    claims.entry("role").or_insert_with(|| role.into());
    Ok(Value::Object(claims).to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn remote(url: &str) -> Target {
        let server = Server::parse(url).unwrap();
        Target { server, url: url.into(), schema: "public".into(), label: "db/shop".into(), local: None }
    }

    #[test]
    fn a_database_elsewhere_is_only_read_unless_writing_is_asked_for() {
        let url = "postgresql://u@db.example.com/shop";
        let source = Source::new(remote(url), &Wishes::default()).unwrap();
        assert!(source.read_only);
        assert_eq!(source.label, "db/shop (read-only)");
        assert_eq!(source.login.settings, [("default_transaction_read_only", "on".to_owned())]);
        let source = Source::new(remote(url), &Wishes { write: true, ..Wishes::default() }).unwrap();
        assert!(!source.read_only && source.login.settings.is_empty());
    }

    #[test]
    fn identities_of_the_stack_are_unknown_elsewhere() {
        let wishes = Wishes { identity: Some(Identity::Anon), ..Wishes::default() };
        assert_eq!(Source::new(remote("postgresql://u@db/shop"), &wishes).map(|_| ()).unwrap_err().code, "identity");
        let wishes = Wishes { claims: Some("{}".into()), ..Wishes::default() };
        assert_eq!(Source::new(remote("postgresql://u@db/shop"), &wishes).map(|_| ()).unwrap_err().code, "claims");
    }

    #[test]
    fn claims_always_name_the_role() {
        assert_eq!(claims(None, "todo_anon").unwrap(), r#"{"role":"todo_anon"}"#);
        assert_eq!(claims(Some(r#"{"sub":"1","role":"x"}"#), "todo_anon").unwrap(), r#"{"sub":"1","role":"x"}"#);
        assert_eq!(claims(Some("[]"), "todo_anon").unwrap_err().code, "claims");
    }
}
