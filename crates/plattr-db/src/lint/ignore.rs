//! Comments that say that something is meant to be so.

use std::collections::BTreeSet;
use std::ops::Range;

use squawk_syntax::{SourceFile, SyntaxKind};

use super::rules;
use super::squawk::Raw;
use crate::sql;

/// What a comment leaves out.
const STATEMENT: &str = "plattr:ignore";
const WHOLE_FILE: &str = "plattr:ignore-file";

/// A comment.
struct Ignore {
    /// Where it stands.
    comment: Range<usize>,
    /// The rules that it names.
    rules: Vec<String>,
    /// The statement that it is about; none: the whole file.
    statement: Option<Range<usize>>,
}

/// The rules that the text of a comment names after `mark`: separated by commas or blanks, up to `--`.
fn named(comment: &str, mark: &str) -> Option<Vec<String>> {
    let rest = comment.trim_start().strip_prefix(mark)?;
    if rest.starts_with(|c: char| !c.is_whitespace() && c != ':') {
        return None;
    }
    let rest = rest.trim_start_matches(':').split("--").next().unwrap_or_default();
    Some(rest.split([',', ' ', '\t']).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

/// The rules that the comment (`COMMENT ON`) of an object says are broken on purpose, in a line of its own.
pub(super) fn of_object(comment: Option<&str>) -> BTreeSet<String> {
    comment.unwrap_or_default().lines().filter_map(|line| named(line, STATEMENT)).flatten().collect()
}

fn read(text: &str) -> Vec<Ignore> {
    // Parsing takes longer than looking.
    if !text.contains(STATEMENT) {
        return Vec::new();
    }
    let statements = sql::statements(text);
    let comments = SourceFile::parse(text).syntax_node().descendants_with_tokens();
    comments
        .filter_map(|element| element.into_token().filter(|token| token.kind() == SyntaxKind::COMMENT))
        .filter_map(|token| {
            let comment = Range::<usize>::from(token.text_range());
            let body = token.text().trim_start_matches("--").trim_start_matches("/*").trim_end_matches("*/");
            match named(body, WHOLE_FILE) {
                Some(rules) => Some(Ignore { comment, rules, statement: None }),
                None => {
                    let statement = Some(meant(text, &statements, &comment).unwrap_or(text.len()..text.len()));
                    Some(Ignore { rules: named(body, STATEMENT)?, comment, statement })
                }
            }
        })
        .collect()
}

/// The statement that a comment is about: the one it stands in, or that ends in its line, or the next one.
fn meant(text: &str, statements: &[Range<usize>], comment: &Range<usize>) -> Option<Range<usize>> {
    let within = |it: &&Range<usize>| it.start <= comment.start && comment.end <= it.end;
    let in_line = |it: &&Range<usize>| {
        it.end <= comment.start && text.get(it.end..comment.start).is_some_and(|between| !between.contains('\n'))
    };
    let next = |it: &&Range<usize>| it.start >= comment.end;
    let found = statements.iter().find(within).or_else(|| statements.iter().rfind(in_line));
    found.or_else(|| statements.iter().find(next)).cloned()
}

/// Takes out what comments say is meant to be so, and adds the comments that say so in vain.
pub(super) fn apply(text: &str, found: Vec<Raw>) -> Vec<Raw> {
    let ignores = read(text);
    let mut used: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); ignores.len()];
    let broken = found.iter().any(|raw| raw.rule.name == "syntax-error");
    let mut kept: Vec<Raw> = found
        .into_iter()
        .filter(|raw| {
            let mut ignored = false;
            for (ignore, used) in ignores.iter().zip(&mut used) {
                let here =
                    ignore.statement.as_ref().is_none_or(|it| it.start <= raw.span.start && raw.span.start < it.end);
                if here && ignore.rules.iter().any(|name| name == raw.rule.name) {
                    used.insert(raw.rule.name);
                    ignored = true;
                }
            }
            !ignored
        })
        .collect();
    let Some(rule) = rules::get("unused-ignore").filter(|_| !broken) else { return kept };
    for (ignore, used) in ignores.iter().zip(used) {
        let in_vain = |name: &&String| !used.contains(name.as_str());
        let message = match ignore.rules.iter().find(in_vain) {
            Some(name) if rules::get(name).is_none() => format!("There is no rule `{name}`."),
            Some(name) => format!("`{name}` finds nothing here."),
            None if ignore.rules.is_empty() => "The comment names no rule.".to_owned(),
            None => continue,
        };
        kept.push(Raw { rule, message: Some(message), span: ignore.comment.clone() });
    }
    kept.sort_by_key(|raw| raw.span.start);
    kept
}
