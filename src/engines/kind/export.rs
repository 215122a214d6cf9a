//! Images of the local engine as an archive, which the engine sends and a thread reads.

use std::io::{self, Read};

use bollard::Docker;
use bytes::Buf as _;
use futures::StreamExt as _;
use tokio::sync::mpsc;

use super::docker::failed;
use crate::ui::error::CommandResult;
use crate::ui::progress::Task;

/// How many pieces of an archive may wait for their reader.
pub const PIECES: usize = 16;

/// About how many bytes images have together; layers that they share count once.
///
/// # Errors
/// When the engine does not have one.
pub async fn size(docker: &Docker, names: &[String]) -> CommandResult<u64> {
    let mut largest = 0;
    for name in names {
        let image = docker.inspect_image(name).await.map_err(|e| failed(&format!("look at the image {name}"), e))?;
        largest = image.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default().max(largest);
    }
    Ok(largest)
}

/// Sends images as one archive to a reader on another thread; `total` is about how large it is.
///
/// # Errors
/// When the engine cannot; the reader is then told that it is not whole.
pub async fn export(docker: &Docker, names: &[String], total: u64, to: Pieces, task: &dyn Task) -> CommandResult {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut stream = std::pin::pin!(docker.export_images(&names));
    let mut done = 0;
    while let Some(piece) = stream.next().await {
        let piece = match piece {
            Ok(piece) => piece,
            Err(error) => {
                let _ = to.0.send(Err(io::ErrorKind::UnexpectedEof.into())).await;
                return Err(failed(&format!("save the image {}", names.join(" and ")), error));
            }
        };
        done += piece.len() as u64;
        task.bytes(done.min(total), Some(total));
        if to.0.send(Ok(piece)).await.is_err() {
            // The reader says why it reads no more.
            return Ok(());
        }
    }
    Ok(())
}

/// Where [`export`] sends an archive.
pub struct Pieces(mpsc::Sender<io::Result<bytes::Bytes>>);

/// What reads it.
pub struct Arriving {
    pieces: mpsc::Receiver<io::Result<bytes::Bytes>>,
    /// What has not been read yet of the piece that came last.
    rest: bytes::Bytes,
}

/// Two ends of an archive on its way.
pub fn pieces() -> (Pieces, Arriving) {
    let (sender, receiver) = mpsc::channel(PIECES);
    (Pieces(sender), Arriving { pieces: receiver, rest: bytes::Bytes::new() })
}

/// Blocks until something arrives.
impl Read for Arriving {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.rest = piece?,
                None => return Ok(0),
            }
        }
        let length = into.len().min(self.rest.len());
        self.rest.copy_to_slice(&mut into[..length]);
        Ok(length)
    }
}
