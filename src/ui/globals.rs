//! Flags that every command understands.

use std::fmt;
use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

/// Flags that every command understands.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Print in this format; each command says which it knows
    #[arg(short, long, global = true, value_name = "FORMAT")]
    pub output: Option<Format>,
    /// Answer every question with yes, or with its default
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Never ask, even on a terminal
    #[arg(long, global = true)]
    pub non_interactive: bool,
    /// Use colours
    #[arg(long, global = true, value_name = "WHEN", default_value_t, hide_default_value = true)]
    pub color: Colour,
    /// Work on the project in this folder instead of the current one
    #[arg(long, global = true, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub project: Option<PathBuf>,
    /// Say more; up to three times
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Show work that takes time in this form
    #[arg(long, global = true, value_name = "FORM")]
    pub progress: Option<ProgressForm>,
}

/// Formats of what commands print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// JSON; failures are JSON too, on stderr
    Json,
    /// YAML
    Yaml,
    /// `NAME='value'` lines that shells and dotenv read
    Env,
    /// `export` lines for direnv's .envrc
    Direnv,
    /// `NAME=value` lines for `docker run --env-file`
    Docker,
    /// Comma-separated values with a header
    Csv,
    /// A table with lines between the columns
    Table,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How work that takes time is shown on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProgressForm {
    /// Moving lines, the default on a terminal
    Spinner,
    /// One line for each change, the default elsewhere
    Plain,
    /// One JSON object a line
    Json,
    /// Nothing
    None,
}

/// Writes the name that the command line knows a value by.
fn write_name(value: &impl ValueEnum, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match value.to_possible_value() {
        Some(name) => f.write_str(name.get_name()),
        None => Ok(()),
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_name(self, f)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_name(self, f)
    }
}
