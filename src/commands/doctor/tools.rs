//! Programs: those that no package gives to this machine, and those that are used from PATH.

use super::{Finding, Level};
use crate::engines::native::lock::LOCK;
use crate::engines::native::tools::{Resolved, Wishes, find_on_path, resolve};
use crate::project::Project;
use crate::services;
use crate::ui::error::CommandResult;

const WHY: &str = "The service cannot run without it.";

/// What there is of each package that the project's services need; of all services, without a project.
pub fn findings(project: Option<&Project>) -> Vec<Finding> {
    let settings = project.and_then(|project| project.settings().ok()).unwrap_or_default();
    let wishes = Wishes { versions: settings.versions, use_path: settings.use_path.into_iter().collect() };
    let wanted = |service: &dyn services::Service| {
        project.is_none_or(|project| project.apps.iter().any(|app| service.wanted_by(&app.spec)))
    };
    let mut packages: Vec<&str> = Vec::new();
    for package in services::ALL.iter().filter(|service| wanted(**service)).flat_map(|service| service.packages()) {
        if !packages.contains(package) {
            packages.push(package);
        }
    }
    packages.iter().map(|name| finding(name, resolve(name, &LOCK, &wishes, &find_on_path))).collect()
}

fn finding(name: &str, resolved: CommandResult<Resolved>) -> Finding {
    let found = |detail: String| Finding::ok(name, WHY, detail);
    match resolved {
        Ok(Resolved { version, on_path: Some(program), .. }) => found(format!("{version}, {}", program.display())),
        Ok(Resolved { version, on_path: None, .. }) => found(format!("{version}, which plattr fetches")),
        Err(error) => found(error.message.clone()).but(Level::Fail, error.hints.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_cannot_run_is_in_the_way() {
        let wishes = Wishes { use_path: ["redis".to_owned()].into(), ..Wishes::default() };
        let resolved = resolve("redis", &LOCK, &wishes, &|_| None);
        let finding = finding("redis", resolved);
        assert_eq!(finding.level, Level::Fail);
        assert!(finding.detail.contains("`redis-server` is not on PATH"), "{}", finding.detail);
        assert!(finding.fix.unwrap().contains("install redis"));
    }

    #[test]
    fn every_package_of_every_service_is_looked_at() {
        let names: Vec<String> = findings(None).into_iter().map(|finding| finding.check).collect();
        for package in services::ALL.iter().flat_map(|service| service.packages()) {
            assert!(names.iter().any(|name| name == package), "{package}");
        }
    }
}
