//! A stack is what runs; applications join it.
//!
//! Bringing one up is always the same five steps, one file each: observe → plan → apply →
//! verify → report (the last is the command's own).

pub mod apply;
pub mod lock;
pub mod observe;
pub mod open;
pub mod plan;
pub mod ports;
pub mod registry;
pub mod snapshot;
pub mod state;
pub mod stop;
pub mod verify;

use std::collections::BTreeMap;
use std::path::PathBuf;

use plattr_api::application::Provider;
use plattr_api::{AppName, ApplicationSpec, Names};
use serde::{Deserialize, Serialize};

use crate::services::Service;

/// What runs together: one set of services, and the applications that share it.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Its name: the application's, unless `local.stack` or a workspace names another.
    pub name: String,
    /// Where its state, lock and private files are: `.plattr` of the project or the workspace, or a folder
    /// of the user's where projects in different places share a stack.
    pub root: PathBuf,
    /// Where the services keep data, configuration and logs. The same as `root`, except when root runs
    /// plattr in a folder that the services' unprivileged user cannot reach.
    pub home: PathBuf,
    /// The applications, by name.
    pub apps: BTreeMap<AppName, App>,
}

/// An application of a stack, as its project describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct App {
    /// Its name.
    pub name: AppName,
    /// The folder of its `plattr.yaml`.
    pub root: PathBuf,
    /// What it needs.
    pub spec: ApplicationSpec,
    /// What it needs on a laptop only.
    pub local: LocalApp,
}

/// What an application needs on a laptop only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LocalApp {
    /// Origins from which browsers may reach its buckets and sign in.
    pub origins: Vec<String>,
    /// Whether the search has a console.
    #[serde(default)]
    pub dashboards: bool,
    /// The throw-away state of a test run that this is, instead of the application's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolated: Option<String>,
    /// The database that has its schema, where that is not the stack's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// People who can sign in, all with the documented local password unless they have their own.
    pub users: Vec<LocalUser>,
    /// Client ids and secrets of identity providers; never written to disk.
    #[serde(skip)]
    pub providers: BTreeMap<Provider, (String, String)>,
}

/// Someone who can sign in on a laptop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalUser {
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
    /// E-mail address.
    pub email: String,
}

impl App {
    /// Its names on this machine.
    pub fn names(&self) -> Names {
        let names = Names::new(&self.name, plattr_api::Environment::Local);
        match &self.local.isolated {
            Some(id) => names.isolated(id),
            None => names,
        }
    }

    /// The database that has its schema.
    pub fn database(&self) -> &str {
        self.local.database.as_deref().unwrap_or(crate::services::postgres::ADMIN)
    }

    /// The same application with its schema in another database.
    #[must_use]
    pub fn in_database(&self, name: &str) -> Self {
        let mut app = self.clone();
        app.local.database = Some(name.to_owned());
        app
    }

    /// The throw-away state `id` of the application.
    #[must_use]
    pub fn isolated(&self, id: &str) -> Self {
        let mut app = self.in_database(&self.names().isolated_database(id));
        app.local.isolated = Some(id.to_owned());
        app
    }
}

/// One service of a stack as it runs: shared by all applications, or one application's own.
#[derive(Clone)]
pub struct Instance {
    /// Which service.
    pub service: &'static dyn Service,
    /// Whose, where each application has its own.
    pub app: Option<AppName>,
}

impl Instance {
    /// Identifies it in state, logs and ports: `postgres`, `postgrest-todo`.
    pub fn id(&self) -> String {
        match &self.app {
            Some(app) => format!("{}-{app}", self.service.name()),
            None => self.service.name().to_owned(),
        }
    }
}

/// Ports of this machine by `instance.endpoint`, such as `minio.console`; chosen once and then kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ports(pub BTreeMap<String, u16>);

impl Ports {
    /// The port of an endpoint. Every endpoint of every instance has one before anything is started.
    pub fn get(&self, instance: &str, endpoint: &str) -> u16 {
        self.0.get(&format!("{instance}.{endpoint}")).copied().unwrap_or_default()
    }
}

/// What provisioning one service tells those that need it, by name: `keycloak.jwks.todo`.
pub type Facts = BTreeMap<String, String>;
