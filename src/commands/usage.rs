//! The command line as it was typed: parsed, or answered (help, version, mistakes) without doing anything else.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind as ClapKind;
use clap::{ColorChoice, CommandFactory, FromArgMatches, error::ContextKind, error::ContextValue};

use crate::commands::Cli;
use crate::ui::Ui;
use crate::ui::error::{CommandError, ErrorKind};
use crate::ui::globals::{Colour, Format, Globals};
use crate::ui::terminal::Terminal;

/// Parses the command line. What cannot be run has been answered; the exit code remains.
pub fn parse(args: Vec<OsString>) -> Result<Cli, ExitCode> {
    let wishes = wishes(&args);
    let colour = match wishes.color {
        Colour::Auto => ColorChoice::Auto,
        Colour::Always => ColorChoice::Always,
        Colour::Never => ColorChoice::Never,
    };
    let parsed = Cli::command().color(colour).try_get_matches_from(args);
    parsed.and_then(|matches| Cli::from_arg_matches(&matches)).map_err(|error| answer(&error, &wishes))
}

/// What the global flags ask for, as far as it can be told from a command line that may be wrong.
fn wishes(args: &[OsString]) -> Globals {
    let words: Vec<_> = args.iter().skip(1).map(|a| a.to_string_lossy()).take_while(|a| a != "--").collect();
    let value = |long: &str, short: Option<&str>| {
        words.iter().enumerate().find_map(|(at, word)| {
            if word == long || Some(&**word) == short {
                return words.get(at + 1).map(|v| v.to_string());
            }
            let attached = word.strip_prefix(long).and_then(|v| v.strip_prefix('='));
            let glued = || short.and_then(|s| word.strip_prefix(s)).map(|v| v.trim_start_matches('='));
            attached.or_else(glued).map(str::to_owned)
        })
    };
    let color = match value("--color", None).as_deref() {
        Some("always") => Colour::Always,
        Some("never") => Colour::Never,
        _ => Colour::Auto,
    };
    let output = (value("--output", Some("-o")).as_deref() == Some("json")).then_some(Format::Json);
    Globals { color, output, ..Globals::default() }
}

/// Shows help, or says what is wrong.
fn answer(error: &clap::Error, wishes: &Globals) -> ExitCode {
    let helps = matches!(
        error.kind(),
        ClapKind::DisplayHelp | ClapKind::DisplayVersion | ClapKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if !helps && wishes.output == Some(Format::Json) {
        Ui::new(wishes, &Terminal::detect()).error(&translate(error));
    } else {
        // A reader that went away is no reason to fail.
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(ErrorKind::Usage.exit_code()))
}

/// A mistake in plattr's own words, for scripts.
fn translate(error: &clap::Error) -> CommandError {
    let text = error.to_string();
    let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let translated = CommandError::new(ErrorKind::Usage, "usage", message);
    let suggested = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let hint = suggested.iter().find_map(|kind| match error.get(*kind) {
        Some(ContextValue::String(s)) => Some(format!("did you mean `{s}`?")),
        Some(ContextValue::Strings(s)) => s.first().map(|s| format!("did you mean `{s}`?")),
        _ => None,
    });
    translated
        .hint(hint.unwrap_or_else(|| "`plattr --help` lists the commands, `plattr COMMAND --help` their flags".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(line: &str) -> (Colour, Option<Format>) {
        let wishes = wishes(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        (wishes.color, wishes.output)
    }

    #[test]
    fn wishes_are_read_from_wrong_command_lines() {
        assert_eq!(seen("plattr staus -o json --color never"), (Colour::Never, Some(Format::Json)));
        assert_eq!(seen("plattr --output=json --color=always"), (Colour::Always, Some(Format::Json)));
        assert_eq!(seen("plattr -ojson"), (Colour::Auto, Some(Format::Json)));
        assert_eq!(seen("plattr run -- curl -o json"), (Colour::Auto, None));
        assert_eq!(seen("plattr -o yaml"), (Colour::Auto, None));
        assert_eq!(seen("plattr -o"), (Colour::Auto, None));
    }
}
