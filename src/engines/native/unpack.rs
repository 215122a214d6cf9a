//! Archives, unpacked without trusting what they say about paths.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::lock::ArchiveKind;

/// Unpacks `archive` into the existing, empty folder `into`; of the archive, only what is below `subpath`.
/// Blocking.
pub fn unpack(archive: &Path, kind: ArchiveKind, subpath: Option<&str>, into: &Path) -> io::Result<()> {
    let subpath = subpath.map(PathBuf::from);
    let mut folder =
        Folder { root: into.canonicalize()?, subpath: subpath.clone().unwrap_or_default(), keep_times: false };
    let file = BufReader::new(File::open(archive)?);
    match kind {
        ArchiveKind::Tgz => folder.tar(flate2::read::GzDecoder::new(file)),
        ArchiveKind::Zip => folder.zip(file),
        ArchiveKind::JarTxz => {
            let mut jar = zip::ZipArchive::new(file).map_err(io::Error::other)?;
            let inner = jar.file_names().flatten().find(|n| n.ends_with(".txz")).map(|n| n.into_owned());
            let inner = inner.ok_or_else(|| hostile("the jar holds no .txz"))?;
            let inner = jar.by_name(&inner).map_err(io::Error::other)?;
            folder.tar(liblzma::read::XzDecoder::new(inner))
        }
        ArchiveKind::Program => {
            let subpath = subpath.unwrap_or_default();
            let name = subpath.file_name();
            let name = name.ok_or_else(|| hostile("the program has no name"))?;
            fs::copy(archive, into.join(name)).map(drop)
        }
    }
}

/// Unpacks a tar that was made of a folder of the cache into the existing, empty folder `into`, with the times of its
/// files: what Java has learned about a jar counts only for a jar of the same time. Blocking.
pub fn unpack_folder(tar: impl Read, into: &Path) -> io::Result<()> {
    Folder { root: into.canonicalize()?, subpath: PathBuf::new(), keep_times: true }.tar(tar)
}

/// Makes files executable: paths relative to `root`, where `folder/*` stands for everything below a folder.
pub fn set_executable(root: &Path, patterns: &[String]) -> io::Result<()> {
    for pattern in patterns {
        match pattern.strip_suffix("/*") {
            Some(folder) => set_executable_below(&root.join(folder))?,
            None => fs::set_permissions(root.join(pattern), fs::Permissions::from_mode(0o755))?,
        }
    }
    Ok(())
}

fn set_executable_below(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            set_executable_below(&entry.path())?;
        } else if kind.is_file() {
            fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o755))?;
        }
    }
    Ok(())
}

fn hostile(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.into())
}

/// A folder that entries cannot leave.
struct Folder {
    root: PathBuf,
    subpath: PathBuf,
    keep_times: bool,
}

impl Folder {
    fn tar(&mut self, reader: impl Read) -> io::Result<()> {
        let mut archive = tar::Archive::new(reader);
        for entry in archive.entries()? {
            let mut entry = entry?;
            let name = entry.path()?.into_owned();
            let Some(path) = self.place(&name)? else { continue };
            let kind = entry.header().entry_type();
            if kind.is_dir() {
                make_folder(&path)?;
            } else if kind.is_file() {
                let mode = entry.header().mode()?;
                let time = UNIX_EPOCH.checked_add(Duration::from_secs(entry.header().mtime()?));
                self.file(&path, mode, &mut entry)?;
                if let Some(time) = time.filter(|_| self.keep_times) {
                    File::open(&path)?.set_modified(time)?;
                }
            } else if kind.is_symlink() {
                let target =
                    entry.link_name()?.ok_or_else(|| hostile("a symbolic link without a target"))?.into_owned();
                self.symlink(&path, &target)?;
            } else if kind.is_hard_link() {
                let target = entry.link_name()?.ok_or_else(|| hostile("a hard link without a target"))?.into_owned();
                let target = self.place(&target)?.ok_or_else(|| hostile("a hard link out of the package"))?;
                self.prepare(&path)?;
                fs::copy(self.inside(&target)?, &path)?;
            } else if !kind.is_pax_global_extensions() {
                return Err(hostile(format!("{} is neither file, folder nor link", name.display())));
            }
        }
        Ok(())
    }

    fn zip(&mut self, reader: impl Read + io::Seek) -> io::Result<()> {
        let mut archive = zip::ZipArchive::new(reader).map_err(io::Error::other)?;
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).map_err(io::Error::other)?;
            let name = entry.name().map_err(io::Error::other)?.into_owned();
            let Some(path) = self.place(Path::new(&name))? else { continue };
            if entry.is_dir() {
                make_folder(&path)?;
            } else if entry.is_symlink() {
                let mut target = String::new();
                entry.read_to_string(&mut target)?;
                self.symlink(&path, Path::new(&target))?;
            } else {
                let mode = entry.unix_mode().unwrap_or(0o644);
                self.file(&path, mode, &mut entry)?;
            }
        }
        Ok(())
    }

    /// Where an entry belongs; `None` where it is not below the kept folder.
    fn place(&self, name: &Path) -> io::Result<Option<PathBuf>> {
        let mut clean = PathBuf::new();
        for component in name.components() {
            match component {
                Component::Normal(part) => clean.push(part),
                Component::CurDir => {}
                _ => return Err(hostile(format!("{} leaves the archive's folder", name.display()))),
            }
        }
        if name.as_os_str().as_encoded_bytes().contains(&b'\\') {
            return Err(hostile(format!("{} has a backslash", name.display())));
        }
        match clean.strip_prefix(&self.subpath) {
            Ok(rest) if rest.as_os_str().is_empty() => Ok(None),
            Ok(rest) => Ok(Some(self.root.join(rest))),
            Err(_) => Ok(None),
        }
    }

    /// Makes the parent folder of `path`, refuses to go through a symbolic link, and removes what is there.
    fn prepare(&self, path: &Path) -> io::Result<()> {
        let parent = path.parent().unwrap_or(&self.root);
        make_folder(parent)?;
        // A link to a folder inside would be harmless by itself, but two of them can be chained to leave.
        if parent.canonicalize()? != parent {
            return Err(hostile(format!("{} is behind a symbolic link", path.display())));
        }
        match fs::symlink_metadata(path) {
            Ok(existing) if existing.is_dir() => Err(hostile(format!("{} is a folder already", path.display()))),
            Ok(_) => fs::remove_file(path),
            Err(_) => Ok(()),
        }
    }

    fn file(&self, path: &Path, mode: u32, contents: &mut impl Read) -> io::Result<()> {
        self.prepare(path)?;
        let mut file = File::options().write(true).create_new(true).open(path)?;
        io::copy(contents, &mut file)?;
        file.flush()?;
        // Neither setuid nor writable by others, whatever the archive says.
        file.set_permissions(fs::Permissions::from_mode(if mode & 0o111 == 0 { 0o644 } else { 0o755 }))
    }

    fn symlink(&self, path: &Path, target: &Path) -> io::Result<()> {
        self.prepare(path)?;
        let mut depth =
            path.parent().and_then(|p| p.strip_prefix(&self.root).ok()).map_or(0, |p| p.components().count());
        let mut descended = false;
        for component in target.components() {
            match component {
                Component::Normal(_) => descended = true,
                Component::CurDir => {}
                Component::ParentDir if !descended && depth > 0 => depth -= 1,
                _ => return Err(hostile(format!("the link {} leads out of the package", path.display()))),
            }
        }
        symlink(target, path)
    }

    /// The real path of something that was unpacked already.
    fn inside(&self, path: &Path) -> io::Result<PathBuf> {
        let real = path.canonicalize()?;
        if real.starts_with(&self.root) { Ok(real) } else { Err(hostile(format!("{} is outside", path.display()))) }
    }
}

/// Makes a folder and those above it, readable by everyone: a service may run as another user.
fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        make_folder(parent)?;
    }
    match fs::create_dir(path) {
        Ok(()) => fs::set_permissions(path, fs::Permissions::from_mode(0o755)),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    type Builder<'a> = tar::Builder<&'a mut flate2::write::GzEncoder<Vec<u8>>>;
    type Build = dyn Fn(&mut Builder<'_>);

    fn tgz(build: impl FnOnce(&mut Builder<'_>)) -> Vec<u8> {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let mut builder = tar::Builder::new(&mut gz);
        build(&mut builder);
        builder.finish().unwrap();
        drop(builder);
        gz.finish().unwrap()
    }

    fn file<W: Write>(builder: &mut tar::Builder<W>, name: &str, contents: &str) {
        let mut header = tar::Header::new_gnu();
        // `set_path` refuses hostile names, so the bytes are written directly.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(contents.len() as u64);
        header.set_mode(0o4777);
        header.set_cksum();
        builder.append(&header, contents.as_bytes()).unwrap();
    }

    fn link<W: Write>(builder: &mut tar::Builder<W>, name: &str, target: &str) {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.as_mut_bytes()[157..157 + target.len()].copy_from_slice(target.as_bytes());
        header.set_cksum();
        builder.append(&header, io::empty()).unwrap();
    }

    fn try_unpack(bytes: &[u8], kind: ArchiveKind, subpath: Option<&str>) -> (tempfile::TempDir, io::Result<()>) {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("archive"), bytes).unwrap();
        fs::create_dir(dir.path().join("into")).unwrap();
        let result = unpack(&dir.path().join("archive"), kind, subpath, &dir.path().join("into"));
        (dir, result)
    }

    #[test]
    fn keeps_the_chosen_folder_and_drops_dangerous_mode_bits() {
        let bytes = tgz(|b| {
            file(b, "package/bin/tool", "x");
            file(b, "other/readme", "y");
            link(b, "package/lib/tool", "../bin/tool");
        });
        let (dir, result) = try_unpack(&bytes, ArchiveKind::Tgz, Some("package"));
        result.unwrap();
        let into = dir.path().join("into");
        assert_eq!(fs::metadata(into.join("bin/tool")).unwrap().permissions().mode() & 0o7777, 0o755);
        assert_eq!(fs::read_to_string(into.join("lib/tool")).unwrap(), "x");
        assert!(!into.join("other").exists());
    }

    #[test]
    fn refuses_paths_and_links_that_lead_out() {
        let hostile: [&Build; 6] = [
            &|b| file(b, "../evil", "x"),
            &|b| file(b, "a/../../evil", "x"),
            &|b| file(b, "/tmp/plattr-evil", "x"),
            &|b| link(b, "a", "/etc"),
            &|b| link(b, "a/b", "../../evil"),
            &|b| {
                link(b, "deep/er/root", "../..");
                link(b, "out", "deep/er/root/..");
            },
        ];
        for (index, build) in hostile.iter().enumerate() {
            let (dir, result) = try_unpack(&tgz(|b| build(b)), ArchiveKind::Tgz, None);
            assert!(result.is_err(), "case {index}");
            assert!(!dir.path().join("evil").exists(), "case {index}");
        }
    }

    #[test]
    fn refuses_to_write_through_a_link() {
        let bytes = tgz(|b| {
            file(b, "real/x", "x");
            link(b, "alias", "real");
            file(b, "alias/y", "y");
        });
        assert!(try_unpack(&bytes, ArchiveKind::Tgz, None).1.is_err());
    }

    #[test]
    fn refuses_a_zip_that_leads_out() {
        let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        zip.start_file("../evil", zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(b"x").unwrap();
        let (dir, result) = try_unpack(zip.finish().unwrap().get_ref(), ArchiveKind::Zip, None);
        assert!(result.is_err());
        assert!(!dir.path().join("evil").exists());
    }
}
