//! PostgREST: the schema of one application as a REST API.

use std::time::Duration;

use async_trait::async_trait;
use plattr_api::variables::RestBinding;
use plattr_api::{ApplicationSpec, Variables};
use plattr_backends::postgres::RestTarget;
use plattr_backends::{Check, postgres as schemas};

use super::image::Image;
use super::objects::Objects;
use super::probe::Probe;
use super::process::{ConfigFile, NativeFolders, Process, StopSignal};
use super::provisioning::http;
use super::{Context, Endpoint, LOCAL_PASSWORD, LOOPBACK, Provision, Provisioned, Scope, Service, keycloak, postgres};
use crate::stack::{App, Instance, LocalUser};
use crate::ui::error::CommandResult;

/// PostgREST.
pub struct Postgrest;

#[async_trait]
impl Service for Postgrest {
    fn name(&self) -> &'static str {
        "postgrest"
    }

    fn title(&self) -> &'static str {
        "PostgREST"
    }

    fn scope(&self) -> Scope {
        Scope::Application
    }

    fn wanted_by(&self, spec: &ApplicationSpec) -> bool {
        spec.database.enabled
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        &[
            Endpoint { name: "http", scheme: "http", port: 3001, shown: true },
            Endpoint { name: "admin", scheme: "http", port: 3002, shown: false },
        ]
    }

    fn needs(&self) -> &'static [&'static str] {
        &["postgres"]
    }

    fn after(&self) -> &'static [&'static str] {
        // It knows the realm's keys from it.
        &["keycloak"]
    }

    fn environment_version(&self) -> Option<&'static str> {
        Some("12.2")
    }

    /// It keeps none.
    fn reads(&self, _wrote: &str, _runs: &str) -> bool {
        true
    }

    fn packages(&self) -> &'static [&'static str] {
        &["postgrest"]
    }

    fn process(&self, cx: Context<'_>, folders: &NativeFolders<'_>) -> Process {
        let config = folders.config.join("postgrest.conf");
        let keys = folders.config.join("jwks.json");
        let jwks = cx.app.and_then(|app| signing_keys(cx, app));
        let mut files = Vec::new();
        if let Some(app) = cx.app {
            let at = Place {
                host: LOOPBACK,
                database: (LOOPBACK, cx.ports.get("postgres", "sql")),
                http: port(cx, app, "http"),
                admin: port(cx, app, "admin"),
            };
            let settings = settings(app, &at, jwks.map(|_| format!("@{}", keys.display())));
            files.push(ConfigFile { path: config.clone(), contents: settings });
        }
        if let Some(jwks) = jwks {
            files.push(ConfigFile { path: keys, contents: jwks.clone() });
        }
        Process {
            program: folders.tools.program("postgrest", "postgrest"),
            args: vec![config.display().to_string()],
            env: super::environment(&folders.config.join("tmp")),
            files,
            stale: Vec::new(),
            initialise: None,
            stop_signal: StopSignal::Term,
        }
    }

    fn image(&self) -> Image {
        Image::published("postgrest")
    }

    fn objects(&self, cx: Context<'_>, _version: &str) -> CommandResult<Objects> {
        let mut objects = Objects::read(include_str!("../../manifests/local/postgrest.yaml"))?;
        let Some(app) = cx.app else { return Ok(objects) };
        let jwks = signing_keys(cx, app);
        let at = Place { host: "*4", database: ("postgres", 5432), http: 3001, admin: 3002 };
        let settings = settings(app, &at, jwks.map(|_| "@/plattr/config/jwks.json".to_owned()));
        objects.add("postgrest.conf", settings);
        if let Some(jwks) = jwks {
            objects.add("jwks.json", jwks.as_str());
        }
        Ok(objects)
    }

    fn probe(&self, cx: Context<'_>) -> Probe {
        let port = cx.app.map_or(0, |app| port(cx, app, "admin"));
        Probe::Http { url: format!("http://{LOOPBACK}:{port}/ready"), contains: None }
    }

    async fn provision(&self, _cx: Context<'_>, _mode: Provision) -> CommandResult<Provisioned> {
        // Everything that it needs is in PostgreSQL and in its configuration.
        Ok(Provisioned::default())
    }

    async fn verify(&self, cx: Context<'_>, app: &App) -> Vec<Check> {
        // Nobody signs in where Keycloak was left out; where it was not, its own checks tell what is wrong.
        let signs_in = app.spec.auth.enabled && keycloak::Keycloak.probe(cx).check().await.is_ok();
        let people: Vec<&LocalUser> = match signs_in {
            true => app.local.users.iter().take(2).collect(),
            false => Vec::new(),
        };
        let [one, two] = people.as_slice() else { return vec![anonymous(&url(cx, app)).await] };
        let tokens = match keycloak::tokens(cx, app, [one, two]).await {
            Ok(tokens) => tokens,
            Err(error) => return vec![check("token", false, error.to_string())],
        };
        let target = RestTarget {
            http: http(),
            url: &url(cx, app),
            tokens: [&tokens[0], &tokens[1]],
            deadline: Duration::from_secs(15),
        };
        schemas::verify_rest(&postgres::admin_of(cx, app), &postgres::desired(app), &target).await
    }

    fn variables(&self, cx: Context<'_>, app: &App) -> Variables {
        RestBinding { url: url(cx, app), internal_url: None }.variables()
    }
}

/// What can be tried where nobody can sign in: that the API describes itself.
async fn anonymous(url: &str) -> Check {
    match http().get(url).send().await.and_then(reqwest::Response::error_for_status) {
        Ok(_) => check("answers", true, "the API describes itself; rows need two people who can sign in to be tried"),
        Err(error) => check("answers", false, error.to_string()),
    }
}

fn check(name: &'static str, passed: bool, detail: impl Into<String>) -> Check {
    Check { service: "postgrest", name, passed, detail: detail.into(), hint: None }
}

/// A port of the application's instance.
fn port(cx: Context<'_>, app: &App, endpoint: &str) -> u16 {
    let instance = Instance { service: &Postgrest, app: Some(app.name.clone()) };
    cx.ports.get(&instance.id(), endpoint)
}

/// The public keys of the application's realm. Keys that were remembered from before sign-in was switched off do
/// not count: tokens are not accepted any more.
fn signing_keys<'a>(cx: Context<'a>, app: &App) -> Option<&'a String> {
    if !app.spec.auth.enabled {
        return None;
    }
    cx.facts.get(&keycloak::keys_fact(&app.name))
}

/// Where an instance runs.
struct Place<'a> {
    /// What it listens on, as PostgREST says it.
    host: &'a str,
    database: (&'a str, u16),
    http: u16,
    admin: u16,
}

/// postgrest.conf. Without sign-in there are no keys, and a request with a token is refused.
fn settings(app: &App, at: &Place<'_>, keys: Option<String>) -> String {
    let names = app.names();
    let uri = format!(
        "postgresql://{}:{LOCAL_PASSWORD}@{}:{}/{}",
        names.authenticator_role,
        at.database.0,
        at.database.1,
        app.database()
    );
    let mut settings = vec![
        ("db-uri", uri),
        ("db-schemas", names.schema),
        ("db-anon-role", names.anon_role),
        ("db-channel", names.notify_channel),
        ("db-channel-enabled", "true".into()),
        // Each application has a pool of its own (C-28).
        ("db-pool", "3".into()),
        ("db-max-rows", "1000".into()),
        ("db-config", "false".into()),
        ("openapi-mode", "follow-privileges".into()),
        ("server-host", at.host.to_owned()),
        ("server-port", at.http.to_string()),
        ("admin-server-port", at.admin.to_string()),
    ];
    if let Some(keys) = keys {
        settings.push(("jwt-secret", keys));
        settings.push(("jwt-aud", names.client_id));
    }
    let line = |(name, value): (&str, String)| match value.parse::<u32>().is_ok() || value == "true" || value == "false"
    {
        true => format!("{name} = {value}\n"),
        false => format!("{name} = \"{}\"\n", value.replace('\\', "\\\\").replace('"', "\\\"")),
    };
    settings.into_iter().map(line).collect()
}

/// Where the application's REST API is.
fn url(cx: Context<'_>, app: &App) -> String {
    format!("http://{LOOPBACK}:{}", port(cx, app, "http"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use super::*;
    use crate::stack::{Facts, LocalApp, Ports, Stack};

    fn app() -> App {
        App {
            name: "todo".parse().unwrap(),
            root: PathBuf::from("/todo"),
            spec: ApplicationSpec::default(),
            local: LocalApp::default(),
        }
    }

    fn stack() -> Stack {
        Stack { name: "todo".into(), root: "/s".into(), home: "/s".into(), apps: BTreeMap::new() }
    }

    #[test]
    fn remembered_keys_count_only_while_people_sign_in() {
        let (mut app, stack, ports) = (app(), stack(), Ports::default());
        let facts = Facts::from([(keycloak::keys_fact(&app.name), "{}".to_owned())]);
        let cx = Context { stack: &stack, app: None, ports: &ports, facts: &facts };
        app.spec.auth.enabled = true;
        assert!(signing_keys(cx, &app).is_some());
        app.spec.auth.enabled = false;
        assert_eq!(signing_keys(cx, &app), None);
    }

    #[test]
    fn ports_are_those_of_the_applications_own_instance() {
        let (app, stack, facts) = (app(), stack(), Facts::new());
        let ports = Ports(BTreeMap::from([("postgrest-todo.http".to_owned(), 3001)]));
        let cx = Context { stack: &stack, app: Some(&app), ports: &ports, facts: &facts };
        assert_eq!(url(cx, &app), "http://127.0.0.1:3001");
    }
}
