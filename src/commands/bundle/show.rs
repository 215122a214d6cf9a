//! `plattr bundle show`

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use crate::engines::bundle::{Bundle, Contents};
use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::Format;
use crate::ui::style::Style;
use crate::ui::table::Table;
use crate::ui::units;

/// Show what is in a bundle
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr bundle show
    $ plattr bundle show platform.tar -o json | jq -r '.entries[].sha256'")]
pub struct ShowArgs {
    /// The bundle; plattr-bundle-PLATFORM.tar unless given
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
}

/// A bundle. The JSON form is stable.
#[derive(Debug, Serialize)]
struct Report<'a> {
    file: PathBuf,
    #[serde(flatten)]
    contents: &'a Contents,
}

/// Runs the command.
///
/// # Errors
/// When it is no bundle, or not whole.
pub fn run(ui: &Ui, args: &ShowArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let file = args.file.clone().unwrap_or_else(super::usual_file);
    let bundle = Bundle::open(&file)?;
    if format != Format::Text {
        let file = std::path::absolute(&file).unwrap_or(file);
        return ui.value(format, &Report { file, contents: &bundle.contents });
    }
    ui.out(text(&bundle.contents, ui.style()))?;
    let Contents { plattr, platform, created_at, entries, .. } = &bundle.contents;
    let age = units::duration(Timestamp::now().duration_since(*created_at).unsigned_abs());
    let bytes = units::bytes(entries.iter().map(|e| e.bytes).sum());
    ui.say(format!("{bytes} for {platform}, made {age} ago by plattr {plattr}"));
    Ok(())
}

fn text(contents: &Contents, style: Style) -> String {
    let mut table = Table::new(["NAME", "VERSION", "KIND", "SIZE"]);
    for entry in &contents.entries {
        table.row([entry.name.clone(), entry.version.clone(), entry.kind().to_owned(), units::bytes(entry.bytes)]);
    }
    table.render(style)
}
