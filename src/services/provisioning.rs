//! What the services' provisioning has in common on a laptop.

use std::fmt::Display;
use std::sync::LazyLock;
use std::time::Duration;

use plattr_api::Environment;

use super::{Context, Provisioned, Service};
use crate::stack::App;
use crate::ui::error::{CommandError, ErrorKind};

/// Everything on a laptop is in this environment.
pub const LOCAL: Environment = Environment::Local;
/// The region that MinIO answers for unless told otherwise.
pub const REGION: &str = "us-east-1";

/// One client for all: it keeps its connections. No proxy stands between this machine and itself.
pub fn http() -> &'static reqwest::Client {
    static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
        reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(30))
            .build()
            // Fails only where TLS cannot be set up, and then nothing of plattr works; see main.
            .unwrap_or_default()
    });
    &CLIENT
}

/// The applications of the stack that ask for a service.
pub fn asking<'a>(service: &'a dyn Service, cx: Context<'a>) -> impl Iterator<Item = &'a App> {
    cx.stack.apps.values().filter(|app| service.wanted_here(app))
}

/// The port of an endpoint of a service that the stack shares.
pub fn port(service: &dyn Service, cx: Context<'_>, endpoint: &str) -> u16 {
    cx.ports.get(service.name(), endpoint)
}

/// A provisioning that failed.
pub fn failed<E: std::error::Error + Send + Sync + 'static>(
    service: &dyn Service,
    app: &App,
) -> impl Fn(E) -> CommandError + use<E> {
    let (title, name, app) = (service.title(), service.name(), app.name.clone());
    move |error| {
        CommandError::new(
            ErrorKind::Failed,
            "provision-failed",
            format!("{title} could not be provisioned for `{app}`"),
        )
        .because(error)
        .hint(format!("`plattr dev` again repeats it; `plattr logs {name}` shows what {title} said"))
    }
}

impl Provisioned {
    /// Adds the changes of one application, whose name is said where there are several.
    pub fn add(&mut self, cx: Context<'_>, app: &App, changes: &[impl Display]) {
        let several = cx.stack.apps.len() > 1;
        self.changes.extend(changes.iter().map(|change| match several {
            true => format!("{}: {change}", app.name),
            false => change.to_string(),
        }));
    }
}
