//! Folders of the cache, for machines without a network.

use std::collections::BTreeSet;
use std::path::Path;

use super::cache::{self, Cache};
use super::lock::LOCK;
use super::{Bytes, NativeEngine, platform, unpack, user};
use crate::engines::Engine as _;
use crate::engines::bundle::{Bundle, Entry, Item};
use crate::services::Context;
use crate::services::process::Tools;
use crate::stack::Instance;
use crate::ui::error::CommandResult;
use crate::ui::progress::{Task, blocking};

impl NativeEngine {
    /// What an instance needs, as entries; what is not in the cache is fetched or prepared first. `on_path` is told
    /// which programs of this machine serve instead of a package because the project wants it so.
    ///
    /// # Errors
    /// When something cannot be had.
    pub async fn bundled(
        &self,
        instance: &Instance,
        cx: Context<'_>,
        on_path: &mut BTreeSet<String>,
        task: &dyn Task,
    ) -> CommandResult<Vec<Entry>> {
        self.prepare(instance, cx, task).await?;
        let preparations = instance.service.preparations(cx);
        let packages: BTreeSet<&str> = instance
            .service
            .packages()
            .iter()
            .chain(preparations.iter().flat_map(|preparation| preparation.packages))
            .copied()
            .collect();
        let mut entries = Vec::new();
        for name in packages {
            match self.bundled_package(name, task).await? {
                Some(entry) => entries.push(entry),
                None => {
                    on_path.insert(format!("{name} {}", Tools::version(self, name)));
                }
            }
        }
        for preparation in preparations {
            let path = self.located(preparation);
            // What is optional may have failed.
            if path.is_dir() {
                let version =
                    preparation.packages.first().map(|package| Tools::version(self, package)).unwrap_or_default();
                let folder = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                entries.push(Entry::new(preparation.name, &version, Item::Prepared { folder }));
            }
        }
        Ok(entries)
    }

    /// A package; `None` where the project wants the program on PATH instead. One that is on PATH by chance is not
    /// what another machine has.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn bundled_package(&self, name: &str, task: &dyn Task) -> CommandResult<Option<Entry>> {
        let wished = self.wishes.use_path.contains(name) || self.wishes.versions.contains_key(name);
        if wished && self.resolve(name)?.on_path.is_some() {
            return Ok(None);
        }
        user::make_public(self.cache.root()).map_err(|e| user::folder_error(self.cache.root(), e))?;
        self.ensure_own(name, &Bytes::new(task)).await?;
        let (name, package) = self.own(name)?;
        let folder = package.folder(name, &platform());
        Ok(Some(Entry::new(name, &package.version, Item::Package { folder })))
    }

    /// Everything in the cache that this plattr uses for whatever project, as entries.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn bundled_cache(&self) -> CommandResult<Vec<Entry>> {
        let there = self.cache.list(&self.current_folders())?;
        Ok(there
            .into_iter()
            .filter(|entry| entry.current)
            .filter_map(|cache::Entry { name: folder, kind, .. }| {
                // `postgres-17.6-b72487e7bac6`; what is prepared has no version in its name.
                let (name, _hash) = folder.rsplit_once('-')?;
                // The longest name: `postgres-16-16.15` is no `postgres`.
                let package = LOCK
                    .iter()
                    .filter(|(known, _)| name.strip_prefix(known).is_some_and(|r| r.starts_with('-')))
                    .max_by_key(|(known, _)| known.len());
                let (name, version) = match package {
                    Some((known, _)) if kind == "package" => (known, &name[known.len() + 1..]),
                    _ => (name, ""),
                };
                let (name, version) = (name.to_owned(), version.to_owned());
                let item = match kind {
                    "package" => Item::Package { folder },
                    _ => Item::Prepared { folder },
                };
                Some(Entry::new(&name, &version, item))
            })
            .collect())
    }
}

impl Cache {
    /// Whether the folder of an entry is there.
    pub fn has(&self, item: &Item) -> bool {
        self.place(item).is_some_and(|folder| folder.is_dir())
    }

    /// The folder of an entry.
    pub fn place(&self, item: &Item) -> Option<std::path::PathBuf> {
        match item {
            Item::Package { folder } => Some(self.package(folder)),
            Item::Prepared { folder } => Some(self.prepared(folder)),
            Item::Image { .. } => None,
        }
    }

    /// Unpacks a folder that a bundle has, once its checksum was compared. What is there stays as it is.
    ///
    /// # Errors
    /// When the entry is damaged, or cannot be unpacked.
    pub async fn load(&self, bundle: &Bundle, entry: &Entry, task: &dyn Task) -> CommandResult {
        let Some(target) = self.place(&entry.item) else { return Ok(()) };
        user::make_public(self.root()).map_err(|e| user::folder_error(self.root(), e))?;
        self.ensure(&target, |staging| async move {
            task.doing("unpacking");
            let (from, into) = (bundle.read(entry)?, staging.clone());
            let unpacked = blocking(task, move |_| unpack::unpack_folder(from, &into)).await;
            unpacked.map_err(|e| cannot_unpack(bundle, entry, &staging, e))
        })
        .await
    }
}

fn cannot_unpack(
    bundle: &Bundle,
    entry: &Entry,
    staging: &Path,
    error: std::io::Error,
) -> crate::ui::error::CommandError {
    use std::io::ErrorKind;
    match error.kind() {
        _ if cache::is_full(&error) => cache::disk_full(staging, None, error),
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof | ErrorKind::Other => {
            bundle.damaged(entry, error)
        }
        _ => user::folder_error(staging, error),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;
    use crate::engines::bundle::{Contents, FORMAT, Writer, write_folder};
    use crate::engines::native::NativeConfig;
    use crate::ui::progress::{Meter, Silent};

    fn engine(root: &Path) -> NativeEngine {
        NativeEngine::new(NativeConfig { cache: Some(root.into()), ..NativeConfig::default() })
    }

    fn bundle(folder: &Path, entries: Vec<Entry>, fill: impl Fn(&Item, &mut dyn std::io::Write)) -> Bundle {
        let path = folder.join("bundle.tar");
        let contents = Contents {
            format: FORMAT,
            plattr: String::new(),
            platform: platform(),
            created_at: jiff::Timestamp::UNIX_EPOCH,
            cache: folder.into(),
            entries: entries.clone(),
        };
        let mut writer = Writer::create(&path, contents).unwrap();
        for (index, entry) in entries.iter().enumerate() {
            writer
                .add(index, |out| {
                    fill(&entry.item, out);
                    Ok(())
                })
                .unwrap();
        }
        writer.finish().unwrap();
        Bundle::open(&path).unwrap()
    }

    #[tokio::test]
    async fn a_folder_comes_back_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (engine(&dir.path().join("from")), engine(&dir.path().join("to")));
        let name = LOCK.get("postgres").unwrap().folder("postgres", &platform());
        let folder = from.cache().package(&name);
        std::fs::create_dir_all(folder.join("bin/empty")).unwrap();
        std::fs::write(folder.join("bin/tool"), "x").unwrap();
        std::fs::set_permissions(folder.join("bin/tool"), std::fs::Permissions::from_mode(0o755)).unwrap();
        symlink("tool", folder.join("bin/alias")).unwrap();
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        std::fs::File::open(folder.join("bin/tool")).unwrap().set_modified(time).unwrap();
        // What another plattr is making just now.
        std::fs::create_dir_all(from.cache().prepared(".keycloak-1.staging")).unwrap();
        // What another plattr would use.
        std::fs::create_dir_all(from.cache().package("postgres-9.0-0a")).unwrap();
        let prepared = from.prepared("keycloak-archive");
        std::fs::create_dir_all(&prepared).unwrap();

        let entries = from.bundled_cache().unwrap();
        let told: Vec<_> = entries.iter().map(|e| (e.name.as_str(), e.version.as_str(), e.kind())).collect();
        let version = LOCK.get("postgres").unwrap().version.as_str();
        assert_eq!(told, [("postgres", version, "package"), ("keycloak-archive", "", "prepared")]);
        let bundle = bundle(dir.path(), entries, |item, out| {
            write_folder(&from.cache().place(item).unwrap(), 10, out, &Meter::unseen()).unwrap();
        });
        for entry in &bundle.contents.entries {
            to.cache().load(&bundle, entry, &Silent).await.unwrap();
            assert!(to.cache().has(&entry.item));
        }
        let tool = to.cache().package(&name).join("bin/tool");
        let metadata = std::fs::metadata(&tool).unwrap();
        assert_eq!((metadata.permissions().mode() & 0o777, metadata.modified().unwrap()), (0o755, time));
        assert_eq!(std::fs::read_to_string(tool.with_file_name("alias")).unwrap(), "x");
        assert!(tool.with_file_name("empty").is_dir());
        // What is there is left alone.
        std::fs::write(&tool, "mine").unwrap();
        to.cache().load(&bundle, &bundle.contents.entries[0], &Silent).await.unwrap();
        assert_eq!(std::fs::read_to_string(&tool).unwrap(), "mine");
    }

    #[tokio::test]
    async fn an_entry_that_leads_out_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let to = engine(&dir.path().join("to"));
        let entry = Entry::new("evil", "1", Item::Package { folder: "evil-1".into() });
        let bundle = bundle(dir.path(), vec![entry], |_, out| {
            let mut header = tar::Header::new_gnu();
            let name = "../../../evil";
            header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
            header.set_size(1);
            header.set_cksum();
            let mut tar = tar::Builder::new(out);
            tar.append(&header, &b"x"[..]).unwrap();
            tar.finish().unwrap();
        });
        let error = to.cache().load(&bundle, &bundle.contents.entries[0], &Silent).await.unwrap_err();
        assert_eq!(error.code, "bundle-damaged");
        assert!(error.message.contains("the package evil 1"), "{error}");
        assert!(!dir.path().join("evil").exists());
        assert_eq!(std::fs::read_dir(to.cache().root().join("packages")).unwrap().count(), 0);
    }
}
