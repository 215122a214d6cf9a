//! Which ports the services listen on: the documented ones where they are free, others where they are not,
//! and the same ones ever after.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::{Instance, Ports};
use crate::services::ALL;

/// How long whoever listens on this machine may take to answer.
const ANSWERS_WITHIN: Duration = Duration::from_millis(200);

/// A port that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// `instance.endpoint`, such as `postgres.sql`.
    pub endpoint: String,
    /// The port that was wanted.
    pub port: u16,
    /// The next one that is free.
    pub free: u16,
    /// Who has it.
    pub holder: String,
}

/// What is wanted of a machine's ports.
pub struct Wanted<'a> {
    /// Every instance of the stack.
    pub instances: &'a [Instance],
    /// Ports from `local.ports`: `postgres` (the first endpoint) or `minio.console`.
    pub configured: &'a BTreeMap<String, u16>,
    /// Ports that were chosen before.
    pub remembered: &'a Ports,
    /// Instances that run now, and so hold their ports themselves.
    pub running: &'a BTreeSet<String>,
}

/// Chooses ports, and says of which endpoints the wanted one is taken. Pure but for `holder`, which says who
/// has a port (`None`: it is free).
///
/// Where an instance is one of several of its service, or the endpoint is of no interest to people, the next
/// free port is no conflict. Ports of services that are not wanted now stay remembered.
pub fn choose(wanted: &Wanted<'_>, holder: &dyn Fn(u16) -> Option<String>) -> (Ports, Vec<Conflict>) {
    let mut ports = wanted.remembered.clone();
    let mut conflicts = Vec::new();
    let ours: BTreeSet<String> = wanted
        .instances
        .iter()
        .flat_map(|i| i.service.endpoints().iter().map(|e| format!("{}.{}", i.id(), e.name)))
        .collect();
    let mut used: BTreeSet<u16> = ports.0.iter().filter(|(key, _)| !ours.contains(*key)).map(|(_, p)| *p).collect();

    let documented: BTreeSet<u16> = ALL.iter().flat_map(|s| s.endpoints()).map(|e| e.port).collect();

    // First what is certain, so that nothing else is put on it.
    let mut open = Vec::new();
    for instance in wanted.instances {
        let id = instance.id();
        for (position, endpoint) in instance.service.endpoints().iter().enumerate() {
            let key = format!("{id}.{}", endpoint.name);
            let configured = [
                Some(key.clone()),
                Some(format!("{}.{}", instance.service.name(), endpoint.name)),
                (position == 0).then(|| id.clone()),
                (position == 0).then(|| instance.service.name().to_owned()),
            ]
            .into_iter()
            .flatten()
            .find_map(|name| wanted.configured.get(&name).copied());
            let remembered = wanted.remembered.0.get(&key).copied();
            let port = configured.or(remembered).unwrap_or(endpoint.port);
            let holds_it = wanted.running.contains(&id) && remembered == Some(port);
            if holds_it {
                used.insert(port);
                ports.0.insert(key, port);
            } else {
                let asked_for = configured.is_some() || remembered.is_some();
                open.push((key, port, asked_for, endpoint.shown));
            }
        }
    }
    // What somebody chose comes before what is merely the default.
    open.sort_by_key(|(_, _, asked_for, _)| !asked_for);
    for (key, port, asked_for, shown) in open {
        let taken_by_us = used.contains(&port);
        let taken_by = holder(port);
        if !taken_by_us && taken_by.is_none() {
            used.insert(port);
            ports.0.insert(key, port);
            continue;
        }
        let free = next_free(port, &used, &documented, holder);
        used.insert(free);
        ports.0.insert(key.clone(), free);
        // What another instance of this stack has is no question for a person.
        if let Some(holder) = taken_by.filter(|_| !taken_by_us && (shown || asked_for)) {
            conflicts.push(Conflict { endpoint: key, port, free, holder });
        }
    }
    (ports, conflicts)
}

/// The next port that nobody has and that is not the documented one of another endpoint.
fn next_free(
    after: u16,
    used: &BTreeSet<u16>,
    documented: &BTreeSet<u16>,
    holder: &dyn Fn(u16) -> Option<String>,
) -> u16 {
    (after..=u16::MAX)
        .skip(1)
        .chain(1024..after)
        .find(|port| !used.contains(port) && !documented.contains(port) && holder(*port).is_none())
        .unwrap_or(after)
}

/// Whether this machine would let us listen on `port` of the loopback address, and nobody answers there: macOS lets one
/// listen beside somebody who listens on all addresses.
pub fn is_free(port: u16) -> bool {
    let here = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(here).map(drop).is_ok() && TcpStream::connect_timeout(&here, ANSWERS_WITHIN).is_err()
}

/// The process that listens on `port`, from `/proc`: its id and name. `None` where that cannot be told
/// (another user's process, or no Linux).
pub fn listener(port: u16) -> Option<(u32, String)> {
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|table| {
        std::fs::read_to_string(table).ok()?.lines().skip(1).find_map(|line| {
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            let local = fields.get(1)?.rsplit_once(':')?.1;
            // State 0A is LISTEN (linux/include/net/tcp_states.h).
            let listens = *fields.get(3)? == "0A" && u16::from_str_radix(local, 16).ok()? == port;
            listens.then(|| fields.get(9).map(|inode| (*inode).to_owned()))?
        })
    })?;
    let socket = format!("socket:[{inode}]");
    for process in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(descriptors) = std::fs::read_dir(process.path().join("fd")) else { continue };
        let holds = descriptors
            .flatten()
            .any(|fd| std::fs::read_link(fd.path()).is_ok_and(|target| target.as_os_str() == socket.as_str()));
        if holds {
            let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some((pid, name.trim().to_owned()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::services::find;

    fn instances() -> Vec<Instance> {
        let shared = |name| Instance { service: find(name).unwrap(), app: None };
        let own = |app: &str| Instance { service: find("postgrest").unwrap(), app: Some(app.parse().unwrap()) };
        vec![shared("postgres"), own("a"), own("b"), shared("minio")]
    }

    fn free(_: u16) -> Option<String> {
        None
    }

    #[test]
    fn the_documented_ports_where_they_are_free() {
        let instances = instances();
        let (ports, conflicts) = choose(&Wanted { instances: &instances[..2], ..wanted() }, &free);
        assert_eq!(conflicts, []);
        assert_eq!(ports.get("postgres", "sql"), 5432);
        assert_eq!(ports.get("postgrest-a", "http"), 3001);
    }

    #[test]
    fn a_second_application_gets_the_next_port_without_a_question() {
        let instances = instances();
        let (ports, conflicts) = choose(&Wanted { instances: &instances, ..wanted() }, &free);
        assert_eq!(conflicts, []);
        assert_ne!(ports.get("postgrest-a", "http"), ports.get("postgrest-b", "http"));
    }

    #[test]
    fn a_port_that_an_instance_of_the_stack_already_listens_on_is_no_question() {
        let instances = instances();
        let remembered = Ports(BTreeMap::from([("postgrest-a.http".into(), 3001), ("postgrest-a.admin".into(), 3002)]));
        let running = BTreeSet::from(["postgrest-a".to_owned()]);
        let wanted = Wanted { instances: &instances[1..3], remembered: &remembered, running: &running, ..wanted() };
        let holder = |port| (port == 3001 || port == 3002).then(|| "postgrest (process 7)".to_owned());
        let (ports, conflicts) = choose(&wanted, &holder);
        assert_eq!((conflicts, ports.get("postgrest-b", "http")), (Vec::new(), 3003));
    }

    #[test]
    fn a_taken_port_is_a_question_with_an_answer_ready() {
        let instances = instances();
        let holder = |port| (port == 5432).then(|| "postgres (process 7)".to_owned());
        let (ports, conflicts) = choose(&Wanted { instances: &instances[..1], ..wanted() }, &holder);
        assert_eq!(conflicts.len(), 1);
        assert_eq!((conflicts[0].port, conflicts[0].free), (5432, 5433));
        assert_eq!(conflicts[0].holder, "postgres (process 7)");
        assert_eq!(ports.get("postgres", "sql"), 5433);
    }

    #[test]
    fn what_was_chosen_is_kept() {
        let instances = instances();
        let remembered = Ports(BTreeMap::from([("postgres.sql".into(), 6000)]));
        let wanted = Wanted { instances: &instances[..1], remembered: &remembered, ..wanted() };
        assert_eq!(choose(&wanted, &free).0.get("postgres", "sql"), 6000);
    }

    #[test]
    fn the_port_of_a_service_that_is_not_wanted_now_is_kept_for_it() {
        let instances = instances();
        let remembered = Ports(BTreeMap::from([("redis.tcp".into(), 5432)]));
        let wanted = Wanted { instances: &instances[..1], remembered: &remembered, ..wanted() };
        let (ports, conflicts) = choose(&wanted, &free);
        assert_eq!((ports.get("redis", "tcp"), ports.get("postgres", "sql")), (5432, 5433));
        assert_eq!(conflicts, []);
    }

    #[test]
    fn a_running_instance_holds_its_own_port() {
        let instances = instances();
        let remembered = Ports(BTreeMap::from([("postgres.sql".into(), 5432)]));
        let running = BTreeSet::from(["postgres".to_owned()]);
        let wanted = Wanted { instances: &instances[..1], remembered: &remembered, running: &running, ..wanted() };
        let (ports, _) = choose(&wanted, &|_| Some("postgres (process 7)".into()));
        assert_eq!(ports.get("postgres", "sql"), 5432);
    }

    #[test]
    fn plattr_yaml_comes_first() {
        let instances = instances();
        let configured = BTreeMap::from([("postgres".into(), 7000), ("minio.console".into(), 7001)]);
        let wanted = Wanted { instances: &instances, configured: &configured, ..wanted() };
        let (ports, _) = choose(&wanted, &free);
        assert_eq!(ports.get("postgres", "sql"), 7000);
        assert_eq!(ports.get("minio", "console"), 7001);
    }

    fn wanted() -> Wanted<'static> {
        static NOTHING: BTreeMap<String, u16> = BTreeMap::new();
        static NOBODY: BTreeSet<String> = BTreeSet::new();
        static NEVER: Ports = Ports(BTreeMap::new());
        Wanted { instances: &[], configured: &NOTHING, remembered: &NEVER, running: &NOBODY }
    }
}
