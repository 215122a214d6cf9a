//! Gives every endpoint a port, and asks where a wanted one is taken.

use std::collections::BTreeMap;

use crate::engines::Observed;
use crate::project::Project;
use crate::stack::Ports;
use crate::stack::lock::MachineLock;
use crate::stack::observe::{OpenStack, running};
use crate::stack::ports::{self, Conflict};
use crate::stack::registry;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// The ports that would be used now, and those of them that differ from what is wanted. Writes nothing.
pub async fn look(open: &OpenStack, project: &Project, observed: &[Observed]) -> CommandResult<(Ports, Vec<Conflict>)> {
    let configured: BTreeMap<String, u16> =
        project.settings()?.ports.into_iter().map(|(endpoint, port)| (endpoint, port.0)).collect();
    let instances = open.instances();
    let mut running = running(observed);
    running.extend(open.engine.holding(&open.stack, &open.state.ports).await?);
    let wanted = ports::Wanted {
        instances: &instances,
        configured: &configured,
        remembered: &open.state.ports,
        running: &running,
    };
    let elsewhere = registry::ports_being_taken(&open.stack.root);
    let holder = |port: u16| match elsewhere.iter().find(|(taken, _)| *taken == port) {
        Some((_, entry)) => {
            Some(format!("the plattr stack `{}` in {}, which starts now", entry.name, entry.root.display()))
        }
        None => (!ports::is_free(port)).then(|| registry::Holder::of(port).to_string()),
    };
    Ok(ports::choose(&wanted, &holder))
}

/// Chooses and remembers ports, before anything listens on them.
///
/// # Errors
/// When one is taken and there is nobody to ask, or the answer is no.
pub async fn choose(ui: &Ui, open: &mut OpenStack, project: &Project, observed: &[Observed]) -> CommandResult {
    loop {
        // Another stack that starts at the same moment must see what was chosen here.
        let lock = MachineLock::take("ports", &|| {}).await?;
        let (ports, conflicts) = look(open, project, observed).await?;
        if conflicts.is_empty() || ui.yes() {
            conflicts.iter().for_each(|c| ui.say(format!("{} and will be used from now on", described(c))));
            open.state.ports = ports;
            open.state.write(&open.stack.root)?;
            return registry::add(&open.stack.name, &open.stack.root);
        }
        // A person may take a while: others go on meanwhile, and then it is looked at again.
        drop(lock);
        let lines: Vec<String> = conflicts.iter().map(described).collect();
        if !ui.interactive() {
            return Err(CommandError::new(ErrorKind::Environment, "port-taken", lines.join("; "))
                .hint("`--yes` takes the free ports and remembers them; `local.ports` in plattr.yaml chooses others"));
        }
        lines.iter().for_each(|line| ui.say(line));
        if !ui.confirm("Use the free ports from now on?")? {
            return Err(CommandError::new(ErrorKind::Interrupted, "declined", "nothing was started"));
        }
        open.state.ports = ports;
    }
}

/// A conflict in words.
pub fn described(conflict: &Conflict) -> String {
    let Conflict { endpoint, port, free, holder } = conflict;
    format!("port {port} of {endpoint} is taken by {holder}; {free} is free")
}
