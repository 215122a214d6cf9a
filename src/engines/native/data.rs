//! The data folder of a stack as an archive, and back. Root reads and writes here where the services' user may
//! write too, so no link is followed, and nothing of an archive is trusted: not its paths, not its owners.

use std::cell::Cell;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, mkdirat, openat, readlinkat, statat, symlinkat};
use rustix::io::Errno;
use tar::{Builder, EntryType, Header};

use super::guarded;
use super::user::User;
use crate::engines::TRASH;
use crate::stack::snapshot::archive::{Reader, Writer};
use crate::stack::snapshot::swap::{settle, swap};
use crate::ui::progress::Meter;

/// The folder in a stack's home.
const DATA: &str = "data";
/// Where data is while it is being replaced on a file system that cannot exchange two folders.
const ASIDE: &str = "data.old";

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const READ: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const CREATE: OFlags =
    OFlags::WRONLY.union(OFlags::CREATE).union(OFlags::EXCL).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Writes the data below `home`, if there is any. Blocking.
pub fn save(home: &Path, into: Writer, meter: &Meter) -> io::Result<Writer> {
    let mut builder = Builder::new(into);
    let data = match guarded::folder(home).and_then(|home| Ok(openat(&home, DATA, FOLDER, Mode::empty())?)) {
        Ok(data) => data,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return builder.into_inner(),
        Err(e) => return Err(e),
    };
    let count = Count { done: Cell::new(0), total: size(&data)?, meter };
    append(&mut builder, &data, Path::new(""), &count)?;
    builder.into_inner()
}

/// Bytes of the files in a folder.
fn size(at: &OwnedFd) -> io::Result<u64> {
    let mut bytes = 0;
    for name in names(at)? {
        let stat = statat(at, name.as_os_str(), AtFlags::SYMLINK_NOFOLLOW)?;
        bytes += match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => size(&openat(at, name.as_os_str(), FOLDER, Mode::empty())?)?,
            FileType::RegularFile => u64::try_from(stat.st_size).unwrap_or_default(),
            _ => 0,
        };
    }
    Ok(bytes)
}

/// Names in a folder, sorted, so that the same data gives the same archive.
fn names(at: &OwnedFd) -> io::Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(at)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push(PathBuf::from(OsStr::from_bytes(name)));
        }
    }
    names.sort();
    Ok(names)
}

/// Writes all that is in a folder, which is called `path` in the archive.
fn append(builder: &mut Builder<Writer>, at: &OwnedFd, path: &Path, count: &Count<'_>) -> io::Result<()> {
    for name in names(at)? {
        let (name, path) = (name.as_os_str(), path.join(&name));
        let stat = statat(at, name, AtFlags::SYMLINK_NOFOLLOW)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => {
                let inside = openat(at, name, FOLDER, Mode::empty())?;
                builder.append_data(&mut header(EntryType::Directory, stat.st_mode, 0), &path, io::empty())?;
                append(builder, &inside, &path, count)?;
            }
            FileType::RegularFile => {
                let file = File::from(openat(at, name, READ, Mode::empty())?);
                let (mode, left) = (file.metadata()?.mode(), file.metadata()?.len());
                let contents = Exactly { inner: Counted { inner: file, count }, left };
                builder.append_data(&mut header(EntryType::Regular, mode, left), &path, contents)?;
            }
            FileType::Symlink => {
                let target = PathBuf::from(OsStr::from_bytes(readlinkat(at, name, Vec::new())?.as_bytes()));
                // It would be refused when it is restored; better to say so now.
                stays_inside(&path, &target)?;
                builder.append_link(&mut header(EntryType::Symlink, 0o777, 0), &path, &target)?;
            }
            // Sockets and pipes are no data.
            _ => {}
        }
    }
    Ok(())
}

/// How many bytes of files are done, shown on a meter.
struct Count<'a> {
    done: Cell<u64>,
    total: u64,
    meter: &'a Meter,
}

/// A reader whose bytes are counted.
struct Counted<'a, R> {
    inner: R,
    count: &'a Count<'a>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        let Count { done, total, meter } = self.count;
        done.set(done.get() + read as u64);
        meter.bytes(done.get().min(*total), Some(*total));
        Ok(read)
    }
}

/// Owners are left out: data belongs to whom the services run as where it is restored.
fn header(kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode & 0o777);
    header.set_size(size);
    header
}

/// As many bytes as the header of a file says, or an error.
struct Exactly<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Exactly<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(into.len());
        let read = self.inner.read(&mut into[..most])?;
        if read == 0 && most > 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a file became shorter while it was read"));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// Puts the data of an archive in the place of what is below `home`, which is there, and gives it to `user`.
/// Blocking. What it leaves behind, [`settle_in`] and the trash take care of.
pub fn restore(home: &Path, mut from: Reader, user: Option<User>, meter: &Meter) -> io::Result<()> {
    let at = guarded::folder(home)?;
    settle(&at, DATA, ASIDE)?;
    // Whatever becomes of it, it counts for nothing: first the new data on its way, then the old.
    let staging = format!("{TRASH}restore");
    super::cache::remove_all(&home.join(&staging))?;
    super::cache::remove_all(&home.join(ASIDE))?;
    mkdirat(&at, staging.as_str(), Mode::from_raw_mode(0o700))?;
    let new = openat(&at, staging.as_str(), FOLDER, Mode::empty())?;
    unpack(&mut from, &new, meter)?;
    if let Some(user) = user {
        guarded::give_all(&home.join(&staging), user)?;
    }
    to_disk(&new)?;
    swap(&at, &staging, DATA, ASIDE)?;
    to_disk(&at)?;
    super::cache::remove_all(&home.join(ASIDE))
}

/// Puts back the data that [`restore`] had put aside when it was killed.
pub fn settle_in(home: &Path) -> io::Result<()> {
    match guarded::folder(home) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        at => settle(at?, DATA, ASIDE),
    }
}

/// Waits until the file system of a folder has written all.
pub fn to_disk(folder: impl AsFd) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(folder)?;
    #[cfg(not(target_os = "linux"))]
    rustix::fs::fsync(folder)?;
    Ok(())
}

/// Unpacks into an empty folder.
fn unpack(from: &mut Reader, into: &OwnedFd, meter: &Meter) -> io::Result<()> {
    let count = Count { done: Cell::new(0), total: from.total(), meter };
    // A folder may be one that nothing can be made in, so it gets its mode when all is in it.
    let mut modes = Vec::new();
    for entry in tar::Archive::new(from).entries()? {
        let mut entry = entry?;
        let size = entry.size();
        let path = entry.path()?.into_owned();
        let parts = parts(&path)?;
        let Some((name, folders)) = parts.split_last() else { continue };
        let at = below(into, folders)?;
        let mode = Mode::from_raw_mode(entry.header().mode()? & 0o777);
        match entry.header().entry_type() {
            EntryType::Directory => {
                make_folder(&at, name)?;
                modes.push((path.clone(), mode));
            }
            EntryType::Regular => {
                let mut file = File::from(openat(&at, *name, CREATE, Mode::from_raw_mode(0o600))?);
                if io::copy(&mut Counted { inner: &mut entry, count: &count }, &mut file)? != size {
                    return Err(hostile("the archive ends within a file"));
                }
                rustix::fs::fchmod(&file, mode)?;
            }
            EntryType::Symlink => {
                let target =
                    entry.link_name()?.ok_or_else(|| hostile("a symbolic link without a target"))?.into_owned();
                stays_inside(&path, &target)?;
                symlinkat(&target, &at, *name)?;
            }
            _ => return Err(hostile(format!("{} is neither file, folder nor symbolic link", path.display()))),
        }
    }
    for (path, mode) in modes.iter().rev() {
        rustix::fs::fchmod(below(into, &parts(path)?)?, *mode)?;
    }
    Ok(())
}

fn hostile(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.into())
}

/// The names that a path consists of, if it leads downwards only.
fn parts(path: &Path) -> io::Result<Vec<&OsStr>> {
    let leaves = || hostile(format!("{} leads out of the archive", path.display()));
    path.components()
        .filter(|component| *component != Component::CurDir)
        .map(|component| match component {
            Component::Normal(name) => Ok(name),
            _ => Err(leaves()),
        })
        .collect()
}

/// The folder `names` below another, made where it is not there. No link is followed.
fn below(at: &OwnedFd, names: &[&OsStr]) -> io::Result<OwnedFd> {
    let mut at = at.try_clone()?;
    for name in names {
        make_folder(&at, name)?;
        at = openat(&at, *name, FOLDER, Mode::empty())?;
    }
    Ok(at)
}

fn make_folder(at: &OwnedFd, name: &OsStr) -> io::Result<()> {
    match mkdirat(at, name, Mode::from_raw_mode(0o700)) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(e) => Err(e.into()),
    }
}

/// Refuses a link `path` whose target is not below the archive's folder.
fn stays_inside(path: &Path, target: &Path) -> io::Result<()> {
    let leaves = || hostile(format!("the link {} leads out of the data folder", path.display()));
    let mut depth = path.components().count().saturating_sub(1);
    for component in target.components() {
        match component {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir => depth = depth.checked_sub(1).ok_or_else(leaves)?,
            Component::RootDir | Component::Prefix(_) => return Err(leaves()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn meter() -> Meter {
        Meter::unseen()
    }

    fn archive(dir: &Path, home: &Path) -> PathBuf {
        let file = dir.join("data.tar.gz");
        save(home, Writer::create(&file).unwrap(), &meter()).unwrap().finish().unwrap();
        file
    }

    fn reader(file: &Path) -> Reader {
        Reader::open(file, 0, &meter()).unwrap().0
    }

    fn home(dir: &Path, name: &str) -> PathBuf {
        let home = dir.join(name);
        fs::create_dir_all(&home).unwrap();
        home
    }

    #[test]
    fn what_was_saved_is_restored_and_what_came_later_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let home = home(dir.path(), "home");
        let data = home.join("data");
        fs::create_dir_all(data.join("postgres/17/empty")).unwrap();
        let long = "x".repeat(120);
        fs::create_dir_all(data.join(&long)).unwrap();
        fs::write(data.join(&long).join(&long), "deep").unwrap();
        fs::write(data.join("postgres/17/rows"), vec![7; 300_000]).unwrap();
        fs::set_permissions(data.join("postgres/17/rows"), fs::Permissions::from_mode(0o640)).unwrap();
        fs::set_permissions(data.join("postgres/17/empty"), fs::Permissions::from_mode(0o500)).unwrap();
        symlink("17", data.join("postgres/latest")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(data.join("socket")).unwrap();
        let file = archive(dir.path(), &home);

        fs::write(data.join("postgres/17/rows"), "changed").unwrap();
        fs::write(data.join("postgres/17/later"), "").unwrap();
        restore(&home, reader(&file), None, &meter()).unwrap();
        assert_eq!(fs::read(data.join("postgres/17/rows")).unwrap(), vec![7; 300_000]);
        assert_eq!(fs::read_to_string(data.join(&long).join(&long)).unwrap(), "deep");
        assert!(!data.join("postgres/17/later").exists() && !data.join("socket").exists());
        let mode = |name: &str| fs::metadata(data.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("postgres/17/rows"), mode("postgres/17/empty")), (0o640, 0o500));
        assert_eq!(fs::read_link(data.join("postgres/latest")).unwrap(), Path::new("17"));
        fs::set_permissions(data.join("postgres/17/empty"), fs::Permissions::from_mode(0o700)).unwrap();
    }

    #[test]
    fn no_data_is_saved_and_restored_as_no_data() {
        let dir = tempfile::tempdir().unwrap();
        let home = home(dir.path(), "home");
        let file = archive(dir.path(), &home);
        fs::create_dir_all(home.join("data/redis")).unwrap();
        restore(&home, reader(&file), None, &meter()).unwrap();
        assert_eq!(fs::read_dir(home.join("data")).unwrap().count(), 0);
    }

    #[test]
    fn restored_data_belongs_to_the_services_user() {
        if !super::super::user::is_root() {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let home = home(dir.path(), "home");
        fs::create_dir_all(home.join("data/redis")).unwrap();
        fs::write(home.join("data/redis/dump"), "x").unwrap();
        let file = archive(dir.path(), &home);
        restore(&home, reader(&file), Some(User { uid: 54321, gid: 54322 }), &meter()).unwrap();
        for name in ["data", "data/redis", "data/redis/dump"] {
            let metadata = fs::metadata(home.join(name)).unwrap();
            assert_eq!((metadata.uid(), metadata.gid()), (54321, 54322), "{name}");
        }
    }

    /// An archive with one entry, whatever its path.
    fn hostile_archive(dir: &Path, entries: &[(&str, EntryType, &str)]) -> PathBuf {
        let file = dir.join("hostile.tar.gz");
        let _ = fs::remove_file(&file);
        let mut builder = Builder::new(Writer::create(&file).unwrap());
        for (path, kind, text) in entries {
            let is_link = matches!(kind, EntryType::Symlink | EntryType::Link);
            let mut header = header(*kind, 0o600, if is_link { 0 } else { text.len() as u64 });
            header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
            if is_link {
                header.as_old_mut().linkname[..text.len()].copy_from_slice(text.as_bytes());
            }
            header.set_cksum();
            builder.append(&header, if is_link { &b""[..] } else { text.as_bytes() }).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap();
        file
    }

    #[test]
    fn nothing_gets_out_of_the_folder_and_the_old_data_stays() {
        use EntryType as Is;
        let dir = tempfile::tempdir().unwrap();
        let home = home(dir.path(), "home");
        fs::create_dir_all(home.join("data")).unwrap();
        fs::write(home.join("data/old"), "").unwrap();
        let outside = dir.path().join("outside");
        fs::create_dir(&outside).unwrap();
        let absolute = outside.join("x").display().to_string();
        let folder = outside.display().to_string();
        let archives: [&[(&str, EntryType, &str)]; 9] = [
            &[("../x", Is::Regular, "x")],
            &[("a/../../x", Is::Regular, "x")],
            &[(&absolute, Is::Regular, "x")],
            &[("link", Is::Symlink, &folder)],
            &[("a/link", Is::Symlink, "../../outside")],
            &[("a/link", Is::Symlink, "b/../../..")],
            &[("a", Is::Symlink, "."), ("a/x", Is::Regular, "x")],
            &[("x", Is::Link, "old")],
            &[("x", Is::Fifo, "")],
        ];
        for entries in archives {
            let file = hostile_archive(dir.path(), entries);
            assert!(restore(&home, reader(&file), None, &meter()).is_err(), "{entries:?}");
            assert!(home.join("data/old").exists(), "{entries:?}");
        }
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
    }

    #[test]
    fn an_archive_that_was_cut_off_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let home = home(dir.path(), "home");
        fs::create_dir_all(home.join("data")).unwrap();
        // Nothing that compresses well.
        let noise: Vec<u8> = (0..400_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        fs::write(home.join("data/old"), &noise).unwrap();
        let file = archive(dir.path(), &home);
        let length = fs::metadata(&file).unwrap().len();
        File::options().write(true).open(&file).unwrap().set_len(length / 2).unwrap();
        assert!(restore(&home, reader(&file), None, &meter()).is_err());
        assert_eq!(fs::read(home.join("data/old")).unwrap(), noise);
    }

    #[test]
    fn a_link_that_leads_out_is_not_saved() {
        let dir = tempfile::tempdir().unwrap();
        let home = home(dir.path(), "home");
        fs::create_dir_all(home.join("data")).unwrap();
        symlink("/etc", home.join("data/etc")).unwrap();
        let writer = Writer::create(&dir.path().join("data.tar.gz")).unwrap();
        assert!(save(&home, writer, &meter()).is_err());
        assert!(stays_inside(Path::new("a/b"), Path::new("../c")).is_ok());
    }
}
