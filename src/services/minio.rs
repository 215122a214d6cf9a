//! MinIO: object storage as S3 has it.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use plattr_api::variables::StorageBinding;
use plattr_api::{ApplicationSpec, Variables};
use plattr_backends::{Check, Login, minio, s3};

use super::image::Image;
use super::objects::Objects;
use super::probe::Probe;
use super::process::{NativeFolders, Process, StopSignal};
use super::provisioning::{LOCAL, REGION, asking, failed, http, port};
use super::{Context, Endpoint, LOCAL_PASSWORD, LOOPBACK, Provision, Provisioned, Scope, Service};
use crate::stack::{App, Stack};
use crate::ui::error::CommandResult;

/// The documented administrator, and its password.
pub const ROOT: &str = "minioadmin";

/// MinIO.
pub struct Minio;

#[async_trait]
impl Service for Minio {
    fn name(&self) -> &'static str {
        "minio"
    }

    fn title(&self) -> &'static str {
        "MinIO"
    }

    fn scope(&self) -> Scope {
        Scope::Stack
    }

    fn wanted_by(&self, spec: &ApplicationSpec) -> bool {
        spec.storage.enabled
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        &[
            Endpoint { name: "api", scheme: "http", port: 9000, shown: true },
            Endpoint { name: "console", scheme: "http", port: 9001, shown: true },
        ]
    }

    fn needs(&self) -> &'static [&'static str] {
        &[]
    }

    fn environment_version(&self) -> Option<&'static str> {
        None
    }

    fn packages(&self) -> &'static [&'static str] {
        &["minio"]
    }

    fn process(&self, cx: Context<'_>, folders: &NativeFolders<'_>) -> Process {
        let (api, console) = (cx.ports.get("minio", "api"), cx.ports.get("minio", "console"));
        let mut env = super::environment(&folders.config.join("tmp"));
        env.extend(variables(cx.stack));
        Process {
            program: folders.tools.program("minio", "minio"),
            args: vec![
                "server".into(),
                "--quiet".into(),
                "--address".into(),
                format!("{LOOPBACK}:{api}"),
                "--console-address".into(),
                format!("{LOOPBACK}:{console}"),
                folders.data.display().to_string(),
            ],
            env,
            files: Vec::new(),
            stale: Vec::new(),
            initialise: None,
            stop_signal: StopSignal::Term,
        }
    }

    fn image(&self) -> Image {
        // Its publisher makes no images any more.
        Image { package: Some("minio"), ..Image::published("minio") }
    }

    fn objects(&self, cx: Context<'_>, _version: &str) -> CommandResult<Objects> {
        let mut objects = Objects::read(include_str!("../../manifests/local/minio.yaml"))?;
        objects.variables(variables(cx.stack));
        Ok(objects)
    }

    fn probe(&self, cx: Context<'_>) -> Probe {
        let port = cx.ports.get("minio", "api");
        // Its health check passes before its users are loaded.
        Probe::Refuses { url: format!("http://{LOOPBACK}:{port}/") }
    }

    async fn provision(&self, cx: Context<'_>, mode: Provision) -> CommandResult<Provisioned> {
        let mut provisioned = Provisioned::default();
        let server = server(self, cx);
        let client = s3::client(&server.url, REGION, &server.admin);
        for app in asking(self, cx) {
            let buckets = buckets(app);
            let key = minio::Desired::new(&app.names(), &buckets, LOCAL_PASSWORD);
            let of_buckets = async {
                match mode {
                    Provision::Plan => Ok(s3::plan(&buckets, &s3::observe(&client, &buckets).await?)),
                    Provision::Apply => s3::ensure(&client, &buckets).await,
                }
            };
            let of_key = async {
                match mode {
                    Provision::Plan => Ok(minio::plan(&key, &minio::observe(&server, &key).await?)),
                    Provision::Apply => minio::ensure(&server, &key).await,
                }
            };
            let (of_buckets, of_key) = futures::join!(of_buckets, of_key);
            provisioned.add(cx, app, &of_buckets.map_err(failed::<s3::Error>(self, app))?);
            provisioned.add(cx, app, &of_key.map_err(failed::<minio::Error>(self, app))?);
        }
        Ok(provisioned)
    }

    async fn discard(&self, cx: Context<'_>, app: &App) -> CommandResult {
        let server = server(self, cx);
        let client = s3::client(&server.url, REGION, &server.admin);
        let buckets = buckets(app);
        let key = minio::Desired::new(&app.names(), &buckets, LOCAL_PASSWORD);
        minio::deprovision(&server, &key).await.map_err(failed::<minio::Error>(self, app))?;
        s3::deprovision(&client, &buckets).await.map_err(failed::<s3::Error>(self, app))
    }

    async fn verify(&self, cx: Context<'_>, app: &App) -> Vec<Check> {
        let server = server(self, cx);
        let buckets = buckets(app);
        let key = minio::Desired::new(&app.names(), &buckets, LOCAL_PASSWORD).key;
        let admin = s3::client(&server.url, REGION, &server.admin);
        let own = s3::client(&server.url, REGION, &key);
        s3::verify(&s3::Target { admin: &admin, app: &own, http: http(), endpoint: &server.url }, &buckets).await
    }

    fn variables(&self, cx: Context<'_>, app: &App) -> Variables {
        let names = app.names();
        let buckets = buckets(app);
        StorageBinding {
            endpoint: Some(server(self, cx).url),
            region: REGION.to_owned(),
            key: Some(minio::Desired::new(&names, &buckets, LOCAL_PASSWORD).key),
            buckets: app.spec.storage.buckets.iter().map(|b| (b.name.clone(), names.bucket(&b.name))).collect(),
        }
        .variables()
    }
}

/// The variables of the server.
fn variables(stack: &Stack) -> BTreeMap<String, String> {
    [
        ("MINIO_ROOT_USER", ROOT.to_owned()),
        ("MINIO_ROOT_PASSWORD", ROOT.to_owned()),
        // It would ask its maker for a newer version.
        ("MINIO_UPDATE", "off".to_owned()),
        ("MINIO_API_CORS_ALLOW_ORIGIN", origins(stack)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// Origins of all applications: this MinIO knows them for the whole server only. Where no application names
/// one, pages of this machine may use it.
fn origins(stack: &Stack) -> String {
    let origins: BTreeSet<&str> = stack.apps.values().flat_map(|app| &app.local.origins).map(String::as_str).collect();
    if origins.is_empty() {
        return "http://localhost:*,http://127.0.0.1:*".into();
    }
    origins.into_iter().collect::<Vec<_>>().join(",")
}

fn server(service: &Minio, cx: Context<'_>) -> minio::Server {
    minio::Server {
        http: http().clone(),
        url: format!("http://{LOOPBACK}:{}", port(service, cx, "api")),
        region: REGION.to_owned(),
        admin: Login { user: ROOT.to_owned(), password: ROOT.to_owned() },
    }
}

fn buckets(app: &App) -> s3::Desired {
    s3::Desired::new(&app.names(), LOCAL, &app.spec, REGION, app.local.origins.clone())
}
