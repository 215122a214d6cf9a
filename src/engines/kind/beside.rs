//! Work beside an instance that does not run: on its data, by containers of their own that nothing else reaches.

use std::path::PathBuf;
use std::time::Duration;

use bollard::Docker;

use super::KindEngine;
use super::containers::{self, Network, OneShot, Written};
use super::images;
use super::lock::ImageRef;
use crate::stack::Stack;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

/// Where the containers see the data of the instance.
pub const DATA: &str = "/data";
/// How long a server may take to write everything to the disk when it is told to end.
const PATIENCE: Duration = Duration::from_secs(600);

/// A server to run.
pub struct Server {
    /// Its image.
    pub image: ImageRef,
    /// Its user, and the group.
    pub user: (i64, i64),
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// Variables.
    pub env: Vec<String>,
}

/// Servers that run. They share a network that has nothing but a loopback interface.
pub struct Beside<'e> {
    docker: &'e Docker,
    /// Containers, each with the name of its image.
    running: Vec<(String, String)>,
}

impl KindEngine {
    /// Makes sure that the local engine has an image.
    ///
    /// # Errors
    /// When it cannot be pulled.
    pub async fn have(&self, image: &ImageRef, task: &dyn Task) -> CommandResult<String> {
        images::ensure_local(&self.host().await?.client, image, &self.config.mirrors, task).await
    }

    /// Starts servers on the data of the instance `id`, which does not run. What a killed run has left is removed first.
    /// Each answers when it does: that is for the caller to wait for.
    ///
    /// # Errors
    /// When an image cannot be had or a container cannot be made.
    pub async fn beside(
        &self,
        stack: &Stack,
        id: &str,
        servers: &[Server],
        task: &dyn Task,
    ) -> CommandResult<Beside<'_>> {
        let docker = &self.host().await?.client;
        if self.running_cluster(stack).await?.is_some() {
            return Err(CommandError::new(
                ErrorKind::Failed,
                "still-running",
                format!("{id} may run, for its cluster does"),
            )
            .hint("`plattr stop` stops it"));
        }
        containers::reclaim(docker, &stack.home).await?;
        let mut beside = Beside { docker, running: Vec::new() };
        for server in servers {
            if let Err(error) = self.begin(&mut beside, stack, id, server, task).await {
                beside.remove().await;
                return Err(error);
            }
        }
        Ok(beside)
    }

    async fn begin(
        &self,
        beside: &mut Beside<'_>,
        stack: &Stack,
        id: &str,
        server: &Server,
        task: &dyn Task,
    ) -> CommandResult {
        let image = self.have(&server.image, task).await?;
        let data = data(stack, id);
        let first = beside.running.first().map(|(container, _)| container.clone());
        let shot = OneShot {
            image: &image,
            argv: server.argv.clone(),
            env: server.env.clone(),
            mounts: vec![(&data, DATA.to_owned())],
            user: Some(format!("{}:{}", server.user.0, server.user.1)),
            network: first.as_deref().map_or(Network::None, Network::Of),
            serves: Some(&stack.home),
        };
        let container = containers::create(beside.docker, &shot, true).await?;
        beside.running.push((container.clone(), server.image.name.clone()));
        containers::start(beside.docker, &container, &server.image.name).await
    }

    /// The folders of the data of an instance, by their names. What a killed run does to them ends first.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn folders(&self, stack: &Stack, id: &str, task: &dyn Task) -> CommandResult<Vec<String>> {
        // A restore that was killed may have put them aside.
        super::data::settle_in(&stack.home)?;
        let data = data(stack, id);
        match std::fs::symlink_metadata(&data) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(CommandError::io("look at", &data, error)),
            Ok(_) => {}
        }
        self.reclaim(stack).await?;
        let list = ["find", DATA, "-mindepth", "1", "-maxdepth", "1", "-type", "d", "-printf", "%f\n"];
        self.on_data(stack, id, &list, "list", task).await
    }

    /// Runs a command on the data of an instance, as root, in the image of the nodes; its lines. `doing` says what it is
    /// for, as in "cannot {doing} the data".
    ///
    /// # Errors
    /// When it fails.
    pub async fn on_data(
        &self,
        stack: &Stack,
        id: &str,
        argv: &[&str],
        doing: &str,
        task: &dyn Task,
    ) -> CommandResult<Vec<String>> {
        let data = data(stack, id);
        let image = self.node_image(task).await?;
        let shot = OneShot {
            image: &image,
            argv: argv.iter().map(|arg| (*arg).to_owned()).collect(),
            mounts: vec![(&data, DATA.to_owned())],
            user: Some("0:0".to_owned()),
            serves: Some(&stack.home),
            ..OneShot::default()
        };
        let _serving = self.serving.lock().await;
        let done = containers::run(&self.host().await?.client, &shot).await?;
        done.expect_success(&format!("{doing} {}", data.display()))?;
        Ok(done.lines)
    }
}

fn data(stack: &Stack, id: &str) -> PathBuf {
    stack.home.join("data").join(id)
}

impl Beside<'_> {
    /// Runs a command in the container of a server.
    ///
    /// # Errors
    /// When it cannot be run; a command that fails is no error here.
    pub async fn output(&self, server: usize, argv: &[&str], env: &[&str]) -> CommandResult<Written> {
        containers::output(self.docker, self.container(server).0, argv, env).await
    }

    /// An error where a server has ended, with its last words.
    ///
    /// # Errors
    /// Then, and when the engine cannot tell.
    pub async fn still_runs(&self, server: usize) -> CommandResult {
        let (container, image) = self.container(server);
        let seen = containers::inspect(self.docker, container).await?.and_then(|container| container.state);
        if seen.and_then(|state| state.running).unwrap_or_default() {
            return Ok(());
        }
        let said = containers::said(self.docker, container, image).await?;
        Err(CommandError::new(ErrorKind::Failed, "server-ended", format!("the server of {image} ended"))
            .because(said[said.len().saturating_sub(12)..].join("\n")))
    }

    fn container(&self, server: usize) -> (&str, &str) {
        self.running.get(server).map_or(("", ""), |(container, image)| (container, image))
    }

    /// Ends the servers by SIGINT, and waits until they have written everything.
    ///
    /// # Errors
    /// When one does not end as it should.
    pub async fn end(self) -> CommandResult {
        let ended = async {
            // The network is that of the first.
            for (container, image) in self.running.iter().rev() {
                containers::signal(self.docker, container, "SIGINT").await?;
                let failed = |why: String| {
                    CommandError::new(ErrorKind::Failed, "server-ended", format!("the server of {image} did not end"))
                        .because(why)
                };
                match tokio::time::timeout(PATIENCE, containers::wait(self.docker, container, image)).await {
                    Ok(Ok(0)) => {}
                    Ok(Ok(code)) => return Err(failed(format!("exit code {code}"))),
                    Ok(Err(error)) => return Err(error),
                    Err(_) => return Err(failed(format!("within {} s", PATIENCE.as_secs()))),
                }
            }
            Ok(())
        };
        let ended = ended.await;
        self.remove().await;
        ended
    }

    /// Removes the containers, whatever they do. What stays is removed by whoever runs the stack next.
    pub async fn remove(self) {
        for (container, _) in self.running.iter().rev() {
            if let Err(error) = containers::remove(self.docker, container).await {
                tracing::warn!(%error, "a container stays for now");
            }
        }
    }
}
