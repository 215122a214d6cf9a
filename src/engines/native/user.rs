//! Who the services run as. PostgreSQL and OpenSearch refuse root, and nothing needs it.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::guarded;
use super::lock::short_hash;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// The system user that plattr makes where root has no other choice.
const SYSTEM_USER: &str = "plattr";
/// Where stacks live whose own folder the system user cannot reach.
const SYSTEM_STACKS: &str = "/var/lib/plattr/stacks";

/// A user to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// User id.
    pub uid: u32,
    /// Primary group id.
    pub gid: u32,
}

/// Whether plattr itself runs as root.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The user for the services of the stack at `root`: `None` means whoever runs plattr. As root it is the
/// owner of the project's folder, else who called `sudo`, else the system user `plattr`, which is made if
/// there is none; `say` is told so.
pub fn for_stack(root: &Path, say: &dyn Fn(&str)) -> CommandResult<Option<User>> {
    if !is_root() {
        return Ok(None);
    }
    match person(root) {
        Some(user) => Ok(Some(user)),
        None => system_user(say).map(Some),
    }
}

/// The same, without making a user: one that is yet to be made has no rights of its own anywhere.
fn for_stack_if_known(root: &Path) -> Option<User> {
    const NOBODY_YET: User = User { uid: u32::MAX, gid: u32::MAX };
    is_root().then(|| person(root).or_else(known_system_user).unwrap_or(NOBODY_YET))
}

/// The person for whom root works: the owner of the project's folder, else who called `sudo`.
fn person(root: &Path) -> Option<User> {
    let project = root.ancestors().find(|folder| folder.is_dir() && !folder.ends_with(".plattr"));
    let owner = project.and_then(|p| fs::metadata(p).ok()).filter(|m| m.uid() != 0);
    if let Some(owner) = owner {
        return Some(User { uid: owner.uid(), gid: id("-g", &owner.uid().to_string()).unwrap_or(owner.gid()) });
    }
    let number = |name| std::env::var(name).ok().and_then(|v| v.parse::<u32>().ok()).filter(|n| *n != 0);
    let uid = number("SUDO_UID")?;
    Some(User { uid, gid: number("SUDO_GID").unwrap_or(uid) })
}

fn known_system_user() -> Option<User> {
    Some(User { uid: id("-u", SYSTEM_USER)?, gid: id("-g", SYSTEM_USER)? })
}

fn id(what: &str, user: &str) -> Option<u32> {
    let output = Command::new("id").args([what, user]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn system_user(say: &dyn Fn(&str)) -> CommandResult<User> {
    if let Some(user) = known_system_user() {
        return Ok(user);
    }
    say(&format!("Making the system user `{SYSTEM_USER}`, because PostgreSQL and OpenSearch refuse to run as root"));
    let tries: [&[&str]; 2] = [
        &["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
        &["adduser", "-S", "-D", "-H", "-s", "/sbin/nologin", SYSTEM_USER],
    ];
    for line in tries {
        let made = Command::new(line[0]).args(&line[1..]).output().is_ok_and(|o| o.status.success());
        if let (true, Some(user)) = (made, known_system_user()) {
            return Ok(user);
        }
    }
    let message = "plattr runs as root, and there is no unprivileged user for the services";
    Err(CommandError::new(ErrorKind::Environment, "no-service-user", message)
        .hint("run plattr as a normal user")
        .hint(format!("or make one: useradd --system {SYSTEM_USER}")))
}

/// Where the services of the stack at `root` keep data, configuration and logs: `root`, unless their user
/// cannot get to the folder that it is in. Then it is a folder under `/var/lib/plattr`. Writes nothing, and
/// does not depend on how `root` itself was made: [`make_home`] opens it.
pub fn home_for(root: &Path) -> PathBuf {
    let project = root.parent().unwrap_or(root);
    match for_stack_if_known(root) {
        None => root.to_owned(),
        Some(user) if can_reach(project, user) => root.to_owned(),
        Some(_) => Path::new(SYSTEM_STACKS).join(short_hash(&[&root.to_string_lossy()])),
    }
}

/// Makes the folder of [`home_for`], so that `user` can get to what is in it.
pub fn make_home(root: &Path, home: &Path, user: Option<User>) -> io::Result<()> {
    if user.is_none() {
        return fs::create_dir_all(home);
    }
    if home == root {
        // Others may pass through it, and see nothing.
        fs::create_dir_all(root)?;
        return Ok(rustix::fs::fchmod(guarded::folder(root)?, rustix::fs::Mode::from_raw_mode(0o711))?);
    }
    make_public(home)?;
    make_owned(&home.join("data"), user)?;
    let link = root.join("data");
    match fs::symlink_metadata(&link) {
        Ok(_) => Ok(()),
        Err(_) => std::os::unix::fs::symlink(home.join("data"), &link),
    }
}

/// Whether `user` may go to `path`, or to where it will be.
pub fn can_reach(path: &Path, user: User) -> bool {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    path.ancestors().all(|folder| match fs::metadata(folder) {
        Ok(m) if m.uid() == user.uid => m.mode() & 0o100 != 0,
        Ok(m) if m.gid() == user.gid => m.mode() & 0o010 != 0,
        Ok(m) => m.mode() & 0o001 != 0,
        Err(e) => e.kind() == io::ErrorKind::NotFound,
    })
}

/// Makes a folder, and those above it, that everyone may enter.
pub fn make_public(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_public(parent)?;
    }
    match fs::create_dir(folder) {
        Ok(()) => fs::set_permissions(folder, fs::Permissions::from_mode(0o755)),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(e),
    }
}

/// Makes a folder that only `user` may enter.
pub fn make_owned(folder: &Path, user: Option<User>) -> io::Result<()> {
    match user {
        Some(user) => guarded::make_owned(folder, user),
        None => {
            fs::create_dir_all(folder)?;
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        }
    }
}

/// Gives a folder and all in it to `user`.
pub fn give_all(path: &Path, user: Option<User>) -> io::Result<()> {
    user.map_or(Ok(()), |user| guarded::give_all(path, user))
}

/// What to say where a folder cannot be made or written.
pub fn folder_error(folder: &Path, error: io::Error) -> CommandError {
    if super::cache::is_full(&error) {
        return super::cache::disk_full(folder, None, error);
    }
    CommandError::new(ErrorKind::Environment, "folder", format!("cannot write {}", folder.display()))
        .because(error)
        .hint("check who owns the folder and whether its file system is writable")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_closed_folder_on_the_way_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let closed = dir.path().join("closed");
        fs::create_dir(&closed).unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
        let stranger = User { uid: 54321, gid: 54321 };
        assert!(can_reach(dir.path(), stranger));
        assert!(!can_reach(&closed.join("project"), stranger));
    }
}
