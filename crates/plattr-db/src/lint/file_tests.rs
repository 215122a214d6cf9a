#![allow(clippy::unwrap_used)]
use rstest::rstest;

use super::*;
use crate::lint::{Rule, Subject};
use crate::migrate::files::marked;

fn file(sql: &str) -> File<'_> {
    File { path: "1_x.sql", sql, no_transaction: marked(sql) }
}

/// The rules that find something.
fn found(sql: &str) -> Vec<&'static str> {
    lint(file(sql), &Choice::default()).iter().map(|finding| finding.rule).collect()
}

/// The rules that find something, with one that may be off.
fn found_with(rule: &Rule, sql: &str) -> Vec<&'static str> {
    let on = rules::all().filter(|other| other.on || other.name == rule.name).map(|rule| rule.name.to_owned());
    let choice = Choice { only: on.collect(), ..Choice::default() };
    lint(file(sql), &choice).iter().map(|finding| finding.rule).collect()
}

#[test]
fn every_rule_finds_its_bad_example_and_nothing_in_its_good_one() {
    let of_files = || rules::all().filter(|rule| rule.subject == Subject::File && rule.name != "not-checked");
    assert!(of_files().count() > 30);
    for rule in of_files() {
        let mut found = found_with(rule, rule.bad);
        // Both ends of a transaction are found.
        found.dedup();
        assert_eq!(found, [rule.name], "{}", rule.bad);
        assert_eq!(found_with(rule, rule.good), [""; 0], "{}", rule.good);
    }
}

#[rstest]
#[case::index("CREATE INDEX ON todos (title)")]
#[case::key("ALTER TABLE todos ADD FOREIGN KEY (list_id) REFERENCES lists")]
#[case::unique("ALTER TABLE todos ADD UNIQUE (title)")]
#[case::not_null("ALTER TABLE todos ALTER title SET NOT NULL")]
#[case::column("ALTER TABLE todos ADD COLUMN x int NOT NULL")]
#[case::default("ALTER TABLE todos ADD COLUMN x uuid DEFAULT gen_random_uuid()")]
#[case::quoted(r#"CREATE INDEX ON "todos" (title)"#)]
#[case::schema("ALTER TABLE app.todos DROP COLUMN title")]
fn a_table_that_the_file_made_can_be_changed_at_will(#[case] change: &str) {
    assert!(!found(change).is_empty(), "{change}");
    let made = format!("CREATE TABLE todos (id int PRIMARY KEY, title text, list_id int);\n{change};");
    assert_eq!(found(&made), [""; 0], "{made}");
    assert_eq!(found(&format!("-- plattr:no-transaction\n{made}")), [""; 0], "{made}");
}

#[rstest]
#[case::maybe_there("CREATE TABLE IF NOT EXISTS todos (id int PRIMARY KEY)")]
#[case::another_schema("CREATE TABLE other.todos (id int PRIMARY KEY)")]
fn a_table_that_the_file_may_not_have_made_is_one_with_rows(#[case] made: &str) {
    let file = format!("{made};\nALTER TABLE app.todos DROP COLUMN title;");
    assert!(found(&file).contains(&"ban-drop-column"), "{file}");
}

#[rstest]
#[case::key_of_a_new_column("ALTER TABLE todos ADD COLUMN list_id int REFERENCES lists", &[])]
#[case::with_a_default("ALTER TABLE todos ADD COLUMN list_id int DEFAULT 1 REFERENCES lists", &["adding-foreign-key-constraint"])]
#[case::constant("ALTER TABLE todos ADD COLUMN x int DEFAULT 0", &[])]
#[case::stored("ALTER TABLE todos ADD COLUMN x int GENERATED ALWAYS AS (id + 1) STORED", &["adding-field-with-default"])]
#[case::computed("ALTER TABLE todos ADD COLUMN x int GENERATED ALWAYS AS (id + 1) VIRTUAL", &[])]
#[case::validated_at_once(
    "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;\nALTER TABLE t VALIDATE CONSTRAINT c;",
    &["constraint-missing-not-valid"]
)]
#[case::vacuum("VACUUM todos", &["needs-no-transaction"])]
#[case::detach("ALTER TABLE e DETACH PARTITION e1 CONCURRENTLY", &["needs-no-transaction"])]
#[case::rows("INSERT INTO todos VALUES (1); UPDATE todos SET done = true; DELETE FROM todos", &[])]
#[case::api(
    "ALTER TABLE todos ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON todos USING (true); GRANT SELECT ON todos TO anon",
    &[]
)]
#[case::function(
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DROP TABLE x; RETURN new; END $$;
     CREATE TRIGGER t BEFORE UPDATE ON todos FOR EACH ROW EXECUTE FUNCTION f();",
    &[]
)]
fn what_postgres_does_quickly_is_no_finding(#[case] sql: &str, #[case] rules: &[&str]) {
    assert_eq!(found(sql), rules, "{sql}");
}

#[test]
fn a_finding_says_where_it_is() {
    let findings = lint(file("-- ü\n\n  DROP TABLE\n    todos ;\n"), &Choice::default());
    let Place::File(place) = &findings[0].place else { panic!("{findings:?}") };
    assert_eq!((place.line, place.column, place.end_line, place.end_column), (3, 3, 4, 10));
}

#[test]
fn a_syntax_error_has_a_place_and_ends_the_search() {
    let findings = lint(file("DROP TABLE a;\nCREATE TABLE b (id int,);\nDROP TABLE c;"), &Choice::default());
    let places: Vec<_> = findings
        .iter()
        .map(|finding| match &finding.place {
            Place::File(place) => (finding.rule, place.line, place.column),
            Place::Object { .. } => panic!("{finding:?}"),
        })
        .collect();
    assert_eq!(places, [("ban-drop-table", 1, 1), ("syntax-error", 2, 23)]);
    assert!(!findings[1].message.is_empty());
}

#[test]
fn an_error_at_the_end_of_a_file_has_a_place_in_it() {
    for sql in ["SELECT (", "CREATE TABLE", "SELECT 'ü", "\n", ""] {
        for finding in lint(file(sql), &Choice::default()) {
            let Place::File(place) = &finding.place else { panic!("{finding:?}") };
            assert!(place.span.end <= sql.len() && place.span.start < place.span.end, "{sql:?}: {place:?}");
        }
    }
}

#[rstest]
#[case::line_before("-- plattr:ignore ban-drop-table\nDROP TABLE a", &[])]
#[case::reason("/* plattr:ignore ban-drop-table -- since version 2 */ DROP TABLE a", &[])]
#[case::same_line("DROP TABLE a; -- plattr:ignore ban-drop-table\nDROP TABLE b;", &["ban-drop-table"])]
#[case::lines_between("-- plattr:ignore ban-drop-table\n-- It is empty.\n\nDROP TABLE a; DROP TABLE b", &["ban-drop-table"])]
#[case::whole_file("DROP TABLE a;\nDROP TABLE b; -- plattr:ignore-file ban-drop-table", &[])]
#[case::several("-- plattr:ignore ban-drop-column, changing-column-type\nALTER TABLE a DROP b, ALTER c TYPE int", &[])]
#[case::another_rule("-- plattr:ignore ban-drop-column\nDROP TABLE a", &["unused-ignore", "ban-drop-table"])]
#[case::no_rule("-- plattr:ignore\nDROP TABLE a", &["unused-ignore", "ban-drop-table"])]
#[case::no_such_rule("-- plattr:ignore drop-table\nDROP TABLE a", &["unused-ignore", "ban-drop-table"])]
#[case::at_the_end("DROP TABLE a;\n-- plattr:ignore ban-drop-table", &["ban-drop-table", "unused-ignore"])]
#[case::syntax("-- plattr:ignore-file syntax-error\nSELECT FROM FROM", &[])]
#[case::of_squawk("-- squawk-ignore ban-drop-table\nDROP TABLE a", &[])]
#[case::in_a_text("SELECT '-- plattr:ignore ban-drop-table'", &[])]
fn comments_say_what_is_meant_to_be_so(#[case] sql: &str, #[case] rules: &[&str]) {
    assert_eq!(found(sql), rules, "{sql}");
}

#[test]
fn rules_can_be_chosen_and_left_out() {
    let names = |only: &[&str], without: &[&str]| {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let choice = Choice { only: set(only), without: set(without) };
        let findings = lint(file("DROP TABLE a; CREATE TABLE b (id int); CREATE INDEX ON c (d)"), &choice);
        findings.iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    assert_eq!(names(&[], &[]), ["ban-drop-table", "require-concurrent-index-creation"]);
    assert_eq!(names(&[], &["ban-drop-table"]), ["require-concurrent-index-creation"]);
    assert_eq!(names(&["ban-drop-table", "prefer-bigint-over-int"], &[]), ["ban-drop-table", "prefer-bigint-over-int"]);
    assert_eq!(names(&["ban-drop-table"], &["ban-drop-table"]), [""; 0]);
}

#[test]
fn a_file_too_large_to_check_is_said_to_be() {
    let rows = "INSERT INTO a VALUES (1);\n".repeat(LARGEST / 25);
    assert_eq!(found(&rows), ["not-checked"]);
}

#[test]
fn a_deeply_nested_expression_does_not_end_the_program() {
    let sql = format!("SELECT {}1{}; DROP TABLE a;", "(".repeat(1000), ")".repeat(1000));
    assert_eq!(found(&sql), ["ban-drop-table"]);
}
