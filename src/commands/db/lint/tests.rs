#![allow(clippy::unwrap_used)]
use std::fmt::Write as _;

use plattr_db::lint::{Object, Place, Subject};

use super::*;
use crate::commands::reference::assert_current;
use crate::ui::style::Style;
use crate::ui::tests::captured;

/// The page of the rules, made from their table.
fn page() -> String {
    let mut page = String::from(
        "<!-- Generated; `UPDATE_GOLDEN=1 cargo test --bin plattr` writes it anew. -->\n# Lint rules\n\nWhat `plattr db lint` \
         finds. *Error*: fails, stops others while it runs, loses data, or shows it to everyone. *Warning*: breaks older \
         programs, or will hurt one day. *Info*: worth knowing. Rules that are *off* are only checked with `--rule`.\n\n\
         A comment `-- plattr:ignore RULE` says of the next statement that it is meant to be so, \
         `-- plattr:ignore-file RULE` of the whole file, a line `plattr:ignore RULE` in the comment (`COMMENT ON`) of an \
         object of that object. Several rules are separated by commas; what follows `--` is a reason.\n",
    );
    for (subject, title) in [(Subject::File, "Migrations"), (Subject::Schema, "The schema")] {
        let rules = || rules::all().filter(|rule| rule.subject == subject);
        let _ = write!(page, "\n## {title}\n\n| Rule | |\n|---|---|\n");
        for rule in rules() {
            let severity = if rule.on { format!("{:?}", rule.severity).to_lowercase() } else { "off".to_owned() };
            let _ = writeln!(page, "| [`{0}`](#{0}) | {severity} |", rule.name);
        }
        for rule in rules() {
            let _ = write!(page, "\n### {}\n\n{} {}\n", rule.name, rule.why, rule.how);
            if !rule.bad.is_empty() {
                let _ = write!(page, "\n```sql\n{}\n```\n\nInstead:\n\n```sql\n{}\n```\n", rule.bad, rule.good);
            }
        }
    }
    page
}

#[test]
fn the_page_of_the_rules_is_current() {
    assert_current("docs/reference/lint-rules.md", &page());
}

const SQL: &str = "CREATE TABLE todos (\n  id int PRIMARY KEY\n);\n\nCREATE INDEX lists_title\n    ON lists (title);\nSELECT FROM FROM;\n";

fn report() -> Report {
    let file = file::File { path: "migrations/2_lists.sql", sql: SQL, no_transaction: false };
    let mut findings = file::lint(file, &Choice::default());
    findings.push(Finding {
        rule: "timestamp-without-time-zone",
        severity: Severity::Info,
        message: "The column forgets its time zone.".into(),
        help: "Use `timestamptz`.".into(),
        place: Place::Object { object: Object { kind: "column", schema: "todo".into(), name: "todos.due".into() } },
    });
    Report {
        findings,
        errors: 2,
        warnings: 0,
        infos: 1,
        files: vec!["migrations/2_lists.sql".into()],
        schema: Some("todo".into()),
    }
}

#[test]
fn findings_look_like_those_of_a_compiler() {
    let sources = BTreeMap::from([("migrations/2_lists.sql", SQL)]);
    insta::assert_snapshot!(text::findings(&report().findings, &sources, Style::new(false)));
}

#[test]
fn findings_are_stable_as_json() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&report()).unwrap());
}

#[test]
fn what_fails_is_chosen() {
    let only_warnings = Report { errors: 0, warnings: 1, ..report() };
    let (ui, ..) = captured(&Globals::default());
    assert_eq!(
        verdict(&ui, &report(), FailOn::Error).unwrap_err().message,
        "2 errors, 1 note in 1 file and the schema `todo`"
    );
    assert!(verdict(&ui, &report(), FailOn::Never).is_ok());
    assert!(verdict(&ui, &only_warnings, FailOn::Error).is_ok());
    assert!(verdict(&ui, &only_warnings, FailOn::Warning).is_err());
    assert!(verdict(&ui, &Report::default(), FailOn::Warning).is_ok());
}

#[test]
fn a_folder_is_its_sql_files_and_text_must_be_utf_8() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("2_b.sql", "SELECT 2"), ("1_a.sql", "SELECT 1"), ("notes.txt", "x")] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let texts = read(&[folder.path().to_owned()]).unwrap();
    assert_eq!(texts.iter().map(|text| text.sql.as_str()).collect::<Vec<_>>(), ["SELECT 1", "SELECT 2"]);
    std::fs::write(folder.path().join("3_c.sql"), b"SELECT 1;\nSELECT '\xfc'").unwrap();
    let error = read(&[folder.path().join("3_c.sql")]).err().unwrap();
    assert!(error.message.contains("3_c.sql:2:"), "{error}");
}
