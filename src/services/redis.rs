//! Redis: a cache with one user for each application.

use std::path::Path;

use async_trait::async_trait;
use plattr_api::variables::CacheBinding;
use plattr_api::{ApplicationSpec, Variables};
use plattr_backends::{Check, Login, redis};

use super::image::Image;
use super::objects::Objects;
use super::probe::Probe;
use super::process::{ConfigFile, Initialise, NativeFolders, Process, StopSignal};
use super::provisioning::{asking, failed, port};
use super::{Context, Endpoint, LOCAL_PASSWORD, LOOPBACK, Provision, Provisioned, Scope, Service};
use crate::stack::App;
use crate::ui::error::CommandResult;

/// The ACL user by which plattr administers Redis.
const ADMIN: &str = "plattr";

/// Redis.
pub struct Redis;

#[async_trait]
impl Service for Redis {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn title(&self) -> &'static str {
        "Redis"
    }

    fn scope(&self) -> Scope {
        Scope::Stack
    }

    fn wanted_by(&self, spec: &ApplicationSpec) -> bool {
        spec.cache.enabled
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        &[Endpoint { name: "tcp", scheme: "redis", port: 6379, shown: true }]
    }

    fn needs(&self) -> &'static [&'static str] {
        &[]
    }

    fn environment_version(&self) -> Option<&'static str> {
        Some("7")
    }

    fn packages(&self) -> &'static [&'static str] {
        &["redis"]
    }

    fn process(&self, cx: Context<'_>, folders: &NativeFolders<'_>) -> Process {
        let (store, config) = (folders.data.join("store"), folders.config.join("redis.conf"));
        Process {
            program: folders.tools.program("redis", "redis-server"),
            args: vec![config.display().to_string()],
            env: super::environment(&folders.config.join("tmp")),
            files: vec![ConfigFile {
                path: config,
                contents: configuration(LOOPBACK, cx.ports.get("redis", "tcp"), &store),
            }],
            stale: Vec::new(),
            initialise: Some(Initialise {
                target: store,
                versioned: None,
                staging: folders.data.join("store.new"),
                templates: Vec::new(),
                commands: Vec::new(),
                // Only once: the users of the applications are saved into this file later.
                files: vec![ConfigFile { path: folders.data.join("store.new/users.acl"), contents: first_users() }],
            }),
            stop_signal: StopSignal::Term,
        }
    }

    fn image(&self) -> Image {
        Image::published("redis")
    }

    fn objects(&self, _cx: Context<'_>, _version: &str) -> CommandResult<Objects> {
        let mut objects = Objects::read(include_str!("../../manifests/local/redis.yaml"))?;
        objects.add("redis.conf", configuration("0.0.0.0", 6379, Path::new("/data")));
        objects.add("users.acl", first_users());
        Ok(objects)
    }

    fn probe(&self, cx: Context<'_>) -> Probe {
        let port = cx.ports.get("redis", "tcp");
        Probe::Redis { url: format!("redis://{ADMIN}:{LOCAL_PASSWORD}@{LOOPBACK}:{port}") }
    }

    async fn provision(&self, cx: Context<'_>, mode: Provision) -> CommandResult<Provisioned> {
        let mut provisioned = Provisioned::default();
        let admin = Login { user: ADMIN.to_owned(), password: LOCAL_PASSWORD.to_owned() };
        for app in asking(self, cx) {
            let failed = failed::<redis::Error>(self, app);
            let desired = redis::Desired::new(&app.names(), LOCAL_PASSWORD);
            let mut connection = redis::connect(LOOPBACK, port(self, cx, "tcp"), &admin).await.map_err(&failed)?;
            let changes = match mode {
                Provision::Plan => {
                    redis::observe(&mut connection, &desired).await.map(|seen| redis::plan(&desired, &seen))
                }
                Provision::Apply => redis::ensure(&mut connection, &desired).await,
            }
            .map_err(&failed)?;
            provisioned.add(cx, app, &changes);
        }
        Ok(provisioned)
    }

    async fn discard(&self, cx: Context<'_>, app: &App) -> CommandResult {
        let failed = failed::<redis::Error>(self, app);
        let admin = Login { user: ADMIN.to_owned(), password: LOCAL_PASSWORD.to_owned() };
        let mut connection = redis::connect(LOOPBACK, port(self, cx, "tcp"), &admin).await.map_err(&failed)?;
        redis::deprovision(&mut connection, &redis::Desired::new(&app.names(), LOCAL_PASSWORD)).await.map_err(failed)
    }

    async fn verify(&self, cx: Context<'_>, app: &App) -> Vec<Check> {
        redis::verify(LOOPBACK, port(self, cx, "tcp"), &redis::Desired::new(&app.names(), LOCAL_PASSWORD)).await
    }

    fn variables(&self, cx: Context<'_>, app: &App) -> Variables {
        let desired = redis::Desired::new(&app.names(), LOCAL_PASSWORD);
        CacheBinding {
            host: LOOPBACK.to_owned(),
            port: port(self, cx, "tcp"),
            login: desired.user,
            prefix: desired.prefix,
        }
        .variables()
    }
}

fn configuration(host: &str, port: u16, store: &Path) -> String {
    let (folder, users) = (quote(store), quote(&store.join("users.acl")));
    format!(
        "bind {host}\nport {port}\ndaemonize no\ndir {folder}\naclfile {users}\n\
         appendonly yes\nappendfsync everysec\nsave 300 1\n\
         # Redis would write its title over the environment, by which plattr finds the process.\nset-proc-title no\n"
    )
}

/// The administrator; nobody gets in without a name.
fn first_users() -> String {
    format!("user default off\nuser {ADMIN} on >{LOCAL_PASSWORD} ~* &* +@all\n")
}

/// A path in redis.conf.
fn quote(path: &Path) -> String {
    format!("\"{}\"", path.display().to_string().replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_escaped_once() {
        let configuration = configuration(LOOPBACK, 6379, Path::new(r#"/home/"ann"/a\b"#));
        assert!(configuration.contains(r#"dir "/home/\"ann\"/a\\b""#), "{configuration}");
        assert!(configuration.contains(r#"aclfile "/home/\"ann\"/a\\b/users.acl""#), "{configuration}");
    }

    #[test]
    fn a_quote_at_the_end_of_a_path_stays() {
        let configuration = configuration(LOOPBACK, 6379, Path::new(r#"/data/5""#));
        assert!(configuration.contains(r#"aclfile "/data/5\"/users.acl""#), "{configuration}");
    }
}
