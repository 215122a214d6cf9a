//! Writes variables so that programs can read them: shells, dotenv readers, direnv, Docker, JSON, YAML.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use plattr_api::{AppName, Variables};

use super::rules::is_variable_name;
use crate::ui::error::{CommandError, ErrorKind};

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

impl From<EnvError> for CommandError {
    fn from(error: EnvError) -> Self {
        let (kind, code, hint) = match &error {
            EnvError::Unknown(_) => (ErrorKind::Usage, "unknown-variable", Some("`plattr env` lists the variables")),
            EnvError::Taken(_) | EnvError::Name(_) => (ErrorKind::Usage, "variable-name", None),
            EnvError::LineBreak(_) => {
                (ErrorKind::Usage, "variable-value", Some("`-o env`, `json` and `yaml` can hold it"))
            }
            EnvError::Nul(_) => (ErrorKind::Config, "variable-value", None),
            EnvError::Yaml(_) => (ErrorKind::Failed, "output", None),
        };
        let wrapped = Self::new(kind, code, error.to_string());
        match hint {
            Some(hint) => wrapped.hint(hint),
            None => wrapped,
        }
    }
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
        EnvFormat::Yaml => super::yaml::render(&json(&variables)).map_err(EnvError::Yaml),
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
    if !value.contains('\'') && !value.ends_with('\\') {
        return format!("'{value}'");
    }
    // `!` is expanded by interactive bash and zsh.
    if !value.contains(['"', '$', '`', '\\', '!', '\n', '\r']) {
        return format!("\"{value}\"");
    }
    // dotenvy takes a backslash before the closing quotation mark for an escape of it.
    let body = value.trim_end_matches('\\');
    let backslashes = r"\\".repeat(value.len() - body.len());
    format!("'{}'{backslashes}", body.replace('\'', r"'\''"))
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
    // Others may pass through: an engine that runs as root lets its services' user do so.
    let mode = fs::metadata(folder)?.permissions().mode();
    if mode & 0o066 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(mode & 0o711))?;
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::process::Command;

    use super::*;

    /// Values that quoting gets wrong most often.
    const HARD: &[(&str, &str)] = &[
        ("PLAIN", "postgresql://a:b@127.0.0.1:5432/plattr"),
        ("EMPTY", ""),
        ("SPACES", "  two  words "),
        ("HASH", "a # b"),
        ("DOLLAR", "$HOME ${HOME} $(id) `id`"),
        ("DOUBLE", r#"say "hi""#),
        ("SINGLE", "it's"),
        ("BACKSLASH", r"a\b\n"),
        ("EXCLAMATION", "wow!!"),
        ("EQUALS", "a=b=c"),
        ("UNICODE", "grüße 🎉"),
        ("JSON", r#"{"a": "b"}"#),
        ("TILDE", "~/x"),
        ("GLOB", "*.rs"),
        ("TAB", "a\tb"),
    ];
    /// Values that only shells and dotenvy read the same way.
    const HARDER: &[(&str, &str)] =
        &[("BOTH", r#"it's "x" $HOME"#), ("MIXED", r"it's a \ back"), ("LAST", r"C:\dir\\")];

    fn variables(pairs: &[&[(&str, &str)]]) -> Variables {
        let mut v = Variables::new();
        for (name, value) in pairs.iter().copied().flatten() {
            v.set(*name, *value);
        }
        v
    }

    fn written(v: &Variables) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("todo.env");
        write_private(&path, &file(&"todo".parse().unwrap(), v).unwrap()).unwrap();
        (folder, path)
    }

    fn has(program: &str) -> bool {
        which::which(program).is_ok()
    }

    #[test]
    fn every_shell_reads_every_value() {
        let v = variables(&[HARD, HARDER, &[("SEVERAL", "one\ntwo's\n\nfour")]]);
        let (_guard, path) = written(&v);
        for shell in ["sh", "dash", "bash", "zsh"].into_iter().filter(|s| has(s)) {
            for (name, value) in v.iter() {
                let script = format!(". '{}'; env -0 | tr '\\0' '\\001'", path.display());
                let out = Command::new(shell).args(["-c", &script]).output().unwrap();
                let text = String::from_utf8(out.stdout).unwrap();
                assert!(text.split('\u{1}').any(|l| l == format!("{name}={value}")), "{shell}: {name}");
            }
        }
    }

    #[test]
    fn dotenvy_reads_every_value() {
        let v = variables(&[HARD, HARDER, &[("SEVERAL", "one\ntwo\n\nfour")]]);
        let (_guard, path) = written(&v);
        let read: Vec<_> = dotenvy::from_path_iter(&path).unwrap().collect::<Result<_, _>>().unwrap();
        let expected: Vec<_> = v.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        assert_eq!(read, expected);
    }

    #[test]
    fn node_reads_what_it_can() {
        if !has("node") {
            return;
        }
        let v = variables(&[HARD]);
        let (_guard, path) = written(&v);
        let script = "process.loadEnvFile(process.argv[1]); console.log(JSON.stringify(process.env))";
        let out = Command::new("node").args(["-e", script]).arg(&path).output().unwrap();
        let read: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        for (name, value) in v.iter() {
            assert_eq!(read[name], value, "{name}");
        }
    }

    #[test]
    fn python_reads_what_it_can() {
        let script =
            "import sys, json, dotenv; print(json.dumps(dotenv.dotenv_values(sys.argv[1], interpolate=False)))";
        let v = variables(&[HARD]);
        let (_guard, path) = written(&v);
        let Ok(out) = Command::new("python3").args(["-c", script]).arg(&path).output() else { return };
        let Ok(read) = serde_json::from_slice::<serde_json::Value>(&out.stdout) else { return };
        for (name, value) in v.iter() {
            assert_eq!(read[name], value, "{name}");
        }
    }

    #[test]
    fn every_format_holds_what_it_can() {
        let v = variables(&[HARD, HARDER]);
        let all = [EnvFormat::Env, EnvFormat::Json, EnvFormat::Yaml, EnvFormat::Direnv, EnvFormat::Docker];
        let text: String = all.iter().map(|f| format!("── {f:?}\n{}", render(*f, &v, &[]).unwrap())).collect();
        insta::assert_snapshot!(text);
        let yaml = super::super::yaml::parse(Path::new("f"), render(EnvFormat::Yaml, &v, &[]).unwrap().into()).unwrap();
        for (name, value) in v.iter() {
            assert_eq!(yaml.at(&[name]).unwrap().text(), Some(value));
        }
    }

    #[test]
    fn docker_refuses_line_breaks_and_everything_refuses_nul() {
        let v = variables(&[&[("A", "x\ny")]]);
        assert_eq!(render(EnvFormat::Docker, &v, &[]), Err(EnvError::LineBreak("A".into())));
        let v = variables(&[&[("A", "x\0y")]]);
        assert_eq!(render(EnvFormat::Env, &v, &[]), Err(EnvError::Nul("A".into())));
    }

    #[test]
    fn variables_get_other_names() {
        let v = variables(&[&[("A", "1"), ("B", "2")]]);
        let give = |old: &str, new: &str| render(EnvFormat::Docker, &v, &[(old.into(), new.into())]);
        assert_eq!(give("A", "C").unwrap(), "C=1\nB=2\n");
        assert_eq!(give("A", "B"), Err(EnvError::Taken("B".into())));
        assert_eq!(give("X", "C"), Err(EnvError::Unknown("X".into())));
        assert_eq!(give("A", "C D"), Err(EnvError::Name("C D".into())));
    }

    #[test]
    fn the_file_is_private_and_left_alone_when_nothing_changed() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join(".plattr");
        private_folder(&state).unwrap();
        private_folder(&state).unwrap();
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&state), 0o700);
        assert_eq!(fs::read_to_string(state.join(".gitignore")).unwrap(), "*\n");
        let path = state.join("todo.env");
        assert!(write_private(&path, "A=1\n").unwrap());
        assert!(!write_private(&path, "A=1\n").unwrap());
        assert_eq!(mode(&path), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(write_private(&path, "A=1\n").unwrap());
        assert_eq!(mode(&path), 0o600);
        assert!(write_private(&path, "A=2\n").unwrap());
        assert_eq!(fs::read_dir(&state).unwrap().count(), 2, "nothing is left lying about");
    }
}
