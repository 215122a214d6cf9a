//! The images that services run: had from a registry, or made here, and kept in the registry of this machine.

use serde_json::json;

use super::docker::DockerHost;
use super::registry::Registry;
use super::{KindEngine, derive, images, registry, stand_in};
use crate::digest;
use crate::services::{Context, Service};
use crate::stack::Instance;
use crate::stack::lock::MachineLock;
use crate::ui::error::{CommandResult, ErrorKind};
use crate::ui::progress::Task;

impl KindEngine {
    /// Makes sure that the registry of this machine has the image that an instance runs.
    pub(super) async fn ensure_image(
        &self,
        instance: &Instance,
        cx: Context<'_>,
        task: &dyn Task,
    ) -> CommandResult<()> {
        let service = instance.service;
        let (repository, tag) = self.located(service, cx)?;
        let registry = self.registry(task).await?;
        if registry.has(&repository, &tag).await? {
            return Ok(());
        }
        let waiting = || task.doing("waiting for another plattr, which pushes the image");
        let _lock = MachineLock::take(&format!("push-{}", service.image().key), &waiting).await?;
        if registry.has(&repository, &tag).await? {
            return Ok(());
        }
        let host = self.host().await?;
        let local = self.local_image(host, service, cx, registry, task).await?;
        registry.push(&host.client, local.runs(), &repository, &tag, task).await.map(drop)
    }

    /// Makes sure that the local engine has the image of a service, and what is built of it.
    pub(super) async fn local_image(
        &self,
        host: &DockerHost,
        service: &dyn Service,
        cx: Context<'_>,
        registry: &Registry,
        task: &dyn Task,
    ) -> CommandResult<Local> {
        let image = service.image();
        let waiting = || task.doing(&format!("waiting for the image of {}, which is being made", service.title()));
        let _lock = MachineLock::take(&format!("image-{}", image.key), &waiting).await?;
        let reference = self.image(image.key)?;
        let published = match images::ensure_local(&host.client, reference, &self.config.mirrors, task).await {
            Err(error) if error.kind == ErrorKind::Remote => {
                let Some(package) = image.package else { return Err(error) };
                task.doing(&format!("{} cannot be had, so {package} is built", reference.name));
                tracing::warn!(%error, package, "the image is made of the package instead");
                self.image_of_package(host, package, task).await?
            }
            other => other?,
        };
        let Some(build) = service.build(cx, reference.version()) else { return Ok(Local { published, built: None }) };
        let (repository, tag) = self.located(service, cx)?;
        let name = registry.image(&repository, &tag);
        if let Some(id) = derive::made(&host.client, &name).await? {
            return Ok(Local { published, built: Some(Built { id, name }) });
        }
        let guest = match &build.guest {
            None => None,
            Some(guest) => Some(Box::pin(self.local_image(host, guest.service, cx, registry, task)).await?),
        };
        let guest = guest.as_ref().map(Local::runs);
        task.doing(&format!("{} (once)", build.title));
        let id = derive::derive(&host.client, &published, &build, guest, &name).await?;
        Ok(Local { published, built: Some(Built { id, name }) })
    }

    /// Where the registry has the image that a service runs: another repository where something is built of the image,
    /// and another tag for whatever goes into that.
    pub(super) fn located(&self, service: &dyn Service, cx: Context<'_>) -> CommandResult<(String, String)> {
        let reference = self.image(service.image().key)?;
        let (repository, tag) = registry::cached(reference);
        let Some(build) = service.build(cx, reference.version()) else { return Ok((repository, tag)) };
        let guest = match &build.guest {
            Some(guest) => json!([guest.argv, guest.env, self.located(guest.service, cx)?]),
            None => json!(null),
        };
        let short = digest::short(json!([build.argv, build.user, guest]).to_string(), 4);
        Ok((format!("{repository}-built"), format!("{tag}-{short}")))
    }

    /// An image with nothing in it but the one static program of a package.
    async fn image_of_package(&self, host: &DockerHost, package: &str, task: &dyn Task) -> CommandResult<String> {
        let folder = self.config.packages.fetch(package, task).await?;
        let version = crate::services::process::Tools::version(&self.config.packages, package);
        task.doing(&format!("making an image of {package}"));
        stand_in::make(&host.client, &folder.join(package), &format!("plattr/{package}:{version}")).await
    }
}

/// An image of a service in the local engine.
pub(super) struct Local {
    /// Id of the image as it is published.
    pub published: String,
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
        self.built.as_ref().map_or(&self.published, |built| &built.id)
    }
}
