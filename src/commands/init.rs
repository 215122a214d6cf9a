//! `plattr init`: write the files that a project starts with.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use plattr_api::application::{Framework, Provider};
use plattr_api::{AppName, BucketName};

use crate::project::detect::{Detected, detect};
use crate::project::load::{FILE, slug};
use crate::project::scaffold::{self, Answers, FRAMEWORKS};
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::Globals;
use crate::ui::prompt::Question;

/// The workflow's name in a repository that holds one application.
const WORKFLOW: &str = "plattr-deploy";
/// The parts of the platform, as the wizard offers them.
const PARTS: [&str; 5] = [
    "database  PostgreSQL with a REST API",
    "storage   buckets, S3-compatible",
    "auth      sign-in with Keycloak",
    "cache     Redis",
    "search    OpenSearch",
];

/// Write plattr.yaml, .gitignore lines and a workflow for a new project
///
/// Asks what it cannot see. Every answer is also a flag; without a terminal, or with --yes, nothing is asked
/// and the defaults are a name from the folder, the framework that its files show, and a database.
#[derive(Debug, Default, clap::Args)]
#[command(after_help = "Examples:\n  plattr init\n  plattr init --yes --storage uploads --auth github --cache\n  \
                        plattr init --name shop --framework nextjs --no-database --search --dry-run")]
pub struct InitArgs {
    /// Name the application
    #[arg(long)]
    pub name: Option<AppName>,
    /// Say which framework it uses
    #[arg(long, value_parser = framework_parser())]
    pub framework: Option<Framework>,
    /// Give it PostgreSQL and PostgREST; the default
    #[arg(long, overrides_with = "no_database")]
    pub database: bool,
    /// Give it no database
    #[arg(long)]
    pub no_database: bool,
    /// Give it object storage with these buckets
    #[arg(long, value_name = "BUCKET", num_args = 0.., default_missing_value = "uploads", value_delimiter = ',')]
    pub storage: Option<Vec<BucketName>>,
    /// Give it sign-in, with these identity providers besides its own users
    #[arg(long, value_name = "PROVIDER", num_args = 0.., value_delimiter = ',', value_parser = provider_parser())]
    pub auth: Option<Vec<Provider>>,
    /// Give it Redis
    #[arg(long)]
    pub cache: bool,
    /// Give it OpenSearch
    #[arg(long)]
    pub search: bool,
    /// Replace files that exist
    #[arg(long)]
    pub force: bool,
    /// Print the files instead of writing them
    #[arg(long)]
    pub dry_run: bool,
}

fn framework_parser() -> impl TypedValueParser<Value = Framework> {
    PossibleValuesParser::new(FRAMEWORKS.map(|(_, name)| name)).map(|given| {
        FRAMEWORKS.iter().find(|(_, name)| *name == given).map_or(Framework::Other, |(framework, _)| *framework)
    })
}

fn provider_parser() -> impl TypedValueParser<Value = Provider> {
    PossibleValuesParser::new(["google", "github"])
        .map(|given| if given == "google" { Provider::Google } else { Provider::Github })
}

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Where.
    pub path: PathBuf,
    /// What; with [`Change::Extend`], what is added.
    pub text: String,
    /// What happens to it.
    pub change: Change,
}

/// What happens to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Create,
    /// Lines are added to it.
    Extend,
    /// It exists with other contents, which are lost.
    Replace,
    /// It exists with other contents, which stay.
    Keep,
}

/// Runs `plattr init`.
pub async fn run(ui: &Ui, globals: &Globals, args: InitArgs) -> CommandResult {
    let folder = match &globals.project {
        Some(folder) => folder.clone(),
        None => PathBuf::from("."),
    };
    let folder = folder.canonicalize().map_err(|e| {
        CommandError::new(ErrorKind::Environment, "no-folder", format!("{} cannot be opened", folder.display()))
            .because(e)
    })?;
    let exists = folder.join(FILE).exists();
    let (force, dry_run) = (args.force, args.dry_run);
    if exists && !force && !dry_run {
        let asked = ui.interactive() && !ui.yes() && ui.confirm(&format!("Replace the {FILE} that is here?"))?;
        if !asked {
            return Err(CommandError::new(ErrorKind::Usage, "init-exists", format!("{FILE} exists already"))
                .hint("`--force` replaces it, `--dry-run` shows what would be written"));
        }
    }
    let detected = detect(&folder);
    let answers = answers(ui, &folder, args, &detected)?;
    let files = plan(&folder, &answers, &detected, force)?;
    if dry_run {
        let text: Vec<String> = files.iter().map(|f| format!("# {}\n{}", shown(&folder, &f.path), f.text)).collect();
        return ui.out(text.join("\n"));
    }
    for file in &files {
        let name = shown(&folder, &file.path);
        if file.change == Change::Keep {
            ui.say(format!("kept {name}, which exists; `--force` replaces it"));
            continue;
        }
        write(file)?;
        ui.say(match file.change {
            Change::Create => format!("wrote {name}"),
            Change::Extend => format!("added lines to {name}"),
            Change::Replace | Change::Keep => format!("replaced {name}"),
        });
    }
    ui.say("next: `plattr dev` starts everything");
    Ok(())
}

/// The answers: of flags, then of the person, then the defaults.
fn answers(ui: &Ui, folder: &Path, args: InitArgs, detected: &Detected) -> CommandResult<Answers> {
    let said =
        args.database || args.no_database || args.cache || args.search || args.storage.is_some() || args.auth.is_some();
    let name = match args.name {
        Some(name) => name,
        None => ask_name(ui, folder)?,
    };
    let framework = match args.framework {
        Some(framework) => framework,
        None => ask_framework(ui, detected)?,
    };
    if said || !ui.interactive() || ui.yes() {
        return Ok(Answers {
            name,
            framework: Some(framework),
            database: !args.no_database,
            buckets: args.storage.unwrap_or_default(),
            auth: args.auth,
            cache: args.cache,
            search: args.search,
        });
    }
    let question = Question { text: "What does it need?", flag: "--database --storage --auth --cache --search" };
    let parts = ui.select_many(question, PARTS.to_vec(), &[0])?;
    let wants = |at: usize| parts.contains(&PARTS[at]);
    Ok(Answers {
        name,
        framework: Some(framework),
        database: wants(0),
        buckets: if wants(1) { ask_buckets(ui)? } else { Vec::new() },
        auth: if wants(2) { Some(ask_providers(ui)?) } else { None },
        cache: wants(3),
        search: wants(4),
    })
}

fn ask_name(ui: &Ui, folder: &Path) -> CommandResult<AppName> {
    let from_folder = slug(&folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default());
    let default = from_folder.parse::<AppName>().ok().map(|n| n.to_string());
    let check = |text: &str| text.parse::<AppName>().map(drop).map_err(|e| e.to_string());
    let name = ui.ask(Question { text: "Name of the application?", flag: "--name" }, default.as_deref(), check)?;
    name.parse().map_err(|e: plattr_api::names::NameError| {
        CommandError::new(ErrorKind::Usage, "config-name", e.to_string()).hint("answer with `--name`")
    })
}

fn ask_framework(ui: &Ui, detected: &Detected) -> CommandResult<Framework> {
    let guess = detected.framework.unwrap_or(Framework::Other);
    let at = FRAMEWORKS.iter().position(|(f, _)| *f == guess);
    let names: Vec<&str> = FRAMEWORKS.iter().map(|(_, name)| *name).collect();
    let name = ui.select(Question { text: "Which framework?", flag: "--framework" }, names, at)?;
    Ok(FRAMEWORKS.iter().find(|(_, n)| *n == name).map_or(guess, |(framework, _)| *framework))
}

fn ask_buckets(ui: &Ui) -> CommandResult<Vec<BucketName>> {
    let split = |text: &str| {
        text.split([' ', ',']).filter(|b| !b.is_empty()).map(str::parse).collect::<Result<Vec<BucketName>, _>>()
    };
    let check = move |text: &str| match split(text) {
        Ok(names) if names.is_empty() => Err("name at least one".to_owned()),
        Ok(_) => Ok(()),
        Err(e) => Err(e.to_string()),
    };
    let question = Question { text: "Which buckets? (names with spaces between)", flag: "--storage" };
    let text = ui.ask(question, Some("uploads"), check)?;
    split(&text).map_err(|e| CommandError::new(ErrorKind::Usage, "config-name", e.to_string()))
}

fn ask_providers(ui: &Ui) -> CommandResult<Vec<Provider>> {
    let question = Question { text: "Which identity providers, besides its own users?", flag: "--auth" };
    let chosen = ui.select_many(question, vec!["google", "github"], &[])?;
    Ok([Provider::Google, Provider::Github].into_iter().filter(|p| chosen.contains(&p.alias())).collect())
}

/// The files that are written, and what happens to those that exist. Writes nothing.
pub fn plan(folder: &Path, answers: &Answers, detected: &Detected, force: bool) -> CommandResult<Vec<Planned>> {
    let mut files = Vec::new();
    let mut add = |path: PathBuf, text: String, replace: bool| -> CommandResult {
        let change = match existing(&path)? {
            None => Change::Create,
            Some(old) if old == text => return Ok(()),
            Some(_) if replace => Change::Replace,
            Some(_) => Change::Keep,
        };
        files.push(Planned { path, text, change });
        Ok(())
    };
    // Whether plattr.yaml may be replaced has been asked before.
    add(folder.join(FILE), scaffold::project_file(answers), true)?;
    let repository = folder.ancestors().find(|f| f.join(".git").exists()).unwrap_or(folder);
    let below = folder
        .strip_prefix(repository)
        .ok()
        .filter(|p| !p.as_os_str().is_empty())
        .map(|p| p.to_string_lossy().into_owned());
    let workflow = match &below {
        Some(_) => format!("{WORKFLOW}-{}.yml", answers.name),
        None => format!("{WORKFLOW}.yml"),
    };
    let text = scaffold::workflow(&answers.name, below.as_deref(), detected.tests.as_ref());
    add(repository.join(".github/workflows").join(workflow), text, force)?;
    let path = folder.join(".gitignore");
    let old = existing(&path)?;
    if let Some(text) = scaffold::gitignore(old.as_deref().unwrap_or_default()) {
        // What is there may be in any encoding, so it is never rewritten.
        let (text, change) = match &old {
            Some(old) => (text[old.len()..].to_owned(), Change::Extend),
            None => (text, Change::Create),
        };
        files.push(Planned { path, text, change });
    }
    Ok(files)
}

fn existing(path: &Path) -> CommandResult<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(CommandError::io("read", path, e)),
    }
}

/// Writes in one step, so that an interrupted run leaves the old file or the new one.
fn write(file: &Planned) -> CommandResult {
    let folder = file.path.parent().unwrap_or(Path::new("."));
    let write = || {
        fs::create_dir_all(folder)?;
        let mut new = tempfile::Builder::new().permissions(readable()).tempfile_in(folder)?;
        if file.change == Change::Extend {
            new.write_all(&fs::read(&file.path)?)?;
        }
        new.write_all(file.text.as_bytes())?;
        new.persist(&file.path).map_err(|e| e.error)
    };
    write().map(drop).map_err(|e| CommandError::io("write", &file.path, e))
}

/// The usual permissions of a new file; the process's mask still applies.
fn readable() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

fn shown(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ui::tests::captured;

    fn named(name: &str) -> (tempfile::TempDir, PathBuf, Globals) {
        let guard = tempfile::tempdir().unwrap();
        let folder = guard.path().join(name);
        fs::create_dir(&folder).unwrap();
        let globals = Globals { project: Some(folder.clone()), ..Globals::default() };
        (guard, folder, globals)
    }

    fn init(globals: &Globals, args: InitArgs) -> CommandResult<String> {
        let (ui, out, _) = captured(globals);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(&ui, globals, args)).map(|()| out.text())
    }

    fn parsed(args: &[&str]) -> InitArgs {
        use clap::{Args, FromArgMatches};
        let command = InitArgs::augment_args(clap::Command::new("init"));
        command.clone().debug_assert();
        InitArgs::from_arg_matches(&command.get_matches_from([&["init"], args].concat())).unwrap()
    }

    #[test]
    fn every_answer_is_a_flag() {
        let args =
            parsed(&["--storage", "uploads", "pictures", "--auth", "github", "--no-database", "--framework", "go"]);
        let buckets: Vec<_> = args.storage.unwrap().iter().map(|b| b.to_string()).collect();
        assert_eq!(buckets, ["uploads", "pictures"]);
        assert_eq!((args.auth, args.framework), (Some(vec![Provider::Github]), Some(Framework::Go)));
        assert!(args.no_database && !args.cache);
        let args = parsed(&["--storage", "--auth", "--cache"]);
        assert_eq!(args.storage.unwrap()[0].as_str(), "uploads");
        assert_eq!(args.auth, Some(Vec::new()));
        assert_eq!(parsed(&[]).storage, None);
    }

    #[test]
    fn nothing_is_asked_without_a_terminal() {
        let (_guard, folder, globals) = named("shop-x");
        init(&globals, InitArgs::default()).unwrap();
        let project = crate::project::Project::load(&folder.canonicalize().unwrap()).unwrap();
        assert_eq!(project.apps[0].name.as_str(), "shop-x");
        assert!(project.apps[0].spec.database.enabled && !project.apps[0].spec.cache.enabled);
        assert!(folder.join(".github/workflows/plattr-deploy.yml").is_file());
        assert!(fs::read_to_string(folder.join(".gitignore")).unwrap().contains("plattr.local.yaml"));
    }

    #[test]
    fn what_exists_is_never_lost_unasked() {
        let (_guard, folder, mut globals) = named("shop-x");
        globals.yes = true;
        let (file, workflow) = (folder.join(FILE), folder.join(".github/workflows/plattr-deploy.yml"));
        fs::write(&file, "mine\n").unwrap();
        assert_eq!(init(&globals, InitArgs::default()).unwrap_err().code, "init-exists");
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine\n");
        fs::remove_file(&file).unwrap();
        fs::create_dir_all(workflow.parent().unwrap()).unwrap();
        fs::write(&workflow, "mine\n").unwrap();
        init(&globals, InitArgs::default()).unwrap();
        assert_eq!(fs::read_to_string(&workflow).unwrap(), "mine\n");
        init(&globals, InitArgs { force: true, ..InitArgs::default() }).unwrap();
        assert!(fs::read_to_string(&workflow).unwrap().contains("plattr verify"));
    }

    #[test]
    fn a_dry_run_prints_the_files_and_writes_none() {
        let (_guard, folder, globals) = named("shop-x");
        let text = init(&globals, InitArgs { dry_run: true, cache: true, ..InitArgs::default() }).unwrap();
        assert!(
            text.contains("# plattr.yaml\n")
                && text.contains("cache:\n  enabled: true")
                && text.contains("# .gitignore\n")
        );
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    }

    #[test]
    fn lines_are_added_to_a_file_in_any_encoding() {
        let (_guard, folder, globals) = named("shop-x");
        fs::write(folder.join(".gitignore"), b"caf\xe9\n").unwrap();
        init(&globals, InitArgs::default()).unwrap();
        let text = fs::read(folder.join(".gitignore")).unwrap();
        assert!(text.starts_with(b"caf\xe9\n\n# plattr"));
    }

    #[test]
    fn in_a_larger_repository_the_workflow_stands_at_its_top() {
        let (_guard, folder, mut globals) = named("shop-x");
        fs::create_dir(folder.join(".git")).unwrap();
        let app = folder.join("apps/web");
        fs::create_dir_all(&app).unwrap();
        globals.project = Some(app.clone());
        init(&globals, InitArgs::default()).unwrap();
        let workflow = fs::read_to_string(folder.join(".github/workflows/plattr-deploy-web.yml")).unwrap();
        assert!(workflow.contains("working-directory: \"apps/web\""));
        assert!(app.join(FILE).is_file());
    }

    #[test]
    fn a_folder_without_a_usable_name_needs_a_flag() {
        let (_guard, _folder, globals) = named("2048");
        assert_eq!(init(&globals, InitArgs::default()).unwrap_err().hints, ["answer with `--name`"]);
        init(&globals, InitArgs { name: Some("game".parse().unwrap()), ..InitArgs::default() }).unwrap();
    }
}
