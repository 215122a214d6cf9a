//! `plattr gen types`

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use clap::Args;
use plattr_api::AppName;
use plattr_db::types::{self, Schema, render};
use serde::Serialize;

use crate::database::target::{Target, TargetArgs};
use crate::project::Project;
use crate::project::load::shown_path;
use crate::project::model::Language;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};

/// Make types of the database's schema for a programming language
///
/// Tables, views, functions, enumerated and composite types of the schema as it is now, as the REST API takes and gives
/// them. The same schema gives the same file, and a file that would not change is not written. Without `--lang`, makes
/// all files that `local.types` in plattr.yaml lists.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  Write a file:
    $ plattr gen types --lang typescript --file src/database.ts

  Make all files that plattr.yaml lists:
    $ plattr gen types

  Fail in CI where a migration was not followed by new types:
    $ plattr gen types --check

  Of a database that is not the project's own:
    $ plattr gen types --lang go --db-url postgresql://me@db.example.com/shop --schema shop")]
pub struct TypesArgs {
    /// Make types for this language
    #[arg(long, value_name = "LANGUAGE")]
    lang: Option<Language>,
    /// Write this file instead of printing
    #[arg(long, value_name = "FILE", requires = "lang", value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
    /// Write nothing, and exit with 1 if a file is not as it would be made
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    target: TargetArgs,
}

/// A file of types that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its language.
    pub lang: Language,
    /// Where it stands.
    pub file: PathBuf,
}

/// A file of types, and whether it was as it should be. The JSON form is stable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Made {
    /// Its language.
    pub lang: Language,
    /// Where it stands.
    pub file: PathBuf,
    /// Whether it was written, or would be.
    pub changed: bool,
}

impl From<Language> for types::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::Typescript => Self::Typescript,
            Language::Rust => Self::Rust,
            Language::Python => Self::Python,
            Language::Go => Self::Go,
            Language::Openapi => Self::Openapi,
        }
    }
}

/// The files that plattr.yaml lists for an application.
pub fn configured(project: &Project, app: &AppName) -> Vec<Wanted> {
    let app = project.apps.iter().filter(|a| a.name == *app);
    app.flat_map(|a| a.local.types.iter().map(|t| Wanted { lang: t.lang, file: a.root.join(&t.file) })).collect()
}

/// Makes files from the schema as it is now, and writes those that change.
///
/// # Errors
/// When the database cannot be read or a file cannot be written.
pub async fn generate(target: &Target, wanted: &[Wanted]) -> CommandResult<Vec<Made>> {
    let schema = read(target).await?;
    wanted.iter().map(|w| make(&schema, w, write)).collect()
}

/// Runs the command.
///
/// # Errors
/// When it is not said what to make, the database cannot be read, a file cannot be written, or with `--check` is not as
/// it would be made.
pub async fn run(ui: &Ui, globals: &Globals, args: TypesArgs) -> CommandResult {
    let wanted = match (args.lang, args.file) {
        (Some(lang), Some(file)) => vec![Wanted { lang, file }],
        (Some(_), None) if args.check => {
            return Err(CommandError::new(
                ErrorKind::Usage,
                "types-file",
                "`--check` does not know which file to look at",
            )
            .hint("name it with `--file`, or list it under `local.types` in plattr.yaml"));
        }
        (Some(lang), None) => {
            ui.format(&[Format::Text])?;
            let target = args.target.open(globals).await?;
            return ui.out(render(lang.into(), &read(&target).await?, None));
        }
        (None, _) => listed(&Project::find(globals.project.as_deref())?)?,
    };
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let target = args.target.open(globals).await?;
    let made = match args.check {
        false => generate(&target, &wanted).await?,
        true => {
            let schema = read(&target).await?;
            wanted.iter().map(|w| make(&schema, w, |_, _| Ok(()))).collect::<CommandResult<_>>()?
        }
    };
    report(ui, format, &made, args.check)
}

/// The files that the current application's plattr.yaml lists.
fn listed(project: &Project) -> CommandResult<Vec<Wanted>> {
    let apps = project.apps.iter().filter(|a| project.current.as_ref().is_none_or(|c| *c == a.name));
    let wanted: Vec<Wanted> = apps.flat_map(|a| configured(project, &a.name)).collect();
    if wanted.is_empty() {
        return Err(CommandError::new(ErrorKind::Usage, "types-language", "there is no language to make types for")
            .hint("`--lang typescript` prints them; `--file` writes them")
            .hint("a list `local.types` in plattr.yaml, of `lang` and `file`, is made without flags"));
    }
    Ok(wanted)
}

async fn read(target: &Target) -> CommandResult<Schema> {
    let session = target.connect().await?;
    types::read(&session.client, &target.schema).await.map_err(|e| target.explain("read the schema", e))
}

/// One file, put where it is wanted by `put` unless it is there already.
fn make(schema: &Schema, wanted: &Wanted, put: fn(&Path, &str) -> io::Result<()>) -> CommandResult<Made> {
    let Wanted { lang, file } = wanted;
    let text = render((*lang).into(), schema, Some(&absolute(file)));
    let wrong = |what: &str, error: io::Error| {
        CommandError::new(ErrorKind::Environment, "types-file", format!("cannot {what} {}", shown_path(file).display()))
            .because(error)
            .hint("name another file, or make the folder yours")
    };
    let changed = match fs::read(file) {
        Ok(old) => old != text.as_bytes(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => return Err(wrong("read", error)),
    };
    if changed {
        put(file, &text).map_err(|e| wrong("write", e))?;
    }
    Ok(Made { lang: *lang, file: file.clone(), changed })
}

/// The folder of a file is part of it, also where only its name was given.
fn absolute(file: &Path) -> PathBuf {
    std::path::absolute(file).unwrap_or_else(|_| file.to_owned())
}

/// Writes in one step, so that a compiler that watches the file never sees half of it. A link stays one.
fn write(file: &Path, text: &str) -> io::Result<()> {
    let file = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let permissions = fs::metadata(&file).map_or(fs::Permissions::from_mode(0o666), |m| m.permissions());
    let mut new = tempfile::Builder::new().permissions(permissions).tempfile_in(folder)?;
    new.write_all(text.as_bytes())?;
    new.persist(&file).map_err(|e| e.error)?;
    Ok(())
}

fn report(ui: &Ui, format: Format, made: &[Made], check: bool) -> CommandResult {
    let shown = |made: &Made| shown_path(&made.file).display().to_string();
    match format {
        Format::Text => {
            for file in made {
                match (file.changed, check) {
                    (true, false) => ui.say(format!("{} written", shown(file))),
                    (true, true) => {}
                    (false, _) => ui.say(format!("{} is as the schema has it", shown(file))),
                }
            }
        }
        format => ui.value(format, &serde_json::json!({ "files": made }))?,
    }
    let differ: Vec<String> = made.iter().filter(|m| m.changed).map(|m| format!("`{}`", shown(m))).collect();
    if check && !differ.is_empty() {
        let message = format!(
            "{} not as the schema has it",
            match differ.as_slice() {
                [one] => format!("{one} is"),
                several => format!("{} are", several.join(", ")),
            }
        );
        return Err(CommandError::new(ErrorKind::Failed, "types-differ", message)
            .hint("the same command without `--check` makes it anew; commit that"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ui::tests::captured;

    fn schema() -> Schema {
        Schema { name: "todo".into(), ..Schema::default() }
    }

    fn wanted(folder: &Path) -> Wanted {
        Wanted { lang: Language::Typescript, file: folder.join("src/database.ts") }
    }

    #[test]
    fn a_file_is_written_once_and_then_only_when_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let wanted = wanted(folder.path());
        assert!(make(&schema(), &wanted, write).unwrap().changed);
        let before = fs::metadata(&wanted.file).unwrap().modified().unwrap();
        assert!(!make(&schema(), &wanted, |_, _| Err(io::Error::other("written"))).unwrap().changed);
        assert_eq!(fs::metadata(&wanted.file).unwrap().modified().unwrap(), before);
        fs::write(&wanted.file, "// mine").unwrap();
        assert!(make(&schema(), &wanted, write).unwrap().changed);
        assert!(fs::read_to_string(&wanted.file).unwrap().contains("export type Database"));
    }

    #[test]
    fn a_link_stays_a_link_and_permissions_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real.ts"), folder.path().join("database.ts"));
        fs::write(&real, "").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        make(&schema(), &Wanted { lang: Language::Typescript, file: link.clone() }, write).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::read_to_string(&real).unwrap().contains("export type Database"));
    }

    #[test]
    fn what_cannot_be_written_is_said() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("src"), "a file").unwrap();
        let error = make(&schema(), &wanted(folder.path()), write).unwrap_err();
        assert_eq!((error.kind, error.code), (ErrorKind::Environment, "types-file"));
    }

    #[test]
    fn a_check_says_what_differs_and_fails() {
        let (ui, out, _) = captured(&Globals::default());
        let file = |name: &str, changed| Made { lang: Language::Go, file: name.into(), changed };
        report(&ui, Format::Text, &[file("a.go", false)], true).unwrap();
        let made = [file("a.go", true), file("b.go", false), file("c.go", true)];
        let error = report(&ui, Format::Json, &made, true).unwrap_err();
        assert_eq!(
            (error.code, error.message.as_str()),
            ("types-differ", "`a.go`, `c.go` are not as the schema has it")
        );
        let shown: serde_json::Value = serde_json::from_str(&out.text()).unwrap();
        assert_eq!(shown["files"][0], serde_json::json!({ "lang": "go", "file": "a.go", "changed": true }));
        report(&ui, Format::Json, &made, false).unwrap();
    }

    #[test]
    fn the_files_of_a_project_stand_beside_its_plattr_yaml() {
        let folder = tempfile::tempdir().unwrap();
        let yaml = "version: 1\nname: todo\nlocal:\n  types:\n    - {lang: go, file: db/types.go}\n";
        fs::write(folder.path().join("plattr.yaml"), yaml).unwrap();
        let project = Project::load(folder.path()).unwrap();
        let wanted = listed(&project).unwrap();
        assert_eq!(wanted, [Wanted { lang: Language::Go, file: project.root.join("db/types.go") }]);
        fs::write(folder.path().join("plattr.yaml"), "version: 1\nname: todo\n").unwrap();
        assert_eq!(listed(&Project::load(folder.path()).unwrap()).unwrap_err().code, "types-language");
    }
}
