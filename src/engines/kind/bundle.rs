//! Images of the local engine, for machines without a network.
//!
//! An image that is saved and loaded loses the digest by which it was pulled. It gets a name that has it
//! ([`ImageRef::bundled`]), which goes with it and by which [`images::find_local`] knows it.

use std::io::{self, Read};

use bollard::Docker;
use bollard::query_parameters::{ImportImageOptions, TagImageOptions};
use futures::{Stream, StreamExt as _};
use tokio::sync::{mpsc, watch};

use super::docker::{DockerHost, failed, found};
use super::export::PIECES;
use super::service_images::{Of, goes_without};
use super::{ImageRef, KindEngine, images, registry};
use crate::engines::bundle::{Bundle, Entry, Item};
use crate::services::{Context, Service};
use crate::stack::{Facts, Ports, Stack};
use crate::ui::error::{CommandError, CommandResult};
use crate::ui::progress::Task;

impl KindEngine {
    /// The image that clusters or the registry are made of, as an entry; it is pulled first.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn bundled_ground(&self, key: &str, task: &dyn Task) -> CommandResult<Entry> {
        let (host, reference) = (self.host().await?, self.image(key)?);
        let id = images::ensure_local(&host.client, reference, &self.config.mirrors, task).await?;
        entry(host, reference, &id, Vec::new()).await
    }

    /// The image of a service and what plattr makes of it, as an entry; it is pulled and made first.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn bundled_service(&self, service: &dyn Service, stack: &Stack, task: &dyn Task) -> CommandResult<Entry> {
        let (host, reference) = (self.host().await?, self.image(service.image().key)?);
        let cx = Context { stack, app: None, ports: &Ports::default(), facts: &Facts::default() };
        // Its name tells where the registry is; a new machine has it where it usually is.
        let running = self.local_image(host, service, Of::Running, &registry::USUAL, task).await?;
        let filled = match self.filled(service, cx)? {
            Some(_) => self.local_image(host, service, Of::First(cx), &registry::USUAL, task).await.map(|it| it.built),
            None => Ok(None),
        };
        let filled = filled.unwrap_or_else(|error| {
            goes_without(service, &error);
            None
        });
        let made = running.built.into_iter().chain(filled).map(|built| built.name).collect();
        entry(host, reference, &running.from, made).await
    }

    /// The program `kind`, as an entry; `None` where the project wants the one on PATH.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn bundled_program(&self, task: &dyn Task) -> CommandResult<Option<Entry>> {
        self.config.packages.bundled_package("kind", task).await
    }

    /// The local engine.
    ///
    /// # Errors
    /// When there is none.
    pub async fn docker(&self) -> CommandResult<&Docker> {
        self.host().await.map(|host| &host.client)
    }
}

async fn entry(host: &DockerHost, reference: &ImageRef, id: &str, made: Vec<String>) -> CommandResult<Entry> {
    let bundled = reference.bundled();
    let (repo, tag) = bundled.rsplit_once(':').unwrap_or((&bundled, "latest"));
    let options = TagImageOptions { repo: Some(repo.to_owned()), tag: Some(tag.to_owned()) };
    host.client.tag_image(id, Some(options)).await.map_err(|e| failed(&format!("tag {bundled}"), e))?;
    let names = std::iter::once(bundled).chain(made).collect();
    Ok(Entry::new(&reference.key, reference.version(), Item::Image { image: reference.name.clone(), names }))
}

/// Whether the engine has all images of an entry.
///
/// # Errors
/// When it does not answer.
pub async fn has(docker: &Docker, item: &Item) -> CommandResult<bool> {
    let Item::Image { names, .. } = item else { return Ok(false) };
    for name in names {
        let there = found(docker.inspect_image(name).await);
        if there.map_err(|e| failed(&format!("look at the image {name}"), e))?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Loads the images of an entry, whose checksum was compared.
///
/// # Errors
/// When the engine cannot, or does not have them afterwards.
pub async fn load(docker: &Docker, bundle: &Bundle, entry: &Entry, task: &dyn Task) -> CommandResult {
    let Item::Image { image, names } = &entry.item else { return Ok(()) };
    task.doing("loading");
    let doing = format!("load the image {image}");
    let (pieces, mut done) = read_in_pieces(bundle.read(entry)?);
    let options = ImportImageOptions { quiet: true, ..Default::default() };
    let loading = async {
        let mut stream = std::pin::pin!(docker.import_image(options, bollard::body_try_stream(pieces), None));
        while let Some(step) = stream.next().await {
            step.map_err(|e| failed(&doing, e))?;
        }
        CommandResult::Ok(())
    };
    let mut loading = std::pin::pin!(loading);
    loop {
        tokio::select! {
            loaded = &mut loading => break loaded?,
            Ok(()) = done.changed() => task.bytes(*done.borrow_and_update(), None),
        }
    }
    if !has(docker, &entry.item).await? {
        return Err(bundle.damaged(entry, "the Docker engine took it and does not have the image"));
    }
    for name in names.iter().take(1) {
        images::name_if_free(docker, name, image).await?;
    }
    Ok(())
}

/// Reads on a thread of its own; tells how far it has come.
fn read_in_pieces(
    mut from: impl Read + Send + 'static,
) -> (impl Stream<Item = io::Result<bytes::Bytes>> + Send + 'static, watch::Receiver<u64>) {
    let (sender, receiver) = mpsc::channel(PIECES);
    let (meter, done) = watch::channel(0);
    tokio::task::spawn_blocking(move || {
        loop {
            let mut piece = vec![0; 1 << 17];
            let read = from.read(&mut piece);
            let end = !matches!(read, Ok(1..));
            let piece = read.map(|read| {
                piece.truncate(read);
                bytes::Bytes::from(piece)
            });
            if piece.as_ref().is_ok_and(bytes::Bytes::is_empty) {
                return;
            }
            meter.send_modify(|bytes| *bytes += piece.as_ref().map_or(0, |piece| piece.len() as u64));
            if sender.blocking_send(piece).is_err() || end {
                return;
            }
        }
    });
    let stream = futures::stream::unfold(receiver, |mut receiver| async { Some((receiver.recv().await?, receiver)) });
    (stream, done)
}

/// What to do where there is no engine to load images into.
pub fn without_engine(error: CommandError) -> CommandError {
    error.hint("`plattr bundle load FILE --engine native` leaves the images out")
}
