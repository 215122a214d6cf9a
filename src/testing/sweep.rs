//! Removes what test runs left that did not end by themselves.

use std::fs;
use std::io;
use std::path::Path;

use plattr_db::{Server, SqlFailure, template};

use super::isolated::{self, Ground, Isolated, Record};
use crate::engines::native::supervisor;
use crate::project::model::StackSettings;
use crate::services::postgres;
use crate::stack::Instance;
use crate::stack::observe::OpenStack;
use crate::ui::error::{CommandError, CommandResult};

/// Whether there may be anything to remove: a look at one folder.
fn anything(root: &Path) -> bool {
    !isolated::folders(root).is_empty()
}

/// Removes every state whose run is dead, and the prepared ones that are not to be kept. Tells how many there were.
///
/// # Errors
/// The first failure, such as a service that does not run; the rest is removed all the same, and what stayed the next time.
pub async fn sweep(
    open: &OpenStack,
    settings: &StackSettings,
    keep: &(dyn Fn(&Record) -> bool + Sync),
) -> CommandResult<usize> {
    let (mut swept, mut failed) = (0, None);
    for folder in isolated::folders(&open.stack.root) {
        let Some(state) = isolated::hold(open, &folder, settings)? else { continue };
        if state.record.prepared && keep(&state.record) {
            continue;
        }
        end(&state).await;
        match state.remove().await {
            Ok(()) => swept += 1,
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    failed.map_or(Ok(swept), Err)
}

/// Drops databases of states that nothing remembers: a server finishes making one after its run was killed.
///
/// # Errors
/// What the server refused.
pub async fn forgotten_databases(ground: &Ground<'_>) -> Result<(), SqlFailure> {
    if !ground.has_database() {
        return Ok(());
    }
    let instance = Instance { service: &postgres::Postgres, app: None };
    let admin = Server::plain(postgres::admin(ground.open.context(&instance)));
    let session = template::maintenance(&admin).await?.connect().await?;
    // A state is on record before its database is made, so what is read second has every one that is read first.
    let found = template::named(&session, &ground.app.names().isolated_database("")).await?;
    let known = isolated::databases(&ground.open.stack.root);
    for database in found.iter().filter(|database| !known.contains(*database)) {
        template::drop(&session, database).await?;
    }
    Ok(())
}

/// As [`sweep`], for commands that are about something else: only what is dead goes, and where that fails it stays for
/// the next time.
pub async fn quietly(open: &OpenStack, settings: &StackSettings) {
    if !anything(&open.stack.root) {
        return;
    }
    match sweep(open, settings, &|_| true).await {
        Ok(0) => {}
        Ok(swept) => tracing::info!(swept, "removed what dead test runs left"),
        Err(error) => tracing::warn!(%error, "cannot remove what a dead test run left"),
    }
}

/// Ends the processes of every state, and forgets them all: the services' data is about to be deleted.
///
/// # Errors
/// When a process does not end or a folder cannot be deleted.
pub async fn forget_all(open: &OpenStack, settings: &StackSettings) -> CommandResult {
    for folder in isolated::folders(&open.stack.root) {
        // One whose run still goes on loses its services all the same.
        if let Some(state) = isolated::look(open, &folder, settings) {
            end(&state).await;
            state.stop().await?;
            state.forget()?;
        }
    }
    let folder = isolated::folder(&open.stack.root);
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(CommandError::io("delete", &folder, error)),
        _ => Ok(()),
    }
}

/// Ends every process that a run had started and that still is there.
pub async fn end(state: &Isolated) {
    if supervisor::end_marked_with(&state.mark()).await == Some(false) {
        tracing::warn!(id = state.id(), "a process of a dead test run does not end");
    }
}
