//! How a failure is said.

use std::error::Error as _;

use serde::Serialize;

use crate::ui::error::CommandError;
use crate::ui::style::Style;

/// Where a failure is explained.
const DOCS: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/reference/errors.md");

/// A failure as scripts read it. Its fields are stable.
#[derive(Serialize)]
struct Report<'a> {
    /// Stable identifier.
    code: &'a str,
    /// What happened.
    message: &'a str,
    /// What to do next, most likely first.
    hint: Option<String>,
    /// Where it is explained.
    docs: &'a str,
    /// Why, the nearest cause first.
    causes: Vec<String>,
    /// The exit code.
    exit: u8,
}

/// The causes of an error, without those that only repeat what was already said.
fn causes(error: &CommandError) -> Vec<String> {
    let mut said = error.message.clone();
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !said.contains(&text) {
            said.clone_from(&text);
            causes.push(text);
        }
        next = cause.source();
    }
    causes
}

/// For scripts: one JSON object in one line.
pub fn json(error: &CommandError) -> String {
    let report = Report {
        code: error.code,
        message: &error.message,
        hint: (!error.hints.is_empty()).then(|| error.hints.join("\n")),
        docs: DOCS,
        causes: causes(error),
        exit: error.kind.exit_code(),
    };
    serde_json::to_string(&report).map(|s| s + "\n").unwrap_or_default()
}

/// For people.
pub fn text(error: &CommandError, style: Style) -> String {
    let mut text = format!("{} {}\n", style.bad("error:"), error.message);
    for cause in causes(error) {
        text += &format!("  {} {}\n", style.bad("caused by:"), cause.trim_end().replace('\n', "\n    "));
    }
    if !error.hints.is_empty() {
        text.push('\n');
    }
    for hint in &error.hints {
        text += &format!("{} {}\n", style.hint("hint:"), hint.replace('\n', "\n      "));
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::ui::error::ErrorKind;

    fn error() -> CommandError {
        CommandError::new(ErrorKind::Environment, "port-taken", "port 5432 is taken")
            .because(std::io::Error::other("address in use"))
            .hint("stop the other program")
            .hint("or choose another port:\nlocal.ports")
    }

    #[test]
    fn people_read_what_why_and_what_next() {
        insta::assert_snapshot!(text(&error(), Style::new(false)), @r"
        error: port 5432 is taken
          caused by: address in use

        hint: stop the other program
        hint: or choose another port:
              local.ports
        ");
    }

    #[test]
    fn colour_only_marks_the_labels() {
        assert!(
            text(&error(), Style::new(true)).starts_with("\u{1b}[31m\u{1b}[1merror:\u{1b}[0m port 5432 is taken\n")
        );
    }

    #[test]
    fn scripts_read_one_object_in_one_line() {
        let json = json(&error());
        assert_eq!(json.lines().count(), 1);
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["code"], "port-taken");
        assert_eq!(value["exit"], 4);
        assert_eq!(value["causes"], serde_json::json!(["address in use"]));
        assert!(value["docs"].as_str().unwrap().ends_with("errors.md"));
    }

    #[test]
    fn a_cause_that_repeats_the_message_is_left_out() {
        let error = CommandError::new(ErrorKind::Failed, "x", "cannot read: no such file")
            .because(std::io::Error::other("no such file"));
        assert!(causes(&error).is_empty());
    }
}
