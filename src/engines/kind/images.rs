//! The image lock, and images in the local engine. An image that the engine has already is never pulled.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use bollard::Docker;
use bollard::models::{CreateImageInfo, ImageSummary};
use bollard::query_parameters::{CreateImageOptions, ListImagesOptions, TagImageOptions};
use futures::StreamExt;
use serde::Deserialize;

use super::credentials;
use super::docker::{disk_full, failed, found, status, words};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

/// The file beside plattr.yaml that replaces images.
pub const FILE: &str = "images.lock";
/// The variable that names another one, which goes before it.
pub const VARIABLE: &str = "PLATTR_IMAGES_LOCK";
/// Mirrors by registry: the user's `local.imageMirrors`.
pub type Mirrors = BTreeMap<String, String>;

/// The images that this plattr was made with.
static BUILT_IN: LazyLock<ImageLock> =
    LazyLock::new(|| match ImageLock::parse_built_in(include_str!("../../../assets/images.toml")) {
        Ok(lock) => lock,
        // A test parses the same text, so no build that passed its tests gets here.
        Err(error) => panic!("assets/images.toml: {error}"),
    });

/// An image, pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRef {
    /// What plattr knows it by: `postgres`.
    pub key: String,
    /// Its full name with its tag: `docker.io/library/postgres:17.6`.
    pub name: String,
    /// `sha256:…`, of its manifest; or the id of an image that the local engine has.
    pub digest: String,
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.digest)
    }
}

impl ImageRef {
    /// Reads `registry/path:tag@sha256:…`; all three parts are asked for.
    fn parse(key: &str, text: &str) -> Result<Self, String> {
        let (name, digest) = text.split_once('@').ok_or("has no digest: NAME:TAG@sha256:…")?;
        let image = Self { key: key.to_owned(), name: name.to_owned(), digest: digest.to_owned() };
        let hex = digest.strip_prefix("sha256:").unwrap_or_default();
        if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            return Err(format!("`{digest}` is not sha256: and 64 hexadecimal digits"));
        }
        let plain = |text: &str, more: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || more.as_bytes().contains(&b))
        };
        if !name.contains('/') || !image.registry().contains(['.', ':']) && image.registry() != "localhost" {
            return Err(format!("`{name}` does not begin with its registry, such as docker.io/library/"));
        }
        if !plain(image.tag(), "._-") {
            return Err(format!("`{name}` has no tag"));
        }
        if !image.path().split('/').all(|part| plain(part, "._-")) {
            return Err(format!("`{name}` is not the name of an image"));
        }
        Ok(image)
    }

    /// Its registry: `docker.io`.
    pub fn registry(&self) -> &str {
        self.name.split_once('/').map_or("", |(registry, _)| registry)
    }

    /// Its name without registry and tag: `library/postgres`.
    pub fn path(&self) -> &str {
        let path = self.name.split_once('/').map_or("", |(_, path)| path);
        path.split_once(':').map_or(path, |(path, _)| path)
    }

    /// Its tag: `17.6`.
    pub fn tag(&self) -> &str {
        let path = self.name.split_once('/').map_or("", |(_, path)| path);
        path.split_once(':').map_or("", |(_, tag)| tag)
    }

    /// The first 12 hexadecimal digits of its digest.
    pub fn short_digest(&self) -> &str {
        self.digest.get("sha256:".len()..).and_then(|hex| hex.get(..12)).unwrap_or_default()
    }

    /// What to pull: by digest, from the registry or its mirror.
    pub fn source(&self, mirrors: &Mirrors) -> String {
        let registry = mirrors.get(self.registry()).map_or(self.registry(), |mirror| {
            mirror.split_once("://").map_or(mirror.as_str(), |(_, rest)| rest).trim_end_matches('/')
        });
        format!("{registry}/{}@{}", self.path(), self.digest)
    }

    /// Whether an image of the local engine is this one.
    fn is(&self, id: &str, repo_digests: &[String]) -> bool {
        let of_manifest = |d: &String| d.split_once('@').is_some_and(|(_, digest)| digest == self.digest);
        id == self.digest || repo_digests.iter().any(of_manifest)
    }
}

/// Images by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageLock(BTreeMap<String, ImageRef>);

impl ImageLock {
    /// The built-in lock with the user's replacements: those of the file that [`VARIABLE`] names, before those of
    /// the file in the project's folder.
    ///
    /// # Errors
    /// Config, when such a file cannot be read or says something wrong.
    pub fn load(project: Option<&Path>) -> CommandResult<Self> {
        let named = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self::merged(project.map(|folder| folder.join(FILE)).as_deref(), named.as_deref())
    }

    fn merged(beside: Option<&Path>, named: Option<&Path>) -> CommandResult<Self> {
        let mut lock = BUILT_IN.clone();
        if let Some(path) = beside.filter(|path| path.exists()) {
            lock.replace(path)?;
        }
        if let Some(path) = named {
            lock.replace(path)?;
        }
        Ok(lock)
    }

    fn replace(&mut self, path: &Path) -> CommandResult {
        let wrong = |problem: String| {
            CommandError::new(ErrorKind::Config, "images-lock", format!("{}: {problem}", path.display()))
                .hint("one line an image: postgres = \"docker.io/library/postgres:17.6@sha256:…\"")
        };
        let text = std::fs::read_to_string(path).map_err(|error| CommandError::io("read", path, error))?;
        let lines: BTreeMap<String, String> =
            toml::from_str(&text).map_err(|error| wrong(error.to_string().trim_end().to_owned()))?;
        for (key, text) in lines {
            if !self.0.contains_key(&key) {
                let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
                return Err(wrong(format!("plattr uses no image `{key}`, but {}", known.join(", "))));
            }
            let image = ImageRef::parse(&key, &text).map_err(|problem| wrong(format!("`{key}` {problem}")))?;
            self.0.insert(key, image);
        }
        Ok(())
    }

    fn parse_built_in(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Built {
            images: BTreeMap<String, Image>,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Image {
            image: String,
            digest: String,
        }
        let built: Built = toml::from_str(text).map_err(|error| error.to_string())?;
        let images = built.images.into_iter().map(|(key, Image { image, digest })| {
            let image = ImageRef::parse(&key, &format!("{image}@{digest}")).map_err(|e| format!("{key}: {e}"))?;
            Ok((key, image))
        });
        images.collect::<Result<_, String>>().map(Self)
    }

    /// The image `key`.
    ///
    /// # Errors
    /// When plattr knows none: a mistake of plattr.
    pub fn get(&self, key: &str) -> CommandResult<&ImageRef> {
        self.0.get(key).ok_or_else(|| {
            CommandError::new(ErrorKind::Failed, "unknown-image", format!("plattr knows no image `{key}`"))
        })
    }

    /// All images.
    pub fn iter(&self) -> impl Iterator<Item = &ImageRef> {
        self.0.values()
    }
}

/// The id of an image in the local engine, under whatever name, if it is there.
///
/// # Errors
/// When the engine does not answer.
pub async fn find_local(docker: &Docker, image: &ImageRef) -> CommandResult<Option<String>> {
    let options = ListImagesOptions { digests: true, ..Default::default() };
    let images = docker.list_images(Some(options)).await.map_err(|e| failed("list the images of the engine", e))?;
    let is = |there: &&ImageSummary| image.is(&there.id, &there.repo_digests);
    Ok(images.iter().find(is).map(|there| there.id.clone()))
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
    // A name helps people who list their images; one that they gave to another image stays theirs.
    let taken = found(docker.inspect_image(&image.name).await);
    if matches!(taken, Ok(None)) {
        let (repo, tag) = image.name.rsplit_once(':').unwrap_or((&image.name, "latest"));
        let options = TagImageOptions { repo: Some(repo.to_owned()), tag: Some(tag.to_owned()) };
        docker.tag_image(&id, Some(options)).await.map_err(|e| failed(&format!("tag {}", image.name), e))?;
    }
    Ok(id)
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
        } else if says(&["manifest unknown", "not found", "name unknown", "does not exist"]) {
            Self::NotFound
        } else if status(error).is_some_and(|status| status == 404) {
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
        }
        Trouble::RateLimit => remote(format!("cannot pull {name}: {host} lets this address pull no more for now"))
            .because(error_words)
            .hint(format!("`docker login {host}` raises the limit"))
            .hint(mirror)
            .hint(by_hand),
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
