//! Puts one folder in the place of another, so that at any moment there is the old one or the new one, whole.

use std::io;
use std::os::fd::AsFd;

use rustix::fs::{AtFlags, RenameFlags, renameat, renameat_with, statat};
use rustix::io::Errno;

/// Puts the folder `new` in the place of `current`, which need not be there; both are in the folder `at`. What was
/// there is afterwards called `new`, or `aside` where the file system cannot exchange two names at once: either is
/// rubbish then.
///
/// # Errors
/// When a folder cannot be renamed; `current` is then the old one, unless [`settle`] has to put it back.
pub fn swap(at: impl AsFd, new: &str, current: &str, aside: &str) -> io::Result<()> {
    match renameat_with(at.as_fd(), new, at.as_fd(), current, RenameFlags::EXCHANGE) {
        Err(Errno::NOENT) => Ok(renameat(at.as_fd(), new, at.as_fd(), current)?),
        // Systems differ in the last two, and some have one number for both.
        Err(error) if [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP, Errno::NOTSUP].contains(&error) => {
            in_two_steps(at, new, current, aside)
        }
        other => Ok(other?),
    }
}

fn in_two_steps(at: impl AsFd, new: &str, current: &str, aside: &str) -> io::Result<()> {
    renameat(at.as_fd(), current, at.as_fd(), aside)?;
    Ok(renameat(at.as_fd(), new, at.as_fd(), current)?)
}

/// Puts back what [`swap`] had put aside when it was killed.
///
/// # Errors
/// When the folder cannot be renamed.
pub fn settle(at: impl AsFd, current: &str, aside: &str) -> io::Result<()> {
    // Where `current` is there, it stays: a folder that holds something is not replaced.
    if !matches!(statat(at.as_fd(), current, AtFlags::SYMLINK_NOFOLLOW), Err(Errno::NOENT)) {
        return Ok(());
    }
    match renameat(at.as_fd(), aside, at.as_fd(), current) {
        // There is none, or somebody else was faster.
        Err(Errno::NOENT | Errno::NOTEMPTY | Errno::EXIST) | Ok(()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs::{self, File};
    use std::path::Path;

    use super::*;

    fn with(folders: &[&str]) -> (tempfile::TempDir, File) {
        let dir = tempfile::tempdir().unwrap();
        for name in folders {
            fs::create_dir(dir.path().join(name)).unwrap();
            fs::write(dir.path().join(name).join("is"), name).unwrap();
        }
        let at = File::open(dir.path()).unwrap();
        (dir, at)
    }

    fn is(dir: &Path, name: &str) -> Option<String> {
        fs::read_to_string(dir.join(name).join("is")).ok()
    }

    #[test]
    fn the_new_one_takes_the_place_of_the_old_one() {
        let (dir, at) = with(&["new", "data"]);
        swap(&at, "new", "data", "aside").unwrap();
        assert_eq!(is(dir.path(), "data").unwrap(), "new");
        let (dir, at) = with(&["new"]);
        swap(&at, "new", "data", "aside").unwrap();
        assert_eq!((is(dir.path(), "data").unwrap().as_str(), is(dir.path(), "new")), ("new", None));
    }

    #[test]
    fn what_was_put_aside_comes_back_only_where_nothing_is_in_its_place() {
        let (dir, at) = with(&["new", "data"]);
        in_two_steps(&at, "new", "data", "aside").unwrap();
        settle(&at, "data", "aside").unwrap();
        assert_eq!(is(dir.path(), "data").unwrap(), "new");
        // As if plattr had been killed between the two.
        let (dir, at) = with(&["new", "aside"]);
        settle(&at, "data", "aside").unwrap();
        assert_eq!(is(dir.path(), "data").unwrap(), "aside");
        settle(&at, "data", "aside").unwrap();
    }
}
