//! Services in a Kind cluster, as near to an environment as a developer's machine gets: one cluster a stack,
//! images by digest through a registry of this machine, data outside the node.
//!
//! `kind` makes the cluster; [`docker`] reaches the local engine; everything inside goes through the Kubernetes
//! API ([`api`]). What a service runs it says itself ([`Objects`]); this engine names it and chooses image and
//! ports.

mod api;
pub mod beside;
pub mod bundle;
mod config;
pub mod containers;
mod credentials;
mod data;
mod derive;
pub mod docker;
pub mod export;
pub mod images;
pub mod lock;
mod logs;
mod look;
mod node;
pub mod preflight;
mod push;
#[cfg(all(test, feature = "real-services"))]
mod real;
pub mod record;
pub mod registry;
mod service_images;
mod stand_in;
mod versions;
mod workload;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use k8s_openapi::api::core::v1::PersistentVolume;
use plattr_api::labels;
use serde_json::{Value, json};
use tokio::sync::{Mutex, OnceCell};

use self::api::Cluster;
use self::config::{DATA, Desired};
use self::docker::DockerHost;
use self::lock::{ImageLock, ImageRef};
use self::look::{OBSERVES_FOR, SURVEYS_FOR};
use self::node::{Making, Node};
use self::record::Record;
use self::registry::Registry;
use self::service_images::Of;
use super::native::NativeEngine;
use super::{Engine, LogLine, LogOptions, Observed};
use crate::digest;
use crate::services::Context;
use crate::services::objects::{Objects, typed};
use crate::services::process::Tools as _;
use crate::stack::lock::MachineLock;
use crate::stack::snapshot::archive::{Reader, Writer};
use crate::stack::state::create_private_dir;
use crate::stack::{Instance, Ports, Stack};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::{Progress, Silent, Task};

/// The variable that names a file with a machine's own changes to the configuration of clusters.
pub const CONFIG_VARIABLE: &str = "PLATTR_KIND_CONFIG";

/// What nodes know the registry by, whichever port of this machine it has.
const IN_CLUSTER: &str = "localhost:5050";

/// What a person can choose about this engine.
pub struct KindConfig {
    /// Mirrors of image registries, by registry.
    pub mirrors: BTreeMap<String, String>,
    /// Changes to the configuration that `kind` gets.
    pub patch: Value,
    /// The folder whose `images.lock` counts.
    pub project: Option<PathBuf>,
    /// Images that go before those of every lock.
    pub pins: Vec<ImageRef>,
    /// Where the program `kind` comes from, and what an image is made of that nobody publishes.
    pub packages: NativeEngine,
}

/// The Kind engine.
pub struct KindEngine {
    config: KindConfig,
    lock: std::sync::OnceLock<ImageLock>,
    patches: std::sync::OnceLock<Vec<Value>>,
    endpoints: std::sync::Mutex<BTreeMap<&'static str, Vec<String>>>,
    host: OnceCell<DockerHost>,
    registry: OnceCell<Registry>,
    cluster: Mutex<Option<Cluster>>,
    /// Held while a command of this process is at the data in a container, which [`KindEngine::reclaim`] would take for one
    /// that was left.
    serving: Mutex<()>,
}

impl KindEngine {
    /// An engine. Nothing is touched until it is used.
    pub fn new(config: KindConfig) -> Self {
        Self {
            config,
            lock: std::sync::OnceLock::new(),
            patches: std::sync::OnceLock::new(),
            endpoints: std::sync::Mutex::default(),
            host: OnceCell::new(),
            registry: OnceCell::new(),
            cluster: Mutex::default(),
            serving: Mutex::default(),
        }
    }

    async fn host(&self) -> CommandResult<&DockerHost> {
        self.host.get_or_try_init(docker::connect).await
    }

    fn image(&self, key: &str) -> CommandResult<&ImageRef> {
        if self.lock.get().is_none() {
            let mut lock = ImageLock::load(self.config.project.as_deref())?;
            self.config.pins.iter().for_each(|image| lock.pin(image.clone()));
            let _ = self.lock.set(lock);
        }
        self.lock.get().ok_or_else(|| failed("cannot read the image lock", "it is being read"))?.get(key)
    }

    /// The API of a cluster that is there.
    async fn cluster(&self, stack: &Stack) -> CommandResult<Cluster> {
        let mut known = self.cluster.lock().await;
        if let Some(cluster) = &*known {
            return Ok(cluster.clone());
        }
        let cluster = Cluster::connect(&record::kubeconfig(&stack.root)).await?;
        Ok(known.insert(cluster).clone())
    }

    /// Removes containers that serve the stack's data and that a killed plattr has left.
    async fn reclaim(&self, stack: &Stack) -> CommandResult {
        let _nobody = self.serving.lock().await;
        containers::reclaim(&self.host().await?.client, &stack.home).await
    }

    async fn registry(&self, task: &dyn Task) -> CommandResult<&Registry> {
        self.registry
            .get_or_try_init(|| async {
                // Two projects must not make it at the same time.
                let waiting = || task.doing("waiting for another plattr, which makes the registry");
                let _lock = MachineLock::take("registry", &waiting).await?;
                let host = self.host().await?;
                registry::ensure(&host.client, self.image("registry")?, &self.config.mirrors, task).await
            })
            .await
    }

    /// People's changes to the configuration of clusters, the machine's before the project's.
    fn patches(&self) -> CommandResult<&[Value]> {
        if self.patches.get().is_none() {
            let mut patches = Vec::new();
            if let Some(path) = std::env::var_os(CONFIG_VARIABLE).filter(|path| !path.is_empty()) {
                patches.push(read_patch(Path::new(&path))?);
            }
            patches.push(self.config.patch.clone());
            let _ = self.patches.set(patches);
        }
        Ok(self.patches.get().map(Vec::as_slice).unwrap_or_default())
    }

    /// The endpoints that a service publishes. Asked for every instance whenever one is looked at, so they are kept.
    fn published(&self, instance: &Instance, stack: &Stack, ports: &Ports) -> Vec<String> {
        let mut known = self.endpoints.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let endpoints = known.entry(instance.service.name()).or_insert_with(|| {
            // A manifest that cannot be read is told where it is needed.
            let cx = Context { stack, app: None, ports, facts: &BTreeMap::new() };
            let objects = instance.service.objects(cx, "").unwrap_or_default();
            let ports = objects.service.spec.unwrap_or_default().ports.unwrap_or_default();
            ports.into_iter().filter_map(|port| port.name).collect()
        });
        endpoints.clone()
    }

    /// What the cluster of a stack is to be.
    fn desired(&self, stack: &Stack, ports: &Ports) -> CommandResult<Desired> {
        let node = self.image("node")?;
        let published = |instance: &Instance| self.published(instance, stack, ports);
        Ok(Desired::new(stack, ports, &published, &node.digest, self.patches()?))
    }

    /// The objects of an instance, whole, and what identifies them.
    fn objects(&self, instance: &Instance, cx: Context<'_>) -> CommandResult<(Objects, String)> {
        let id = instance.id();
        let reference = self.image(instance.service.image().key)?;
        let mut objects = instance.service.objects(cx, reference.version())?;
        let cluster = self.desired(cx.stack, cx.ports)?;
        for port in objects.service.spec.iter_mut().flat_map(|spec| spec.ports.iter_mut().flatten()) {
            let key = format!("{id}.{}", port.name.as_deref().unwrap_or_default());
            port.node_port = cluster.ports.get(&key).map(|mapping| i32::from(mapping.node));
        }
        let labels: BTreeMap<String, String> = [
            (labels::NAME, instance.service.name()),
            (labels::INSTANCE, id.as_str()),
            (labels::PART_OF, cx.stack.name.as_str()),
            (labels::MANAGED_BY, labels::MANAGER),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        objects.named(&id, &labels);
        let (repository, tag) = self.located(instance.service, Of::Running)?;
        let name = format!("{IN_CLUSTER}/{repository}:{tag}");
        objects.containers().for_each(|container| container.image = Some(name.clone()));

        let identity = json!([cluster.hash, objects]).to_string();
        let hash = digest::short(identity, 8);
        let annotations = objects.deployment.metadata.annotations.get_or_insert_default();
        annotations.insert(labels::HASH.into(), hash.clone());
        annotations.insert(labels::VERSION.into(), reference.version().into());
        // Configuration is mounted: only another template makes other pods.
        let template = &mut objects.deployment.spec.get_or_insert_default().template;
        let annotations = template.metadata.get_or_insert_default().annotations.get_or_insert_default();
        annotations.insert(labels::HASH.into(), hash.clone());
        Ok((objects, hash))
    }

    /// Brings the cluster itself up. Returns what is to be remembered of it once it is prepared, if it had to be made
    /// or started.
    async fn ensure_cluster(&self, stack: &Stack, desired: &Desired, task: &dyn Task) -> CommandResult<Option<Record>> {
        let host = self.host().await?;
        let data = stack.home.join("data");
        let (name, seen) = match self.own_node(stack).await? {
            Some(own) => own,
            None => (self.free_name(stack).await?, Node::Missing),
        };
        let record = Record::read(&stack.root).filter(|record| record.name == name);
        let same = record.as_ref().filter(|record| record.hash == desired.hash);
        // A cluster without its kubeconfig is of no use.
        match (same, &seen, self.cluster(stack).await) {
            (Some(_), Node::Running, Ok(cluster)) => {
                // It may have been started a moment ago, by Docker itself.
                cluster.wait(&record::node(&name)).await?;
                return Ok(None);
            }
            (Some(record), Node::Stopped, Ok(cluster)) => {
                task.doing("starting the cluster");
                // Its pods start with it.
                self.reclaim(stack).await?;
                data::settle_in(&stack.home)?;
                match node::start(&host.client, &name).await {
                    Ok(()) => {
                        cluster.wait(&record::node(&name)).await?;
                        cluster.forget_leaders().await;
                        return Ok(Some(record.clone()));
                    }
                    // The port of its API is kind's choice: a new cluster has another.
                    Err(error) if error.code == node::PORT_STOLEN => tracing::info!(%error, "cannot be started"),
                    Err(error) => return Err(error),
                }
            }
            _ => {}
        }
        match (&record, &seen) {
            (_, Node::Strange { owner }) => {
                let message = format!("the container {} belongs to {owner}", record::node(&name));
                return Err(CommandError::new(ErrorKind::Environment, "cluster-name-taken", message)
                    .hint("`local.stack` in plattr.yaml gives this stack another name"));
            }
            (Some(_), Node::Running | Node::Stopped) => {
                task.doing("making the cluster anew: its configuration changed")
            }
            (Some(_), Node::Missing) => task.doing("making the cluster again: its node is gone, the data is not"),
            (None, _) => task.doing("making the cluster"),
        }
        preflight::require(&preflight::judge(&preflight::observe(host).await?))?;
        // Nothing is taken away before all is there to replace it.
        let image = self.node_image(task).await?;
        let program = self.program(task).await?;
        if seen == Node::Running {
            self.stop_all(stack, &name).await;
        }
        self.reclaim(stack).await?;
        create_private_dir(&record::folder(&stack.root))?;
        data::settle_in(&stack.home)?;
        create_private_dir(&data)?;
        let (config, kubeconfig) = (desired.named(&name, &image), record::kubeconfig(&stack.root));
        node::remove(&host.client, &name).await?;
        Record::remove(&stack.root);
        let making = Making { program: &program, name: &name, config: &config, kubeconfig: &kubeconfig, host };
        node::create(&making, task).await?;
        let cluster = Cluster::connect(&kubeconfig).await?;
        cluster.wait(&record::node(&name)).await?;
        // One of before has the certificates of the old cluster.
        *self.cluster.lock().await = Some(cluster);
        let (hash, ports) = (desired.hash.clone(), desired.ports.clone());
        Ok(Some(Record { name, hash, ports, plattr: env!("CARGO_PKG_VERSION").into() }))
    }

    /// The node that is the stack's own, with the name of its cluster; none where no cluster was ever begun.
    async fn own_node(&self, stack: &Stack) -> CommandResult<Option<(String, Node)>> {
        let data = stack.home.join("data");
        let (begun, has_data) = (record::folder(&stack.root).exists(), data.exists());
        let docker = match self.host().await {
            _ if !begun && !has_data => return Ok(None),
            Ok(host) => &host.client,
            Err(_) if !begun => return Ok(None),
            Err(error) => return Err(error),
        };
        if let Some(record) = Record::read(&stack.root) {
            let seen = node::observe(docker, &record.name, &data, true).await?;
            // A folder that was copied brings the record of the other's cluster with it.
            if !matches!(seen, Node::Strange { .. }) {
                return Ok(Some((record.name, seen)));
            }
        }
        let name = self.free_name(stack).await?;
        let seen = node::observe(docker, &name, &data, false).await?;
        // `git clean` deletes the record of a cluster, and not the data of containers' users, by which it is known again.
        Ok(Some((name, seen)).filter(|(_, seen)| begun || matches!(seen, Node::Running | Node::Stopped)))
    }

    /// The name of the stack's cluster, if it runs.
    async fn running_cluster(&self, stack: &Stack) -> CommandResult<Option<String>> {
        let own = self.own_node(stack).await?;
        Ok(own.filter(|(_, node)| *node == Node::Running).map(|(name, _)| name))
    }

    /// Stops everything in a cluster that is about to be replaced, as far as it can be asked.
    async fn stop_all(&self, stack: &Stack, name: &str) {
        let stopped = async {
            let cluster = self.cluster(stack).await?;
            let seen = cluster.look(&record::node(name), false).await.map_err(|e| failed("it does not answer", e))?;
            futures::future::try_join_all(seen.ids().iter().map(|id| cluster.stop(id))).await
        };
        if let Err(error) = stopped.await {
            tracing::warn!(%error, "what runs in the old cluster ends with it");
        }
    }

    /// A name for a new cluster: the stack's, unless the cluster of another folder has it.
    async fn free_name(&self, stack: &Stack) -> CommandResult<String> {
        let name = format!("plattr-{}", stack.name);
        let docker = &self.host().await?.client;
        Ok(match node::observe(docker, &name, &stack.home.join("data"), false).await? {
            Node::Strange { .. } => {
                format!("{name}-{}", digest::short(stack.root.display().to_string(), 2))
            }
            _ => name,
        })
    }

    /// The id of the image that nodes run, which also helps with the files of containers.
    async fn node_image(&self, task: &dyn Task) -> CommandResult<String> {
        let host = self.host().await?;
        images::ensure_local(&host.client, self.image("node")?, &self.config.mirrors, task).await
    }

    /// Deletes what was destroyed or replaced, also in a run that was killed.
    async fn empty_trash(&self, stack: &Stack, task: &dyn Task) -> CommandResult {
        for folder in super::trashed(&stack.root) {
            if super::native::cache::remove_all(&folder).is_err() {
                // The users of containers own files in it.
                let image = self.node_image(task).await?;
                containers::delete_as_root(&self.host().await?.client, &image, &folder).await?;
                super::native::cache::remove_all(&folder).map_err(|e| CommandError::io("delete", &folder, e))?;
            }
        }
        Ok(())
    }

    /// The program `kind`.
    async fn program(&self, task: &dyn Task) -> CommandResult<PathBuf> {
        self.config.packages.fetch("kind", task).await?;
        Ok(self.config.packages.program("kind", "kind"))
    }
}

/// A client for the cluster of a stack, which must run.
///
/// # Errors
/// When there is no cluster, or it does not answer.
pub async fn client(stack: &Stack) -> CommandResult<kube::Client> {
    let missing = |message: &str| {
        CommandError::new(ErrorKind::Environment, "no-cluster", message.to_owned()).hint("`plattr dev` starts it")
    };
    if Record::read(&stack.root).is_none() {
        return Err(missing(&format!("the stack `{}` has no cluster", stack.name)));
    }
    let cluster = Cluster::connect(&record::kubeconfig(&stack.root)).await?;
    if !cluster.answers().await {
        return Err(missing(&format!("the cluster of the stack `{}` does not answer", stack.name)));
    }
    Ok(cluster.client().clone())
}

/// Whether an instance has no data yet, as far as it is known without a look at the data.
fn is_first(instance: &Instance, stack: &Stack) -> bool {
    record::noted_image(&stack.root, &instance.id()).is_none()
}

/// What cannot be explained better.
fn failed(what: &str, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CommandError {
    CommandError::new(ErrorKind::Environment, "cluster", what.to_owned())
        .because(cause)
        .hint("`plattr doctor` looks at what a cluster needs of this machine")
}

fn read_patch(path: &Path) -> CommandResult<Value> {
    let text = std::fs::read_to_string(path).map_err(|e| CommandError::io("read", path, e))?;
    serde_saphyr::from_str(&text).map_err(|error| {
        CommandError::new(ErrorKind::Config, "kind-config", format!("{} is no YAML", path.display()))
            .because(error)
            .hint(format!("{CONFIG_VARIABLE} names it"))
    })
}

/// The folder of the node that has the data of an instance, as a volume.
fn volume(objects: &Objects, stack: &Stack) -> CommandResult<Option<PersistentVolume>> {
    let Some(claim) = &objects.claim else { return Ok(None) };
    let id = claim.metadata.name.as_deref().unwrap_or_default();
    let spec = claim.spec.clone().unwrap_or_default();
    let volume = json!({
        "metadata": {
            "name": spec.volume_name,
            "labels": { labels::MANAGED_BY: labels::MANAGER, labels::PART_OF: stack.name },
        },
        "spec": {
            "accessModes": spec.access_modes,
            "capacity": spec.resources.and_then(|r| r.requests),
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "",
            "claimRef": {
                "apiVersion": "v1", "kind": "PersistentVolumeClaim",
                "namespace": labels::LOCAL_NAMESPACE, "name": id,
            },
            "hostPath": { "path": format!("{DATA}/{id}"), "type": "Directory" },
        },
    });
    typed(volume).map(Some)
}

#[async_trait]
impl Engine for KindEngine {
    fn name(&self) -> &'static str {
        "kind"
    }

    async fn known(&self, stack: &Stack) -> CommandResult<Vec<String>> {
        Ok(self.look(stack, false, SURVEYS_FOR).await?.ids())
    }

    async fn holding(&self, stack: &Stack, ports: &Ports) -> CommandResult<BTreeSet<String>> {
        let Some(name) = self.running_cluster(stack).await? else { return Ok(BTreeSet::new()) };
        let published = node::published(&self.host().await?.client, &name).await?;
        let own = ports.0.iter().filter(|(_, port)| published.contains(port));
        Ok(own.filter_map(|(key, _)| Some(key.split_once('.')?.0.to_owned())).collect())
    }

    fn replaces_ground(&self, stack: &Stack, ports: &Ports) -> CommandResult<bool> {
        let Some(record) = Record::read(&stack.root) else { return Ok(false) };
        Ok(self.desired(stack, ports)?.hash != record.hash)
    }

    async fn ground(&self, stack: &Stack, ports: &Ports, progress: &dyn Progress) -> CommandResult<()> {
        let task = progress.task("cluster");
        let laid = async {
            let desired = self.desired(stack, ports)?;
            desired.check()?;
            // Both to their end: a cluster that is left half made has to be made again.
            let (changed, registry) =
                futures::join!(self.ensure_cluster(stack, &desired, task.as_ref()), self.registry(task.as_ref()));
            let (changed, registry) = (changed?, registry?);
            let host = self.host().await?;
            // The network is there since the first cluster was made.
            registry::join(&host.client).await?;
            if let Some(record) = changed {
                task.doing("preparing the cluster");
                node::introduce(&host.client, &record.name, registry).await?;
                self.cluster(stack).await?.lay_ground(&stack.name, &registry.address()).await?;
                // Last: a run that was killed before makes the cluster again.
                record.write(&stack.root)?;
            }
            if let Err(error) = self.empty_trash(stack, task.as_ref()).await {
                tracing::warn!(%error, "what a killed plattr has left is not deleted");
            }
            Ok(())
        };
        let laid: CommandResult = laid.await;
        match &laid {
            Ok(()) => task.done("ready"),
            Err(error) => task.failed(&error.message),
        }
        laid
    }

    async fn rest(&self, stack: &Stack, progress: &dyn Progress) -> CommandResult<()> {
        node::abandon(&record::kubeconfig(&stack.root)).await;
        let Some((name, node)) = self.own_node(stack).await? else { return Ok(()) };
        self.reclaim(stack).await?;
        if node != Node::Running {
            return Ok(());
        }
        let task = progress.task("cluster");
        task.doing("stopping");
        node::stop(&self.host().await?.client, &name).await?;
        task.done("stopped");
        Ok(())
    }

    async fn observe(&self, stack: &Stack, ids: &[String]) -> CommandResult<Vec<Observed>> {
        Ok(self.look(stack, false, OBSERVES_FOR).await?.of(ids))
    }

    async fn survey(&self, stack: &Stack, ids: &[String], with_memory: bool) -> CommandResult<Vec<Observed>> {
        let seen = self.look(stack, with_memory, SURVEYS_FOR).await?;
        let others = seen.ids().into_iter().filter(|id| !ids.contains(id));
        Ok(seen.of(&ids.iter().cloned().chain(others).collect::<Vec<_>>()))
    }

    fn owns_port(&self, stack: &Stack, id: &str, port: u16) -> Option<bool> {
        // The engine holds every port of the node's container from its start on.
        let record = Record::read(&stack.root)?;
        let own = record.ports.iter().any(|(key, mapping)| {
            mapping.host == port && key.split_once('.').is_some_and(|(instance, _)| instance == id)
        });
        Some(own)
    }

    fn desired_hash(&self, instance: &Instance, cx: Context<'_>) -> CommandResult<String> {
        self.objects(instance, cx).map(|(_, hash)| hash)
    }

    async fn prepare(&self, instance: &Instance, cx: Context<'_>, task: &dyn Task) -> CommandResult<()> {
        self.check_data(instance, cx.stack, task).await?;
        self.ensure_image(instance.service, Of::Running, task).await?;
        if is_first(instance, cx.stack) {
            self.try_filled(instance.service, cx, task).await;
        }
        Ok(())
    }

    async fn fetch(&self, instance: &Instance, cx: Context<'_>) {
        let Some(record) = Record::read(&cx.stack.root) else { return };
        let Ok((repository, tag)) = self.located(instance.service, Of::Running) else { return };
        let Ok(host) = self.host().await else { return };
        let name = format!("{IN_CLUSTER}/{repository}:{tag}");
        let pull = ["ctr", "--namespace=k8s.io", "images", "pull", "--hosts-dir=/etc/containerd/certs.d", &name];
        let pulled = containers::exec(&host.client, &record.node(), &pull, None).await;
        if let Err(error) = pulled.and_then(|done| done.expect_success("pull an image")) {
            // The pod pulls it, and says why where it cannot.
            tracing::debug!(%error, "an image is not fetched before its pod wants it");
        }
    }

    async fn start(&self, instance: &Instance, cx: Context<'_>, task: &dyn Task) -> CommandResult<()> {
        self.check_data(instance, cx.stack, task).await?;
        self.ensure_image(instance.service, Of::Running, task).await?;
        let is_first = is_first(instance, cx.stack);
        self.claim_data(instance, cx.stack).await?;
        let record = Record::read(&cx.stack.root)
            .ok_or_else(|| failed("there is no cluster to start it in", "it was removed meanwhile"))?;
        let (mut objects, _) = self.objects(instance, cx)?;
        // Not part of what identifies it: how data was first made does not count.
        if is_first
            && let Some((repository, tag)) = self.filled(instance.service, cx)?
            && self.registry(task).await?.has(&repository, &tag).await?
        {
            let name = format!("{IN_CLUSTER}/{repository}:{tag}");
            objects.pod().init_containers.iter_mut().flatten().for_each(|it| it.image = Some(name.clone()));
        }
        let volume = volume(&objects, cx.stack)?;
        if volume.is_some() {
            let user = objects.pod().security_context.clone().unwrap_or_default();
            let (user, group) = (user.run_as_user.unwrap_or_default(), user.run_as_group.unwrap_or_default());
            let path = format!("{DATA}/{}", instance.id());
            let make = ["install", "-d", "-m", "0700", "-o", &user.to_string(), "-g", &group.to_string(), &path];
            let made = containers::exec(&self.host().await?.client, &record.node(), &make, None).await?;
            made.expect_success("make the folder of its data")?;
        }
        task.doing("starting");
        self.cluster(cx.stack).await?.run(&objects, volume.as_ref()).await
    }

    async fn stop(&self, stack: &Stack, id: &str, task: &dyn Task) -> CommandResult<()> {
        if self.running_cluster(stack).await?.is_none() || Record::read(&stack.root).is_none() {
            // Where a cluster was not finished, `rest` ends it.
            return Ok(());
        }
        task.doing("stopping");
        self.cluster(stack).await?.stop(id).await
    }

    fn wrote(&self, stack: &Stack, instance: &Instance) -> Option<String> {
        self.ran(stack, &instance.id()).map(|image| image.version().to_owned())
    }

    async fn hindrance(&self, stack: &Stack, id: &str) -> Option<String> {
        self.cluster(stack).await.ok()?.hindrance(id).await
    }

    fn version(&self, instance: &Instance) -> CommandResult<String> {
        self.image(instance.service.image().key).map(|reference| reference.version().to_owned())
    }

    async fn save_data(&self, stack: &Stack, into: Writer, task: &dyn Task) -> CommandResult<Writer> {
        let (host, image) = (self.host().await?, self.node_image(task).await?);
        self.reclaim(stack).await?;
        let _serving = self.serving.lock().await;
        data::save(&host.client, &image, &stack.home, into, task).await
    }

    async fn restore_data(&self, stack: &Stack, from: Reader, task: &dyn Task) -> CommandResult {
        // The node of before has the old folder for as long as it runs.
        self.rest(stack, &Silent).await?;
        let (host, image) = (self.host().await?, self.node_image(task).await?);
        self.reclaim(stack).await?;
        let serving = self.serving.lock().await;
        // What is not noted is looked up in the data.
        let forget = || record::forget_images(&stack.root);
        let restored = data::restore(&host.client, &image, &stack.home, from, &forget, task).await;
        drop(serving);
        task.doing("deleting what is not used any more");
        if let Err(error) = self.empty_trash(stack, task).await {
            // The next run tries it again.
            tracing::warn!(%error, "cannot delete what is not used any more");
        }
        restored
    }

    async fn destroy(&self, stack: &Stack, task: &dyn Task) -> CommandResult<()> {
        let abandoned = node::abandon(&record::kubeconfig(&stack.root)).await;
        if let Some((name, node)) = self.own_node(stack).await? {
            let docker = &self.host().await?.client;
            self.reclaim(stack).await?;
            if !matches!(node, Node::Strange { .. }) {
                task.doing("removing the cluster");
                node::remove(docker, &name).await?;
                if abandoned {
                    let image = self.node_image(task).await?;
                    node::settle(docker, &name, &image).await?;
                }
            }
        }
        task.doing("deleting data");
        // Data that is half deleted must not pass for data.
        for folder in [stack.home.join("data"), stack.home.join(data::ASIDE)] {
            super::trash(&folder).map_err(|e| CommandError::io("delete", &folder, e))?;
        }
        self.empty_trash(stack, task).await?;
        let folder = record::folder(&stack.root);
        super::native::cache::remove_all(&folder).map_err(|e| CommandError::io("delete", &folder, e))
    }

    async fn logs(
        &self,
        stack: &Stack,
        ids: &[String],
        options: &LogOptions,
        sink: tokio::sync::mpsc::Sender<LogLine>,
    ) -> CommandResult<()> {
        if self.running_cluster(stack).await?.is_none() {
            let message =
                format!("the cluster of the stack `{}` does not run, and its pods' logs are gone", stack.name);
            return Err(CommandError::new(ErrorKind::Failed, "stopped", message).hint("`plattr dev` starts it"));
        }
        logs::read(&self.cluster(stack).await?, ids, options, sink).await
    }
}
