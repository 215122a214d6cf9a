//! `plattr bundle create`

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use futures::future::try_join_all;
use jiff::Timestamp;
use serde::Serialize;

use super::Engines;
use crate::commands::dev;
use crate::database::tools;
use crate::engines::bundle::{Contents, Entry, FORMAT, Item, Writer, cannot_write, write_folder};
use crate::engines::kind::{KindEngine, export};
use crate::engines::native::NativeEngine;
use crate::engines::native::cache::size_of;
use crate::engines::native::lock::platform;
use crate::project::Project;
use crate::project::model::EngineName;
use crate::services::process::Tools as _;
use crate::services::{self, Context};
use crate::stack::observe::{Scoped, instances};
use crate::stack::open::{folder, kind, native};
use crate::stack::state::State;
use crate::stack::{Facts, Instance, Ports, Stack};
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::progress::{Progress, Task, blocking};
use crate::ui::units;

/// Put everything that the project needs into one file
///
/// Fetches and prepares first what is not on this machine yet, as `plattr dev` does. Nothing is started.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr bundle create
    $ plattr bundle create /media/usb/platform.tar --engine both")]
pub struct CreateArgs {
    /// The file to write; plattr-bundle-PLATFORM.tar unless given
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
    /// For this engine; the one of the project unless given
    #[arg(long)]
    engine: Option<Engines>,
    /// Also what other projects may need: all that is in the package cache and used, and the images of all services
    #[arg(long)]
    all: bool,
    /// Replace a file of that name
    #[arg(long)]
    force: bool,
}

/// What was made. The JSON form is stable.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    file: PathBuf,
    bytes: u64,
    #[serde(flatten)]
    contents: Contents,
    seconds: f64,
}

/// Runs the command.
///
/// # Errors
/// When something cannot be fetched or prepared, or the file not be written.
pub async fn run(ui: &Ui, globals: &Globals, args: CreateArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let project = Project::find(globals.project.as_deref())?;
    let file = args.file.unwrap_or_else(super::usual_file);
    if file.is_dir() {
        let message = format!("{} is a folder", file.display());
        return Err(CommandError::new(ErrorKind::Usage, "bundle-exists", message)
            .hint(format!("name a file in it: {}", file.join(super::usual_file()).display())));
    }
    if file.exists() && !args.force {
        let message = format!("{} is there already", file.display());
        return Err(CommandError::new(ErrorKind::Failed, "bundle-exists", message)
            .hint("name another file, or replace it with `--force`"));
    }
    let began = Instant::now();
    let engines = match args.engine {
        Some(engines) => engines,
        None => of_project(ui, &project).await?,
    };
    let settings = project.settings()?;
    let progress = ui.progress();
    let gathering = Gathering {
        stack: project.stack()?,
        scope: Scoped::of(&project, &[], &[], None)?,
        native: native(settings.clone()),
        kind: kind(settings, folder(&project), Vec::new()),
        all: args.all,
        progress: progress.as_ref(),
    };
    let mut entries = Entries::default();
    if engines != Engines::Kind {
        let on_path = gathering.native(&mut entries).await?;
        for program in on_path {
            ui.warn(format!(
                "{program} is a program on PATH here and not in the bundle; the other machine needs it too"
            ));
        }
    }
    if engines != Engines::Native && !gathering.kind(&mut entries).await? {
        ui.warn("kind is a program on PATH here and not in the bundle; the other machine needs it too");
    }
    if let Err(error) = gathering.clients(engines, &mut entries).await {
        ui.warn(format!("without PostgreSQL's client programs, which `plattr db dump` needs there: {error}"));
    }
    let contents = Contents {
        format: FORMAT,
        plattr: env!("CARGO_PKG_VERSION").into(),
        platform: platform(),
        created_at: Timestamp::now(),
        cache: gathering.native.cache().root().to_owned(),
        entries: entries.0.into_values().collect(),
    };
    let (contents, bytes) = gathering.write(&file, contents).await?;
    if format == Format::Text {
        let n = match contents.entries.len() {
            1 => "1 entry".to_owned(),
            n => format!("{n} entries"),
        };
        ui.say(format!("{}: {n}, {} ({:.1}s)", file.display(), units::bytes(bytes), began.elapsed().as_secs_f64()));
        return Ok(());
    }
    let file = std::path::absolute(&file).unwrap_or(file);
    ui.value(format, &Report { file, bytes, contents, seconds: began.elapsed().as_secs_f64() })
}

/// The engine that `plattr dev` would use.
async fn of_project(ui: &Ui, project: &Project) -> CommandResult<Engines> {
    let chosen = match (dev::engine::choose(ui, project, None).await?, project.settings()?.engine) {
        (Some(chosen), _) | (None, Some(chosen)) => Some(chosen),
        (None, None) => None,
    };
    let remembered = || -> CommandResult<bool> {
        Ok(State::read(&project.stack_root()?)?.is_some_and(|state| state.engine == EngineName::Kind.as_str()))
    };
    Ok(match chosen {
        Some(EngineName::Kind) => Engines::Kind,
        Some(EngineName::Native) => Engines::Native,
        None if remembered()? => Engines::Kind,
        None => Engines::Native,
    })
}

/// Entries, each once, in the order in which people read them.
#[derive(Default)]
struct Entries(BTreeMap<(&'static str, String), Entry>);

impl Entries {
    fn put(&mut self, entry: Entry) {
        self.0.entry((entry.kind(), entry.path())).or_insert(entry);
    }
}

/// What is gathered from.
struct Gathering<'a> {
    stack: Stack,
    scope: Scoped,
    native: NativeEngine,
    kind: KindEngine,
    all: bool,
    progress: &'a dyn Progress,
}

impl Gathering<'_> {
    fn instances(&self) -> Vec<Instance> {
        instances(&self.stack).into_iter().filter(|instance| self.scope.contains(instance)).collect()
    }

    /// A task that ends as its work does.
    async fn task<T>(&self, name: &str, work: impl AsyncFnOnce(&dyn Task) -> CommandResult<T>) -> CommandResult<T> {
        let task = self.progress.task(name);
        let outcome = work(task.as_ref()).await;
        match &outcome {
            Ok(_) => task.done("ready"),
            Err(error) => task.failed(&error.message),
        }
        outcome
    }

    /// Packages and what is prepared. Tells which programs on PATH serve instead.
    async fn native(&self, entries: &mut Entries) -> CommandResult<BTreeSet<String>> {
        let (ports, facts) = (Ports::default(), Facts::default());
        let (ports, facts) = (&ports, &facts);
        let instances = self.instances();
        let gathered = try_join_all(instances.iter().map(|instance| async move {
            let app = instance.app.as_ref().and_then(|name| self.stack.apps.get(name));
            let cx = Context { stack: &self.stack, app, ports, facts };
            let mut on_path = BTreeSet::new();
            let work = async |task: &dyn Task| self.native.bundled(instance, cx, &mut on_path, task).await;
            let found = self.task(&instance.id(), work).await?;
            Ok::<_, CommandError>((found, on_path))
        }))
        .await?;
        let mut on_path = BTreeSet::new();
        for (found, programs) in gathered {
            found.into_iter().for_each(|entry| entries.put(entry));
            on_path.extend(programs);
        }
        if self.all {
            self.native.bundled_cache()?.into_iter().for_each(|entry| entries.put(entry));
        }
        Ok(on_path)
    }

    /// PostgreSQL's client programs, which commands on a database use where a machine has none of its version.
    async fn clients(&self, engines: Engines, entries: &mut Entries) -> CommandResult {
        const POSTGRES: &str = "postgres";
        if !self.instances().iter().any(|instance| instance.service.name() == POSTGRES) {
            return Ok(());
        }
        let mut majors = BTreeSet::new();
        if engines != Engines::Kind {
            majors.extend(services::major(&self.native.version(POSTGRES)));
        }
        if engines != Engines::Native {
            majors.insert(self.kind.wants(POSTGRES)?.1);
        }
        for package in majors.into_iter().filter_map(tools::package) {
            let bundled = async |task: &dyn Task| self.native.bundled_package(package.0, task).await;
            if let Some(entry) = self.task(package.0, bundled).await? {
                entries.put(entry);
            }
        }
        Ok(())
    }

    /// Images and the program kind; whether it is a package is told.
    async fn kind(&self, entries: &mut Entries) -> CommandResult<bool> {
        self.kind.docker().await?;
        let instances = self.instances();
        let wanted = services::ALL
            .iter()
            .filter(|service| self.all || instances.iter().any(|instance| instance.service.name() == service.name()));
        let services = wanted.map(|service| async move {
            self.task(service.name(), async |task| self.kind.bundled_service(*service, &self.stack, task).await).await
        });
        let ground =
            ["node", "registry"].map(|key| self.task(key, async move |task| self.kind.bundled_ground(key, task).await));
        let program = self.task("kind", async |task| self.kind.bundled_program(task).await);
        let (services, ground, program) = futures::try_join!(try_join_all(services), try_join_all(ground), program)?;
        let is_package = program.is_some();
        ground.into_iter().chain(services).chain(program).for_each(|entry| entries.put(entry));
        Ok(is_package)
    }

    /// Writes the bundle.
    async fn write(&self, file: &std::path::Path, contents: Contents) -> CommandResult<(Contents, u64)> {
        let entries = contents.entries.clone();
        let mut writer = Writer::create(file, contents)?;
        for (index, entry) in entries.iter().enumerate() {
            let task = self.progress.task(&entry.name);
            task.doing("writing");
            match self.add(writer, index, entry, file, task.as_ref()).await {
                Ok(written) => {
                    task.done(entry.kind());
                    writer = written;
                }
                Err(error) => {
                    task.failed(&error.message);
                    return Err(error);
                }
            }
        }
        writer.finish().map_err(|e| cannot_write(file, e))
    }

    async fn add(
        &self,
        mut writer: Writer,
        index: usize,
        entry: &Entry,
        file: &std::path::Path,
        task: &dyn Task,
    ) -> CommandResult<Writer> {
        let written = match &entry.item {
            Item::Image { names, .. } => {
                let docker = self.kind.docker().await?;
                let total = export::size(docker, names).await?;
                let (sender, mut arriving) = export::pieces();
                let writing = tokio::task::spawn_blocking(move || {
                    let written = writer.add(index, |out| std::io::copy(&mut arriving, out).map(drop));
                    (writer, written)
                });
                let exported = export::export(docker, names, total, sender, task).await;
                let (writer, written) = writing.await.map_err(|e| cannot_write(file, std::io::Error::other(e)))?;
                exported?;
                (writer, written)
            }
            item => {
                let folder = self.native.cache().place(item).unwrap_or_default();
                let finished = blocking(task, move |meter| {
                    let written = writer.add(index, |out| write_folder(&folder, size_of(&folder), out, meter));
                    Ok((writer, written))
                });
                finished.await.map_err(|e| cannot_write(file, e))?
            }
        };
        let (writer, written) = written;
        written.map(|()| writer).map_err(|e| cannot_write(file, e))
    }
}
