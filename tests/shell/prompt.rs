//! A person at a terminal.

use std::time::Duration;

use crate::support::{Database, Terminal};

/// The prompt, once what was typed before is done.
fn ready(terminal: &mut Terminal) {
    terminal.shows("=> ");
}

const CTRL_C: &str = "\u{3}";
const CTRL_D: &str = "\u{4}";

#[test]
fn statements_go_over_several_lines_and_results_are_shown() {
    let database = Database::new();
    let mut terminal = database.terminal("");
    ready(&mut terminal);
    terminal.types("select 6 *\r");
    terminal.shows("-> ");
    terminal.types("7 as answer;\r");
    terminal.shows(" answer ");
    terminal.shows("     42");
    terminal.shows("(1 row)");
    ready(&mut terminal);
    terminal.types("select 'it\r");
    terminal.shows("'> ");
    terminal.types("';\r");
    ready(&mut terminal);
    terminal.types(CTRL_D);
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn tab_completes_tables_and_columns() {
    let database = Database::with("create table wonderful_things (peculiar_name text)");
    let mut terminal = database.terminal("");
    ready(&mut terminal);
    // The names come in the background; until then the key does nothing.
    loop {
        terminal.types("table won\t");
        terminal.shows("table won");
        if terminal.shows_within("derful_things", Duration::from_millis(500)) {
            break;
        }
        terminal.types(CTRL_C);
        ready(&mut terminal);
    }
    terminal.types(CTRL_C);
    ready(&mut terminal);
    terminal.types("select * from wonderful_things where pec\t");
    terminal.shows("peculiar_name");
    terminal.types(CTRL_C);
    ready(&mut terminal);
    terminal.types("create table brand_new_table (a int);\r");
    terminal.shows("CREATE TABLE");
    ready(&mut terminal);
    terminal.types("\\timi\t");
    terminal.shows("\\timing");
    terminal.types("\r");
    terminal.shows("timing is on");
    terminal.types("\\q\r");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn ctrl_c_gives_up_the_statement_and_not_the_shell() {
    let database = Database::new();
    let mut terminal = database.terminal("");
    ready(&mut terminal);
    terminal.types("select pg_sleep(600) as slept;\r");
    // It runs once another session sees it.
    let running =
        "select count(*) as n from pg_stat_activity where query like 'select pg_sleep(600)%' and state = 'active'";
    while database.must(&["-c", running, "-o", "csv"]) != "n\n1\n" {}
    terminal.types(CTRL_C);
    terminal.shows("canceling statement due to user request (SQLSTATE 57014)");
    ready(&mut terminal);
    terminal.types("select 'half");
    terminal.shows("half");
    terminal.types(CTRL_C);
    ready(&mut terminal);
    terminal.types("select 'still ' || 'here';\r");
    terminal.shows("still here");
    ready(&mut terminal);
    terminal.types("\\q\r");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn the_prompt_tells_of_transactions_and_leaving_warns() {
    let database = Database::with("create table t (a int)");
    let mut terminal = database.terminal("");
    ready(&mut terminal);
    terminal.types("begin;\r");
    terminal.shows("=*> ");
    terminal.types("insert into t values (1);\r");
    terminal.shows("INSERT 0 1");
    terminal.shows("=*> ");
    terminal.types("select nope;\r");
    terminal.shows("error: column \"nope\" does not exist (SQLSTATE 42703)");
    terminal.shows("line 1: select nope");
    terminal.shows("=!> ");
    terminal.types(CTRL_D);
    terminal.shows("a transaction was open: nothing of it is kept");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(database.must(&["-c", "select count(*) as n from t", "-o", "csv"]), "n\n0\n");
}

#[test]
fn reading_only_shows_and_is_kept_to() {
    let database = Database::with("create table t (a int)");
    let mut terminal = database.terminal("--read-only");
    terminal.shows("(read-only)=> ");
    terminal.types("drop table t;\r");
    terminal.shows("cannot execute DROP TABLE in a read-only transaction");
    terminal.shows("hint: leave `--read-only` out to change it");
    ready(&mut terminal);
    terminal.types(CTRL_D);
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_lost_connection_is_told_and_made_again() {
    let database = Database::new();
    let mut terminal = database.terminal("");
    ready(&mut terminal);
    terminal.types("begin;\r");
    terminal.shows("=*> ");
    // It waits until the server process is gone: what is typed before would still reach it.
    let end = "select bool_and(pg_terminate_backend(pid, 60000)) as ended from pg_stat_activity \
               where query = 'begin' and datname = current_database() and pid <> pg_backend_pid()";
    assert_eq!(database.must(&["-c", end, "-o", "csv"]), "ended\nt\n");
    terminal.types("select 'again' || '!';\r");
    terminal.shows("the connection was lost, and the open transaction with it");
    terminal.shows("again!");
    terminal.shows("=> ");
    terminal.types(CTRL_D);
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_connection_that_is_lost_under_a_statement_is_made_again() {
    let database = Database::new();
    let mut terminal = database.terminal("");
    ready(&mut terminal);
    terminal.types("select pg_terminate_backend(pg_backend_pid());\r");
    terminal.shows("terminating connection due to administrator command");
    terminal.shows("the connection was lost");
    terminal.shows("connected again");
    terminal.shows("=> ");
    terminal.types("select 'again' || '!';\r");
    terminal.shows("again!");
    terminal.types(CTRL_D);
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn what_was_typed_is_remembered_privately_and_without_passwords() {
    use std::os::unix::fs::PermissionsExt as _;
    let database = Database::new();
    let mut terminal = database.terminal("");
    ready(&mut terminal);
    terminal.types("select 'kept' as one;\r");
    terminal.shows("(1 row)");
    ready(&mut terminal);
    terminal.types("select 'PASSWORD hush-hush' as two;\r");
    terminal.shows("(1 row)");
    ready(&mut terminal);
    terminal.types(CTRL_D);
    assert_eq!(terminal.ends(), 0);
    let history = database.folder().join("state/plattr/shell_history");
    let text = std::fs::read_to_string(&history).unwrap();
    assert!(text.contains("select 'kept' as one;") && !text.contains("hush"), "{text}");
    assert_eq!(std::fs::metadata(&history).unwrap().permissions().mode() & 0o777, 0o600);
    let mut terminal = database.terminal("");
    ready(&mut terminal);
    // The arrow up.
    terminal.types("\u{1b}[A");
    terminal.shows("select 'kept' as one;");
    terminal.types("\r");
    terminal.shows("(1 row)");
    ready(&mut terminal);
    terminal.types(CTRL_D);
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn commands_leave_the_statement_that_is_being_written_alone() {
    let database = Database::with("create table t (a int)");
    let mut terminal = database.terminal("");
    ready(&mut terminal);
    terminal.types("select 'go' ||\r");
    terminal.shows("-> ");
    terminal.types("\\d t\r");
    terminal.shows("Table \"public.t\"");
    terminal.shows("-> ");
    terminal.types("'ne'\r");
    terminal.shows("-> ");
    terminal.types("\\g\r");
    terminal.shows("gone");
    ready(&mut terminal);
    terminal.types("\\x on\r");
    terminal.shows("each column is in a line of its own");
    terminal.types("select 1 as a, 2 as b;\r");
    terminal.shows("-[ RECORD 1 ]");
    ready(&mut terminal);
    terminal.types("\\conninfo\r");
    terminal.shows("as `plattr` on 127.0.0.1, port");
    terminal.types("\\q\r");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_statement_is_watched_until_ctrl_c() {
    let database = Database::with("create sequence s");
    let mut terminal = database.terminal("");
    ready(&mut terminal);
    terminal.types("select 'tick ' || nextval('s') as t \\watch 0.1\r");
    terminal.shows("tick 3");
    terminal.types(CTRL_C);
    ready(&mut terminal);
    terminal.types("\\q\r");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn an_editor_writes_the_statement() {
    let database = Database::new();
    let editor = database.file("editor.sh", "#!/bin/sh\necho \"select 'edi' || 'ted';\" >\"$1\"\n");
    let mut terminal = database.terminal_with("", &[("EDITOR", &format!("sh {editor}"))]);
    ready(&mut terminal);
    terminal.types("\\e\r");
    terminal.shows("edited");
    terminal.types("\\q\r");
    assert_eq!(terminal.ends(), 0);
}
