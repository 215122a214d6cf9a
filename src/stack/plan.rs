//! What has to happen so that what runs is what is wanted. Pure: the same input gives the same plan.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::engines::{Condition, Observed};

/// What happens to one instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// [`super::Instance::id`].
    pub instance: String,
    /// What.
    pub kind: ActionKind,
    /// Why.
    pub reason: String,
}

/// Kinds of action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ActionKind {
    /// It runs as wanted.
    Keep,
    /// It does not run.
    Start,
    /// It runs otherwise than wanted.
    Restart,
    /// Nobody wants it any more.
    Stop,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.kind {
            ActionKind::Keep => "keep",
            ActionKind::Start => "start",
            ActionKind::Restart => "restart",
            ActionKind::Stop => "stop",
        };
        write!(f, "{verb:7} {} ({})", self.instance, self.reason)
    }
}

/// What has to happen, in the order of the instances.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Plan(pub Vec<Action>);

impl Plan {
    /// Whether everything runs as wanted.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|action| action.kind == ActionKind::Keep)
    }

    /// Identifies the plan.
    pub fn hash(&self) -> String {
        let text = serde_json::json!(self).to_string();
        crate::digest::short(text, 8)
    }
}

/// An instance that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// [`super::Instance::id`].
    pub id: String,
    /// Identifies how it is to run.
    pub hash: String,
    /// Whether this run is about it (`--only`, `--without`); others are left as they are.
    pub in_scope: bool,
}

/// Makes the plan.
pub fn plan(wanted: &[Wanted], observed: &[Observed]) -> Plan {
    let seen: BTreeMap<&str, &Condition> = observed.iter().map(|o| (o.id.as_str(), &o.condition)).collect();
    let mut actions = Vec::new();
    for Wanted { id, hash, in_scope } in wanted {
        if !in_scope {
            continue;
        }
        let (kind, reason) = match seen.get(id.as_str()) {
            Some(Condition::Running { edited: Some(edited), .. }) => {
                (ActionKind::Restart, format!("it was changed by hand: {edited}"))
            }
            Some(Condition::Running { hash: running, .. }) if running == hash => {
                (ActionKind::Keep, "runs as wanted".to_owned())
            }
            Some(Condition::Running { .. }) => (ActionKind::Restart, "its configuration changed".to_owned()),
            Some(Condition::Died { reason }) => {
                (ActionKind::Start, format!("it died: {}", reason.lines().next().unwrap_or_default()))
            }
            Some(Condition::Stopped) | None => (ActionKind::Start, "it does not run".to_owned()),
        };
        actions.push(Action { instance: id.clone(), kind, reason });
    }
    for Observed { id, condition } in observed {
        if matches!(condition, Condition::Running { .. }) && !wanted.iter().any(|w| w.id == *id) {
            actions.push(Action {
                instance: id.clone(),
                kind: ActionKind::Stop,
                reason: "no application asks for it any more".into(),
            });
        }
    }
    Plan(actions)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn wanted(id: &str, hash: &str) -> Wanted {
        Wanted { id: id.into(), hash: hash.into(), in_scope: true }
    }

    fn seen(id: &str, condition: Condition) -> Observed {
        Observed { id: id.into(), condition }
    }

    fn running(hash: &str) -> Condition {
        Condition::Running {
            hash: hash.into(),
            version: "1".into(),
            source: "package".into(),
            pid: Some(1),
            uptime: Duration::ZERO,
            memory: 0,
            edited: None,
        }
    }

    #[test]
    fn everything_is_started_on_empty_ground() {
        let plan = plan(&[wanted("postgres", "a"), wanted("redis", "b")], &[]);
        assert!(plan.0.iter().all(|a| a.kind == ActionKind::Start));
        assert!(!plan.is_empty());
    }

    #[test]
    fn nothing_happens_where_all_is_as_wanted() {
        let plan = plan(&[wanted("postgres", "a")], &[seen("postgres", running("a"))]);
        assert!(plan.is_empty());
    }

    #[test]
    fn only_the_dead_one_is_started() {
        let plan = plan(
            &[wanted("postgres", "a"), wanted("redis", "b")],
            &[seen("postgres", running("a")), seen("redis", Condition::Died { reason: "killed\nlog".into() })],
        );
        assert_eq!(plan.0.iter().map(|a| a.kind).collect::<Vec<_>>(), [ActionKind::Keep, ActionKind::Start]);
        assert_eq!(plan.0.last().map(|a| a.reason.as_str()), Some("it died: killed"));
    }

    #[test]
    fn another_configuration_is_a_restart() {
        let plan = plan(&[wanted("postgres", "b")], &[seen("postgres", running("a"))]);
        assert_eq!(plan.0.first().map(|a| a.kind), Some(ActionKind::Restart));
    }

    #[test]
    fn what_nobody_wants_is_stopped() {
        let plan = plan(&[], &[seen("redis", running("a")), seen("minio", Condition::Stopped)]);
        assert_eq!(plan.0.len(), 1);
        assert_eq!(plan.0.first().map(|a| a.kind), Some(ActionKind::Stop));
    }

    #[test]
    fn what_is_out_of_scope_is_left_alone() {
        let mut redis = wanted("redis", "b");
        redis.in_scope = false;
        assert_eq!(plan(&[redis], &[seen("redis", running("a"))]), Plan::default());
    }

    #[test]
    fn the_same_input_gives_the_same_hash() {
        let make = || plan(&[wanted("postgres", "a")], &[]);
        assert_eq!(make().hash(), make().hash());
        assert_ne!(make().hash(), Plan::default().hash());
    }
}
