//! The commands: one file each. This is the table of contents.

pub mod args;
pub mod bundle;
pub mod cache;
pub mod completions;
pub mod config;
pub mod db;
pub mod destroy;
pub mod dev;
pub mod doctor;
pub mod env;
pub mod forward;
pub mod r#gen;
pub mod init;
pub mod kubeconfig;
pub mod logs;
pub mod man;
pub mod ps;
#[cfg(test)]
mod reference;
pub mod run;
pub mod snapshot;
pub mod status;
pub mod stop;
pub mod test;
pub mod usage;
pub mod verify;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::project::Project;
use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::Globals;

/// One file, one command, and an application has its platform
///
/// plattr reads plattr.yaml and gives your application PostgreSQL, PostgREST, MinIO, Keycloak, Redis and
/// OpenSearch, on this machine and in every environment, with the same variables everywhere.
#[derive(Debug, Parser)]
#[command(name = "plattr", version, max_term_width = 110, disable_help_subcommand = true)]
#[command(
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong command line, 3 wrong plattr.yaml, 4 this machine is in the \
                        way, 5 a remote system is in the way, 130 interrupted"
)]
#[command(after_long_help = "Examples:
  $ plattr init            describe the application
  $ plattr dev             start everything and prove that it works
  $ plattr run -- npm test run a program with the variables set

Exit codes: 0 done, 1 failed, 2 wrong command line, 3 wrong plattr.yaml, 4 this machine is in the way, 5 a remote
system is in the way, 130 interrupted. With `-o json` failures are JSON on stderr: code, message, hint, docs.")]
pub struct Cli {
    /// Flags that every command understands.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands, in the order of `--help`.
#[derive(Debug, Subcommand)]
pub enum Command {
    Init(init::InitArgs),
    Dev(dev::DevArgs),
    Stop(stop::StopArgs),
    Destroy(destroy::DestroyArgs),
    Status(status::StatusArgs),
    Verify(verify::VerifyArgs),
    Env(env::EnvArgs),
    Run(run::RunArgs),
    Test(test::TestArgs),
    Db(db::DbArgs),
    Gen(r#gen::GenArgs),
    Logs(logs::LogsArgs),
    Forward(forward::ForwardArgs),
    Ps(ps::PsArgs),
    Snapshot(snapshot::SnapshotArgs),
    Kubeconfig(kubeconfig::KubeconfigArgs),
    Config(config::ConfigArgs),
    Doctor(doctor::DoctorArgs),
    Cache(cache::CacheArgs),
    Bundle(bundle::BundleArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

impl Command {
    /// The folder for the log of a run that works on services. What does not start them has one only where
    /// there is a stack.
    pub fn logs_folder(&self, globals: &Globals) -> Option<PathBuf> {
        let starts = match self {
            Self::Dev(args) if !args.dry_run() => true,
            Self::Stop(_) | Self::Destroy(_) | Self::Verify(_) | Self::Test(_) => false,
            Self::Snapshot(args) if args.works_on_services() => false,
            Self::Db(args) if args.works_on_services() => false,
            _ => return None,
        };
        let root = Project::find(globals.project.as_deref()).ok()?.stack_root().ok()?;
        (starts || root.join("stack.json").is_file()).then(|| root.join("logs"))
    }

    /// Runs it.
    ///
    /// # Errors
    /// The command's.
    pub async fn run(self, ui: &Ui, globals: &Globals) -> CommandResult {
        match self {
            Self::Init(args) => init::run(ui, globals, args).await,
            Self::Dev(args) => dev::run(ui, globals, args).await,
            Self::Stop(args) => stop::run(ui, globals, args).await,
            Self::Destroy(args) => destroy::run(ui, globals, args).await,
            Self::Status(args) => status::run(ui, globals, args).await,
            Self::Verify(args) => verify::run(ui, globals, args).await,
            Self::Env(args) => env::run(ui, globals, args).await,
            Self::Run(args) => run::run(ui, globals, args).await,
            Self::Test(args) => test::run(ui, globals, args).await,
            Self::Db(args) => db::run(ui, globals, args).await,
            Self::Gen(args) => r#gen::run(ui, globals, args).await,
            Self::Logs(args) => logs::run(ui, globals, args).await,
            Self::Forward(args) => forward::run(ui, globals, args).await,
            Self::Ps(args) => ps::run(ui, globals, args).await,
            Self::Snapshot(args) => snapshot::run(ui, globals, args).await,
            Self::Kubeconfig(args) => kubeconfig::run(ui, globals, args).await,
            Self::Config(args) => config::run(ui, globals, args).await,
            Self::Doctor(args) => doctor::run(ui, globals, args).await,
            Self::Cache(args) => cache::run(ui, globals, args).await,
            Self::Bundle(args) => bundle::run(ui, globals, args).await,
            Self::Completions(args) => completions::run(ui, globals, args).await,
            Self::Man(args) => man::run(ui, globals, args).await,
        }
    }
}
