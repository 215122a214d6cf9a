//! Every byte that a person or a script reads.
//!
//! stdout is data, stderr is everything else. How things are shown is chosen once, from the global flags and
//! the environment, and held by [`Ui`]; nothing else prints.

pub mod convert;
pub mod error;
pub mod globals;
pub mod line_editor;
pub mod logging;
pub mod pager;
pub mod panic;
pub mod plot;
pub mod progress;
pub mod prompt;
pub mod report;
pub mod style;
pub mod table;
pub mod terminal;
pub mod units;

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use error::{BROKEN_PIPE, CommandError, CommandResult, ErrorKind};
use globals::{Format, Globals};
use plot::Plot;
use progress::Progress;
use style::Style;
use terminal::Terminal;

/// How this run talks.
pub struct Ui {
    format: Option<Format>,
    yes: bool,
    interactive: bool,
    out_style: Style,
    plot: Plot,
    err_style: Style,
    progress: Arc<dyn Progress>,
    out: Mutex<Box<dyn Write + Send>>,
    err: Mutex<Box<dyn Write + Send>>,
}

impl Ui {
    /// Chooses how to talk.
    pub fn new(globals: &Globals, terminal: &Terminal) -> Self {
        let err_style = Style::new(terminal.colour(globals.color, terminal.stderr));
        Self {
            format: globals.output,
            yes: globals.yes,
            interactive: terminal.interactive(globals.non_interactive),
            out_style: Style::new(terminal.colour(globals.color, terminal.stdout)),
            plot: terminal.plot(),
            err_style,
            progress: progress::choose(globals.progress, terminal, err_style),
            out: Mutex::new(Box::new(io::stdout())),
            err: Mutex::new(Box::new(io::stderr())),
        }
    }

    /// The format to print in: what `-o` asks for, or the first of `supported`.
    ///
    /// # Errors
    /// Usage, if `-o` asks for another one.
    pub fn format(&self, supported: &[Format]) -> CommandResult<Format> {
        let default = supported.first().copied().unwrap_or(Format::Text);
        let Some(wanted) = self.format else { return Ok(default) };
        if supported.contains(&wanted) {
            return Ok(wanted);
        }
        let names: Vec<_> = supported.iter().map(|f| format!("`{f}`")).collect();
        Err(CommandError::new(ErrorKind::Usage, "format-unsupported", format!("this command cannot print `{wanted}`"))
            .hint(format!("use `-o` with {}", names.join(", "))))
    }

    /// Whether failures are printed as JSON: where `-o json` was asked for.
    pub fn json_errors(&self) -> bool {
        self.format == Some(Format::Json)
    }

    /// Whether there is a person to ask.
    pub fn interactive(&self) -> bool {
        self.interactive
    }

    /// Whether every question is answered with yes or its default.
    pub fn yes(&self) -> bool {
        self.yes
    }

    /// Colours for stdout.
    pub fn style(&self) -> Style {
        self.out_style
    }

    /// What can be drawn on stdout.
    pub fn plot(&self) -> Plot {
        self.plot
    }

    /// Where work that takes time is shown.
    pub fn progress(&self) -> Arc<dyn Progress> {
        Arc::clone(&self.progress)
    }

    /// Prints data to stdout as it is.
    ///
    /// # Errors
    /// [`BROKEN_PIPE`] when the reader is gone, which ends the program quietly; any other I/O error.
    pub fn out(&self, text: impl AsRef<str>) -> CommandResult {
        self.bytes(text.as_ref().as_bytes())
    }

    /// Prints data that need not be text to stdout as it is.
    ///
    /// # Errors
    /// As [`Ui::out`].
    pub fn bytes(&self, bytes: &[u8]) -> CommandResult {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        out.write_all(bytes).and_then(|()| out.flush()).map_err(|e| match e.kind() {
            io::ErrorKind::BrokenPipe => CommandError::new(ErrorKind::Failed, BROKEN_PIPE, "nobody reads on"),
            _ => CommandError::new(ErrorKind::Failed, "output", "cannot write to standard output").because(e),
        })
    }

    /// Prints a line of data to stdout.
    ///
    /// # Errors
    /// As [`Ui::out`].
    pub fn line(&self, line: impl AsRef<str>) -> CommandResult {
        self.out(format!("{}\n", line.as_ref()))
    }

    /// Prints a value to stdout as JSON or YAML.
    ///
    /// # Errors
    /// As [`Ui::out`].
    pub fn value<T: Serialize>(&self, format: Format, value: &T) -> CommandResult {
        let broken = |e: String| CommandError::new(ErrorKind::Failed, "output", "cannot print the result").because(e);
        match format {
            Format::Yaml => self.out(serde_saphyr::to_string(value).map_err(|e| broken(e.to_string()))?),
            _ => self.line(serde_json::to_string_pretty(value).map_err(|e| broken(e.to_string()))?),
        }
    }

    /// Says something to the person on stderr; `--progress none` leaves it out.
    pub fn say(&self, line: impl AsRef<str>) {
        self.progress.say(line.as_ref());
    }

    /// Passes on a line that another program wrote to its stderr.
    pub fn relay(&self, line: &str) {
        self.progress.pause(&mut || self.err(&format!("{line}\n")));
    }

    /// Warns on stderr.
    pub fn warn(&self, line: impl AsRef<str>) {
        let text = format!("{} {}\n", self.err_style.warning("warning:"), line.as_ref());
        self.progress.pause(&mut || self.err(&text));
    }

    /// Says something, on stderr, in the middle of a dialogue: the next prompt begins a line of its own.
    pub fn remark(&self, text: &str) {
        self.progress.pause(&mut || self.err(&format!("{text}\n")));
    }

    /// Tells a person in the middle of a dialogue, on stderr, what did not work.
    pub fn complain(&self, text: &str) {
        let text = format!("{} {text}\n", self.err_style.bad("error:"));
        self.progress.pause(&mut || self.err(&text));
    }

    /// Prints a failure to stderr.
    pub fn error(&self, error: &CommandError) {
        let text = match self.json_errors() {
            true => report::json(error),
            false => report::text(error, self.err_style),
        };
        self.progress.pause(&mut || self.err(&text));
    }

    /// stderr is the last place to complain, so what fails there is lost.
    fn err(&self, text: &str) {
        let mut err = self.err.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
    }
}

#[cfg(test)]
pub mod tests {
    //! A [`Ui`] whose output a test can read.
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    /// What was written.
    #[derive(Clone, Default)]
    pub struct Written(Arc<Mutex<Vec<u8>>>);

    impl Written {
        /// As text.
        pub fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A `Ui` without a terminal, its stdout and its stderr.
    pub fn captured(globals: &Globals) -> (Ui, Written, Written) {
        let (out, err) = (Written::default(), Written::default());
        let mut ui = Ui::new(globals, &Terminal::none());
        ui.out = Mutex::new(Box::new(out.clone()));
        ui.err = Mutex::new(Box::new(err.clone()));
        (ui, out, err)
    }

    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_went_away_is_told_apart_from_failures() {
        let (mut ui, ..) = captured(&Globals::default());
        ui.out = Mutex::new(Box::new(Closed));
        assert_eq!(ui.line("x").unwrap_err().code, BROKEN_PIPE);
    }

    #[test]
    fn a_format_that_a_command_does_not_know_is_a_usage_error() {
        let (ui, ..) = captured(&Globals { output: Some(Format::Docker), ..Globals::default() });
        let error = ui.format(&[Format::Text, Format::Json]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
        assert_eq!(error.hints, ["use `-o` with `text`, `json`"]);
    }

    #[test]
    fn values_are_printed_as_json_or_yaml() {
        let (ui, out, _) = captured(&Globals::default());
        ui.value(Format::Json, &serde_json::json!({"a": 1})).unwrap();
        ui.value(Format::Yaml, &serde_json::json!({"a": 1})).unwrap();
        assert_eq!(out.text(), "{\n  \"a\": 1\n}\na: 1\n");
    }

    #[test]
    fn errors_go_to_stderr_in_the_form_that_was_asked_for() {
        let error = CommandError::new(ErrorKind::Config, "config-missing", "no plattr.yaml").hint("run `plattr init`");
        let (ui, out, err) = captured(&Globals::default());
        ui.error(&error);
        assert_eq!(
            (out.text().as_str(), err.text().as_str()),
            ("", "error: no plattr.yaml\n\nhint: run `plattr init`\n")
        );
        let (ui, _, err) = captured(&Globals { output: Some(Format::Json), ..Globals::default() });
        ui.error(&error);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&err.text()).unwrap()["code"], "config-missing");
    }
}
