//! The data of a stack as an archive, and back, through a container that is never started: the users of containers own
//! files that the person may not read, and the engine keeps owners and modes.

use std::io::{self, Read as _, Write as _};
use std::path::Path;

use bollard::Docker;
use bollard::query_parameters::{DownloadFromContainerOptions, UploadToContainerOptions};
use futures::StreamExt as _;

use super::containers::{self, OneShot};
use super::docker::failed;
use crate::engines::native::data::to_disk;
use crate::engines::{TRASH, trash};
use crate::stack::snapshot::archive::{Reader, Writer};
use crate::stack::snapshot::swap::{settle, swap};
use crate::stack::state::create_private_dir;
use crate::ui::error::{CommandError, CommandResult};
use crate::ui::progress::Task;

/// The folder in a stack's home.
const DATA: &str = "data";
/// Where data is while it is being replaced on a file system that cannot exchange two folders.
pub const ASIDE: &str = "data.old";
/// Where a stack's home is in the container.
const HOME: &str = "/plattr/home";
/// How many pieces of an archive may wait for the engine.
const PIECES: usize = 16;
/// How long the engine may take to unpack an archive.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(6 * 3600);

/// Writes the data below `home`.
///
/// # Errors
/// When the engine cannot read it, or the archive cannot be written.
pub async fn save(
    docker: &Docker,
    image: &str,
    home: &Path,
    mut into: Writer,
    task: &dyn Task,
) -> CommandResult<Writer> {
    settle_in(home)?;
    if !home.join(DATA).is_dir() {
        return Ok(into);
    }
    let container = mounting(docker, image, home).await?;
    let read = async {
        let options = DownloadFromContainerOptions { path: format!("{HOME}/{DATA}") };
        let mut pieces = std::pin::pin!(docker.download_from_container(&container, Some(options)));
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|e| failed("read the data", e))?;
            // Compressing takes a while.
            tokio::task::block_in_place(|| into.write_all(&piece))
                .map_err(|e| CommandError::io("save", &home.join(DATA), e))?;
            task.bytes(into.bytes(), None);
        }
        Ok(into)
    };
    let saved = read.await;
    containers::remove(docker, &container).await?;
    saved
}

/// Puts data that [`save`] wrote in the place of what is below `home`. Killed at any moment, it leaves the old data
/// whole or the new. What was replaced becomes trash. `at_last` is done right before that.
///
/// # Errors
/// When the archive is damaged or the data cannot be written; the old data is then what it was.
pub async fn restore(
    docker: &Docker,
    image: &str,
    home: &Path,
    from: Reader,
    at_last: &(dyn Fn() -> CommandResult + Sync),
    task: &dyn Task,
) -> CommandResult {
    settle_in(home)?;
    let io = |e| CommandError::io("restore", &home.join(DATA), e);
    let name = format!("{TRASH}{}-restore", std::process::id());
    let new = home.join(&name);
    // Left by a process that had the same id.
    trash(&new).map_err(io)?;
    create_private_dir(&new)?;
    // Of a stack without data, the archive has none.
    create_private_dir(&new.join(DATA))?;
    let container = mounting(docker, image, home).await?;
    let (total, (sender, receiver)) = (from.total(), tokio::sync::mpsc::channel(PIECES));
    let reading = tokio::task::spawn_blocking(move || send(from, &sender));
    let mut done = 0;
    let (meter, mut seen) = tokio::sync::watch::channel(0);
    let pieces = futures::stream::unfold((receiver, meter), |(mut receiver, meter)| async {
        let piece: io::Result<bytes::Bytes> = receiver.recv().await?;
        meter.send_modify(|bytes| *bytes += piece.as_ref().map_or(0, bytes::Bytes::len) as u64);
        Some((piece, (receiver, meter)))
    });
    let options = UploadToContainerOptions { path: format!("{HOME}/{name}"), ..Default::default() };
    // The engine answers when all of it is there.
    let docker = docker.clone().with_timeout(PATIENCE);
    let upload = docker.upload_to_container(&container, Some(options), bollard::body_try_stream(pieces));
    let mut upload = std::pin::pin!(upload);
    let uploaded = loop {
        tokio::select! {
            result = &mut upload => break result,
            changed = seen.changed(), if done < total => {
                done = if changed.is_ok() { *seen.borrow_and_update() } else { total };
                task.bytes(done, Some(total));
            }
        }
    };
    let read = reading.await.unwrap_or_else(|e| Err(io::Error::other(e)));
    let removed = containers::remove(&docker, &container).await;
    read.map_err(io)?;
    uploaded.map_err(|e| failed("write the data", e))?;
    removed?;
    let at = std::fs::File::open(home).map_err(io)?;
    // What takes the place of data has to be as durable.
    tokio::task::block_in_place(|| to_disk(&at)).map_err(io)?;
    // Rubbish of a restore on a file system that cannot exchange two folders.
    trash(&home.join(ASIDE)).map_err(io)?;
    at_last()?;
    swap(&at, &format!("{name}/{DATA}"), DATA, ASIDE).map_err(io)?;
    if let Err(error) = trash(&home.join(ASIDE)) {
        // The data is replaced; the next restore tries it again.
        tracing::warn!(%error, "cannot delete what was replaced");
    }
    Ok(())
}

/// Reads an archive in pieces, until nobody wants more.
fn send(mut from: Reader, to: &tokio::sync::mpsc::Sender<io::Result<bytes::Bytes>>) -> io::Result<()> {
    loop {
        let mut piece = vec![0; 1 << 17];
        let read = match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) => {
                // The engine must not take what came so far for all.
                let _ = to.blocking_send(Err(io::ErrorKind::UnexpectedEof.into()));
                return Err(error);
            }
        };
        piece.truncate(read);
        if to.blocking_send(Ok(piece.into())).is_err() {
            return Ok(());
        }
    }
}

/// Puts back what a restore had put aside when it was killed.
///
/// # Errors
/// When the folder cannot be written.
pub fn settle_in(home: &Path) -> CommandResult {
    let settled = std::fs::File::open(home).and_then(|at| settle(&at, DATA, ASIDE));
    match settled {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(CommandError::io("look at", home, e)),
        _ => Ok(()),
    }
}

/// A container that has a stack's home and is never started.
async fn mounting(docker: &Docker, image: &str, home: &Path) -> CommandResult<String> {
    let shot = OneShot {
        image,
        argv: vec!["true".into()],
        mounts: vec![(home, HOME.to_owned())],
        user: Some("0:0".to_owned()),
        // So that one of a killed run is found.
        serves: Some(home),
        ..Default::default()
    };
    containers::create(docker, &shot, true).await
}
