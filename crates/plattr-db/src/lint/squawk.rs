//! What the library squawk finds in a file, without what PostgreSQL or plattr make harmless; and the rules of our own.

use std::collections::BTreeSet;
use std::ops::Range;

use squawk_linter::Linter;
use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{Parse, SourceFile, SyntaxNode};

use super::rules::{self, Rule, Subject};

/// Something in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Raw {
    pub rule: &'static Rule,
    /// More precise than what the rule says.
    pub message: Option<String>,
    pub span: Range<usize>,
}

/// Locks, rewrites and lost rows: no problem on a table that the same file made, which nobody knows yet.
const FINE_ON_A_NEW_TABLE: &[&str] = &[
    "require-concurrent-index-creation",
    "constraint-missing-not-valid",
    "adding-foreign-key-constraint",
    "disallowed-unique-constraint",
    "adding-serial-primary-key-field",
    "adding-not-nullable-field",
    "adding-required-field",
    "adding-field-with-default",
    "changing-column-type",
    "ban-drop-column",
    "ban-drop-not-null",
    "renaming-table",
    "renaming-column",
];

/// Those that say of a constraint better than `constraint-missing-not-valid` what is wrong with it. A unique
/// constraint, for one, cannot be `NOT VALID`.
const MORE_PRECISE: &[&str] =
    &["adding-foreign-key-constraint", "disallowed-unique-constraint", "adding-serial-primary-key-field"];

/// Those whose message names what they found.
const NAMES_WHAT_IT_FOUND: &[&str] = &["ban-duplicate-column-assignments", "identifier-too-long", "unused-ignore"];

/// Finds everything, whether a rule is on or off, in the order of the file.
pub(super) fn find(text: &str, no_transaction: bool) -> Vec<Raw> {
    let parse = SourceFile::parse(text);
    let syntax_error = parse.errors().into_iter().next().and_then(|error| {
        let span = Range::from(error.range());
        let message = format!(
            "PostgreSQL would not understand this: {}.",
            error.message().replace("_KW", "").trim_end_matches('.')
        );
        Some(Raw { rule: rules::get("syntax-error")?, message: Some(message), span })
    });
    let mut found: Vec<Raw> = by_squawk(&parse, text, no_transaction);
    if !no_transaction {
        found.extend(refused_in_a_transaction(&parse));
    }
    // What follows an error is a guess.
    if let Some(error) = &syntax_error {
        found.retain(|raw| raw.span.end <= error.span.start);
    }
    found.extend(syntax_error);
    found.sort_by_key(|raw| raw.span.start);
    found
}

fn by_squawk(parse: &Parse<SourceFile>, text: &str, no_transaction: bool) -> Vec<Raw> {
    let known = rules::all().filter(|rule| rule.subject == Subject::File);
    let mut linter = Linter::from(known.filter_map(|rule| rule.name.parse().ok()));
    linter.settings.assume_in_transaction = !no_transaction;
    let mut found: Vec<Raw> = linter
        .lint(parse, text)
        .into_iter()
        .filter_map(|violation| {
            let rule = rules::get(&violation.code.to_string())?;
            let precise = NAMES_WHAT_IT_FOUND.contains(&rule.name);
            Some(Raw { rule, message: precise.then_some(violation.message), span: Range::from(violation.text_range) })
        })
        .collect();
    let harmless = harmless(parse);
    found.retain(|raw| !harmless.iter().any(|(span, rules)| within(&raw.span, span) && rules.contains(&raw.rule.name)));
    let precise: Vec<Range<usize>> =
        found.iter().filter(|raw| MORE_PRECISE.contains(&raw.rule.name)).map(|raw| raw.span.clone()).collect();
    found.retain(|raw| {
        raw.rule.name != "constraint-missing-not-valid" || !precise.iter().any(|span| within(span, &raw.span))
    });
    found
}

fn within(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn span(node: &SyntaxNode) -> Range<usize> {
    Range::from(node.text_range())
}

/// Where which rules have nothing to say.
fn harmless(parse: &Parse<SourceFile>) -> Vec<(Range<usize>, &'static [&'static str])> {
    let mut made: BTreeSet<Named> = BTreeSet::new();
    let mut harmless: Vec<(Range<usize>, &'static [&'static str])> = Vec::new();
    for statement in parse.tree().stmts() {
        let new = match &statement {
            ast::Stmt::CreateTable(it) => it.table_name(),
            ast::Stmt::CreateTableAs(it) => it.table_name(),
            _ => None,
        };
        if let Some(name) = new.filter(|_| !may_be_there(statement.syntax())) {
            made.extend(name.path().and_then(|path| Some(named(&path.segment()?.text(), name.syntax()))));
        }
        let about = match &statement {
            ast::Stmt::CreateIndex(it) => it.table_relation_name(),
            ast::Stmt::AlterTable(it) => {
                harmless.extend(it.actions().filter_map(harmless_column));
                it.table_relation_name()
            }
            _ => None,
        };
        let about = about.and_then(|name| {
            let name = name.table_name_ref()?;
            Some(named(&name.path_ref()?.segment()?.text(), name.syntax()))
        });
        // Where one of the two names no schema, it is the same.
        let same = |about: &Named| {
            made.iter().any(|it| it.1 == about.1 && (it.0 == about.0 || it.0.is_none() || about.0.is_none()))
        };
        if about.as_ref().is_some_and(same) {
            harmless.push((span(statement.syntax()), FINE_ON_A_NEW_TABLE));
        }
    }
    harmless
}

/// A table: its schema, where that is written, and its name.
type Named = (Option<String>, String);

fn named(name: &str, whole: &SyntaxNode) -> Named {
    let text = whole.text().to_string().replace('"', "");
    (text.rsplit_once('.').map(|(schema, _)| schema.trim().to_owned()), name.to_owned())
}

/// Whether a table that the statement would make may be there already, with rows.
fn may_be_there(statement: &SyntaxNode) -> bool {
    let text = statement.text().to_string().to_ascii_lowercase();
    let words: Vec<&str> = text.split('(').next().unwrap_or_default().split_whitespace().collect();
    words.windows(3).any(|three| three == ["if", "not", "exists"])
}

/// Columns that squawk takes for more expensive than they are.
fn harmless_column(action: ast::AlterTableAction) -> Option<(Range<usize>, &'static [&'static str])> {
    let ast::AlterTableAction::AddColumn(column) = action else { return None };
    let (mut filled, mut computed) = (false, false);
    for constraint in column.constraints() {
        match constraint {
            ast::Constraint::DefaultConstraint(_) => filled = true,
            ast::Constraint::GeneratedConstraint(it) => {
                let text = it.syntax().text().to_string().to_ascii_lowercase();
                // Only these have a value in each row; a virtual column is computed when it is read.
                let kept = ["stored", "identity"].iter().any(|word| text.contains(word));
                filled |= kept;
                computed |= !kept;
            }
            _ => {}
        }
    }
    let rules: &[&str] = match (filled, computed) {
        (true, _) => return None,
        (false, true) => &["adding-field-with-default", "adding-foreign-key-constraint"],
        // All values are null, which PostgreSQL knows: it checks no row of a new column's key.
        (false, false) => &["adding-foreign-key-constraint"],
    };
    Some((span(column.syntax()), rules))
}

/// Statements that PostgreSQL refuses inside a transaction.
fn refused_in_a_transaction(parse: &Parse<SourceFile>) -> Vec<Raw> {
    let Some(rule) = rules::get("needs-no-transaction") else { return Vec::new() };
    let refused = parse.tree().stmts().filter(|statement| match statement {
        ast::Stmt::CreateIndex(it) => it.concurrently_token().is_some(),
        ast::Stmt::DropIndex(it) => it.concurrently_token().is_some(),
        ast::Stmt::Reindex(it) => {
            let whole = it.reindex_target().is_some_and(|target| {
                matches!(
                    target,
                    ast::ReindexTarget::ReindexTargetDatabase(_)
                        | ast::ReindexTarget::ReindexTargetSchema(_)
                        | ast::ReindexTarget::ReindexTargetSystem(_)
                )
            });
            whole || it.is_concurrently()
        }
        ast::Stmt::AlterTable(it) => it.actions().any(|action| match action {
            ast::AlterTableAction::DetachPartition(detach) => {
                matches!(detach.detach_partition_option(), Some(ast::DetachPartitionOption::DetachConcurrently(_)))
            }
            _ => false,
        }),
        ast::Stmt::Vacuum(_)
        | ast::Stmt::CreateDatabase(_)
        | ast::Stmt::DropDatabase(_)
        | ast::Stmt::AlterSystem(_)
        | ast::Stmt::CreateTablespace(_)
        | ast::Stmt::DropTablespace(_) => true,
        _ => false,
    });
    refused.map(|statement| Raw { rule, message: None, span: trimmed(statement.syntax()) }).collect()
}

/// Without comments and blanks around it.
fn trimmed(node: &SyntaxNode) -> Range<usize> {
    let first = node.children_with_tokens().find(|child| !child.kind().is_trivia());
    let start = first.map_or(node.text_range().start(), |child| child.text_range().start());
    usize::from(start)..usize::from(node.text_range().end())
}
