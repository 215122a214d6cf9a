//! Migrations as files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::failure::line_and_column;
use crate::sql;

/// The mark of a file that runs statement by statement, outside a transaction.
pub const NO_TRANSACTION: &str = "plattr:no-transaction";

/// One migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its version; migrations are applied in this order.
    pub version: i64,
    /// Its name, as the file has it.
    pub name: String,
    /// File.
    pub path: PathBuf,
    /// The file that takes it back, if there is one.
    pub down: Option<PathBuf>,
    /// Whether its statements run one by one, outside a transaction.
    pub no_transaction: bool,
    /// As refinery has it, with its text.
    inner: refinery_core::Migration,
}

/// All migrations of a folder, by version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Migrations {
    /// The folder.
    pub folder: PathBuf,
    /// The migrations, the oldest first.
    pub all: Vec<Migration>,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is not text.
    #[error("{}:{line}: this is not UTF-8", path.display())]
    NotUtf8 {
        /// File.
        path: PathBuf,
        /// Where it stops to be.
        line: usize,
    },
    /// Its name has no version.
    #[error("{}: the name of a migration begins with its version, as in 20260131120000_add_todos.sql", path.display())]
    Name {
        /// File.
        path: PathBuf,
    },
    /// Two files have the same version.
    #[error("{} and {} have the same version", first.display(), second.display())]
    Twice {
        /// File.
        first: PathBuf,
        /// Another one.
        second: PathBuf,
    },
    /// A file that takes back what is not there.
    #[error("{} takes back a migration that is not there", path.display())]
    Lonely {
        /// File.
        path: PathBuf,
    },
    /// It begins or ends a transaction itself.
    #[error("{}:{line}:{column}: {word}: plattr gives each migration a transaction of its own", path.display())]
    Transaction {
        /// File.
        path: PathBuf,
        /// Line.
        line: usize,
        /// Column.
        column: usize,
        /// Its first word.
        word: String,
    },
    /// It has rows that only psql would find.
    #[error("{}:{line}: rows after COPY … FROM stdin are for psql to read", path.display())]
    Copy {
        /// File.
        path: PathBuf,
        /// Line.
        line: usize,
    },
}

impl Migrations {
    /// Reads all migrations of a folder; a folder that is not there has none.
    ///
    /// # Errors
    /// When a file cannot be read or has no place in the order.
    pub fn read(folder: &Path) -> Result<Self, FileError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |error| FileError::Io { path, error }
        };
        let mut paths = Vec::new();
        match std::fs::read_dir(folder) {
            Ok(entries) => {
                for entry in entries {
                    let path = entry.map_err(io(folder))?.path();
                    let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
                    if !hidden && path.extension().is_some_and(|extension| extension == "sql") {
                        paths.push(path);
                    }
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(io(folder)(error)),
        }
        paths.sort();
        let (mut ups, mut downs) = (BTreeMap::<i64, (String, PathBuf)>::new(), BTreeMap::new());
        for path in paths {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let (stem, down) = match stem.strip_suffix(".down") {
                Some(stem) => (stem, true),
                None => (stem.strip_suffix(".up").unwrap_or(&stem), false),
            };
            let (version, name) = parse_stem(stem).ok_or_else(|| FileError::Name { path: path.clone() })?;
            let before = match down {
                true => downs.insert(version, path.clone()),
                false => ups.insert(version, (name, path.clone())).map(|(_, path)| path),
            };
            if let Some(first) = before {
                return Err(FileError::Twice { first, second: path });
            }
        }
        let mut all = Vec::new();
        for (version, (name, path)) in ups {
            let down = downs.remove(&version);
            let sql = read_text(&path)?;
            all.push(Migration::new(version, name, path, &sql, down)?);
        }
        match downs.into_values().next() {
            Some(path) => Err(FileError::Lonely { path }),
            None => Ok(Self { folder: folder.to_owned(), all }),
        }
    }

    /// The migration of a version.
    pub fn get(&self, version: i64) -> Option<&Migration> {
        self.all.iter().find(|migration| migration.version == version)
    }
}

impl Migration {
    /// A migration, of what its file says.
    ///
    /// # Errors
    /// [`FileError::Name`] when refinery takes no such name.
    pub fn new(version: i64, name: String, path: PathBuf, sql: &str, down: Option<PathBuf>) -> Result<Self, FileError> {
        // refinery knows letters, digits and underscores. `U`: whether it may be older than the newest one that was
        // applied is decided by the plan.
        let words: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let inner = refinery_core::Migration::unapplied(&format!("U{version}__{words}"), sql)
            .map_err(|_| FileError::Name { path: path.clone() })?;
        Ok(Self { version, name, path, down, no_transaction: marked(sql), inner })
    }

    /// What it does.
    pub fn sql(&self) -> &str {
        self.inner.sql().unwrap_or_default()
    }

    /// As refinery has it.
    pub fn refinery(&self) -> &refinery_core::Migration {
        &self.inner
    }

    /// refinery's checksum of version, name and text.
    pub fn checksum(&self) -> u64 {
        self.inner.checksum()
    }

    /// Its file's name.
    pub fn file_name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Its down file, read.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read_down(&self) -> Result<Option<String>, FileError> {
        self.down.as_deref().map(read_text).transpose()
    }

    /// Finds what cannot be run, or would break the transaction that it runs in.
    ///
    /// # Errors
    /// [`FileError::Transaction`] or [`FileError::Copy`], with the place.
    pub fn check(&self) -> Result<(), FileError> {
        if let Some(byte) = sql::copy_from_stdin(self.sql()) {
            return Err(FileError::Copy { path: self.path.clone(), line: line_and_column(self.sql(), byte).0 });
        }
        if self.no_transaction {
            return Ok(());
        }
        match sql::transaction_control(self.sql()) {
            None => Ok(()),
            Some((byte, word)) => {
                let (line, column) = line_and_column(self.sql(), byte);
                Err(FileError::Transaction { path: self.path.clone(), line, column, word })
            }
        }
    }
}

/// Whether the comments that a text begins with say that it wants no transaction.
pub fn marked(sql: &str) -> bool {
    sql.lines()
        .map(str::trim)
        .take_while(|line| line.is_empty() || line.starts_with("--"))
        .any(|line| line.trim_start_matches('-').trim() == NO_TRANSACTION)
}

/// The file name of a new migration, made of the time and what a person calls it.
pub fn new_name(name: &str, now: &jiff::Timestamp) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        match c {
            c if c.is_alphanumeric() => slug.push(c),
            _ if slug.ends_with('_') || slug.is_empty() => {}
            _ => slug.push('_'),
        }
    }
    format!("{}_{}.sql", now.strftime("%Y%m%d%H%M%S"), slug.trim_end_matches('_'))
}

/// A file as text, its line ends as on Linux: a checkout on another system must not look like another migration.
fn read_text(path: &Path) -> Result<String, FileError> {
    let bytes = std::fs::read(path).map_err(|error| FileError::Io { path: path.to_owned(), error })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        FileError::NotUtf8 { path: path.to_owned(), line }
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(if text.contains('\r') { text.replace("\r\n", "\n") } else { text.to_owned() })
}

/// Version and name of a file: `0001_todos`, `20260131120000-add todos`, `V2__x`.
fn parse_stem(stem: &str) -> Option<(i64, String)> {
    let stem = stem.strip_prefix('V').unwrap_or(stem);
    let digits = stem.find(|c: char| !c.is_ascii_digit())?;
    let (version, rest) = stem.split_at(digits);
    let name = rest.strip_prefix(['_', '-', '.'])?.trim_start_matches(['_', '-', '.']);
    (!name.is_empty()).then_some((version.parse().ok()?, name.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rstest::rstest;

    use super::*;

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[rstest]
    #[case("0001_todos", Some((1, "todos")))]
    #[case("20260131120000-add todos", Some((20_260_131_120_000, "add todos")))]
    #[case("V2__x", Some((2, "x")))]
    #[case("todos", None)]
    #[case("1", None)]
    #[case("99999999999999999999_x", None)]
    fn a_file_name_has_a_version_and_a_name(#[case] stem: &str, #[case] parsed: Option<(i64, &str)>) {
        assert_eq!(parse_stem(stem), parsed.map(|(version, name)| (version, name.to_owned())));
    }

    #[test]
    fn migrations_are_in_order_of_version_with_what_takes_them_back() {
        let folder = folder(&[
            ("10_b.sql", b"SELECT 2"),
            ("9_a.up.sql", b"\xef\xbb\xbf-- plattr:no-transaction\r\nSELECT 1"),
            ("9_a.down.sql", b"SELECT 0"),
            ("README.md", b""),
            (".9_a.sql.swp", b""),
        ]);
        let read = Migrations::read(folder.path()).unwrap().all;
        let seen: Vec<_> =
            read.iter().map(|m| (m.version, m.name.as_str(), m.down.is_some(), m.no_transaction)).collect();
        assert_eq!(seen, [(9, "a", true, true), (10, "b", false, false)]);
        assert_eq!(read[0].sql(), "-- plattr:no-transaction\nSELECT 1");
        assert!(Migrations::read(&folder.path().join("none")).unwrap().all.is_empty());
    }

    #[rstest]
    #[case(&[("x.sql", "")], "begins with its version")]
    #[case(&[("1_a.sql", ""), ("01_b.sql", "")], "have the same version")]
    #[case(&[("1_a.down.sql", "")], "takes back a migration that is not there")]
    fn what_has_no_place_in_the_order_is_refused(#[case] files: &[(&str, &str)], #[case] said: &str) {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
        let error = Migrations::read(folder(&files).path()).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }

    #[test]
    fn a_file_that_is_no_text_is_refused_with_its_line() {
        let error = Migrations::read(folder(&[("1_a.sql", b"a\nb\xff")]).path()).unwrap_err().to_string();
        assert!(error.ends_with("1_a.sql:2: this is not UTF-8"), "{error}");
    }

    #[test]
    fn a_transaction_of_a_files_own_is_refused_with_its_place() {
        let folder = folder(&[("1_a.sql", b"SELECT 1;\n  COMMIT;"), ("2_b.sql", b"-- plattr:no-transaction\nCOMMIT;")]);
        let read = Migrations::read(folder.path()).unwrap();
        assert!(read.all[0].check().unwrap_err().to_string().contains("1_a.sql:2:3: COMMIT"));
        assert!(read.all[1].check().is_ok());
    }

    #[test]
    fn new_files_are_named_by_time_and_words() {
        let now = "2026-11-21T09:08:07Z".parse().unwrap();
        assert_eq!(new_name("Add  Größe to todos!", &now), "20261121090807_add_größe_to_todos.sql");
    }
}
