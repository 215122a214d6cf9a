//! What of the Docker engine and its machine is in the way of a cluster, judged from observed facts.

use std::path::Path;

use super::docker::{DockerHost, failed};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::units;

const GB: u64 = 1_000_000_000;
/// A node with all services; OpenSearch and Keycloak take most of it.
const MEMORY_NEEDS: u64 = 4 * GB;
/// The images of node and services, once in the engine, once in the registry, once in the node.
const DISK_NEEDS: u64 = 10 * GB;
/// What kind's documentation asks for. A node's systemd, containerd and kubelet each watch many files.
const INSTANCES_NEEDED: u64 = 512;
const WATCHES_NEEDED: u64 = 65_536;
/// What OpenSearch's documentation asks for.
const MAPS_WANTED: u64 = 262_144;
/// The least Docker, whose API is 1.41.
const DOCKER_FROM: (u32, u32) = (20, 10);
const PODMAN_FROM: (u32, u32) = (4, 0);
const API_FROM: (u32, u32) = (1, 41);

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// As it should be.
    Ok,
    /// Works, with a limit.
    Warn,
    /// No cluster can be made.
    Fail,
}

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What: `docker-memory`.
    pub name: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What was seen.
    pub detail: String,
    /// Why it matters.
    pub why: &'static str,
    /// What to do, where it is not as it should be.
    pub fix: Option<String>,
}

/// What is known of an engine and its machine. What is not known is not judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// As in `DOCKER_HOST`.
    pub endpoint: String,
    /// Why it is this one.
    pub source: String,
    /// Version of the engine: `20.10.24+dfsg1`.
    pub version: String,
    /// The newest API that it speaks: `1.41`.
    pub api_version: String,
    /// Whether it is Podman.
    pub podman: bool,
    /// Whether it runs without root.
    pub rootless: bool,
    /// `linux`, or `windows`.
    pub os: Option<String>,
    /// `x86_64`.
    pub architecture: Option<String>,
    /// That of plattr.
    pub own_architecture: String,
    /// Bytes of memory.
    pub memory: Option<u64>,
    /// Where it keeps images.
    pub data_root: Option<String>,
    /// Bytes that are free there, where that is a disk of this machine.
    pub data_free: Option<u64>,
    /// Version of cgroups: 1 or 2.
    pub cgroup: Option<u8>,
    /// `fs.inotify.max_user_instances`, where the engine has this machine's kernel.
    pub inotify_instances: Option<u64>,
    /// `fs.inotify.max_user_watches`, where the engine has this machine's kernel.
    pub inotify_watches: Option<u64>,
    /// `vm.max_map_count`, where the engine has this machine's kernel.
    pub maps: Option<u64>,
}

/// Asks the engine and looks at this machine. Changes nothing.
///
/// # Errors
/// When the engine does not answer.
pub async fn observe(host: &DockerHost) -> CommandResult<Facts> {
    let info = host.client.info().await.map_err(|e| failed("ask the Docker engine about itself", e))?;
    // Docker Desktop, Colima and Podman's machine run the engine in a virtual machine, whose limits are its own.
    let own_kernel = rustix::system::uname().release().to_string_lossy().into_owned();
    let same_kernel = cfg!(target_os = "linux") && info.kernel_version.as_ref() == Some(&own_kernel);
    let limit = |path: &str| same_kernel.then(|| std::fs::read_to_string(path).ok()?.trim().parse().ok())?;
    let data_root = info.docker_root_dir.filter(|folder| !folder.is_empty());
    let data_free = data_root.as_ref().filter(|folder| same_kernel && Path::new(folder).is_dir()).and_then(|folder| {
        let stat = rustix::fs::statvfs(folder.as_str()).ok()?;
        Some(stat.f_bavail.saturating_mul(stat.f_frsize))
    });
    let security = info.security_options.unwrap_or_default();
    Ok(Facts {
        endpoint: host.endpoint.clone(),
        source: host.source.clone(),
        version: host.version.clone(),
        api_version: host.api_version.clone(),
        podman: host.podman,
        rootless: security.iter().any(|option| option.contains("name=rootless")),
        os: info.os_type,
        architecture: info.architecture,
        own_architecture: std::env::consts::ARCH.to_owned(),
        memory: info.mem_total.and_then(|bytes| u64::try_from(bytes).ok()).filter(|bytes| *bytes > 0),
        data_root,
        data_free,
        cgroup: info.cgroup_version.and_then(|version| version.to_string().parse().ok()),
        inotify_instances: limit("/proc/sys/fs/inotify/max_user_instances"),
        inotify_watches: limit("/proc/sys/fs/inotify/max_user_watches"),
        maps: limit("/proc/sys/vm/max_map_count"),
    })
}

/// What the facts mean.
pub fn judge(facts: &Facts) -> Vec<Check> {
    let mut checks = vec![engine(facts), api(facts)];
    checks.extend(facts.os.as_deref().filter(|os| *os != "linux").map(|os| {
        bad(
            "docker-os",
            Level::Fail,
            "The node of a cluster is a Linux container.",
            format!("the engine runs containers of {os}"),
            "switch Docker Desktop to Linux containers",
        )
    }));
    checks.extend(facts.architecture.as_deref().map(|found| architecture(found, &facts.own_architecture)));
    checks.extend(facts.memory.map(memory));
    checks.extend(facts.data_free.map(|free| disk(facts.data_root.as_deref().unwrap_or_default(), free)));
    checks.extend(facts.cgroup.map(|version| cgroup(version, facts.rootless)));
    checks
        .extend(facts.inotify_instances.map(|found| inotify("fs.inotify.max_user_instances", found, INSTANCES_NEEDED)));
    checks.extend(facts.inotify_watches.map(|found| inotify("fs.inotify.max_user_watches", found, WATCHES_NEEDED)));
    checks.extend(facts.maps.map(maps));
    checks
}

/// An error if one of the checks failed: what the engine asks before it makes a cluster.
///
/// # Errors
/// Environment, with a hint for each failed check.
pub fn require(checks: &[Check]) -> CommandResult {
    let failed: Vec<&Check> = checks.iter().filter(|check| check.level == Level::Fail).collect();
    let Some(first) = failed.first() else { return Ok(()) };
    let message = format!("this Docker engine cannot run a cluster: {}", first.detail);
    let mut error = CommandError::new(ErrorKind::Environment, "docker-preflight", message);
    for check in &failed {
        let fix = check.fix.as_deref().unwrap_or_default();
        error = error.hint(if failed.len() == 1 { fix.to_owned() } else { format!("{}: {fix}", check.detail) });
    }
    Err(error.hint("`plattr dev --engine native` needs no Docker"))
}

fn good(name: &'static str, why: &'static str, detail: impl Into<String>) -> Check {
    Check { name, level: Level::Ok, detail: detail.into(), why, fix: None }
}

fn bad(name: &'static str, level: Level, why: &'static str, detail: String, fix: impl Into<String>) -> Check {
    Check { name, level, detail, why, fix: Some(fix.into()) }
}

/// The first two numbers of a version.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn engine(facts: &Facts) -> Check {
    let why = "The cluster is a container of this engine.";
    let name = if facts.podman { "Podman" } else { "Docker" };
    let (major, minor) = if facts.podman { PODMAN_FROM } else { DOCKER_FROM };
    let detail = format!("{name} {} at {} ({})", facts.version, facts.endpoint, facts.source);
    match version(&facts.version) {
        Some(found) if found < (major, minor) => {
            let fix = format!("install {name} {major}.{minor:02} or newer");
            bad("docker", Level::Fail, why, format!("{detail} is too old"), fix)
        }
        _ => good("docker", why, detail),
    }
}

fn api(facts: &Facts) -> Check {
    let why = "plattr speaks the engine's API.";
    match version(&facts.api_version) {
        Some(found) if found < API_FROM => {
            let detail =
                format!("the engine's API is {}, and plattr needs {}.{}", facts.api_version, API_FROM.0, API_FROM.1);
            bad("docker-api", Level::Fail, why, detail, "install a newer Docker engine")
        }
        _ => good("docker-api", why, facts.api_version.clone()),
    }
}

fn architecture(found: &str, own: &str) -> Check {
    let why = "Images for another processor are emulated, which is many times slower.";
    let plain = match found {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        other => other,
    };
    if plain == own {
        return good("docker-architecture", why, plain);
    }
    let detail = format!("the engine runs on {plain}, and this plattr was built for {own}");
    bad("docker-architecture", Level::Warn, why, detail, format!("install the plattr for {plain}"))
}

fn memory(total: u64) -> Check {
    let why = "A node with all services needs about 4 GB.";
    let detail = format!("{} for containers", units::bytes(total));
    // A machine that is sold with 4 GB has a little less.
    if total >= MEMORY_NEEDS / 100 * 95 {
        return good("docker-memory", why, detail);
    }
    let fix = "give the virtual machine of Docker Desktop, Colima or Podman at least 4 GB";
    bad("docker-memory", Level::Fail, why, detail, fix)
}

fn disk(folder: &str, free: u64) -> Check {
    let why = "The images of node and services need about 10 GB in all.";
    let detail = format!("{} free in {folder}", units::bytes(free));
    if free >= DISK_NEEDS {
        return good("docker-disk", why, detail);
    }
    let level = if free < DISK_NEEDS / 5 { Level::Fail } else { Level::Warn };
    let fix = "`docker system df` shows what takes room; `docker image prune` removes images that nothing uses";
    bad("docker-disk", level, why, detail, fix)
}

fn cgroup(version: u8, rootless: bool) -> Check {
    let why = "Kubernetes limits the memory and processor time of pods through cgroups.";
    match version {
        1 if rootless => bad(
            "docker-cgroup",
            Level::Fail,
            why,
            "version 1, with which an engine without root can limit nothing".into(),
            "boot with `systemd.unified_cgroup_hierarchy=1`, or use an engine that runs as root",
        ),
        1 => bad(
            "docker-cgroup",
            Level::Warn,
            why,
            "version 1, with which the kubelet of Kubernetes 1.35 and later does not start unless told to".into(),
            "boot with `systemd.unified_cgroup_hierarchy=1`, or set in plattr.yaml `local: {kind: {config: \
             {kubeadmConfigPatches: [\"kind: KubeletConfiguration\\nfailCgroupV1: false\\n\"]}}}`",
        ),
        _ => good("docker-cgroup", why, format!("version {version}")),
    }
}

fn inotify(name: &'static str, found: u64, needed: u64) -> Check {
    let why = "The node and its pods watch many files; at the limit they fail with \"too many open files\".";
    if found >= needed {
        return good(name, why, found.to_string());
    }
    let fix = format!("`sudo sysctl -w {name}={needed}`, and the same line in /etc/sysctl.d/99-plattr.conf to keep it");
    bad(name, Level::Warn, why, format!("{found}, and {needed} are recommended"), fix)
}

fn maps(found: u64) -> Check {
    let (check, name) = ("docker-maps", "vm.max_map_count");
    let why = "OpenSearch maps its index files into memory. It insists on 262144 only in a cluster of several nodes; \
        plattr's single node (discovery.type=single-node) starts with less and says so in its log.";
    if found >= MAPS_WANTED {
        return good(check, why, found.to_string());
    }
    let fix = format!("`sudo sysctl -w {name}={MAPS_WANTED}`, needed only for indices of many gigabytes");
    bad(check, Level::Warn, why, format!("{name} is {found}, enough to start"), fix)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn facts() -> Facts {
        Facts {
            endpoint: "unix:///var/run/docker.sock".into(),
            source: "Docker's usual socket".into(),
            version: "20.10.24+dfsg1".into(),
            api_version: "1.41".into(),
            os: Some("linux".into()),
            architecture: Some("x86_64".into()),
            own_architecture: "x86_64".into(),
            memory: Some(8 * GB),
            data_root: Some("/var/lib/docker".into()),
            data_free: Some(50 * GB),
            cgroup: Some(2),
            inotify_instances: Some(512),
            inotify_watches: Some(65_536),
            maps: Some(262_144),
            ..Facts::default()
        }
    }

    /// The checks that are not as they should be, with their levels.
    fn judged(change: impl FnOnce(&mut Facts)) -> Vec<(&'static str, Level)> {
        let mut facts = facts();
        change(&mut facts);
        let checks = judge(&facts);
        for check in &checks {
            assert_eq!(check.fix.is_some(), check.level != Level::Ok, "{check:?}");
        }
        checks.iter().filter(|check| check.level != Level::Ok).map(|check| (check.name, check.level)).collect()
    }

    #[test]
    fn a_good_engine_is_good() {
        assert_eq!(judged(|_| {}), []);
        assert_eq!(judged(|f| f.version = "29.0.1".into()), []);
        assert_eq!(judged(|f| (f.podman, f.version) = (true, "5.2.1".into())), []);
        assert_eq!(judged(|f| f.architecture = Some("amd64".into())), []);
    }

    #[test]
    fn what_is_not_known_is_not_judged() {
        let nothing = Facts { own_architecture: "x86_64".into(), ..Facts::default() };
        assert!(judge(&nothing).iter().all(|check| check.level == Level::Ok));
    }

    #[test]
    fn each_fault_is_found() {
        let one = |name, level| vec![(name, level)];
        assert_eq!(judged(|f| f.version = "19.03.15".into()), one("docker", Level::Fail));
        assert_eq!(judged(|f| (f.podman, f.version) = (true, "3.4.4".into())), one("docker", Level::Fail));
        assert_eq!(judged(|f| f.api_version = "1.40".into()), one("docker-api", Level::Fail));
        assert_eq!(judged(|f| f.os = Some("windows".into())), one("docker-os", Level::Fail));
        assert_eq!(judged(|f| f.architecture = Some("aarch64".into())), one("docker-architecture", Level::Warn));
        assert_eq!(judged(|f| f.memory = Some(2 * GB)), one("docker-memory", Level::Fail));
        assert_eq!(judged(|f| f.memory = Some(3_950_000_000)), []);
        assert_eq!(judged(|f| f.data_free = Some(5 * GB)), one("docker-disk", Level::Warn));
        assert_eq!(judged(|f| f.data_free = Some(GB)), one("docker-disk", Level::Fail));
        assert_eq!(judged(|f| f.cgroup = Some(1)), one("docker-cgroup", Level::Warn));
        assert_eq!(judged(|f| (f.cgroup, f.rootless) = (Some(1), true)), one("docker-cgroup", Level::Fail));
        assert_eq!(judged(|f| f.inotify_instances = Some(128)), one("fs.inotify.max_user_instances", Level::Warn));
        assert_eq!(judged(|f| f.inotify_watches = Some(8192)), one("fs.inotify.max_user_watches", Level::Warn));
        assert_eq!(judged(|f| f.maps = Some(65_530)), one("docker-maps", Level::Warn));
    }

    #[test]
    fn only_failures_are_in_the_way_and_each_is_a_hint() {
        let mut facts = Facts { maps: Some(65_530), ..facts() };
        assert!(require(&judge(&facts)).is_ok());
        (facts.memory, facts.api_version) = (Some(GB), "1.40".into());
        let error = require(&judge(&facts)).unwrap_err();
        assert_eq!((error.kind, error.code), (ErrorKind::Environment, "docker-preflight"));
        assert_eq!(error.hints.len(), 3);
        assert!(error.hints[1].contains("4 GB"), "{:?}", error.hints);
    }
}
