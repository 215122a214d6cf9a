//! `plattr db reset`: all migrations and nothing else, from a template, and never half of it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::support::{Project, World, admin};

const YAML: &str = "\
version: 1
name: NAME
database:
  enabled: true
  api:
    anonTables: [notes]
cache:
  enabled: true
";

fn migration(project: &Project<'_>, name: &str, sql: &str) {
    fs::create_dir_all(project.folder.join("migrations")).unwrap();
    fs::write(project.folder.join("migrations").join(name), sql).unwrap();
}

fn project<'w>(world: &'w World, name: &str) -> Project<'w> {
    let project = world.project(name, YAML);
    migration(&project, "1_notes.sql", "CREATE TABLE notes (text text); INSERT INTO notes VALUES ('first');");
    project
}

fn notes(project: &Project<'_>) -> Vec<String> {
    admin(project, "plattr", &format!("SELECT text FROM {}.notes ORDER BY 1", project.name))
}

fn add(project: &Project<'_>, text: &str) {
    admin(project, "plattr", &format!("INSERT INTO {}.notes VALUES ('{text}')", project.name));
}

/// What the REST API serves without a token.
fn served(project: &Project<'_>) -> String {
    let url = format!("{}/notes", project.variables()["POSTGREST_URL"]);
    let output = std::process::Command::new("curl").args(["--silent", "--fail", &url]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_database_begins_anew_from_its_template() {
    let world = World::new();
    let project = project(&world, "anew");
    project.dev();
    let refused = project.expect(2, &["db", "reset"]);
    assert!(refused.err.contains("--yes") && refused.err.contains("`anew`"), "{}", refused.err);
    let reset = |args: &[&str]| project.expect(0, &[&["db", "reset", "--yes", "-o", "json"], args].concat()).json();
    assert_eq!(reset(&[])["how"], "newTemplate");
    crate::lifecycle::write_key(&project, "kept");
    add(&project, "second");
    assert_eq!(reset(&[])["how"], "template");
    assert_eq!(notes(&project), ["first"]);
    assert!(served(&project).contains("first"), "{}", served(&project));
    assert_eq!(crate::lifecycle::read_key(&project), "kept", "only the database begins anew");
    assert!(project.failed_checks().is_empty());
    // Nothing is to be repaired.
    assert!(project.dev()["changes"].as_array().unwrap().is_empty());

    migration(&project, "2_more.sql", "INSERT INTO notes VALUES ('by two');");
    assert_eq!(reset(&[])["how"], "newTemplate");
    assert_eq!(notes(&project), ["by two", "first"]);
    assert_eq!(reset(&["--no-template"])["how"], "migrated");
    assert_eq!(notes(&project), ["by two", "first"]);

    // A migration that fails leaves everything as it was.
    add(&project, "mine");
    migration(&project, "3_wrong.sql", "CREATE TABLE x (); SELECT 1/0;");
    for args in [&[][..], &["--no-template"]] {
        let failed = project.expect(1, &[&["db", "reset", "--yes"], args].concat());
        assert!(failed.err.contains("3_wrong.sql") && failed.err.contains("division by zero"), "{}", failed.err);
        assert_eq!(notes(&project), ["by two", "first", "mine"]);
    }
}

#[test]
fn killed_at_any_moment_it_leaves_the_old_database_or_the_new() {
    let world = World::new();
    let project = project(&world, "cut");
    project.dev();
    for step in ["migrating a new template", "copying the template", "taking the place"] {
        fs::remove_dir_all(project.folder.join("migrations")).unwrap();
        migration(
            &project,
            "1_notes.sql",
            &format!("CREATE TABLE notes (text text); INSERT INTO notes VALUES ('{step}');"),
        );
        let mut command = project.plattr(&["db", "reset", "--yes", "--progress", "plain"]);
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains(step)), "no reset said `{step}`");
        child.kill().unwrap();
        child.wait().unwrap();
        // The database can be used, and the next reset is whole.
        assert!(project.failed_checks().is_empty(), "after {step}");
        project.expect(0, &["db", "reset", "--yes"]);
        assert_eq!(notes(&project), [step]);
        let left = "SELECT datname FROM pg_database WHERE datname ~ '^plattr_(next|before|building)'";
        assert_eq!(admin(&project, "plattr", left), [""; 0]);
    }
}

#[test]
fn an_application_that_shares_the_database_empties_its_schema_only() {
    let world = World::new();
    let yaml = format!("{YAML}local:\n  stack: shared\n");
    let (one, two) = (world.project("one", &yaml), world.project("two", &yaml));
    for project in [&one, &two] {
        migration(project, "1_notes.sql", "CREATE TABLE notes (text text); INSERT INTO notes VALUES ('first');");
        project.dev();
        project.expect(0, &["db", "migrate"]);
        add(project, "mine");
    }
    let report = one.expect(0, &["db", "reset", "--yes", "-o", "json"]).json();
    assert_eq!(report["how"], "emptied");
    assert_eq!((notes(&one), notes(&two)), (vec!["first".to_owned()], vec!["first".to_owned(), "mine".to_owned()]));
    assert!(served(&one).contains("first"));
}

#[test]
fn a_database_by_url_is_reset_on_this_machine_only() {
    let world = World::new();
    let project = project(&world, "url");
    project.dev();
    let url = project.variables()["MIGRATION_DATABASE_URL"].clone();
    for _ in 0..2 {
        let report = project.expect(0, &["db", "reset", "--yes", "-o", "json", "--db-url", &url]).json();
        assert_eq!((&report["how"], notes(&project)), (&"emptied".into(), vec!["first".to_owned()]));
        add(&project, "mine");
    }
    let remote =
        project.expect(2, &["db", "reset", "--yes", "--db-url", "postgresql://me@192.0.2.1/x", "--schema", "x"]);
    assert!(remote.err.contains("not on this machine"), "{}", remote.err);
    assert_eq!(notes(&project), ["first", "mine"]);
}
