//! The machine itself: platform, disks, memory, limits, clock.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::process::{Resource, getrlimit};

use super::{Finding, Level};
use crate::engines::native::cache;
use crate::project::Project;
use crate::ui::units;

const GB: u64 = 1_000_000_000;
/// All packages unpacked, and room to unpack.
const CACHE_NEEDS: u64 = 3 * GB;
/// Data of small databases; OpenSearch refuses writes on a disk that is nearly full.
const PROJECT_NEEDS: u64 = GB;
/// All six services after start.
const MEMORY_NEEDS: u64 = 1_100_000_000;
/// OpenSearch and PostgreSQL hold many files open.
const FILES_NEEDED: u64 = 4096;
/// Linux's default, which local OpenSearch is content with; it demands 262144 only where others can reach it.
const MAPS_NEEDED: u64 = 65_530;
/// This plattr was not made before.
const NOT_BEFORE: i64 = 1_767_225_600;

pub fn findings(project: Option<&Project>) -> Vec<Finding> {
    let cache = cache::default_root();
    let mut findings = vec![platform(std::env::consts::OS, std::env::consts::ARCH), writable(&cache)];
    findings.push(disk("disk-cache", "Packages are unpacked there.", &cache, CACHE_NEEDS));
    if let Some(folder) = project.and_then(|p| p.stack_root().ok()) {
        findings.push(disk("disk-data", "The services keep their data there.", &folder, PROJECT_NEEDS));
    }
    findings.push(memory());
    findings.push(open_files(getrlimit(Resource::Nofile).current));
    findings.extend(memory_maps());
    findings.push(clock(Timestamp::now()));
    findings
}

fn platform(os: &str, arch: &str) -> Finding {
    let found =
        Finding::ok("platform", "Packages are built for Linux and macOS, x86-64 and arm64.", format!("{os} {arch}"));
    match (os, arch) {
        ("linux" | "macos", "x86_64" | "aarch64") => found,
        _ => found.but(
            Level::Fail,
            "install the services yourself and list them under `local.usePath`, or use another machine",
        ),
    }
}

/// The folder itself, or the nearest one above it that exists.
fn existing(folder: &Path) -> PathBuf {
    folder.ancestors().find(|f| f.is_dir()).unwrap_or(Path::new("/")).to_owned()
}

fn writable(folder: &Path) -> Finding {
    let found =
        Finding::ok("cache", "Packages are fetched into it once, for all projects.", folder.display().to_string());
    match rustix::fs::access(existing(folder), rustix::fs::Access::WRITE_OK) {
        Ok(()) => found,
        Err(_) => Finding { detail: format!("{} cannot be written", folder.display()), ..found }
            .but(Level::Fail, "make it writable for you, or set PLATTR_CACHE_DIR to a folder that is"),
    }
}

fn disk(check: &str, why: &'static str, folder: &Path, needed: u64) -> Finding {
    let Ok(stat) = rustix::fs::statvfs(existing(folder)) else {
        return Finding::ok(check, why, "cannot be measured").but(Level::Warn, format!("look at {}", folder.display()));
    };
    free(check, why, stat.f_bavail.saturating_mul(stat.f_frsize), needed)
}

fn free(check: &str, why: &'static str, free: u64, needed: u64) -> Finding {
    let found = Finding::ok(check, why, format!("{} free", units::bytes(free)));
    let fix = || format!("free {}; `plattr cache prune` removes packages that nothing uses", units::bytes(needed));
    match free {
        f if f < needed / 4 => found.but(Level::Fail, fix()),
        f if f < needed => found.but(Level::Warn, fix()),
        _ => found,
    }
}

fn memory() -> Finding {
    let why = "All six services use about 1.1 GB together after start.";
    let Ok(mut system) = sysinfo::System::new() else {
        return Finding::ok("memory", why, "cannot be measured");
    };
    system.refresh_memory();
    let (available, total) = (system.available_memory(), system.total_memory());
    let found = Finding::ok("memory", why, format!("{} available of {}", units::bytes(available), units::bytes(total)));
    if available < MEMORY_NEEDS {
        return found
            .but(Level::Warn, "close other programs, or leave services out: `plattr dev --without opensearch`");
    }
    found
}

/// No limit is `None`.
fn open_files(limit: Option<u64>) -> Finding {
    let shown = limit.map_or_else(|| "unlimited".to_owned(), |n| n.to_string());
    let found = Finding::ok("open-files", "Databases hold many files open.", shown);
    match limit {
        Some(n) if n < FILES_NEEDED => {
            found.but(Level::Warn, format!("`ulimit -n {FILES_NEEDED}`, and the same in your shell's start file"))
        }
        _ => found,
    }
}

fn memory_maps() -> Option<Finding> {
    let text = std::fs::read_to_string("/proc/sys/vm/max_map_count").ok()?;
    let count: u64 = text.trim().parse().ok()?;
    let found = Finding::ok("vm.max_map_count", "OpenSearch maps its index files into memory.", count.to_string());
    if count < MAPS_NEEDED {
        return Some(found.but(Level::Warn, "`sudo sysctl -w vm.max_map_count=262144`"));
    }
    Some(found)
}

fn clock(now: Timestamp) -> Finding {
    let found = Finding::ok(
        "clock",
        "Certificates and sign-in tokens are valid for a time only.",
        now.strftime("%F %T UTC").to_string(),
    );
    if now.as_second() < NOT_BEFORE {
        return found.but(Level::Fail, "set the clock: `sudo timedatectl set-ntp true`");
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn platforms_without_packages_fail() {
        assert_eq!(platform("linux", "aarch64").level, Level::Ok);
        assert_eq!(platform("linux", "riscv64").level, Level::Fail);
        assert_eq!(platform("freebsd", "x86_64").level, Level::Fail);
    }

    #[test]
    fn little_room_is_a_warning_and_none_a_failure() {
        let level = |free_bytes| free("d", "", free_bytes, GB).level;
        assert_eq!((level(2 * GB), level(GB / 2), level(GB / 5)), (Level::Ok, Level::Warn, Level::Fail));
    }

    #[test]
    fn limits_and_clocks_are_judged() {
        assert_eq!(open_files(Some(1024)).level, Level::Warn);
        assert_eq!(open_files(None).level, Level::Ok);
        assert_eq!(clock(Timestamp::UNIX_EPOCH).level, Level::Fail);
        assert_eq!(clock(Timestamp::now()).level, Level::Ok);
    }

    #[test]
    fn a_folder_that_will_be_made_is_judged_by_the_one_above() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(writable(&folder.path().join("a/b")).level, Level::Ok);
    }
}
