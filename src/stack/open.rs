//! Opens the stack of a project: what plattr.yaml says, joined with what is remembered.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ValueEnum as _;
use plattr_api::AppName;

use super::observe::OpenStack;
use super::state::State;
use super::{App, Instance, Stack};
use crate::engines::Engine;
use crate::engines::kind::lock::ImageRef;
use crate::engines::kind::{KindConfig, KindEngine};
use crate::engines::native::lock::Mirrors;
use crate::engines::native::tools::Wishes;
use crate::engines::native::user::home_for;
use crate::engines::native::{NativeConfig, NativeEngine};
use crate::project::load::{FILE, STATE};
use crate::project::model::{EngineName, PackageMirrors, StackSettings};
use crate::project::{Project, envfile};
use crate::services::LOOPBACK;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// Opens the stack of a project. Writes nothing.
///
/// The engine is the one asked for, else plattr.yaml's, else the one whose data exists, else native. Data of one
/// engine is never left behind in silence for another one.
///
/// # Errors
/// When the state cannot be read, or an application's name is another project's in the same stack.
pub fn open(project: &Project, asked: Option<EngineName>) -> CommandResult<OpenStack> {
    let Stack { name, root, apps, .. } = project.stack()?;
    let settings = project.settings()?;
    let state = State::read(&root)?;
    let remembered = state.as_ref().map(|state| known_engine(&state.engine)).transpose()?;
    let engine = asked.or(settings.engine).or(remembered).unwrap_or(EngineName::Native);
    if let Some(remembered) = remembered.filter(|remembered| *remembered != engine && has_data(*remembered, &root)) {
        return Err(other_engine(&name, remembered, engine));
    }
    let mut state = state.unwrap_or_else(|| State::new(&name, engine.as_str()));
    state.engine = engine.as_str().into();

    // Applications of other projects stay in the stack as they last described themselves, as long as their
    // projects still say that they are in it.
    state.apps.retain(|_, app| !project.apps.iter().any(|own| own.root == app.root) && is_member(app, &root));
    for (name, app) in apps {
        if let Some(other) = state.apps.get(&name) {
            let message = format!("the stack already has an application `{name}`, of {}", other.root.display());
            return Err(CommandError::new(ErrorKind::Config, "app-name-taken", message)
                .hint("give one of the two another `name`, or another `local.stack`"));
        }
        state.apps.insert(name, app);
    }

    let stack = Stack { name, home: home(engine, &root), root, apps: state.apps.clone() };
    let engine = on(engine, settings, folder(project));
    Ok(OpenStack { stack, state, engine })
}

/// Whether the project of a remembered application still says that it is in the stack at `root`. One that
/// cannot be read now is not thrown out for it.
fn is_member(app: &App, root: &Path) -> bool {
    app.root.join(FILE).exists()
        && Project::load(&app.root).map_or(true, |project| {
            project.apps.iter().any(|a| a.name == app.name && a.root == app.root)
                && project.stack_root().is_ok_and(|stack| stack == root)
        })
}

/// Opens a stack of this machine as it last described itself, without its project; `None` where it never ran.
///
/// # Errors
/// When the state cannot be read, or belongs to an engine that this plattr does not have.
pub fn recall(root: &Path) -> CommandResult<Option<OpenStack>> {
    let Some(state) = State::read(root)? else { return Ok(None) };
    let name = known_engine(&state.engine)?;
    let engine = on(name, StackSettings::default(), None);
    let stack = Stack { name: state.name.clone(), home: home(name, root), root: root.into(), apps: state.apps.clone() };
    Ok(Some(OpenStack { stack, state, engine }))
}

/// `project` is the folder whose `images.lock` counts.
fn on(engine: EngineName, settings: StackSettings, project: Option<PathBuf>) -> Box<dyn Engine> {
    match engine {
        EngineName::Native => Box::new(native(settings)),
        EngineName::Kind => Box::new(kind(settings, project, Vec::new())),
    }
}

/// The folder of the project or the workspace, which may replace images.
pub fn folder(project: &Project) -> Option<PathBuf> {
    match &project.workspace {
        Some(workspace) => workspace.path.parent().map(Path::to_owned),
        None => project.apps.first().map(|app| app.root.clone()),
    }
}

/// The Kind engine, as a project wants it; `project` is the folder whose `images.lock` counts, and `pins` go before it.
pub fn kind(settings: StackSettings, project: Option<PathBuf>, pins: Vec<ImageRef>) -> KindEngine {
    KindEngine::new(KindConfig {
        mirrors: settings.image_mirrors.clone(),
        patch: settings.kind.config.clone().into(),
        project,
        pins,
        packages: native(settings),
    })
}

/// Where the services of a stack keep their data. Containers reach every folder; processes of a user without
/// rights do not.
fn home(engine: EngineName, root: &Path) -> PathBuf {
    match engine {
        EngineName::Native => home_for(root),
        EngineName::Kind => root.to_owned(),
    }
}

/// Whether a stack has data of an engine that could be lost from sight.
fn has_data(engine: EngineName, root: &Path) -> bool {
    let data = std::fs::read_dir(home(engine, root).join("data"));
    data.is_ok_and(|mut entries| entries.next().is_some())
}

fn other_engine(stack: &str, has: EngineName, asked: EngineName) -> CommandError {
    let (has, asked) = (has.as_str(), asked.as_str());
    CommandError::new(
        ErrorKind::Environment,
        "engine-differs",
        format!("the data of the stack `{stack}` belongs to the {has} engine, and {asked} is asked for"),
    )
    .hint(format!(
        "`plattr dev --engine {has}` goes on with that data (`local.engine` in plattr.yaml must not say {asked})"
    ))
    .hint(format!("`plattr destroy` deletes it; then `plattr dev --engine {asked}` starts from nothing"))
}

/// The native engine, as a project wants it.
pub fn native(settings: StackSettings) -> NativeEngine {
    let PackageMirrors { maven, npm, pypi, goproxy } = settings.package_mirrors;
    NativeEngine::new(NativeConfig {
        cache: None,
        mirrors: Mirrors { maven, npm, pypi, goproxy },
        wishes: Wishes { versions: settings.versions, use_path: settings.use_path.into_iter().collect() },
    })
}

fn known_engine(name: &str) -> CommandResult<EngineName> {
    EngineName::from_str(name, false).map_err(|_| {
        CommandError::new(
            ErrorKind::Environment,
            "engine-unknown",
            format!("this stack runs on the engine `{name}`, which this plattr does not have"),
        )
        .hint("use the plattr that made this stack; its data is untouched")
    })
}

/// Where the variables of an application are written.
pub fn variables_file(root: &Path, app: &AppName) -> PathBuf {
    root.join(STATE).join(format!("{app}.env"))
}

impl OpenStack {
    /// Writes the variables of an application where its project reads them.
    ///
    /// # Errors
    /// When the project's folder cannot be written.
    pub fn write_variables(&self, app: &App) -> CommandResult {
        let path = variables_file(&app.root, &app.name);
        let contents = envfile::file(&app.name, &self.variables(app))?;
        let folder = app.root.join(STATE);
        envfile::private_folder(&folder)
            .and_then(|()| envfile::write_private(&path, &contents))
            .map(drop)
            .map_err(|error| CommandError::io("write", &path, error))
    }

    /// The application of the project's folder.
    ///
    /// # Errors
    /// When the project is a workspace without an application of its own.
    pub fn app(&self, project: &Project) -> CommandResult<&App> {
        project.current.as_ref().and_then(|name| self.stack.apps.get(name)).ok_or_else(|| {
            CommandError::new(ErrorKind::Usage, "which-app", "this folder has several applications")
                .hint("run the command in the folder of one of them, or name it with `--project`")
        })
    }

    /// The URLs of an instance that people use, by endpoint.
    pub fn urls(&self, instance: &Instance) -> BTreeMap<&'static str, String> {
        let id = instance.id();
        instance
            .service
            .endpoints()
            .iter()
            .filter(|endpoint| endpoint.shown)
            .map(|endpoint| {
                let port = self.state.ports.get(&id, endpoint.name);
                (endpoint.name, format!("{}://{LOOPBACK}:{port}", endpoint.scheme))
            })
            .collect()
    }
}
