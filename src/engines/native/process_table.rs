//! Processes of this machine: who is whose child, since when, how much memory.
//!
//! A process id alone identifies nothing, because ids are used again; an id with its start time does.

use std::collections::{BTreeMap, BTreeSet};

/// A process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its parent.
    pub parent: u32,
    /// Its process group.
    pub group: u32,
    /// When it started, in a unit of the system that is only good for comparison.
    pub start: u64,
    /// Resident memory in bytes.
    pub memory: u64,
    /// Whether it has ended and only waits to be collected.
    pub ended: bool,
}

/// All processes at one moment.
#[derive(Debug, Clone, Default)]
pub struct Table(BTreeMap<u32, Row>);

impl Table {
    /// Reads it.
    pub fn read() -> Self {
        Self(system::all())
    }

    /// A process, its group and all descendants of both, without those that have ended.
    pub fn tree(&self, pid: u32) -> Vec<u32> {
        let mut found: BTreeSet<u32> =
            self.0.iter().filter(|(id, row)| **id == pid || row.group == pid).map(|(id, _)| *id).collect();
        loop {
            let more: Vec<u32> = self
                .0
                .iter()
                .filter(|(id, row)| !found.contains(id) && found.contains(&row.parent))
                .map(|(id, _)| *id)
                .collect();
            if more.is_empty() {
                break;
            }
            found.extend(more);
        }
        found.into_iter().filter(|id| self.0.get(id).is_some_and(|row| !row.ended)).collect()
    }

    /// A process.
    pub fn get(&self, pid: u32) -> Option<&Row> {
        self.0.get(&pid)
    }

    /// Resident memory of some processes together, in bytes.
    pub fn memory(&self, pids: &[u32]) -> u64 {
        pids.iter().filter_map(|pid| self.0.get(pid)).map(|row| row.memory).sum()
    }
}

/// A process that has not ended.
pub fn alive(pid: u32) -> Option<Row> {
    system::one(pid).filter(|row| !row.ended)
}

/// Ids of the processes whose environment holds the variable `name`, with its value.
pub fn with_variable(name: &str) -> Vec<(u32, String)> {
    system::with_variable(name)
}

/// Whether one of some processes listens on `port` of 127.0.0.1; `None` where nobody does or that cannot be told.
pub fn listens(pids: &[u32], port: u16) -> Option<bool> {
    system::listens(pids, port)
}

/// Identifies the boot of the machine: start times of different boots are not comparable.
pub fn boot_id() -> String {
    system::boot_id()
}

#[cfg(target_os = "linux")]
mod system {
    use std::collections::BTreeMap;
    use std::fs;

    use super::Row;

    fn pids() -> impl Iterator<Item = u32> {
        fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|e| e.file_name().to_str()?.parse().ok())
    }

    pub fn all() -> BTreeMap<u32, Row> {
        pids().filter_map(|pid| Some((pid, one(pid)?))).collect()
    }

    pub fn one(pid: u32) -> Option<Row> {
        parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?, rustix::param::page_size() as u64)
    }

    /// proc_pid_stat(5). The name in parentheses may hold spaces and parentheses itself.
    pub fn parse(stat: &str, page: u64) -> Option<Row> {
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        Some(Row {
            ended: matches!(*fields.first()?, "Z" | "X"),
            parent: fields.get(1)?.parse().ok()?,
            group: fields.get(2)?.parse().ok()?,
            start: fields.get(19)?.parse().ok()?,
            memory: fields.get(21)?.parse::<u64>().ok()? * page,
        })
    }

    pub fn with_variable(name: &str) -> Vec<(u32, String)> {
        let prefix = format!("{name}=");
        let value = |pid: u32| {
            let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
            let found = environment.split(|b| *b == 0).find_map(|v| v.strip_prefix(prefix.as_bytes()))?;
            Some((pid, String::from_utf8_lossy(found).into_owned()))
        };
        pids().filter_map(value).collect()
    }

    pub fn listens(pids: &[u32], port: u16) -> Option<bool> {
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|t| fs::read_to_string(t).unwrap_or_default());
        let listeners: Vec<(bool, String)> =
            tables.iter().flat_map(|t| t.lines()).filter_map(|l| listener(l, port)).collect();
        // A socket of the address itself is served before one of all addresses.
        let exact = listeners.iter().any(|(exact, _)| *exact);
        let sockets: Vec<String> =
            listeners.into_iter().filter(|l| l.0 == exact).map(|(_, inode)| format!("socket:[{inode}]")).collect();
        if sockets.is_empty() {
            return None;
        }
        let mut told = true;
        for pid in pids {
            match fs::read_dir(format!("/proc/{pid}/fd")) {
                Ok(fds) => {
                    let is_one = |to: &std::path::PathBuf| sockets.iter().any(|s| to.as_os_str() == s.as_str());
                    if fds.flatten().filter_map(|fd| fs::read_link(fd.path()).ok()).any(|to| is_one(&to)) {
                        return Some(true);
                    }
                }
                // One that is gone has no sockets.
                Err(e) => told &= e.kind() == std::io::ErrorKind::NotFound,
            }
        }
        told.then_some(false)
    }

    /// Of a line of /proc/net/tcp or tcp6 that is about a socket that answers on `port` of 127.0.0.1: whether
    /// it is of that very address, and its inode.
    fn listener(line: &str, port: u16) -> Option<(bool, String)> {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let (address, at) = fields.get(1)?.rsplit_once(':')?;
        // State 0A is LISTEN (linux/include/net/tcp_states.h).
        if *fields.get(3)? != "0A" || u16::from_str_radix(at, 16).ok()? != port {
            return None;
        }
        let (before, last) = address.split_at(address.len().checked_sub(8)?);
        let all = address.bytes().all(|b| b == b'0');
        // 127.0.0.1, or the same as ::ffff:127.0.0.1.
        let exact = u32::from_str_radix(last, 16).ok()?.to_ne_bytes() == [127, 0, 0, 1]
            && (before.is_empty() || before.to_ascii_uppercase().contains("FFFF"));
        (all || exact).then(|| Some((exact, (*fields.get(9)?).to_owned())))?
    }

    pub fn boot_id() -> String {
        fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
    }

    #[cfg(test)]
    mod tests {
        #![allow(clippy::unwrap_used)]

        #[test]
        fn a_name_with_parentheses_does_not_confuse() {
            let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 1000 42 rest";
            let row = super::parse(stat, 4096).unwrap();
            assert_eq!((row.parent, row.group, row.start, row.memory), (1, 7, 12345, 42 * 4096));
        }

        #[test]
        fn a_port_has_one_owner() {
            let mut stranger = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
            for address in ["127.0.0.1:0", "0.0.0.0:0", "[::ffff:127.0.0.1]:0"] {
                let Ok(listener) = std::net::TcpListener::bind(address) else { continue };
                let port = listener.local_addr().unwrap().port();
                assert_eq!(super::listens(&[std::process::id()], port), Some(true), "{address}");
                assert_eq!(super::listens(&[stranger.id()], port), Some(false), "{address}");
                drop(listener);
                // A child that another test has just forked has it until it becomes its program.
                let began = std::time::Instant::now();
                while super::listens(&[std::process::id()], port).is_some() {
                    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{address}");
                    std::thread::yield_now();
                }
            }
            stranger.kill().unwrap();
            stranger.wait().unwrap();
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::collections::BTreeMap;

    use sysinfo::{Pid, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind};

    use super::Row;

    fn system(pids: ProcessesToUpdate<'_>, environment: bool) -> System {
        let mut kind = ProcessRefreshKind::nothing().with_memory();
        if environment {
            kind = kind.with_environ(UpdateKind::Always);
        }
        let mut system = System::new();
        system.refresh_processes_specifics(pids, true, kind);
        system
    }

    fn row(pid: u32, process: &sysinfo::Process) -> Row {
        let group = rustix::process::Pid::from_raw(pid as i32)
            .and_then(|p| rustix::process::getpgid(Some(p)).ok())
            .map_or(0, |p| p.as_raw_nonzero().get() as u32);
        Row {
            parent: process.parent().map_or(0, Pid::as_u32),
            group,
            start: process.start_time(),
            memory: process.memory(),
            ended: matches!(process.status(), ProcessStatus::Zombie | ProcessStatus::Dead),
        }
    }

    pub fn all() -> BTreeMap<u32, Row> {
        let system = system(ProcessesToUpdate::All, false);
        system.processes().iter().map(|(pid, process)| (pid.as_u32(), row(pid.as_u32(), process))).collect()
    }

    pub fn one(pid: u32) -> Option<Row> {
        let system = system(ProcessesToUpdate::Some(&[Pid::from_u32(pid)]), false);
        system.process(Pid::from_u32(pid)).map(|process| row(pid, process))
    }

    pub fn with_variable(name: &str) -> Vec<(u32, String)> {
        let prefix = format!("{name}=");
        let system = system(ProcessesToUpdate::All, true);
        let value = |process: &sysinfo::Process| {
            process.environ().iter().find_map(|v| Some(v.to_str()?.strip_prefix(&prefix)?.to_owned()))
        };
        system.processes().iter().filter_map(|(pid, process)| Some((pid.as_u32(), value(process)?))).collect()
    }

    pub fn listens(_pids: &[u32], _port: u16) -> Option<bool> {
        None
    }

    pub fn boot_id() -> String {
        System::boot_time().to_string()
    }
}
