//! A process as a value: what to run, with what, after what preparation. Only an engine starts it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::probe::Probe;

/// Folders of one instance under the native engine.
pub struct NativeFolders<'a> {
    /// Kept across `stop`; deleted by `destroy` only.
    pub data: &'a Path,
    /// Configuration that plattr writes before each start.
    pub config: &'a Path,
    /// Programs and packages.
    pub tools: &'a dyn Tools,
}

/// Where packages, their programs and prepared things are on this machine.
pub trait Tools: Send + Sync {
    /// A program of a package, which may come from PATH: `("postgres", "initdb")`.
    fn program(&self, package: &str, program: &str) -> PathBuf;
    /// The unpacked folder of a package.
    fn package(&self, package: &str) -> PathBuf;
    /// Whether it is plattr's package that serves, and no program on PATH.
    fn is_package(&self, package: &str) -> bool;
    /// The version of a package, or of the program on PATH that serves for it.
    fn version(&self, package: &str) -> String;
    /// The folder of a [`Preparation`].
    fn prepared(&self, name: &str) -> PathBuf;
}

/// What to run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Process {
    /// Program.
    pub program: PathBuf,
    /// Arguments.
    pub args: Vec<String>,
    /// The whole environment of the process: it inherits nothing.
    pub env: BTreeMap<String, String>,
    /// Files written, mode 0600, before it starts.
    pub files: Vec<ConfigFile>,
    /// Files that an end without warning leaves behind and that would keep it from starting. Removed before
    /// each start, when nothing of the instance runs any more.
    pub stale: Vec<PathBuf>,
    /// How an empty data folder is filled, before the first start only.
    pub initialise: Option<Initialise>,
    /// How it is asked to stop.
    pub stop_signal: StopSignal,
}

/// A configuration file.
#[derive(Debug, Clone, Serialize)]
pub struct ConfigFile {
    /// Where.
    pub path: PathBuf,
    /// What.
    pub contents: String,
}

/// How a data folder comes to be: built in `staging`, then renamed to `target`, so that a killed run leaves
/// nothing half made.
#[derive(Debug, Clone, Serialize)]
pub struct Initialise {
    /// The folder that must exist before the process starts.
    pub target: PathBuf,
    /// Whose version `target` is named after, where one version cannot read the data of another: a folder
    /// beside it that is named by another number has data that must not be lost from sight.
    pub versioned: Option<Versioned>,
    /// Where it is built.
    pub staging: PathBuf,
    /// Folders to copy instead, the best first; the first that exists is taken.
    pub templates: Vec<PathBuf>,
    /// What fills `staging` where there is no template.
    pub commands: Vec<Command>,
    /// Files written into `staging`, after a template or the commands.
    pub files: Vec<ConfigFile>,
}

/// Data of one version of something.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Versioned {
    /// What a person calls it.
    pub title: &'static str,
    /// What `local.versions` calls it.
    pub package: &'static str,
    /// The command that moves data to a newer version.
    pub upgrade: &'static str,
}

/// A command.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Command {
    /// Program.
    pub program: PathBuf,
    /// Arguments.
    pub args: Vec<String>,
    /// The whole environment.
    pub env: BTreeMap<String, String>,
    /// Standard input.
    pub stdin: Option<String>,
    /// Text in its output that means that it failed, for programs whose exit code does not tell.
    pub fails_on: Option<&'static str>,
}

/// Signals that ask a process to stop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum StopSignal {
    /// SIGTERM
    #[default]
    Term,
    /// SIGINT, PostgreSQL's fast shutdown.
    Int,
}

/// Something made once per machine out of packages, such as Keycloak's built tree or a database that is
/// already filled: it saves every later project the time.
#[derive(Clone, Copy)]
pub struct Preparation {
    /// Name; its folder is called so, with a hash of everything that it is made of.
    pub name: &'static str,
    /// What a person reads while it is made.
    pub title: &'static str,
    /// Packages that it is made of.
    pub packages: &'static [&'static str],
    /// Whether all works without it, only slower.
    pub optional: bool,
    /// How it is made.
    pub steps: fn(&Preparing<'_>) -> Vec<Step>,
}

/// Where a [`Preparation`] is made.
pub struct Preparing<'a> {
    /// The folder to fill. It is renamed at the end.
    pub folder: &'a Path,
    /// A folder for what is not kept.
    pub scratch: &'a Path,
    /// Free ports, by any name.
    pub ports: &'a BTreeMap<&'static str, u16>,
    /// Programs, packages, and what was prepared before.
    pub tools: &'a dyn Tools,
}

/// Names of the ports that a preparation may use.
pub const PREPARATION_PORTS: [&str; 4] = ["a", "b", "c", "d"];

/// A step of a [`Preparation`].
#[derive(Debug, Clone, Serialize)]
pub enum Step {
    /// Copies a folder.
    Copy {
        /// Which.
        from: PathBuf,
        /// Where to; it does not exist yet.
        to: PathBuf,
    },
    /// Writes a file.
    Write(ConfigFile),
    /// Writes a file that is part of plattr and not text.
    WriteBytes {
        /// Where.
        path: PathBuf,
        /// What.
        bytes: &'static [u8],
    },
    /// Runs a command, which must succeed.
    Run(Command),
    /// Starts a process and waits until it answers.
    Start {
        /// What.
        command: Command,
        /// How to tell that it answers.
        probe: Probe,
        /// How to stop it.
        stop: StopSignal,
        /// How long to wait for its answer, and for its end.
        #[serde(skip)]
        timeout: Duration,
    },
    /// Stops the process that was started last, and waits for it. What still runs after the last step is
    /// stopped too.
    Stop,
}

impl Process {
    /// Identifies the process: another hash means that it must be restarted. How data was first made does
    /// not count.
    pub fn hash(&self) -> String {
        let value = serde_json::json!({
            "program": self.program, "args": self.args, "env": self.env, "files": self.files,
        });
        crate::digest::short(value.to_string(), 8)
    }
}
