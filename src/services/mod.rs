//! What each service is, wherever it runs. A service knows nothing of engines: it says, as values, which
//! ports it has, which program it is, how to tell that it works, what the application sees of it.
//!
//! Another service is one new file and one line in [`ALL`].

mod dashboards;
pub mod image;
mod keycloak;
mod minio;
pub mod objects;
mod opensearch;
pub mod postgres;
pub mod postgrest;
pub mod probe;
pub mod process;
pub mod provisioning;
mod redis;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use async_trait::async_trait;
use plattr_api::{ApplicationSpec, Variables};
use plattr_backends::Check;

use crate::stack::{App, Facts, Ports, Stack};
use crate::ui::error::CommandResult;
use image::{Build, Image};
use objects::Objects;
use probe::Probe;
use process::{NativeFolders, Preparation, Process, Tools};

/// Every service, in the order in which people read them.
pub static ALL: &[&dyn Service] = &[
    &postgres::Postgres,
    &postgrest::Postgrest,
    &minio::Minio,
    &keycloak::Keycloak,
    &redis::Redis,
    &opensearch::OpenSearch,
    &dashboards::Dashboards,
];

/// The documented password of everything on a laptop (checklist 2); no environment uses it.
pub const LOCAL_PASSWORD: &str = "localdev";
/// The only address on which anything listens on a laptop.
pub const LOOPBACK: &str = "127.0.0.1";

/// Whether applications share a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One for the whole stack.
    Stack,
    /// One for each application, as PostgREST, which is a sidecar in every environment.
    Application,
}

/// A port that a service listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// Name within the service: `sql`, `api`, `console`.
    pub name: &'static str,
    /// Scheme of its URL.
    pub scheme: &'static str,
    /// The documented port (checklist 2); another is chosen where it is taken.
    pub port: u16,
    /// Whether people use it; the others are shown with `-v` only.
    pub shown: bool,
}

/// What a service needs to know about where it runs.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The stack with its applications.
    pub stack: &'a Stack,
    /// The application whose instance this is, for [`Scope::Application`].
    pub app: Option<&'a App>,
    /// All ports.
    pub ports: &'a Ports,
    /// What the services that it needs have told so far.
    pub facts: &'a Facts,
}

/// Whether provisioning writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provision {
    /// Say what would change.
    Plan,
    /// Change it.
    Apply,
}

/// What provisioning did, or would do.
#[derive(Debug, Default)]
pub struct Provisioned {
    /// One line a change, for people; empty when everything was there.
    pub changes: Vec<String>,
    /// For the services that need this one.
    pub facts: Facts,
    /// Worth a person's attention, such as an identity provider without a client secret.
    pub notes: Vec<String>,
}

/// A service.
#[async_trait]
pub trait Service: Send + Sync {
    /// Its name on the command line and in `plattr.yaml`: `postgres`.
    fn name(&self) -> &'static str;
    /// Its own name: `PostgreSQL`.
    fn title(&self) -> &'static str;
    /// Whether applications share it.
    fn scope(&self) -> Scope;
    /// Whether an application asks for it.
    fn wanted_by(&self, spec: &ApplicationSpec) -> bool;
    /// Whether an application asks for it on this machine.
    fn wanted_here(&self, app: &App) -> bool {
        self.wanted_by(&app.spec)
    }
    /// Its ports; the first is the one that programs use.
    fn endpoints(&self) -> &'static [Endpoint];
    /// Services that it cannot start without, where an application asks for them too.
    fn needs(&self) -> &'static [&'static str];
    /// Services that it waits for where they start in the same run, and can do without.
    fn after(&self) -> &'static [&'static str] {
        &[]
    }
    /// The version that environments run, as far as a difference matters (`16` stands for every 16.x), for a
    /// warning where another one serves on a laptop; none where they run a service of another maker.
    fn environment_version(&self) -> Option<&'static str>;
    /// Whether the version `runs` reads data that the version `wrote` left: no data is read that is newer than
    /// the program.
    fn reads(&self, wrote: &str, runs: &str) -> bool {
        version_numbers(wrote) <= version_numbers(runs)
    }
    /// The command that moves its data to a version that does not read it, where there is one.
    fn upgraded_by(&self) -> Option<&'static str> {
        None
    }
    /// Packages (of `assets/packages.toml`) that its process needs.
    fn packages(&self) -> &'static [&'static str];
    /// What is made of its packages once per machine before it starts, in this order.
    fn preparations(&self, _cx: Context<'_>) -> Vec<&'static Preparation> {
        Vec::new()
    }
    /// The process, for the native engine.
    fn process(&self, cx: Context<'_>, folders: &NativeFolders<'_>) -> Process;
    /// The image that it runs in, in a cluster.
    fn image(&self) -> Image;
    /// What is made of the image once per machine, and then runs in its place.
    fn build(&self) -> Option<Build> {
        None
    }
    /// What is made of the image once per machine, where its version is `version`, for the sake of what its first data
    /// is copied from. Only init containers run it, and they do without where it cannot be made.
    fn filled(&self, _cx: Context<'_>, _version: &str) -> Option<Build> {
        None
    }
    /// What runs it in a cluster, with the image's `version`. Endpoints of its ports have their names there.
    ///
    /// # Errors
    /// When its manifest is damaged.
    fn objects(&self, cx: Context<'_>, version: &str) -> CommandResult<Objects>;
    /// How to tell that it answers.
    fn probe(&self, cx: Context<'_>) -> Probe;
    /// Makes what the applications need in it; writes nothing where all is there.
    async fn provision(&self, cx: Context<'_>, mode: Provision) -> CommandResult<Provisioned>;
    /// Takes away what [`Service::provision`] made for a throw-away state of an application, with all that is in it.
    /// What is gone already is fine.
    async fn discard(&self, _cx: Context<'_>, _app: &App) -> CommandResult {
        Ok(())
    }
    /// A real round trip, as the application `app` would make it.
    async fn verify(&self, cx: Context<'_>, app: &App) -> Vec<Check>;
    /// What the application `app` sees of it.
    fn variables(&self, cx: Context<'_>, app: &App) -> Variables;
}

/// Everything that is made once per machine, whichever service needs it.
pub fn preparations() -> [&'static Preparation; 6] {
    [
        &postgres::DATABASE,
        &keycloak::BUILT,
        &keycloak::DATABASE,
        &keycloak::ARCHIVE,
        &opensearch::LIBRARY,
        &opensearch::ARCHIVE,
    ]
}

/// Environment variables that every process gets; it inherits none.
fn environment(temporary: &Path) -> BTreeMap<String, String> {
    let temporary = temporary.display().to_string();
    // One time zone makes the logs of all services comparable.
    [
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("TZ", "UTC"),
        ("LC_ALL", "C"),
        ("HOME", &temporary),
        ("TMPDIR", &temporary),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// The first Java whose archives (JEP 514) are of the kind used here.
const JAVA_WITH_ARCHIVES: u32 = 25;

fn java_has_archives(tools: &dyn Tools) -> bool {
    let major = major(&tools.version("java"));
    major.is_some_and(|major| major >= JAVA_WITH_ARCHIVES)
}

/// Options that must be the same when an archive is written and when it is used. They leave out what only
/// the optimising compiler profits from.
const JAVA_ARCHIVE: [&str; 3] = ["-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTAdapterCaching", "-XX:-AOTStubCaching"];

fn java_archive_options(more: &[String]) -> Vec<String> {
    JAVA_ARCHIVE.iter().map(|option| (*option).to_owned()).chain(more.iter().cloned()).collect()
}

/// Java's options to use an archive. One that is missing or of another Java is no error.
fn java_archive(tools: &dyn Tools, archive: &Path) -> Vec<String> {
    if !java_has_archives(tools) {
        return Vec::new();
    }
    java_archive_options(&[format!("-XX:AOTCache={}", archive.display())])
}

/// Java's options to learn how a program starts, and then to write an archive of it.
fn java_recording(tools: &dyn Tools, recording: &Path, archive: &Path) -> Option<[Vec<String>; 2]> {
    let recording = format!("-XX:AOTConfiguration={}", recording.display());
    let learn = java_archive_options(&["-XX:AOTMode=record".into(), recording.clone()]);
    let write = ["-XX:AOTMode=create".into(), recording, format!("-XX:AOTCache={}", archive.display())];
    java_has_archives(tools).then(|| [learn, java_archive_options(&write)])
}

/// The numbers in a version, to compare versions by: those of `2025-09-07` and `RELEASE.2025-09-07` are the same.
fn version_numbers(version: &str) -> Vec<u64> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
}

/// The first number of a version.
pub fn major(version: &str) -> Option<u32> {
    version_numbers(version).first().and_then(|number| u32::try_from(*number).ok())
}

/// The service called `name`.
pub fn find(name: &str) -> Option<&'static dyn Service> {
    ALL.iter().copied().find(|s| s.name() == name)
}

/// Services that the instance `id` needs, also of an application that is no longer there (`postgrest-old`).
fn needs_of(id: &str) -> impl Iterator<Item = &'static str> + use<> {
    let is_its =
        |s: &&&dyn Service| id == s.name() || id.strip_prefix(s.name()).is_some_and(|rest| rest.starts_with('-'));
    let service = ALL.iter().find(is_its);
    service.into_iter().flat_map(|s| s.needs().iter().chain(s.after()).copied())
}

/// Groups of instances that can stop side by side, in this order: nothing in a group is needed by something
/// in a later one.
pub fn stop_order(ids: &BTreeSet<String>) -> Vec<Vec<String>> {
    let mut left = ids.clone();
    let mut groups = Vec::new();
    while !left.is_empty() {
        let needed: BTreeSet<&str> = left.iter().flat_map(|id| needs_of(id)).collect();
        let mut group: Vec<String> = left.iter().filter(|id| !needed.contains(id.as_str())).cloned().collect();
        if group.is_empty() {
            // A circle, which no table of services has: all at once then.
            group = left.iter().cloned().collect();
        }
        left.retain(|id| !group.contains(id));
        groups.push(group);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_need_stops_last_also_for_what_is_no_longer_wanted() {
        let ids = ["postgres", "postgrest-gone", "keycloak", "redis"].map(str::to_owned).into();
        assert_eq!(stop_order(&ids), [vec!["postgrest-gone", "redis"], vec!["keycloak"], vec!["postgres"]]);
    }

    #[test]
    fn data_is_read_by_programs_that_are_not_older_and_by_postgresql_of_the_same_major_version() {
        let reads = |service, wrote, runs| find(service).map(|s| s.reads(wrote, runs)).unwrap_or_default();
        for (service, wrote, runs) in [
            ("postgres", "17.6", "17.6"),
            ("postgres", "17.6", "17.2"),
            ("redis", "6.2.14", "7.4.1"),
            ("keycloak", "26.7.3", "26.10.0"),
            ("minio", "2026-02-12", "RELEASE.2026-02-12T16-13-09Z"),
            ("opensearch", "2.19.1", "3.6.0"),
            ("postgrest", "14.0", "12.0.2"),
        ] {
            assert!(reads(service, wrote, runs), "{service} {wrote} {runs}");
        }
        for (service, wrote, runs) in [
            ("postgres", "16.9", "17.6"),
            ("postgres", "17.6", "16.9"),
            ("redis", "7.4.1", "6.2.14"),
            ("keycloak", "26.10.0", "26.7.3"),
            ("minio", "2026-02-12", "2025-09-07"),
            ("opensearch", "1.3.0", "3.6.0"),
            ("opensearch", "3.6.0", "2.19.1"),
        ] {
            assert!(!reads(service, wrote, runs), "{service} {wrote} {runs}");
        }
    }
}
