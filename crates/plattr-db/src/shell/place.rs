//! Where in a text a statement failed: for a file its line and column, for a person at a prompt the line itself.

use unicode_width::UnicodeWidthStr as _;

use crate::SqlFailure;

/// How much of a long line is shown.
const SHOWN: usize = 76;

/// Line and column of a failure in the text that its statement was taken from; the statement begins at `start`, and
/// where the server named no place, that is the place.
pub fn in_text(start: (usize, usize), at: Option<(usize, usize)>) -> (usize, usize) {
    match at {
        None => start,
        Some((1, column)) => (start.0, start.1 + column - 1),
        Some((line, column)) => (start.0 + line - 1, column),
    }
}

/// What a person at a prompt is told of a failure, without a label: the message, the line with a mark below it, and
/// what the server adds.
pub fn excerpt(sql: &str, failure: &SqlFailure) -> String {
    let mut text = failure.message.clone();
    if let Some(code) = &failure.code {
        text += &format!(" (SQLSTATE {code})");
    }
    if let Some((line, column)) = failure.at
        && let Some(source) = sql.lines().nth(line - 1)
    {
        let (shown, mark) = window(source, column - 1);
        let label = format!("line {line}: ");
        text += &format!("\n  {label}{shown}\n  {}^", " ".repeat(label.len() + mark));
    }
    for (label, more) in [("detail", &failure.detail), ("hint", &failure.hint)] {
        if let Some(more) = more {
            text += &format!("\n  {label}: {}", more.replace('\n', "\n    "));
        }
    }
    text
}

/// The part of a line around a character, and how many columns stand before it there.
fn window(line: &str, at: usize) -> (String, usize) {
    let chars: Vec<char> = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let at = at.min(chars.len());
    if chars.len() <= SHOWN {
        let before: String = chars[..at].iter().collect();
        return (chars.iter().collect(), before.width());
    }
    let from = at.saturating_sub(SHOWN / 2);
    let to = (from + SHOWN).min(chars.len());
    let (lead, tail) = (if from > 0 { "…" } else { "" }, if to < chars.len() { "…" } else { "" });
    let before: String = chars[from..at].iter().collect();
    (format!("{lead}{}{tail}", chars[from..to].iter().collect::<String>()), lead.width() + before.width())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(at: Option<(usize, usize)>) -> SqlFailure {
        let text = |text: &str| Some(text.to_owned());
        let (message, detail) = ("no such column".to_owned(), None);
        SqlFailure { message, detail, hint: text("write it right"), code: text("42703"), file: None, at }
    }

    #[test]
    fn places_in_a_statement_become_places_in_its_file() {
        assert_eq!(in_text((10, 5), None), (10, 5));
        assert_eq!(in_text((10, 5), Some((1, 8))), (10, 12));
        assert_eq!(in_text((10, 5), Some((3, 8))), (12, 8));
    }

    #[test]
    fn the_place_is_marked() {
        let wanted =
            "no such column (SQLSTATE 42703)\n  line 2:  '日本', x\n                   ^\n  hint: write it right";
        assert_eq!(excerpt("select\n '日本', x", &failure(Some((2, 8)))), wanted);
    }

    #[test]
    fn of_a_long_line_the_part_around_the_place_is_shown() {
        let sql = format!("{}BAD{}", "a".repeat(200), "b".repeat(200));
        let shown = excerpt(&sql, &failure(Some((1, 201))));
        let lines: Vec<&str> = shown.lines().collect();
        let mark = lines[2].find('^').unwrap_or_default();
        assert!(lines[1].starts_with("  line 1: …a"), "{shown}");
        assert_eq!(lines[1].chars().skip(mark).take(3).collect::<String>(), "BAD");
    }
}
