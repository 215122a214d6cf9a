//! `plattr dev`: everything that the application needs, running, provisioned, proven.

pub mod engine;
mod ports;
mod report;
mod watch;

use std::ffi::OsString;
use std::time::Instant;

use clap::Args;

use crate::commands::args;
use crate::program;
use crate::project::Project;
use crate::project::model::EngineName;
use crate::stack::apply;
use crate::stack::lock::StackLock;
use crate::stack::observe::{OpenStack, Scoped};
use crate::stack::open::{open, variables_file};
use crate::stack::plan::{Plan, plan};
use crate::stack::snapshot;
use crate::stack::verify::verify;
use crate::testing::sweep;
use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::{Format, Globals};
use crate::ui::units::counted;
use report::DryRun;
pub use report::Report;

/// Start everything that the application needs, and prove that it works
///
/// Returns when every service is ready and verified; they go on running until `plattr stop`. Run again, it
/// changes only what is not as plattr.yaml says.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  Start everything, then load the variables into this shell:
    $ plattr dev && source .plattr/my-app.env

  Start everything, then your own server with the variables set:
    $ plattr dev -- npm run dev

  Start the database and what it needs, nothing else:
    $ plattr dev --only postgres

  See what would be done:
    $ plattr dev --dry-run")]
pub struct DevArgs {
    /// Bring up only these services, with what they need; leave others as they are
    #[arg(long, value_name = "SERVICE", value_delimiter = ',', value_parser = args::service)]
    only: Vec<&'static str>,
    /// Leave out these services
    #[arg(long, value_name = "SERVICE", value_delimiter = ',', value_parser = args::service)]
    without: Vec<&'static str>,
    /// Bring up the services of a profile from `local.profiles`
    #[arg(long, value_name = "NAME", conflicts_with = "only")]
    profile: Option<String>,
    /// Choose where the services run
    #[arg(long, value_name = "ENGINE", env = "PLATTR_ENGINE")]
    engine: Option<EngineName>,
    /// Say what would be done, and do nothing
    #[arg(long, conflicts_with_all = ["watch", "command"])]
    dry_run: bool,
    /// Go on: apply plattr.yaml again whenever it changes, and new SQL migrations as they are written
    #[arg(long)]
    watch: bool,
    /// Run this command afterwards, in the foreground, with the variables set
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl DevArgs {
    /// Whether nothing is to be done.
    pub fn dry_run(&self) -> bool {
        self.dry_run
    }

    /// Which services the run is about.
    fn scope(&self, project: &Project) -> CommandResult<Scoped> {
        Scoped::of(project, &self.only, &self.without, self.profile.as_deref())
    }
}

/// Runs the command.
///
/// # Errors
/// What kept a service from running, answering, or passing its checks.
pub async fn run(ui: &Ui, globals: &Globals, mut args: DevArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let project = Project::find(globals.project.as_deref())?;
    let scope = args.scope(&project)?;
    args.engine = engine::choose(ui, &project, args.engine).await?;

    if args.dry_run {
        let open = open(&project, args.engine)?;
        return dry_run(ui, format, open, &project, &scope).await;
    }
    // What changes while the services start is not to be missed.
    let watcher = args.watch.then(|| watch::Watcher::start(&project)).transpose()?;
    let report = bring_up(ui, &project, args.engine, &scope).await?;
    report.print(ui, format)?;
    report.into_result()?;
    match (watcher, args.command.is_empty()) {
        (Some(watcher), _) => watch::watch(ui, globals, format, &args, &project, watcher).await,
        (None, true) => Ok(()),
        (None, false) => {
            let open = open(&project, args.engine)?;
            Err(program::exec(&args.command, &open.variables(open.app(&project)?)))
        }
    }
}

/// Brings the stack up, under its lock.
///
/// # Errors
/// As [`up`].
pub async fn bring_up(ui: &Ui, project: &Project, engine: Option<EngineName>, scope: &Scoped) -> CommandResult<Report> {
    let began = Instant::now();
    let root = project.stack_root()?;
    let _lock = StackLock::take(&root, ui.progress().as_ref()).await?;
    snapshot::tidy(&root)?;
    up(ui, project, open(project, engine)?, scope, began).await
}

/// The five steps, for whoever has the stack's lock.
///
/// # Errors
/// What kept a service from running or answering. Checks that failed are in the report.
pub async fn up(
    ui: &Ui,
    project: &Project,
    mut open: OpenStack,
    scope: &Scoped,
    began: Instant,
) -> CommandResult<Report> {
    let progress = ui.progress();

    // Observe.
    let observed = open.observe().await?;
    ports::choose(ui, &mut open, project, &observed).await?;

    // Plan.
    let plan = plan(&open.wanted_now(scope, &observed)?, &observed);
    tracing::info!(hash = plan.hash(), empty = plan.is_empty(), "plan made");

    // Apply. Until it is verified again, nothing counts as proven.
    let proven = open.state.verified.take();
    if !plan.is_empty() {
        open.state.write(&open.stack.root)?;
    }
    let applied = apply::apply(&open, &plan, progress.as_ref()).await?;
    open.state.facts.clone_from(&applied.facts);
    for note in &applied.notes {
        ui.warn(note);
    }

    // Verify, unless exactly this was proven before and nothing was touched since.
    let identity = open.identity(scope)?;
    let untouched = applied.started.is_empty() && applied.changes.is_empty();
    let checks = if untouched && proven.as_ref() == Some(&identity) {
        Vec::new()
    } else {
        let task = progress.task("verify");
        task.doing("making a round trip through every service");
        let checks = verify(&open, scope).await;
        match checks.iter().filter(|check| !check.passed).count() {
            0 => task.done(&format!("{} passed", counted(checks.len(), "check"))),
            failed => task.failed(&format!("{failed} of {} checks failed", checks.len())),
        }
        checks
    };

    // Report. The variables are written last: whoever reads them finds services that work.
    if checks.iter().all(|check| check.passed) {
        write_variables(ui, &open, project)?;
        open.state.verified = Some(identity);
    }
    open.state.write(&open.stack.root)?;
    sweep::quietly(&open, &project.settings()?).await;
    // What was not touched is still as it was seen.
    let observed = if applied.started.is_empty() { observed } else { open.observe().await? };
    Ok(Report::new(&open, project, &plan, observed, applied, checks, began.elapsed()))
}

/// Writes the variables of the project's applications, and of others that share the stack and have them
/// already: their ports may have changed.
fn write_variables(ui: &Ui, open: &OpenStack, project: &Project) -> CommandResult {
    for app in open.stack.apps.values() {
        if project.apps.iter().any(|own| own.name == app.name) {
            open.write_variables(app)?;
        } else if variables_file(&app.root, &app.name).exists()
            && let Err(error) = open.write_variables(app)
        {
            ui.warn(format!("{error}; `plattr dev` in {} writes it", app.root.display()));
        }
    }
    Ok(())
}

async fn dry_run(ui: &Ui, format: Format, mut open: OpenStack, project: &Project, scope: &Scoped) -> CommandResult {
    let observed = open.observe().await?;
    let (ports, conflicts) = ports::look(&open, project, &observed).await?;
    open.state.ports = ports;
    let plan: Plan = plan(&open.wanted_now(scope, &observed)?, &observed);
    DryRun::new(&open, scope, plan, conflicts).await?.print(ui, format)
}
