//! Processes that outlive plattr: started detached, remembered in a file, found again, stopped.
//!
//! The file is written before the process is started, without a process id, and again right after. A
//! plattr that is killed in between leaves an intent behind; the process itself carries a mark in its
//! environment by which the next run finds it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::Timestamp;
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal};
use serde::{Deserialize, Serialize};

use super::guarded;
use super::process_table::{self as table, Table};
use super::user::{self, User};
use crate::services::process::StopSignal;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// The variable that marks a process as plattr's: `STACK-ROOT#ID#HASH`.
pub const MARK: &str = "PLATTR_INSTANCE";
/// How long a process may take to stop before it is killed.
pub const GRACE: Duration = Duration::from_secs(10);
/// How long it may take until a process that was killed is gone.
const AFTER_KILL: Duration = Duration::from_secs(5);
/// Version of the files in `run/`.
const SCHEMA: u32 = 1;

/// What is remembered of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// Version of this file.
    pub schema: u32,
    /// The stack's folder when it was started: a copy of the folder has a copy of this file.
    #[serde(default)]
    pub root: PathBuf,
    /// The leader of its process group; `None` until it is started.
    pub pid: Option<u32>,
    /// When the leader started, as [`table::Row::start`].
    pub start: u64,
    /// The boot in which it started.
    pub boot: String,
    /// Program.
    pub program: PathBuf,
    /// Folders of the cache that it uses while it runs.
    #[serde(default)]
    pub uses: BTreeSet<PathBuf>,
    /// [`crate::services::process::Process::hash`].
    pub hash: String,
    /// Version of what runs.
    pub version: String,
    /// `package` or `path`.
    pub source: String,
    /// How it is asked to stop.
    pub stop_signal: StopSignal,
    /// When it was started.
    pub started_at: Timestamp,
}

/// How an instance is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It runs.
    Running(Record, u32),
    /// It was started and is gone.
    Died(Record),
    /// It was not started, or was stopped.
    Stopped,
}

/// What to start.
pub struct Launch<'a> {
    /// Program.
    pub program: &'a Path,
    /// Arguments.
    pub args: &'a [String],
    /// The whole environment, without the mark.
    pub env: &'a BTreeMap<String, String>,
    /// Its working folder.
    pub folder: &'a Path,
    /// Its log.
    pub log: &'a Path,
    /// Who it runs as.
    pub user: Option<User>,
    /// What to remember of it.
    pub record: Record,
}

impl Record {
    /// A record of something that is about to be started.
    pub fn new(program: &Path, hash: String, version: String, source: String, stop_signal: StopSignal) -> Self {
        Self {
            schema: SCHEMA,
            root: PathBuf::new(),
            pid: None,
            start: 0,
            boot: table::boot_id(),
            program: program.to_owned(),
            uses: BTreeSet::new(),
            hash,
            version,
            source,
            stop_signal,
            started_at: Timestamp::now(),
        }
    }
}

/// The instances of one stack.
pub struct Supervisor<'a> {
    root: &'a Path,
}

impl<'a> Supervisor<'a> {
    /// Of the stack at `root`.
    pub fn new(root: &'a Path) -> Self {
        Self { root }
    }

    fn file(&self, id: &str) -> PathBuf {
        self.root.join("run").join(format!("{id}.json"))
    }

    /// What processes of an instance carry in the variable [`MARK`].
    pub fn mark(&self, id: &str, hash: &str) -> String {
        format!("{}#{id}#{hash}", self.root.display())
    }

    /// The lock of an instance.
    pub async fn lock(&self, id: &str) -> CommandResult<File> {
        let folder = self.root.join("run");
        fs::create_dir_all(&folder).map_err(|e| user::folder_error(&folder, e))?;
        super::cache::lock(&folder.join(format!("{id}.lock"))).await
    }

    /// The same, without waiting: `None` while somebody else has it, and where nothing was ever started.
    pub fn try_lock(&self, id: &str) -> Option<File> {
        let file = File::options().append(true).open(self.root.join("run").join(format!("{id}.lock"))).ok()?;
        file.try_lock().is_ok().then_some(file)
    }

    fn read(&self, id: &str) -> CommandResult<Option<Record>> {
        let path = self.file(id);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(user::folder_error(&path, e)),
        };
        match serde_json::from_str::<Record>(&text) {
            Ok(record) if record.schema <= SCHEMA => Ok(Some(record)),
            Ok(record) => Err(CommandError::new(
                ErrorKind::Environment,
                "state-too-new",
                format!("{} is of version {}; this plattr knows {SCHEMA}", path.display(), record.schema),
            )
            .hint("use the plattr that started the stack, or a newer one")),
            // A broken file says nothing; the mark in the process's environment still finds it.
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "unreadable; looking for the process itself");
                Ok(None)
            }
        }
    }

    fn write(&self, id: &str, record: &Record) -> CommandResult {
        let path = self.file(id);
        let write = || -> io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(self.root.join("run"))?;
            serde_json::to_writer_pretty(&mut file, record)?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|e| user::folder_error(&path, e))
    }

    /// Ids of the instances that have a record.
    pub fn known(&self) -> CommandResult<Vec<String>> {
        let folder = self.root.join("run");
        let files = match fs::read_dir(&folder) {
            Ok(files) => files,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(user::folder_error(&folder, e)),
        };
        let mut ids: Vec<String> = files
            .flatten()
            .filter_map(|file| Some(file.file_name().to_str()?.strip_suffix(".json")?.to_owned()))
            .collect();
        ids.sort();
        Ok(ids)
    }

    /// How an instance is. Changes nothing.
    pub fn find(&self, id: &str) -> CommandResult<Found> {
        let Some(record) = self.read(id)? else { return Ok(Found::Stopped) };
        if self.is_of_another_stack(id, &record) {
            return Ok(Found::Stopped);
        }
        let Some(pid) = record.pid else {
            // Only an intent: plattr was killed while it started this.
            return Ok(match self.orphan(id, &record.hash) {
                Some((pid, start)) => Found::Running(Record { pid: Some(pid), start, ..record }, pid),
                None => Found::Stopped,
            });
        };
        let same = table::alive(pid).is_some_and(|row| row.start == record.start) && record.boot == table::boot_id();
        Ok(if same { Found::Running(record, pid) } else { Found::Died(record) })
    }

    /// Whether a record came here with a copy of the stack's folder: the folder that it names still has it. Of
    /// a folder that was moved nothing is left there, or by now something else.
    fn is_of_another_stack(&self, id: &str, record: &Record) -> bool {
        let original = Supervisor::new(&record.root);
        if record.root.as_os_str().is_empty()
            || original.file(id).canonicalize().ok() == self.file(id).canonicalize().ok()
        {
            return false;
        }
        match original.read(id) {
            Ok(Some(theirs)) => (theirs.pid, theirs.start) == (record.pid, record.start),
            Ok(None) => original.file(id).exists(),
            Err(_) => true,
        }
    }

    /// The process that carries the mark of an instance, with its start time.
    fn orphan(&self, id: &str, hash: &str) -> Option<(u32, u64)> {
        let marked = self.marked(id);
        let table = Table::read();
        let leader = |pid: &u32| table.get(*pid).is_some_and(|row| !row.ended && !marked.contains_key(&row.parent));
        let wanted = self.mark(id, hash);
        let pid = marked.iter().filter(|(_, mark)| **mark == wanted).map(|(pid, _)| *pid).find(leader)?;
        Some((pid, table.get(pid)?.start))
    }

    /// All processes that carry the mark of an instance, whatever its hash.
    fn marked(&self, id: &str) -> BTreeMap<u32, String> {
        let prefix = self.mark(id, "");
        table::with_variable(MARK).into_iter().filter(|(_, mark)| mark.starts_with(&prefix)).collect()
    }

    /// Remembers a process that [`Supervisor::find`] found by its mark, or in a folder that was moved.
    pub fn adopt(&self, id: &str, record: &Record) -> CommandResult {
        self.write(id, &Record { root: self.root.to_owned(), ..record.clone() })
    }

    /// Starts an instance that does not run.
    pub fn launch(&self, id: &str, launch: Launch<'_>) -> CommandResult<u32> {
        let mut record = Record { root: self.root.to_owned(), ..launch.record };
        self.write(id, &record)?;
        let log = open_log(launch.log).map_err(|e| user::folder_error(launch.log, e))?;
        let errors = log.try_clone().map_err(|e| user::folder_error(launch.log, e))?;
        let mut command = command(launch.program, launch.args, launch.env, launch.folder, launch.user);
        command.env(MARK, self.mark(id, &record.hash));
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        let mut child = command.spawn().map_err(|e| {
            CommandError::new(ErrorKind::Environment, "spawn", format!("cannot start {}", launch.program.display()))
                .because(e)
        })?;
        let pid = child.id();
        record.pid = Some(pid);
        record.start = table::alive(pid).map_or(0, |row| row.start);
        // Collects the process should it end while plattr still runs, so that it does not linger as a zombie.
        std::thread::spawn(move || child.wait());
        self.write(id, &record)?;
        Ok(pid)
    }

    /// Stops an instance with all its processes and waits until they are gone; forgets it then. Nothing is
    /// signalled that is not certainly this instance.
    pub async fn stop(&self, id: &str) -> CommandResult {
        let gone = match self.find(id)? {
            Found::Running(record, pid) => end(pid, record.start, record.stop_signal, GRACE).await,
            Found::Died(_) | Found::Stopped => true,
        };
        self.end_marked(id).await?;
        if !gone {
            return Err(still_running(id));
        }
        match fs::remove_file(self.file(id)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(user::folder_error(&self.file(id), e)),
            _ => Ok(()),
        }
    }

    /// Ends processes that carry the mark of an instance and that nobody remembers.
    pub async fn end_marked(&self, id: &str) -> CommandResult {
        match end_all(&self.marked(id).into_keys().collect::<Vec<_>>()).await {
            true => Ok(()),
            false => Err(still_running(id)),
        }
    }
}

fn still_running(id: &str) -> CommandError {
    CommandError::new(ErrorKind::Environment, "still-running", format!("{id} does not end, even when it is killed"))
        .hint("it may wait for a disk that does not answer; run the command again when that is repaired")
        .hint("if nothing helps, restart the machine")
}

/// Ends processes that carry the mark `mark`; says whether all are gone, and nothing where there were none.
pub async fn end_marked_with(mark: &str) -> Option<bool> {
    let found = table::with_variable(MARK).into_iter().filter(|(_, m)| m == mark).map(|(pid, _)| pid);
    let found: Vec<u32> = found.collect();
    if found.is_empty() { None } else { Some(end_all(&found).await) }
}

async fn end_all(pids: &[u32]) -> bool {
    let mut gone = true;
    for pid in pids {
        if let Some(row) = table::alive(*pid) {
            gone &= end(*pid, row.start, StopSignal::Term, GRACE).await;
        }
    }
    gone
}

/// Ends a process with its group and descendants: asks, waits, kills. Says whether all are gone.
pub async fn end(pid: u32, start: u64, stop: StopSignal, grace: Duration) -> bool {
    let is_it = |pid: u32, start: u64| table::alive(pid).is_some_and(|row| row.start == start);
    if !is_it(pid, start) {
        return true;
    }
    let processes = Table::read();
    let members: Vec<(u32, u64)> =
        processes.tree(pid).into_iter().filter_map(|p| Some((p, processes.get(p)?.start))).collect();
    let leads_group = processes.get(pid).is_some_and(|row| row.group == pid);
    let signal = match stop {
        StopSignal::Term => Signal::TERM,
        StopSignal::Int => Signal::INT,
    };
    if leads_group {
        signal_group(pid, signal)
    } else {
        // What it started has no other way to hear of it.
        members.iter().filter(|(p, s)| is_it(*p, *s)).for_each(|(member, _)| signal_one(*member, signal));
    }
    let gone = || members.iter().all(|(p, s)| !is_it(*p, *s));
    if wait_until(gone, grace).await {
        return true;
    }
    tracing::warn!(pid, "did not stop in time; killing it");
    for (member, member_start) in &members {
        if is_it(*member, *member_start) {
            signal_one(*member, Signal::KILL);
        }
    }
    wait_until(gone, AFTER_KILL).await
}

async fn wait_until(condition: impl Fn() -> bool, patience: Duration) -> bool {
    let end = tokio::time::Instant::now() + patience;
    while !condition() {
        if tokio::time::Instant::now() >= end {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    true
}

fn signal_group(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = rustix::process::kill_process_group(pid, signal);
    }
}

fn signal_one(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = rustix::process::kill_process(pid, signal);
    }
}

/// A command in a process group of its own, with the given environment only, as `user`.
///
/// A shell sets the file mode mask and closes the descriptors that plattr itself was given by its caller
/// (a pipe of `make` or of a test, which would never end while the service runs); the standard library can
/// do neither without unsafe code.
pub fn command(
    program: &Path,
    args: &[String],
    env: &BTreeMap<String, String>,
    folder: &Path,
    user: Option<User>,
) -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg("umask 077; exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; exec \"$0\" \"$@\"");
    command.arg(program).args(args).env_clear().envs(env).current_dir(folder).process_group(0);
    if let Some(user) = user {
        // As root, the standard library also drops the supplementary groups.
        command.gid(user.gid).uid(user.uid);
    }
    command
}

fn open_log(path: &Path) -> io::Result<File> {
    Ok(guarded::open(path, OFlags::WRONLY | OFlags::CREATE | OFlags::APPEND)?.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    struct Fixture {
        root: tempfile::TempDir,
    }

    impl Fixture {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            fs::create_dir(root.path().join("run")).unwrap();
            Self { root }
        }

        fn supervisor(&self) -> Supervisor<'_> {
            Supervisor::new(self.root.path())
        }

        fn record(&self) -> Record {
            Record::new(Path::new("/bin/sh"), "hash".into(), "1".into(), "package".into(), StopSignal::Term)
        }

        fn start(&self, script: &str) -> u32 {
            let env = BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]);
            let launch = Launch {
                program: Path::new("/bin/sh"),
                args: &["-c".to_owned(), script.to_owned()],
                env: &env,
                folder: self.root.path(),
                log: &self.root.path().join("log"),
                user: None,
                record: self.record(),
            };
            self.supervisor().launch("it", launch).unwrap()
        }

        fn log(&self) -> String {
            fs::read_to_string(self.root.path().join("log")).unwrap()
        }
    }

    async fn eventually(condition: impl Fn() -> bool) {
        assert!(wait_until(condition, Duration::from_secs(5)).await);
    }

    #[tokio::test]
    async fn a_started_process_is_found_again_and_stopped_with_its_children() {
        let fixture = Fixture::new();
        let pid = fixture.start("sleep 1000 & sleep 1000 & echo up; wait");
        eventually(|| fixture.log().contains("up")).await;
        assert!(matches!(fixture.supervisor().find("it").unwrap(), Found::Running(_, p) if p == pid));
        let members = Table::read().tree(pid);
        assert_eq!(members.len(), 3);
        fixture.supervisor().stop("it").await.unwrap();
        assert!(members.iter().all(|p| table::alive(*p).is_none()));
        assert_eq!(fixture.supervisor().find("it").unwrap(), Found::Stopped);
        fixture.supervisor().stop("it").await.unwrap();
    }

    #[tokio::test]
    async fn a_process_that_ignores_the_signal_is_killed() {
        let fixture = Fixture::new();
        let pid = fixture.start("trap '' TERM; echo up; while :; do sleep 0.1; done");
        eventually(|| fixture.log().contains("up")).await;
        let start = table::alive(pid).unwrap().start;
        assert!(end(pid, start, StopSignal::Term, Duration::from_millis(200)).await);
        assert!(table::alive(pid).is_none());
    }

    #[tokio::test]
    async fn a_stale_pid_that_is_another_program_now_is_never_signalled() {
        let fixture = Fixture::new();
        let mut stranger = Command::new("sleep").arg("1000").spawn().unwrap();
        let real = table::alive(stranger.id()).unwrap().start;
        for record in [
            Record { pid: Some(stranger.id()), start: real + 1, ..fixture.record() },
            Record { pid: Some(stranger.id()), start: real, boot: "another boot".into(), ..fixture.record() },
        ] {
            fixture.supervisor().write("it", &record).unwrap();
            assert!(matches!(fixture.supervisor().find("it").unwrap(), Found::Died(_)));
            fixture.supervisor().stop("it").await.unwrap();
            assert!(table::alive(stranger.id()).is_some());
        }
        stranger.kill().unwrap();
        stranger.wait().unwrap();
    }

    #[tokio::test]
    async fn a_process_whose_start_was_not_recorded_is_found_by_its_mark() {
        let fixture = Fixture::new();
        let pid = fixture.start("echo up; sleep 1000; true");
        eventually(|| fixture.log().contains("up")).await;
        // As if plattr had been killed between starting it and writing its id.
        fixture.supervisor().write("it", &fixture.record()).unwrap();
        let Found::Running(record, found) = fixture.supervisor().find("it").unwrap() else { panic!("not found") };
        assert_eq!(found, pid);
        fixture.supervisor().adopt("it", &record).unwrap();
        fixture.supervisor().stop("it").await.unwrap();
        assert!(table::alive(pid).is_none());
    }

    #[tokio::test]
    async fn a_process_that_nothing_remembers_is_ended_by_its_mark() {
        let fixture = Fixture::new();
        let pid = fixture.start("echo up; sleep 1000; true");
        eventually(|| fixture.log().contains("up")).await;
        fs::remove_file(fixture.supervisor().file("it")).unwrap();
        fixture.supervisor().end_marked("it").await.unwrap();
        assert!(table::alive(pid).is_none());
    }

    #[tokio::test]
    async fn a_copied_folder_leaves_the_original_alone_and_a_moved_one_still_works() {
        let fixture = Fixture::new();
        let pid = fixture.start("echo up; sleep 1000; true");
        eventually(|| fixture.log().contains("up")).await;
        let elsewhere = tempfile::tempdir().unwrap();
        let copy = |to: &Path| {
            fs::create_dir_all(to.join("run")).unwrap();
            fs::copy(fixture.supervisor().file("it"), to.join("run/it.json")).unwrap();
        };
        let (copied, moved) = (elsewhere.path().join("copied"), elsewhere.path().join("moved"));
        copy(&copied);
        copy(&moved);
        assert_eq!(Supervisor::new(&copied).find("it").unwrap(), Found::Stopped);
        Supervisor::new(&copied).stop("it").await.unwrap();
        assert!(table::alive(pid).is_some());
        // Another stack took the place of the one that was moved.
        fixture.supervisor().write("it", &Record { pid: Some(1), ..fixture.record() }).unwrap();
        assert!(matches!(Supervisor::new(&moved).find("it").unwrap(), Found::Running(_, found) if found == pid));
        fs::remove_file(fixture.supervisor().file("it")).unwrap();
        Supervisor::new(&moved).stop("it").await.unwrap();
        assert!(table::alive(pid).is_none());
    }

    #[tokio::test]
    async fn one_that_died_is_told_from_one_that_was_stopped() {
        let fixture = Fixture::new();
        let pid = fixture.start("exit 3");
        eventually(|| table::alive(pid).is_none()).await;
        assert!(matches!(fixture.supervisor().find("it").unwrap(), Found::Died(_)));
    }

    #[test]
    fn state_of_a_newer_plattr_is_refused_and_broken_state_is_not_trusted() {
        let fixture = Fixture::new();
        fixture.supervisor().write("it", &Record { schema: 99, ..fixture.record() }).unwrap();
        assert_eq!(fixture.supervisor().find("it").unwrap_err().code, "state-too-new");
        fs::write(fixture.supervisor().file("it"), "{").unwrap();
        assert_eq!(fixture.supervisor().find("it").unwrap(), Found::Stopped);
    }
}
