//! Snapshots: the data of a whole stack as it was once, in `snapshots/NAME/` of the stack's folder.
//!
//! ```text
//! snapshots/NAME/snapshot.json    what it is a snapshot of, and the checksum of
//! snapshots/NAME/data.tar.gz      the data, as the engine wrote it
//! snapshots/.saving-NAME/         one that is being written, or that took the place of which another was put
//! snapshots/.old-NAME/            one that is being replaced or deleted
//! ```

pub mod archive;
pub mod swap;

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use plattr_api::{AppName, SnapshotName};
use serde::{Deserialize, Serialize};

use self::archive::{Checksum, Reader, Writer};
use super::Facts;
use super::observe::OpenStack;
use super::state::write_private;
use crate::engines::{Condition, Observed};
use crate::services;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::{Progress, blocking};
use crate::ui::units;

/// The layout of a snapshot's folder.
const FORMAT: u32 = 1;
const MANIFEST: &str = "snapshot.json";
const ARCHIVE: &str = "data.tar.gz";

/// What a snapshot is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// [`FORMAT`] of the plattr that wrote it.
    pub format: u32,
    /// Its name, which is that of its folder.
    pub name: String,
    /// When its data was saved.
    pub created_at: Timestamp,
    /// What its maker wanted to remember.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Version of the plattr that made it.
    pub plattr: String,
    /// Engine that reads its data.
    pub engine: String,
    /// Operating system and processor that read its data: `linux-x86_64`.
    pub platform: String,
    /// The stack that it was made of.
    pub stack: String,
    /// Applications whose data it has.
    pub applications: Vec<AppName>,
    /// Versions of the services that wrote the data, by service.
    pub services: BTreeMap<String, String>,
    /// What provisioning had told. No secrets.
    pub facts: Facts,
    /// Bytes of the data, before compression.
    pub data_bytes: u64,
    /// The archive.
    pub archive: Checksum,
}

impl Manifest {
    /// The snapshot for people: its name, its age and its message, within a sentence.
    pub fn described(&self, now: Timestamp) -> String {
        let age = units::duration(now.duration_since(self.created_at).unsigned_abs());
        let message = self.message.as_ref().map(|message| format!(" ({message})")).unwrap_or_default();
        format!("`{}`, saved {age} ago{message}", self.name)
    }

    /// Refuses what a stack on `engine` cannot use, with the way out. `versions` are those of its services, by
    /// service.
    ///
    /// # Errors
    /// When the snapshot is of another engine or platform, or of versions whose data is not read.
    pub fn check(&self, engine: &str, platform: &str, versions: &BTreeMap<&str, String>) -> CommandResult {
        let Self { name, .. } = self;
        let refused = |code, message| CommandError::new(ErrorKind::Environment, code, message);
        if self.engine != engine {
            let message =
                format!("the snapshot `{name}` is of the engine `{}`, and this stack runs on `{engine}`", self.engine);
            return Err(refused("snapshot-engine", message).hint(format!(
                "to restore it, set `local.engine: {}` in plattr.yaml and run this again",
                self.engine
            )));
        }
        if self.platform != platform {
            let message =
                format!("the snapshot `{name}` was made on {}, and this machine is {platform}", self.platform);
            return Err(refused("snapshot-platform", message)
                .hint(format!("restore it on {}", self.platform))
                .hint("the services' own tools, such as pg_dump, move data between platforms"));
        }
        let unlike: Vec<_> = self
            .services
            .iter()
            .filter_map(|(service, wrote)| {
                let (service, runs) = (services::find(service)?, versions.get(service.as_str())?);
                (!service.reads(wrote, runs)).then_some((service, wrote, runs))
            })
            .collect();
        let Some((service, wrote, _)) = unlike.first() else { return Ok(()) };
        let what = unlike.iter().map(|(service, wrote, runs)| {
            format!("its data is of {title} {wrote}, which {title} {runs} cannot read", title = service.title())
        });
        let message = format!("the snapshot `{name}` does not fit: {}", what.collect::<Vec<_>>().join("; "));
        let package = service.packages().first().copied().unwrap_or_default();
        // The least that has to be asked for: `16` for PostgreSQL, where every 16.x serves.
        let least = wrote.split('.').next().filter(|major| service.reads(wrote, major)).unwrap_or(wrote);
        let way = match self.engine.as_str() {
            "kind" => format!("put an image of its version {wrote} into images.lock, as `{}`,", service.image().key),
            _ => format!("set `local.versions.{package}: \"{least}\"` in plattr.yaml"),
        };
        Err(refused("snapshot-version", message)
            .hint(format!("{way} and run this again"))
            .hint(format!("or restore it with plattr {}, which made it", self.plattr)))
    }

    /// In what its applications differ from those of a stack.
    pub fn differences<'a>(&self, applications: impl Iterator<Item = &'a AppName>) -> Vec<String> {
        let now: Vec<&AppName> = applications.collect();
        let missing = now.iter().filter(|app| !self.applications.contains(app));
        let missing = missing.map(|app| format!("it has no data of `{app}`, which begins anew"));
        let gone = self.applications.iter().filter(|app| !now.contains(app));
        let gone = gone.map(|app| format!("it has data of `{app}`, which is not in this stack"));
        missing.chain(gone).collect()
    }
}

/// What is found in the folder of snapshots.
#[derive(Debug)]
pub struct Listed {
    /// The name of its folder.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// What it is, or why that is not known.
    pub manifest: CommandResult<Manifest>,
}

/// The folder of the snapshots of the stack under `root`.
pub fn folder(root: &Path) -> PathBuf {
    root.join("snapshots")
}

fn folder_of(root: &Path, name: &str) -> PathBuf {
    folder(root).join(name)
}

/// All snapshots of the stack under `root`, the oldest first.
///
/// # Errors
/// When their folder cannot be read.
pub fn list(root: &Path) -> CommandResult<Vec<Listed>> {
    let folder = folder(root);
    let entries = match fs::read_dir(&folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|e| CommandError::io("read", &folder, e))?,
    };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut listed: Vec<Listed> = names
        .filter(|name| !name.starts_with('.') && folder.join(name).is_dir())
        .map(|name| Listed { folder: folder.join(&name), manifest: read(root, &name), name })
        .collect();
    listed.sort_by_key(|one| (one.manifest.as_ref().ok().map(|m| m.created_at), one.name.clone()));
    Ok(listed)
}

/// Reads what a snapshot is.
///
/// # Errors
/// When there is none of that name, it is damaged, or a newer plattr made it.
pub fn read(root: &Path, name: &str) -> CommandResult<Manifest> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let path = folder_of(root, name).join(MANIFEST);
    let text = match fs::read_to_string(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(CommandError::new(ErrorKind::Failed, "no-snapshot", format!("there is no snapshot `{name}`"))
                .hint("`plattr snapshot list` shows those that there are"));
        }
        text => text.map_err(|e| CommandError::io("read", &path, e))?,
    };
    let damaged = |error: serde_json::Error| {
        CommandError::new(ErrorKind::Environment, "snapshot-damaged", format!("{} is damaged", path.display()))
            .because(error)
            .hint(format!("`plattr snapshot delete {name}` removes the snapshot"))
    };
    let Format { format } = serde_json::from_str(&text).map_err(damaged)?;
    if format != FORMAT {
        let message =
            format!("the snapshot `{name}` has layout {format}; plattr {} reads {FORMAT}", env!("CARGO_PKG_VERSION"));
        return Err(CommandError::new(ErrorKind::Environment, "snapshot-format", message)
            .hint("use the plattr that made it, or a newer one"));
    }
    let manifest: Manifest = serde_json::from_str(&text).map_err(damaged)?;
    Ok(Manifest { name: name.to_owned(), ..manifest })
}

/// Whether there is a snapshot of that name, also a damaged one.
pub fn exists(root: &Path, name: &SnapshotName) -> bool {
    folder_of(root, name.as_str()).is_dir()
}

/// Removes what a plattr left behind that was killed while it saved or deleted. Under the stack's lock.
///
/// # Errors
/// When a folder cannot be deleted.
pub fn tidy(root: &Path) -> CommandResult {
    let folder = folder(root);
    let Ok(at) = File::open(&folder) else { return Ok(()) };
    for name in fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.file_name()) {
        let path = folder.join(&name);
        let name = name.to_string_lossy();
        if let Some(replaced) = name.strip_prefix(".old-") {
            swap::settle(&at, replaced, &name).map_err(|e| CommandError::io("rename", &path, e))?;
        }
        if name.starts_with('.') && path.exists() {
            fs::remove_dir_all(&path).map_err(|e| CommandError::io("delete", &path, e))?;
        }
    }
    Ok(())
}

/// Deletes a snapshot, at once for whoever looks. Under the stack's lock.
///
/// # Errors
/// When it cannot be deleted.
pub fn delete(root: &Path, name: &str) -> CommandResult {
    let (path, doomed) = (folder_of(root, name), folder(root).join(format!(".deleting-{name}")));
    fs::rename(&path, &doomed)
        .and_then(|()| fs::remove_dir_all(&doomed))
        .map_err(|e| CommandError::io("delete", &path, e))
}

/// Deletes all snapshots. Under the stack's lock.
///
/// # Errors
/// When one cannot be deleted.
pub fn delete_all(root: &Path) -> CommandResult {
    list(root)?.iter().try_for_each(|one| delete(root, &one.name))?;
    tidy(root)?;
    match fs::remove_dir(folder(root)) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(CommandError::io("delete", &folder(root), e)),
        _ => Ok(()),
    }
}

/// Versions of the services of a stack as they would run now, by service.
///
/// # Errors
/// When one cannot run on this machine at all.
pub fn versions(open: &OpenStack) -> CommandResult<BTreeMap<&'static str, String>> {
    open.instances().iter().map(|i| Ok((i.service.name(), open.engine.version(i)?))).collect()
}

/// Saves the data of a stack of which nothing runs any more; `observed` is how it ran. Under the stack's lock. A
/// snapshot of the same name is replaced. Killed at any moment, it leaves no snapshot that is not whole.
///
/// # Errors
/// When the data cannot be read, or the snapshot cannot be written.
pub async fn save(
    open: &OpenStack,
    observed: &[Observed],
    name: &SnapshotName,
    message: Option<String>,
    progress: &dyn Progress,
) -> CommandResult<Manifest> {
    let root = &open.stack.root;
    let task = progress.task("snapshot");
    task.doing("saving the data");
    let created_at = Timestamp::now();
    let mut services: BTreeMap<String, String> =
        versions(open)?.into_iter().map(|(service, version)| (service.to_owned(), version)).collect();
    for instance in open.instances() {
        // What ran wrote the data, whichever version comes next.
        let wrote = match observed.iter().find(|o| o.id == instance.id()).map(|o| &o.condition) {
            Some(Condition::Running { version, .. }) => Some(version.clone()),
            _ => open.engine.wrote(&open.stack, &instance),
        };
        services.extend(wrote.map(|version| (instance.service.name().to_owned(), version)));
    }
    let staging = format!(".saving-{name}");
    let path = folder(root).join(&staging);
    let failed = |e| CommandError::io("write", &path, e);
    tidy(root)?;
    private_folder(&path).map_err(failed)?;

    let into = Writer::create(&path.join(ARCHIVE)).map_err(failed)?;
    let written = open.engine.save_data(&open.stack, into, task.as_ref()).await;
    let written = written.and_then(|written| Ok((written.bytes(), written.finish().map_err(failed)?)));
    let (data_bytes, archive) = match written {
        Ok(written) => written,
        Err(error) => {
            task.failed(&error.message);
            // It takes room for nothing; the next run tries it again.
            let _ = fs::remove_dir_all(&path);
            return Err(error);
        }
    };
    let manifest = Manifest {
        format: FORMAT,
        name: name.to_string(),
        created_at,
        message,
        plattr: env!("CARGO_PKG_VERSION").to_owned(),
        engine: open.engine.name().to_owned(),
        platform: platform(),
        stack: open.stack.name.clone(),
        applications: open.stack.apps.keys().cloned().collect(),
        services,
        facts: open.state.facts.clone(),
        data_bytes,
        archive,
    };
    write_private(&path.join(MANIFEST), &format!("{:#}\n", serde_json::json!(manifest)))?;
    let at = File::open(folder(root)).map_err(failed)?;
    File::open(&path)
        .and_then(|folder| folder.sync_all())
        .and_then(|()| swap::swap(&at, &staging, name.as_str(), &format!(".old-{name}")))
        .and_then(|()| at.sync_all())
        .map_err(failed)?;
    task.done(&format!("saved, {} of {}", units::bytes(manifest.archive.bytes), units::bytes(data_bytes)));
    tidy(root)?;
    Ok(manifest)
}

/// Opens the archive of a snapshot, if it is what was saved.
///
/// # Errors
/// When it is not, or cannot be read.
pub async fn verified(root: &Path, manifest: &Manifest, progress: &dyn Progress) -> CommandResult<Reader> {
    let task = progress.task("snapshot");
    task.doing("checking the checksum");
    let (path, total) = (folder_of(root, &manifest.name).join(ARCHIVE), manifest.data_bytes);
    let archive = path.clone();
    let opened = blocking(task.as_ref(), move |meter| Reader::open(&archive, total, meter)).await;
    let (reader, found) = opened.map_err(|e| CommandError::io("read", &path, e))?;
    if found != manifest.archive {
        task.failed("it is not what was saved");
        let message = format!("the snapshot `{}` is damaged: {} is not what was saved", manifest.name, path.display());
        let shown = |sum: &Checksum| format!("{} bytes with sha256:{}", sum.bytes, sum.sha256);
        return Err(CommandError::new(ErrorKind::Environment, "snapshot-checksum", message)
            .because(format!("it has {}, and {} were saved", shown(&found), shown(&manifest.archive)))
            .hint("nothing was changed; restore another snapshot (`plattr snapshot list`) or a copy of this one"));
    }
    task.done("is what was saved");
    Ok(reader)
}

/// The operating system and processor of this machine.
pub fn platform() -> String {
    format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH)
}

/// Makes a folder that only its owner enters.
fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn manifest(name: &str) -> Manifest {
        Manifest {
            format: FORMAT,
            name: name.into(),
            created_at: "2026-11-21T08:00:00Z".parse().unwrap(),
            message: Some("before the upgrade".into()),
            plattr: "0.1.0".into(),
            engine: "native".into(),
            platform: "linux-x86_64".into(),
            stack: "todo".into(),
            applications: vec!["todo".parse().unwrap(), "blog".parse().unwrap()],
            services: BTreeMap::from([("postgres".into(), "16.4".into()), ("redis".into(), "6.2.14".into())]),
            facts: Facts::new(),
            data_bytes: 98_000_000,
            archive: Checksum { sha256: "ab".into(), bytes: 8_000_000 },
        }
    }

    fn write(root: &Path, manifest: &Manifest) {
        let folder = folder_of(root, &manifest.name);
        private_folder(&folder).unwrap();
        fs::write(folder.join(MANIFEST), serde_json::to_string(manifest).unwrap()).unwrap();
    }

    #[test]
    fn the_file_is_stable() {
        insta::assert_snapshot!(format!("{:#}", serde_json::json!(manifest("before"))));
    }

    #[test]
    fn what_fits_is_accepted_and_what_is_unlike_is_refused_with_the_way_out() {
        let snapshot = manifest("before");
        let runs =
            |postgres: &str, redis: &str| BTreeMap::from([("postgres", postgres.into()), ("redis", redis.into())]);
        snapshot.check("native", "linux-x86_64", &runs("16.9", "7.4.1")).unwrap();
        // What the stack does not want is no obstacle.
        snapshot.check("native", "linux-x86_64", &BTreeMap::from([("redis", "7.4.1".into())])).unwrap();
        let refused = |engine, platform, versions| {
            let error = snapshot.check(engine, platform, &versions).unwrap_err();
            let hints: String = error.hints.iter().map(|hint| format!("\n  {hint}")).collect();
            format!("{}: {}{hints}\n", error.code, error.message)
        };
        let all = [
            refused("kind", "linux-x86_64", runs("16.9", "7.4.1")),
            refused("native", "macos-aarch64", runs("16.9", "7.4.1")),
            refused("native", "linux-x86_64", runs("17.6", "7.4.1")),
            refused("native", "linux-x86_64", runs("17.6", "5.0.1")),
        ];
        insta::assert_snapshot!(all.join(""));
    }

    #[test]
    fn other_applications_are_named() {
        let now: [AppName; 2] = ["todo".parse().unwrap(), "shop".parse().unwrap()];
        let differences = manifest("before").differences(now.iter());
        let expected =
            ["it has no data of `shop`, which begins anew", "it has data of `blog`, which is not in this stack"];
        assert_eq!(differences, expected);
    }

    #[test]
    fn the_oldest_is_listed_first_and_what_is_half_written_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        assert!(list(dir.path()).unwrap().is_empty());
        write(dir.path(), &Manifest { created_at: "2026-11-22T08:00:00Z".parse().unwrap(), ..manifest("a") });
        write(dir.path(), &manifest("b"));
        write(dir.path(), &manifest(".saving-c"));
        fs::create_dir(folder_of(dir.path(), "broken")).unwrap();
        fs::write(folder_of(dir.path(), "broken").join(MANIFEST), "{").unwrap();
        let listed = list(dir.path()).unwrap();
        assert_eq!(listed.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["broken", "b", "a"]);
        assert_eq!(listed[0].manifest.as_ref().unwrap_err().code, "snapshot-damaged");
        assert_eq!(read(dir.path(), "none").unwrap_err().code, "no-snapshot");
        write(dir.path(), &Manifest { format: 99, ..manifest("newer") });
        assert_eq!(read(dir.path(), "newer").unwrap_err().code, "snapshot-format");
    }

    #[test]
    fn what_a_killed_plattr_left_is_removed_and_what_it_was_replacing_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        tidy(dir.path()).unwrap();
        for name in [".saving-a", ".deleting-b", "c", ".old-c", ".old-d"] {
            write(dir.path(), &manifest(name));
        }
        tidy(dir.path()).unwrap();
        let mut names: Vec<_> = fs::read_dir(folder(dir.path())).unwrap().flatten().map(|e| e.file_name()).collect();
        names.sort();
        assert_eq!(names, ["c", "d"]);
        delete(dir.path(), "c").unwrap();
        delete_all(dir.path()).unwrap();
        assert!(!folder(dir.path()).exists());
        delete_all(dir.path()).unwrap();
    }

    #[tokio::test]
    async fn an_archive_that_is_not_what_was_saved_is_not_opened() {
        use std::io::Write as _;
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &manifest("a"));
        let path = folder_of(dir.path(), "a").join(ARCHIVE);
        let mut writer = Writer::create(&path).unwrap();
        writer.write_all(b"data").unwrap();
        let archive = writer.finish().unwrap();
        let silent = crate::ui::progress::Silent;
        let good = Manifest { archive, ..manifest("a") };
        assert!(verified(dir.path(), &good, &silent).await.is_ok());
        let error = verified(dir.path(), &manifest("a"), &silent).await.err().unwrap();
        assert_eq!((error.kind, error.code), (ErrorKind::Environment, "snapshot-checksum"));
    }
}
