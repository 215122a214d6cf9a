//! `plattr man`: manual pages.

use std::path::PathBuf;

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use crate::commands::Cli;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult};
use crate::ui::globals::Globals;

/// Print the manual page, or write the pages of all commands
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  Read it:
    $ plattr man | man -l -

  Install all pages:
    $ plattr man --dir ~/.local/share/man/man1")]
pub struct ManArgs {
    /// Write one page for each command into this folder
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    dir: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// When a page cannot be written.
pub async fn run(ui: &Ui, _globals: &Globals, args: ManArgs) -> CommandResult {
    let mut root = Cli::command();
    root.build();
    let Some(folder) = args.dir else { return ui.out(page(root)?) };
    std::fs::create_dir_all(&folder).map_err(|e| CommandError::io("create", &folder, e))?;
    let commands = all(root);
    for command in &commands {
        let path = folder.join(format!("{}.1", command.get_display_name().unwrap_or("plattr")));
        std::fs::write(&path, page(command.clone())?).map_err(|e| CommandError::io("write", &path, e))?;
    }
    ui.say(format!("{} pages in {}", commands.len(), folder.display()));
    Ok(())
}

/// A command and everything below it.
fn all(command: Command) -> Vec<Command> {
    let below: Vec<Command> = command.get_subcommands().filter(|c| !c.is_hide_set()).cloned().collect();
    std::iter::once(command).chain(below.into_iter().flat_map(all)).collect()
}

fn page(command: Command) -> CommandResult<String> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page() {
        let mut root = Cli::command();
        root.build();
        let names: Vec<String> = all(root).iter().filter_map(|c| c.get_display_name().map(str::to_owned)).collect();
        assert!(names.contains(&"plattr-dev".to_owned()), "{names:?}");
        assert!(names.contains(&"plattr-cache-prune".to_owned()), "{names:?}");
    }
}
