//! Opens the stack of a project: what plattr.yaml says, joined with what is remembered.

use std::collections::BTreeMap;

use clap::ValueEnum;

use super::observe::OpenStack;
use super::state::State;
use super::{App, Instance, Stack};
use crate::engines::Engine;
use crate::engines::native::{NativeConfig, NativeEngine, home_for};
use crate::project::Project;
use crate::services::LOOPBACK;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// Where services can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// As processes of this machine, without Docker
    Native,
}

impl EngineName {
    /// As in plattr.yaml and in the state.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
        }
    }

    fn from_state(name: &str) -> CommandResult<Self> {
        Self::from_str(name, false).map_err(|_| {
            CommandError::new(
                ErrorKind::Environment,
                "engine-unknown",
                format!("this stack runs on the engine `{name}`, which this plattr does not have"),
            )
            .hint("use the plattr that made this stack; its data is untouched")
        })
    }
}

/// Opens the stack of a project. Writes nothing.
///
/// The engine is the one asked for, else plattr.yaml's, else the one whose data exists, else native.
///
/// # Errors
/// When the state cannot be read, or belongs to another engine than the one asked for.
pub fn open(project: &Project, asked: Option<EngineName>) -> CommandResult<OpenStack> {
    let root = project.stack_root();
    let state = State::read(&root)?;
    let remembered = state.as_ref().map(|state| EngineName::from_state(&state.engine)).transpose()?;
    let engine = asked.or(project.local.engine).or(remembered).unwrap_or(EngineName::Native);
    let name = project.stack_name();
    let mut state = state.unwrap_or_else(|| State::new(&name, engine.as_str()));

    // Applications of other projects stay in the stack as they last described themselves, unless their
    // folder is gone.
    state.apps.retain(|_, app| app.root.exists());
    state.apps.extend(project.apps().clone());

    let stack = Stack { name, home: home_for(&root)?, root, apps: state.apps.clone() };
    let engine: Box<dyn Engine> = match engine {
        EngineName::Native => Box::new(NativeEngine::new(NativeConfig {
            mirrors: project.local.package_mirrors.clone(),
            use_path: project.local.use_path.clone(),
            versions: project.local.versions.clone(),
        })?),
    };
    Ok(OpenStack { stack, state, engine })
}

impl OpenStack {
    /// The application of the project's folder.
    ///
    /// # Errors
    /// When the project is a workspace without an application of its own.
    pub fn app(&self, project: &Project) -> CommandResult<&App> {
        project.app_name().and_then(|name| self.stack.apps.get(name)).ok_or_else(|| {
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
