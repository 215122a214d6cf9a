//! What each service is, wherever it runs. A service knows nothing of engines: it says, as values, which
//! ports it has, which program it is, how to tell that it works, what the application sees of it.
//!
//! Another service is one new file and one line in [`ALL`].

pub mod probe;
pub mod process;

use async_trait::async_trait;
use plattr_api::{ApplicationSpec, Variables};
use plattr_backends::Check;

use crate::stack::{App, Facts, Ports, Stack};
use crate::ui::error::CommandResult;
use probe::Probe;
use process::{NativeFolders, Process};

/// Every service, in the order in which people read them.
pub static ALL: &[&dyn Service] = &[];

/// The documented password of everything on a laptop (checklist 2); no environment uses it.
pub const LOCAL_PASSWORD: &str = "localdev";
/// The only address on which anything listens on a laptop.
pub const LOOPBACK: &str = "127.0.0.1";

/// Whether applications share a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One for the whole stack.
    Stack,
    /// One for each application, as PostgREST, which is a sidecar in every environment.
    Application,
}

/// A port that a service listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// Name within the service: `sql`, `api`, `console`.
    pub name: &'static str,
    /// Scheme of its URL.
    pub scheme: &'static str,
    /// The documented port (checklist 2); another is chosen where it is taken.
    pub port: u16,
    /// Whether people use it; the others are shown with `-v` only.
    pub shown: bool,
}

/// What a service needs to know about where it runs.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The stack with its applications.
    pub stack: &'a Stack,
    /// The application whose instance this is, for [`Scope::Application`].
    pub app: Option<&'a App>,
    /// All ports.
    pub ports: &'a Ports,
    /// What the services that it needs have told so far.
    pub facts: &'a Facts,
}

/// Whether provisioning writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provision {
    /// Say what would change.
    Plan,
    /// Change it.
    Apply,
}

/// What provisioning did, or would do.
#[derive(Debug, Default)]
pub struct Provisioned {
    /// One line a change, for people; empty when everything was there.
    pub changes: Vec<String>,
    /// For the services that need this one.
    pub facts: Facts,
    /// Worth a person's attention, such as an identity provider without a client secret.
    pub notes: Vec<String>,
}

/// A service.
#[async_trait]
pub trait Service: Send + Sync {
    /// Its name on the command line and in `plattr.yaml`: `postgres`.
    fn name(&self) -> &'static str;
    /// Its own name: `PostgreSQL`.
    fn title(&self) -> &'static str;
    /// Whether applications share it.
    fn scope(&self) -> Scope;
    /// Whether an application asks for it.
    fn wanted_by(&self, spec: &ApplicationSpec) -> bool;
    /// Its ports; the first is the one that programs use.
    fn endpoints(&self) -> &'static [Endpoint];
    /// Services that it cannot start without, where an application asks for them too.
    fn needs(&self) -> &'static [&'static str];
    /// The version that environments run, for a warning where another one serves on a laptop.
    fn environment_version(&self) -> &'static str;
    /// Packages (of `assets/packages.toml`) that its process needs.
    fn packages(&self) -> &'static [&'static str];
    /// The process, for the native engine.
    fn process(&self, cx: Context<'_>, folders: &NativeFolders<'_>) -> Process;
    /// How to tell that it answers.
    fn probe(&self, cx: Context<'_>) -> Probe;
    /// Makes what the applications need in it; writes nothing where all is there.
    async fn provision(&self, cx: Context<'_>, mode: Provision) -> CommandResult<Provisioned>;
    /// A real round trip, as the application `app` would make it.
    async fn verify(&self, cx: Context<'_>, app: &App) -> Vec<Check>;
    /// What the application `app` sees of it.
    fn variables(&self, cx: Context<'_>, app: &App) -> Variables;
}

/// The service called `name`.
pub fn find(name: &str) -> Option<&'static dyn Service> {
    ALL.iter().copied().find(|s| s.name() == name)
}
