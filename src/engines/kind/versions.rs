//! Which version wrote the data of an instance, and what may run on it.

use super::lock::ImageRef;
use super::{KindEngine, record};
use crate::stack::{Instance, Stack};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

impl KindEngine {
    /// The image that an instance ran when it last ran.
    pub fn ran(&self, stack: &Stack, id: &str) -> Option<ImageRef> {
        record::noted_image(&stack.root, id)
    }

    /// Remembers that the data of an instance is now for the image that the project wants.
    ///
    /// # Errors
    /// When the stack's folder cannot be written.
    pub fn moved(&self, stack: &Stack, id: &str, key: &str) -> CommandResult {
        record::note_image(&stack.root, id, self.image(key)?)
    }

    /// The image that the project wants, and its major version.
    ///
    /// # Errors
    /// When a lock of images cannot be read.
    pub fn wants(&self, key: &str) -> CommandResult<(&ImageRef, u32)> {
        self.image(key).map(|image| (image, image.major()))
    }

    /// Refuses to run what cannot read the data that an instance has. Changes nothing.
    pub(super) async fn check_data(&self, instance: &Instance, stack: &Stack, task: &dyn Task) -> CommandResult {
        let Some(upgrade) = instance.service.upgraded_by() else { return Ok(()) };
        let wanted = self.image(instance.service.image().key)?;
        let (id, title) = (instance.id(), instance.service.title());
        let noted = record::noted_image(&stack.root, &id);
        let has = match &noted {
            Some(image) => Some(image.major()),
            None => self.majors(stack, &id, task).await?.into_iter().max(),
        };
        let Some(has) = has.filter(|has| !instance.service.reads(&has.to_string(), wanted.version())) else {
            return Ok(());
        };
        let wants = wanted.major();
        let message = format!("the data is of {title} {has}, which {title} {wants} cannot read");
        let mut error = CommandError::new(ErrorKind::Environment, "data-of-other-version", message);
        if has < wants {
            error = error.hint(format!("`{upgrade}` moves it to {title} {wants}"));
        }
        let keep = noted.map_or_else(|| format!("an image of {title} {has}"), |image| format!("\"{image}\""));
        Err(error
            .hint(format!("to keep it, put into images.lock: {} = {keep}", wanted.key))
            .hint("`plattr destroy` deletes the data of all services; `plattr dev` then begins anew"))
    }

    /// Remembers what an instance runs whose data not every version reads. What else served that data has to go first:
    /// an upgrade that was killed leaves its servers behind.
    pub(super) async fn claim_data(&self, instance: &Instance, stack: &Stack) -> CommandResult {
        if instance.service.upgraded_by().is_none() {
            return Ok(());
        }
        self.reclaim(stack).await?;
        let (image, id) = (self.image(instance.service.image().key)?, instance.id());
        match record::noted_image(&stack.root, &id) {
            Some(noted) if noted == *image => Ok(()),
            _ => record::note_image(&stack.root, &id, image),
        }
    }

    /// The major versions whose data an instance has.
    async fn majors(&self, stack: &Stack, id: &str, task: &dyn Task) -> CommandResult<Vec<u32>> {
        Ok(self.folders(stack, id, task).await?.iter().filter_map(|name| name.parse().ok()).collect())
    }
}
