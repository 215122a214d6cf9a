//! A throw-away state: everything that the application has, once more, for one run of its tests.
//!
//! The database is a copy of a template, in the same server and for the same roles, whose names migrations may know.
//! Buckets, realm, keys and indices are made by the same provisioning as the application's, under another name.
//! PostgREST is a process of this machine, whatever the engine of the stack: it is there in a tenth of a second, and a
//! cluster would have to be made again for another port.
//!
//! A folder below `tests/` of the stack says what a state consists of, and who uses it holds the lock in it, which the
//! kernel takes back however that process ends. A folder whose lock is free is what a dead run left, unless it says
//! that it is prepared: a realm takes a second to make, so the next run's state is made while tests run, all of it but
//! PostgREST.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::future::join_all;
use plattr_api::Variables;
use plattr_db::{Server, SqlFailure, template};
use serde::{Deserialize, Serialize};

use crate::digest;
use crate::engines::native::user::home_for;
use crate::project::Project;
use crate::project::model::StackSettings;
use crate::services::postgrest::Postgrest;
use crate::services::{Provision, Service as _, postgres};
use crate::stack::observe::{OpenStack, Scoped, running};
use crate::stack::open::native;
use crate::stack::state::{State, create_private_dir, write_private};
use crate::stack::{App, Facts, Instance, Ports, Stack};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Silent;

/// How long PostgREST may take to answer.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// What a state consists of.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The application, as this state.
    pub app: App,
    /// Ports of its own.
    pub ports: Ports,
    /// What provisioning told.
    pub facts: Facts,
    /// Services that have a part of it.
    pub services: BTreeSet<String>,
    /// The template that its database is a copy of; none while there is no database.
    pub template: Option<String>,
    /// Whether it waits for a run.
    pub prepared: bool,
}

/// A throw-away state, held by this process.
pub struct Isolated {
    pub(super) folder: PathBuf,
    pub(super) record: Record,
    open: OpenStack,
    _lock: Option<File>,
}

/// What states are made of.
pub struct Ground<'a> {
    /// The stack.
    pub open: &'a OpenStack,
    /// The application.
    pub app: &'a App,
    /// Services that run.
    pub services: BTreeSet<String>,
    /// How programs are found.
    pub settings: StackSettings,
    scope: Scoped,
}

/// The folder of all states of a stack.
pub fn folder(root: &Path) -> PathBuf {
    root.join("tests")
}

impl<'a> Ground<'a> {
    /// Looks at what runs.
    ///
    /// # Errors
    /// When the project has no application here, or the engine cannot be asked.
    pub async fn of(open: &'a OpenStack, project: &Project) -> CommandResult<Self> {
        let (app, settings) = (open.app(project)?, project.settings()?);
        let scope = Scoped::of(project, &[], &[], None)?;
        let running = running(&open.observe().await?);
        let of_app = |i: &Instance| i.app.as_ref().is_none_or(|owner| *owner == app.name);
        let instances = open.instances().into_iter().filter(|i| of_app(i) && running.contains(&i.id()));
        let services = instances.map(|i| i.service.name().to_owned()).collect();
        Ok(Self { open, app, services, settings, scope })
    }

    /// Titles of the services that the application asks for on this machine and that do not run.
    pub fn missing(&self) -> Vec<&'static str> {
        let of_app = |i: &Instance| i.app.as_ref().is_none_or(|owner| *owner == self.app.name);
        let wanted = |i: &Instance| of_app(i) && i.service.wanted_here(self.app) && self.scope.contains(i);
        let wanted = self.open.instances().into_iter().filter(wanted);
        wanted.filter(|i| !self.services.contains(i.service.name())).map(|i| i.service.title()).collect()
    }

    /// Takes a prepared state, or begins one. Nothing is made in any service yet.
    ///
    /// # Errors
    /// When the stack's folder cannot be written.
    pub fn take(&self) -> CommandResult<Isolated> {
        for folder in folders(&self.open.stack.root) {
            let Some(mut state) = hold(self.open, &folder, &self.settings)? else { continue };
            if state.record.prepared && self.is_own(&state.record) {
                state.record.prepared = false;
                state.write()?;
                return Ok(state);
            }
        }
        self.begin()
    }

    /// How many states are prepared.
    pub fn prepared(&self) -> usize {
        let fits = |folder: &PathBuf| read(folder).is_some_and(|record| record.prepared && self.is_own(&record));
        folders(&self.open.stack.root).iter().filter(|folder| fits(folder)).count()
    }

    /// Makes a state for a later run.
    ///
    /// # Errors
    /// What a service refused. What was made of it is removed by a later run.
    pub async fn prepare(&self, template: Option<&str>) -> CommandResult {
        let mut state = self.begin()?;
        if let Err(error) = state.provision(template).await {
            state.remove().await?;
            return Err(error);
        }
        state.record.prepared = true;
        state.write()
    }

    /// Whether a database belongs to a state.
    pub fn has_database(&self) -> bool {
        self.services.contains(postgres::Postgres.name())
    }

    /// Whether a state is what this application wants now, or another's business.
    pub fn fits(&self, record: &Record) -> bool {
        let Some(id) = &record.app.local.isolated else { return false };
        if record.app.name != self.app.name {
            return self.open.stack.apps.contains_key(&record.app.name);
        }
        // As files have it: secrets are in neither.
        serde_json::json!(self.app.isolated(id)) == serde_json::json!(record.app) && record.services == self.services
    }

    fn is_own(&self, record: &Record) -> bool {
        record.app.name == self.app.name && self.fits(record)
    }

    fn begin(&self) -> CommandResult<Isolated> {
        let root = &self.open.stack.root;
        create_private_dir(&folder(root))?;
        loop {
            let id = new_id();
            let folder = folder(root).join(&id);
            match fs::create_dir(&folder) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(CommandError::io("make", &folder, error)),
                Ok(()) => {}
            }
            let Some(lock) = lock(&folder)? else { continue };
            let app = self.app.isolated(&id);
            let record = Record {
                ports: own_ports(&app)?,
                app,
                facts: Facts::new(),
                services: self.services.clone(),
                template: None,
                prepared: false,
            };
            let state = Isolated::new(self.open, folder, record, Some(lock), &self.settings);
            state.write()?;
            return Ok(state);
        }
    }
}

/// Every state's folder.
pub(super) fn folders(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(root)).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// The databases of all states.
pub(super) fn databases(root: &Path) -> BTreeSet<String> {
    folders(root).iter().filter_map(|folder| read(folder)?.app.local.database).collect()
}

/// A state that nobody holds, held from now on; `None` where somebody does, or it is gone.
pub(super) fn hold(open: &OpenStack, folder: &Path, settings: &StackSettings) -> CommandResult<Option<Isolated>> {
    let Some(lock) = lock(folder)? else { return Ok(None) };
    let Some(record) = read(folder) else { return Ok(None) };
    Ok(Some(Isolated::new(open, folder.to_owned(), record, Some(lock), settings)))
}

/// A state, whoever holds it.
pub(super) fn look(open: &OpenStack, folder: &Path, settings: &StackSettings) -> Option<Isolated> {
    Some(Isolated::new(open, folder.to_owned(), read(folder)?, None, settings))
}

fn lock(folder: &Path) -> CommandResult<Option<File>> {
    let path = folder.join("lock");
    let file = match File::options().create(true).truncate(false).write(true).open(&path) {
        Ok(file) => file,
        // Removed this moment.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(CommandError::io("lock", &path, error)),
    };
    Ok(file.try_lock().is_ok().then_some(file))
}

fn read(folder: &Path) -> Option<Record> {
    serde_json::from_str(&fs::read_to_string(folder.join("state.json")).ok()?).ok()
}

fn new_id() -> String {
    let now = jiff::Timestamp::now().as_nanosecond();
    format!("t{}", digest::short(format!("{now} {} {:?}", std::process::id(), std::thread::current().id()), 3))
}

/// Free ports for the state's PostgREST. All are held until all are known.
fn own_ports(app: &App) -> CommandResult<Ports> {
    let id = Instance { service: &Postgrest, app: Some(app.name.clone()) }.id();
    let free = |_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let listeners = Postgrest.endpoints().iter().map(free).collect::<io::Result<Vec<_>>>()?;
    let mut ports = Ports::default();
    for (endpoint, listener) in Postgrest.endpoints().iter().zip(&listeners) {
        ports.0.insert(format!("{id}.{}", endpoint.name), listener.local_addr()?.port());
    }
    Ok(ports)
}

impl Isolated {
    fn new(real: &OpenStack, folder: PathBuf, record: Record, lock: Option<File>, settings: &StackSettings) -> Self {
        let mut state = State::new(&real.stack.name, "native");
        // The services' ports may have changed since the state was made.
        state.ports = real.state.ports.clone();
        state.ports.0.extend(record.ports.0.clone());
        state.facts.clone_from(&record.facts);
        let stack = Stack {
            name: real.stack.name.clone(),
            home: home_for(&folder),
            root: folder.clone(),
            apps: [(record.app.name.clone(), record.app.clone())].into(),
        };
        let open = OpenStack { stack, state, engine: Box::new(native(settings.clone())) };
        Self { folder, record, open, _lock: lock }
    }

    /// Its name.
    pub fn id(&self) -> &str {
        self.record.app.local.isolated.as_deref().unwrap_or_default()
    }

    /// What the processes of its run carry, so that a later run finds them.
    pub fn mark(&self) -> String {
        format!("{}#runner#", self.folder.display())
    }

    /// The variables of the application in this state.
    pub fn variables(&self) -> Variables {
        self.open.variables(&self.record.app)
    }

    fn write(&self) -> CommandResult {
        write_private(&self.folder.join("state.json"), &serde_json::json!(self.record).to_string())
    }

    /// Its instances of the services that run.
    fn instances(&self) -> Vec<Instance> {
        let runs = |i: &Instance| self.record.services.contains(i.service.name());
        self.open.instances().into_iter().filter(runs).collect()
    }

    /// Makes all of it: the database as a copy of `template`, or an empty one, and the rest as the application's own.
    /// Done again, it does nothing.
    ///
    /// # Errors
    /// What a service refused.
    pub async fn fill(&mut self, template: Option<&str>) -> CommandResult {
        self.provision(template).await?;
        self.serve().await
    }

    /// Makes all but PostgREST.
    async fn provision(&mut self, template: Option<&str>) -> CommandResult {
        let (facts, database) = futures::join!(self.others(), self.database(template));
        database?;
        self.record.facts = facts?;
        self.record.template = template.map(str::to_owned);
        self.open.state.facts.clone_from(&self.record.facts);
        self.write()
    }

    /// Provisions everything but the database; tells what was told.
    async fn others(&self) -> CommandResult<Facts> {
        let instances = self.instances();
        let others = instances.iter().filter(|i| i.service.name() != postgres::Postgres.name());
        let provisioned = join_all(others.map(|i| i.service.provision(self.open.context(i), Provision::Apply))).await;
        let mut facts = Facts::new();
        for one in provisioned {
            facts.extend(one?.facts);
        }
        Ok(facts)
    }

    /// Copies the template, and makes the rights that no copy has.
    async fn database(&self, template: Option<&str>) -> CommandResult {
        let Some(instance) = self.instances().into_iter().find(|i| i.service.name() == postgres::Postgres.name())
        else {
            return Ok(());
        };
        let cx = self.open.context(&instance);
        let made = async {
            let session = template::maintenance(&Server::plain(postgres::admin(cx))).await?.connect().await?;
            let name = self.record.app.database();
            if template::exists(&session, name).await? {
                if self.record.template.as_deref() == template {
                    return Ok(());
                }
                // A copy of what was migrated otherwise.
                template::drop(&session, name).await?;
            }
            template::create(&session, name, template).await
        };
        made.await.map_err(|failure: SqlFailure| {
            CommandError::new(ErrorKind::Failed, "test-database", "cannot make a database for the tests")
                .because(failure)
        })?;
        instance.service.provision(cx, Provision::Apply).await.map(drop)
    }

    /// Starts its PostgREST and waits until it answers.
    async fn serve(&self) -> CommandResult {
        let Some(instance) = self.instances().into_iter().find(|i| i.service.name() == Postgrest.name()) else {
            return Ok(());
        };
        let cx = self.open.context(&instance);
        self.open.engine.start(&instance, cx, &Silent).await?;
        instance.service.probe(cx).wait(READY_WITHIN).await.map_err(|not_ready| {
            let logs = self.open.stack.home.join("logs").join(format!("{}.log", instance.id()));
            let message = format!("PostgREST of the tests did not answer within {} s", READY_WITHIN.as_secs());
            CommandError::new(ErrorKind::Failed, "service-not-ready", message)
                .because(not_ready.0)
                .hint(format!("{} has what it said", logs.display()))
        })
    }

    /// Stops its processes. Its data stays.
    ///
    /// # Errors
    /// When one does not end.
    pub async fn stop(&self) -> CommandResult {
        for id in self.open.engine.known(&self.open.stack).await? {
            self.open.engine.stop(&self.open.stack, &id, &Silent).await?;
        }
        Ok(())
    }

    /// Removes all of it. Killed or failed in the middle, it is removed by the next run.
    ///
    /// # Errors
    /// The first failure; the rest is removed all the same.
    pub async fn remove(self) -> CommandResult {
        self.stop().await?;
        let instances = self.instances();
        let discarded =
            join_all(instances.iter().map(|i| i.service.discard(self.open.context(i), &self.record.app))).await;
        discarded.into_iter().collect::<CommandResult<()>>()?;
        self.forget()
    }

    /// Deletes its folders.
    pub(super) fn forget(&self) -> CommandResult {
        let folders: BTreeSet<&Path> = [self.folder.as_path(), self.open.stack.home.as_path()].into();
        for folder in folders {
            match fs::remove_dir_all(folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(CommandError::io("delete", folder, error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
