//! What to do now? Conversions from errors of libraries, which choose the kind and the hint, all in one place.

use std::io;
use std::path::Path;

use crate::ui::error::{CommandError, ErrorKind};

impl CommandError {
    /// An I/O error with what could not be done, such as `write`, and where.
    pub fn io(doing: &str, path: &Path, error: io::Error) -> Self {
        let (kind, code, hint) = explain(&error);
        let wrapped = Self::new(kind, code, format!("cannot {doing} {}", path.display())).because(error);
        match hint {
            Some(hint) => wrapped.hint(hint),
            None => wrapped,
        }
    }
}

impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        let (kind, code, hint) = explain(&error);
        let wrapped = Self::new(kind, code, "the operating system refused").because(error);
        match hint {
            Some(hint) => wrapped.hint(hint),
            None => wrapped,
        }
    }
}

/// Kind, code and hint of an I/O error.
fn explain(error: &io::Error) -> (ErrorKind, &'static str, Option<&'static str>) {
    use io::ErrorKind as Io;
    match error.kind() {
        Io::StorageFull | Io::QuotaExceeded => (
            ErrorKind::Environment,
            "disk-full",
            Some(
                "free some space (`plattr cache prune` removes packages that nothing uses) and run the same command again",
            ),
        ),
        Io::PermissionDenied => (
            ErrorKind::Environment,
            "permission-denied",
            Some("check who owns it (`ls -ld`); a run as root leaves files that others cannot change"),
        ),
        Io::ReadOnlyFilesystem => (
            ErrorKind::Environment,
            "read-only",
            Some(
                "work on a copy of the project in a folder that can be written, or set `PLATTR_CACHE_DIR` if it is the cache",
            ),
        ),
        Io::AddrInUse => (ErrorKind::Environment, "port-taken", Some("`plattr doctor` says which ports are taken")),
        Io::NotFound => (ErrorKind::Failed, "not-found", None),
        // EMFILE and ENFILE have no stable ErrorKind.
        _ if error.raw_os_error().is_some_and(|n| n == 23 || n == 24) => (
            ErrorKind::Environment,
            "too-many-files",
            Some("raise the limit of open files (`ulimit -n 4096`) and run the same command again"),
        ),
        _ => (ErrorKind::Failed, "io", None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(errno: i32) -> (&'static str, u8) {
        let error = CommandError::io("write", Path::new("/x"), io::Error::from_raw_os_error(errno));
        assert!(!error.hints.is_empty(), "{error}");
        (error.code, error.kind.exit_code())
    }

    #[test]
    fn a_machine_in_the_way_is_said_with_what_to_do() {
        // ENOSPC, EACCES, EROFS, EMFILE on Linux and macOS alike.
        assert_eq!(code(28), ("disk-full", 4));
        assert_eq!(code(13), ("permission-denied", 4));
        assert_eq!(code(30), ("read-only", 4));
        assert_eq!(code(24), ("too-many-files", 4));
    }
}
