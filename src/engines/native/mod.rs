//! Services as processes of this machine, without Docker: packages pinned by digest, fetched once,
//! started detached and found again.

mod beside;
mod bundle;
pub mod cache;
pub mod data;
mod fetch;
mod guarded;
pub mod lock;
mod logs;
mod packages;
mod prepare;
pub mod process_table;
pub mod supervisor;
pub mod tools;
mod unpack;
pub mod user;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use self::cache::Cache;
use self::lock::{LOCK, Mirrors, platform};
use self::packages::Bytes;
use self::process_table::Table;
use self::supervisor::{Found, Launch, Record, Supervisor};
use self::tools::{Resolved, Wishes};
use self::user::User;
use super::{Condition, Engine, LogLine, LogOptions, Observed, trash, trashed};
use crate::services::Context;
use crate::services::process::{NativeFolders, Preparation, Process, Tools};
use crate::stack::snapshot::archive::{Reader, Writer};
use crate::stack::{Instance, Stack};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::{Task, blocking};

/// What a person can choose about this engine.
#[derive(Debug, Clone, Default)]
pub struct NativeConfig {
    /// The cache; `None` is [`cache::default_root`].
    pub cache: Option<PathBuf>,
    /// Where packages come from instead of the public registries.
    pub mirrors: Mirrors,
    /// Which programs on PATH serve, and which versions are wanted.
    pub wishes: Wishes,
}

/// The native engine.
pub struct NativeEngine {
    cache: Cache,
    mirrors: Mirrors,
    wishes: Wishes,
    resolved: Mutex<HashMap<String, Resolved>>,
    users: Mutex<HashMap<PathBuf, Option<User>>>,
}

impl NativeEngine {
    /// An engine. Nothing is touched until it is used.
    pub fn new(config: NativeConfig) -> Self {
        Self {
            cache: Cache::at(config.cache.unwrap_or_else(cache::default_root)),
            mirrors: config.mirrors,
            wishes: config.wishes,
            resolved: Mutex::default(),
            users: Mutex::default(),
        }
    }

    /// Its cache.
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// The folders of the cache that this plattr would use, whichever services are wanted.
    pub fn current_folders(&self) -> BTreeSet<PathBuf> {
        let mut current: BTreeSet<PathBuf> =
            LOCK.iter().map(|(name, package)| self.cache.package(&package.folder(name, &platform()))).collect();
        current.extend(crate::services::preparations().iter().map(|p| self.located(p)));
        current
    }

    /// The folders of the cache that services use which run now, of the stacks in `roots`: another plattr or
    /// other settings may have started them.
    pub fn folders_in_use(&self, roots: &[PathBuf]) -> CommandResult<BTreeSet<PathBuf>> {
        let mut used = BTreeSet::new();
        for root in roots {
            let supervisor = Supervisor::new(root);
            for id in supervisor.known()? {
                if let Found::Running(record, _) = supervisor.find(&id)? {
                    used.extend(self.cache.mentioned(&record.program.display().to_string()));
                    used.extend(record.uses);
                }
            }
        }
        Ok(used)
    }

    /// Which program serves for a package.
    fn resolve(&self, name: &str) -> CommandResult<Resolved> {
        let mut known = self.resolved.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(resolved) = known.get(name) {
            return Ok(resolved.clone());
        }
        let resolved = tools::resolve(name, &LOCK, &self.wishes, &tools::find_on_path)?;
        known.insert(name.to_owned(), resolved.clone());
        Ok(resolved)
    }

    /// Whether a package, or a program on PATH that serves for it, can be had. Asks neither network nor cache.
    ///
    /// # Errors
    /// When there is none in the version that is wished for.
    pub fn check(&self, name: &str) -> CommandResult {
        self.resolve(name).map(drop)
    }

    fn resolved(&self, name: &str) -> Option<Resolved> {
        self.resolve(name).ok()
    }

    fn user(&self, stack: &Stack) -> CommandResult<Option<User>> {
        if !user::is_root() {
            return Ok(None);
        }
        let mut known = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(user) = known.get(&stack.root) {
            return Ok(*user);
        }
        let user = user::for_stack(&stack.root, &|line| tracing::warn!("{line}"))?;
        known.insert(stack.root.clone(), user);
        Ok(user)
    }

    /// The process of an instance, as its service describes it. Touches neither network nor disk, except to
    /// look for programs on PATH.
    fn process(&self, instance: &Instance, cx: Context<'_>) -> CommandResult<Process> {
        if instance.service.packages().is_empty() {
            let message = format!("{} runs on the Kind engine only", instance.service.title());
            return Err(CommandError::new(ErrorKind::Config, "engine-cannot", message).hint(format!(
                "take `{}` out of `local` in plattr.yaml, or run `plattr dev --engine kind`",
                instance.service.name()
            )));
        }
        for package in instance.service.packages() {
            self.resolve(package)?;
        }
        let id = instance.id();
        let folders = NativeFolders {
            data: &cx.stack.home.join("data").join(&id),
            config: &cx.stack.home.join("config").join(&id),
            tools: self,
        };
        Ok(instance.service.process(cx, &folders))
    }

    /// Where a preparation is, or will be.
    fn located(&self, preparation: &Preparation) -> PathBuf {
        let origins: Vec<String> = preparation
            .packages
            .iter()
            .map(|name| match self.resolved(name) {
                Some(Resolved { on_path: Some(path), version, .. }) => format!("{} {version}", path.display()),
                _ => self.package(name).display().to_string(),
            })
            .collect();
        self.cache.prepared(&prepare::folder(preparation, self, &origins))
    }

    /// Brings one instance up, under its lock.
    async fn bring_up(
        &self,
        instance: &Instance,
        cx: Context<'_>,
        user: Option<User>,
        task: &dyn Task,
    ) -> CommandResult<()> {
        let (id, stack) = (instance.id(), cx.stack);
        let supervisor = Supervisor::new(&stack.root);
        let _lock = supervisor.lock(&id).await?;
        let process = self.process(instance, cx)?;
        let hash = process.hash();
        match supervisor.find(&id)? {
            Found::Running(record, _) if record.hash == hash => return supervisor.adopt(&id, &record),
            Found::Running(..) => {
                task.doing("stopping the old one");
                supervisor.stop(&id).await?;
            }
            Found::Died(_) | Found::Stopped => supervisor.end_marked(&id).await?,
        }
        let (data, config) = (stack.home.join("data"), stack.home.join("config"));
        let log = log_file(&stack.home, &id);
        user::make_home(&stack.root, &stack.home, user).map_err(|e| user::folder_error(&stack.home, e))?;
        data::settle_in(&stack.home).map_err(|e| user::folder_error(&stack.home, e))?;
        let own = [data.clone(), config.clone(), data.join(&id), config.join(&id), config.join(&id).join("tmp")];
        for folder in own.iter().chain([&stack.home.join("logs")]) {
            user::make_owned(folder, user).map_err(|e| user::folder_error(folder, e))?;
        }
        if let Err(error) = empty_trash(stack) {
            // Another instance may be at it just now.
            tracing::debug!(%error, "cannot delete what was destroyed");
        }
        logs::rotate(&log).map_err(|e| user::folder_error(&log, e))?;
        if let Some(initialise) = &process.initialise {
            task.doing("preparing its data");
            prepare::initialise(initialise, user, &supervisor.mark(&id, "initialise")).await?;
        }
        for file in &process.stale {
            cache::remove_all(file).map_err(|e| user::folder_error(file, e))?;
        }
        for file in &process.files {
            prepare::write_file(file, user)?;
        }
        if !process.program.is_file() {
            let message = format!("{} is not there", process.program.display());
            return Err(CommandError::new(ErrorKind::Environment, "program-missing", message)
                .hint("`plattr cache prune --all` and then `plattr dev` fetches all packages again"));
        }
        task.doing("starting");
        let package = instance.service.packages().first().copied().unwrap_or_default();
        let resolved = self.resolve(package)?;
        let source = if resolved.on_path.is_some() { "path" } else { "package" };
        let texts = process.args.iter().chain(process.env.values()).chain(process.files.iter().map(|f| &f.contents));
        let record = Record {
            uses: texts.flat_map(|text| self.cache.mentioned(text)).collect(),
            ..Record::new(&process.program, hash, resolved.version, source.to_owned(), process.stop_signal)
        };
        let launch = Launch {
            program: &process.program,
            args: &process.args,
            env: &process.env,
            folder: &config.join(&id),
            log: &log,
            user,
            record,
        };
        supervisor.launch(&id, launch).map(|_| ())
    }
}

fn log_file(home: &Path, id: &str) -> PathBuf {
    home.join("logs").join(format!("{id}.log"))
}

/// Deletes what [`trash`] renamed, also in a run that was killed.
fn empty_trash(stack: &Stack) -> CommandResult {
    let folders: BTreeSet<&Path> = [stack.root.as_path(), stack.home.as_path()].into();
    folders
        .into_iter()
        .flat_map(trashed)
        .try_for_each(|folder| cache::remove_all(&folder).map_err(|e| user::folder_error(&folder, e)))
}

impl Tools for NativeEngine {
    fn program(&self, package: &str, program: &str) -> PathBuf {
        let rules = self.own(package).map(|(_, package)| package).ok();
        if let Some(Resolved { on_path: Some(found), .. }) = self.resolved(package) {
            let usual = LOCK.get(package).ok();
            let is_main = usual.and_then(|p| p.path.as_ref()).is_some_and(|p| p.program == program);
            return if is_main { found } else { found.with_file_name(program) };
        }
        let relative = rules.and_then(|p| p.programs.get(program)).map_or(program, String::as_str);
        self.package(package).join(relative)
    }

    fn package(&self, package: &str) -> PathBuf {
        if let Some(Resolved { on_path: Some(found), .. }) = self.resolved(package) {
            // `bin/java` belongs to the folder above `bin`.
            return found.parent().and_then(Path::parent).map(Path::to_owned).unwrap_or(found);
        }
        let folder = self.own(package).map(|(name, package)| package.folder(name, &platform())).unwrap_or_default();
        self.cache.package(&folder)
    }

    fn is_package(&self, package: &str) -> bool {
        self.resolved(package).is_none_or(|resolved| resolved.on_path.is_none())
    }

    fn version(&self, package: &str) -> String {
        self.resolved(package).map(|r| r.version).unwrap_or_default()
    }

    fn prepared(&self, name: &str) -> PathBuf {
        match crate::services::preparations().iter().find(|p| p.name == name) {
            Some(preparation) => self.located(preparation),
            None => self.cache.prepared(name),
        }
    }
}

#[async_trait]
impl Engine for NativeEngine {
    fn name(&self) -> &'static str {
        "native"
    }

    async fn known(&self, stack: &Stack) -> CommandResult<Vec<String>> {
        Supervisor::new(&stack.root).known()
    }

    async fn observe(&self, stack: &Stack, ids: &[String]) -> CommandResult<Vec<Observed>> {
        let supervisor = Supervisor::new(&stack.root);
        let mut table = None;
        let mut observed = Vec::new();
        for id in ids {
            let log = log_file(&stack.home, id);
            let condition = match supervisor.find(id)? {
                Found::Stopped => Condition::Stopped,
                Found::Died(_) => {
                    let lines = logs::last_lines(&log, 5);
                    let reason = if lines.is_empty() { "it wrote no log".into() } else { lines.join("\n") };
                    Condition::Died { reason }
                }
                Found::Running(record, pid) => {
                    let table = table.get_or_insert_with(Table::read);
                    let seconds = Timestamp::now().as_second() - record.started_at.as_second();
                    Condition::Running {
                        hash: record.hash,
                        version: record.version,
                        source: record.source,
                        pid: Some(pid),
                        uptime: Duration::from_secs(u64::try_from(seconds).unwrap_or_default()),
                        memory: table.memory(&table.tree(pid)),
                        edited: None,
                    }
                }
            };
            observed.push(Observed { id: id.clone(), condition });
        }
        Ok(observed)
    }

    fn owns_port(&self, stack: &Stack, id: &str, port: u16) -> Option<bool> {
        match Supervisor::new(&stack.root).find(id) {
            Ok(Found::Running(_, pid)) => process_table::listens(&Table::read().tree(pid), port),
            _ => None,
        }
    }

    fn desired_hash(&self, instance: &Instance, cx: Context<'_>) -> CommandResult<String> {
        Ok(self.process(instance, cx)?.hash())
    }

    async fn prepare(&self, instance: &Instance, cx: Context<'_>, task: &dyn Task) -> CommandResult<()> {
        if let Some(initialise) = &self.process(instance, cx)?.initialise {
            // Before anything is fetched, or what runs is stopped.
            prepare::check_versions(initialise)?;
        }
        let user = self.user(cx.stack)?;
        user::make_public(self.cache.root()).map_err(|e| user::folder_error(self.cache.root(), e))?;
        if user.is_some_and(|user| !user::can_reach(self.cache.root(), user)) {
            let message = format!("the services' user cannot enter {}", self.cache.root().display());
            return Err(CommandError::new(ErrorKind::Environment, "cache-unreachable", message)
                .hint("set PLATTR_CACHE_DIR to a folder that everyone may enter, such as /var/cache/plattr"));
        }
        let bytes = Bytes::new(task);
        let packages = instance.service.packages().iter().map(|name| self.ensure_package(name, &bytes));
        futures::future::try_join_all(packages).await?;
        for preparation in instance.service.preparations(cx) {
            self.ensure_prepared(preparation, user, task).await?;
        }
        Ok(())
    }

    async fn start(&self, instance: &Instance, cx: Context<'_>, task: &dyn Task) -> CommandResult<()> {
        self.prepare(instance, cx, task).await?;
        self.bring_up(instance, cx, self.user(cx.stack)?, task).await
    }

    async fn stop(&self, stack: &Stack, id: &str, task: &dyn Task) -> CommandResult<()> {
        let supervisor = Supervisor::new(&stack.root);
        let _lock = supervisor.lock(id).await?;
        task.doing("stopping");
        supervisor.stop(id).await
    }

    fn wrote(&self, stack: &Stack, instance: &Instance) -> Option<String> {
        instance.service.upgraded_by()?;
        let wanted = Engine::version(self, instance).ok().as_deref().and_then(crate::services::major)?;
        let there = prepare::majors(&stack.home.join("data").join(instance.id()));
        let latest = there.iter().max().filter(|_| !there.contains(&wanted));
        latest.map(u32::to_string)
    }

    fn version(&self, instance: &Instance) -> CommandResult<String> {
        let package = instance.service.packages().first().copied().unwrap_or_default();
        Ok(self.resolve(package)?.version)
    }

    async fn save_data(&self, stack: &Stack, into: Writer, task: &dyn Task) -> CommandResult<Writer> {
        let home = stack.home.clone();
        data::settle_in(&home).map_err(|e| user::folder_error(&home, e))?;
        let saved = blocking(task, move |meter| data::save(&home, into, meter)).await;
        saved.map_err(|e| CommandError::io("save", &stack.home.join("data"), e))
    }

    async fn restore_data(&self, stack: &Stack, from: Reader, task: &dyn Task) -> CommandResult {
        let user = self.user(stack)?;
        let failed = |e| user::folder_error(&stack.home.join("data"), e);
        user::make_home(&stack.root, &stack.home, user).map_err(failed)?;
        let home = stack.home.clone();
        blocking(task, move |meter| data::restore(&home, from, user, meter)).await.map_err(failed)?;
        task.doing("deleting what was replaced");
        if let Err(error) = empty_trash(stack) {
            // The next run tries it again.
            tracing::warn!(%error, "cannot delete what was replaced");
        }
        Ok(())
    }

    async fn destroy(&self, stack: &Stack, task: &dyn Task) -> CommandResult<()> {
        task.doing("deleting data");
        // Data that is half deleted must not pass for data: all is renamed before anything is deleted.
        let mut folders: Vec<PathBuf> =
            ["data", "data.old", "config", "logs"].iter().map(|f| stack.home.join(f)).collect();
        folders.push(stack.root.join("run"));
        folders.iter().try_for_each(|f| trash(f).map_err(|e| user::folder_error(f, e)))?;
        empty_trash(stack)?;
        if stack.home != stack.root {
            // The link to the data, and the stack's folder in the system's place.
            let rest = [stack.root.join("data"), stack.home.clone()];
            rest.iter().try_for_each(|f| cache::remove_all(f).map_err(|e| user::folder_error(f, e)))?;
        }
        Ok(())
    }

    async fn logs(
        &self,
        stack: &Stack,
        ids: &[String],
        options: &LogOptions,
        sink: tokio::sync::mpsc::Sender<LogLine>,
    ) -> CommandResult<()> {
        let files: BTreeMap<String, PathBuf> = ids.iter().map(|id| (id.clone(), log_file(&stack.home, id))).collect();
        let supervisor = Supervisor::new(&stack.root);
        for (id, path) in files.iter().filter(|(_, path)| logs::is_large(path)) {
            // Not while it is being started, nor by two at once.
            if let Some(_lock) = supervisor.try_lock(id)
                && let Err(error) = logs::rotate(path)
            {
                tracing::warn!(%error, log = %path.display(), "cannot rotate");
            }
        }
        logs::read(files, options, sink).await.map_err(|e| user::folder_error(&stack.home.join("logs"), e))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::engines::TRASH;
    use crate::services::process::StopSignal;
    use crate::ui::progress::Silent;

    fn engine(cache: &Path) -> NativeEngine {
        NativeEngine::new(NativeConfig { cache: Some(cache.into()), ..NativeConfig::default() })
    }

    fn stack(root: &Path) -> Stack {
        Stack { name: "todo".into(), root: root.into(), home: root.into(), apps: BTreeMap::new() }
    }

    #[tokio::test]
    async fn packages_of_what_runs_are_in_use() {
        let dir = tempfile::tempdir().unwrap();
        let engine = engine(dir.path());
        let (root, old) = (dir.path().join("stack"), engine.cache().package("sleep-0.1"));
        let supervisor = Supervisor::new(&root);
        let _lock = supervisor.lock("it").await.unwrap();
        let sleep = Path::new("/bin/sleep");
        let record = Record::new(sleep, "hash".into(), "1".into(), "package".into(), StopSignal::Term);
        let launch = Launch {
            program: sleep,
            args: &["1000".to_owned()],
            env: &BTreeMap::new(),
            folder: dir.path(),
            log: &root.join("log"),
            user: None,
            record: Record { uses: [old.clone()].into(), ..record },
        };
        supervisor.launch("it", launch).unwrap();
        assert_eq!(engine.folders_in_use(std::slice::from_ref(&root)).unwrap(), BTreeSet::from([old]));
        supervisor.stop("it").await.unwrap();
        assert!(engine.folders_in_use(&[root]).unwrap().is_empty());
    }

    #[tokio::test]
    async fn destroyed_data_is_out_of_the_way_before_it_is_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let stack = stack(dir.path());
        let names = || -> Vec<String> {
            let entries = std::fs::read_dir(dir.path()).unwrap().flatten();
            entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect()
        };
        // As if plattr had been killed right after renaming.
        for _ in 0..2 {
            std::fs::create_dir_all(stack.home.join("data/postgres/17")).unwrap();
            trash(&stack.home.join("data")).unwrap();
        }
        assert!(names().len() == 2 && names().iter().all(|n| n.starts_with(TRASH)), "{:?}", names());
        std::fs::create_dir_all(stack.home.join("data/redis")).unwrap();
        std::fs::write(stack.home.join("stack.json"), "").unwrap();
        engine(dir.path()).destroy(&stack, &Silent).await.unwrap();
        assert_eq!(names(), ["stack.json"]);
    }

    #[test]
    fn what_runs_is_the_same_however_often_it_is_asked() {
        let dir = tempfile::tempdir().unwrap();
        let engine = engine(dir.path());
        for preparation in crate::services::preparations() {
            assert_eq!(engine.located(preparation), engine.located(preparation), "{}", preparation.name);
        }
        assert!(engine.current_folders().len() > 6);
    }
}
