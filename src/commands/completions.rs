//! `plattr completions`: scripts that complete command lines.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::commands::Cli;
use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::Globals;

/// Print a script that completes plattr's command lines
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  bash:
    $ plattr completions bash > ~/.local/share/bash-completion/completions/plattr

  zsh (a folder in $fpath):
    $ plattr completions zsh > ~/.zfunc/_plattr

  fish:
    $ plattr completions fish > ~/.config/fish/completions/plattr.fish")]
pub struct CompletionsArgs {
    /// Shell
    shell: Shell,
}

/// Runs the command.
///
/// # Errors
/// When stdout cannot be written.
pub async fn run(ui: &Ui, _globals: &Globals, args: CompletionsArgs) -> CommandResult {
    ui.out(script(args.shell))
}

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "plattr", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;
    use clap_complete::Generator;

    use super::*;
    use crate::commands::reference::assert_current;

    #[test]
    fn the_generated_files_are_current() {
        for shell in Shell::value_variants() {
            assert_current(&format!("completions/{}", shell.file_name("plattr")), &script(*shell));
        }
    }
}
