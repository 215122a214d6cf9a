//! A text that is typed or read, and the statements and commands in it, one after the other.
//!
//! Only the lexical rules of PostgreSQL count, as in psql: a semicolon ends a statement unless it stands in quotes, a
//! comment, parentheses or a body that begins with `BEGIN ATOMIC`; a backslash outside quotes begins a command, which
//! lasts as long as its line.

use std::ops::Range;

use squawk_lexer::{LiteralKind, TokenKind, tokenize};

/// Text that has come so far.
#[derive(Debug, Clone, Default)]
pub struct Input {
    text: String,
    /// What is before it has been handed out.
    at: usize,
}

/// What stands next. All ranges are of [`Input::text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A statement without its semicolon.
    Statement(Range<usize>),
    /// A command without its backslash, and the statement before it that has no end yet (maybe empty).
    Command {
        /// The command and its arguments.
        line: Range<usize>,
        /// The statement that it interrupts.
        pending: Range<usize>,
    },
}

/// What the end of the text stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// Nothing has begun.
    Nothing,
    /// A statement without its end.
    Statement,
    /// `'text`
    Text,
    /// `"name`
    Name,
    /// `$tag$text`
    Dollar,
    /// `/* comment`
    Comment,
    /// `(`
    Parentheses,
}

impl Within {
    /// The sign in a prompt, as psql's.
    pub fn sign(self) -> char {
        match self {
            Self::Nothing => '=',
            Self::Statement => '-',
            Self::Text => '\'',
            Self::Name => '"',
            Self::Dollar => '$',
            Self::Comment => '*',
            Self::Parentheses => '(',
        }
    }
}

impl Input {
    /// A text that is whole.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), at: 0 }
    }

    /// All of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What has not been handed out.
    pub fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// Adds a line, without its end.
    pub fn push(&mut self, line: &str) {
        if self.rest().trim().is_empty() {
            self.clear();
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.text.clear();
        self.at = 0;
    }

    /// Hands out what stands next; none when more text is needed.
    pub fn next_piece(&mut self) -> Option<Piece> {
        match scan(&self.text, self.at) {
            Scan::Statement { range, after } => {
                self.at = after;
                Some(Piece::Statement(range))
            }
            Scan::Command { line, pending } => {
                self.at = end_of_line(&self.text, line.end);
                Some(Piece::Command { line, pending })
            }
            Scan::More { .. } => None,
        }
    }

    /// Goes on with a statement that a command interrupted: the command is as if it had never been written.
    pub fn resume(&mut self, line: &Range<usize>, pending: &Range<usize>) {
        if pending.is_empty() {
            return;
        }
        // Blanks instead of nothing: what follows keeps its place, so that lines and columns stay true.
        let start = line.start.saturating_sub(1);
        let blanks = " ".repeat(line.end - start);
        self.text.replace_range(start..line.end, &blanks);
        self.at = pending.start;
    }

    /// What the end of the text stands in.
    pub fn within(&self) -> Within {
        match scan(&self.text, self.at) {
            Scan::More { within, .. } => within,
            _ => Within::Statement,
        }
    }

    /// The last statement, which has no semicolon; none where nothing has begun.
    pub fn finish(&mut self) -> Option<Range<usize>> {
        match scan(&self.text, self.at) {
            Scan::More { range, within } if within != Within::Nothing && !range.is_empty() => {
                self.at = self.text.len();
                Some(range)
            }
            _ => None,
        }
    }

    /// The lines of data after a `COPY … FROM STDIN` that was just handed out, up to `\.` or the end. Taken out.
    pub fn copy_data(&mut self) -> Range<usize> {
        let start = end_of_line(&self.text, self.at);
        let mut at = start;
        while at < self.text.len() {
            let next = end_of_line(&self.text, at);
            if self.text[at..next].trim_end_matches(['\n', '\r']) == "\\." {
                self.at = next;
                return start..at;
            }
            at = next;
        }
        self.at = at;
        start..at
    }
}

/// The byte after the line that `at` is in.
fn end_of_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |found| at + found + 1)
}

enum Scan {
    Statement { range: Range<usize>, after: usize },
    Command { line: Range<usize>, pending: Range<usize> },
    More { range: Range<usize>, within: Within },
}

/// Looks for what stands next after the byte `from`.
fn scan(text: &str, from: usize) -> Scan {
    let mut at = from;
    // Of the statement: where it begins, and where its last token ends.
    let (mut start, mut end) = (None, from);
    let mut parentheses = 0usize;
    let mut body = Body::default();
    let mut open = None;
    for token in tokenize(&text[from..]) {
        let here = at;
        at += token.len as usize;
        open = unfinished(token.kind);
        match token.kind {
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { terminated: true } => continue,
            TokenKind::BlockComment { terminated: false } => break,
            TokenKind::Semi if parentheses == 0 && body.depth == 0 => match start {
                Some(start) => return Scan::Statement { range: start..end, after: at },
                // An empty statement.
                None => continue,
            },
            TokenKind::Unknown if text[here..at].starts_with('\\') => {
                let line_end = end_of_line(text, here);
                let line = here + 1..here + 1 + text[here + 1..line_end].trim_end().len();
                return Scan::Command { line, pending: start.unwrap_or(here)..end.max(start.unwrap_or(here)) };
            }
            TokenKind::OpenParen => parentheses += 1,
            TokenKind::CloseParen => parentheses = parentheses.saturating_sub(1),
            TokenKind::Ident => body.word(&text[here..at], parentheses),
            _ => {}
        }
        start.get_or_insert(here);
        end = at;
    }
    let within = match (open, start) {
        (Some(within), _) => within,
        (None, None) => Within::Nothing,
        (None, Some(_)) if parentheses > 0 => Within::Parentheses,
        (None, Some(_)) => Within::Statement,
    };
    Scan::More { range: start.unwrap_or(end)..end, within }
}

fn unfinished(kind: TokenKind) -> Option<Within> {
    use LiteralKind::{BitStr, ByteStr, DollarQuotedString, EscStr, NationalStr, Str, UnicodeEscStr};
    match kind {
        TokenKind::BlockComment { terminated: false } => Some(Within::Comment),
        TokenKind::QuotedIdent { terminated: false, .. } => Some(Within::Name),
        TokenKind::Literal { kind: DollarQuotedString { terminated: false } } => Some(Within::Dollar),
        TokenKind::Literal {
            kind:
                Str { terminated: false }
                | EscStr { terminated: false }
                | NationalStr { terminated: false }
                | BitStr { terminated: false }
                | ByteStr { terminated: false }
                | UnicodeEscStr { terminated: false },
        } => Some(Within::Text),
        _ => None,
    }
}

/// Bodies of functions in standard SQL have semicolons of their own: `BEGIN ATOMIC …; END`, with `CASE … END` in them.
#[derive(Default)]
struct Body {
    words: Vec<String>,
    depth: usize,
}

impl Body {
    fn word(&mut self, word: &str, parentheses: usize) {
        let word = word.to_ascii_lowercase();
        if self.words.len() < 4 {
            self.words.push(word.clone());
        }
        if parentheses > 0 || !self.is_routine() {
            return;
        }
        match word.as_str() {
            "begin" => self.depth += 1,
            "case" if self.depth > 0 => self.depth += 1,
            "end" => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    fn is_routine(&self) -> bool {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        matches!(
            words.as_slice(),
            ["create", "function" | "procedure", ..] | ["create", "or", "replace", "function" | "procedure", ..]
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rstest::rstest;

    use super::*;

    /// Everything in a text: statements as they are, commands with their backslash, the rest in angle brackets.
    fn pieces(text: &str) -> Vec<String> {
        let mut input = Input::new(text);
        let mut found = Vec::new();
        while let Some(piece) = input.next_piece() {
            match piece {
                Piece::Statement(range) => found.push(input.text()[range].to_owned()),
                Piece::Command { line, pending } => {
                    found.push(format!("\\{}", &input.text()[line.clone()]));
                    input.resume(&line, &pending);
                }
            }
        }
        found.extend(input.finish().map(|range| format!("<{}>", &input.text()[range])));
        found
    }

    #[rstest]
    #[case("select 1; select 2;", &["select 1", "select 2"])]
    #[case(" ;; -- nothing\n ; ", &[])]
    #[case("select ';', \";\", $$;$$, $a$;$$;$a$, E'\\';' /* ; /* ; */ */ -- ;\n;", &[
        "select ';', \";\", $$;$$, $a$;$$;$a$, E'\\';'",
    ])]
    #[case("create rule r as on insert to t do (select 1; select 2); select 3", &[
        "create rule r as on insert to t do (select 1; select 2)", "<select 3>",
    ])]
    #[case("create function f() returns int begin atomic select case when true then 1 end; end; select 2;", &[
        "create function f() returns int begin atomic select case when true then 1 end; end", "select 2",
    ])]
    #[case("begin; create table \"end\" (a int); end;", &["begin", "create table \"end\" (a int)", "end"])]
    #[case("\\dt todo.*  \nselect 1;", &["\\dt todo.*", "select 1"])]
    #[case("select 1 \\g\n", &["\\g", "<select 1>"])]
    #[case("select\n\\d it's\n 1;", &["\\d it's", "select\n       \n 1"])]
    #[case("select '\\d';", &["select '\\d'"])]
    #[case("\u{feff}select 1;", &["select 1"])]
    fn a_text_is_taken_apart_as_psql_does(#[case] text: &str, #[case] wanted: &[&str]) {
        assert_eq!(pieces(text), wanted);
    }

    #[rstest]
    #[case("", Within::Nothing)]
    #[case("-- a", Within::Nothing)]
    #[case("select 1", Within::Statement)]
    #[case("select 'a", Within::Text)]
    #[case("select E'a\\'", Within::Text)]
    #[case("select \"a", Within::Name)]
    #[case("do $$ begin", Within::Dollar)]
    #[case("/* a /* b */", Within::Comment)]
    #[case("select (1", Within::Parentheses)]
    #[case("select 1;", Within::Nothing)]
    fn the_prompt_tells_what_is_still_open(#[case] text: &str, #[case] wanted: Within) {
        let mut input = Input::new(text);
        while input.next_piece().is_some() {}
        assert_eq!(input.within(), wanted);
    }

    #[test]
    fn lines_are_collected_until_a_statement_is_whole() {
        let mut input = Input::default();
        input.push("select 1");
        assert_eq!(input.next_piece(), None);
        input.push("  + 1; select");
        let Some(Piece::Statement(range)) = input.next_piece() else { panic!("no statement") };
        assert_eq!(&input.text()[range], "select 1\n  + 1");
        assert_eq!(input.next_piece(), None);
        assert_eq!(input.rest(), " select\n");
    }

    #[test]
    fn data_after_copy_ends_with_its_mark() {
        let mut input = Input::new("copy t from stdin;\n1\ta\\n\n2\t;\n\\.\nselect 1;");
        assert!(matches!(input.next_piece(), Some(Piece::Statement(_))));
        let data = input.copy_data();
        assert_eq!(&input.text()[data], "1\ta\\n\n2\t;\n");
        let Some(Piece::Statement(range)) = input.next_piece() else { panic!("no statement") };
        assert_eq!(&input.text()[range], "select 1");
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_lost_or_read_twice(text in "[a-z'\"$;\\\\()/*\\- \nü]{0,60}") {
            let mut input = Input::new(text.clone());
            let mut end = 0;
            while let Some(piece) = input.next_piece() {
                let range = match piece { Piece::Statement(range) => range, Piece::Command { line, .. } => line };
                proptest::prop_assert!(range.start >= end && range.end <= text.len());
                end = range.end;
            }
            if let Some(range) = input.finish() {
                proptest::prop_assert!(range.start >= end);
            }
        }
    }
}
