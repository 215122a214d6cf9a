//! Packages, and what is made of them once: from the cache, else fetched or built.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::fetch::FetchError;
use super::lock::{LOCK, Package, platform};
use super::user::User;
use super::{NativeEngine, cache, fetch, prepare, unpack, user};
use crate::services::process::{Preparation, Tools as _};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

impl NativeEngine {
    /// Makes sure that a package is there.
    pub(super) async fn ensure_package(&self, name: &str, bytes: &Bytes<'_>) -> CommandResult<()> {
        if self.resolve(name)?.on_path.is_some() {
            return Ok(());
        }
        self.ensure_own(name, bytes).await
    }

    /// The package of plattr's own that serves for `name`, in the version that is wished for.
    pub(super) fn own<'a>(&'a self, name: &'a str) -> CommandResult<(&'a str, &'a Package)> {
        LOCK.version_of(name, self.wishes.versions.get(name).map(String::as_str))
    }

    /// Makes sure that plattr's own package is there, whatever is on PATH.
    pub(super) async fn ensure_own(&self, name: &str, bytes: &Bytes<'_>) -> CommandResult<()> {
        let (name, package) = self.own(name)?;
        let target = self.cache.package(&package.folder(name, &platform()));
        if target.is_dir() {
            return self.cache.ensure(&target, |_| async { Ok(()) }).await;
        }
        if package.on.contains_key(&platform()) {
            let fetched = self.cache.ensure(&target, |staging| self.download(name, package, staging, bytes)).await;
            match fetched {
                Err(error) if error.kind == ErrorKind::Remote && package.go.is_some() => {
                    tracing::warn!(name, %error, "is built from source instead");
                }
                other => return other,
            }
        }
        if let Some(module) = &package.go {
            // Built by a Go of this machine or a fetched one.
            Box::pin(self.ensure_package("go", bytes)).await?;
            let go = self.program("go", "go");
            return self
                .cache
                .ensure(&target, |staging| async move {
                    tracing::info!(name, version = package.version, licence = package.licence, "building");
                    bytes.task.doing(&format!("building {name} {} (once, some minutes)", package.version));
                    prepare::build_go(name, module, &go, &self.mirrors, &staging).await
                })
                .await;
        }
        self.cache.ensure(&target, |staging| self.download(name, package, staging, bytes)).await
    }

    /// Makes sure that a package is there, or a program on PATH that serves for it, and tells its folder.
    ///
    /// # Errors
    /// When it can be had neither from the cache nor from its registry.
    pub async fn fetch(&self, name: &str, task: &dyn Task) -> CommandResult<PathBuf> {
        user::make_public(self.cache.root()).map_err(|e| user::folder_error(self.cache.root(), e))?;
        self.ensure_package(name, &Bytes::new(task)).await?;
        Ok(self.package(name))
    }

    async fn download(&self, name: &str, package: &Package, staging: PathBuf, bytes: &Bytes<'_>) -> CommandResult<()> {
        let archive = package.on.get(&platform()).ok_or_else(|| {
            CommandError::new(ErrorKind::Environment, "package", format!("{name} has no package for {}", platform()))
        })?;
        let url = self.mirrors.apply(&archive.url);
        let part = self.cache.download(&package.folder(name, &platform()));
        tracing::info!(name, version = package.version, licence = package.licence, "fetching");
        bytes.task.doing(&format!("fetching {name} {}", package.version));
        bytes.expect(archive.size);
        let fetched = AtomicU64::new(0);
        let progress = |done: u64| bytes.advance(done.saturating_sub(fetched.swap(done, Ordering::Relaxed)));
        let client = fetch::client().map_err(|e| {
            CommandError::new(ErrorKind::Environment, "tls", "cannot make an HTTPS client on this machine").because(e)
        })?;
        fetch::fetch(&client, &url, &archive.sha256, &part, &progress)
            .await
            .map_err(|e| explain(name, package, &url, archive.size, &part, e))?;
        bytes.task.doing(&format!("unpacking {name} {}", package.version));
        let (kind, subpath, from, into) = (archive.archive, archive.subpath.clone(), part.clone(), staging.clone());
        let executable = package.executable.clone();
        let unpacked = tokio::task::spawn_blocking(move || {
            unpack::unpack(&from, kind, subpath.as_deref(), &into)?;
            unpack::set_executable(&into, &executable)
        })
        .await
        .unwrap_or_else(|e| Err(std::io::Error::other(e)));
        unpacked.map_err(|e| {
            if cache::is_full(&e) {
                return cache::disk_full(&staging, Some(package.unpacked), e);
            }
            let message = format!("cannot unpack {name} {}", package.version);
            CommandError::new(ErrorKind::Environment, "unpack", message).because(e)
        })?;
        let _ = std::fs::remove_file(&part);
        Ok(())
    }

    pub(super) async fn ensure_prepared(
        &self,
        preparation: &Preparation,
        user: Option<User>,
        task: &dyn Task,
    ) -> CommandResult<()> {
        let target = self.located(preparation);
        if target.is_dir() {
            return self.cache.ensure(&target, |_| async { Ok(()) }).await;
        }
        let bytes = Bytes::new(task);
        futures::future::try_join_all(preparation.packages.iter().map(|p| self.ensure_package(p, &bytes))).await?;
        let made = self
            .cache
            .ensure(&target, |staging| async move {
                task.doing(&format!("{} (once)", preparation.title));
                prepare::carry_out(preparation, self, &staging, user).await
            })
            .await;
        match made {
            Err(error) if preparation.optional => {
                let why = error.source.as_ref().map(ToString::to_string).unwrap_or_default();
                tracing::warn!(name = preparation.name, %error, why, "goes on without; starting will be slower");
                Ok(())
            }
            other => other,
        }
    }
}

/// Bytes of several downloads, shown as one bar.
pub(super) struct Bytes<'a> {
    task: &'a dyn Task,
    done: AtomicU64,
    total: AtomicU64,
}

impl<'a> Bytes<'a> {
    pub(super) fn new(task: &'a dyn Task) -> Self {
        Self { task, done: AtomicU64::new(0), total: AtomicU64::new(0) }
    }

    fn expect(&self, bytes: u64) {
        self.total.fetch_add(bytes, Ordering::Relaxed);
    }

    fn advance(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let total = Some(self.total.load(Ordering::Relaxed)).filter(|total| *total >= done);
        self.task.bytes(done, total);
    }
}

/// What a failed download means for a person.
fn explain(name: &str, package: &Package, url: &str, size: u64, part: &Path, error: FetchError) -> CommandError {
    let version = &package.version;
    let failed = |message: String| CommandError::new(ErrorKind::Remote, "package", message);
    let mirror = "set a mirror that this machine reaches in `local.packageMirrors` of plattr.yaml";
    match error {
        FetchError::Disk(e) if cache::is_full(&e) => cache::disk_full(part, Some(size + package.unpacked), e),
        FetchError::Disk(e) => user::folder_error(part, e),
        FetchError::Digest { .. } => failed(format!("{name} {version} is not what is pinned: {error}"))
            .hint("the download was removed; try again")
            .hint("if it happens again, the registry or a mirror or proxy on the way serves something else"),
        FetchError::Status { .. } => failed(format!("cannot fetch {name} {version}: {error}")).hint(mirror),
        FetchError::Unreachable { .. } | FetchError::Interrupted { .. } => failed(format!(
            "cannot fetch {name} {version} from {url}, and it is not in the cache"
        ))
        .because(error)
        .hint("connect to the network and run this again; a download goes on where it stopped")
        .hint(mirror)
        .hint("or bring what is needed from a machine that has it: `plattr bundle create` there, `plattr bundle load` here"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::NativeConfig;
    use super::super::lock::Mirrors;
    use super::*;
    use crate::ui::progress::Silent;

    fn engine(cache: &Path, maven: &str) -> NativeEngine {
        let mirrors = Mirrors { maven: Some(maven.into()), ..Mirrors::default() };
        NativeEngine::new(NativeConfig { cache: Some(cache.into()), mirrors, ..NativeConfig::default() })
    }

    #[tokio::test]
    async fn without_network_and_cache_the_error_names_package_version_and_url() {
        let dir = tempfile::tempdir().unwrap();
        let engine = engine(dir.path(), "http://127.0.0.1:1/m2");
        let error = engine.ensure_package("keycloak", &Bytes::new(&Silent)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Remote);
        for part in ["keycloak", &LOCK.get("keycloak").unwrap().version, "http://127.0.0.1:1/m2/org/keycloak"] {
            assert!(error.message.contains(part), "{}", error.message);
        }
        assert!(error.hints.iter().any(|h| h.contains("mirror")));
        assert!(error.hints.iter().any(|h| h.contains("plattr bundle")));
    }

    #[tokio::test]
    async fn a_package_in_the_cache_needs_no_network() {
        let dir = tempfile::tempdir().unwrap();
        let engine = engine(dir.path(), "http://127.0.0.1:1");
        std::fs::create_dir_all(engine.package("keycloak")).unwrap();
        engine.ensure_package("keycloak", &Bytes::new(&Silent)).await.unwrap();
    }

    #[tokio::test]
    async fn a_mirror_that_serves_something_else_is_refused() {
        let server = wiremock::MockServer::start().await;
        let other = wiremock::ResponseTemplate::new(200).set_body_string("other");
        wiremock::Mock::given(wiremock::matchers::any()).respond_with(other).mount(&server).await;
        let dir = tempfile::tempdir().unwrap();
        let engine = engine(dir.path(), &server.uri());
        let error = engine.ensure_package("keycloak", &Bytes::new(&Silent)).await.unwrap_err();
        let pinned = &LOCK.get("keycloak").unwrap().on[&platform()].sha256;
        assert!(error.message.contains(pinned) && error.message.contains("has the digest"), "{}", error.message);
        assert!(!engine.package("keycloak").exists());
        assert_eq!(std::fs::read_dir(dir.path().join("downloads")).unwrap().count(), 0);
    }
}
