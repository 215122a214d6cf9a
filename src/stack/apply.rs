//! Brings instances up, side by side as far as what they need allows, each through the same steps: start →
//! wait until it answers → provision. Every step may be repeated, so a run that was killed is simply run
//! again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use backon::{ExponentialBuilder, Retryable as _};
use futures::future::join_all;
use tokio::sync::watch;

use super::observe::OpenStack;
use super::plan::{ActionKind, Plan};
use super::ports::is_free;
use super::registry::Holder;
use super::stop::stop;
use super::{Facts, Instance};
use crate::engines::Condition;
use crate::services::{Context, Provision, Provisioned};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::{Progress, Task};
use crate::ui::units::counted;

/// How long a service may take until it answers. The slowest needs half a minute on two quiet cores.
const READY_WITHIN: Duration = Duration::from_secs(300);
/// How long a service that already runs may take to answer before it counts as hung.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// What was done.
#[derive(Debug, Default)]
pub struct Applied {
    /// Ids of the instances that were started or restarted.
    pub started: Vec<String>,
    /// What provisioning changed, one line each: `postgres: create role "todo_app"`.
    pub changes: Vec<String>,
    /// What deserves attention.
    pub notes: Vec<String>,
    /// What provisioning told.
    pub facts: Facts,
}

/// What one instance tells those that wait for it.
#[derive(Clone)]
enum Readiness {
    Pending,
    /// It ran before and answers. What it has for the applications is still being looked at.
    Answers,
    Ready(Facts),
    Failed,
}

/// Carries out a plan.
///
/// # Errors
/// The first failure; what others do not need is brought up all the same.
pub async fn apply(open: &OpenStack, plan: &Plan, progress: &dyn Progress) -> CommandResult<Applied> {
    let actions: BTreeMap<&str, ActionKind> = plan.0.iter().map(|a| (a.instance.as_str(), a.kind)).collect();
    let unwanted = actions.iter().filter(|(_, kind)| **kind == ActionKind::Stop).map(|(id, _)| (*id).to_owned());
    stop(open, &unwanted.collect(), progress).await?;

    let instances: Vec<(Instance, ActionKind)> = open
        .instances()
        .into_iter()
        .filter_map(|instance| actions.get(instance.id().as_str()).map(|kind| (instance, *kind)))
        .collect();
    let ready: BTreeMap<String, watch::Sender<Readiness>> =
        instances.iter().map(|(instance, _)| (instance.id(), watch::Sender::new(Readiness::Pending))).collect();

    // The ground is made while packages and images are still on their way.
    let ground = watch::Sender::new(Readiness::Pending);
    let lay = async {
        let laid = open.engine.ground(&open.stack, &open.state.ports, progress).await;
        ground.send_replace(if laid.is_ok() { Readiness::Ready(Facts::new()) } else { Readiness::Failed });
        laid
    };
    let bring_up = join_all(instances.iter().map(|(instance, kind)| async {
        let result = bring_up(open, instance, *kind, &ground, &ready, progress).await;
        if let Some(sender) = ready.get(&instance.id()) {
            sender.send_replace(match &result {
                Ok(Some(up)) => Readiness::Ready(up.facts.clone()),
                Ok(None) | Err(_) => Readiness::Failed,
            });
        }
        result
    }));
    let (laid, results) = futures::join!(lay, bring_up);

    let mut applied = Applied { facts: open.state.facts.clone(), ..Applied::default() };
    let mut errors: Vec<CommandError> = laid.err().into_iter().collect();
    for ((instance, _), result) in instances.iter().zip(results) {
        match result {
            Ok(Some(up)) => {
                let id = instance.id();
                applied.changes.extend(up.changes.iter().map(|change| format!("{id}: {change}")));
                applied.notes.extend(up.notes.iter().map(|note| format!("{id}: {note}")));
                applied.facts.extend(up.facts);
                if up.started {
                    applied.started.push(id);
                }
            }
            Ok(None) => {}
            Err(error) => errors.push(error),
        }
    }
    // What several wait for fails each of them with the same words.
    let mut said = BTreeSet::new();
    errors.retain(|error| said.insert(error.message.clone()));
    match errors.into_iter().reduce(|first, other| first.hint(format!("also: {other}"))) {
        Some(error) => Err(error),
        None => Ok(applied),
    }
}

struct Up {
    started: bool,
    changes: Vec<String>,
    notes: Vec<String>,
    facts: Facts,
}

/// Brings one instance up; `None` when something that it needs failed, which is reported there.
async fn bring_up(
    open: &OpenStack,
    instance: &Instance,
    planned: ActionKind,
    ground: &watch::Sender<Readiness>,
    ready: &BTreeMap<String, watch::Sender<Readiness>>,
    progress: &dyn Progress,
) -> CommandResult<Option<Up>> {
    let id = instance.id();
    let task = progress.task(&id);
    let prepare = async {
        match planned {
            ActionKind::Keep | ActionKind::Stop => Ok(()),
            ActionKind::Start | ActionKind::Restart => {
                open.engine.prepare(instance, open.context(instance), task.as_ref()).await
            }
        }
    };
    let is_laid = || async { matches!(settled(ground).await, Readiness::Ready(_)) };
    // What is to be kept stands on the ground already.
    let laid = async { planned == ActionKind::Keep || is_laid().await };
    let (laid, prepared) = futures::join!(laid, prepare);
    if let Err(error) = prepared {
        task.failed(&error.message);
        return Err(error);
    }
    if !laid {
        task.failed("not started");
        return Ok(None);
    }
    let waits = instance.service.needs().iter().chain(instance.service.after()).any(|need| ready.contains_key(*need));
    let fetch = async {
        if waits && matches!(planned, ActionKind::Start | ActionKind::Restart) {
            open.engine.fetch(instance, open.context(instance)).await;
        }
    };
    let (facts, ()) = futures::join!(wait_for_needs(open, instance, planned, ready, task.as_ref()), fetch);
    let Some(mut facts) = facts else { return Ok(None) };
    let mut planned = planned;
    if planned == ActionKind::Keep {
        if is_kept(open, instance, Context { facts: &facts, ..open.context(instance) }).await? {
            ready.get(&id).map(|own| own.send_replace(Readiness::Answers));
        } else {
            // For a new start all that it needs has to be ready.
            planned = ActionKind::Restart;
            if !is_laid().await {
                task.failed("not started");
                return Ok(None);
            }
            let Some(all) = wait_for_needs(open, instance, planned, ready, task.as_ref()).await else {
                return Ok(None);
            };
            facts = all;
        }
    }
    let cx = Context { facts: &facts, ..open.context(instance) };
    let up = start_and_provision(open, instance, planned, cx, task.as_ref()).await;
    match &up {
        Ok(up) if !up.started && !up.changes.is_empty() => {
            task.done(&format!("ready, {}", counted(up.changes.len(), "change")));
        }
        Ok(_) => task.done("ready"),
        Err(error) => task.failed(&error.message),
    }
    up.map(Some)
}

/// How it ended.
async fn settled(readiness: &watch::Sender<Readiness>) -> Readiness {
    let mut receiver = readiness.subscribe();
    let settled = receiver.wait_for(|r| !matches!(r, Readiness::Pending)).await;
    // Its sender is here, so it is not gone.
    settled.map_or(Readiness::Failed, |settled| settled.clone())
}

/// The facts of everything that an instance needs, as soon as all of it is ready; `None` if some failed. To look at
/// one that is kept, it is enough that what it needs answers.
async fn wait_for_needs(
    open: &OpenStack,
    instance: &Instance,
    planned: ActionKind,
    ready: &BTreeMap<String, watch::Sender<Readiness>>,
    task: &dyn Task,
) -> Option<Facts> {
    let mut facts = open.state.facts.clone();
    for need in instance.service.needs().iter().chain(instance.service.after()) {
        // One that this run is not about either runs already, or was left out together with what needs it.
        let Some(sender) = ready.get(*need) else { continue };
        let mut receiver = sender.subscribe();
        let is_kept = planned == ActionKind::Keep && instance.service.needs().contains(need);
        let is_settled = |readiness: &Readiness| match readiness {
            Readiness::Pending => false,
            Readiness::Answers => is_kept,
            Readiness::Ready(_) | Readiness::Failed => true,
        };
        if !is_settled(&receiver.borrow()) {
            task.doing(&format!("waiting for {need}"));
        }
        let readiness = receiver.wait_for(is_settled).await.ok()?.clone();
        match readiness {
            Readiness::Answers => {}
            Readiness::Ready(told) => facts.extend(told),
            Readiness::Pending | Readiness::Failed => {
                task.failed(&format!("not started: it needs {need}"));
                return None;
            }
        }
    }
    Some(facts)
}

/// Whether an instance runs as it is wanted, and answers.
async fn is_kept(open: &OpenStack, instance: &Instance, cx: Context<'_>) -> CommandResult<bool> {
    // What it needs may have told something new since the plan was made.
    let as_planned =
        open.engine.desired_hash(instance, cx)? == open.engine.desired_hash(instance, open.context(instance))?;
    Ok(as_planned && answers(open, instance, cx).await)
}

async fn start_and_provision(
    open: &OpenStack,
    instance: &Instance,
    planned: ActionKind,
    cx: Context<'_>,
    task: &dyn Task,
) -> CommandResult<Up> {
    let id = instance.id();
    let started = planned != ActionKind::Keep;
    if started {
        if planned != ActionKind::Start {
            task.doing("stopping");
            open.engine.stop(&open.stack, &id, task).await?;
        }
        task.doing("starting");
        open.engine.start(instance, cx, task).await?;
        task.doing("waiting until it answers");
        wait_until_ready(open, instance, cx, READY_WITHIN).await?;
        task.doing("provisioning");
    }
    let provisioned = provision(instance, cx, task).await?;
    Ok(Up { started, changes: provisioned.changes, notes: provisioned.notes, facts: provisioned.facts })
}

/// Provisions, and tries again a few times (C-10): a service whose database was restarted under it refuses for
/// a moment. Everything in it may be repeated.
async fn provision(instance: &Instance, cx: Context<'_>, task: &dyn Task) -> CommandResult<Provisioned> {
    let pauses = ExponentialBuilder::default().with_min_delay(Duration::from_millis(500)).with_max_times(3);
    (|| instance.service.provision(cx, Provision::Apply))
        .retry(pauses)
        .notify(|error, _| {
            tracing::warn!(%error, source = ?error.source, "provisioning is tried again");
            task.doing("provisioning again");
        })
        .await
}

/// Whether an instance that ran a moment ago answers. Where it does at once, its engine is not asked again.
async fn answers(open: &OpenStack, instance: &Instance, cx: Context<'_>) -> bool {
    let at_once = instance.service.probe(cx).check().await.is_ok() && answered_itself(open, instance).is_ok();
    at_once || wait_until_ready(open, instance, cx, ANSWERS_WITHIN).await.is_ok()
}

/// Waits until an instance answers; ends early when it died.
async fn wait_until_ready(open: &OpenStack, instance: &Instance, cx: Context<'_>, within: Duration) -> CommandResult {
    let probe = instance.service.probe(cx);
    let deadline = Instant::now() + within;
    let mut pause = Duration::from_millis(10);
    loop {
        let answer = probe.check().await;
        let observed = open.engine.observe(&open.stack, &[instance.id()]).await?;
        let condition = observed.into_iter().find(|o| o.id == instance.id()).map(|o| o.condition);
        let title = instance.service.title();
        let logs = format!("plattr logs {} --tail 50", instance.id());
        if let Some(Condition::Died { reason }) = condition {
            // A port that was taken between planning and starting is the likely reason, and whoever has it is still there.
            if let Some(port) = taken(open, instance) {
                return Err(stolen(instance, port).because(reason));
            }
            return Err(CommandError::new(
                ErrorKind::Failed,
                "service-died",
                format!("{title} stopped before it answered"),
            )
            .because(reason)
            .hint(format!("`{logs}` shows what it said")));
        }
        let Err(not_ready) = answer else { return answered_itself(open, instance) };
        if Instant::now() > deadline {
            let hindrance = open.engine.hindrance(&open.stack, &instance.id()).await;
            let what = if hindrance.is_some() { "does not run yet, and" } else { "runs but" };
            let message = format!("{title} {what} did not answer within {} s", within.as_secs());
            return Err(CommandError::new(ErrorKind::Failed, "service-not-ready", message)
                .because(hindrance.unwrap_or(not_ready.0))
                .hint(format!("`{logs}` shows what it said")));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(Duration::from_millis(150));
    }
}

/// Whoever answers must be the process that was started: a stranger may have taken its port.
fn answered_itself(open: &OpenStack, instance: &Instance) -> CommandResult {
    let id = instance.id();
    let Some(port) = instance.service.endpoints().first().map(|e| open.state.ports.get(&id, e.name)) else {
        return Ok(());
    };
    if open.engine.owns_port(&open.stack, &id, port) != Some(false) {
        return Ok(());
    }
    Err(stolen(instance, port))
}

/// The port of an instance that does not run, if a stranger has one.
fn taken(open: &OpenStack, instance: &Instance) -> Option<u16> {
    let id = instance.id();
    let mut ports = instance.service.endpoints().iter().map(|e| open.state.ports.get(&id, e.name));
    ports.find(|port| !is_free(*port) && open.engine.owns_port(&open.stack, &id, *port) != Some(true))
}

fn stolen(instance: &Instance, port: u16) -> CommandError {
    let title = instance.service.title();
    let message = format!("port {port}, which was chosen for {title}, was taken by {}", Holder::of(port));
    CommandError::new(ErrorKind::Environment, "port-stolen", message)
        .hint("run `plattr dev` again: it finds another port")
}
