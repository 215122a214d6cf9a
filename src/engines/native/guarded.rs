//! Files and folders that root makes where the services' user may write too. A service that was taken over
//! could put a link there and have root give away, truncate or write what the link names. So as root, in
//! folders where others may write, no link is followed. Whoever is not root has nothing to give away, and
//! may have put links there on purpose.

use std::ffi::{CStr, OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Gid, Mode, OFlags, Uid};
use rustix::io::Errno;

use super::user::{User, is_root};

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const PRIVATE_FILE: Mode = Mode::from_raw_mode(0o600);
const PRIVATE_FOLDER: Mode = Mode::from_raw_mode(0o700);

/// Opens a folder.
pub fn folder(path: &Path) -> io::Result<OwnedFd> {
    if !is_root() {
        return Ok(rustix::fs::openat(CWD, path, FOLDER, Mode::empty())?);
    }
    let mut at = rustix::fs::openat(CWD, "/", FOLDER, Mode::empty())?;
    let mut others_write = false;
    for component in std::path::absolute(path)?.components() {
        let Component::Normal(name) = component else { continue };
        let flags = if others_write { FOLDER | OFlags::NOFOLLOW } else { FOLDER };
        at = rustix::fs::openat(&at, name, flags, Mode::empty())?;
        let stat = rustix::fs::fstat(&at)?;
        others_write |= stat.st_uid != 0 || stat.st_mode & 0o022 != 0;
    }
    Ok(at)
}

/// Opens a file, which is no link, with the folder that it is in.
pub fn open(path: &Path, flags: OFlags) -> io::Result<(File, OwnedFd)> {
    let (parent, name) = split(path)?;
    let at = folder(parent)?;
    let file = open_in(&at, name, flags)?;
    Ok((file, at))
}

/// Opens a file, which is no link, in a folder.
pub fn open_in(at: &OwnedFd, name: &OsStr, flags: OFlags) -> io::Result<File> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::openat(at, name, flags, PRIVATE_FILE)?))
}

/// Makes a folder that only `user` may enter; it may be there already.
pub fn make_owned(path: &Path, user: User) -> io::Result<()> {
    let (parent, name) = split(path)?;
    std::fs::create_dir_all(parent)?;
    let at = folder(parent)?;
    match rustix::fs::mkdirat(&at, name, PRIVATE_FOLDER) {
        Err(Errno::EXIST) | Ok(()) => {}
        Err(e) => return Err(e.into()),
    }
    let made = rustix::fs::openat(&at, name, FOLDER | OFlags::NOFOLLOW, Mode::empty())?;
    rustix::fs::fchmod(&made, PRIVATE_FOLDER)?;
    Ok(rustix::fs::fchown(&made, Some(Uid::from_raw(user.uid)), Some(Gid::from_raw(user.gid)))?)
}

/// What a file says, unless it is none.
pub fn read(path: &Path) -> Option<Vec<u8>> {
    let (mut file, _) = open(path, OFlags::RDONLY | OFlags::NONBLOCK).ok()?;
    let mut bytes = Vec::new();
    file.metadata().ok()?.is_file().then(|| file.read_to_end(&mut bytes).ok())??;
    Some(bytes)
}

/// Writes a file that only `user` may read, at once or not at all.
pub fn write(path: &Path, contents: &[u8], user: Option<User>) -> io::Result<()> {
    let (parent, name) = split(path)?;
    let at = folder(parent)?;
    let temporary = OsString::from(format!(".{:016x}.new", RandomState::new().hash_one(name)));
    let mut file = open_in(&at, &temporary, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL)?;
    let written = (|| {
        file.write_all(contents)?;
        if let Some(user) = user {
            rustix::fs::fchown(&file, Some(Uid::from_raw(user.uid)), Some(Gid::from_raw(user.gid)))?;
        }
        Ok(rustix::fs::renameat(&at, &temporary, &at, name)?)
    })();
    if written.is_err() {
        let _ = rustix::fs::unlinkat(&at, &temporary, AtFlags::empty());
    }
    written
}

/// Gives a folder and all in it to `user`.
pub fn give_all(path: &Path, user: User) -> io::Result<()> {
    let (parent, name) = split(path)?;
    let at = folder(parent)?;
    each(&at, name, &mut |at, name| {
        let (uid, gid) = (Uid::from_raw(user.uid), Gid::from_raw(user.gid));
        Ok(rustix::fs::chownat(at, name, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)?)
    })
}

/// Lets everyone read what is in a folder, and nobody but its owner write.
pub fn open_up(path: &Path) -> io::Result<()> {
    let (parent, name) = split(path)?;
    let at = folder(parent)?;
    each(&at, name, &mut |at, name| {
        let file = match rustix::fs::openat(
            at,
            name,
            OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC,
            Mode::empty(),
        ) {
            Err(Errno::LOOP) => return Ok(()),
            other => other?,
        };
        let stat = rustix::fs::fstat(&file)?;
        let is_folder = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        let mode = if is_folder || stat.st_mode & 0o100 != 0 { 0o755 } else { 0o644 };
        Ok(rustix::fs::fchmod(&file, Mode::from_raw_mode(mode))?)
    })
}

/// Does something with `name` in a folder, and then with all that is in it.
fn each(at: &OwnedFd, name: &OsStr, what: &mut dyn FnMut(&OwnedFd, &OsStr) -> io::Result<()>) -> io::Result<()> {
    what(at, name)?;
    let inside = match rustix::fs::openat(at, name, FOLDER | OFlags::NOFOLLOW, Mode::empty()) {
        Err(Errno::NOTDIR | Errno::LOOP) => return Ok(()),
        other => other?,
    };
    for entry in Dir::read_from(&inside)? {
        let entry = entry?;
        let name: &CStr = entry.file_name();
        if name != c"." && name != c".." {
            each(&inside, OsStr::from_bytes(name.to_bytes()), what)?;
        }
    }
    Ok(())
}

fn split(path: &Path) -> io::Result<(&Path, &OsStr)> {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => Ok((parent, name)),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use super::*;

    #[test]
    fn a_link_that_a_service_planted_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (theirs, victim) = (dir.path().join("data"), dir.path().join("victim"));
        fs::create_dir_all(&theirs).unwrap();
        fs::create_dir(&victim).unwrap();
        fs::write(victim.join("passwd"), "root").unwrap();
        symlink(victim.join("passwd"), theirs.join("it.log")).unwrap();
        assert!(open(&theirs.join("it.log"), OFlags::WRONLY | OFlags::APPEND).is_err());
        assert_eq!(read(&theirs.join("it.log")), None);
        write(&theirs.join("it.log"), b"log", None).unwrap();
        assert_eq!(fs::read_to_string(victim.join("passwd")).unwrap(), "root");
        assert_eq!(read(&theirs.join("it.log")).unwrap(), b"log");
        if is_root() {
            let user = User { uid: 54321, gid: 54321 };
            chown(&theirs, Some(user.uid), Some(user.gid)).unwrap();
            symlink(&victim, theirs.join("redis")).unwrap();
            assert!(make_owned(&theirs.join("redis"), user).is_err());
            assert!(make_owned(&theirs.join("redis/tmp"), user).is_err() || !victim.join("tmp").exists());
            assert!(write(&theirs.join("redis/passwd"), b"", Some(user)).is_err());
            give_all(&theirs, user).unwrap();
            use std::os::unix::fs::MetadataExt;
            assert_eq!(fs::metadata(victim.join("passwd")).unwrap().uid(), 0);
        }
    }

    #[test]
    fn what_is_opened_up_everyone_may_read() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("a")).unwrap();
        fs::write(dir.path().join("a/file"), "").unwrap();
        fs::set_permissions(dir.path().join("a/file"), fs::Permissions::from_mode(0o600)).unwrap();
        symlink("/etc/passwd", dir.path().join("a/link")).unwrap();
        open_up(&dir.path().join("a")).unwrap();
        let mode = |name: &str| fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("a"), mode("a/file")), (0o755, 0o644));
    }
}
