//! What is seen of a stack's cluster, and how long an API that does not answer is asked.

use std::time::Duration;

use tokio::time::Instant;

use super::api::Seen;
use super::record::{self, Record};
use super::{KindEngine, failed};
use crate::engines::{Condition, Observed};
use crate::stack::Stack;
use crate::ui::error::CommandResult;

/// How long an API that does not answer is asked, of an instance that was just started.
pub(super) const OBSERVES_FOR: Duration = Duration::from_secs(60);
/// The same, where somebody wants to know how everything is.
pub(super) const SURVEYS_FOR: Duration = Duration::from_secs(10);
/// How often it is asked.
const LOOKS_EVERY: Duration = Duration::from_millis(250);

/// What was seen of a cluster.
pub(super) enum Look {
    /// What is in it.
    Seen(Seen),
    /// Nothing; so it is with all instances.
    All(Condition),
    /// The API did not answer.
    Silent {
        /// What is known of it.
        reason: String,
    },
}

impl Look {
    /// How these instances are.
    pub(super) fn of(&self, ids: &[String]) -> Vec<Observed> {
        let condition = |id: &String| match self {
            Self::Seen(seen) => seen.condition(id),
            Self::All(condition) => condition.clone(),
            Self::Silent { reason } => Condition::Died { reason: reason.clone() },
        };
        ids.iter().map(|id| Observed { id: id.clone(), condition: condition(id) }).collect()
    }

    /// Ids of all instances that have not been told to stop, as far as they are known: none where the API does not
    /// answer, which [`Look::of`] tells.
    pub(super) fn ids(&self) -> Vec<String> {
        match self {
            Self::Seen(seen) => seen.ids(),
            Self::All(_) | Self::Silent { .. } => Vec::new(),
        }
    }
}

impl KindEngine {
    /// What runs in the stack's cluster. An API that does not answer is given `patience`: it has just been started, or
    /// the machine is busy.
    pub(super) async fn look(&self, stack: &Stack, with_memory: bool, patience: Duration) -> CommandResult<Look> {
        let deadline = Instant::now() + patience;
        loop {
            match self.look_once(stack, with_memory).await? {
                Look::Silent { .. } if Instant::now() < deadline => tokio::time::sleep(LOOKS_EVERY).await,
                look => return Ok(look),
            }
        }
    }

    async fn look_once(&self, stack: &Stack, with_memory: bool) -> CommandResult<Look> {
        let Some(name) = self.running_cluster(stack).await? else { return Ok(Look::All(Condition::Stopped)) };
        if Record::read(&stack.root).is_none() {
            return Ok(Look::All(Condition::Died { reason: "its cluster was not finished".into() }));
        }
        let seen = match self.cluster(stack).await {
            Ok(cluster) => {
                let seen = cluster.look(&record::node(&name), with_memory).await;
                seen.map_err(|e| failed("the cluster does not answer", e))
            }
            Err(error) => Err(error),
        };
        Ok(seen.map_or_else(|error| Look::Silent { reason: error.to_string() }, Look::Seen))
    }
}
