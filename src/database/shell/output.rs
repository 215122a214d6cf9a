//! What a result becomes, and where it goes.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use plattr_db::shell::Grid;
use plattr_db::shell::render::{JsonKind, csv, json, json_names};

use super::{Shell, Stop};
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::Format;
use crate::ui::pager;

/// When each column is shown in a line of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expanded {
    /// Never.
    Off,
    /// Always.
    On,
    /// When a row is wider than the terminal.
    Auto,
}

/// How results are shown.
#[derive(Debug, Clone)]
pub struct Settings {
    /// In which format.
    pub format: Format,
    /// `\x`
    pub expanded: Expanded,
    /// `\timing`
    pub timing: bool,
}

impl Settings {
    /// As a shell begins.
    pub fn new(format: Format, interactive: bool) -> Self {
        let expanded = if interactive { Expanded::Auto } else { Expanded::Off };
        Self { format, expanded, timing: false }
    }
}

/// Where results go.
pub enum Output {
    /// To stdout, page by page where a person reads.
    Screen,
    /// To a file.
    File(File, PathBuf),
}

impl Output {
    /// A new file.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn file(path: &Path) -> CommandResult<Self> {
        let file = File::create(path).map_err(|error| CommandError::io("write", path, error))?;
        Ok(Self::File(file, path.to_owned()))
    }

    /// Writes a part of a result.
    ///
    /// # Errors
    /// When nobody reads on, or the disk is full.
    pub fn write(&mut self, ui: &Ui, text: &str) -> CommandResult {
        match self {
            Self::Screen => ui.out(text),
            Self::File(..) => self.bytes(ui, text.as_bytes()),
        }
    }

    /// Writes what may be no text.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn bytes(&mut self, ui: &Ui, bytes: &[u8]) -> CommandResult {
        match self {
            Self::Screen => ui.bytes(bytes),
            Self::File(file, path) => file.write_all(bytes).map_err(|error| CommandError::io("write", path, error)),
        }
    }
}

/// So much text is collected before it is written.
const CHUNK: usize = 64 * 1024;

/// A result that is coming in.
pub enum Rows {
    /// Kept until it is whole, because columns are as wide as their widest value.
    Table(Grid),
    /// Written as it comes.
    Csv(String),
    /// Written as it comes.
    Json {
        /// Names of the members.
        names: Vec<String>,
        /// What they are.
        kinds: Vec<JsonKind>,
        /// Whether no row was written.
        first: bool,
        /// What is not written yet.
        text: String,
    },
}

impl Rows {
    /// A result with these columns.
    pub fn new(format: Format, columns: Vec<String>, kinds: Vec<JsonKind>) -> Result<Self, Stop> {
        Ok(match format {
            Format::Json => Self::Json { names: json_names(&columns), kinds, first: true, text: "[".to_owned() },
            Format::Csv => {
                let header: Vec<Option<&str>> = columns.iter().map(|name| Some(name.as_str())).collect();
                Self::Csv(csv(&header).map_err(unwritable)?)
            }
            _ => Self::Table(Grid { numbers: true, ..Grid::new(columns) }),
        })
    }

    /// Adds a row.
    pub fn push(&mut self, values: &[Option<&str>]) -> Result<(), Stop> {
        match self {
            Self::Table(grid) => grid.rows.push(values.iter().map(|value| value.map(str::to_owned)).collect()),
            Self::Csv(text) => *text += &csv(values).map_err(unwritable)?,
            Self::Json { names, kinds, first, text } => {
                *text += if std::mem::take(first) { "\n" } else { ",\n" };
                *text += &json(names, kinds, values);
            }
        }
        Ok(())
    }

    /// Text that can be written already.
    pub fn take_chunk(&mut self) -> Option<String> {
        match self {
            Self::Csv(text) | Self::Json { text, .. } if text.len() >= CHUNK => Some(std::mem::take(text)),
            _ => None,
        }
    }
}

fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> Stop {
    Stop::Failed(CommandError::new(ErrorKind::Failed, "output", "cannot print the result").because(error))
}

impl Shell<'_> {
    /// Shows a text that is whole.
    ///
    /// # Errors
    /// As [`Output::write`].
    pub fn show(&mut self, text: &str) -> CommandResult {
        match self.output {
            Output::Screen if self.interactive => self.ui.page(text),
            _ => self.output.write(self.ui, text),
        }
    }

    /// Writes the end of a result.
    pub fn finish(&mut self, rows: Rows) -> Result<(), Stop> {
        match rows {
            Rows::Table(grid) => {
                let text = self.draw(&grid);
                self.show(&text)?;
            }
            Rows::Csv(text) => self.output.write(self.ui, &text)?,
            Rows::Json { first, text, .. } => {
                self.output.write(self.ui, &(text + if first { "]\n" } else { "\n]\n" }))?
            }
        }
        Ok(())
    }

    /// Shows a result that is whole, in the format that was asked for.
    pub fn grid(&mut self, grid: &Grid) -> Result<(), Stop> {
        if !matches!(self.settings.format, Format::Csv | Format::Json) {
            let text = self.draw(grid);
            return Ok(self.show(&text)?);
        }
        let mut rows = Rows::new(self.settings.format, grid.columns.clone(), Vec::new())?;
        for row in &grid.rows {
            rows.push(&row.iter().map(Option::as_deref).collect::<Vec<_>>())?;
        }
        self.finish(rows)
    }

    fn draw(&self, grid: &Grid) -> String {
        let too_wide = |columns: usize| grid.width() > columns;
        let expanded = match self.settings.expanded {
            Expanded::Off => false,
            Expanded::On => true,
            Expanded::Auto => pager::columns().is_some_and(too_wide),
        };
        if expanded { grid.expanded() } else { grid.aligned() }
    }
}
