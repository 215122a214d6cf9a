//! `plattr config schema`: print the JSON Schema of plattr.yaml.

use crate::project::schema;
use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::{Format, Globals};

/// Print the JSON Schema of plattr.yaml
///
/// Editors with a YAML language server complete and check plattr.yaml with it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  plattr config schema > plattr.schema.json")]
pub struct SchemaArgs {}

/// Runs `plattr config schema`.
pub async fn run(ui: &Ui, _globals: &Globals, _args: SchemaArgs) -> CommandResult {
    match ui.format(&[Format::Json, Format::Yaml])? {
        Format::Json => ui.out(schema::text()),
        other => ui.value(other, schema::project()),
    }
}
