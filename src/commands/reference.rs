//! The command reference, generated from the command line itself, and how generated files are kept current.

use std::fmt::Write as _;
use std::path::Path;

use clap::{Command, CommandFactory};

use crate::commands::Cli;

/// Compares a file of the repository with what it should be. `UPDATE_GOLDEN=1 cargo test` writes it.
pub fn assert_current(path: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap_or(&path)).ok();
        std::fs::write(&path, wanted).ok();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "{} is out of date: run UPDATE_GOLDEN=1 cargo test, and commit it", path.display());
}

/// The whole reference as Markdown.
fn reference() -> String {
    let mut root = Cli::command().term_width(100);
    root.build();
    let mut text = String::from(
        "# Commands\n\nGenerated from `plattr --help`; do not edit. Every command also takes the global options, which are \
         listed once, at the top.\n",
    );
    describe(&mut root, 2, &mut text);
    text
}

fn describe(command: &mut Command, depth: usize, text: &mut String) {
    let name = command.get_bin_name().unwrap_or("plattr").to_owned();
    let mut shown = command.clone();
    if depth > 2 {
        shown = shown.mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg });
    }
    let help = shown.render_long_help().to_string();
    let trimmed: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _ = write!(text, "\n{} {name}\n\n```text\n{}\n```\n", "#".repeat(depth.min(4)), trimmed.join("\n").trim());
    for below in command.get_subcommands_mut().filter(|c| !c.is_hide_set()) {
        describe(below, depth + 1, text);
    }
}

fn each(command: &Command, check: &mut dyn FnMut(&Command)) {
    check(command);
    command.get_subcommands().for_each(|c| each(c, check));
}

#[test]
fn the_reference_is_current() {
    assert_current("docs/reference/commands.md", &reference());
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn help_follows_its_grammar() {
    let mut root = Cli::command();
    root.build();
    each(&root, &mut |command| {
        let name = command.get_bin_name().unwrap_or_default().to_owned();
        let about = command.get_about().unwrap_or_else(|| panic!("{name} has no help")).to_string();
        assert!(!about.ends_with('.'), "{name}: {about}");
        assert!(about.starts_with(char::is_uppercase), "{name}: {about}");
        if command.has_subcommands() && command.get_name() != "plattr" {
            assert!(about.starts_with("Manage "), "{name} is a group: {about}");
        }
        let after = command.get_after_long_help().or(command.get_after_help());
        assert!(after.is_some_and(|h| h.to_string().starts_with("Examples:\n")), "{name} has no examples");
        for arg in command.get_arguments() {
            let help = arg.get_help().unwrap_or_else(|| panic!("{name} {} has no help", arg.get_id())).to_string();
            assert!(!help.ends_with('.'), "{name} {}: {help}", arg.get_id());
        }
    });
}
