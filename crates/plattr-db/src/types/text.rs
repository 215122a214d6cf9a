//! Pieces of source text that several languages share.

/// What stands at the top of every file.
pub fn header(schema: &str, language: &str) -> String {
    format!(
        "Types of the schema {}, made by `plattr gen types --lang {language}`; changes here are lost.",
        quoted(schema)
    )
}

/// A text as a literal in quotation marks, as TypeScript, Python, Go and JSON all understand it.
pub fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json.chars().fold(String::with_capacity(json.len()), |mut out, c| {
        match c {
            c if changes_layout(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
        out
    })
}

/// The lines of a comment on something in the database, fit for a comment in any language.
pub fn comment(text: Option<&str>) -> Vec<String> {
    let clean = |line: &str| -> String { line.chars().filter(|c| !c.is_control() && !changes_layout(*c)).collect() };
    let breaks = |c: char| matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let lines = text.unwrap_or_default().split(breaks).map(|l| clean(l).trim().to_owned());
    lines.filter(|l| !l.is_empty()).collect()
}

/// Characters that are no part of the text as a person sees it: line ends that some compilers know, the byte order
/// mark, which Go refuses, and those that make a line read in another order than a compiler reads it.
fn changes_layout(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_hide_nothing_from_who_reads_them() {
        assert_eq!(quoted("a\"b\\\n'ü"), r#""a\"b\\\n'ü""#);
        assert_eq!(quoted("a\u{202e}b\u{feff}\u{2028}"), r#""a\u202eb\ufeff\u2028""#);
    }

    #[test]
    fn comments_keep_their_lines_and_lose_what_is_not_text() {
        assert_eq!(comment(Some(" one\r\n\n  two\u{2028}th\u{202e}ree\u{1}")), ["one", "two", "three"]);
        assert!(comment(None).is_empty());
    }
}
