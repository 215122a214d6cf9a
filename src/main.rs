//! plattr: one file, one command, and an application has its platform.

mod commands;
mod database;
mod digest;
mod engines;
mod forward;
mod interrupt;
mod program;
mod project;
mod services;
mod stack;
mod testing;
mod ui;

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use commands::{Cli, usage};
use ui::Ui;
use ui::error::{BROKEN_PIPE, CommandError, CommandResult, ErrorKind};
use ui::terminal::Terminal;

fn main() -> ExitCode {
    ui::panic::install();
    let cli = match usage::parse(std::env::args_os().collect()) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let ui = Ui::new(&cli.globals, &Terminal::detect());
    // The panic hook has said what happened.
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| run(&ui, cli)));
    match outcome {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) if error.code == BROKEN_PIPE => ExitCode::SUCCESS,
        Ok(Err(CommandError { kind: ErrorKind::Program(code), .. })) => ExitCode::from(code),
        Ok(Err(error)) => {
            ui.error(&error);
            ExitCode::from(error.kind.exit_code())
        }
        Err(_) => ExitCode::from(ErrorKind::Failed.exit_code()),
    }
}

/// Runs the command to its end, or until it is interrupted.
fn run(ui: &Ui, cli: Cli) -> CommandResult {
    // The only provider; a second installation, which cannot happen, would change nothing.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let logs = cli.command.logs_folder(&cli.globals);
    ui::logging::install(cli.globals.verbose, logs, ui.progress());
    tracing::info!(version = env!("CARGO_PKG_VERSION"), command = ?cli.command, "plattr starts");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| {
        CommandError::new(ErrorKind::Environment, "threads", "cannot start threads")
            .because(e)
            .hint("raise the limit of processes (`ulimit -u`)")
    })?;
    let outcome = runtime.block_on(async {
        // Before the command does anything that has to be told when it is interrupted.
        let mut interrupts = interrupt::listen();
        tokio::select! {
            outcome = cli.command.run(ui, &cli.globals) => outcome,
            () = interrupts.unclaimed() => Err(interrupt::error()),
        }
    });
    // Blocking work that was interrupted must not keep the program from ending.
    runtime.shutdown_background();
    match &outcome {
        Ok(()) => tracing::info!("plattr ends"),
        Err(error) => tracing::error!(code = error.code, error = %error, "plattr ends"),
    }
    outcome
}
