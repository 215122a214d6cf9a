//! What there is: the stack as its state and its engine show it.

use std::collections::BTreeSet;

use plattr_api::Variables;
use plattr_api::variables::in_contract_order;

use super::state::State;
use super::{App, Instance, Stack, plan};
use crate::engines::{Condition, Engine, Observed};
use crate::project::Project;
use crate::services::{self, Context, Scope};
use crate::ui::error::CommandResult;

/// A stack with all that is known of it.
pub struct OpenStack {
    /// What it is.
    pub stack: Stack,
    /// What is remembered of it.
    pub state: State,
    /// Where it runs.
    pub engine: Box<dyn Engine>,
}

impl OpenStack {
    /// Everything that the applications ask for, in the order in which people read it.
    pub fn instances(&self) -> Vec<Instance> {
        instances(&self.stack)
    }

    /// What a service is told about where it runs.
    pub fn context<'a>(&'a self, instance: &'a Instance) -> Context<'a> {
        Context {
            stack: &self.stack,
            app: instance.app.as_ref().and_then(|name| self.stack.apps.get(name)),
            ports: &self.state.ports,
            facts: &self.state.facts,
        }
    }

    /// What its engine sees: everything that is wanted, then what is not and runs all the same. Memory may be left out.
    ///
    /// # Errors
    /// When the engine cannot be asked.
    pub async fn observe(&self) -> CommandResult<Vec<Observed>> {
        self.survey(false).await
    }

    /// As [`OpenStack::observe`], with the memory that is used.
    ///
    /// # Errors
    /// When the engine cannot be asked.
    pub async fn measure(&self) -> CommandResult<Vec<Observed>> {
        self.survey(true).await
    }

    async fn survey(&self, with_memory: bool) -> CommandResult<Vec<Observed>> {
        let ids: Vec<String> = self.instances().iter().map(Instance::id).collect();
        self.engine.survey(&self.stack, &ids, with_memory).await
    }

    /// How everything is to run, for [`plan::plan`].
    ///
    /// # Errors
    /// When the engine cannot run an instance on this machine at all.
    pub fn wanted(&self, scope: &Scoped) -> CommandResult<Vec<plan::Wanted>> {
        self.instances()
            .iter()
            .map(|instance| {
                Ok(plan::Wanted {
                    id: instance.id(),
                    hash: self.engine.desired_hash(instance, self.context(instance))?,
                    in_scope: scope.contains(instance),
                })
            })
            .collect()
    }

    /// As [`OpenStack::wanted`]; where the ground is replaced under what runs, the run is about that too.
    ///
    /// # Errors
    /// When the engine cannot run an instance on this machine at all.
    pub fn wanted_now(&self, scope: &Scoped, observed: &[Observed]) -> CommandResult<Vec<plan::Wanted>> {
        let mut wanted = self.wanted(scope)?;
        if self.engine.replaces_ground(&self.stack, &self.state.ports)? {
            let running = running(observed);
            for wanted in wanted.iter_mut().filter(|wanted| running.contains(&wanted.id)) {
                wanted.in_scope = true;
                // Whatever it is, it does not keep running where the ground is taken away.
                wanted.hash.push_str(" on other ground");
            }
        }
        Ok(wanted)
    }

    /// Identifies what `scope` covers as it is wanted: every process and everything that is provisioned.
    ///
    /// # Errors
    /// When the engine cannot run an instance on this machine at all.
    pub fn identity(&self, scope: &Scoped) -> CommandResult<String> {
        let wanted: Vec<(String, String)> =
            self.wanted(scope)?.into_iter().filter(|w| w.in_scope).map(|w| (w.id, w.hash)).collect();
        let text = serde_json::json!({ "wanted": wanted, "apps": self.stack.apps }).to_string();
        Ok(crate::digest::short(text, 8))
    }

    /// The variables of an application: what its services give, then its own.
    pub fn variables(&self, app: &App) -> Variables {
        let mut variables = Variables::new();
        for instance in self.instances() {
            if instance.app.as_ref().is_none_or(|owner| *owner == app.name) && instance.service.wanted_here(app) {
                variables.extend(instance.service.variables(self.context(&instance), app));
            }
        }
        for own in &app.spec.env {
            variables.set(&own.name, &own.value);
        }
        in_contract_order(&variables)
    }
}

/// Everything that the applications of a stack ask for.
pub fn instances(stack: &Stack) -> Vec<Instance> {
    let mut instances = Vec::new();
    for service in services::ALL.iter().copied() {
        let mut asking = stack.apps.values().filter(|app| service.wanted_here(app));
        match service.scope() {
            Scope::Stack if asking.next().is_some() => instances.push(Instance { service, app: None }),
            Scope::Stack => {}
            Scope::Application => {
                instances.extend(asking.map(|app| Instance { service, app: Some(app.name.clone()) }));
            }
        }
    }
    instances
}

/// Ids of the instances that run.
pub fn running(observed: &[Observed]) -> BTreeSet<String> {
    observed.iter().filter(|o| matches!(o.condition, Condition::Running { .. })).map(|o| o.id.clone()).collect()
}

/// Which services a run is about: `--only`, `--without`, `--profile`, and what plattr.yaml leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scoped {
    only: Option<BTreeSet<&'static str>>,
    ids: Option<BTreeSet<String>>,
}

impl Scoped {
    /// What a person asks for. `local.without` holds unless services are named, by themselves or by a profile.
    ///
    /// # Errors
    /// When there is no such profile.
    pub fn of(
        project: &Project,
        only: &[&'static str],
        without: &[&'static str],
        profile: Option<&str>,
    ) -> CommandResult<Self> {
        let named =
            |names: Vec<String>| names.iter().filter_map(|name| services::find(name)).map(|s| s.name()).collect();
        let only: Vec<&'static str> = match profile {
            Some(profile) => named(project.profile(profile)?),
            None => only.to_vec(),
        };
        let local: Vec<&'static str> = if only.is_empty() { named(project.without()) } else { Vec::new() };
        Ok(Self::new(&only, &[without, &local].concat()))
    }

    /// Resolves names of services. What a service needs comes with it, where an application asks for it.
    pub fn new(only: &[&'static str], without: &[&'static str]) -> Self {
        if only.is_empty() && without.is_empty() {
            return Self::default();
        }
        let mut names: BTreeSet<&'static str> = match only {
            [] => services::ALL.iter().map(|s| s.name()).collect(),
            names => names.iter().copied().collect(),
        };
        if !only.is_empty() {
            let mut pending: Vec<&'static str> = names.iter().copied().collect();
            while let Some(name) = pending.pop() {
                let Some(service) = services::find(name) else { continue };
                for need in service.needs().iter().chain(service.after()) {
                    if names.insert(need) {
                        pending.push(need);
                    }
                }
            }
        }
        names.retain(|name| !without.contains(name));
        // What cannot start without something that is left out is left out too.
        let cannot = |name: &str, names: &BTreeSet<&str>| {
            services::find(name).is_some_and(|s| s.needs().iter().any(|need| !names.contains(need)))
        };
        while let Some(name) = names.iter().copied().find(|name| cannot(name, &names)) {
            names.remove(name);
        }
        Self { only: Some(names), ids: None }
    }

    /// These instances, and nothing that they need besides.
    pub fn exactly(ids: BTreeSet<String>) -> Self {
        Self { only: None, ids: Some(ids) }
    }

    /// Whether a run is about an instance.
    pub fn contains(&self, instance: &Instance) -> bool {
        self.only.as_ref().is_none_or(|names| names.contains(instance.service.name()))
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&instance.id()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(scope: &Scoped) -> Vec<&'static str> {
        scope.only.iter().flatten().copied().collect()
    }

    #[test]
    fn what_a_service_needs_comes_with_it() {
        assert_eq!(names(&Scoped::new(&["keycloak"], &[])), ["keycloak", "postgres"]);
    }

    #[test]
    fn without_takes_away() {
        let scope = Scoped::new(&[], &["keycloak", "opensearch"]);
        assert_eq!(names(&scope), ["minio", "postgres", "postgrest", "redis"]);
    }

    #[test]
    fn what_cannot_start_without_it_is_left_out_too() {
        let scope = Scoped::new(&[], &["postgres"]);
        assert_eq!(names(&scope), ["dashboards", "minio", "opensearch", "redis"]);
    }

    #[test]
    fn nothing_said_is_everything() {
        assert_eq!(Scoped::new(&[], &[]), Scoped::default());
    }
}
