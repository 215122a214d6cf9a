//! The user's cache: unpacked packages, and things made from them once per machine.
//!
//! ```text
//! packages/NAME-VERSION-HASH/    unpacked, verified packages
//! prepared/NAME-HASH/            made once per machine
//! downloads/                     what is on its way
//! locks/                         one file for each of the above: several plattr processes share a cache
//! used/                          empty files whose time says when something was last used
//! ```

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Serialize;

use super::user;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// A cache folder.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
}

/// Something in the cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Name: `postgres-17.6`.
    pub name: String,
    /// `package`, `prepared` or `download`.
    pub kind: &'static str,
    /// Bytes on disk.
    pub bytes: u64,
    /// When it was last used.
    pub last_used: Option<jiff::Timestamp>,
    /// Whether this plattr would use it, or a service that runs does.
    pub current: bool,
    /// Where it is.
    pub path: PathBuf,
}

impl Cache {
    /// The cache in `root`.
    pub fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of an unpacked package.
    pub fn package(&self, folder: &str) -> PathBuf {
        self.root.join("packages").join(folder)
    }

    /// The folder of a prepared thing.
    pub fn prepared(&self, folder: &str) -> PathBuf {
        self.root.join("prepared").join(folder)
    }

    /// Where `name` is while it is downloaded.
    pub fn download(&self, name: &str) -> PathBuf {
        self.root.join("downloads").join(format!("{name}.part"))
    }

    /// The folders of packages and prepared things that a text names.
    pub fn mentioned(&self, text: &str) -> BTreeSet<PathBuf> {
        let begins = [self.root.join("packages"), self.root.join("prepared")];
        let found = begins.iter().flat_map(|folder| {
            let prefix = format!("{}/", folder.display());
            let after = text.match_indices(&prefix).map(|(at, prefix)| &text[at + prefix.len()..]).collect::<Vec<_>>();
            let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
            after.into_iter().map(move |rest| folder.join(rest.split(|c| !is_name(c)).next().unwrap_or_default()))
        });
        found.collect()
    }

    /// Makes sure that the folder `target` (of this cache) exists: `make` fills a staging folder, which is
    /// then renamed, so that a folder that exists is complete. Of several processes one makes it, and the
    /// others wait.
    pub async fn ensure<F>(&self, target: &Path, make: impl FnOnce(PathBuf) -> F) -> CommandResult<()>
    where
        F: Future<Output = CommandResult<()>>,
    {
        let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if target.is_dir() {
            self.touch(&name);
            return Ok(());
        }
        let parent = target.parent().unwrap_or(&self.root).to_owned();
        for folder in [parent.clone(), self.root.join("downloads"), self.root.join("locks")] {
            user::make_public(&folder).map_err(|e| user::folder_error(&folder, e))?;
        }
        let _lock = lock(&self.root.join("locks").join(format!("{name}.lock"))).await?;
        if target.is_dir() {
            return Ok(());
        }
        // Whoever held the lock before is gone, so what it left behind is nobody's.
        let staging = parent.join(format!(".{name}.staging"));
        remove_all(&staging).map_err(|e| user::folder_error(&staging, e))?;
        user::make_public(&staging).map_err(|e| user::folder_error(&staging, e))?;
        let made = make(staging.clone()).await;
        let made = made.and_then(|()| fs::rename(&staging, target).map_err(|e| user::folder_error(target, e)));
        if made.is_err() {
            let _ = remove_all(&staging);
        }
        self.touch(&name);
        made
    }

    /// Remembers that something is used now. Failing to is no reason to stop.
    fn touch(&self, name: &str) {
        let folder = self.root.join("used");
        let touched = user::make_public(&folder).and_then(|()| {
            let file = File::options().create(true).append(true).open(folder.join(name))?;
            file.set_modified(SystemTime::now())
        });
        if let Err(error) = touched {
            tracing::debug!(%error, name, "cannot remember when it was used");
        }
    }

    /// What is in it. `current` are the folders that this plattr would use.
    pub fn list(&self, current: &BTreeSet<PathBuf>) -> CommandResult<Vec<Entry>> {
        let mut entries = Vec::new();
        for (folder, kind) in [("packages", "package"), ("prepared", "prepared"), ("downloads", "download")] {
            let folder = self.root.join(folder);
            let found = match fs::read_dir(&folder) {
                Ok(found) => found,
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                Err(e) => return Err(user::folder_error(&folder, e)),
            };
            for path in found.flatten().map(|e| e.path()) {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let used = fs::metadata(self.root.join("used").join(&name)).or_else(|_| fs::metadata(&path));
                entries.push(Entry {
                    kind,
                    bytes: size_of(&path),
                    last_used: used.and_then(|m| m.modified()).ok().and_then(|t| t.try_into().ok()),
                    current: current.contains(&path),
                    name,
                    path,
                });
            }
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }

    /// Removes what this plattr would not use, or everything with `all`; returns what was removed. What
    /// another process is making right now is left alone.
    pub fn prune(&self, current: &BTreeSet<PathBuf>, all: bool) -> CommandResult<Vec<Entry>> {
        let mut removed = Vec::new();
        for entry in self.list(current)? {
            if entry.current && !all {
                continue;
            }
            let base = entry
                .name
                .trim_start_matches('.')
                .trim_end_matches(".staging")
                .trim_end_matches(".scratch")
                .trim_end_matches(".part");
            let lock = self.root.join("locks").join(format!("{base}.lock"));
            let lock = File::options().create(true).append(true).open(lock);
            if lock.as_ref().is_ok_and(|lock| lock.try_lock().is_err()) {
                continue;
            }
            remove_all(&entry.path).map_err(|e| user::folder_error(&entry.path, e))?;
            let _ = fs::remove_file(self.root.join("used").join(&entry.name));
            removed.push(entry);
        }
        Ok(removed)
    }
}

/// Where the cache is: `PLATTR_CACHE_DIR`, else for root in a home that others cannot enter
/// `/var/cache/plattr`, else the platform's place for caches.
pub fn default_root() -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    if let Some(root) = variable("PLATTR_CACHE_DIR") {
        return std::path::absolute(&root).unwrap_or(root);
    }
    let home = variable("HOME").unwrap_or_else(|| PathBuf::from("/"));
    let nobody = user::User { uid: u32::MAX - 1, gid: u32::MAX - 1 };
    if user::is_root() && !user::can_reach(&home, nobody) {
        return PathBuf::from("/var/cache/plattr");
    }
    let caches = match variable("XDG_CACHE_HOME").filter(|p| p.is_absolute()) {
        Some(xdg) => xdg,
        None if cfg!(target_os = "macos") => home.join("Library/Caches"),
        None => home.join(".cache"),
    };
    caches.join("plattr")
}

/// Takes the lock `path`, waiting for whoever holds it. It is given back when the file is dropped, or when
/// the process ends in whatever way.
pub async fn lock(path: &Path) -> CommandResult<File> {
    let file = File::options().create(true).append(true).open(path).map_err(|e| user::folder_error(path, e))?;
    let path = path.to_owned();
    let locked = tokio::task::spawn_blocking(move || file.lock().map(|()| file)).await;
    match locked {
        Ok(Ok(file)) => Ok(file),
        Ok(Err(e)) => Err(user::folder_error(&path, e)),
        Err(e) => {
            Err(CommandError::new(ErrorKind::Failed, "lock", format!("cannot lock {}", path.display())).because(e))
        }
    }
}

/// Whether an error means that the disk, or someone's share of it, is full.
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// What to say when it is.
pub fn disk_full(folder: &Path, needed: Option<u64>, error: io::Error) -> CommandError {
    let existing = folder.ancestors().find(|f| f.is_dir()).unwrap_or(folder);
    let free = rustix::fs::statvfs(existing)
        .map(|s| s.f_bavail * s.f_frsize)
        .map(|b| format!("; {} are free", megabytes(b)))
        .unwrap_or_default();
    let needed = needed.map(|b| format!(": about {} are needed", megabytes(b))).unwrap_or_default();
    CommandError::new(
        ErrorKind::Environment,
        "disk-full",
        format!("no space left in {}{needed}{free}", existing.display()),
    )
    .because(error)
    .hint("`plattr cache prune` removes packages that are not used any more")
    .hint("set PLATTR_CACHE_DIR to keep packages on another disk")
}

/// Bytes as people read them.
pub fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

/// Removes a file or a folder, which need not be there, and may be read-only.
pub fn remove_all(path: &Path) -> io::Result<()> {
    let Ok(metadata) = fs::symlink_metadata(path) else { return Ok(()) };
    if !metadata.is_dir() {
        return fs::remove_file(path);
    }
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied => {
            make_writable(path)?;
            fs::remove_dir_all(path)
        }
        other => other,
    }
}

fn make_writable(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            make_writable(&entry.path())?;
        }
    }
    Ok(())
}

/// Bytes of a file, or of all files below a folder.
pub fn size_of(path: &Path) -> u64 {
    let Ok(metadata) = fs::symlink_metadata(path) else { return 0 };
    if !metadata.is_dir() {
        return metadata.len();
    }
    fs::read_dir(path).into_iter().flatten().flatten().map(|e| size_of(&e.path())).sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn a_failed_try_leaves_nothing_and_the_next_one_succeeds() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path().into());
        let target = cache.package("tool-1");
        let failed = cache
            .ensure(&target, |staging| async move {
                fs::write(staging.join("half"), "x").unwrap();
                Err(CommandError::new(ErrorKind::Failed, "test", "no"))
            })
            .await;
        assert!(failed.is_err() && !target.exists());
        cache
            .ensure(&target, |staging| async move {
                assert!(!staging.join("half").exists());
                fs::write(staging.join("whole"), "x").unwrap();
                Ok(())
            })
            .await
            .unwrap();
        assert!(target.join("whole").exists());
    }

    #[tokio::test]
    async fn two_at_once_make_it_once() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path().into());
        let target = cache.package("tool-1");
        let made = std::sync::atomic::AtomicUsize::new(0);
        let one = || {
            cache.ensure(&target, |_| async {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                made.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                Ok(())
            })
        };
        let (a, b) = tokio::join!(one(), one());
        a.and(b).unwrap();
        assert_eq!(made.into_inner(), 1);
    }

    #[tokio::test]
    async fn prune_keeps_what_is_current() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path().into());
        for name in ["old-1", "new-2"] {
            cache.ensure(&cache.package(name), |_| async { Ok(()) }).await.unwrap();
        }
        let current = BTreeSet::from([cache.package("new-2")]);
        let removed = cache.prune(&current, false).unwrap();
        assert_eq!(removed.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), ["old-1"]);
        assert!(cache.package("new-2").exists());
        assert_eq!(cache.prune(&current, true).unwrap().len(), 1);
    }

    #[test]
    fn folders_are_found_wherever_a_text_names_them() {
        let cache = Cache::at("/cache".into());
        let text = "-cp /cache/prepared/keycloak-0a1b/lib/a.jar:/cache/packages/java-25.0.1+8-ff/b -x /else/packages/c";
        let expected = ["/cache/packages/java-25.0.1+8-ff", "/cache/prepared/keycloak-0a1b"].map(PathBuf::from);
        assert_eq!(cache.mentioned(text), BTreeSet::from(expected));
    }

    #[test]
    fn a_full_disk_is_said_plainly() {
        let error = disk_full(Path::new("/tmp"), Some(375_000_000), io::ErrorKind::StorageFull.into());
        assert_eq!((error.kind, error.code), (ErrorKind::Environment, "disk-full"));
        assert!(error.message.contains("375 MB") && error.message.contains("/tmp"), "{}", error.message);
        assert!(error.hints[0].contains("plattr cache prune"));
    }
}
