use crate::support::{CACHE_ONLY, Project};
use crate::world;

fn file(project: &Project<'_>, name: &str, sql: &str) {
    let folder = project.folder.join("migrations");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), sql).unwrap();
}

#[test]
fn files_are_looked_at_without_a_database() {
    let world = world();
    let project = world.project("linted", CACHE_ONLY);
    file(&project, "1_todos.sql", "CREATE TABLE todos (id int PRIMARY KEY);\n");
    file(&project, "2_index.sql", "\nCREATE INDEX todos_title ON todos (title);\n");
    file(&project, "3_drop.sql", "DROP TABLE lists;\n");

    let said = project.expect(0, &["db", "lint", "migrations/1_todos.sql"]);
    assert_eq!(said.out, "");
    assert!(said.err.contains("nothing found in 1 file"), "{}", said.err);

    let said = project.expect(1, &["db", "lint", "migrations"]);
    assert!(said.out.contains("error[require-concurrent-index-creation]"), "{}", said.out);
    assert!(said.out.contains("--> migrations/2_index.sql:2:1"), "{}", said.out);
    assert!(said.err.contains("1 error, 1 warning in 3 files"), "{}", said.err);
}

#[test]
fn what_fails_and_what_counts_is_chosen() {
    let world = world();
    let project = world.project("chosen", CACHE_ONLY);
    file(&project, "1.sql", "DROP TABLE lists;\n");
    let lint =
        |code: i32, more: &[&str]| project.expect(code, &[&["db", "lint", "migrations/1.sql"][..], more].concat());
    lint(0, &[]);
    lint(1, &["--fail-on", "warning"]);
    lint(0, &["--fail-on", "warning", "--no-rule", "ban-drop-table"]);
    lint(0, &["--fail-on", "warning", "--rule", "ban-drop-column"]);
    let said = lint(2, &["--rule", "ban-drop-tabel"]);
    assert!(said.err.contains("ban-drop-table"), "{}", said.err);
    let found = lint(0, &["-o", "json"]).json();
    assert_eq!((&found["warnings"], &found["findings"][0]["rule"]), (&1.into(), &"ban-drop-table".into()));
    assert_eq!((&found["findings"][0]["line"], &found["schema"]), (&1.into(), &serde_json::Value::Null));
}

#[test]
fn a_file_that_is_not_there_is_said() {
    let world = world();
    let project = world.project("missing", CACHE_ONLY);
    let said = project.expect(1, &["db", "lint", "migrations/9.sql"]);
    assert!(said.err.contains("cannot read migrations/9.sql"), "{}", said.err);
}
