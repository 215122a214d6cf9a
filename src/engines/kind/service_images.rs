//! The images that services run: had from a registry, or made here, and kept in the registry of this machine.

use super::docker::DockerHost;
use super::lock::ImageRef;
use super::registry::Registry;
use super::{KindEngine, containers, images, registry, stand_in};
use crate::digest;
use crate::services::objects::Image;
use crate::stack::Instance;
use crate::stack::lock::MachineLock;
use crate::ui::error::{CommandResult, ErrorKind};
use crate::ui::progress::Task;

impl KindEngine {
    /// Makes sure that the registry of this machine has the image that an instance runs.
    pub(super) async fn ensure_image(&self, instance: &Instance, task: &dyn Task) -> CommandResult<()> {
        let image = instance.service.image();
        let reference = self.image(image.key)?;
        let (repository, tag) = located(&image, reference);
        let registry = self.registry(task).await?;
        if registry.has(&repository, &tag).await? {
            return Ok(());
        }
        let waiting = || task.doing("waiting for another plattr, which brings the image");
        let _lock = MachineLock::take(&format!("image-{}", image.key), &waiting).await?;
        if registry.has(&repository, &tag).await? {
            return Ok(());
        }
        let host = self.host().await?;
        let local = self.local_image(host, &image, registry, task).await?;
        registry.push(&host.client, local.runs(), &repository, &tag, task).await.map(drop)
    }

    /// Makes sure that the local engine has an image, and what is built of it.
    pub(super) async fn local_image(
        &self,
        host: &DockerHost,
        image: &Image,
        registry: &Registry,
        task: &dyn Task,
    ) -> CommandResult<Local> {
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
        let Some(build) = image.build else { return Ok(Local { published, built: None }) };
        let (repository, tag) = located(image, reference);
        let name = registry.image(&repository, &tag);
        let id = containers::derive(&host.client, &published, build.command, &[], &name, task).await?;
        Ok(Local { published, built: Some(Built { id, name }) })
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

/// Where the registry has the image that is run: another repository where something is built of the image.
pub(super) fn located(image: &Image, reference: &ImageRef) -> (String, String) {
    let (repository, tag) = registry::cached(reference);
    match image.build {
        None => (repository, tag),
        Some(build) => {
            let short = digest::short(build.command.join("\0"), 4);
            (format!("{repository}-built"), format!("{tag}-{short}"))
        }
    }
}
