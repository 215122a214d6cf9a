//! What is to be applied: pure.

use super::files::{Migration, Migrations};
use super::history::Record;

/// How far a person wants to go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// Up to this version, itself included; all unless given.
    pub to: Option<i64>,
    /// Also what is older than the newest that was applied, as after a merge of two branches.
    pub out_of_order: bool,
}

/// What is to be applied, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Migrations.
    pub pending: Vec<Migration>,
    /// How many were applied before.
    pub applied: usize,
}

/// Why nothing is applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An applied file is another one now.
    #[error("{} was changed after it was applied{}", file, when(at.as_ref()))]
    Changed {
        /// File.
        file: String,
        /// When it was applied.
        at: Option<jiff::Timestamp>,
    },
    /// An applied file is not there any more.
    #[error("the migration {version} ({name}) was applied{}, and its file is gone", when(at.as_ref()))]
    Missing {
        /// Its version.
        version: i64,
        /// Its name.
        name: String,
        /// When it was applied.
        at: Option<jiff::Timestamp>,
    },
    /// Files are older than what was applied.
    #[error("{} would be applied after the newer {newest}", files.join(", "))]
    OutOfOrder {
        /// Files.
        files: Vec<String>,
        /// The newest version that was applied.
        newest: i64,
    },
    /// There is no such version.
    #[error("there is no migration with the version {0}")]
    Unknown(i64),
    /// A version was applied that is beyond where a person wants to stop.
    #[error("the version {newest} is applied already, which is beyond {to}")]
    Beyond {
        /// The newest version that was applied.
        newest: i64,
        /// Where to stop.
        to: i64,
    },
}

fn when(at: Option<&jiff::Timestamp>) -> String {
    at.map(|at| format!(" on {}", at.strftime("%Y-%m-%d at %H:%M UTC"))).unwrap_or_default()
}

/// Compares files with what was applied.
///
/// # Errors
/// When the two do not belong together.
pub fn plan(migrations: &Migrations, applied: &[Record], wish: Wish) -> Result<Plan, Refusal> {
    if let Some(to) = wish.to.filter(|to| migrations.get(*to).is_none()) {
        return Err(Refusal::Unknown(to));
    }
    for record in applied {
        match migrations.get(record.version) {
            None => {
                let Record { version, name, at, .. } = record.clone();
                return Err(Refusal::Missing { version, name, at });
            }
            Some(migration) if migration.checksum() != record.checksum => {
                return Err(Refusal::Changed { file: migration.file_name(), at: record.at });
            }
            Some(_) => {}
        }
    }
    let newest = applied.iter().map(|record| record.version).max();
    if let (Some(newest), Some(to)) = (newest, wish.to)
        && newest > to
    {
        return Err(Refusal::Beyond { newest, to });
    }
    let known: std::collections::BTreeSet<i64> = applied.iter().map(|record| record.version).collect();
    let pending: Vec<Migration> = migrations
        .all
        .iter()
        .filter(|m| !known.contains(&m.version) && wish.to.is_none_or(|to| m.version <= to))
        .cloned()
        .collect();
    let late: Vec<String> =
        pending.iter().filter(|m| newest.is_some_and(|newest| m.version < newest)).map(Migration::file_name).collect();
    match newest {
        Some(newest) if !late.is_empty() && !wish.out_of_order => Err(Refusal::OutOfOrder { files: late, newest }),
        _ => Ok(Plan { pending, applied: applied.len() }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn migration(version: i64, sql: &str) -> Migration {
        Migration::new(version, "a b".into(), format!("{version}_a b.sql").into(), sql, None).unwrap()
    }

    fn record(migration: &Migration) -> Record {
        let (version, checksum) = (migration.version, migration.checksum());
        Record { version, name: "a_b".into(), checksum, at: "2026-11-21T09:08:07Z".parse().ok() }
    }

    fn of(all: &[Migration], applied: &[&Migration], wish: Wish) -> Result<Vec<i64>, Refusal> {
        let migrations = Migrations { folder: "m".into(), all: all.to_vec() };
        let applied: Vec<Record> = applied.iter().map(|m| record(m)).collect();
        Ok(plan(&migrations, &applied, wish)?.pending.iter().map(|m| m.version).collect())
    }

    #[test]
    fn what_was_not_applied_is_pending_up_to_where_one_wants() {
        let all = [migration(1, "a"), migration(2, "b"), migration(3, "c")];
        assert_eq!(of(&all, &[], Wish::default()), Ok(vec![1, 2, 3]));
        assert_eq!(of(&all, &[&all[0]], Wish { to: Some(2), ..Wish::default() }), Ok(vec![2]));
        assert_eq!(of(&all, &[&all[0], &all[1], &all[2]], Wish::default()), Ok(vec![]));
    }

    #[test]
    fn files_and_history_that_do_not_belong_together_are_refused() {
        let all = [migration(1, "a"), migration(2, "b"), migration(3, "c")];
        let said = |applied: &[&Migration], wish| of(&all, applied, wish).unwrap_err().to_string();
        let changed = migration(1, "other");
        assert_eq!(
            said(&[&changed], Wish::default()),
            "1_a b.sql was changed after it was applied on 2026-11-21 at 09:08 UTC"
        );
        let gone = migration(7, "x");
        assert_eq!(
            said(&[&gone], Wish::default()),
            "the migration 7 (a_b) was applied on 2026-11-21 at 09:08 UTC, and its file is gone"
        );
        assert_eq!(said(&[&all[1]], Wish::default()), "1_a b.sql would be applied after the newer 2");
        assert_eq!(said(&[], Wish { to: Some(9), ..Wish::default() }), "there is no migration with the version 9");
        assert_eq!(
            said(&[&all[0], &all[1]], Wish { to: Some(1), ..Wish::default() }),
            "the version 2 is applied already, which is beyond 1"
        );
    }

    #[test]
    fn a_merged_branch_is_applied_when_that_is_asked_for() {
        let all = [migration(1, "a"), migration(2, "b"), migration(3, "c")];
        assert_eq!(of(&all, &[&all[1]], Wish { out_of_order: true, ..Wish::default() }), Ok(vec![1, 3]));
    }
}
