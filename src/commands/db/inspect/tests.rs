//! How answers look.
#![allow(clippy::unwrap_used)]

use jiff::Timestamp;
use plattr_db::inspect::bloat::{Bloat, TableBloat};
use plattr_db::inspect::connections::{Connections, Group, Login};
use plattr_db::inspect::indexes::{ForeignKey, Index, Indexes};
use plattr_db::inspect::locks::{LockSession, Locks, Wait};
use plattr_db::inspect::sizes::{Sizes, TableSize};
use plattr_db::inspect::statements::{Source, Statement, Statements};
use plattr_db::inspect::vacuum::{Running, TableVacuum, Vacuum};

use super::view::View;
use super::{bloat, locks, sizes, statements};
use crate::ui::plot::Plot;
use crate::ui::style::Style;

fn time(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

fn view(plot: Plot) -> View {
    View {
        style: Style::new(false),
        plot,
        limit: 2,
        schemas: false,
        local: false,
        now: time("2026-11-21T12:00:00Z").unwrap(),
    }
}

fn table_size(name: &str, rows: Option<i64>, table_bytes: u64, partitions: u64) -> TableSize {
    let (toast_bytes, index_bytes) = (table_bytes / 10, table_bytes / 2);
    let total_bytes = table_bytes + toast_bytes + index_bytes;
    TableSize {
        schema: "app".into(),
        name: name.into(),
        partitions,
        rows,
        table_bytes,
        toast_bytes,
        index_bytes,
        total_bytes,
    }
}

fn some_sizes() -> Sizes {
    let tables = vec![
        table_size("events", Some(1_234_567), 96_000_000, 12),
        table_size("todos", Some(410), 24_000_000, 0),
        table_size("lists", None, 8192, 0),
    ];
    Sizes { database_bytes: 210_000_000, tables }
}

#[test]
fn sizes_have_bars_and_say_how_much_is_left_out() {
    insta::assert_snapshot!(sizes::text(&some_sizes(), &view(Plot::Unicode)));
}

#[test]
fn without_a_terminal_there_are_no_bars() {
    insta::assert_snapshot!(sizes::text(&some_sizes(), &View { limit: 20, schemas: true, ..view(Plot::Plain) }));
}

#[test]
fn nothing_is_said_plainly() {
    let empty = Sizes { database_bytes: 7_000_000, tables: Vec::new() };
    assert_eq!(sizes::text(&empty, &view(Plot::Plain)), "0 tables: 0 B of the database's 7.0 MB\n");
    assert_eq!(locks::text(&Locks { sessions: Vec::new() }, &view(Plot::Plain)), "Nobody waits for a lock.\n");
}

#[test]
fn statements_are_shown_with_their_share_of_the_time() {
    let statement = |query: &str, total_ms: f64, calls: u64| Statement {
        login: "todo_app".into(),
        query: query.into(),
        calls,
        total_ms,
        mean_ms: total_ms / calls as f64,
        max_ms: total_ms / 2.0,
        rows: calls * 3,
        hit_share: Some(0.994),
    };
    let statements = Statements {
        source: Source::Available,
        since: time("2026-11-20T09:00:00Z"),
        statements: vec![
            statement("SELECT *\n  FROM todos\n WHERE owner = $1", 74_000.0, 12_345),
            statement("UPDATE todos SET done = $1 WHERE id = $2", 26_000.0, 40),
        ],
    };
    insta::assert_snapshot!(super::statements::text(&statements, &view(Plot::Ascii)));
}

#[test]
fn where_statements_are_not_counted_the_way_to_it_is_said() {
    let said = [Source::NotCreated, Source::NotLoaded, Source::NotInstalled].map(|source| {
        statements::text(&Statements { source, since: None, statements: Vec::new() }, &view(Plot::Plain))
    });
    let local = View { local: true, ..view(Plot::Plain) };
    let nothing = Statements { source: Source::NotCreated, since: None, statements: Vec::new() };
    insta::assert_snapshot!("of_a_local_stack", statements::text(&nothing, &local));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn locks_are_a_tree_with_the_way_to_end_its_top() {
    let waits = |blocked_by: &[i32], kind: &str, mode: &str, seconds: f64| {
        let (kind, mode) = (kind.into(), mode.into());
        Some(Wait { kind, mode, relation: Some("todos".into()), seconds: Some(seconds), blocked_by: blocked_by.into() })
    };
    let session = |pid: i32, state: &str, query: &str, waits| LockSession {
        pid,
        login: Some("todo_app".into()),
        application: Some("web".into()),
        address: Some("127.0.0.1".into()),
        state: Some(state.into()),
        query: Some(query.into()),
        transaction_seconds: Some(192.0),
        state_seconds: Some(12.0),
        waits,
    };
    let locks = Locks {
        sessions: vec![
            LockSession::default(),
            session(41, "idle in transaction", "UPDATE todos\n   SET done = true", None),
            session(
                42,
                "active",
                "ALTER TABLE todos ADD COLUMN due date",
                waits(&[41], "relation", "AccessExclusiveLock", 11.0),
            ),
            session(43, "active", "SELECT * FROM todos", waits(&[42], "relation", "AccessShareLock", 9.5)),
            session(44, "active", "DELETE FROM todos", waits(&[41], "transactionid", "ShareLock", 3.0)),
            LockSession { pid: 45, waits: waits(&[0], "relation", "RowExclusiveLock", 1.0), ..LockSession::default() },
        ],
    };
    insta::assert_snapshot!(super::locks::text(&locks, &view(Plot::Unicode)));
}

#[test]
fn a_tree_needs_no_unicode() {
    let waits = |pid| {
        Some(Wait { kind: "advisory".into(), mode: "ExclusiveLock".into(), blocked_by: vec![pid], ..Wait::default() })
    };
    let sessions = vec![
        LockSession { pid: 1, state: Some("active".into()), ..LockSession::default() },
        LockSession { pid: 2, waits: waits(1), ..LockSession::default() },
    ];
    insta::assert_snapshot!(locks::text(&Locks { sessions }, &view(Plot::Plain)));
}

#[test]
fn bloat_shows_what_is_wasted() {
    let table = |name: &str, wasted_bytes: Option<u64>, dead_rows: u64| TableBloat {
        schema: "app".into(),
        name: name.into(),
        bytes: 80_000_000,
        live_rows: 100_000,
        dead_rows,
        dead_share: Some(dead_rows as f64 / (100_000 + dead_rows) as f64),
        wasted_bytes,
        wasted_share: wasted_bytes.map(|wasted| wasted as f64 / 80_000_000.0),
        last_vacuum: time("2026-11-19T12:00:00Z"),
    };
    let tables = vec![table("events", Some(60_000_000), 50_000), table("todos", None, 100)];
    insta::assert_snapshot!(bloat::text(&Bloat { tables }, &view(Plot::Unicode)));
}

#[test]
fn vacuum_shows_what_is_due_and_what_runs() {
    let table = |name: &str, dead_rows: u64, automatic: bool, age: u64| TableVacuum {
        schema: "app".into(),
        name: name.into(),
        automatic,
        dead_rows,
        dead_rows_limit: 2050,
        changed_rows: dead_rows,
        age,
        last_vacuum: None,
        last_autovacuum: time("2026-11-21T11:00:00Z"),
        last_analyze: time("2026-11-21T11:30:00Z"),
        last_autoanalyze: None,
    };
    let vacuum = Vacuum {
        freeze_max_age: 200_000_000,
        tables: vec![table("events", 1500, true, 10_000), table("todos", 10, false, 201_000_000)],
        running: vec![Running {
            pid: 77,
            table: "events".into(),
            phase: Some("scanning heap".into()),
            done_share: Some(0.5),
        }],
    };
    insta::assert_snapshot!(super::vacuum::text(&vacuum, &view(Plot::Unicode)));
}

#[test]
fn connections_are_shown_against_their_limits() {
    let group = |login: &str, state: Option<&str>, count: u64| Group {
        login: login.into(),
        application: (count > 1).then(|| "web".into()),
        state: state.map(Into::into),
        count,
        longest_seconds: state.map(|_| 75.0),
    };
    let connections = Connections {
        limit: 97,
        used: 37,
        elsewhere: 3,
        logins: vec![
            Login { name: "todo_app".into(), used: 30, limit: Some(40) },
            Login { name: "plattr".into(), used: 1, limit: None },
        ],
        groups: vec![
            group("todo_app", Some("idle"), 29),
            group("todo_app", Some("idle in transaction"), 1),
            group("other", None, 1),
        ],
    };
    insta::assert_snapshot!(super::connections::text(&connections, &View { limit: 20, ..view(Plot::Unicode) }));
}

#[test]
fn indexes_show_what_is_wrong_with_them_and_which_are_missing() {
    let index = |name: &str, bytes: u64, scans: u64| Index {
        schema: "app".into(),
        table: "todos".into(),
        name: name.into(),
        bytes,
        scans,
        unique: false,
        constraint: false,
        valid: true,
        building: false,
        unused: scans == 0,
        duplicate_of: None,
        hit_share: (scans > 0).then_some(1.0),
        definition: String::new(),
    };
    let indexes = Indexes {
        since: time("2026-11-01T12:00:00Z"),
        table_hit_share: Some(0.981),
        index_hit_share: None,
        indexes: vec![
            index("todos_title", 9_000_000, 120),
            Index { duplicate_of: Some("todos_title".into()), ..index("todos_title_again", 9_000_000, 0) },
            Index { valid: false, unused: false, ..index("todos_due", 0, 0) },
            Index { valid: false, unused: false, building: true, ..index("todos_new", 0, 0) },
        ],
        missing: vec![ForeignKey {
            schema: "app".into(),
            table: "todos".into(),
            constraint: "todos_list_fkey".into(),
            columns: vec!["list_id".into()],
            references: "lists".into(),
        }],
    };
    insta::assert_snapshot!(super::indexes::text(&indexes, &View { limit: 20, ..view(Plot::Unicode) }));
}
