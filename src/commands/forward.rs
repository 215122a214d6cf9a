//! `plattr forward`: ports of pods on this machine.

use std::sync::Arc;

use clap::Args;
use plattr_api::labels::LOCAL_NAMESPACE;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use crate::engines::kind::{self, record};
use crate::forward::health::{Event, File, Forward, Health, News};
use crate::forward::pods::{PodPort, Pods};
use crate::forward::target::{Local, Ports, Target};
use crate::forward::{self, Patience, Upstream as _};
use crate::interrupt;
use crate::project::Project;
use crate::project::model::EngineName;
use crate::stack::observe::OpenStack;
use crate::stack::open::open;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};

/// Events that may wait to be printed.
const QUEUE: usize = 256;

/// Make ports of pods in the cluster reachable on this machine
///
/// Listens on 127.0.0.1 until it is interrupted. A pod that is replaced is replaced here too: connections that are
/// open end with their pod, new ones go to the pod that is ready.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  Reach an application's port 8080, on the same port here:
    $ plattr forward app/todo 8080

  PostgreSQL on another port, by the port's name in the pod:
    $ plattr forward postgres 15432:sql

  Two ports of a Service, on free ports, for a script:
    $ plattr forward service/web :http :metrics -o json")]
pub struct ForwardArgs {
    /// `postgres` or another instance of a service, app/NAME, deployment/NAME, service/NAME or pod/NAME
    #[arg(value_name = "TARGET")]
    target: Target,
    /// Port of the pod, by number or name; `LOCAL:PORT` listens on another port here, `:PORT` on a free one
    #[arg(required = true, value_name = "[LOCAL:]PORT")]
    ports: Vec<Ports>,
    /// Look for the target in this namespace
    #[arg(short, long, value_name = "NAME", default_value = LOCAL_NAMESPACE)]
    namespace: String,
}

/// Runs the command.
///
/// # Errors
/// When there is no such target or port, or a local port is taken.
pub async fn run(ui: &Ui, globals: &Globals, args: ForwardArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json])?;
    let project = Project::find(globals.project.as_deref())?;
    let open = open(&project, None)?;
    check(&open, &args)?;
    // Ctrl-C is how it ends, not a failure.
    let _claim = interrupt::claim();
    tokio::select! {
        done = forward(ui, format, &open, args) => done,
        _ = interrupt::next() => Ok(()),
    }
}

/// What can be told without the cluster.
fn check(open: &OpenStack, args: &ForwardArgs) -> CommandResult {
    if open.engine.name() != EngineName::Kind.as_str() {
        let message =
            format!("there are no pods: the stack `{}` is on the {} engine", open.stack.name, open.engine.name());
        return Err(CommandError::new(ErrorKind::Environment, "no-pods", message)
            .hint("its services listen on this machine already: `plattr status` shows where"));
    }
    if let Target::Instance(id) = &args.target
        && args.namespace == LOCAL_NAMESPACE
    {
        let known: Vec<String> = open.instances().iter().map(crate::stack::Instance::id).collect();
        if !known.contains(id) {
            let message = format!("this stack has no service `{id}`");
            return Err(CommandError::new(ErrorKind::Usage, "unknown-service", message)
                .hint(format!("it has {}; of an application write `app/{id}`", known.join(", "))));
        }
    }
    Ok(())
}

async fn forward(ui: &Ui, format: Format, open: &OpenStack, args: ForwardArgs) -> CommandResult {
    let client = kind::client(&open.stack).await?;
    let pods = Arc::new(Pods::of(client, &args.namespace, args.target.clone()).await?);
    // All ports or none: a script that waits for the first line must find everything.
    let mut bound: Vec<(TcpListener, u16, Arc<PodPort>, Forward)> = Vec::new();
    for wanted in &args.ports {
        let number = pods.number(&wanted.port).await?;
        let same = wanted.port_here(number);
        let listener = forward::listen(same).await?;
        let upstream = Arc::new(PodPort::new(Arc::clone(&pods), &wanted.port));
        let local = listener.local_addr()?.port();
        let forward = Forward {
            target: args.target.to_string(),
            namespace: args.namespace.clone(),
            local,
            port: wanted.port.to_string(),
            pod: upstream.pod(),
            open: 0,
            total: 0,
            failed: 0,
            problem: None,
        };
        bound.push((listener, local, upstream, forward));
    }
    let mut file = File::create(&record::forwards(&open.stack.root))?;
    let (sender, mut events) = mpsc::channel(QUEUE);
    let changed = Arc::new(Notify::new());
    let mut healths = Vec::new();
    // Dropping it ends all of them.
    let mut serving = JoinSet::new();
    for (listener, _, upstream, forward) in bound {
        say_listening(ui, format, &forward)?;
        let health = Health::new(forward, Arc::clone(&changed), sender.clone());
        healths.push(Arc::clone(&health));
        serving.spawn(forward::serve(listener, upstream, health, Patience::default()));
    }
    let printing = async {
        while let Some(event) = events.recv().await {
            say(ui, format, &event)?;
        }
        Ok(())
    };
    tokio::try_join!(file.keep(&healths, &changed), printing).map(drop)
}

impl Ports {
    /// The port to listen on; `None` for any.
    fn port_here(&self, number: u16) -> Option<u16> {
        match self.local {
            Local::Same => Some(number),
            Local::Port(port) => Some(port),
            Local::Free => None,
        }
    }
}

fn say_listening(ui: &Ui, format: Format, forward: &Forward) -> CommandResult {
    let Forward { target, namespace, local, port, pod, .. } = forward;
    match format {
        Format::Json => ui.line(
            json!({ "event": "listening", "local": local, "target": target, "namespace": namespace, "port": port, "pod": pod })
                .to_string(),
        ),
        _ => {
            let to = pod.as_ref().map_or_else(|| "no pod is ready yet".to_owned(), |pod| format!("pod {pod}"));
            ui.say(format!("127.0.0.1:{local} -> {target} {port} ({to})"));
            Ok(())
        }
    }
}

fn say(ui: &Ui, format: Format, Event { local, news }: &Event) -> CommandResult {
    if format == Format::Json {
        return ui.line(
            match news {
                News::Pod(pod) => json!({ "event": "pod", "local": local, "pod": pod }),
                News::Failing(why) => json!({ "event": "failing", "local": local, "message": why }),
                News::Works => json!({ "event": "works", "local": local }),
            }
            .to_string(),
        );
    }
    match news {
        News::Pod(Some(pod)) => ui.say(format!("127.0.0.1:{local} -> pod {pod}")),
        News::Pod(None) => ui.say(format!("127.0.0.1:{local} -> no pod is ready")),
        News::Failing(why) => ui.warn(format!("127.0.0.1:{local}: {why}")),
        News::Works => ui.say(format!("127.0.0.1:{local} works again")),
    }
    Ok(())
}
