//! What can be told of a statement by its words alone.

use squawk_lexer::{TokenKind, tokenize};

/// The first words of a statement, in upper case: at most `most`, and none after the first token that is no word.
pub fn words(statement: &str, most: usize) -> Vec<String> {
    let mut found = Vec::new();
    for (kind, text) in tokens(statement) {
        if found.len() == most || kind != TokenKind::Ident {
            break;
        }
        found.push(text.to_ascii_uppercase());
    }
    found
}

/// Tokens without blanks and comments.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = (TokenKind, &str)> {
    positions(text).map(|(kind, start, end)| (kind, &text[start..end]))
}

/// As [`tokens`], with the bytes where each begins and ends.
pub(crate) fn positions(text: &str) -> impl Iterator<Item = (TokenKind, usize, usize)> {
    let mut at = 0;
    tokenize(text)
        .map(move |token| {
            let start = at;
            at += token.len as usize;
            (token.kind, start, at)
        })
        .filter(|(kind, ..)| {
            !matches!(kind, TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. })
        })
}

/// What the server answers to a statement that was done, such as `INSERT 0 3`. tokio-postgres hands on only the
/// number, so the words are taken from the statement.
pub fn tag(statement: &str, rows: u64) -> String {
    let words = words(statement, 8);
    let verb = words.first().map_or("", String::as_str);
    match verb {
        "WITH" => match main_verb(statement).as_deref() {
            Some("INSERT") => format!("INSERT 0 {rows}"),
            Some(verb) => format!("{verb} {rows}"),
            None => format!("SELECT {rows}"),
        },
        "INSERT" => format!("INSERT 0 {rows}"),
        "SELECT" | "VALUES" | "TABLE" => format!("SELECT {rows}"),
        "UPDATE" | "DELETE" | "MERGE" | "COPY" | "FETCH" | "MOVE" => format!("{verb} {rows}"),
        "END" => "COMMIT".to_owned(),
        "ABORT" => "ROLLBACK".to_owned(),
        "START" | "PREPARE" if words.get(1).is_some_and(|word| word == "TRANSACTION") => format!("{verb} TRANSACTION"),
        "CREATE" | "ALTER" | "DROP" | "COMMENT" => match object(&words[1..]) {
            _ if verb == "COMMENT" => verb.to_owned(),
            Some(object) => format!("{verb} {object}"),
            None => verb.to_owned(),
        },
        _ => verb.to_owned(),
    }
}

/// The kind of object that `CREATE`, `ALTER` or `DROP` is about.
fn object(words: &[String]) -> Option<String> {
    const MODIFIERS: [&str; 14] = [
        "OR",
        "REPLACE",
        "TEMP",
        "TEMPORARY",
        "GLOBAL",
        "LOCAL",
        "UNLOGGED",
        "UNIQUE",
        "RECURSIVE",
        "TRUSTED",
        "PROCEDURAL",
        "CONSTRAINT",
        "DEFAULT",
        "IF",
    ];
    // What has a name of several words.
    const LONG: [&[&str]; 12] = [
        &["FOREIGN", "DATA", "WRAPPER"],
        &["FOREIGN", "TABLE"],
        &["MATERIALIZED", "VIEW"],
        &["EVENT", "TRIGGER"],
        &["ACCESS", "METHOD"],
        &["OPERATOR", "CLASS"],
        &["OPERATOR", "FAMILY"],
        &["USER", "MAPPING"],
        &["TEXT", "SEARCH", "CONFIGURATION"],
        &["TEXT", "SEARCH", "DICTIONARY"],
        &["TEXT", "SEARCH", "PARSER"],
        &["TEXT", "SEARCH", "TEMPLATE"],
    ];
    if words.first().is_some_and(|word| word == "DEFAULT") && words.get(1).is_some_and(|word| word == "PRIVILEGES") {
        return Some("DEFAULT PRIVILEGES".to_owned());
    }
    let begin = words.iter().position(|word| !MODIFIERS.contains(&word.as_str()))?;
    let words = &words[begin..];
    let long = LONG.iter().find(|name| words.len() >= name.len() && name.iter().zip(words).all(|(a, b)| a == b));
    Some(long.map_or_else(|| words[0].clone(), |name| name.join(" ")))
}

/// What a statement with `WITH` does in the end.
fn main_verb(statement: &str) -> Option<String> {
    let mut depth = 0usize;
    for (kind, text) in tokens(statement) {
        match kind {
            TokenKind::OpenParen => depth += 1,
            TokenKind::CloseParen => depth = depth.saturating_sub(1),
            TokenKind::Ident if depth == 0 => {
                let word = text.to_ascii_uppercase();
                if ["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"].contains(&word.as_str()) {
                    return Some(word);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether a statement may change what there is to complete.
pub fn changes_names(statement: &str) -> bool {
    let words = words(statement, 1);
    let first = words.first().map_or("", String::as_str);
    ["CREATE", "ALTER", "DROP", "IMPORT", "COMMIT", "END", "ROLLBACK", "DO", "CALL", "SET"].contains(&first)
}

/// Whether a text is better not kept: it may have a password in it.
pub fn has_secret(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("password") || text.contains("secret") || text.contains("scram-sha-256$")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("insert into t values (1)", "INSERT 0 3")]
    #[case("-- all\nupdate t set a = 1", "UPDATE 3")]
    #[case("with a as (select 1) delete from t", "DELETE 3")]
    #[case("select 1", "SELECT 3")]
    #[case("create or replace temp view v as select 1", "CREATE VIEW")]
    #[case("create unique index concurrently i on t (a)", "CREATE INDEX")]
    #[case("create materialized view m as select 1", "CREATE MATERIALIZED VIEW")]
    #[case("alter default privileges revoke all on tables from public", "ALTER DEFAULT PRIVILEGES")]
    #[case("drop table if exists t", "DROP TABLE")]
    #[case("comment on table t is 'a'", "COMMENT")]
    #[case("start transaction", "START TRANSACTION")]
    #[case("end", "COMMIT")]
    #[case("do $$ begin end $$", "DO")]
    #[case("prepare q as select 1", "PREPARE")]
    fn what_was_done_is_said_as_the_server_does(#[case] statement: &str, #[case] wanted: &str) {
        assert_eq!(tag(statement, 3), wanted);
    }

    #[test]
    fn passwords_are_recognised() {
        assert!(has_secret("alter role todo PASSWORD 'x'"));
        assert!(!has_secret("select * from passes"));
    }
}
