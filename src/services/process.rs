//! A process as a value: what to run, with what, after what preparation. Only an engine starts it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};

/// Folders of one instance under the native engine.
pub struct NativeFolders<'a> {
    /// Kept across `stop`; deleted by `destroy` only.
    pub data: &'a Path,
    /// Configuration that plattr writes before each start.
    pub config: &'a Path,
    /// The unpacked folder of a package.
    pub package: &'a (dyn Fn(&str) -> PathBuf + Send + Sync),
    /// The folder of things made once per machine from packages, such as the built Keycloak or a filled
    /// database template; by name.
    pub prepared: &'a (dyn Fn(&str) -> PathBuf + Send + Sync),
}

/// What to run.
#[derive(Debug, Clone, Serialize)]
pub struct Process {
    /// Program.
    pub program: PathBuf,
    /// Arguments.
    pub args: Vec<String>,
    /// The whole environment of the process: it inherits nothing.
    pub env: BTreeMap<String, String>,
    /// Files written, mode 0600, before it starts.
    pub files: Vec<ConfigFile>,
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
    /// Where it is built.
    pub staging: PathBuf,
    /// A folder to copy first, if it exists; `commands` run only where it does not.
    pub template: Option<PathBuf>,
    /// Commands that fill `staging`.
    pub commands: Vec<InitialiseCommand>,
}

/// A command of [`Initialise`].
#[derive(Debug, Clone, Serialize)]
pub struct InitialiseCommand {
    /// Program.
    pub program: PathBuf,
    /// Arguments.
    pub args: Vec<String>,
    /// Environment.
    pub env: BTreeMap<String, String>,
    /// Standard input.
    pub stdin: Option<String>,
}

/// Signals that ask a process to stop.
#[derive(Debug, Clone, Copy, Serialize)]
pub enum StopSignal {
    /// SIGTERM
    Term,
    /// SIGINT, PostgreSQL's fast shutdown.
    Int,
}

impl Process {
    /// Identifies the process: another hash means that it must be restarted. How data was first made does
    /// not count.
    pub fn hash(&self) -> String {
        let value = serde_json::json!({
            "program": self.program, "args": self.args, "env": self.env, "files": self.files,
        });
        Sha256::digest(value.to_string()).iter().take(8).map(|b| format!("{b:02x}")).collect()
    }
}
