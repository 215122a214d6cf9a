//! `plattr bundle load`

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use bollard::Docker;
use clap::Args;
use serde::Serialize;

use super::Engines;
use crate::engines::bundle::{Bundle, Entry, Item};
use crate::engines::kind::{bundle as images, docker};
use crate::engines::native::cache::Cache;
use crate::engines::native::lock::platform;
use crate::project::model::StackSettings;
use crate::stack::open::native;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult};
use crate::ui::globals::Format;
use crate::ui::progress::{Task, blocking};

/// Load a bundle on this machine
///
/// Packages go into plattr's cache, images into the local Docker-compatible engine. Each entry is compared with its
/// checksum before it counts. What is there already stays as it is, so a load that was interrupted goes on where it
/// stopped.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr bundle load
    $ plattr bundle load /media/usb/platform.tar --engine native")]
pub struct LoadArgs {
    /// The bundle; plattr-bundle-PLATFORM.tar unless given
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
    /// Only what this engine needs
    #[arg(long, default_value = "both", hide_default_value = true)]
    engine: Engines,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Outcome {
    /// It was loaded.
    Loaded,
    /// It was there.
    There,
    /// It holds the path of another cache; it will be made here when it is needed.
    OtherPlace,
    /// It was not asked for.
    NotWanted,
}

/// What was done. The JSON form is stable.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    file: PathBuf,
    cache: PathBuf,
    entries: Vec<Row>,
    seconds: f64,
}

#[derive(Debug, Serialize)]
struct Row {
    #[serde(flatten)]
    entry: Entry,
    outcome: Outcome,
}

/// Runs the command.
///
/// # Errors
/// When the bundle is damaged or for other machines, there is no engine for its images, or the disk is full.
pub async fn run(ui: &Ui, args: LoadArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let began = Instant::now();
    let file = args.file.unwrap_or_else(super::usual_file);
    let bundle = Arc::new(Bundle::open(&file)?);
    bundle.check_platform(&platform())?;
    let (ours, theirs) = (env!("CARGO_PKG_VERSION"), &bundle.contents.plattr);
    if ours != theirs {
        ui.warn(format!("the bundle is of plattr {theirs}, and this is {ours}: it may want other versions"));
    }
    let wanted = |entry: &Entry| args.engine.want(entry);
    let has_images = bundle.contents.entries.iter().any(|e| matches!(e.item, Item::Image { .. }) && wanted(e));
    let engine = native(StackSettings::default());
    let loading = Loading {
        bundle: Arc::clone(&bundle),
        cache: engine.cache().clone(),
        docker: match has_images {
            true => Some(docker::connect().await.map_err(images::without_engine)?.client),
            false => None,
        },
    };
    let (progress, mut entries) = (ui.progress(), Vec::new());
    for entry in &bundle.contents.entries {
        if !wanted(entry) {
            entries.push(Row { entry: entry.clone(), outcome: Outcome::NotWanted });
            continue;
        }
        let task = progress.task(&entry.name);
        let outcome = loading.load(entry, task.as_ref()).await;
        match &outcome {
            Ok(Outcome::Loaded) => task.done("loaded"),
            Ok(Outcome::OtherPlace) => task.done("is of another folder"),
            Ok(_) => task.done("is there"),
            Err(error) => task.failed(&error.message),
        }
        entries.push(Row { entry: entry.clone(), outcome: outcome? });
    }
    let seconds = began.elapsed().as_secs_f64();
    let cache = loading.cache.root().to_owned();
    if format != Format::Text {
        let file = std::path::absolute(&file).unwrap_or(file);
        return ui.value(format, &Report { file, cache, entries, seconds });
    }
    let count = |outcome| entries.iter().filter(|row| row.outcome == outcome).count();
    let loaded = count(Outcome::Loaded);
    ui.say(format!("{}: {loaded} loaded, {} there already ({seconds:.1}s)", file.display(), count(Outcome::There)));
    if count(Outcome::OtherPlace) > 0 {
        ui.say(format!(
            "what was prepared in {} does not fit {}; `plattr dev` prepares it here, which needs no network",
            bundle.contents.cache.display(),
            cache.display()
        ));
    }
    Ok(())
}

/// What is loaded into what.
struct Loading {
    bundle: Arc<Bundle>,
    cache: Cache,
    docker: Option<Docker>,
}

impl Loading {
    async fn load(&self, entry: &Entry, task: &dyn Task) -> CommandResult<Outcome> {
        if matches!(entry.item, Item::Prepared { .. }) && self.bundle.contents.cache != self.cache.root() {
            return Ok(Outcome::OtherPlace);
        }
        let there = match (&self.docker, &entry.item) {
            (Some(docker), Item::Image { .. }) => images::has(docker, &entry.item).await?,
            _ => self.cache.has(&entry.item),
        };
        if there {
            return Ok(Outcome::There);
        }
        self.verify(entry, task).await?;
        match (&self.docker, &entry.item) {
            (Some(docker), Item::Image { .. }) => images::load(docker, &self.bundle, entry, task).await?,
            _ => self.cache.load(&self.bundle, entry, task).await?,
        }
        Ok(Outcome::Loaded)
    }

    async fn verify(&self, entry: &Entry, task: &dyn Task) -> CommandResult {
        task.doing("comparing the checksum");
        let (bundle, entry) = (Arc::clone(&self.bundle), entry.clone());
        let compared = blocking(task, move |meter| Ok(bundle.verify(&entry, meter))).await;
        compared.map_err(CommandError::from)?
    }
}
