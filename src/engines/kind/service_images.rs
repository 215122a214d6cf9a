//! The images that services run: had from a registry, or made here, and kept in the registry of this machine.

use serde_json::json;

use super::docker::DockerHost;
use super::lock::ImageRef;
use super::registry::Registry;
use super::{KindEngine, derive, images, registry, stand_in};
use crate::digest;
use crate::services::image::{Build, Image};
use crate::services::{Context, Service};
use crate::stack::lock::MachineLock;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

/// Which image of a service.
#[derive(Clone, Copy)]
pub(super) enum Of<'a> {
    /// The one that runs.
    Running,
    /// The one that its first data is copied from.
    First(Context<'a>),
}

impl Of<'_> {
    fn build(self, service: &dyn Service, version: &str) -> Option<Build> {
        match self {
            Self::Running => service.build(),
            Self::First(cx) => service.filled(cx, version),
        }
    }

    /// What repositories of images end in that were made.
    fn suffix(self) -> &'static str {
        match self {
            Self::Running => "built",
            Self::First(_) => "filled",
        }
    }
}

impl KindEngine {
    /// Makes sure that the registry of this machine has an image of a service.
    pub(super) async fn ensure_image(&self, service: &dyn Service, of: Of<'_>, task: &dyn Task) -> CommandResult<()> {
        let (repository, tag) = self.located(service, of)?;
        let registry = self.registry(task).await?;
        if registry.has(&repository, &tag).await? {
            return Ok(());
        }
        let waiting = || task.doing("waiting for another plattr, which pushes the image");
        let _lock = MachineLock::take(&format!("push-{}-{}", service.image().key, of.suffix()), &waiting).await?;
        if registry.has(&repository, &tag).await? {
            return Ok(());
        }
        let host = self.host().await?;
        let local = self.local_image(host, service, of, registry, task).await?;
        registry.push(&host.client, local.runs(), &repository, &tag, task).await.map(drop)
    }

    /// Makes sure that the registry has the image that a service's first data is copied from, where there is one. The
    /// service starts without, only slower.
    pub(super) async fn try_filled(&self, service: &dyn Service, cx: Context<'_>, task: &dyn Task) {
        let made = match self.filled(service, cx) {
            Ok(Some(_)) => self.ensure_image(service, Of::First(cx), task).await,
            other => other.map(drop),
        };
        if let Err(error) = made {
            goes_without(service, &error);
        }
    }

    /// Where the registry has the image that a service's first data is copied from, where there is one.
    pub(super) fn filled(&self, service: &dyn Service, cx: Context<'_>) -> CommandResult<Option<(String, String)>> {
        let version = self.image(service.image().key)?.version();
        service.filled(cx, version).map(|_| self.located(service, Of::First(cx))).transpose()
    }

    /// Makes sure that the local engine has an image of a service, and what is built of it.
    pub(super) async fn local_image(
        &self,
        host: &DockerHost,
        service: &dyn Service,
        of: Of<'_>,
        registry: &Registry,
        task: &dyn Task,
    ) -> CommandResult<Local> {
        let image = service.image();
        let waiting = || task.doing(&format!("waiting for the image of {}, which is being made", service.title()));
        let _lock = MachineLock::take(&format!("image-{}-{}", image.key, of.suffix()), &waiting).await?;
        let reference = self.image(image.key)?;
        let from = match of {
            Of::Running => self.as_published(host, &image, reference, task).await?,
            Of::First(_) => {
                let running = Box::pin(self.local_image(host, service, Of::Running, registry, task)).await?;
                running.runs().to_owned()
            }
        };
        let Some(build) = of.build(service, reference.version()) else { return Ok(Local { from, built: None }) };
        let (repository, tag) = self.located(service, of)?;
        let name = registry.image(&repository, &tag);
        if let Some(id) = derive::made(&host.client, &name).await? {
            return Ok(Local { from, built: Some(Built { id, name }) });
        }
        let guest = match &build.guest {
            None => None,
            Some(guest) => Some(Box::pin(self.local_image(host, guest.service, Of::Running, registry, task)).await?),
        };
        let guest = guest.as_ref().map(Local::runs);
        task.doing(&format!("{} (once)", build.title));
        let id = derive::derive(&host.client, &from, &build, guest, &name).await?;
        Ok(Local { from, built: Some(Built { id, name }) })
    }

    /// Makes sure that the local engine has an image as it is published, or one that stands in for it.
    async fn as_published(
        &self,
        host: &DockerHost,
        image: &Image,
        reference: &ImageRef,
        task: &dyn Task,
    ) -> CommandResult<String> {
        match images::ensure_local(&host.client, reference, &self.config.mirrors, task).await {
            Err(error) if error.kind == ErrorKind::Remote => {
                let Some(package) = image.package else { return Err(error) };
                task.doing(&format!("{} cannot be had, so {package} is built", reference.name));
                tracing::warn!(%error, package, "the image is made of the package instead");
                self.image_of_package(host, package, task).await
            }
            other => other,
        }
    }

    /// Where the registry has an image of a service: another repository where something is built of it, and another tag
    /// for whatever goes into that.
    pub(super) fn located(&self, service: &dyn Service, of: Of<'_>) -> CommandResult<(String, String)> {
        let reference = self.image(service.image().key)?;
        let (repository, tag) = registry::cached(reference);
        let Some(build) = of.build(service, reference.version()) else { return Ok((repository, tag)) };
        let guest = match &build.guest {
            Some(guest) => json!([guest.argv, guest.env, self.located(guest.service, Of::Running)?]),
            None => json!(null),
        };
        let short = digest::short(json!([build.argv, build.user, guest]).to_string(), 4);
        Ok((format!("{repository}-{}", of.suffix()), format!("{tag}-{short}")))
    }

    /// An image with nothing in it but the one static program of a package.
    async fn image_of_package(&self, host: &DockerHost, package: &str, task: &dyn Task) -> CommandResult<String> {
        let folder = self.config.packages.fetch(package, task).await?;
        let version = crate::services::process::Tools::version(&self.config.packages, package);
        task.doing(&format!("making an image of {package}"));
        stand_in::make(&host.client, &folder.join(package), &format!("plattr/{package}:{version}")).await
    }
}

/// Tells that the image is not there that a service's first data is copied from.
pub(super) fn goes_without(service: &dyn Service, error: &CommandError) {
    let why = error.source.as_ref().map(ToString::to_string).unwrap_or_default();
    tracing::warn!(service = service.name(), %error, why, "goes on without; starting will be slower");
}

/// An image of a service in the local engine.
pub(super) struct Local {
    /// Id of the image as it is published, or of another that this one is made of.
    pub from: String,
    /// What was built of it.
    pub built: Option<Built>,
}

/// An image that plattr built.
pub(super) struct Built {
    pub id: String,
    pub name: String,
}

impl Local {
    /// Id of the image that runs.
    pub fn runs(&self) -> &str {
        self.built.as_ref().map_or(&self.from, |built| &built.id)
    }
}
