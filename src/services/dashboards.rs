//! OpenSearch Dashboards: a console for the search, where plattr.yaml asks for it. It runs in a cluster only: nobody
//! publishes it as a package that could be pinned.

use async_trait::async_trait;
use plattr_api::{ApplicationSpec, Variables};
use plattr_backends::Check;

use super::image::Image;
use super::objects::Objects;
use super::probe::Probe;
use super::process::{NativeFolders, Process};
use super::provisioning::{http, port};
use super::{Context, Endpoint, LOOPBACK, Provision, Provisioned, Scope, Service};
use crate::stack::App;
use crate::ui::error::CommandResult;

/// OpenSearch Dashboards.
pub struct Dashboards;

#[async_trait]
impl Service for Dashboards {
    fn name(&self) -> &'static str {
        "dashboards"
    }

    fn title(&self) -> &'static str {
        "OpenSearch Dashboards"
    }

    fn scope(&self) -> Scope {
        Scope::Stack
    }

    fn wanted_by(&self, _spec: &ApplicationSpec) -> bool {
        // Environments have a console of their own.
        false
    }

    fn wanted_here(&self, app: &App) -> bool {
        app.spec.search.enabled && app.local.dashboards
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        &[Endpoint { name: "http", scheme: "http", port: 5601, shown: true }]
    }

    fn needs(&self) -> &'static [&'static str] {
        &["opensearch"]
    }

    fn environment_version(&self) -> Option<&'static str> {
        None
    }

    fn packages(&self) -> &'static [&'static str] {
        &[]
    }

    fn process(&self, _cx: Context<'_>, _folders: &NativeFolders<'_>) -> Process {
        // Never started: it has no package.
        Process::default()
    }

    fn image(&self) -> Image {
        Image::published("dashboards")
    }

    fn objects(&self, _cx: Context<'_>, _version: &str) -> CommandResult<Objects> {
        Objects::read(include_str!("../../manifests/local/dashboards.yaml"))
    }

    fn probe(&self, cx: Context<'_>) -> Probe {
        Probe::Http { url: status(cx), contains: Some("\"available\"".into()) }
    }

    async fn provision(&self, _cx: Context<'_>, _mode: Provision) -> CommandResult<Provisioned> {
        Ok(Provisioned::default())
    }

    async fn verify(&self, cx: Context<'_>, _app: &App) -> Vec<Check> {
        let answer = http().get(status(cx)).send().await.and_then(reqwest::Response::error_for_status);
        let detail = match &answer {
            Ok(_) => "the console says that it is available".to_owned(),
            Err(error) => error.to_string(),
        };
        vec![Check { service: "dashboards", name: "answers", passed: answer.is_ok(), detail, hint: None }]
    }

    fn variables(&self, _cx: Context<'_>, _app: &App) -> Variables {
        Variables::new()
    }
}

/// The console's own account of how it is.
fn status(cx: Context<'_>) -> String {
    format!("http://{LOOPBACK}:{}/api/status", port(&Dashboards, cx, "http"))
}
