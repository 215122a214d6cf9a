//! Containers that do one thing and go, and commands in those that stay. Commands are lists of arguments; no shell
//! reads them.

use std::collections::{HashMap, VecDeque};
use std::path::{Component, Path};
use std::time::Duration;

use bollard::Docker;
use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, StartExecResults};
use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, ContainerSummaryStateEnum, HostConfig, Mount, MountType,
};
use bollard::query_parameters::{
    KillContainerOptions, ListContainersOptions, LogsOptions, RemoveContainerOptions, StartContainerOptions,
    WaitContainerOptions,
};
use futures::StreamExt;

use super::docker::{failed, found, status};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// The label of every container, volume and image that plattr makes.
pub const MANAGED_BY: &str = "platform.internal/managed-by";
/// Its value.
pub const PLATTR: &str = "plattr";
/// The label of containers that are removed once their command has ended.
pub const THROW_AWAY: &str = "platform.internal/throw-away";
/// The label with the home of the stack whose data a container serves.
const SERVES: &str = "platform.internal/serves";
/// Bytes.
const SHARED_MEMORY: i64 = 256 << 20;
/// A throw-away container that has ended and is that old was left by a plattr that was killed.
const LEFT_BEHIND: Duration = Duration::from_secs(3600);
/// How long a container may take to go once it was removed.
const GONE_WITHIN: Duration = Duration::from_secs(30);
/// How many lines of a command's output are kept.
const LINES: usize = 200;
/// Where [`delete_as_root`] sees the folder above.
const ABOVE: &str = "/plattr-above";

/// A command to run in a container of its own.
#[derive(Debug, Clone, Default)]
pub struct OneShot<'a> {
    /// Id or name of an image that the engine has.
    pub image: &'a str,
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// Variables.
    pub env: Vec<String>,
    /// Folders of this machine that must exist, and where the container sees them.
    pub mounts: Vec<(&'a Path, String)>,
    /// `uid:gid`; the image's own unless given.
    pub user: Option<String>,
    /// What it reaches besides itself.
    pub network: Network<'a>,
    /// The home of the stack whose data it serves, so that [`reclaim`] finds it.
    pub serves: Option<&'a Path>,
}

/// What a container reaches.
#[derive(Debug, Clone, Copy, Default)]
pub enum Network<'a> {
    /// Nothing but itself.
    #[default]
    None,
    /// What another container reaches, and that container itself, by the loopback interface of both.
    Of(&'a str),
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Its exit code.
    pub code: i64,
    /// The last lines of what it wrote to stdout and stderr.
    pub lines: Vec<String>,
}

impl Outcome {
    /// An error unless the command succeeded; `doing` says what it was for, as in "cannot {doing}".
    pub fn expect_success(&self, doing: &str) -> CommandResult {
        if self.code == 0 {
            return Ok(());
        }
        let mut error = CommandError::new(
            ErrorKind::Failed,
            "container-command",
            format!("cannot {doing}: the command ended with exit code {}", self.code),
        );
        if !self.lines.is_empty() {
            error = error.because(self.lines.join("\n"));
        }
        Err(error)
    }
}

/// What the engine knows of a container, if there is one of that name.
///
/// # Errors
/// When the engine does not answer.
pub async fn inspect(docker: &Docker, name: &str) -> CommandResult<Option<ContainerInspectResponse>> {
    found(docker.inspect_container(name, None).await).map_err(|e| failed(&format!("look at the container {name}"), e))
}

/// Removes a container, running or not, with its anonymous volumes. None is no error.
///
/// # Errors
/// When the engine cannot.
pub async fn remove(docker: &Docker, name: &str) -> CommandResult {
    let options = RemoveContainerOptions { force: true, v: true, ..Default::default() };
    match docker.remove_container(name, Some(options)).await {
        // 409: another plattr removes it just now.
        Err(error) if !matches!(status(&error), Some(404 | 409)) => {
            Err(failed(&format!("remove the container {name}"), error))
        }
        _ => Ok(()),
    }
}

/// Runs a command in a container of its own, which is then removed.
///
/// # Errors
/// When it cannot be run; a command that fails is no error here.
pub async fn run(docker: &Docker, shot: &OneShot<'_>) -> CommandResult<Outcome> {
    sweep(docker).await;
    let id = create(docker, shot, true).await?;
    let outcome = start_and_wait(docker, &id, shot.image).await;
    let removed = remove(docker, &id).await;
    let outcome = outcome?;
    removed?;
    Ok(outcome)
}

/// Makes a container without starting it, and returns its id.
///
/// # Errors
/// When it cannot be made.
pub async fn create(docker: &Docker, shot: &OneShot<'_>, has_entrypoint: bool) -> CommandResult<String> {
    let mounts = shot.mounts.iter().map(|(source, target)| Mount {
        typ: Some(MountType::BIND),
        source: Some(source.display().to_string()),
        target: Some(target.clone()),
        ..Default::default()
    });
    let (entrypoint, cmd) = match shot.argv.split_first() {
        Some((program, args)) if has_entrypoint => (Some(vec![program.clone()]), args.to_vec()),
        _ => (None, shot.argv.clone()),
    };
    let mut labels =
        HashMap::from([(MANAGED_BY.to_owned(), PLATTR.to_owned()), (THROW_AWAY.to_owned(), "true".to_owned())]);
    labels.extend(shot.serves.map(|home| (SERVES.to_owned(), home.display().to_string())));
    let body = ContainerCreateBody {
        image: Some(shot.image.to_owned()),
        entrypoint,
        cmd: Some(cmd),
        env: Some(shot.env.clone()),
        user: shot.user.clone(),
        labels: Some(labels),
        host_config: Some(HostConfig {
            mounts: Some(mounts.collect()),
            network_mode: Some(match shot.network {
                Network::None => "none".to_owned(),
                Network::Of(container) => format!("container:{container}"),
            }),
            // Servers share memory between their processes; 64 MB would be the engine's own choice.
            shm_size: shot.serves.map(|_| SHARED_MEMORY),
            // SELinux would keep the container out of the mounted folders.
            security_opt: (!shot.mounts.is_empty()).then(|| vec!["label=disable".to_owned()]),
            ..Default::default()
        }),
        ..Default::default()
    };
    let doing = format!("make a container of {}", shot.image);
    docker.create_container(None, body).await.map(|made| made.id).map_err(|e| failed(&doing, e))
}

async fn start_and_wait(docker: &Docker, id: &str, image: &str) -> CommandResult<Outcome> {
    start(docker, id, image).await?;
    ended(docker, id, image).await
}

/// Waits until a container has ended, and tells how.
///
/// # Errors
/// When the engine cannot tell.
pub async fn ended(docker: &Docker, id: &str, image: &str) -> CommandResult<Outcome> {
    let code = wait(docker, id, image).await?;
    Ok(Outcome { code, lines: said(docker, id, image).await? })
}

/// Starts a container that was made of `image`.
///
/// # Errors
/// When the engine cannot.
pub async fn start(docker: &Docker, id: &str, image: &str) -> CommandResult {
    let started = docker.start_container(id, None::<StartContainerOptions>).await;
    started.map_err(|error| failed(&format!("start a container of {image}"), error))
}

/// Waits until a container has ended; its exit code.
///
/// # Errors
/// When the engine cannot tell.
pub async fn wait(docker: &Docker, id: &str, image: &str) -> CommandResult<i64> {
    let doing = format!("wait for a container of {image}");
    let options = WaitContainerOptions { condition: "not-running".to_owned() };
    match std::pin::pin!(docker.wait_container(id, Some(options))).next().await {
        Some(Ok(ended)) => Ok(ended.status_code),
        // So bollard tells of a command that failed.
        Some(Err(bollard::errors::Error::DockerContainerWaitError { code, error })) if error.is_empty() => Ok(code),
        Some(Err(error)) => Err(failed(&doing, error)),
        None => Err(CommandError::new(ErrorKind::Environment, "docker", format!("cannot {doing}"))
            .because("the engine ended the connection without an answer")),
    }
}

/// The last lines that a container wrote.
///
/// # Errors
/// When the engine cannot tell.
pub async fn said(docker: &Docker, id: &str, image: &str) -> CommandResult<Vec<String>> {
    let options = LogsOptions { stdout: true, stderr: true, tail: LINES.to_string(), ..Default::default() };
    let lines = last_lines(docker.logs(id, Some(options))).await;
    lines.map_err(|e| failed(&format!("read what was written by a container of {image}"), e))
}

/// Sends a signal to the first process of a container; one that has ended is no error.
///
/// # Errors
/// When the engine cannot.
pub async fn signal(docker: &Docker, id: &str, signal: &str) -> CommandResult {
    let options = KillContainerOptions { signal: signal.to_owned() };
    match docker.kill_container(id, Some(options)).await {
        Err(error) if !matches!(status(&error), Some(404 | 409)) => {
            Err(failed(&format!("send {signal} to the container {id}"), error))
        }
        _ => Ok(()),
    }
}

/// Removes containers that serve the data of the stack with this home, whose plattr was killed: two servers on the same
/// data would destroy it. Whoever calls it has the stack's lock.
///
/// # Errors
/// When the engine cannot.
pub async fn reclaim(docker: &Docker, home: &Path) -> CommandResult {
    let label = format!("{SERVES}={}", home.display());
    let options = ListContainersOptions {
        all: true,
        filters: Some(HashMap::from([("label".to_owned(), vec![label])])),
        ..Default::default()
    };
    let left = docker.list_containers(Some(options)).await.map_err(|e| failed("list containers", e))?;
    for id in left.into_iter().filter_map(|container| container.id) {
        tracing::info!(id, "a container that a killed plattr has left is removed");
        // The engine may give up before a busy server has ended.
        let removed = remove(docker, &id).await;
        if !gone(docker, &id, GONE_WITHIN).await? {
            removed?;
            let message = format!("the container {id} does not go away, and it serves the data of this stack");
            return Err(CommandError::new(ErrorKind::Environment, "container-left", message)
                .hint(format!("`docker rm -f {id}` removes it")));
        }
    }
    Ok(())
}

/// Waits until a container that was removed is gone: somebody else may be removing it just now. Whether it went in time.
///
/// # Errors
/// When the engine does not answer.
pub async fn gone(docker: &Docker, name: &str, within: Duration) -> CommandResult<bool> {
    let deadline = tokio::time::Instant::now() + within;
    while inspect(docker, name).await?.is_some() {
        if tokio::time::Instant::now() > deadline {
            return Ok(false);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(true)
}

/// Runs a command in a container that runs.
///
/// # Errors
/// When it cannot be run; a command that fails is no error here.
pub async fn exec(docker: &Docker, container: &str, argv: &[&str], user: Option<&str>) -> CommandResult<Outcome> {
    let doing = || format!("run `{}` in the container {container}", argv.join(" "));
    let options = CreateExecOptions {
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(argv.to_vec()),
        user,
        ..Default::default()
    };
    let exec = docker.create_exec(container, options).await.map_err(|e| failed(&doing(), e))?;
    let lines = match docker.start_exec(&exec.id, None).await.map_err(|e| failed(&doing(), e))? {
        StartExecResults::Attached { output, .. } => last_lines(output).await.map_err(|e| failed(&doing(), e))?,
        StartExecResults::Detached => Vec::new(),
    };
    let ended = docker.inspect_exec(&exec.id).await.map_err(|e| failed(&doing(), e))?;
    Ok(Outcome { code: ended.exit_code.unwrap_or(-1), lines })
}

/// What a command in a container wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its exit code.
    pub code: i64,
    /// All of its standard output.
    pub stdout: Vec<u8>,
    /// The last lines of what it wrote to stderr.
    pub said: Vec<String>,
}

/// Runs a command in a container that runs, for what it writes.
///
/// # Errors
/// When it cannot be run; a command that fails is no error here.
pub async fn output(docker: &Docker, container: &str, argv: &[&str], env: &[&str]) -> CommandResult<Written> {
    // Not with its arguments, which may be long.
    let doing = || format!("run `{}` in the container {container}", argv.first().copied().unwrap_or_default());
    let options = CreateExecOptions {
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(argv.to_vec()),
        env: Some(env.to_vec()),
        ..Default::default()
    };
    let exec = docker.create_exec(container, options).await.map_err(|e| failed(&doing(), e))?;
    let (mut stdout, mut stderr) = (Vec::new(), Lines::default());
    if let StartExecResults::Attached { mut output, .. } =
        docker.start_exec(&exec.id, None).await.map_err(|e| failed(&doing(), e))?
    {
        while let Some(part) = output.next().await {
            match part.map_err(|e| failed(&doing(), e))? {
                LogOutput::StdErr { message } => stderr.add(&String::from_utf8_lossy(&message)),
                other => stdout.extend_from_slice(&other.into_bytes()),
            }
        }
    }
    let ended = docker.inspect_exec(&exec.id).await.map_err(|e| failed(&doing(), e))?;
    Ok(Written { code: ended.exit_code.unwrap_or(-1), stdout, said: stderr.whole() })
}

/// The last lines of what comes in parts: what is sent at once may be part of a line, or several.
#[derive(Default)]
struct Lines {
    whole: VecDeque<String>,
    open: String,
}

impl Lines {
    fn add(&mut self, part: &str) {
        self.open += part;
        while let Some((line, rest)) = self.open.split_once('\n') {
            let (line, rest) = (line.trim_end().to_owned(), rest.to_owned());
            self.keep(line);
            self.open = rest;
        }
    }

    fn keep(&mut self, line: String) {
        if self.whole.len() == LINES {
            self.whole.pop_front();
        }
        self.whole.push_back(line);
    }

    fn whole(mut self) -> Vec<String> {
        let last = std::mem::take(&mut self.open);
        if !last.is_empty() {
            self.keep(last.trim_end().to_owned());
        }
        self.whole.into()
    }
}

async fn last_lines(
    output: impl futures::Stream<Item = Result<LogOutput, bollard::errors::Error>>,
) -> Result<Vec<String>, bollard::errors::Error> {
    let (mut output, mut lines) = (std::pin::pin!(output), Lines::default());
    while let Some(part) = output.next().await {
        lines.add(&part?.to_string());
    }
    Ok(lines.whole())
}

/// Deletes what is in a folder of this machine, as root: containers write files that the person may not delete. The
/// folder itself stays. Of the image, only `find` is needed.
///
/// # Errors
/// When the folder cannot be emptied, or is not one that plattr would empty: relative, a link, or `/`.
pub async fn delete_as_root(docker: &Docker, image: &str, folder: &Path) -> CommandResult {
    let doing = format!("empty {}", folder.display());
    let refused = |why: &str| {
        CommandError::new(ErrorKind::Failed, "not-emptied", format!("cannot {doing}")).because(why.to_owned())
    };
    match std::fs::symlink_metadata(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(CommandError::io("look at", folder, error)),
        Ok(found) if !found.is_dir() => return Err(refused("it is no folder")),
        Ok(_) => {}
    }
    let plain = folder.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
    let (Some(above), Some(name)) = (folder.parent(), folder.file_name().and_then(|name| name.to_str())) else {
        return Err(refused("it has no folder above, or no plain name"));
    };
    if !folder.is_absolute() || !plain {
        return Err(refused("its path is not absolute and plain"));
    }
    let target = format!("{ABOVE}/{name}");
    let argv = ["find", &target, "-xdev", "-mindepth", "1", "-delete"].map(str::to_owned).to_vec();
    let mounts = vec![(above, ABOVE.to_owned())];
    let shot = OneShot { image, argv, mounts, user: Some("0:0".to_owned()), ..Default::default() };
    run(docker, &shot).await?.expect_success(&doing)
}

/// Removes throw-away containers that a killed plattr has left. What fails here will be tried again next time.
pub async fn sweep(docker: &Docker) {
    let options = ListContainersOptions {
        all: true,
        filters: Some(HashMap::from([("label".to_owned(), vec![format!("{THROW_AWAY}=true")])])),
        ..Default::default()
    };
    let Ok(containers) = docker.list_containers(Some(options)).await else { return };
    let now = jiff::Timestamp::now().as_second();
    for container in containers {
        // One that was made and not started is in use: data goes through it.
        let ended =
            matches!(container.state, Some(ContainerSummaryStateEnum::EXITED | ContainerSummaryStateEnum::DEAD));
        let age = now - container.created.unwrap_or(now);
        if ended
            && age > LEFT_BEHIND.as_secs().try_into().unwrap_or(i64::MAX)
            && let Some(id) = container.id
            && let Err(error) = remove(docker, &id).await
        {
            tracing::debug!(%error, id, "left behind");
        }
    }
}
