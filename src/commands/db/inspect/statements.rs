//! Which statements take the time, as text.

use plattr_db::inspect::statements::{Source, Statements};

use super::view::{View, milliseconds, number, one_line, percent};

/// A line for each statement, with its share of them all as a bar; or how to have them counted.
pub fn text(statements: &Statements, view: &View) -> String {
    let how = match statements.source {
        Source::Available => return counted(statements, view),
        _ if view.local => {
            "Statements are not counted: PostgreSQL's program on PATH came without the extension pg_stat_statements, or the \
             stack\nbegan without it.\n\
             `EXPLAIN (ANALYZE, BUFFERS) SELECT …` in `plattr db shell` shows what one statement costs."
        }
        Source::NotCreated => {
            "Statements are not counted here: a superuser, or the provider's administrator, has to run\n  \
             CREATE EXTENSION pg_stat_statements;\nin this database."
        }
        Source::NotLoaded => {
            "Statements are not counted: the server has to start with\n  \
             shared_preload_libraries = 'pg_stat_statements'\nwhich its administrator sets (on Aurora and RDS, in the \
             parameter group)."
        }
        Source::NotInstalled => {
            "Statements are not counted: this server came without the extension pg_stat_statements. It is part of \
             PostgreSQL's contrib\npackage (`postgresql-contrib` of most distributions)."
        }
    };
    format!("{how}\n")
}

fn counted(statements: &Statements, view: &View) -> String {
    let all: f64 = statements.statements.iter().map(|it| it.total_ms).sum();
    if statements.statements.is_empty() {
        return "No statement was counted yet.\n".to_owned();
    }
    let rows = statements
        .statements
        .iter()
        .map(|it| {
            let share = if all > 0.0 { it.total_ms / all } else { 0.0 };
            [
                milliseconds(it.total_ms),
                percent(Some(share)),
                view.bar(share),
                number(it.calls),
                milliseconds(it.mean_ms),
                milliseconds(it.max_ms),
                number(it.rows),
                percent(it.hit_share),
                it.login.clone(),
                one_line(&it.query, 72),
            ]
        })
        .collect();
    let header = ["TOTAL", "SHARE", "", "CALLS", "MEAN", "SLOWEST", "ROWS", "IN MEMORY", "LOGIN", "STATEMENT"];
    let since = statements.since.map(|_| format!("counted since {}\n", view.ago(statements.since))).unwrap_or_default();
    format!("{}{since}", view.table(header, rows))
}
