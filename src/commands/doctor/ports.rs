//! Ports: the documented ones, or those that the project has chosen.

use super::{Finding, Level};
use crate::project::Project;
use crate::services;
use crate::stack::open::open;
use crate::stack::ports;
use crate::stack::registry::Holder;

const WHY: &str = "The services listen there; `plattr dev` offers another port where one is taken.";

pub fn findings(project: Option<&Project>) -> Vec<Finding> {
    let chosen = project.and_then(|p| open(p, None).ok()).map(|open| open.state.ports.0).unwrap_or_default();
    if !chosen.is_empty() {
        return chosen.iter().map(|(endpoint, port)| judge(endpoint, *port, holder(*port))).collect();
    }
    let documented = services::ALL.iter().flat_map(|service| service.endpoints().iter().map(move |e| (service, e)));
    documented
        .filter(|(_, endpoint)| endpoint.shown)
        .map(|(service, e)| judge(&format!("{}.{}", service.name(), e.name), e.port, holder(e.port)))
        .collect()
}

/// Who has a port that is not free.
fn holder(port: u16) -> Option<Holder> {
    (!ports::is_free(port)).then(|| Holder::of(port))
}

fn judge(endpoint: &str, port: u16, holder: Option<Holder>) -> Finding {
    let found = |detail: String| Finding::ok(format!("port {endpoint}"), WHY, detail);
    match holder {
        None => found(format!("{port} is free")),
        Some(holder) if holder.stack.is_some() => found(format!("{port} is used by {holder}")),
        Some(stranger) => found(format!("{port} is taken by {stranger}")).but(
            Level::Warn,
            format!(
                "stop it, or choose another port in `local.ports`: `{endpoint}: {}`",
                port.checked_add(10_000).unwrap_or(10_000)
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::registry::Entry;

    #[test]
    fn only_strangers_are_in_the_way() {
        assert_eq!(judge("redis.redis", 6379, None).level, Level::Ok);
        let stranger = Holder { process: Some((7, "redis-server".into())), stack: None };
        let stack = Some(Entry { name: "a".into(), root: "/a/.plattr".into() });
        assert_eq!(judge("redis.redis", 6379, Some(Holder { stack, ..stranger.clone() })).level, Level::Ok);
        let taken = judge("redis.redis", 6379, Some(stranger));
        assert_eq!((taken.level, taken.detail.as_str()), (Level::Warn, "6379 is taken by redis-server (process 7)"));
    }
}
