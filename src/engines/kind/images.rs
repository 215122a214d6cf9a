//! Images in the local engine. An image that the engine has already is never pulled.

use std::collections::HashMap;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use bollard::Docker;
use bollard::models::CreateImageInfo;
use bollard::query_parameters::{CreateImageOptions, ListImagesOptions, TagImageOptions};
use futures::StreamExt;

use super::credentials;
use super::docker::{disk_full, failed, found, status, words};
use super::lock::{FILE, ImageRef, Mirrors};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

/// The id of an image in the local engine, under whatever name, if it is there.
///
/// # Errors
/// When the engine does not answer.
pub async fn find_local(docker: &Docker, image: &ImageRef) -> CommandResult<Option<String>> {
    let options = ListImagesOptions { digests: true, ..Default::default() };
    let images = docker.list_images(Some(options)).await.map_err(|e| failed("list the images of the engine", e))?;
    Ok(images.into_iter().find(|there| image.is(there)).map(|there| there.id))
}

/// Makes sure that the local engine has an image, and returns its id: pulls it by digest unless it is there. A local
/// image of that name with another digest is left alone.
///
/// # Errors
/// Each says which image, and what else to do.
pub async fn ensure_local(
    docker: &Docker,
    image: &ImageRef,
    mirrors: &Mirrors,
    task: &dyn Task,
) -> CommandResult<String> {
    if let Some(id) = find_local(docker, image).await? {
        return Ok(id);
    }
    let source = image.source(mirrors);
    tracing::info!(%image, source, "pulling");
    task.doing(&format!("pulling {}", image.name));
    let host = source.split('/').next().unwrap_or_default().to_owned();
    let credentials = credentials::find(&host).await;
    let backoff =
        ExponentialBuilder::default().with_min_delay(Duration::from_millis(500)).with_max_times(3).with_jitter();
    (|| pull(docker, &source, credentials.clone(), task))
        .retry(backoff)
        .when(|error| Trouble::of(error).is_temporary())
        .notify(|error, after| tracing::info!(%error, ?after, "trying again"))
        .await
        .map_err(|error| explain(image, &source, mirrors, error))?;
    let pulled = docker.inspect_image(&source).await.map_err(|e| failed(&format!("find {source} once pulled"), e))?;
    let id = pulled.id.unwrap_or_default();
    name_if_free(docker, &id, &image.name).await?;
    Ok(id)
}

/// Gives an image a name, which helps people who list their images; one that they gave to another image stays theirs.
///
/// # Errors
/// When the engine cannot.
pub async fn name_if_free(docker: &Docker, id: &str, name: &str) -> CommandResult {
    if !matches!(found(docker.inspect_image(name).await), Ok(None)) {
        return Ok(());
    }
    let (repo, tag) = name.rsplit_once(':').unwrap_or((name, "latest"));
    let options = TagImageOptions { repo: Some(repo.to_owned()), tag: Some(tag.to_owned()) };
    docker.tag_image(id, Some(options)).await.map_err(|e| failed(&format!("tag {name}"), e))
}

async fn pull(
    docker: &Docker,
    source: &str,
    credentials: Option<bollard::auth::DockerCredentials>,
    task: &dyn Task,
) -> Result<(), bollard::errors::Error> {
    let options = CreateImageOptions { from_image: Some(source.to_owned()), ..Default::default() };
    let mut stream = std::pin::pin!(docker.create_image(Some(options), None, credentials));
    let mut layers = Layers::default();
    while let Some(info) = stream.next().await {
        layers.see(&info?);
        match layers.bytes() {
            (done, Some(total)) if done >= total => task.doing("unpacking"),
            (done, total) => task.bytes(done, total),
        }
    }
    Ok(())
}

/// What has come of each layer.
#[derive(Debug, Default)]
struct Layers(HashMap<String, Layer>);

#[derive(Debug, Default)]
struct Layer {
    done: u64,
    total: Option<u64>,
}

impl Layers {
    fn see(&mut self, info: &CreateImageInfo) {
        let (Some(id), Some(status)) = (&info.id, info.status.as_deref()) else { return };
        match status {
            "Pulling fs layer" | "Waiting" => {
                self.0.entry(id.clone()).or_default();
            }
            "Downloading" => {
                let layer = self.0.entry(id.clone()).or_default();
                let number = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0);
                let detail = info.progress_detail.as_ref();
                layer.total = detail.and_then(|d| number(d.total)).or(layer.total);
                layer.done = detail.and_then(|d| number(d.current)).unwrap_or(layer.done);
            }
            "Verifying Checksum" | "Download complete" => {
                // Small layers come without having said how large they are.
                let layer = self.0.entry(id.clone()).or_default();
                layer.done = *layer.total.get_or_insert(layer.done);
            }
            "Already exists" => {
                self.0.remove(id);
            }
            _ => {}
        }
    }

    /// How many bytes have come of how many; the whole is known once every layer has begun.
    fn bytes(&self) -> (u64, Option<u64>) {
        let done = self.0.values().map(|layer| layer.done).sum();
        let total: Option<u64> = self.0.values().map(|layer| layer.total).sum();
        (done, total.filter(|total| *total > 0))
    }
}

/// Why an image could not be had, as the engine words it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    DiskFull,
    RateLimit,
    Digest,
    PlainHttp,
    Certificate,
    NoPlatform,
    Denied,
    NotFound,
    Unreachable,
    Other,
}

impl Trouble {
    fn of(error: &bollard::errors::Error) -> Self {
        let words = words(error).to_lowercase();
        let says = |all: &[&str]| all.iter().any(|text| words.contains(text));
        // The order matters: a refusal mentions that the repository may not exist, an unreachable host is an "EOF" too.
        if says(&["no space left on device"]) {
            Self::DiskFull
        } else if says(&["toomanyrequests", "rate limit", "too many requests"]) {
            Self::RateLimit
        } else if says(&["verification failed for digest", "digest mismatch", "unexpected digest", "did not match"]) {
            Self::Digest
        } else if says(&["server gave http response to https"]) {
            Self::PlainHttp
        } else if says(&["x509:", "certificate"]) {
            Self::Certificate
        } else if says(&["no matching manifest for", "no match for platform", "no image found in manifest list"]) {
            Self::NoPlatform
        } else if says(&["access denied", "unauthorized", "denied:", "authentication required", "forbidden"]) {
            Self::Denied
        } else if says(&["manifest unknown", "not found", "name unknown", "does not exist"])
            || status(error) == Some(404)
        {
            Self::NotFound
        } else if says(&[
            "no such host",
            "dial tcp",
            "timeout",
            "deadline exceeded",
            "connection re",
            "network is unreachable",
            "eof",
            "server misbehaving",
            "proxyconnect",
            "unexpected status code 5",
            "received unexpected http status: 5",
        ]) {
            Self::Unreachable
        } else {
            Self::Other
        }
    }

    fn is_temporary(self) -> bool {
        self == Self::Unreachable
    }
}

/// What a failed pull means for a person.
fn explain(image: &ImageRef, source: &str, mirrors: &Mirrors, error: bollard::errors::Error) -> CommandError {
    let ImageRef { key, name, digest } = image;
    let host = source.split('/').next().unwrap_or_default();
    let mirrored = mirrors.contains_key(image.registry());
    let remote = |message: String| CommandError::new(ErrorKind::Remote, "image", message);
    let mirror = if mirrored {
        format!("look at `local.imageMirrors` of plattr.yaml, which sends {} to {host}", image.registry())
    } else {
        format!("set a mirror that this machine reaches: `local.imageMirrors: {{{}: https://…}}`", image.registry())
    };
    let natively = "or run the services as processes, without images: `plattr dev --engine native`";
    let by_hand = "or bring the images from a machine that has them: `plattr bundle load`, or `docker load`";
    let other = format!("or name another image in {FILE} beside plattr.yaml: {key} = \"NAME:TAG@sha256:…\"");
    let login = format!("`docker login {host}`, if it asks for an account");
    let error_words = words(&error);
    match Trouble::of(&error) {
        Trouble::DiskFull => disk_full(&format!("pull {name}")).because(error_words),
        Trouble::Unreachable => {
            remote(format!("cannot pull {name}: the Docker engine does not reach {host}, and the image is not local"))
                .because(error_words)
                .hint("connect to the network and run this again; layers that have come are kept")
                .hint(mirror)
                .hint(by_hand)
                .hint(natively)
        }
        Trouble::RateLimit => remote(format!("cannot pull {name}: {host} lets this address pull no more for now"))
            .because(error_words)
            .hint(format!("`docker login {host}` raises the limit"))
            .hint(mirror)
            .hint(by_hand)
            .hint(natively),
        Trouble::Denied => remote(format!("cannot pull {name}: {host} refuses it"))
            .because(error_words)
            .hint(login)
            .hint(mirror)
            .hint(other),
        Trouble::NotFound => remote(format!("cannot pull {name}: {host} has nothing with the digest {digest}"))
            .because(error_words)
            .hint(mirror)
            .hint(by_hand)
            .hint(other),
        Trouble::Digest => remote(format!("what {host} serves as {name} is not what is pinned ({digest})"))
            .because(error_words)
            .hint("try again; if it happens again, the registry, a mirror or a proxy on the way serves something else")
            .hint(mirror),
        Trouble::PlainHttp => remote(format!("cannot pull {name}: {host} speaks plain HTTP, which the engine refuses"))
            .because(error_words)
            .hint(format!(
                "add \"{host}\" to `insecure-registries` in the engine's settings, or give it a certificate"
            )),
        Trouble::Certificate => {
            remote(format!("cannot pull {name}: the engine does not trust the certificate of {host}"))
                .because(error_words)
                .hint(format!("put the authority's certificate into /etc/docker/certs.d/{host}/ca.crt"))
                .hint(mirror)
        }
        Trouble::NoPlatform => remote(format!("{name} is not made for the platform of this Docker engine"))
            .because(error_words)
            .hint(other),
        Trouble::Other => {
            remote(format!("cannot pull {name}")).because(error_words).hint(mirror).hint(by_hand).hint(other)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Mutex;

    use bollard::API_DEFAULT_VERSION;
    use bollard::models::ProgressDetail;
    use serde_json::{Value, json};
    use wiremock::matchers::{method, path_regex, query_param};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::super::lock::tests::{A, B, postgres};
    use super::*;

    fn listed(id: &str, tags: &[&str], digests: &[String]) -> Value {
        json!({"Id": id, "ParentId": "", "RepoTags": tags, "RepoDigests": digests, "Created": 1, "Size": 1,
            "SharedSize": -1, "Labels": null, "Containers": -1})
    }

    /// An engine with these images.
    async fn engine(images: Value) -> (MockServer, Docker) {
        let server = MockServer::start().await;
        answer(&server, "GET", "/images/json", ResponseTemplate::new(200).set_body_json(images), 99).await;
        let docker = Docker::connect_with_http(&server.uri(), 5, API_DEFAULT_VERSION).unwrap();
        (server, docker)
    }

    async fn answer(server: &MockServer, verb: &str, path: &str, response: ResponseTemplate, times: u64) {
        Mock::given(method(verb))
            .and(path_regex(format!("^(/v1[.][0-9]+)?{path}$")))
            .respond_with(response)
            .up_to_n_times(times)
            .mount(server)
            .await;
    }

    fn message(status: u16, text: &str) -> ResponseTemplate {
        ResponseTemplate::new(status).set_body_json(json!({"message": text}))
    }

    #[derive(Default)]
    struct Watched(Mutex<Vec<(u64, Option<u64>)>>);

    impl Task for Watched {
        fn doing(&self, _what: &str) {}
        fn bytes(&self, done: u64, total: Option<u64>) {
            self.0.lock().unwrap().push((done, total));
        }
        fn done(&self, _what: &str) {}
        fn failed(&self, _what: &str) {}
    }

    #[tokio::test]
    async fn what_is_local_is_never_pulled() {
        // By the digest of its manifest under any name, by its id, or by the name that it had in a bundle.
        for image in [
            listed(
                B,
                &["mirror.example.com/library/postgres:17.6"],
                &[format!("mirror.example.com/library/postgres@{A}")],
            ),
            listed(A, &[], &[]),
            listed(B, &[&postgres().bundled()], &[]),
            listed(B, &[&format!("localhost/{}", postgres().bundled())], &[]),
        ] {
            let id = image["Id"].as_str().unwrap().to_owned();
            let (server, docker) = engine(json!([listed("sha256:1", &[], &[]), image])).await;
            let found = ensure_local(&docker, &postgres(), &Mirrors::new(), &Watched::default()).await.unwrap();
            assert_eq!(found, id);
            assert_eq!(server.received_requests().await.unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn another_image_of_that_name_is_not_used_and_keeps_its_name() {
        let (server, docker) = engine(json!([listed(B, &["postgres:17.6"], &[format!("postgres@{B}")])])).await;
        let lines = [
            json!({"status": "Pulling from library/postgres", "id": A}),
            json!({"status": "Pulling fs layer", "progressDetail": {}, "id": "l1"}),
            json!({"status": "Pulling fs layer", "progressDetail": {}, "id": "l2"}),
            json!({"status": "Downloading", "progressDetail": {"current": 50, "total": 100}, "id": "l1"}),
            json!({"status": "Downloading", "progressDetail": {"current": 5, "total": 10}, "id": "l2"}),
            json!({"status": "Download complete", "progressDetail": {}, "id": "l2"}),
            json!({"status": "Download complete", "progressDetail": {}, "id": "l1"}),
            json!({"status": "Extracting", "progressDetail": {"current": 100, "total": 100}, "id": "l1"}),
        ];
        let body: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        Mock::given(method("POST"))
            .and(path_regex("/images/create$"))
            .and(query_param("fromImage", format!("docker.io/library/postgres@{A}")))
            .respond_with(ResponseTemplate::new(200).set_body_raw(body, "application/json"))
            .expect(1)
            .mount(&server)
            .await;
        let pulled = ResponseTemplate::new(200).set_body_json(json!({"Id": "sha256:new"}));
        answer(&server, "GET", &format!("/images/docker.io/library/postgres@{A}/json"), pulled, 1).await;
        let other = ResponseTemplate::new(200).set_body_json(json!({"Id": B}));
        answer(&server, "GET", "/images/docker.io/library/postgres:17.6/json", other, 1).await;
        let task = Watched::default();
        assert_eq!(ensure_local(&docker, &postgres(), &Mirrors::new(), &task).await.unwrap(), "sha256:new");
        let seen = task.0.lock().unwrap().clone();
        assert!(seen.contains(&(50, None)) && seen.contains(&(55, Some(110))), "{seen:?}");
        let posted = server.received_requests().await.unwrap();
        assert!(!posted.iter().any(|r| r.url.path().ends_with("/tag")));
    }

    #[tokio::test]
    async fn a_pull_is_tried_again_where_that_may_help() {
        let (server, docker) = engine(json!([])).await;
        let unreachable =
            "Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: i/o timeout";
        answer(&server, "POST", "/images/create", message(500, unreachable), 2).await;
        let fine =
            ResponseTemplate::new(200).set_body_raw("{\"status\":\"Status: Downloaded\"}\r\n", "application/json");
        answer(&server, "POST", "/images/create", fine, 1).await;
        let pulled = ResponseTemplate::new(200).set_body_json(json!({"Id": "sha256:new"}));
        answer(&server, "GET", &format!("/images/docker.io/library/postgres@{A}/json"), pulled, 1).await;
        answer(&server, "POST", "/images/sha256:new/tag", ResponseTemplate::new(201), 1).await;
        let pulled = ensure_local(&docker, &postgres(), &Mirrors::new(), &Watched::default()).await;
        assert_eq!(pulled.unwrap(), "sha256:new");
        let posted = server.received_requests().await.unwrap();
        assert!(posted.iter().any(|r| r.url.query() == Some("repo=docker.io%2Flibrary%2Fpostgres&tag=17.6")));
    }

    #[tokio::test]
    async fn a_missing_image_is_asked_for_once() {
        let (server, docker) = engine(json!([])).await;
        let text = format!("manifest for postgres@{A} not found: manifest unknown: manifest unknown");
        answer(&server, "POST", "/images/create", message(404, &text), 9).await;
        let error = ensure_local(&docker, &postgres(), &Mirrors::new(), &Watched::default()).await.unwrap_err();
        assert!(error.message.contains("docker.io/library/postgres:17.6") && error.message.contains(A), "{error}");
        assert!(error.hints.iter().any(|hint| hint.contains("docker load")), "{:?}", error.hints);
        assert!(error.hints.iter().any(|hint| hint.contains("images.lock")), "{:?}", error.hints);
        assert_eq!(server.received_requests().await.unwrap().len(), 2);
    }

    #[test]
    fn the_engines_words_are_understood() {
        let of = |status: Option<u16>, text: &str| {
            let message = text.to_owned();
            Trouble::of(&match status {
                Some(status_code) => bollard::errors::Error::DockerResponseServerError { status_code, message },
                None => bollard::errors::Error::DockerStreamError { error: message },
            })
        };
        let lookup = "Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host";
        let refused = "pull access denied for x, repository does not exist or may require 'docker login': denied: \
            requested access to the resource is denied";
        assert_eq!(of(Some(500), lookup), Trouble::Unreachable);
        assert_eq!(of(None, "unexpected EOF"), Trouble::Unreachable);
        assert_eq!(of(Some(500), "Get \"https://x/v2/\": net/http: TLS handshake timeout"), Trouble::Unreachable);
        assert_eq!(of(Some(404), refused), Trouble::Denied);
        assert_eq!(of(Some(500), "unauthorized: authentication required"), Trouble::Denied);
        assert_eq!(of(Some(404), "manifest unknown"), Trouble::NotFound);
        assert_eq!(of(None, "manifest verification failed for digest sha256:1"), Trouble::Digest);
        assert_eq!(of(None, "filesystem layer verification failed for digest sha256:1"), Trouble::Digest);
        assert_eq!(of(None, "write /var/lib/docker/tmp/GetImageBlob1: no space left on device"), Trouble::DiskFull);
        assert_eq!(of(Some(500), "toomanyrequests: You have reached your pull rate limit."), Trouble::RateLimit);
        assert_eq!(of(Some(500), "http: server gave HTTP response to HTTPS client"), Trouble::PlainHttp);
        assert_eq!(of(Some(500), "x509: certificate signed by unknown authority"), Trouble::Certificate);
        assert_eq!(of(Some(404), "no matching manifest for linux/arm64/v8 in the manifest list"), Trouble::NoPlatform);
        assert_eq!(of(Some(500), "something else"), Trouble::Other);
    }

    #[test]
    fn small_layers_and_those_that_are_there_do_not_hold_up_the_whole() {
        let told = |id: &str, status: &str, detail: Option<(i64, i64)>| CreateImageInfo {
            id: Some(id.into()),
            status: Some(status.into()),
            progress_detail: detail
                .map(|(current, total)| ProgressDetail { current: Some(current), total: Some(total) }),
            ..Default::default()
        };
        let mut layers = Layers::default();
        for id in ["a", "b", "c"] {
            layers.see(&told(id, "Pulling fs layer", None));
        }
        layers.see(&told("a", "Downloading", Some((30, 60))));
        assert_eq!(layers.bytes(), (30, None));
        layers.see(&told("b", "Download complete", None));
        layers.see(&told("c", "Already exists", None));
        assert_eq!(layers.bytes(), (30, Some(60)));
        layers.see(&told("a", "Download complete", None));
        assert_eq!(layers.bytes(), (60, Some(60)));
    }
}
