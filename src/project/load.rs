//! Finds a project and reads its files.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use plattr_api::application::{Framework, Provider};
use plattr_api::{AppName, ApplicationSpec};
use serde::de::DeserializeOwned;

use super::model::{Environments, Local, ProjectFile, ProviderVariables, StackSettings, VERSION, WorkspaceFile};
use super::problem::{ConfigError, Problem, choices, nearest};
use super::rules::{self, KnownService};
use super::yaml::{self, Node, Value};
use super::{check, schema};
use crate::services::{self, LOCAL_PASSWORD, Scope};
use crate::stack::registry::state_home;
use crate::stack::{App, Instance, LocalApp, LocalUser, Stack};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// The file of an application.
pub const FILE: &str = "plattr.yaml";
/// One person's overrides, beside it.
pub const LOCAL_FILE: &str = "plattr.local.yaml";
/// The file of a workspace.
pub const WORKSPACE_FILE: &str = "plattr.workspace.yaml";
/// The folder of state, beside it.
pub const STATE: &str = ".plattr";

/// A project: one application, or a workspace of several.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder of the workspace, or else of the application.
    pub root: PathBuf,
    /// The applications: all of the workspace, or else the one.
    pub apps: Vec<AppConfig>,
    /// The application that the person is in; none at the top of a workspace.
    pub current: Option<AppName>,
    /// The workspace, where there is one.
    pub workspace: Option<Workspace>,
}

/// A workspace.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Its file.
    pub path: PathBuf,
    /// What the file says.
    pub file: WorkspaceFile,
}

/// What the files of one application say.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// Its folder.
    pub root: PathBuf,
    /// Its name.
    pub name: AppName,
    /// What it needs.
    pub spec: ApplicationSpec,
    /// What is different on this machine.
    pub local: Local,
    /// Its environments.
    pub environments: Environments,
    /// The files that were read.
    pub files: Vec<PathBuf>,
}

/// A file to read: its name for people, and what it holds.
pub type Input = (PathBuf, Vec<u8>);

/// Reads `plattr.yaml` with the overrides of `plattr.local.yaml`.
pub fn read_project(main: Input, over: Option<Input>, known: &[KnownService]) -> Result<ProjectFile, ConfigError> {
    let tree = yaml::parse(&main.0, main.1)?;
    check_version(&tree)?;
    let tree = match over {
        // An empty file of overrides, or one of comments only, overrides nothing.
        Some((path, bytes)) => match yaml::parse(&path, bytes) {
            Ok(over) => merge(tree, over)?,
            Err(error) if error.problems.iter().any(|p| p.code == "config-empty") => tree,
            Err(error) => return Err(error),
        },
        None => tree,
    };
    let mut problems = check::structure(&tree, schema::project());
    problems.extend(rules::project(&tree, known));
    ConfigError::check(problems)?;
    typed(&tree, &main.0)
}

/// Reads `plattr.workspace.yaml`.
pub fn read_workspace(main: Input, known: &[KnownService]) -> Result<WorkspaceFile, ConfigError> {
    let tree = yaml::parse(&main.0, main.1)?;
    check_version(&tree)?;
    let mut problems = check::structure(&tree, schema::workspace());
    problems.extend(rules::workspace(&tree, known));
    ConfigError::check(problems)?;
    typed(&tree, &main.0)
}

/// A file of another version is not compared with this one's fields.
fn check_version(tree: &Node) -> Result<(), ConfigError> {
    let Some(node) = tree.at(&["version"]) else { return Ok(()) };
    let given = match &node.value {
        Value::Int(version) if *version == VERSION => return Ok(()),
        Value::Int(version) => version.to_string(),
        Value::Float(version) => version.to_string(),
        Value::Text(version) => format!("{:?}", check::shown(version)),
        _ => return Ok(()),
    };
    let problem = Problem::at(
        &node.mark,
        "config-version",
        "version",
        format!("this plattr understands version {VERSION}, not {given}"),
    );
    Err(match node.int() {
        Some(newer) if newer > VERSION => problem.hint("a newer plattr may understand it"),
        _ => problem.hint(format!("write `version: {VERSION}`")),
    }
    .into())
}

fn merge(tree: Node, over: Node) -> Result<Node, ConfigError> {
    if !matches!(over.value, Value::Map(_)) {
        let message = "the overrides must be a mapping, as in plattr.yaml";
        return Err(Problem::at(&over.mark, "config-type", "", message).into());
    }
    for key in ["name", "version"] {
        if let Some(entry) = over.entry(key) {
            let message = format!("`{key}` belongs into plattr.yaml; one person cannot have another");
            return Err(Problem::at(&entry.key_mark, "config-value", key, message).into());
        }
    }
    Ok(tree.merged(over))
}

/// The types, of a tree that has passed every check.
fn typed<T: DeserializeOwned>(tree: &Node, path: &Path) -> Result<T, ConfigError> {
    serde_json::from_value(tree.to_json()).map_err(|e| Problem::whole(path, "config-invalid", e.to_string()).into())
}

impl Project {
    /// Finds the project of a folder, looking upwards as git does, and reads it. With `start`
    /// (`--project`), only that folder is looked at.
    pub fn find(start: Option<&Path>) -> CommandResult<Self> {
        let here = std::env::current_dir().map_err(|e| {
            CommandError::new(ErrorKind::Environment, "no-folder", "the current folder cannot be read").because(e)
        })?;
        match start {
            Some(folder) => {
                let folder = here.join(folder);
                let named = [FILE, WORKSPACE_FILE].iter().any(|f| folder.ends_with(f));
                let folder = if named { folder.parent().map(Path::to_owned).unwrap_or(folder) } else { folder };
                let folder = folder.canonicalize().map_err(|e| {
                    CommandError::new(
                        ErrorKind::Config,
                        "config-not-found",
                        format!("{} cannot be opened", folder.display()),
                    )
                    .because(e)
                })?;
                if !holds_project(&folder) {
                    return Err(not_found(&folder, [folder.as_path()]));
                }
                Self::load(&folder)
            }
            None => match here.ancestors().find(|f| holds_project(f)) {
                Some(folder) => Self::load(folder),
                None => Err(not_found(&here, here.ancestors())),
            },
        }
    }

    /// Reads the project whose `plattr.yaml` or `plattr.workspace.yaml` is in a folder.
    pub fn load(folder: &Path) -> CommandResult<Self> {
        let known = rules::known_services();
        let app = folder.join(FILE).is_file().then(|| AppConfig::load(folder, &known)).transpose()?;
        for above in folder.ancestors().filter(|f| f.join(WORKSPACE_FILE).is_file()) {
            let workspace = Workspace::load(above, &known)?;
            let folders = workspace.folders()?;
            if above != folder && !folders.iter().any(|f| f == folder) {
                continue;
            }
            let apps = folders.iter().map(|f| AppConfig::load(f, &known)).collect::<Result<Vec<_>, _>>()?;
            let project =
                Self { root: above.to_owned(), apps, current: app.map(|a| a.name), workspace: Some(workspace) };
            project.check()?;
            return Ok(project);
        }
        match app {
            Some(app) => {
                Ok(Self { root: folder.to_owned(), current: Some(app.name.clone()), apps: vec![app], workspace: None })
            }
            None => Err(not_found(folder, [folder])),
        }
    }

    /// What no single file of a workspace can know.
    fn check(&self) -> Result<(), ConfigError> {
        let Some(workspace) = &self.workspace else { return Ok(()) };
        let stack = self.stack_name()?;
        let mut problems = Vec::new();
        for (i, app) in self.apps.iter().enumerate() {
            let file = shown_path(&app.root.join(FILE));
            if let Some(other) = self.apps[..i].iter().find(|a| a.name == app.name) {
                let message =
                    format!("{} has the same name, `{}`", shown_path(&other.root.join(FILE)).display(), app.name);
                problems.push(Problem::whole(file.clone(), "config-duplicate", message));
            }
            if let Some(own) = app.local.stack.as_ref().filter(|s| **s != stack) {
                let message = format!(
                    "`local.stack` is `{own}`, but the workspace {} is the stack `{stack}`",
                    shown_path(&workspace.path).display()
                );
                problems.push(Problem::whole(file, "config-value", message));
            }
        }
        ConfigError::check(problems)?;
        self.settings().map(drop)
    }

    /// The name of the stack that the applications run in.
    pub fn stack_name(&self) -> Result<AppName, ConfigError> {
        let Some(workspace) = &self.workspace else {
            let app =
                self.apps.first().ok_or_else(|| Problem::whole(FILE, "config-empty", "there is no application"))?;
            return Ok(app.local.stack.clone().unwrap_or_else(|| app.name.clone()));
        };
        if let Some(stack) = &workspace.file.stack {
            return Ok(stack.clone());
        }
        let folder = self.root.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        slug(&folder).parse().map_err(|e| {
            Problem::whole(
                shown_path(&workspace.path),
                "config-missing-key",
                format!("the stack needs a name, and the folder's cannot be it: {e}"),
            )
            .hint("add `stack: NAME`")
            .into()
        })
    }

    /// The folder of the stack's state: of the project or the workspace, or of the user where projects in
    /// different places share a stack.
    pub fn stack_root(&self) -> CommandResult<PathBuf> {
        match (&self.workspace, self.apps.as_slice()) {
            (None, [AppConfig { local: Local { stack: Some(stack), .. }, .. }]) => {
                Ok(state_home().join("stacks").join(stack.as_str()))
            }
            _ => Ok(self.root.join(STATE)),
        }
    }

    /// The stack, as this project describes it. Another project that shares it brings its own applications.
    pub fn stack(&self) -> CommandResult<Stack> {
        let root = self.stack_root()?;
        let apps = self.apps.iter().map(|a| Ok((a.name.clone(), a.app()?))).collect::<Result<_, ConfigError>>()?;
        Ok(Stack { name: self.stack_name()?.to_string(), home: root.clone(), root, apps })
    }

    /// How the services run: what the workspace says, then what the applications say, which must not
    /// contradict each other. Ports are by `instance.endpoint`.
    pub fn settings(&self) -> Result<StackSettings, ConfigError> {
        let mut merged = StackSettings::default();
        let mut problems = Vec::new();
        for app in &self.apps {
            let mut own = app.local.settings.clone();
            own.ports = by_instance(&own.ports, Some(&app.name));
            for key in combine(&mut merged, own) {
                let message = format!("`local.{key}` is not what the other applications of the stack say");
                problems.push(
                    Problem::whole(shown_path(&app.root.join(FILE)), "config-conflict", message)
                        .hint(format!("say `local.{key}` once, in {WORKSPACE_FILE}")),
                );
            }
        }
        if let Some(workspace) = &self.workspace {
            let mut over = workspace.file.local.clone();
            over.ports = by_instance(&over.ports, None);
            // What the workspace says settles what the applications disagree about.
            let mut settled = over.clone();
            let contested = combine(&mut settled, merged);
            problems.retain(|p| !contested.iter().any(|key| p.message.starts_with(&format!("`local.{key}` "))));
            merged = settled;
        }
        ConfigError::check(problems)?;
        Ok(merged)
    }

    /// Services that this machine leaves out: those that every application leaves out.
    pub fn without(&self) -> Vec<String> {
        let Some((first, others)) = self.apps.split_first() else { return Vec::new() };
        first.local.without.iter().filter(|s| others.iter().all(|a| a.local.without.contains(s))).cloned().collect()
    }

    /// The services of a profile, of all applications that have it.
    pub fn profile(&self, name: &str) -> CommandResult<Vec<String>> {
        let mut services: Vec<String> =
            self.apps.iter().filter_map(|a| a.local.profiles.get(name)).flatten().cloned().collect();
        services.sort();
        services.dedup();
        if !services.is_empty() {
            return Ok(services);
        }
        let mut known: Vec<&str> = self.apps.iter().flat_map(|a| a.local.profiles.keys()).map(String::as_str).collect();
        known.sort_unstable();
        known.dedup();
        let error = CommandError::new(ErrorKind::Usage, "unknown-profile", format!("there is no profile `{name}`"));
        Err(match nearest(name, known.iter().copied()) {
            Some(meant) => error.hint(format!("did you mean `{meant}`?")),
            None if known.is_empty() => error.hint(format!("profiles are under `local.profiles` in {FILE}")),
            None => error.hint(format!("it can be {}", choices(&known))),
        })
    }

    /// Every file that was read.
    pub fn files(&self) -> Vec<PathBuf> {
        let own = self.apps.iter().flat_map(|a| a.files.iter().cloned());
        self.workspace.iter().map(|w| w.path.clone()).chain(own).collect()
    }

    /// Every file that was read, and those that would be if they were there: what `--watch` watches.
    pub fn watched(&self) -> Vec<PathBuf> {
        let own = self.apps.iter().flat_map(|a| [a.root.join(FILE), a.root.join(LOCAL_FILE)]);
        self.workspace.iter().map(|w| w.path.clone()).chain(own).collect()
    }
}

impl Workspace {
    fn load(folder: &Path, known: &[KnownService]) -> Result<Self, ConfigError> {
        let path = folder.join(WORKSPACE_FILE);
        let file = read_workspace(read(&path)?, known)?;
        Ok(Self { path, file })
    }

    /// The folders of the applications.
    fn folders(&self) -> Result<Vec<PathBuf>, ConfigError> {
        let root = self.path.parent().unwrap_or(Path::new("/"));
        let shown = shown_path(&self.path);
        let mut problems = Vec::new();
        let mut folders = Vec::new();
        for app in &self.file.apps {
            match root.join(app).canonicalize() {
                Ok(folder) if folder.join(FILE).is_file() => folders.push(folder),
                _ => problems.push(
                    Problem::whole(
                        &shown,
                        "config-not-found",
                        format!("there is no {FILE} in `{}`", check::shown(app)),
                    )
                    .hint("the folders of `apps` are relative to the workspace's file"),
                ),
            }
        }
        ConfigError::check(problems)?;
        Ok(folders)
    }
}

impl AppConfig {
    fn load(folder: &Path, known: &[KnownService]) -> Result<Self, ConfigError> {
        let (main, over) = (folder.join(FILE), folder.join(LOCAL_FILE));
        let mut files = vec![main.clone()];
        let overrides = if over.exists() {
            files.push(over.clone());
            Some(read(&over)?)
        } else {
            None
        };
        let ProjectFile { version: _, name, spec, local, environments } = read_project(read(&main)?, overrides, known)?;
        Ok(Self { root: folder.to_owned(), name, spec, local, environments, files })
    }

    /// The application, as the stack knows it.
    pub fn app(&self) -> Result<App, ConfigError> {
        Ok(App {
            name: self.name.clone(),
            root: self.root.clone(),
            spec: self.spec.clone(),
            local: LocalApp {
                origins: self.origins(),
                dashboards: self.local.dashboards,
                isolated: None,
                database: None,
                users: self.users(),
                providers: self.provider_credentials()?,
            },
        })
    }

    /// Origins from which browsers may come.
    pub fn origins(&self) -> Vec<String> {
        if let Some(origins) = &self.local.origins {
            return origins.clone();
        }
        let mut ports = vec![3000];
        ports.extend(self.spec.framework.and_then(usual_port));
        ports.extend(self.spec.processes.values().filter_map(|p| p.port));
        let mut origins: Vec<String> = Vec::new();
        for origin in ports.into_iter().flat_map(|p| [format!("http://localhost:{p}"), format!("http://127.0.0.1:{p}")])
        {
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        origins
    }

    /// People who can sign in.
    pub fn users(&self) -> Vec<LocalUser> {
        let user = |name: &str, password: Option<&str>, email: Option<&str>| LocalUser {
            username: name.to_owned(),
            password: password.unwrap_or(LOCAL_PASSWORD).to_owned(),
            email: email.map_or_else(|| format!("{name}@example.test"), str::to_owned),
        };
        match &self.local.users {
            Some(users) => users.iter().map(|u| user(&u.username, u.password.as_deref(), u.email.as_deref())).collect(),
            None => vec![user("alice", None, None), user("bob", None, None)],
        }
    }

    /// The client id and secret of each identity provider that has them, from the environment and then from
    /// the project's `.env`.
    ///
    /// `.env` is read for these only: the application reads its own variables from it by itself, and plattr
    /// must not pass on what it does not own.
    pub fn provider_credentials(&self) -> Result<BTreeMap<Provider, (String, String)>, ConfigError> {
        let dotenv = read_dotenv(&self.root.join(".env"))?;
        let look =
            |name: &str| std::env::var(name).ok().or_else(|| dotenv.get(name).cloned()).filter(|v| !v.is_empty());
        Ok(self.spec.auth.providers.iter().filter_map(|p| Some((*p, self.credentials(*p, &look)?))).collect())
    }

    fn credentials(&self, provider: Provider, look: &dyn Fn(&str) -> Option<String>) -> Option<(String, String)> {
        let variables = match provider {
            Provider::Google => self.local.providers.google.as_ref(),
            Provider::Github => self.local.providers.github.as_ref(),
        };
        let ProviderVariables { client_id_from, client_secret_from } = variables?;
        Some((look(client_id_from)?, look(client_secret_from)?))
    }
}

/// The port on which a framework's development server listens, where it is not 3000.
fn usual_port(framework: Framework) -> Option<u16> {
    match framework {
        Framework::Sveltekit | Framework::Remix => Some(5173),
        Framework::Django | Framework::Fastapi => Some(8000),
        Framework::Spring | Framework::Go | Framework::Rust => Some(8080),
        Framework::Nextjs | Framework::Nuxt | Framework::Node | Framework::Rails | Framework::Other => None,
    }
}

/// Reads a dotenv file without touching the environment of this process.
fn read_dotenv(path: &Path) -> Result<BTreeMap<String, String>, ConfigError> {
    if !path.is_file() {
        return Ok(BTreeMap::new());
    }
    // The library's message repeats the line, which may be a secret.
    let wrong = |_| ConfigError::from(Problem::whole(shown_path(path), "dotenv-syntax", "a line is not `NAME=value`"));
    dotenvy::from_path_iter(path).map_err(wrong)?.collect::<Result<_, _>>().map_err(wrong)
}

/// Ports by `instance.endpoint`. In an application's file `postgrest` means its own instance.
fn by_instance<P: Copy>(ports: &BTreeMap<String, P>, app: Option<&AppName>) -> BTreeMap<String, P> {
    let instance = |key: &str| {
        let (name, endpoint) = key.split_once('.').map_or((key, None), |(n, e)| (n, Some(e)));
        let service = services::find(name)?;
        let app = (service.scope() == Scope::Application).then(|| app.cloned()).flatten();
        let endpoint = endpoint.or_else(|| service.endpoints().first().map(|e| e.name))?;
        Some(format!("{}.{endpoint}", Instance { service, app }.id()))
    };
    ports.iter().map(|(key, port)| (instance(key).unwrap_or_else(|| key.clone()), *port)).collect()
}

/// Adds `more` to `all` and names what both say differently; `all` wins.
fn combine(all: &mut StackSettings, more: StackSettings) -> Vec<String> {
    fn one<T: PartialEq>(key: &str, all: &mut Option<T>, more: Option<T>, differ: &mut Vec<String>) {
        match (&all, more) {
            (None, more) => *all = more,
            (Some(a), Some(b)) if *a != b => differ.push(key.into()),
            _ => {}
        }
    }
    fn map<T: PartialEq>(
        key: &str,
        all: &mut BTreeMap<String, T>,
        more: BTreeMap<String, T>,
        differ: &mut Vec<String>,
    ) {
        for (name, value) in more {
            match all.get(&name) {
                Some(a) if *a != value => differ.push(format!("{key}.{name}")),
                Some(_) => {}
                None => drop(all.insert(name, value)),
            }
        }
    }
    let StackSettings { engine, ports, versions, use_path, image_mirrors, package_mirrors, kind } = more;
    let mut differ = Vec::new();
    one("engine", &mut all.engine, engine, &mut differ);
    map("ports", &mut all.ports, ports, &mut differ);
    map("versions", &mut all.versions, versions, &mut differ);
    map("imageMirrors", &mut all.image_mirrors, image_mirrors, &mut differ);
    if all.kind.config.is_empty() {
        all.kind = kind;
    } else if !kind.config.is_empty() && kind != all.kind {
        differ.push("kind.config".into());
    }
    for service in use_path {
        if !all.use_path.contains(&service) {
            all.use_path.push(service);
        }
    }
    let mirrors = &mut all.package_mirrors;
    one("packageMirrors.maven", &mut mirrors.maven, package_mirrors.maven, &mut differ);
    one("packageMirrors.npm", &mut mirrors.npm, package_mirrors.npm, &mut differ);
    one("packageMirrors.pypi", &mut mirrors.pypi, package_mirrors.pypi, &mut differ);
    one("packageMirrors.goproxy", &mut mirrors.goproxy, package_mirrors.goproxy, &mut differ);
    differ
}

/// A usable name, as near as can be to any text: `My Shop!` becomes `my-shop`.
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.to_lowercase().chars() {
        match c {
            'a'..='z' => out.push(c),
            '0'..='9' if !out.is_empty() => out.push(c),
            _ if !out.is_empty() && !out.ends_with('-') => out.push('-'),
            _ => {}
        }
    }
    out.truncate(plattr_api::names::MAX_APP_NAME);
    out.trim_end_matches('-').to_owned()
}

fn holds_project(folder: &Path) -> bool {
    [FILE, WORKSPACE_FILE].iter().any(|f| folder.join(f).is_file())
}

fn not_found<'a>(folder: &Path, searched: impl IntoIterator<Item = &'a Path>) -> CommandError {
    let error = CommandError::new(
        ErrorKind::Config,
        "config-not-found",
        format!("there is no {FILE} in {} or above it", folder.display()),
    );
    match searched.into_iter().map(|f| f.join("plattr.yml")).find(|f| f.is_file()) {
        Some(other) => error.hint(format!("rename {} to {FILE}", other.display())),
        None => error.hint("run `plattr init` to write one"),
    }
}

/// A path as people read it: from the current folder, where it is below it.
pub fn shown_path(path: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).map(Path::to_owned).unwrap_or_else(|_| path.to_owned())
}

/// Reads a file, up to a little more than may be read.
fn read(path: &Path) -> Result<Input, ConfigError> {
    let name = shown_path(path);
    let limit = u64::try_from(yaml::MAX_FILE + 1).unwrap_or(u64::MAX);
    let bytes = File::open(path).and_then(|file| {
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        let mut bytes = Vec::new();
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    match bytes {
        Ok(bytes) => Ok((name, bytes)),
        Err(e) => Err(Problem::whole(&name, "config-unreadable", format!("the file cannot be read: {e}")).into()),
    }
}
