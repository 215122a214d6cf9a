//! Images on their way into the registry of this machine: as the engine saves them, with their layers compressed by zstd.
//!
//! `docker push` has the engine compress them with gzip, which for the images of one stack takes a laptop a minute, and
//! unpacking that takes every new node as long again. zstd takes a small part of either.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Cursor, Read, Write};
use std::time::Duration;

use bollard::Docker;
use bytes::Bytes;
use futures::Stream;
use reqwest::header::LOCATION;
use reqwest::{Body, RequestBuilder, Response, StatusCode, Url};
use serde::Deserialize;
use serde_json::json;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::docker::disk_full;
use super::export::{self, PIECES};
use super::registry::{HTTP, NAME, Registry};
use crate::digest;
use crate::stack::snapshot::archive::{Checksum, Summed};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+zstd";
/// The fastest that is not much larger.
const LEVEL: i32 = 1;
/// How long the registry may take for a blob, or to answer while the disk is busy with others.
const PATIENCE: Duration = Duration::from_secs(600);
/// What tells tar (POSIX.1-1988, "ustar") from other files is at its 257th byte; a block has 512.
const BLOCK: usize = 512;
const USTAR: std::ops::Range<usize> = 257..262;
/// Files of an archive that are no layers are small, but for what is no part of an image, such as lists of materials.
const TEXT: u64 = 8 << 20;

impl Registry {
    /// Pushes an image of the local engine, and returns its digest there.
    ///
    /// # Errors
    /// When the engine cannot save it, or the registry does not take it.
    pub async fn push(
        &self,
        docker: &Docker,
        local: &str,
        repository: &str,
        tag: &str,
        task: &dyn Task,
    ) -> CommandResult<String> {
        task.doing(&format!("pushing {repository}:{tag}"));
        let names = [local.to_owned()];
        let total = export::size(docker, &names).await?;
        let (sender, arriving) = export::pieces();
        let into = Repository { url: self.url(repository), runtime: Handle::current() };
        let repacking = tokio::task::spawn_blocking(move || repack(arriving, &into));
        let exported = export::export(docker, &names, total, sender, task).await;
        let repacked = repacking.await.unwrap_or_else(|e| Err(io::Error::other(e)));
        exported?;
        let name = self.image(repository, tag);
        let manifest = repacked.map_err(|error| refused(&name, error))?;
        let digest = sha256(&manifest);
        let request = HTTP.put(self.url(&format!("{repository}/manifests/{tag}")));
        let put = send(request.header("content-type", MANIFEST).body(manifest)).await;
        put.map_err(|error| refused(&name, error.into()))?;
        Ok(digest)
    }
}

/// What the registry did not do.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("it cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("it answered {status} {words}")]
    Refused { status: StatusCode, words: String },
    #[error("it did not say where a blob goes on")]
    Lost,
    #[error("the request ended too early")]
    Ended,
}

impl From<Trouble> for io::Error {
    fn from(trouble: Trouble) -> Self {
        Self::other(trouble)
    }
}

fn refused(image: &str, error: io::Error) -> CommandError {
    let doing = format!("push {image}");
    let text = error.to_string();
    // In words, and as the number of the error, which is how the registry has it from its file system.
    if ["no space left on device", r#""Err":28"#].iter().any(|words| text.contains(words)) {
        return disk_full(&doing).because(error);
    }
    if !error.get_ref().is_some_and(|inner| inner.is::<Trouble>()) {
        return CommandError::new(ErrorKind::Environment, "docker", format!("cannot {doing}"))
            .because(error)
            .hint("the engine did not save the image as it should; run the same command again");
    }
    CommandError::new(ErrorKind::Environment, "registry", format!("cannot {doing}"))
        .because(error)
        .hint(format!("`docker logs {NAME}` says more; `docker rm -f {NAME}` has it made anew, and keeps its images"))
}

/// Takes the blobs of an image.
trait Blobs {
    /// A blob on its way.
    type Upload: Write;

    fn begin(&self) -> io::Result<Self::Upload>;

    /// Keeps what was written, if that is its digest.
    fn finish(&self, upload: Self::Upload, digest: &str) -> io::Result<()>;
}

/// What a manifest says of a blob.
struct Blob {
    digest: String,
    size: u64,
}

/// The image of an archive that `docker save` writes, in either of its layouts: hands out its blobs, and returns its
/// manifest.
fn repack(archive: impl Read, blobs: &impl Blobs) -> io::Result<Vec<u8>> {
    let (mut layers, mut texts) = (BTreeMap::new(), BTreeMap::new());
    for entry in tar::Archive::new(archive).entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let mut start = Vec::with_capacity(BLOCK);
        entry.by_ref().take(BLOCK as u64).read_to_end(&mut start)?;
        let (path, size) = (entry.path()?.to_string_lossy().into_owned(), entry.size());
        let kind = Kind::of(&start);
        let content = BufReader::with_capacity(1 << 17, Cursor::new(start).chain(entry));
        let (diff_id, layer) = match kind {
            Kind::Tar => store(content, blobs)?,
            Kind::Gzip => store(flate2::bufread::MultiGzDecoder::new(content), blobs)?,
            Kind::Zstd => store(zstd::Decoder::with_buffer(content)?, blobs)?,
            Kind::Other if size <= TEXT => {
                let mut text = Vec::new();
                { content }.read_to_end(&mut text)?;
                texts.insert(path, text);
                continue;
            }
            Kind::Other => continue,
        };
        layers.insert(diff_id, layer);
    }

    let text = |path: &str| texts.get(path).ok_or_else(|| damaged(format!("it has no {path}")));
    let images: Vec<Saved> = parse("manifest.json", text("manifest.json")?)?;
    let image = images.first().ok_or_else(|| damaged("it has no image"))?;
    let config = text(&image.config)?;
    let described: Description = parse(&image.config, config)?;
    let layer = |diff_id: &String| layers.get(diff_id).ok_or_else(|| damaged(format!("it has no layer {diff_id}")));
    let layers: Vec<&Blob> = described.rootfs.diff_ids.iter().map(layer).collect::<io::Result<_>>()?;

    let mut upload = blobs.begin()?;
    upload.write_all(config)?;
    blobs.finish(upload, &sha256(config))?;
    let layers: Vec<_> = layers
        .into_iter()
        .map(|layer| json!({ "mediaType": LAYER, "digest": layer.digest, "size": layer.size }))
        .collect();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": { "mediaType": CONFIG, "digest": sha256(config), "size": config.len() },
        "layers": layers,
    });
    serde_json::to_vec(&manifest).map_err(io::Error::other)
}

/// An image of an archive, in `manifest.json`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    /// The path of its configuration.
    config: String,
}

/// The configuration of an image (OCI image specification, "Image Configuration").
#[derive(Deserialize)]
struct Description {
    rootfs: Rootfs,
}

#[derive(Deserialize)]
struct Rootfs {
    /// Digests of the layers as they are when they are not compressed, from the lowest up.
    diff_ids: Vec<String>,
}

fn parse<'a, T: Deserialize<'a>>(path: &str, text: &'a [u8]) -> io::Result<T> {
    serde_json::from_slice(text).map_err(|error| damaged(format!("its {path} cannot be read: {error}")))
}

fn damaged(why: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("what the engine saved is not the whole image: {why}"))
}

fn sha256(of: &[u8]) -> String {
    format!("sha256:{}", digest::short(of, 32))
}

/// What a file of an archive is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tar,
    Gzip,
    Zstd,
    Other,
}

impl Kind {
    /// By its first block.
    fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ if start.get(USTAR) == Some(b"ustar") => Self::Tar,
            // An empty one is nothing but its end.
            _ if start.len() == BLOCK && start.iter().all(|byte| *byte == 0) => Self::Tar,
            _ => Self::Other,
        }
    }
}

/// Stores a layer, compressed. Returns also the digest of what it is when it is not.
fn store<B: Blobs>(content: impl Read, blobs: &B) -> io::Result<(String, Blob)> {
    let mut content = Summed::new(content);
    let mut compressed = zstd::Encoder::new(Summed::new(blobs.begin()?), LEVEL)?;
    io::copy(&mut content, &mut compressed)?;
    let (upload, Checksum { sha256, bytes }) = compressed.finish()?.finish();
    let blob = Blob { digest: format!("sha256:{sha256}"), size: bytes };
    blobs.finish(upload, &blob.digest)?;
    Ok((format!("sha256:{}", content.finish().1.sha256), blob))
}

/// A repository of the registry (OCI distribution specification, "Pushing a blob in chunks"). Its blobs are written by a
/// thread.
struct Repository {
    url: String,
    runtime: Handle,
}

impl Repository {
    /// Waits for a request. It runs among the other tasks, so that the end of the program ends it.
    fn wait<T: Send + 'static>(
        &self,
        request: impl Future<Output = Result<T, Trouble>> + Send + 'static,
    ) -> io::Result<T> {
        wait(&self.runtime, self.runtime.spawn(request))
    }
}

fn wait<T>(runtime: &Handle, request: JoinHandle<Result<T, Trouble>>) -> io::Result<T> {
    Ok(runtime.block_on(request).map_err(|_| Trouble::Ended)??)
}

impl Blobs for Repository {
    type Upload = Upload;

    fn begin(&self) -> io::Result<Upload> {
        let begun = self.wait(send(HTTP.post(format!("{}/blobs/uploads/", self.url))))?;
        let (pieces, body) = mpsc::channel(PIECES);
        let request = HTTP.patch(location(&begun)?).header("content-type", "application/octet-stream");
        let sending = send(request.body(Body::wrap_stream(stream(body))));
        let sending = self.runtime.spawn(async move { location(&sending.await?) });
        Ok(Upload { pieces, sending: Some(sending), runtime: self.runtime.clone() })
    }

    fn finish(&self, mut upload: Upload, digest: &str) -> io::Result<()> {
        let mut at = upload.end()?;
        at.query_pairs_mut().append_pair("digest", digest);
        self.wait(send(HTTP.put(at).header("content-length", 0))).map(drop)
    }
}

/// A blob whose pieces a request sends.
struct Upload {
    pieces: mpsc::Sender<io::Result<Bytes>>,
    /// Tells where to go on; none once it has.
    sending: Option<JoinHandle<Result<Url, Trouble>>>,
    runtime: Handle,
}

impl Upload {
    /// Waits until all pieces are sent.
    fn end(&mut self) -> io::Result<Url> {
        // The request ends with its last sender.
        self.pieces = mpsc::channel(1).0;
        wait(&self.runtime, self.sending.take().ok_or(Trouble::Ended)?)
    }
}

impl Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.pieces.blocking_send(Ok(Bytes::copy_from_slice(bytes))).is_err() {
            // The request has ended, and knows why.
            return Err(self.end().err().unwrap_or_else(|| Trouble::Ended.into()));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn stream(pieces: mpsc::Receiver<io::Result<Bytes>>) -> impl Stream<Item = io::Result<Bytes>> {
    futures::stream::unfold(pieces, |mut pieces| async { Some((pieces.recv().await?, pieces)) })
}

/// Sends a request to the registry, twice where it did not get there and can be sent again.
async fn send(request: RequestBuilder) -> Result<Response, Trouble> {
    let request = request.timeout(PATIENCE);
    let again = request.try_clone();
    let response = match (request.send().await, again) {
        (Err(error), Some(again)) => {
            tracing::info!(%error, "a request to the registry is tried again");
            again.send().await
        }
        (sent, _) => sent,
    };
    let response = response.map_err(Trouble::Unreachable)?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let words = response.text().await.unwrap_or_default().trim().to_owned();
    Err(Trouble::Refused { status, words })
}

/// Where the registry wants a blob to go on.
fn location(response: &Response) -> Result<Url, Trouble> {
    let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
    to.and_then(|to| response.url().join(to).ok()).ok_or(Trouble::Lost)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::cell::RefCell;

    use bollard::API_DEFAULT_VERSION;
    use rstest::rstest;
    use serde_json::Value;
    use wiremock::matchers::{method, path_regex};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::ui::progress::Silent;

    /// Keeps blobs by their digest.
    #[derive(Default)]
    struct Memory(RefCell<BTreeMap<String, Vec<u8>>>);

    impl Blobs for Memory {
        type Upload = Vec<u8>;

        fn begin(&self) -> io::Result<Vec<u8>> {
            Ok(Vec::new())
        }

        fn finish(&self, upload: Vec<u8>, digest: &str) -> io::Result<()> {
            assert_eq!(sha256(&upload), digest);
            self.0.borrow_mut().insert(digest.to_owned(), upload);
            Ok(())
        }
    }

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, content) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, path, *content).unwrap();
        }
        archive.into_inner().unwrap()
    }

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    /// Two layers and an empty one between them.
    fn layers() -> [Vec<u8>; 3] {
        [archive(&[("etc/os-release", b"ID=one")]), vec![0; 1024], archive(&[("bin/two", &[b'2'; 100_000])])]
    }

    fn config() -> Vec<u8> {
        let diff_ids: Vec<String> = layers().iter().map(|layer| sha256(layer)).collect();
        serde_json::to_vec(&json!({ "architecture": "amd64", "rootfs": { "type": "layers", "diff_ids": diff_ids } }))
            .unwrap()
    }

    /// As Docker saved images before 25, and as Podman does.
    fn classic() -> Vec<u8> {
        let [one, empty, two] = layers();
        archive(&[
            ("b/VERSION", b"1.0"),
            ("b/layer.tar", &two),
            ("a/layer.tar", &one),
            ("e/layer.tar", &empty),
            ("c.json", &config()),
            ("manifest.json", br#"[{"Config":"c.json","Layers":["a/layer.tar","e/layer.tar","b/layer.tar"]}]"#),
        ])
    }

    /// As Docker does where containerd keeps the images: layers are what was pulled.
    fn oci() -> Vec<u8> {
        let [one, empty, two] = layers();
        archive(&[
            ("blobs/sha256/1", &gzip(&one)),
            ("blobs/sha256/2", &zstd::encode_all(empty.as_slice(), 3).unwrap()),
            ("blobs/sha256/3", &gzip(&two)),
            ("blobs/sha256/4", &config()),
            ("index.json", b"{}"),
            ("manifest.json", br#"[{"Config":"blobs/sha256/4"}]"#),
        ])
    }

    #[rstest]
    #[case::classic(classic())]
    #[case::oci(oci())]
    fn layers_stay_what_they_are_in_their_order(#[case] saved: Vec<u8>) {
        let blobs = Memory::default();
        let manifest: Value = serde_json::from_slice(&repack(saved.as_slice(), &blobs).unwrap()).unwrap();
        let blobs = blobs.0.into_inner();
        let blob = |of: &Value| {
            let blob = &blobs[of["digest"].as_str().unwrap()];
            assert_eq!(of["size"], blob.len());
            blob.clone()
        };
        assert_eq!(blob(&manifest["config"]), config());
        let told = manifest["layers"].as_array().unwrap().iter();
        let unpacked: Vec<Vec<u8>> = told.map(|layer| zstd::decode_all(blob(layer).as_slice()).unwrap()).collect();
        assert_eq!(unpacked, layers());
    }

    #[test]
    fn what_is_not_whole_is_no_image() {
        let repack =
            |files: &[(&str, &[u8])]| repack(archive(files).as_slice(), &Memory::default()).unwrap_err().to_string();
        assert!(repack(&[]).contains("no manifest.json"));
        assert!(repack(&[("manifest.json", b"[]")]).contains("no image"));
        let manifest: (&str, &[u8]) = ("manifest.json", br#"[{"Config":"c.json"}]"#);
        assert!(repack(&[manifest]).contains("no c.json"));
        assert!(repack(&[manifest, ("c.json", b"{}")]).contains("c.json cannot be read"));
        assert!(repack(&[manifest, ("c.json", &config())]).contains("no layer sha256:"));
        let error = super::repack(&classic()[..4000], &Memory::default()).unwrap_err();
        assert!(error.to_string().contains("unexpected EOF"), "{error}");
    }

    /// An engine with one image, and a registry at the same port.
    async fn engine() -> (MockServer, Docker, Registry) {
        let server = MockServer::start().await;
        answer(&server, "GET", "/images/sha256:1/json$", ResponseTemplate::new(200).set_body_json(json!({"Size": 9})))
            .await;
        answer(&server, "GET", "/images/get$", ResponseTemplate::new(200).set_body_bytes(classic())).await;
        let at = ResponseTemplate::new(202).insert_header("location", "/v2/a/b/blobs/uploads/7?_state=s");
        answer(&server, "POST", "^/v2/a/b/blobs/uploads/$", at).await;
        let docker = Docker::connect_with_http(&server.uri(), 5, API_DEFAULT_VERSION).unwrap();
        let registry = Registry { port: server.address().port() };
        (server, docker, registry)
    }

    async fn answer(server: &MockServer, verb: &str, path: &str, response: ResponseTemplate) {
        Mock::given(method(verb)).and(path_regex(path)).respond_with(response).mount(server).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn blobs_and_then_the_manifest_are_pushed() {
        let (server, docker, registry) = engine().await;
        let next = ResponseTemplate::new(202).insert_header("location", "/v2/a/b/blobs/uploads/7?_state=t");
        answer(&server, "PATCH", "^/v2/a/b/blobs/uploads/7$", next).await;
        answer(&server, "PUT", "^/v2/a/b/blobs/uploads/7$", ResponseTemplate::new(201)).await;
        answer(&server, "PUT", "^/v2/a/b/manifests/1$", ResponseTemplate::new(201)).await;
        let digest = registry.push(&docker, "sha256:1", "a/b", "1", &Silent).await.unwrap();
        let requests = server.received_requests().await.unwrap();
        let puts: Vec<_> = requests.iter().filter(|request| request.method.as_str() == "PUT").collect();
        let manifest = puts.last().unwrap();
        assert_eq!(sha256(&manifest.body), digest);
        assert_eq!(manifest.headers["content-type"].to_str().unwrap(), MANIFEST);
        let patched: Vec<String> =
            requests.iter().filter(|r| r.method.as_str() == "PATCH").map(|r| sha256(&r.body)).collect();
        let named: Vec<String> = puts[..4]
            .iter()
            .map(|put| {
                let query: BTreeMap<_, _> = put.url.query_pairs().into_owned().collect();
                assert_eq!(query["_state"], "t");
                query["digest"].clone()
            })
            .collect();
        assert_eq!(patched, named);
    }

    #[rstest]
    #[case(500, "write /var/lib/registry: no space left on device", "disk-full")]
    #[case(
        500,
        r#"{"errors":[{"detail":{"DriverName":"filesystem","Enclosed":{"Op":"write","Err":28}}}]}"#,
        "disk-full"
    )]
    #[case(404, "name unknown", "registry")]
    #[tokio::test(flavor = "multi_thread")]
    async fn a_push_that_breaks_says_why(#[case] status: u16, #[case] words: &str, #[case] code: &str) {
        let (server, docker, registry) = engine().await;
        let refused = ResponseTemplate::new(status).set_body_string(words);
        answer(&server, "PATCH", "^/v2/a/b/blobs/uploads/7$", refused).await;
        let error = registry.push(&docker, "sha256:1", "a/b", "1", &Silent).await.unwrap_err();
        assert_eq!(error.code, code);
        assert!(error.source.unwrap().to_string().contains(words));
    }

    #[rstest]
    #[case::gone(ResponseTemplate::new(404).set_body_json(json!({"message": "No such image: sha256:1"})), "No such image")]
    #[case::not_whole(ResponseTemplate::new(200).set_body_bytes(archive(&[("c.json", b"{}")])), "it has no manifest.json")]
    #[tokio::test(flavor = "multi_thread")]
    async fn an_image_that_is_not_saved_is_not_pushed(#[case] saved: ResponseTemplate, #[case] words: &str) {
        let server = MockServer::start().await;
        let size = ResponseTemplate::new(200).set_body_json(json!({"Size": 9}));
        answer(&server, "GET", "/images/sha256:1/json$", size).await;
        answer(&server, "GET", "/images/get$", saved).await;
        let docker = Docker::connect_with_http(&server.uri(), 5, API_DEFAULT_VERSION).unwrap();
        let registry = Registry { port: server.address().port() };
        let error = registry.push(&docker, "sha256:1", "a/b", "1", &Silent).await.unwrap_err();
        assert_eq!(error.code, "docker");
        assert!(error.source.unwrap().to_string().contains(words));
        assert!(server.received_requests().await.unwrap().iter().all(|request| request.method.as_str() == "GET"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_registry_that_is_gone_is_said() {
        let (_server, docker, _) = engine().await;
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let nobody = Registry { port: listener.local_addr().unwrap().port() };
        drop(listener);
        let error = nobody.push(&docker, "sha256:1", "a/b", "1", &Silent).await.unwrap_err();
        assert_eq!(error.code, "registry");
        assert!(error.source.unwrap().to_string().contains("cannot be reached"));
    }
}
