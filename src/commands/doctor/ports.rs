//! Ports: the documented ones, or those that the project has chosen.

use super::{Finding, Level};
use crate::project::Project;
use crate::services;
use crate::stack::open::open;
use crate::stack::{ports, registry};

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

/// Who has a port.
enum Holder {
    Nobody,
    /// One of our stacks.
    Stack(String),
    Stranger(String),
}

fn holder(port: u16) -> Holder {
    match registry::stack_on_port(port) {
        _ if ports::is_free(port) => Holder::Nobody,
        Some(stack) => Holder::Stack(stack),
        None => Holder::Stranger(ports::who_listens(port)),
    }
}

fn judge(endpoint: &str, port: u16, holder: Holder) -> Finding {
    let found = |detail: String| Finding::ok(format!("port {endpoint}"), WHY, detail);
    match holder {
        Holder::Nobody => found(format!("{port} is free")),
        Holder::Stack(stack) => found(format!("{port} is used by {stack}")),
        Holder::Stranger(who) => found(format!("{port} is taken by {who}")).but(
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

    #[test]
    fn only_strangers_are_in_the_way() {
        assert_eq!(judge("redis.redis", 6379, Holder::Nobody).level, Level::Ok);
        assert_eq!(judge("redis.redis", 6379, Holder::Stack("the plattr stack `a`".into())).level, Level::Ok);
        let taken = judge("redis.redis", 6379, Holder::Stranger("redis-server".into()));
        assert_eq!((taken.level, taken.detail.as_str()), (Level::Warn, "6379 is taken by redis-server"));
    }
}
