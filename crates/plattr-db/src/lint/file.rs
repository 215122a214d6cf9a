//! Linting the file of a migration. No database is asked.

use std::ops::Range;

use super::squawk::{self, Raw};
use super::{Choice, FilePlace, Finding, Place, ignore, rules};
use crate::failure::line_and_column;

/// A file of SQL.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// Its path, as findings name it.
    pub path: &'a str,
    /// Its text.
    pub sql: &'a str,
    /// Whether its statements run one by one, outside a transaction.
    pub no_transaction: bool,
}

/// Larger files are rows rather than statements; their syntax trees would take gigabytes.
pub const LARGEST: usize = 4 << 20;

/// The parser calls itself for each pair of parentheses.
const STACK: usize = 256 << 20;

/// Finds what is unsafe in a file, in its order.
pub fn lint(file: File<'_>, choice: &Choice) -> Vec<Finding> {
    let found = if file.sql.len() > LARGEST {
        not_checked(None)
    } else {
        let find = || ignore::apply(file.sql, squawk::find(file.sql, file.no_transaction));
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, find);
            let failed = || not_checked(Some("The file could not be checked: the linter failed.".to_owned()));
            thread.ok().and_then(|thread| thread.join().ok()).unwrap_or_else(failed)
        })
    };
    found.into_iter().filter(|raw| choice.wants(raw.rule)).map(|raw| finding(&file, raw)).collect()
}

fn not_checked(message: Option<String>) -> Vec<Raw> {
    rules::get("not-checked").map(|rule| Raw { rule, message, span: 0..0 }).into_iter().collect()
}

fn finding(file: &File<'_>, raw: Raw) -> Finding {
    let span = visible(file.sql, &raw.span);
    let ((line, column), (end_line, end_column)) =
        (line_and_column(file.sql, span.start), line_and_column(file.sql, span.end));
    Finding {
        rule: raw.rule.name,
        severity: raw.rule.severity,
        message: raw.message.unwrap_or_else(|| raw.rule.why.to_owned()),
        help: raw.rule.how.to_owned(),
        place: Place::File(FilePlace { file: file.path.to_owned(), line, column, end_line, end_column, span }),
    }
}

/// Without blanks around it and the semicolon at its end; where something is missing, what it is missing before, or at the very end after.
fn visible(sql: &str, span: &Range<usize>) -> Range<usize> {
    let text = sql.get(span.clone()).unwrap_or_default();
    let trimmed = text.trim().trim_end_matches(';').trim_end();
    if !trimmed.is_empty() {
        let start = span.start + (text.len() - text.trim_start().len());
        return start..start + trimmed.len();
    }
    let rest = sql.get(span.start..).unwrap_or_default();
    let start = span.start + (rest.len() - rest.trim_start().len());
    match sql.get(start..).and_then(|rest| rest.chars().next()) {
        Some(next) => start..start + next.len_utf8(),
        None => {
            let end = sql.trim_end().len();
            let last = sql[..end].chars().next_back().map_or(0, char::len_utf8);
            end - last..end
        }
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
