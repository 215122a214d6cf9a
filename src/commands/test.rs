//! `plattr test`: the project's own tests, with the variables of the application or with a state of their own.

use std::future::Future;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use futures::future::{join_all, try_join_all};
use plattr_api::Variables;
use rustix::process::Signal;
use serde::Serialize;

use crate::commands::{dev, env};
use crate::database::fresh::Fresh;
use crate::interrupt;
use crate::project::Project;
use crate::project::model::{EngineName, TestSettings};
use crate::stack::observe::{OpenStack, Scoped};
use crate::stack::open::open;
use crate::testing::isolated::{Ground, Isolated};
use crate::testing::node;
use crate::testing::run::Running;
use crate::testing::runner::{self, Folder, Found, Runner};
use crate::testing::session::{Place, Session, worst};
use crate::testing::sweep;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::table::Table;
use crate::ui::terminal::Terminal;
use crate::ui::units::counted;

/// So many states fit into the connections that one PostgreSQL server has.
const MOST_SHARDS: usize = 8;

/// Run the tests of the project
///
/// Finds what runs them by the project's files, says so, and runs it with the variables of the application. Its exit
/// code is the result.
///
/// With --ci the tests have a state of their own, made anew for this run: a database that is migrated and seeded, a
/// REST API, buckets, a realm, keys and indices. It is removed afterwards, also after Ctrl-C; what a killed run leaves,
/// the next one removes.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  Run the tests against the services as they are:
    $ plattr test

  Run some of them; what follows `--` is for the runner:
    $ plattr test -- -t sign-in

  As a build does it, with a clean state and a report:
    $ plattr test --ci --junit report.xml

  In three parts side by side, each with a state of its own:
    $ plattr test --ci --shards 3")]
pub struct TestArgs {
    /// Give the tests a clean state of their own, and start the services if they do not run
    #[arg(long)]
    ci: bool,
    /// Run so many parts of the tests side by side, each with a clean state of its own
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=MOST_SHARDS as i64), requires = "ci")]
    shards: Option<u8>,
    /// Leave seeds out of the clean state
    #[arg(long, requires = "ci")]
    no_seed: bool,
    /// Choose where the services run, where they have to be started
    #[arg(long, value_name = "ENGINE", env = "PLATTR_ENGINE")]
    engine: Option<EngineName>,
    /// Have the runner write a JUnit report to this file
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Take this runner, where the project has several
    #[arg(long, value_name = "NAME")]
    runner: Option<Runner>,
    /// List the runners that plattr knows, and which of them the project has
    #[arg(long, conflicts_with_all = ["ci", "junit", "dry_run", "args"])]
    list_runners: bool,
    /// Say what would be run, and run nothing
    #[arg(long)]
    dry_run: bool,
    /// Arguments for the runner
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<String>,
}

/// A runner in the list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    runner: &'static str,
    /// What starts it in this project.
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<Vec<String>>,
    /// What says that the project has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    found_by: Option<String>,
    /// How it writes a JUnit report.
    #[serde(skip_serializing_if = "Option::is_none")]
    junit: Option<&'static str>,
    /// How it runs a part of the tests.
    #[serde(skip_serializing_if = "Option::is_none")]
    shards: Option<&'static str>,
}

/// What was run, or would be. The JSON form is stable.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    runner: &'static str,
    found_by: String,
    /// Whether the tests had a state of their own.
    isolated: bool,
    /// The call of each part.
    commands: Vec<Vec<String>>,
    /// The exit code of each part; none of what had no tests.
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_codes: Option<Vec<Option<u8>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    junit: Option<PathBuf>,
    /// How long it took to make the states.
    #[serde(skip_serializing_if = "Option::is_none")]
    prepared_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
}

/// Runs the command.
///
/// # Errors
/// When no runner is found or it cannot do what is asked; when the services do not run; the exit code of the tests.
pub async fn run(ui: &Ui, globals: &Globals, args: TestArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let project = Project::find(globals.project.as_deref())?;
    let (root, settings) = of_app(&project)?;
    let found = runner::detect(&Folder { path: &root, on_path: &|name| which::which(name).is_ok() }, &settings);
    if args.list_runners {
        return list(ui, format, &found);
    }
    let found = choose(ui, found, args.runner)?;
    let absolute = |path: &PathBuf| std::path::absolute(path).map_err(|e| CommandError::io("find", path, e));
    let session = Session {
        ui,
        found: &found,
        root: &root,
        args: &args.args,
        shards: args.shards.map_or(1, usize::from),
        junit: args.junit.as_ref().map(absolute).transpose()?,
        own_junit: settings.junit.as_ref().map(|file| root.join(file)),
        aside: format != Format::Text,
    };
    // What the runner cannot do is said before anything is started.
    let calls = session.calls(&std::env::temp_dir(), &[])?;
    let mut report = Report {
        runner: found.runner.name(),
        found_by: found.why.clone(),
        isolated: args.ci,
        commands: calls.into_iter().map(|call| call.command).collect(),
        exit_codes: None,
        junit: session.junit.clone(),
        prepared_seconds: None,
        seconds: None,
    };
    ui.say(format!("{} runs the tests ({})", report.runner, report.found_by));
    if node::searches_everywhere(&found, &args.args) {
        ui.warn(
            "`node --test` without files looks for tests in every folder, in the services' data too, and fails where a file \
             of theirs is gone by then; name the tests in the script, as in `node --test test/*.test.js`",
        );
    }
    if args.dry_run {
        return match format {
            Format::Text => report.commands.iter().try_for_each(|command| ui.line(words(command))),
            format => ui.value(format, &report),
        };
    }
    let began = Instant::now();
    // From here on, Ctrl-C must not leave anything behind.
    let _claim = interrupt::claim();
    let codes = if args.ci {
        let (codes, prepared) = isolated(globals, &project, &session, !args.no_seed, args.engine).await?;
        report.prepared_seconds = Some(prepared);
        codes
    } else {
        as_they_are(&project, &session).await?
    };
    let code = worst(&codes);
    report.exit_codes = Some(codes);
    report.seconds = Some(began.elapsed().as_secs_f64());
    if format != Format::Text {
        ui.value(format, &report)?;
    }
    match code {
        0 => Ok(()),
        code => {
            Err(CommandError::new(ErrorKind::Program(code), "program-failed", format!("the tests: exit code {code}")))
        }
    }
}

/// The folder of the application, and what its file says of tests.
fn of_app(project: &Project) -> CommandResult<(PathBuf, TestSettings)> {
    let app = project.apps.iter().find(|app| Some(&app.name) == project.current.as_ref()).ok_or_else(|| {
        CommandError::new(ErrorKind::Usage, "which-app", "this folder has several applications")
            .hint("run the command in the folder of one of them, or name it with `--project`")
    })?;
    Ok((app.root.clone(), app.local.test.clone()))
}

fn list(ui: &Ui, format: Format, found: &[Found]) -> CommandResult {
    let listed: Vec<Listed> = Runner::ALL
        .into_iter()
        .map(|runner| {
            let here = found.iter().find(|found| found.runner == runner);
            Listed {
                runner: runner.name(),
                command: here.map(|found| found.start.clone()),
                found_by: here.map(|found| found.why.clone()),
                junit: runner.reporting(),
                shards: runner.sharding(),
            }
        })
        .collect();
    if format != Format::Text {
        return ui.value(format, &listed);
    }
    let mut table = Table::new(["RUNNER", "FOUND BY", "JUNIT REPORT", "SHARDS"]);
    for one in listed {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        table.row([one.runner.to_owned(), text(one.found_by.as_deref()), text(one.junit), text(one.shards)]);
    }
    ui.out(table.render(ui.style()))
}

/// The runner to take.
fn choose(ui: &Ui, found: Vec<Found>, asked: Option<Runner>) -> CommandResult<Found> {
    let names: Vec<&str> = found.iter().map(|found| found.runner.name()).collect();
    if let Some(asked) = asked {
        let missing = format!("nothing in this project says that {} runs its tests", asked.name());
        return found.into_iter().find(|found| found.runner == asked).ok_or_else(|| {
            CommandError::new(ErrorKind::Config, "no-runner", missing)
                .hint("`plattr test --list-runners` shows what was found")
        });
    }
    if names.len() > 1 && found.first().is_some_and(|first| first.runner != Runner::Command) {
        ui.say(format!("found {}; `--runner NAME` takes another one than the first", names.join(", ")));
    }
    found.into_iter().next().ok_or_else(|| {
        CommandError::new(ErrorKind::Config, "no-runner", "nothing in this project says what runs its tests")
            .hint("say it in plattr.yaml: `local: {test: {command: [make, check]}}`")
            .hint("`plattr test --list-runners` shows what is looked for")
    })
}

/// What was worked on, unless a signal came first.
async fn until_interrupted<T>(work: impl Future<Output = CommandResult<T>>) -> CommandResult<Result<T, Signal>> {
    tokio::select! {
        done = work => done.map(Ok),
        signal = interrupt::next() => Ok(Err(signal)),
    }
}

/// What came of work that may have been interrupted; what it had started is ended then.
async fn ended<T>(outcome: CommandResult<Result<T, Signal>>, running: &Running) -> CommandResult<T> {
    match outcome {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(signal)) => {
            running.end(signal, Terminal::detect().stdin).await;
            Err(CommandError::new(ErrorKind::Interrupted, "interrupted", "interrupted; the tests were ended"))
        }
        Err(error) => {
            // One part that could not be started is no reason for the others to go on alone.
            running.end(Signal::TERM, false).await;
            Err(error)
        }
    }
}

/// Runs the tests against the services as they are.
async fn as_they_are(project: &Project, session: &Session<'_>) -> CommandResult<Vec<Option<u8>>> {
    let open = open(project, None)?;
    let ground = Ground::of(&open, project).await?;
    let missing = ground.missing();
    if !missing.is_empty() {
        let message = format!("the tests need services that do not run: {}", missing.join(", "));
        return Err(CommandError::new(ErrorKind::Environment, "not-running", message)
            .hint("`plattr dev` starts them; `plattr test --ci` starts them by itself"));
    }
    let place = Place { variables: env::variables(project)?, mark: None };
    let running = Running::default();
    ended(until_interrupted(session.run(&[place], &running)).await, &running).await
}

/// Runs the tests in states of their own; tells how many seconds it took to make them, too.
async fn isolated(
    globals: &Globals,
    project: &Project,
    session: &Session<'_>,
    seed: bool,
    engine: Option<EngineName>,
) -> CommandResult<(Vec<Option<u8>>, f64)> {
    let running = Running::default();
    let ui = session.ui;
    let open: OpenStack = ended(until_interrupted(started(globals, project, engine)).await, &running).await?;
    let ground = Ground::of(&open, project).await?;
    let mut states = (0..session.shards).map(|_| ground.take()).collect::<CommandResult<Vec<_>>>()?;
    let work = async {
        let began = Instant::now();
        let template = make(ui, project, &ground, &mut states, seed).await?;
        let prepared = began.elapsed().as_secs_f64();
        let places: Vec<Place> = states.iter().map(place).collect();
        let (codes, ()) =
            tokio::join!(session.run(&places, &running), meanwhile(&ground, session.shards, template.as_deref()));
        Ok((codes?, prepared))
    };
    let outcome = ended(until_interrupted(work).await, &running).await;
    // Again Ctrl-C: then the next run removes them.
    let remove = async {
        let removed = remove(states).await;
        // The state of the next run too, where it was not finished.
        sweep::sweep(&open, &ground.settings, &|record| ground.fits(record)).await?;
        removed
    };
    match until_interrupted(remove).await {
        Ok(Ok(())) => {}
        Ok(Err(_)) => ui.warn("the state of the tests is not removed yet; the next run or `plattr stop` does it"),
        Err(error) => ui.warn(format!("{error}; the next run removes the state of the tests")),
    }
    outcome
}

/// The stack, with everything running that the application asks for.
async fn started(globals: &Globals, project: &Project, engine: Option<EngineName>) -> CommandResult<OpenStack> {
    let opened = open(project, engine)?;
    let ground = Ground::of(&opened, project).await?;
    if ground.missing().is_empty() {
        return Ok(opened);
    }
    // Nobody is asked anything.
    let ui = Ui::new(&Globals { yes: true, ..globals.clone() }, &Terminal::detect());
    let engine = dev::engine::choose(&ui, project, engine).await?;
    let scope = Scoped::of(project, &[], &[], None)?;
    dev::bring_up(&ui, project, engine, &scope).await?.into_result()?;
    open(project, engine)
}

/// Makes the states, and tells the template of their databases. What dead runs left is removed first.
async fn make(
    ui: &Ui,
    project: &Project,
    ground: &Ground<'_>,
    states: &mut [Isolated],
    seed: bool,
) -> CommandResult<Option<String>> {
    let progress = ui.progress();
    let task = progress.task("tests");
    if let Err(error) = sweep::sweep(ground.open, &ground.settings, &|record| ground.fits(record)).await {
        ui.warn(format!("{error}; what a run left before is still there"));
    }
    task.doing("making a state of their own");
    let made = async {
        let fresh = Fresh { ui, project, open: ground.open, app: ground.app, seed };
        let template = if ground.has_database() { Some(fresh.template(task.as_ref()).await?.0.name()) } else { None };
        task.doing("making a state of their own");
        try_join_all(states.iter_mut().map(|state| state.fill(template.as_deref()))).await?;
        for state in states.iter() {
            fresh.fill_buckets(&state.variables()).await?;
        }
        Ok(template)
    };
    let made: CommandResult<Option<String>> = made.await;
    match &made {
        Ok(_) => task.done(&format!("{} made", counted(states.len(), "state"))),
        Err(error) => task.failed(&error.message),
    }
    made
}

/// While the tests run, prepares states for the next run. A build's machine has no next one.
async fn meanwhile(ground: &Ground<'_>, wanted: usize, template: Option<&str>) {
    if let Err(error) = sweep::forgotten_databases(ground).await {
        tracing::warn!(%error, "cannot look for databases of dead runs");
    }
    if Terminal::detect().ci {
        return;
    }
    for _ in ground.prepared()..wanted {
        if let Err(error) = ground.prepare(template).await {
            tracing::warn!(%error, "no state is prepared for the next run");
        }
    }
}

async fn remove(states: Vec<Isolated>) -> CommandResult {
    // What the tests started, and the shell that a signal ended left behind.
    join_all(states.iter().map(sweep::end)).await;
    join_all(states.into_iter().map(Isolated::remove)).await.into_iter().collect()
}

fn place(state: &Isolated) -> Place {
    let mut variables: Variables = state.variables();
    // `plattr db …` in a test means this database.
    if let Some(url) = variables.get("MIGRATION_DATABASE_URL").map(str::to_owned) {
        variables.set("PLATTR_DB_URL", url);
    }
    if std::env::var_os("CI").is_none() {
        variables.set("CI", "true");
    }
    Place { variables, mark: Some(state.mark()) }
}

/// A command line for people.
fn words(command: &[String]) -> String {
    shlex::try_join(command.iter().map(String::as_str)).unwrap_or_else(|_| command.join(" "))
}
