//! What `docker login` has kept for a registry.

use std::collections::HashMap;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bollard::auth::DockerCredentials;
use serde::Deserialize;
use tokio::io::AsyncWriteExt;

use super::docker::settings;

/// How long a credential helper may take: it may ask the person's key ring.
const HELPER_PATIENCE: Duration = Duration::from_secs(20);
/// Under which name Docker keeps what belongs to docker.io.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Config {
    auths: HashMap<String, Auth>,
    creds_store: Option<String>,
    cred_helpers: HashMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Auth {
    auth: Option<String>,
    identitytoken: Option<String>,
}

/// The credentials for a registry (`docker.io`, `mirror.example.com:5000`); without any, pulls are anonymous.
pub async fn find(registry: &str) -> Option<DockerCredentials> {
    let config: Config = settings()?;
    let server = server(registry);
    let helper = config.cred_helpers.get(registry).or(config.cred_helpers.get(server)).or(config.creds_store.as_ref());
    if let Some(helper) = helper
        && let Some(credentials) = ask(helper, server).await
    {
        return Some(credentials);
    }
    kept(&config, registry)
}

fn server(registry: &str) -> &str {
    if registry == "docker.io" { DOCKER_HUB } else { registry }
}

/// What the settings themselves hold.
fn kept(config: &Config, registry: &str) -> Option<DockerCredentials> {
    let server = server(registry);
    let keys = [server.to_owned(), format!("https://{server}"), format!("https://{server}/"), registry.to_owned()];
    let auth = keys.iter().find_map(|key| config.auths.get(key))?;
    let decoded = STANDARD.decode(auth.auth.as_deref().unwrap_or_default()).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (username, password) = decoded.split_once(':').unwrap_or_default();
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let identitytoken = auth.identitytoken.as_deref().and_then(some);
    if username.is_empty() && identitytoken.is_none() {
        return None;
    }
    Some(DockerCredentials {
        username: some(username),
        password: some(password.trim_end_matches('\0')),
        identitytoken,
        serveraddress: Some(server.to_owned()),
        ..Default::default()
    })
}

/// Asks a credential helper, as `docker` does: the registry on its stdin, JSON on its stdout.
async fn ask(helper: &str, server: &str) -> Option<DockerCredentials> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        username: String,
        secret: String,
    }
    let program = format!("docker-credential-{helper}");
    let mut child = tokio::process::Command::new(&program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .inspect_err(|error| tracing::debug!(%error, program, "cannot ask"))
        .ok()?;
    let mut stdin = child.stdin.take()?;
    stdin.write_all(server.as_bytes()).await.ok()?;
    drop(stdin);
    let output = tokio::time::timeout(HELPER_PATIENCE, child.wait_with_output()).await.ok()?.ok()?;
    // It fails for a registry that it does not know.
    let Answer { username, secret } = serde_json::from_slice(&output.stdout).ok()?;
    let serveraddress = Some(server.to_owned());
    Some(if username == "<token>" {
        DockerCredentials { identitytoken: Some(secret), serveraddress, ..Default::default() }
    } else {
        DockerCredentials { username: Some(username), password: Some(secret), serveraddress, ..Default::default() }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn config(json: &str) -> Config {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn what_docker_login_has_written_is_found() {
        // Base64 of `me:se:cret`.
        let config = config(r#"{"auths":{"https://index.docker.io/v1/":{"auth":"bWU6c2U6Y3JldA=="},"quay.io":{}}}"#);
        let hub = kept(&config, "docker.io").unwrap();
        assert_eq!((hub.username.as_deref(), hub.password.as_deref()), (Some("me"), Some("se:cret")));
        assert_eq!(hub.serveraddress.as_deref(), Some(DOCKER_HUB));
        // An entry without a secret belongs to a credential helper.
        assert!(kept(&config, "quay.io").is_none());
        assert!(kept(&config, "ghcr.io").is_none());
    }

    #[tokio::test]
    async fn a_helper_that_is_not_there_is_no_error() {
        assert!(ask("plattr-test-no-such-helper", "quay.io").await.is_none());
    }
}
