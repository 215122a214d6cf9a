//! Statements from arguments, files and standard input.

use serde_json::{Value, json};

use crate::support::Database;

const TODOS: &str = "create table todos (id int primary key, title text, done boolean not null default false);
    insert into todos values (1, 'milk'), (2, null)";

#[test]
fn rows_are_printed_as_asked_for() {
    let database = Database::with(TODOS);
    let query = "select * from todos order by id";
    let table = " id | title | done \n----+-------+------\n  1 | milk  | f\n  2 |       | f\n(2 rows)\n\n";
    assert_eq!(database.must(&["-c", query]), table);
    assert_eq!(database.must(&["-c", query, "-o", "table"]), table);
    assert_eq!(database.must(&["-c", query, "-o", "csv"]), "id,title,done\n1,milk,f\n2,,f\n");
    let rows: Value = serde_json::from_str(&database.must(&["-c", query, "-o", "json"])).unwrap();
    assert_eq!(rows, json!([{"id": 1, "title": "milk", "done": false}, {"id": 2, "title": null, "done": false}]));
}

#[test]
fn json_keeps_numbers_booleans_and_json() {
    let database = Database::new();
    let query = "select 1.50::numeric as n, 'NaN'::float8 as nan, '{\"a\": [1]}'::jsonb as j, '{1,2}'::int[] as a, \
                 now() is not null as b, 'x'::bytea as y, 1 as n";
    let rows: Value = serde_json::from_str(&database.must(&["-c", query, "-o", "json"])).unwrap();
    let wanted = json!([{"n": 1.50, "nan": "NaN", "j": {"a": [1]}, "a": "{1,2}", "b": true, "y": "\\x78", "n_2": 1}]);
    assert_eq!(rows, wanted);
    assert_eq!(database.must(&["-c", "select 1 where false", "-o", "json"]), "[]\n");
}

#[test]
fn many_rows_come_whole() {
    let database = Database::new();
    let query = "select n, repeat('x', 50) as text from generate_series(1, 20000) n";
    let rows: Value = serde_json::from_str(&database.must(&["-c", query, "-o", "json"])).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 20_000);
    assert_eq!(rows[19_999]["n"], 20_000);
    assert_eq!(database.must(&["-c", query, "-o", "csv"]).lines().count(), 20_001);
}

#[test]
fn what_was_done_is_said_beside_the_data() {
    let database = Database::with(TODOS);
    let (code, out, err) =
        database.run(&["-c", "insert into todos values (3, 'tea') returning id; update todos set done = true"]);
    assert_eq!((code, out.as_str()), (0, " id \n----\n  3\n(1 row)\n\n"));
    assert_eq!(err, "INSERT 0 1\nUPDATE 3\n");
}

#[test]
fn a_script_stops_at_its_first_failure_and_says_where() {
    let database = Database::with(TODOS);
    let file = database.file(
        "fill.sql",
        "insert into todos values (3, 'a');\n\ninsert into todos\n  values (1, 'b');\ndelete from todos;\n",
    );
    let (code, _, err) = database.run(&["-f", &file]);
    assert_eq!(code, 1);
    assert!(err.contains(&format!("{file}:3:1: duplicate key value violates unique constraint")), "{err}");
    assert_eq!(database.must(&["-c", "select count(*) from todos", "-o", "csv"]), "count\n3\n");
    let wrong = database.file("wrong.sql", "select 1;\nselect\n  nothing_of_this;\n");
    assert!(database.run(&["-f", &wrong]).2.contains("wrong.sql:3:3: column \"nothing_of_this\" does not exist"));
}

#[test]
fn it_keeps_going_when_asked_to_and_fails_in_the_end() {
    let database = Database::with(TODOS);
    let (code, out, err) = database.run(&["--keep-going", "-o", "csv", "-c", "select 1/0; select nope; select 7 as n"]);
    assert_eq!((code, out.as_str()), (1, "n\n7\n"));
    assert!(err.contains("division by zero"), "{err}");
}

#[test]
fn one_transaction_is_all_or_nothing() {
    let database = Database::with(TODOS);
    let (code, _, err) = database.run(&["-1", "-c", "delete from todos", "-c", "select 1/0"]);
    assert_eq!(code, 1);
    assert!(err.contains("nothing was changed"), "{err}");
    let count = || database.must(&["-c", "select count(*) as n from todos", "-o", "csv"]);
    assert_eq!(count(), "n\n2\n");
    database.must(&["-1", "-c", "delete from todos"]);
    assert_eq!(count(), "n\n0\n");
}

#[test]
fn reading_only_is_kept_to_and_the_way_out_is_told() {
    let database = Database::with(TODOS);
    let (code, _, err) = database.run(&["--read-only", "-c", "delete from todos"]);
    assert_eq!(code, 1);
    assert!(err.contains("read-only transaction") && err.contains("leave `--read-only` out"), "{err}");
}

#[test]
fn a_database_elsewhere_is_only_read_unless_writing_is_asked_for() {
    let database = Database::with(TODOS);
    // It goes by another name, and is reached all the same.
    let url = format!("{}?hostaddr=127.0.0.1", database.url().replace("127.0.0.1", "db.example.com"));
    let delete = |args: &[&str]| {
        let args = [&["-c", "delete from todos"], args].concat();
        database.command(&args).env("PLATTR_DB_URL", &url).output().unwrap()
    };
    let refused = delete(&[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("`--write` allows changes"));
    assert_eq!(String::from_utf8_lossy(&delete(&["--write"]).stderr), "DELETE 2\n");
}

#[test]
fn standard_input_is_a_script_with_data() {
    let database = Database::with(TODOS);
    let script = "copy todos (id, title) from stdin;\n3\ttea\n4\t\\N\n\\.\nselect id from todos where title is null order by id;\n";
    let (code, out, err) = database.fed(&["-o", "csv"], script);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "id\n2\n4\n", "COPY 2\n"));
}

#[test]
fn files_are_copied_from_and_to() {
    let database = Database::with(TODOS);
    let file = database.folder().join("out.csv").display().to_string();
    let (_, _, err) = database.run(&["-c", &format!("\\copy todos to '{file}' with (format csv, header)")]);
    assert_eq!(err, "COPY 2\n");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "id,title,done\n1,milk,f\n2,,f\n");
    database.must(&["-c", "delete from todos", "-c", &format!("\\copy todos from '{file}' csv header")]);
    assert_eq!(database.must(&["-c", "copy todos to stdout csv"]), "1,milk,f\n2,,f\n");
    let wrong = database.file("wrong.csv", "9,a,f\nten,b,f\n");
    let (code, _, err) = database.run(&["-c", &format!("\\copy todos from '{wrong}' csv")]);
    assert_eq!(code, 1);
    assert!(err.contains("invalid input syntax for type integer: \"ten\""), "{err}");
}

#[test]
fn files_run_files_and_results_go_to_files() {
    let database = Database::with(TODOS);
    database.file("inner.sql", "select 1 as one;\nselect nope;\n");
    let outer = database.file("outer.sql", "\\o result.txt\n\\i inner.sql\n");
    let (code, out, err) = database.run(&["-f", &outer, "-o", "csv"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("inner.sql:2:8: column \"nope\" does not exist"), "{err}");
    assert_eq!(std::fs::read_to_string(database.folder().join("result.txt")).unwrap(), "one\n1\n");
}

#[test]
fn notices_are_said_and_notifications_told() {
    let database = Database::new();
    let (_, out, err) =
        database.run(&["-c", "do $$ begin raise notice 'half way'; end $$; listen news; notify news, 'now'"]);
    assert_eq!(out, "");
    assert!(err.contains("notice: half way\nDO\n"), "{err}");
    assert!(err.contains("notification on news from process") && err.contains(": now\n"), "{err}");
}

#[test]
fn a_text_that_is_none_is_refused_with_its_line() {
    let database = Database::new();
    let file = database.file("old.sql", b"select 1;\nselect '\xe9';\n");
    let (code, _, err) = database.run(&["-f", &file]);
    assert_eq!(code, 1);
    assert!(err.contains("old.sql:2 is not UTF-8"), "{err}");
}

#[test]
fn secrets_are_never_printed() {
    let database = Database::new();
    let url = database.url().replace("localdev", "hush-hush");
    let output = database.command(&["-vvv", "-c", "select 1"]).env("PLATTR_DB_URL", &url).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!output.status.success() && said.contains("password authentication failed"), "{said}");
    assert!(!said.contains("hush-hush"), "{said}");
}

#[test]
fn formats_of_other_commands_are_refused() {
    let database = Database::new();
    let (code, _, err) = database.run(&["-c", "select 1", "-o", "yaml"]);
    assert_eq!(code, 2);
    assert!(err.contains("use `-o` with `text`, `table`, `json`, `csv`"), "{err}");
}

#[test]
fn an_unknown_command_is_told_with_what_may_be_meant() {
    let database = Database::new();
    let (code, _, err) = database.run(&["-c", "\\timin"]);
    assert_eq!(code, 1 + 1);
    assert!(err.contains("did you mean `\\timing`?"), "{err}");
}

#[test]
fn an_interrupted_script_gives_its_statement_up() {
    let database = Database::new();
    let running =
        "select count(*) as n from pg_stat_activity where query = 'select pg_sleep(601)' and state = 'active'";
    let count = || database.must(&["-c", running, "-o", "csv"]);
    let child = database.command(&["-c", "select pg_sleep(601)", "-c", "select 1"]).spawn().unwrap();
    while count() != "n\n1\n" {}
    let signalled = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(signalled.success());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    assert_eq!(count(), "n\n0\n");
}
