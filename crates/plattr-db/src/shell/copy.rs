//! `COPY` between the server and this side of the connection.

use squawk_lexer::{LiteralKind, TokenKind};

use super::statement::{positions, words};

/// Which way rows go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Into the table.
    In,
    /// Out of it.
    Out,
}

/// A `\copy`: what the server is asked, and the file on this side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// `COPY … FROM STDIN …` or `COPY … TO STDOUT …`
    pub sql: String,
    /// Which way.
    pub direction: Direction,
    /// The file; none is this program's own output.
    pub file: Option<String>,
}

/// Which way a statement copies through the connection; none where it does not.
pub fn through_connection(statement: &str) -> Option<Direction> {
    if words(statement, 1).first().is_none_or(|word| word != "COPY") {
        return None;
    }
    let (direction, _, end) = turn(statement)?;
    let (kind, start, end) = positions(&statement[end..]).next().map(|(kind, a, b)| (kind, end + a, end + b))?;
    let word = statement[start..end].to_ascii_uppercase();
    match (kind, direction, word.as_str()) {
        (TokenKind::Ident, Direction::In, "STDIN") | (TokenKind::Ident, Direction::Out, "STDOUT") => Some(direction),
        _ => None,
    }
}

/// Reads the arguments of `\copy`.
///
/// # Errors
/// What is wrong with them.
pub fn parse(arguments: &str) -> Result<Copy, String> {
    let usage = || "write it as \\copy TABLE FROM FILE, or \\copy (QUERY) TO FILE, with options after it".to_owned();
    let (direction, start, end) = turn(arguments).ok_or_else(usage)?;
    let rest = arguments[end..].trim_start();
    let (file, options) = match positions(rest).next() {
        Some((TokenKind::Literal { kind: LiteralKind::Str { terminated: true } }, 0, end)) => {
            (rest[1..end - 1].replace("''", "'"), &rest[end..])
        }
        _ => {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            (rest[..end].trim_end_matches(';').to_owned(), &rest[end..])
        }
    };
    let file = match (file.to_ascii_lowercase().as_str(), direction) {
        ("", _) => return Err(usage()),
        ("program", _) => return Err("\\copy starts no programs: pipe into `plattr db shell` instead".to_owned()),
        ("stdout", Direction::Out) => None,
        ("stdin", Direction::In) => return Err("\\copy reads a file: name one".to_owned()),
        _ => Some(file),
    };
    let what = arguments[..start].trim();
    let way = match direction {
        Direction::In => "FROM STDIN",
        Direction::Out => "TO STDOUT",
    };
    let options = options.trim().trim_end_matches(';');
    Ok(Copy { sql: format!("COPY {what} {way} {options}").trim_end().to_owned(), direction, file })
}

/// Whether a `COPY … TO` writes a line with the names of the columns first.
pub fn has_header(statement: &str) -> bool {
    let Some((_, _, end)) = turn(statement) else { return false };
    let words: Vec<String> =
        positions(&statement[end..]).map(|(_, a, b)| statement[end + a..end + b].to_ascii_uppercase()).collect();
    let off = |word: Option<&String>| word.is_some_and(|word| ["FALSE", "OFF", "0"].contains(&word.as_str()));
    words.iter().position(|word| word == "HEADER").is_some_and(|at| !off(words.get(at + 1)))
}

/// The `FROM` or `TO` outside parentheses, and where it stands.
fn turn(text: &str) -> Option<(Direction, usize, usize)> {
    let mut depth = 0usize;
    for (kind, start, end) in positions(text) {
        match kind {
            TokenKind::OpenParen => depth += 1,
            TokenKind::CloseParen => depth = depth.saturating_sub(1),
            TokenKind::Ident if depth == 0 => match text[start..end].to_ascii_uppercase().as_str() {
                "FROM" => return Some((Direction::In, start, end)),
                "TO" => return Some((Direction::Out, start, end)),
                _ => {}
            },
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("copy t from stdin", Some(Direction::In))]
    #[case("COPY (select a from b) TO STDOUT with csv", Some(Direction::Out))]
    #[case("copy t (a, b) from stdin (format csv)", Some(Direction::In))]
    #[case("copy t from '/tmp/x'", None)]
    #[case("select 1", None)]
    fn copies_through_the_connection_are_recognised(#[case] statement: &str, #[case] wanted: Option<Direction>) {
        assert_eq!(through_connection(statement), wanted);
    }

    #[rstest]
    #[case("t from a.csv csv header", "COPY t FROM STDIN csv header", Some("a.csv"))]
    #[case(
        "t (a, b) from 'my file.csv' with (format csv);",
        "COPY t (a, b) FROM STDIN with (format csv)",
        Some("my file.csv")
    )]
    #[case("(select * from t) to 'it''s.csv'", "COPY (select * from t) TO STDOUT", Some("it's.csv"))]
    #[case("t to stdout", "COPY t TO STDOUT", None)]
    #[case("t to /tmp/a-b.txt;", "COPY t TO STDOUT", Some("/tmp/a-b.txt"))]
    fn the_file_stays_here(#[case] arguments: &str, #[case] sql: &str, #[case] file: Option<&str>) {
        let copy = parse(arguments).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((copy.sql.as_str(), copy.file.as_deref()), (sql, file));
    }

    #[test]
    fn a_header_is_no_row() {
        assert!(has_header("copy t to stdout csv header"));
        assert!(has_header("copy t (header) to stdout (format csv, header)"));
        assert!(!has_header("copy t to stdout (format csv, header false)"));
        assert!(!has_header("copy t (header) to stdout"));
    }

    #[rstest]
    #[case("t")]
    #[case("t from")]
    #[case("t from stdin")]
    #[case("t from program 'rm'")]
    fn what_cannot_be_done_is_refused(#[case] arguments: &str) {
        assert!(parse(arguments).is_err());
    }
}
