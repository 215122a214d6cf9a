//! Stops instances, what needs others before what it needs.

use std::collections::BTreeSet;

use futures::future::join_all;

use super::observe::{OpenStack, running};
use crate::services::stop_order;
use crate::ui::error::CommandResult;
use crate::ui::progress::Progress;

/// Stops everything that runs or may run, and the ground that it ran on. Returns the ids of what ran.
///
/// # Errors
/// The first failure; the others are tried all the same.
pub async fn stop_all(open: &OpenStack, progress: &dyn Progress) -> CommandResult<Vec<String>> {
    let running = running(&open.observe().await?);
    // What is remembered may run even where its record is damaged: only stopping it looks for it everywhere.
    let ids = running.iter().cloned().chain(open.engine.known(&open.stack).await?).collect();
    let mut stopped = stop(open, &ids, progress).await?;
    open.engine.rest(&open.stack, progress).await?;
    stopped.retain(|id| running.contains(id));
    Ok(stopped)
}

/// Stops these instances. Returns their ids in the order in which they stopped.
///
/// # Errors
/// The first failure; the others are tried all the same.
pub async fn stop(open: &OpenStack, ids: &BTreeSet<String>, progress: &dyn Progress) -> CommandResult<Vec<String>> {
    let mut stopped = Vec::new();
    let mut failed = None;
    for group in stop_order(ids) {
        let stops = group.into_iter().map(|id| async {
            let task = progress.task(&id);
            task.doing("stopping");
            match open.engine.stop(&open.stack, &id, task.as_ref()).await {
                Ok(()) => task.done("stopped"),
                Err(error) => {
                    task.failed(&error.message);
                    return Err(error);
                }
            }
            Ok(id)
        });
        for result in join_all(stops).await {
            match result {
                Ok(id) => stopped.push(id),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
    }
    failed.map_or(Ok(stopped), Err)
}
