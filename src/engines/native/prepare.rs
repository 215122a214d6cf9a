//! What is made once per machine: the steps of a [`Preparation`], and programs built from Go modules.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command as TokioCommand};

use super::cache::remove_all;
use super::guarded;
use super::lock::{GoModule, Mirrors, short_hash};
use super::supervisor::{self, MARK};
use super::user::{self, User};
use crate::services::process::{
    Command, ConfigFile, Initialise, PREPARATION_PORTS, Preparation, Preparing, Step, StopSignal, Tools,
};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// The name of a preparation's folder. `origins` identify what it is made of.
pub fn folder(preparation: &Preparation, tools: &dyn Tools, origins: &[String]) -> String {
    let ports = PREPARATION_PORTS.map(|name| (name, 0)).into();
    let preparing = Preparing { folder: Path::new("@folder"), scratch: Path::new("@scratch"), ports: &ports, tools };
    let steps = serde_json::to_string(&(preparation.steps)(&preparing)).unwrap_or_default();
    let mut parts = vec![steps.as_str()];
    parts.extend(origins.iter().map(String::as_str));
    format!("{}-{}", preparation.name, short_hash(&parts))
}

/// Carries out the steps of a preparation in the empty folder `staging`. Programs run as `user`; afterwards
/// all is plattr's own again, and everyone may read it.
pub async fn carry_out(
    preparation: &Preparation,
    tools: &dyn Tools,
    staging: &Path,
    user: Option<User>,
) -> CommandResult<()> {
    let scratch = staging.with_extension("scratch");
    let mark = format!("{}#prepare", staging.display());
    // Left over from a plattr that was killed here.
    supervisor::end_marked_with(&mark).await;
    remove_all(&scratch).map_err(|e| user::folder_error(&scratch, e))?;
    for folder in [staging, scratch.as_path()] {
        user::make_owned(folder, user).map_err(|e| user::folder_error(folder, e))?;
    }
    let ports = free_ports()
        .map_err(|e| CommandError::new(ErrorKind::Environment, "no-port", "no free port on 127.0.0.1").because(e))?;
    let preparing = Preparing { folder: staging, scratch: &scratch, ports: &ports, tools };
    let mut run = Run { staging, scratch: &scratch, user, mark: &mark, started: Vec::new() };
    let mut result = Ok(());
    for step in (preparation.steps)(&preparing) {
        result = run.step(step).await;
        if result.is_err() {
            break;
        }
    }
    while !run.started.is_empty() {
        run.stop().await;
    }
    let _ = remove_all(&scratch);
    result?;
    let own = user.map(|_| User { uid: 0, gid: 0 });
    user::give_all(staging, own).and_then(|()| guarded::open_up(staging)).map_err(|e| user::folder_error(staging, e))
}

/// Carries out steps in the empty folder `scratch`, and does `work` while what they started runs. Then all of it is
/// stopped, whatever came of the work. Programs run as `user` and carry `mark`; `log` is plattr's own and has what they
/// write.
pub async fn with_steps<T>(
    steps: Vec<Step>,
    scratch: &Path,
    log: &Path,
    user: Option<User>,
    mark: &str,
    work: impl Future<Output = CommandResult<T>>,
) -> CommandResult<T> {
    let mut run = Run { staging: log, scratch, user, mark, started: Vec::new() };
    let worked = async {
        for step in steps {
            run.step(step).await?;
        }
        work.await
    }
    .await;
    while !run.started.is_empty() {
        run.stop().await;
    }
    worked
}

struct Run<'a> {
    staging: &'a Path,
    scratch: &'a Path,
    user: Option<User>,
    mark: &'a str,
    started: Vec<(Child, StopSignal, std::time::Duration)>,
}

impl Run<'_> {
    async fn step(&mut self, step: Step) -> CommandResult<()> {
        let user = self.user;
        match step {
            Step::Copy { from, to } => {
                copy_tree(&from, &to).and_then(|()| user::give_all(&to, user)).map_err(|e| user::folder_error(&to, e))
            }
            Step::Write(file) => write_file(&file, user),
            Step::WriteBytes { path, bytes } => {
                guarded::write(&path, bytes, user).map_err(|e| user::folder_error(&path, e))
            }
            Step::Run(command) => run(&command, self.scratch, user, Some(self.mark)).await,
            Step::Stop => {
                self.stop().await;
                Ok(())
            }
            Step::Start { command, probe, stop, timeout } => {
                let log = self.staging.with_extension("log");
                let output = fs::File::create(&log).map_err(|e| user::folder_error(&log, e))?;
                let errors = output.try_clone().map_err(|e| user::folder_error(&log, e))?;
                let mut process = prepare_command(&command, self.scratch, user, Some(self.mark));
                let child = process
                    .stdin(Stdio::null())
                    .stdout(output)
                    .stderr(errors)
                    .spawn()
                    .map_err(|e| cannot_start(&command, e))?;
                self.started.push((child, stop, timeout));
                let answered = tokio::select! {
                    answered = probe.wait(timeout) => answered.map_err(|e| e.0),
                    ended = wait_last(&mut self.started) => Err(format!("it ended: {ended}")),
                };
                let said = fs::read_to_string(&log).unwrap_or_default();
                let _ = fs::remove_file(&log);
                answered.map_err(|why| failed(&command, &why, &said))
            }
        }
    }

    /// Stops what was started last, and waits for as long as it was given to start: some write what they
    /// have recorded while they end.
    async fn stop(&mut self) {
        let Some((mut child, stop, patience)) = self.started.pop() else { return };
        let Some(pid) = child.id() else { return };
        // Collected at once, or it would count as running.
        let waiting = tokio::spawn(async move { child.wait().await });
        if let Some(row) = super::process_table::alive(pid)
            && !supervisor::end(pid, row.start, stop, patience).await
        {
            tracing::warn!(pid, "does not end, even when it is killed");
            return;
        }
        let _ = waiting.await;
    }
}

async fn wait_last(started: &mut [(Child, StopSignal, std::time::Duration)]) -> String {
    match started.last_mut() {
        Some((child, ..)) => child.wait().await.map_or_else(|e| e.to_string(), |status| status.to_string()),
        None => std::future::pending().await,
    }
}

/// Refuses to begin with empty data where another version has some already, and to go on with data that has been moved
/// to a newer version. Changes nothing.
pub fn check_versions(how: &Initialise) -> CommandResult {
    let (Some(of), Some(parent)) = (how.versioned, how.target.parent()) else { return Ok(()) };
    let wanted = how.target.file_name().unwrap_or_default().to_string_lossy();
    let wanted_major: u32 = wanted.parse().unwrap_or_default();
    let there = how.target.exists();
    let mut others = majors(parent);
    others.retain(|other| *other != wanted_major && (!there || *other > wanted_major));
    others.sort_unstable();
    let Some(latest) = others.last() else { return Ok(()) };
    let title = of.title;
    let names: Vec<String> = others.iter().map(u32::to_string).collect();
    let message = format!("the data is of {title} {}, which {title} {wanted} cannot read", names.join(" and "));
    let mut error = CommandError::new(ErrorKind::Environment, "data-of-other-version", message);
    if *latest < wanted_major {
        error = error.hint(format!("`{}` moves it to {title} {wanted}", of.upgrade));
    }
    Err(error
        .hint(format!("to keep it, set `local.versions.{}: \"{latest}\"` in plattr.yaml", of.package))
        .hint("`plattr destroy` deletes the data of all services; `plattr dev` then begins anew"))
}

/// The major versions whose data is in the folder of a service that keeps them apart.
pub fn majors(folder: &Path) -> Vec<u32> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir());
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Makes a data folder, if there is none: from a template, else by its commands, which carry `mark` so that a
/// later run finds those that a killed plattr left behind.
pub async fn initialise(how: &Initialise, user: Option<User>, mark: &str) -> CommandResult<()> {
    if how.target.exists() {
        return Ok(());
    }
    let to_error = |e| user::folder_error(&how.staging, e);
    remove_all(&how.staging).map_err(to_error)?;
    match how.templates.iter().find(|t| t.is_dir()) {
        Some(template) if user.is_some() => {
            // As the user itself, who may write where the copy is made: root is not to be led elsewhere.
            let args = ["-R", "-P", &template.display().to_string(), &how.staging.display().to_string()];
            let copy =
                Command { program: "/bin/cp".into(), args: args.map(str::to_owned).into(), ..Command::default() };
            run(&copy, Path::new("/"), user, Some(mark)).await?;
        }
        Some(template) => {
            let (from, to) = (template.clone(), how.staging.clone());
            let copied = tokio::task::spawn_blocking(move || copy_tree(&from, &to)).await;
            copied.unwrap_or_else(|e| Err(io::Error::other(e))).map_err(to_error)?;
        }
        None => {
            user::make_owned(&how.staging, user).map_err(to_error)?;
            for command in &how.commands {
                run(command, &how.staging, user, Some(mark)).await?;
            }
        }
    }
    for file in &how.files {
        write_file(file, user)?;
    }
    fs::rename(&how.staging, &how.target).map_err(|e| user::folder_error(&how.target, e))
}

/// Writes a file, mode 0600, at once or not at all, and not where it already says the same.
pub fn write_file(file: &ConfigFile, user: Option<User>) -> CommandResult<()> {
    if guarded::read(&file.path).is_some_and(|old| old == file.contents.as_bytes()) {
        return Ok(());
    }
    let write = || -> io::Result<()> {
        if let Some(parent) = file.path.parent().filter(|p| !p.is_dir()) {
            user::make_owned(parent, user)?;
        }
        guarded::write(&file.path, file.contents.as_bytes(), user)
    };
    write().map_err(|e| user::folder_error(&file.path, e))
}

fn prepare_command(command: &Command, folder: &Path, user: Option<User>, mark: Option<&str>) -> TokioCommand {
    let mut made = supervisor::command(&command.program, &command.args, &command.env, folder, user);
    if let Some(mark) = mark {
        made.env(MARK, mark);
    }
    let mut made = TokioCommand::from(made);
    made.kill_on_drop(true);
    made
}

async fn run(command: &Command, folder: &Path, user: Option<User>, mark: Option<&str>) -> CommandResult<()> {
    let mut made = prepare_command(command, folder, user, mark);
    made.stdin(if command.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
    let mut child = made.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|e| cannot_start(command, e))?;
    if let (Some(text), Some(mut stdin)) = (&command.stdin, child.stdin.take()) {
        // A program that stops reading says why by its exit code.
        let _ = stdin.write_all(text.as_bytes()).await;
    }
    let output = child.wait_with_output().await.map_err(|e| cannot_start(command, e))?;
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if !output.status.success() {
        return Err(failed(command, &output.status.to_string(), &said));
    }
    match command.fails_on.and_then(|text| said.lines().find(|line| line.contains(text))) {
        Some(line) => Err(failed(command, line, &said)),
        None => Ok(()),
    }
}

fn cannot_start(command: &Command, error: io::Error) -> CommandError {
    CommandError::new(ErrorKind::Environment, "spawn", format!("cannot start {}", command.program.display()))
        .because(error)
}

fn failed(command: &Command, why: &str, said: &str) -> CommandError {
    let lines: Vec<&str> = said.lines().collect();
    let last = lines[lines.len().saturating_sub(12)..].join("\n");
    if said.contains("No space left on device") {
        return super::cache::disk_full(&command.program, None, io::Error::other(last));
    }
    CommandError::new(ErrorKind::Failed, "preparation", format!("{} failed: {why}", command.program.display()))
        .because(io::Error::other(last))
}

fn free_ports() -> io::Result<BTreeMap<&'static str, u16>> {
    // All held until all are chosen, so that they differ.
    let held = PREPARATION_PORTS.map(|name| TcpListener::bind("127.0.0.1:0").map(|l| (name, l)));
    held.into_iter().map(|l| l.and_then(|(name, l)| Ok((name, l.local_addr()?.port())))).collect()
}

/// Copies a folder; the copy is writable by its owner, and nobody else may read it.
pub fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    let metadata = fs::symlink_metadata(from)?;
    if metadata.is_symlink() {
        return std::os::unix::fs::symlink(fs::read_link(from)?, to);
    }
    if metadata.is_dir() {
        fs::create_dir(to)?;
        fs::set_permissions(to, fs::Permissions::from_mode(0o700))?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy_tree(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    fs::copy(from, to)?;
    fs::set_permissions(to, fs::Permissions::from_mode((metadata.permissions().mode() & 0o700) | 0o600))
}

/// What a build needs of the environment to get to the network as everything else of this person does.
fn passed_on(variable: impl Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
    let own = ["HOME", "PATH", "TMPDIR", "GOPATH", "GOCACHE", "GOMODCACHE", "SSL_CERT_FILE", "SSL_CERT_DIR"];
    let go = ["GOPROXY", "GOPRIVATE", "GOINSECURE", "GONOPROXY", "GONOSUMDB"];
    let proxies = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY"];
    let keys = own.into_iter().chain(go).chain(proxies).map(str::to_owned);
    let keys = keys.chain(proxies.map(str::to_lowercase));
    keys.filter_map(|key| variable(&key).map(|value| (key, value))).collect()
}

/// Builds a program of the Go module proxy into `staging`. The module's files are checked against the
/// lock, and its own `go.sum` pins all that it needs, so no checksum server has to be asked.
pub async fn build_go(
    name: &str,
    module: &GoModule,
    go: &Path,
    mirrors: &Mirrors,
    staging: &Path,
) -> CommandResult<()> {
    let mut env = passed_on(|key| std::env::var(key).ok());
    let home = env.entry("HOME".into()).or_insert_with(|| staging.display().to_string()).clone();
    env.entry("GOPATH".into()).or_insert_with(|| format!("{home}/go"));
    for (key, value) in [("CGO_ENABLED", "0"), ("GOTOOLCHAIN", "local"), ("GOSUMDB", "off"), ("GOFLAGS", "-mod=mod")] {
        env.insert(key.into(), value.into());
    }
    if let Some(mirror) = &mirrors.goproxy {
        env.insert("GOPROXY".into(), mirror.clone());
    }
    let scratch = staging.with_extension("scratch");
    let to_error = |e| user::folder_error(&scratch, e);
    remove_all(&scratch).map_err(to_error)?;
    user::make_public(&scratch).map_err(to_error)?;
    let built = build_in(name, module, go, &env, staging, &scratch).await;
    let _ = remove_all(&scratch);
    built
}

async fn build_in(
    name: &str,
    module: &GoModule,
    go: &Path,
    env: &BTreeMap<String, String>,
    staging: &Path,
    scratch: &Path,
) -> CommandResult<()> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Downloaded {
        dir: Option<PathBuf>,
        sum: Option<String>,
        error: Option<String>,
    }
    let asked = format!("{}@{}", module.module, module.version);
    let unavailable = |why: String| {
        CommandError::new(ErrorKind::Remote, "package", format!("cannot fetch {name} ({asked})"))
            .because(io::Error::other(why))
            .hint(format!(
                "put a `{name}` on PATH, or set a mirror of the Go module proxy in `local.packageMirrors.goproxy`"
            ))
    };
    let output = TokioCommand::new(go)
        .args(["mod", "download", "-json", &asked])
        .env_clear()
        .envs(env)
        .current_dir(scratch)
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|e| unavailable(e.to_string()))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let downloaded: Downloaded = serde_json::from_slice(&output.stdout).map_err(|_| unavailable(said.clone()))?;
    let dir = downloaded.dir.ok_or_else(|| unavailable(downloaded.error.unwrap_or(said)))?;
    let sum = downloaded.sum.unwrap_or_default();
    if sum != module.sum {
        let message = format!("{asked} has the checksum {sum}, but {} is pinned", module.sum);
        return Err(CommandError::new(ErrorKind::Remote, "digest", message)
            .hint("the mirror of the Go module proxy serves something else; do not use it"));
    }
    let source = scratch.join("source");
    copy_tree(&dir, &source).map_err(|e| user::folder_error(&source, e))?;
    let mut env = env.clone();
    env.insert("GOFLAGS".into(), "-mod=readonly -trimpath".into());
    let program = staging.join(name);
    let args = ["build", "-ldflags", "-s -w", "-o", &program.to_string_lossy(), "."].map(str::to_owned);
    let build = Command { program: go.to_owned(), args: args.into(), env, ..Command::default() };
    run(&build, &source, None, None).await?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).map_err(|e| user::folder_error(&program, e))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::services::process::Versioned;

    fn shell(script: &str) -> Command {
        Command {
            program: "/bin/sh".into(),
            args: vec!["-c".into(), script.into()],
            env: BTreeMap::from([("PATH".into(), "/usr/bin:/bin".into())]),
            ..Command::default()
        }
    }

    #[tokio::test]
    async fn a_data_folder_is_made_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let mut how = Initialise {
            target: dir.path().join("data"),
            versioned: None,
            staging: dir.path().join("data.new"),
            templates: vec![dir.path().join("template")],
            commands: vec![shell("touch a"), shell("exit 1")],
            files: vec![ConfigFile { path: dir.path().join("data.new/conf"), contents: "c".into() }],
        };
        assert!(initialise(&how, None, "mark").await.is_err());
        assert!(!how.target.exists());
        how.commands.pop();
        initialise(&how, None, "mark").await.unwrap();
        assert!(how.target.join("a").exists() && how.target.join("conf").exists());
        // What is there is left alone.
        how.commands = vec![shell("exit 1")];
        initialise(&how, None, "mark").await.unwrap();
    }

    #[test]
    fn data_of_another_version_is_not_lost_from_sight() {
        let dir = tempfile::tempdir().unwrap();
        let of = Versioned { title: "PostgreSQL", package: "postgres", upgrade: "plattr db upgrade" };
        let mut how = Initialise {
            target: dir.path().join("17"),
            versioned: Some(of),
            staging: dir.path().join("17.new"),
            templates: Vec::new(),
            commands: Vec::new(),
            files: Vec::new(),
        };
        fs::create_dir(dir.path().join("16.new")).unwrap();
        check_versions(&how).unwrap();
        fs::create_dir(dir.path().join("16")).unwrap();
        let error = check_versions(&how).unwrap_err();
        assert_eq!((error.kind, error.code), (ErrorKind::Environment, "data-of-other-version"));
        assert!(error.message.contains("16") && error.message.contains("17"), "{}", error.message);
        assert_eq!(error.hints[0], "`plattr db upgrade` moves it to PostgreSQL 17");
        assert!(error.hints[1].contains("local.versions.postgres: \"16\""), "{:?}", error.hints);
        how.versioned = None;
        check_versions(&how).unwrap();
        how.versioned = Some(of);
        fs::create_dir(&how.target).unwrap();
        check_versions(&how).unwrap();
        // What an upgrade has not put aside yet does not serve again.
        fs::create_dir(dir.path().join("18")).unwrap();
        let error = check_versions(&how).unwrap_err();
        assert!(error.message.starts_with("the data is of PostgreSQL 18,"), "{}", error.message);
    }

    #[tokio::test]
    async fn a_template_takes_the_place_of_the_commands() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("template")).unwrap();
        fs::write(dir.path().join("template/filled"), "x").unwrap();
        let how = Initialise {
            target: dir.path().join("data"),
            versioned: None,
            staging: dir.path().join("data.new"),
            templates: vec![dir.path().join("missing"), dir.path().join("template")],
            commands: vec![shell("exit 1")],
            files: Vec::new(),
        };
        initialise(&how, None, "mark").await.unwrap();
        assert!(how.target.join("filled").exists());
        assert_eq!(fs::metadata(&how.target).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_build_gets_the_proxies_and_nothing_private() {
        let env = passed_on(|key| Some(format!("of {key}")));
        for key in ["https_proxy", "http_proxy", "no_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY", "GOPRIVATE"] {
            assert_eq!(env[key], format!("of {key}"));
        }
        assert!(!env.contains_key("AWS_SECRET_ACCESS_KEY"));
    }

    #[tokio::test]
    async fn root_has_a_template_copied_by_the_user_who_gets_it() {
        use std::os::unix::fs::{MetadataExt, chown};
        if !user::is_root() {
            return;
        }
        let user = User { uid: 54321, gid: 54321 };
        let dir = tempfile::tempdir().unwrap();
        let (template, theirs) = (dir.path().join("template"), dir.path().join("theirs"));
        for folder in [dir.path(), &template, &template.join("deep"), &theirs] {
            fs::create_dir_all(folder).unwrap();
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        }
        fs::write(template.join("deep/filled"), "x").unwrap();
        chown(&theirs, Some(user.uid), Some(user.gid)).unwrap();
        let how = Initialise {
            target: theirs.join("data"),
            versioned: None,
            staging: theirs.join("data.new"),
            templates: vec![template],
            commands: Vec::new(),
            files: vec![ConfigFile { path: theirs.join("data.new/conf"), contents: "c".into() }],
        };
        initialise(&how, Some(user), "mark").await.unwrap();
        for (name, mode) in [("", 0o700), ("deep", 0o700), ("deep/filled", 0o600), ("conf", 0o600)] {
            let metadata = fs::metadata(how.target.join(name)).unwrap();
            assert_eq!((metadata.uid(), metadata.mode() & 0o777), (user.uid, mode), "{name}");
        }
    }

    #[tokio::test]
    async fn output_that_means_failure_fails() {
        let dir = tempfile::tempdir().unwrap();
        let command = Command { fails_on: Some("ERROR"), ..shell("echo 'ERROR:  no such role' >&2") };
        let error = run(&command, dir.path(), None, None).await.unwrap_err();
        assert!(error.message.contains("no such role"));
    }
}
