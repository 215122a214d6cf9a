//! What `plattr dev` says at the end, and what `--dry-run` says instead.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::engines::{Condition, Observed};
use crate::project::Project;
use crate::services::Provision;
use crate::stack::apply::Applied;
use crate::stack::observe::{OpenStack, Scoped};
use crate::stack::open::variables_file;
use crate::stack::plan::{ActionKind, Plan};
use crate::stack::ports::Conflict;
use crate::stack::verify::Verified;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::Format;
use crate::ui::table::Table;

/// The result of a run. The JSON form is stable.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    stack: String,
    engine: &'static str,
    services: Vec<ServiceReport>,
    /// What provisioning changed.
    changes: Vec<String>,
    /// Checks that were made; empty when nothing had changed since the last ones.
    checks: Vec<Verified>,
    /// The file with the variables, by application.
    env_files: BTreeMap<String, PathBuf>,
    seconds: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ServiceReport {
    name: String,
    title: &'static str,
    version: String,
    action: ActionKind,
    urls: BTreeMap<&'static str, String>,
}

impl Report {
    /// What a run has come to. `observed` is how everything is at its end.
    pub fn new(
        open: &OpenStack,
        project: &Project,
        plan: &Plan,
        observed: Vec<Observed>,
        applied: Applied,
        checks: Vec<Verified>,
        took: Duration,
    ) -> Self {
        let versions: BTreeMap<String, String> = observed
            .into_iter()
            .filter_map(|observed| match observed.condition {
                Condition::Running { version, .. } => Some((observed.id, version)),
                Condition::Died { .. } | Condition::Stopped => None,
            })
            .collect();
        let services = open
            .instances()
            .iter()
            .filter_map(|instance| {
                let id = instance.id();
                let action = plan.0.iter().find(|action| action.instance == id)?;
                let started = applied.started.contains(&id) && action.kind == ActionKind::Keep;
                Some(ServiceReport {
                    title: instance.service.title(),
                    version: versions.get(&id).cloned().unwrap_or_default(),
                    action: if started { ActionKind::Restart } else { action.kind },
                    urls: open.urls(instance),
                    name: id,
                })
            })
            .collect();
        let env_files =
            project.apps.iter().map(|app| (app.name.to_string(), variables_file(&app.root, &app.name))).collect();
        Self {
            stack: open.stack.name.clone(),
            engine: open.engine.name(),
            services,
            changes: applied.changes,
            checks,
            env_files,
            seconds: took.as_secs_f64(),
        }
    }

    /// How many checks failed.
    fn failed(&self) -> usize {
        self.checks.iter().filter(|check| !check.passed).count()
    }

    /// The end of the run: an error if a check failed.
    pub fn into_result(self) -> CommandResult {
        match self.failed() {
            0 => Ok(()),
            failed => {
                Err(CommandError::new(ErrorKind::Failed, "verify-failed", format!("{failed} of the checks failed"))
                    .hint("`plattr verify` repeats them; `plattr logs` shows what the services say"))
            }
        }
    }

    /// Says which checks failed.
    pub fn warn_of_failures(&self, ui: &Ui) {
        for check in self.checks.iter().filter(|check| !check.passed) {
            ui.warn(format!("{} {}: {}", check.service, check.check, check.detail));
            if let Some(hint) = &check.hint {
                ui.say(format!("  hint: {hint}"));
            }
        }
    }

    pub fn print(&self, ui: &Ui, format: Format) -> CommandResult {
        if format != Format::Text {
            return ui.value(format, self);
        }
        self.warn_of_failures(ui);
        let mut table = Table::new(["SERVICE", "VERSION", "URL"]);
        for service in &self.services {
            for (position, url) in service.urls.values().enumerate() {
                let (name, version) =
                    if position == 0 { (service.name.as_str(), service.version.as_str()) } else { ("", "") };
                table.row([name.to_owned(), version.to_owned(), url.clone()]);
            }
        }
        ui.out(table.render(ui.style()))?;
        if self.failed() == 0 {
            let unchanged = self.services.iter().all(|s| s.action == ActionKind::Keep) && self.changes.is_empty();
            let done = if unchanged { "as it should be, nothing to do" } else { "ready" };
            ui.say(format!("{}: {done} ({:.1}s)", self.stack, self.seconds));
            for file in self.env_files.values() {
                let shown = std::env::current_dir().ok().and_then(|here| file.strip_prefix(here).ok()).unwrap_or(file);
                ui.say(format!("variables: source {}", shown.display()));
            }
        }
        Ok(())
    }
}

/// What would be done.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DryRun {
    stack: String,
    engine: &'static str,
    hash: String,
    actions: Plan,
    ports: BTreeMap<String, u16>,
    ports_taken: Vec<String>,
    /// Changes that provisioning would make to services that run as wanted; those of others show once they do.
    changes: Vec<String>,
}

impl DryRun {
    pub async fn new(open: &OpenStack, scope: &Scoped, plan: Plan, conflicts: Vec<Conflict>) -> CommandResult<Self> {
        let kept = |id: &str| plan.0.iter().any(|action| action.instance == id && action.kind == ActionKind::Keep);
        let mut changes = Vec::new();
        for instance in open.instances().iter().filter(|i| scope.contains(i) && kept(&i.id())) {
            let provisioned = instance.service.provision(open.context(instance), Provision::Plan).await?;
            changes.extend(provisioned.changes.iter().map(|change| format!("{}: {change}", instance.id())));
        }
        Ok(Self {
            stack: open.stack.name.clone(),
            engine: open.engine.name(),
            hash: plan.hash(),
            actions: plan,
            ports: open.state.ports.0.clone(),
            ports_taken: conflicts.iter().map(super::ports::described).collect(),
            changes,
        })
    }

    pub fn print(&self, ui: &Ui, format: Format) -> CommandResult {
        if format != Format::Text {
            return ui.value(format, self);
        }
        ui.line(format!("plan {} for the stack `{}` on the {} engine", self.hash, self.stack, self.engine))?;
        for action in &self.actions.0 {
            ui.line(format!("  {action}"))?;
        }
        for change in &self.changes {
            ui.line(format!("  provision {change}"))?;
        }
        for taken in &self.ports_taken {
            ui.line(format!("  {taken}"))?;
        }
        Ok(())
    }
}
