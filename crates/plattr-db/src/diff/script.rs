//! Changes as a migration.

use super::{Action, Change};
use crate::catalog::ObjectKind;
use crate::migrate::files::NO_TRANSACTION;

/// The migration that does `changes`; what destroys data says so in a line above.
pub fn script(changes: &[Change]) -> String {
    let mut text = String::new();
    let together = !uses_new_label(changes);
    if !together {
        text += &format!(
            "-- {NO_TRANSACTION}\n-- A new label of an enumerated type can only be used by the next transaction.\n\n"
        );
    }
    // The body of a function may name what comes further down.
    let bodies = changes.iter().any(|c| c.object.kind == ObjectKind::Routine && c.action != Action::Drop);
    if bodies {
        text += &format!("SET {}check_function_bodies TO off;\n\n", if together { "LOCAL " } else { "" });
    }
    for change in changes {
        if let Some(lost) = &change.destroys {
            text += &format!("-- WARNING: this destroys {}\n", lost.replace('\n', " "));
        }
        for statement in &change.sql {
            text += &format!("{statement};\n");
        }
        text.push('\n');
    }
    if bodies && !together {
        text += "RESET check_function_bodies;\n";
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Whether a label that is added is used further on.
fn uses_new_label(changes: &[Change]) -> bool {
    let all: Vec<&String> = changes.iter().flat_map(|c| &c.sql).collect();
    all.iter().enumerate().any(|(at, statement)| {
        let label =
            statement.split_once(" ADD VALUE ").map(|(_, rest)| rest).filter(|_| statement.starts_with("ALTER TYPE "));
        let label =
            label.map(|rest| rest.split(" AFTER ").next().unwrap_or(rest).split(" BEFORE ").next().unwrap_or(rest));
        // The place of the next label is not a use.
        let used =
            |later: &&&String| label.is_some_and(|label| later.contains(label)) && !later.contains(" ADD VALUE ");
        all[at + 1..].iter().any(|later| used(&later))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{change, object};

    #[test]
    fn what_is_lost_stands_above_the_statement() {
        let drop = change(Action::Drop, object(ObjectKind::Table, "t"), vec!["DROP TABLE \"t\"".into()]);
        let drop = Change { destroys: Some("all rows of t".into()), ..drop };
        assert_eq!(script(&[drop]), "-- WARNING: this destroys all rows of t\nDROP TABLE \"t\";\n");
    }

    #[test]
    fn a_label_that_is_used_at_once_needs_a_transaction_of_its_own() {
        let alter = |sql: &[&str]| {
            change(Action::Alter, object(ObjectKind::Type, "mood"), sql.iter().map(|&s| s.into()).collect())
        };
        let labels =
            alter(&["ALTER TYPE \"mood\" ADD VALUE 'x' AFTER 'a'", "ALTER TYPE \"mood\" ADD VALUE 'y' AFTER 'x'"]);
        assert!(!script(std::slice::from_ref(&labels)).contains(NO_TRANSACTION));
        let default = alter(&["ALTER TABLE \"t\" ALTER COLUMN \"m\" SET DEFAULT 'y'::mood"]);
        assert!(script(&[labels, default]).starts_with("-- plattr:no-transaction\n"));
    }
}
