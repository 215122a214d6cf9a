//! Writes variables so that programs can read them: shells, dotenv readers, direnv, Docker, JSON, YAML.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use plattr_api::{AppName, Variables};

use super::rules::is_variable_name;

/// A way to write variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvFormat {
    /// `NAME='value'` lines for shells and dotenv readers.
    Env,
    /// A JSON object.
    Json,
    /// A YAML mapping.
    Yaml,
    /// An `.envrc` for direnv.
    Direnv,
    /// For `docker run --env-file`, which knows no quotation marks.
    Docker,
}

/// Why variables cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvError {
    /// An override names a variable that is not there.
    #[error("there is no variable `{0}` to rename")]
    Unknown(String),
    /// An override gives a name that two variables would have.
    #[error("`{0}` would be the name of two variables")]
    Taken(String),
    /// An override gives a name that no variable can have.
    #[error("`{0}` is not the name of a variable")]
    Name(String),
    /// The format cannot hold the value.
    #[error("the value of `{0}` has a line break, which this format cannot hold")]
    LineBreak(String),
    /// No environment can hold the value.
    #[error("the value of `{0}` has a NUL character, which no environment can hold")]
    Nul(String),
    /// The value could not be written as YAML.
    #[error("{0}")]
    Yaml(String),
}

/// Gives variables other names; `overrides` are pairs of the old and the new one.
pub fn renamed(variables: &Variables, overrides: &[(String, String)]) -> Result<Variables, EnvError> {
    if let Some((old, _)) = overrides.iter().find(|(old, _)| variables.get(old).is_none()) {
        return Err(EnvError::Unknown(old.clone()));
    }
    if let Some((_, new)) = overrides.iter().find(|(_, new)| !is_variable_name(new)) {
        return Err(EnvError::Name(new.clone()));
    }
    let mut out = Variables::new();
    for (name, value) in variables.iter() {
        let name = overrides.iter().find(|(old, _)| old == name).map_or(name, |(_, new)| new.as_str());
        if out.get(name).is_some() {
            return Err(EnvError::Taken(name.to_owned()));
        }
        out.set(name, value);
    }
    Ok(out)
}

/// Writes variables in a format, with the names that `overrides` (old, new) give.
pub fn render(format: EnvFormat, variables: &Variables, overrides: &[(String, String)]) -> Result<String, EnvError> {
    let variables = renamed(variables, overrides)?;
    if let Some((name, _)) = variables.iter().find(|(_, v)| v.contains('\0')) {
        return Err(EnvError::Nul(name.to_owned()));
    }
    let lines = |line: &dyn Fn(&str, &str) -> String| variables.iter().map(|(n, v)| line(n, v)).collect::<String>();
    match format {
        EnvFormat::Env | EnvFormat::Direnv => Ok(lines(&|n, v| format!("export {n}={}\n", quoted(v)))),
        EnvFormat::Docker => match variables.iter().find(|(_, v)| v.contains(['\n', '\r'])) {
            Some((name, _)) => Err(EnvError::LineBreak(name.to_owned())),
            None => Ok(lines(&|n, v| format!("{n}={v}\n"))),
        },
        EnvFormat::Json => Ok(format!("{:#}\n", json(&variables))),
        EnvFormat::Yaml if variables.is_empty() => Ok("{}\n".into()),
        EnvFormat::Yaml => super::yaml::render(&json(&variables)).map_err(|p| EnvError::Yaml(p.message)),
    }
}

fn json(variables: &Variables) -> serde_json::Value {
    variables.iter().map(|(n, v)| (n.to_owned(), serde_json::Value::from(v))).collect()
}

/// Quotes a value for a POSIX shell, in the one of its forms that most dotenv readers take the same way.
///
/// Single quotes mean the same everywhere, unless the value has one itself; then double quotes do, unless
/// it has something that they expand. What is left is quoted as only shells and dotenvy read it: a value
/// that is right in a shell matters more than one that a rare reader gets.
fn quoted(value: &str) -> String {
    if !value.contains('\'') {
        return format!("'{value}'");
    }
    // `!` is expanded by interactive bash and zsh.
    if !value.contains(['"', '$', '`', '\\', '!', '\n', '\r']) {
        return format!("\"{value}\"");
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// The contents of `.plattr/{app}.env`.
pub fn file(app: &AppName, variables: &Variables) -> Result<String, EnvError> {
    let body = render(EnvFormat::Env, variables, &[])?;
    Ok(format!(
        "# Variables of `{app}` on this machine, written by `plattr dev`; changes here are lost.\n\
         # In a shell: . .plattr/{app}.env\n{body}"
    ))
}

/// Makes a private folder that keeps itself out of version control.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    if fs::metadata(folder)?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        fs::write(ignore, "*\n")?;
    }
    Ok(())
}

/// Writes a private file in one step, so that no reader ever sees half of it. Returns whether it had to:
/// an unchanged file keeps its time.
pub fn write_private(path: &Path, contents: &str) -> io::Result<bool> {
    let private =
        |p: &Path| fs::symlink_metadata(p).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o777 == 0o600);
    if private(path) && fs::read(path).is_ok_and(|old| old == contents.as_bytes()) {
        return Ok(false);
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // tempfile makes files with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(contents.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(true)
}
