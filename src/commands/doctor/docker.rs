//! The Docker engine: only the Kind engine needs one, so without that it fails nothing.

use super::{Finding, Level};
use crate::engines::kind::docker::{MISSING, connect};
use crate::engines::kind::preflight::{self, Check, Facts};
use crate::project::Project;
use crate::stack::open::open;
use crate::ui::error::{CommandError, CommandResult};

pub async fn findings(project: Option<&Project>) -> Vec<Finding> {
    let needed = project.and_then(|project| open(project, None).ok()).is_some_and(|open| open.engine.name() == "kind");
    judged(observe().await, needed)
}

async fn observe() -> CommandResult<Facts> {
    preflight::observe(&connect().await?).await
}

fn judged(observed: CommandResult<Facts>, needed: bool) -> Vec<Finding> {
    match observed {
        Ok(facts) => preflight::judge(&facts).into_iter().map(|check| finding(check, needed)).collect(),
        Err(error) => vec![unusable(&error, needed)],
    }
}

fn finding(check: Check, needed: bool) -> Finding {
    let found = Finding::ok(check.name, check.why, check.detail);
    let level = match check.level {
        preflight::Level::Ok => return found,
        preflight::Level::Fail if needed => Level::Fail,
        preflight::Level::Fail | preflight::Level::Warn => Level::Warn,
    };
    found.but(level, check.fix.unwrap_or_default())
}

fn unusable(error: &CommandError, needed: bool) -> Finding {
    let found =
        Finding::ok("docker", "The Kind engine runs services in it; native processes need none.", &error.message);
    match (needed, error.code) {
        (true, _) => found.but(Level::Fail, error.hints.join("; ")),
        // Nobody asked for it.
        (false, MISSING) => found,
        (false, _) => found.but(Level::Warn, error.hints.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::error::ErrorKind;

    #[test]
    fn docker_is_in_the_way_only_where_it_is_needed() {
        let missing = || Err(CommandError::new(ErrorKind::Environment, MISSING, "none"));
        let denied = || Err(CommandError::new(ErrorKind::Environment, "docker-permission", "no").hint("usermod"));
        let old = || Ok(Facts { version: "19.03".into(), api_version: "1.40".into(), ..Facts::default() });
        let worst = |findings: Vec<Finding>| {
            let has = |level| findings.iter().any(|finding| finding.level == level);
            if has(Level::Fail) {
                Level::Fail
            } else if has(Level::Warn) {
                Level::Warn
            } else {
                Level::Ok
            }
        };
        assert_eq!((worst(judged(missing(), false)), worst(judged(missing(), true))), (Level::Ok, Level::Fail));
        assert_eq!((worst(judged(denied(), false)), worst(judged(denied(), true))), (Level::Warn, Level::Fail));
        assert_eq!((worst(judged(old(), false)), worst(judged(old(), true))), (Level::Warn, Level::Fail));
    }
}
