//! What a word may become.

use squawk_lexer::TokenKind;

use super::command::COMMANDS;
use super::statement::positions;
use crate::quote;

/// What there is in a database, as far as it is completed.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Words of the language, in lower case; true for those that cannot be names.
    pub keywords: Vec<(String, bool)>,
    /// Schemas.
    pub schemas: Vec<String>,
    /// Tables, views and sequences.
    pub relations: Vec<Relation>,
    /// Functions: schema, name, and whether the name alone reaches it.
    pub functions: Vec<(String, String, bool)>,
    /// Databases.
    pub databases: Vec<String>,
}

/// A table or something like it.
#[derive(Debug, Clone)]
pub struct Relation {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// Whether the name alone reaches it.
    pub visible: bool,
    /// Columns, in their order.
    pub columns: Vec<String>,
}

/// What a command with a backslash takes.
enum Takes {
    Relations,
    Schemas,
    Functions,
    Databases,
    Nothing,
}

/// What may stand at the end of `before`, a statement or a command up to the cursor; `after` is the rest of it. Gives
/// the byte of `before` at which the replacement begins.
pub fn complete(names: &Names, before: &str, after: &str) -> (usize, Vec<String>) {
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let typed = before[line..].trim_start();
    if let Some(command) = typed.strip_prefix('\\') {
        return of_command(names, before, command);
    }
    let Some(place) = Place::find(before) else { return (before.len(), Vec::new()) };
    let candidates = match &place.qualifier {
        Some(qualifier) => names.below(qualifier, &tables(before, after)),
        None if place.wants_table => names.tables_and_schemas(),
        None => names.anything(&place, &tables(before, after)),
    };
    (place.start, pick(candidates, &place.prefix))
}

fn of_command(names: &Names, before: &str, command: &str) -> (usize, Vec<String>) {
    let Some((name, arguments)) = command.split_once(char::is_whitespace) else {
        let start = before.len() - command.len() - 1;
        let found = COMMANDS.iter().map(|(name, ..)| *name).filter(|name| name.starts_with(command));
        return (start, found.map(|name| format!("\\{name}")).collect());
    };
    let word = arguments.rsplit(char::is_whitespace).next().unwrap_or_default();
    let takes = match name.trim_end_matches('+') {
        "d" | "dt" | "dv" | "dm" | "di" | "ds" | "dp" | "copy" => Takes::Relations,
        "dn" => Takes::Schemas,
        "df" => Takes::Functions,
        "c" => Takes::Databases,
        _ => Takes::Nothing,
    };
    let (qualifier, prefix) = match word.rsplit_once('.') {
        Some((qualifier, prefix)) => (Some(unquoted(qualifier)), prefix),
        None => (None, word),
    };
    let candidates = match (takes, qualifier) {
        (Takes::Relations, Some(schema)) => names.in_schema(&schema),
        (Takes::Relations, None) => names.tables_and_schemas(),
        (Takes::Schemas, _) => names.schemas.clone(),
        (Takes::Functions, _) => names.functions.iter().map(|(_, name, _)| name.clone()).collect(),
        (Takes::Databases, _) => names.databases.clone(),
        (Takes::Nothing, _) => Vec::new(),
    };
    (before.len() - prefix.len(), pick(candidates.iter().map(|name| names.written(name)).collect(), prefix))
}

/// Those that begin with the prefix, each once, in order.
fn pick(mut candidates: Vec<String>, prefix: &str) -> Vec<String> {
    let wanted = prefix.trim_start_matches('"').to_lowercase();
    candidates.retain(|candidate| candidate.trim_start_matches('"').to_lowercase().starts_with(&wanted));
    candidates.sort();
    candidates.dedup();
    candidates
}

/// What is written as a name: without quotation marks it is in lower case.
fn unquoted(name: &str) -> String {
    match name.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').unwrap_or(rest).replace("\"\"", "\""),
        None => name.to_lowercase(),
    }
}

/// Where in a statement the cursor is.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    /// Where the word begins.
    start: usize,
    /// The word so far.
    prefix: String,
    /// What stands before a full stop.
    qualifier: Option<String>,
    /// Only a table makes sense here.
    wants_table: bool,
    /// The word is the first of its statement.
    first: bool,
}

impl Place {
    /// None inside of a text, a comment or a number.
    fn find(before: &str) -> Option<Self> {
        let tokens: Vec<(TokenKind, usize, usize)> = positions(before).collect();
        let mut end = tokens.len();
        let (mut start, mut prefix) = (before.len(), String::new());
        if let Some(&(kind, from, to)) = tokens.last() {
            let at_cursor = to == before.len();
            match kind {
                TokenKind::QuotedIdent { terminated: false, .. } => (start, prefix) = (from, before[from..].to_owned()),
                TokenKind::Ident if at_cursor => (start, prefix) = (from, before[from..].to_owned()),
                // Unfinished texts reach to the end; after a number or a whole text nothing can be completed.
                TokenKind::Literal { .. } if at_cursor => return None,
                _ => {}
            }
            if !prefix.is_empty() {
                end -= 1;
            }
        }
        if in_comment(&before[..start]) {
            return None;
        }
        let before_word = &tokens[..end];
        let qualifier = match before_word {
            [.., (TokenKind::Ident | TokenKind::QuotedIdent { .. }, from, to), (TokenKind::Dot, _, dot)]
                if *dot == start =>
            {
                Some(unquoted(&before[*from..*to]))
            }
            _ => None,
        };
        let wants_table = wants_table(before, before_word);
        Some(Self { start, prefix, qualifier, wants_table, first: before_word.is_empty() })
    }
}

/// Whether a text ends inside of a comment.
fn in_comment(text: &str) -> bool {
    let last = squawk_lexer::tokenize(text).last().map(|token| token.kind);
    matches!(last, Some(TokenKind::LineComment | TokenKind::BlockComment { terminated: false }))
}

/// Whether the last clause is a list of tables and the next item of it begins here.
fn wants_table(text: &str, tokens: &[(TokenKind, usize, usize)]) -> bool {
    const TABLES: [&str; 8] = ["FROM", "JOIN", "INTO", "UPDATE", "TABLE", "TRUNCATE", "REFERENCES", "ONLY"];
    let word = |(kind, start, end): &(TokenKind, usize, usize)| {
        (*kind == TokenKind::Ident).then(|| text[*start..*end].to_ascii_uppercase())
    };
    match tokens.last() {
        Some((TokenKind::Comma, ..)) => {
            let mut depth = 0usize;
            for token in tokens.iter().rev() {
                match token.0 {
                    TokenKind::CloseParen => depth += 1,
                    TokenKind::OpenParen if depth == 0 => return false,
                    TokenKind::OpenParen => depth -= 1,
                    _ => {}
                }
                if depth > 0 {
                    continue;
                }
                match word(token).as_deref() {
                    Some("FROM") => return true,
                    Some("SELECT" | "WHERE" | "SET" | "BY" | "RETURNING" | "VALUES" | "ON") => return false,
                    _ => {}
                }
            }
            false
        }
        Some(last) => word(last).is_some_and(|word| TABLES.contains(&word.as_str())),
        None => false,
    }
}

/// A table that a statement names, and what it calls it.
struct Named {
    schema: Option<String>,
    name: String,
    alias: Option<String>,
}

/// The tables that a statement names.
fn tables(before: &str, after: &str) -> Vec<Named> {
    let statement = format!("{before} {after}");
    let tokens: Vec<(TokenKind, &str)> =
        positions(&statement).map(|(kind, start, end)| (kind, &statement[start..end])).collect();
    let is_name = |kind: TokenKind| matches!(kind, TokenKind::Ident | TokenKind::QuotedIdent { .. });
    let mut found = Vec::new();
    let mut at = 0;
    let mut listing = false;
    while at < tokens.len() {
        let (kind, text) = tokens[at];
        let word = text.to_ascii_uppercase();
        at += 1;
        let begins =
            kind == TokenKind::Ident && matches!(word.as_str(), "FROM" | "JOIN" | "INTO" | "UPDATE" | "TABLE" | "ON");
        listing = match (kind, word.as_str()) {
            (TokenKind::Ident, "FROM" | "JOIN") => true,
            (TokenKind::Ident, "WHERE" | "SELECT" | "SET" | "GROUP" | "ORDER" | "USING" | "VALUES") => false,
            _ => listing,
        };
        let goes_on = kind == TokenKind::Comma && listing;
        if !begins && !goes_on {
            continue;
        }
        let Some((_, first)) = tokens.get(at).copied().filter(|(kind, _)| is_name(*kind)) else { continue };
        at += 1;
        let (schema, name) = match (tokens.get(at), tokens.get(at + 1)) {
            (Some((TokenKind::Dot, _)), Some((kind, second))) if is_name(*kind) => {
                at += 2;
                (Some(unquoted(first)), unquoted(second))
            }
            _ => (None, unquoted(first)),
        };
        if tokens.get(at).is_some_and(|(_, text)| text.eq_ignore_ascii_case("as")) {
            at += 1;
        }
        let alias =
            tokens.get(at).filter(|(kind, text)| is_name(*kind) && !ends_table(text)).map(|(_, text)| unquoted(text));
        found.push(Named { schema, name, alias });
    }
    found
}

/// Whether a word after a table is not its alias.
fn ends_table(word: &str) -> bool {
    const WORDS: [&str; 22] = [
        "WHERE",
        "JOIN",
        "INNER",
        "LEFT",
        "RIGHT",
        "FULL",
        "CROSS",
        "NATURAL",
        "ON",
        "USING",
        "GROUP",
        "ORDER",
        "LIMIT",
        "OFFSET",
        "SET",
        "VALUES",
        "UNION",
        "RETURNING",
        "HAVING",
        "FOR",
        "SELECT",
        "DEFAULT",
    ];
    WORDS.iter().any(|other| word.eq_ignore_ascii_case(other))
}

impl Names {
    /// A name as it has to be written.
    fn written(&self, name: &str) -> String {
        let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        let reserved = || self.keywords.iter().any(|(word, reserved)| *reserved && word == name);
        if plain && !reserved() { name.to_owned() } else { quote(name) }
    }

    fn in_schema(&self, schema: &str) -> Vec<String> {
        self.relations
            .iter()
            .filter(|relation| relation.schema == schema)
            .map(|relation| relation.name.clone())
            .collect()
    }

    fn tables_and_schemas(&self) -> Vec<String> {
        let tables = self.relations.iter().filter(|relation| relation.visible && !is_system(&relation.schema));
        let system = self.relations.iter().filter(|relation| relation.visible && is_system(&relation.schema));
        tables
            .chain(system)
            .map(|relation| &relation.name)
            .chain(&self.schemas)
            .map(|name| self.written(name))
            .collect()
    }

    /// The columns of the tables that a statement names.
    fn columns<'a>(&'a self, tables: &'a [Named]) -> impl Iterator<Item = String> + 'a {
        tables
            .iter()
            .flat_map(|table| {
                self.relations.iter().filter(move |relation| {
                    relation.name == table.name
                        && table.schema.as_ref().map_or(relation.visible, |schema| *schema == relation.schema)
                })
            })
            .flat_map(|relation| &relation.columns)
            .map(|column| self.written(column))
    }

    /// What may stand after `qualifier.`: columns of a table that has this name or alias here, or what is in a schema.
    fn below(&self, qualifier: &str, tables: &[Named]) -> Vec<String> {
        let of_table: Vec<String> = tables
            .iter()
            .filter(|table| table.alias.as_deref().unwrap_or(&table.name) == qualifier || table.name == qualifier)
            .flat_map(|table| self.columns(std::slice::from_ref(table)).collect::<Vec<_>>())
            .collect();
        if !of_table.is_empty() {
            return of_table;
        }
        let functions =
            self.functions.iter().filter(|(schema, ..)| schema == qualifier).map(|(_, name, _)| name.clone());
        self.in_schema(qualifier).into_iter().chain(functions).map(|name| self.written(&name)).collect()
    }

    /// What may stand in an expression, or begin a clause.
    fn anything(&self, place: &Place, tables: &[Named]) -> Vec<String> {
        let mut found: Vec<String> = if place.first { Vec::new() } else { self.columns(tables).collect() };
        // Everything at once would help nobody.
        if place.prefix.is_empty() && !found.is_empty() {
            return found;
        }
        let upper = place.prefix.starts_with(|c: char| c.is_ascii_uppercase());
        found.extend(self.keywords.iter().map(|(word, _)| if upper { word.to_uppercase() } else { word.clone() }));
        if place.first || place.prefix.is_empty() {
            return found;
        }
        found.extend(self.functions.iter().filter(|(_, _, visible)| *visible).map(|(_, name, _)| self.written(name)));
        found.extend(self.tables_and_schemas());
        found
    }
}

fn is_system(schema: &str) -> bool {
    schema == "pg_catalog" || schema == "information_schema"
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn names() -> Names {
        let relation = |schema: &str, name: &str, columns: &[&str]| Relation {
            schema: schema.into(),
            name: name.into(),
            visible: schema != "hidden",
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        };
        Names {
            keywords: ["select", "set", "from", "where", "order", "table"].map(|w| (w.to_owned(), w != "set")).into(),
            schemas: ["public", "hidden"].map(str::to_owned).into(),
            relations: vec![
                relation("public", "todos", &["id", "title", "done at"]),
                relation("public", "order", &["id", "total"]),
                relation("hidden", "secrets", &["key"]),
            ],
            functions: vec![("public".into(), "todo_count".into(), true), ("hidden".into(), "f".into(), false)],
            databases: vec!["plattr".into()],
        }
    }

    #[rstest]
    #[case("se", &["select", "set"])]
    #[case("SEL", &["SELECT"])]
    #[case("select * from ", &["\"order\"", "hidden", "public", "todos"])]
    #[case("select * from to", &["todos"])]
    #[case("select * from todos, o", &["\"order\""])]
    #[case("select * from hidden.", &["f", "secrets"])]
    #[case("select * from todos where ti", &["title"])]
    #[case("select * from todos where ", &["\"done at\"", "id", "title"])]
    #[case("update todos set do", &["\"done at\""])]
    #[case("insert into todos (ti", &["title"])]
    #[case("select todo_", &["todo_count"])]
    #[case("select * from todos where \"do", &["\"done at\""])]
    #[case("select 'ti", &[])]
    #[case("select -- ti", &[])]
    #[case("select /* ti", &[])]
    #[case("\\d to", &["todos"])]
    #[case("\\d hidden.", &["secrets"])]
    #[case("\\dn pu", &["public"])]
    #[case("\\c ", &["plattr"])]
    #[case("\\tim", &["\\timing"])]
    #[case("select *\n\\d to", &["todos"])]
    fn words_become_what_makes_sense(#[case] before: &str, #[case] wanted: &[&str]) {
        assert_eq!(complete(&names(), before, "").1, wanted);
    }

    #[test]
    fn the_rest_of_the_statement_counts_too() {
        assert_eq!(complete(&names(), "select t.t", " from public.todos t"), (9, vec!["title".to_owned()]));
        assert_eq!(complete(&names(), "select ti", " from todos"), (7, vec!["title".to_owned()]));
    }
}
