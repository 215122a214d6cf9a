//! `plattr db dump` and `plattr db restore`: what comes back is what was there, or nothing is touched.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::{Project, World, eventually};
use crate::upgrade::sql;

const DATABASE: &str = "version: 1\nname: NAME\ndatabase:\n  enabled: true\n";

fn fill(project: &Project<'_>) {
    sql(
        project,
        "CREATE TYPE mood AS ENUM ('sad', 'o''k');
         CREATE DOMAIN positive AS int CHECK (VALUE > 0);
         CREATE FUNCTION \"twice (x)\"(a int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT a * 2 $$;
         CREATE TABLE \"odd Name\" (id bigserial PRIMARY KEY, \"wh at\" text NOT NULL DEFAULT 'x\\y', m mood, p positive,
                                    four int GENERATED ALWAYS AS (\"twice (x)\"(2)) STORED, raw bytea);
         CREATE TABLE child (id int GENERATED ALWAYS AS IDENTITY, parent bigint REFERENCES \"odd Name\" ON DELETE CASCADE);
         CREATE VIEW short AS SELECT * FROM \"odd Name\" WHERE length(\"wh at\") < 30;
         ALTER TABLE \"odd Name\" ENABLE ROW LEVEL SECURITY;
         CREATE POLICY \"of all\" ON \"odd Name\" USING (id > 0);
         COMMENT ON TABLE \"odd Name\" IS 'it''s';
         INSERT INTO \"odd Name\" (\"wh at\", m, p, raw)
           SELECT E'CREATE SCHEMA x;\\n\\\\.\\t' || i, 'o''k', i, '\\x00ff' FROM generate_series(1, 3000) i;
         INSERT INTO child (parent) SELECT id FROM \"odd Name\"",
    );
}

/// Everything that a dump must bring back, in one text.
fn sum(project: &Project<'_>) -> String {
    let rows = "SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM \"odd Name\" t";
    let catalogue = "SELECT (SELECT count(*) || '/' || sum(parent) FROM child)
        || (SELECT last_value FROM \"odd Name_id_seq\") || (SELECT count(*) FROM short)
        || (SELECT string_agg(polname || pg_get_expr(polqual, polrelid), ',') FROM pg_policy
             WHERE polrelid = '\"odd Name\"'::regclass)
        || obj_description('\"odd Name\"'::regclass)
        || (SELECT string_agg(conname || pg_get_constraintdef(oid), ',' ORDER BY conname) FROM pg_constraint
             WHERE connamespace = current_schema()::regnamespace AND contype <> 'n')
        || (SELECT string_agg(format('%s %s %s', relname, relowner::regrole, relacl), ',' ORDER BY relname) FROM pg_class
             WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'v', 'S'))
        || obj_description(current_schema()::regnamespace)";
    format!("{} {}", sql(project, rows), sql(project, catalogue))
}

fn file(project: &Project<'_>, name: &str) -> String {
    project.folder.join(name).display().to_string()
}

#[test]
fn what_was_dumped_comes_back_in_another_environment_with_its_own_owners_and_grants() {
    let (here, there) = (World::new(), World::new());
    let (project, other) = (here.project("dumped", DATABASE), there.project("dumped", DATABASE));
    project.dev();
    fill(&project);
    let before = sum(&project);
    for (name, format) in [("a.sql", "plain"), ("a.sql.gz", "plain"), ("a.dump", "custom"), ("a.folder", "directory")] {
        project.expect(0, &["db", "dump", name, "--format", format]);
    }
    let text = project.expect(0, &["db", "dump", "--progress", "none"]).out;
    assert!(text.contains("CREATE TABLE dumped.\"odd Name\"") && !text.contains("OWNER TO"), "{text}");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(file(&project, "a.sql")).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);

    other.dev();
    let first =
        other.expect(0, &["db", "restore", &file(&project, "a.dump"), "-o", "json", "--progress", "none"]).json();
    assert_eq!((first["tables"].as_i64(), first["cleaned"].as_bool()), (Some(2), Some(false)), "{first}");
    assert_eq!(sum(&other), before);
    for name in ["a.sql", "a.sql.gz", "a.folder"] {
        sql(&other, "DELETE FROM \"odd Name\" WHERE id % 2 = 0; CREATE TABLE later (id int)");
        other.expect(0, &["db", "restore", "--clean", "--yes", &file(&project, name)]);
        assert_eq!(sum(&other), before, "{name}");
        assert_eq!(sql(&other, "SELECT coalesce(to_regclass('later')::text, 'gone')"), "gone");
    }
    assert_eq!(other.failed_checks(), Vec::<String>::new());
}

#[test]
fn a_dump_that_does_not_fit_changes_nothing() {
    let world = World::new();
    let project = world.project("unfit", DATABASE);
    project.dev();
    fill(&project);
    let before = sum(&project);
    project.expect(0, &["db", "dump", "whole.sql"]);
    project.expect(0, &["db", "dump", "whole.dump", "--format", "custom"]);
    let cut = |whole: &str, name: &str| {
        let bytes = std::fs::read(project.folder.join(whole)).unwrap();
        std::fs::write(project.folder.join(name), &bytes[..bytes.len() / 2]).unwrap();
    };
    cut("whole.sql", "cut.sql");
    cut("whole.dump", "cut.dump");
    let write = |name: &str, text: &str| std::fs::write(project.folder.join(name), text).unwrap();
    write("evil.sql", "SELECT 1;\n\\! touch run\n");
    write("broken.sql", "CREATE TABLE half (id int);\nSELECT nothing;\n");
    write("foreign.sql", "CREATE SCHEMA shop;\nCREATE TABLE shop.a (id int);\n");
    for (name, why) in [
        ("cut.sql", "it was cut off"),
        ("cut.dump", "cannot be read by pg_restore"),
        ("evil.sql", "restricted"),
        ("broken.sql", "column \"nothing\" does not exist"),
        ("foreign.sql", "the dump is of the schema shop"),
        ("missing.sql", "missing.sql"),
    ] {
        let failed = project.plattr(&["db", "restore", "--clean", "--yes", name]).output().unwrap();
        let said = String::from_utf8_lossy(&failed.stderr).into_owned();
        assert!(said.contains(why), "{name}: {said}");
        assert_ne!(failed.status.code(), Some(0), "{name}");
        assert_eq!(sum(&project), before, "{name}");
    }
    assert!(!project.folder.join("run").exists(), "a dump ran a program");
    let again = project.expect(1, &["db", "restore", "--yes", "whole.sql"]);
    assert!(again.err.contains("already exists") && again.err.contains("`--clean`"), "{}", again.err);
    let unasked = project.expect(2, &["db", "restore", "whole.sql"]);
    assert!(unasked.err.contains("`--yes`"), "{}", unasked.err);
    assert_eq!(sum(&project), before);
}

#[test]
fn a_restore_that_is_killed_changes_nothing() {
    let world = World::new();
    let project = world.project("killed", DATABASE);
    project.dev();
    fill(&project);
    let before = sum(&project);
    let dump = project.expect(0, &["db", "dump", "--progress", "none"]).out;
    let mut child = project.plattr(&["db", "restore", "--clean", "--yes", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Up to the middle of rows, which psql then waits for.
    stdin.write_all(&dump.as_bytes()[..dump.len() / 2]).unwrap();
    stdin.flush().unwrap();
    let psql =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'plattr' AND backend_type = 'client backend'
                   AND pid <> pg_backend_pid() AND state LIKE '%active%' AND query LIKE 'COPY%'";
    eventually("rows are on their way", || sql(&project, psql) == "1");
    child.kill().unwrap();
    child.wait().unwrap();
    eventually("psql has ended", || sql(&project, psql) == "0");
    assert_eq!(sum(&project), before);
}

#[test]
fn a_dump_that_fails_leaves_no_file() {
    let world = World::new();
    let project = world.project("nothing", DATABASE);
    project.dev();
    let failed = project.expect(1, &["db", "dump", "--table", "missing", "out.sql"]);
    assert!(failed.err.contains("no matching tables"), "{}", failed.err);
    let names: Vec<_> = std::fs::read_dir(&project.folder).unwrap().flatten().map(|e| e.file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().contains("dump") || name == "out.sql"), "{names:?}");
}
