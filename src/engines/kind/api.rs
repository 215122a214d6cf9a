//! The Kubernetes API of a stack's cluster: a client for the private kubeconfig, and what is read and written
//! with it. Objects are written by server-side apply (KEP-555).

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;
use std::time::Duration;

use backon::{ConstantBuilder, Retryable as _};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{ConfigMap, Event, Namespace, PersistentVolume, Pod};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config, Resource};
use plattr_api::labels::{INSTANCE, LOCAL_NAMESPACE, MANAGED_BY, MANAGER};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::workload;
use crate::services::objects::{Objects, documents, typed};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// How long the API may take for an answer, except for streams.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// How often it is asked again, a second after an answer of no use.
const AGAIN: usize = 6;
/// How long the API server of a node that was started may take.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// How long a pod may take to end.
const ENDS_WITHIN: Duration = Duration::from_secs(90);

/// The API of one cluster.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
}

/// Why the API gave no answer of use.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// What the API said.
    #[error(transparent)]
    Refused(#[from] kube::Error),
    /// It said nothing.
    #[error("its API did not answer within {} s", ANSWERS_WITHIN.as_secs())]
    Silent(#[from] tokio::time::error::Elapsed),
}

impl ApiError {
    /// Whether the next answer may be another: its disk may be busy with images, or it was just started.
    fn may_pass(&self) -> bool {
        match self {
            Self::Refused(kube::Error::Api(status)) => status.code >= 500,
            Self::Refused(_) | Self::Silent(_) => true,
        }
    }
}

/// Asks the API, and again where that may help. What is asked may be repeated.
async fn ask<T, F>(mut question: impl FnMut() -> F) -> Result<T, ApiError>
where
    F: Future<Output = kube::Result<T>>,
{
    let once = || {
        let answer = question();
        async { Ok(tokio::time::timeout(ANSWERS_WITHIN, answer).await??) }
    };
    let pauses = ConstantBuilder::default().with_delay(Duration::from_secs(1)).with_max_times(AGAIN);
    let notify = |error: &ApiError, _| tracing::debug!(%error, "the API is asked again");
    once.retry(pauses).when(ApiError::may_pass).notify(notify).await
}

/// What a cluster runs of a stack.
pub struct Seen {
    deployments: BTreeMap<String, Deployment>,
    pods: Vec<Pod>,
    memory: BTreeMap<String, u64>,
}

impl Cluster {
    /// Connects; nothing is sent yet.
    ///
    /// # Errors
    /// When the kubeconfig is missing or damaged.
    pub async fn connect(kubeconfig: &Path) -> CommandResult<Self> {
        let unusable = |error: kube::config::KubeconfigError| {
            CommandError::new(ErrorKind::Environment, "kubeconfig", format!("cannot use {}", kubeconfig.display()))
                .because(error)
                .hint("`plattr dev` makes it again")
        };
        let file = Kubeconfig::read_from(kubeconfig).map_err(unusable)?;
        let mut config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await.map_err(unusable)?;
        config.connect_timeout = Some(Duration::from_secs(3));
        // A pod may take what a forward sends as slowly as it likes.
        config.write_timeout = None;
        // The cluster is on this machine.
        config.proxy_url = None;
        let client = Client::try_from(config).map_err(|e| super::failed("cannot set up a Kubernetes client", e))?;
        Ok(Self { client })
    }

    /// The client itself.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Whether the API server answers.
    pub async fn answers(&self) -> bool {
        matches!(tokio::time::timeout(Duration::from_secs(3), self.client.apiserver_version()).await, Ok(Ok(_)))
    }

    /// Waits until the API server is ready, which is in the container `node`.
    ///
    /// # Errors
    /// When it is not in time.
    pub async fn wait(&self, node: &str) -> CommandResult {
        let deadline = tokio::time::Instant::now() + READY_WITHIN;
        loop {
            let request = http::Request::get("/readyz").body(Vec::new()).map_err(|e| super::failed("no request", e))?;
            let ready = tokio::time::timeout(Duration::from_secs(3), self.client.request_text(request)).await;
            let why = match ready {
                Ok(Ok(_)) => return Ok(()),
                Ok(Err(error)) => error.to_string(),
                Err(_) => "it does not answer".into(),
            };
            if tokio::time::Instant::now() > deadline {
                let message = format!("the cluster did not get ready within {} s", READY_WITHIN.as_secs());
                return Err(CommandError::new(ErrorKind::Environment, "cluster-not-ready", message)
                    .because(why)
                    .hint("`plattr dev` again waits on")
                    .hint(format!(
                        "`docker rm --force {node}` and `plattr dev` make another one around the data, which is not in it"
                    )));
            }
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
    }

    /// Lets the controllers of a node that was started begin at once: as they left without a word, those that come
    /// after them would wait for 15 s until their leases are over.
    pub async fn forget_leaders(&self) {
        let leases = Api::<Lease>::namespaced(self.client.clone(), "kube-system");
        let names = ["kube-controller-manager", "kube-scheduler"];
        let parameters = DeleteParams::default();
        for forgotten in futures::future::join_all(names.map(|name| leases.delete(name, &parameters))).await {
            if let Err(error) = forgotten {
                tracing::debug!(%error, "a lease stays until it is over");
            }
        }
    }

    /// Looks at everything that plattr runs in the cluster, and at what memory it uses if asked.
    ///
    /// # Errors
    /// When the API does not answer.
    pub async fn look(&self, node: &str, with_memory: bool) -> Result<Seen, ApiError> {
        let managed = ListParams::default().labels(&format!("{MANAGED_BY}={MANAGER}"));
        let (deployments, pods) = (self.api::<Deployment>(), self.api::<Pod>());
        let memory = async { if with_memory { self.memory(node).await } else { BTreeMap::new() } };
        let looked = async { futures::join!(deployments.list(&managed), pods.list(&managed), memory) };
        let (deployments, pods, memory) = tokio::time::timeout(ANSWERS_WITHIN, looked).await?;
        let by_instance = |deployment: Deployment| {
            let id = deployment.metadata.labels.as_ref()?.get(INSTANCE)?.clone();
            Some((id, deployment))
        };
        Ok(Seen {
            deployments: deployments?.items.into_iter().filter_map(by_instance).collect(),
            pods: pods?.items,
            memory,
        })
    }

    /// What keeps the pods of an instance from running.
    pub async fn hindrance(&self, id: &str) -> Option<String> {
        let pods = ListParams::default().labels(&format!("{INSTANCE}={id}"));
        let pods = tokio::time::timeout(ANSWERS_WITHIN, self.api::<Pod>().list(&pods)).await.ok()?.ok()?.items;
        for pod in &pods {
            let warnings = ListParams::default()
                .fields(&format!("involvedObject.name={},type=Warning", pod.metadata.name.as_deref()?));
            let events = tokio::time::timeout(ANSWERS_WITHIN, self.api::<Event>().list(&warnings)).await.ok()?.ok()?;
            if let Some(hindrance) = workload::hindrance(pod, &events.items) {
                return Some(hindrance);
            }
        }
        None
    }

    /// What each pod uses, in bytes; nothing where the kubelet does not say.
    async fn memory(&self, node: &str) -> BTreeMap<String, u64> {
        let path = format!("/api/v1/nodes/{node}/proxy/stats/summary?only_cpu_and_memory=true");
        let Ok(request) = http::Request::get(path).body(Vec::new()) else { return BTreeMap::new() };
        let Ok(summary) = self.client.request::<Value>(request).await else { return BTreeMap::new() };
        let pods = summary["pods"].as_array().map(Vec::as_slice).unwrap_or_default();
        let of_pod = |pod: &Value| {
            let name = pod["podRef"]["name"].as_str()?.to_owned();
            let containers = pod["containers"].as_array()?;
            Some((name, containers.iter().filter_map(|c| c["memory"]["workingSetBytes"].as_u64()).sum()))
        };
        pods.iter().filter(|pod| pod["podRef"]["namespace"] == LOCAL_NAMESPACE).filter_map(of_pod).collect()
    }

    /// Makes what all services share: the namespace with its policies, and where the registry is (KEP-1755).
    ///
    /// # Errors
    /// When the API refuses.
    pub async fn lay_ground(&self, stack: &str, registry: &str) -> CommandResult {
        for mut document in documents(include_str!("../../../manifests/local/namespace.yaml"))? {
            document["metadata"]["labels"][plattr_api::labels::PART_OF] = json!(stack);
            document["metadata"]["labels"][MANAGED_BY] = json!(MANAGER);
            match document["kind"].as_str() {
                Some("Namespace") => self.apply(&Api::all(self.client.clone()), &typed::<Namespace>(document)?).await?,
                _ => self.apply(&self.api(), &typed::<NetworkPolicy>(document)?).await?,
            }
        }
        let hosting = json!({
            "metadata": { "name": "local-registry-hosting", "namespace": "kube-public" },
            "data": {
                "localRegistryHosting.v1":
                    format!("host: \"{registry}\"\nhelp: \"https://kind.sigs.k8s.io/docs/user/local-registry/\"\n"),
            },
        });
        self.apply(&Api::namespaced(self.client.clone(), "kube-public"), &typed::<ConfigMap>(hosting)?).await
    }

    /// Writes the objects of an instance; `volume` is where its data is. What somebody changed by hand, as
    /// [`Condition::Running`](crate::engines::Condition) tells it, is made anew: applying alone would leave what
    /// was added.
    ///
    /// # Errors
    /// When the API refuses.
    pub async fn run(&self, objects: &Objects, volume: Option<&PersistentVolume>) -> CommandResult {
        let id = objects.deployment.metadata.name.as_deref().unwrap_or_default();
        if let Some(volume) = volume {
            self.release(volume).await?;
            self.apply(&Api::all(self.client.clone()), volume).await?;
        }
        let deployments = self.api::<Deployment>();
        let live = ask(|| deployments.get_opt(id)).await.map_err(|e| refused(id, e))?;
        let managers = live.as_ref().and_then(|live| live.metadata.managed_fields.as_deref());
        if workload::edits(managers.unwrap_or_default()).is_some() {
            match deployments.delete(id, &DeleteParams::foreground()).await {
                Ok(_) => self.wait_until_gone(id).await?,
                Err(error) => return Err(refused(id, error)),
            }
        }
        let pods = self.api::<Pod>();
        let own = ListParams::default().labels(&format!("{INSTANCE}={id}"));
        let left = ask(|| pods.list(&own)).await.map_err(|e| refused(id, e))?.items;
        // A plattr that was killed while it stopped the instance did not wait for its pod, and Kubernetes starts another
        // of a Deployment beside one that is still ending: two servers on the same data.
        let is_wanted = live.is_some_and(|live| live.spec.and_then(|spec| spec.replicas) != Some(0));
        if !is_wanted && !left.is_empty() {
            self.wait_until_gone(id).await?;
        }
        // What waits ever longer between two tries is to try now.
        for pod in left {
            if let (Some(_), Some(name)) = (workload::hopeless(&pod), pod.metadata.name.as_deref()) {
                tracing::debug!(name, "a pod that has given up is replaced");
                let _ = pods.delete(name, &DeleteParams::default()).await;
            }
        }
        self.apply(&self.api(), &objects.policy).await?;
        self.apply(&self.api(), &objects.secret).await?;
        if let Some(claim) = &objects.claim {
            self.apply(&self.api(), claim).await?;
        }
        self.apply(&self.api(), &objects.service).await?;
        self.apply(&deployments, &objects.deployment).await
    }

    /// Removes a volume that still belongs to a claim which somebody deleted; the data stays.
    async fn release(&self, volume: &PersistentVolume) -> CommandResult {
        let (volumes, name) =
            (Api::<PersistentVolume>::all(self.client.clone()), volume.metadata.name.as_deref().unwrap_or_default());
        let live = ask(|| volumes.get_opt(name)).await.map_err(|e| refused(name, e))?;
        if live.and_then(|v| v.status?.phase).is_some_and(|phase| phase == "Released") {
            volumes.delete(name, &DeleteParams::default()).await.map_err(|e| refused(name, e))?;
            // One that is still going would take what is applied with it.
            let deadline = tokio::time::Instant::now() + ANSWERS_WITHIN;
            while volumes.get_opt(name).await.map_err(|e| refused(name, e))?.is_some()
                && tokio::time::Instant::now() < deadline
            {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        Ok(())
    }

    /// Ends the pods of an instance and waits until they are gone. One that is not there has ended.
    ///
    /// # Errors
    /// When a pod does not end in time.
    pub async fn stop(&self, id: &str) -> CommandResult {
        let patch = Patch::Merge(json!({ "spec": { "replicas": 0 } }));
        let (deployments, parameters) = (self.api::<Deployment>(), parameters());
        match ask(|| deployments.patch(id, &parameters, &patch)).await {
            Ok(_) => self.wait_until_gone(id).await,
            Err(ApiError::Refused(kube::Error::Api(status))) if status.code == 404 => self.wait_until_gone(id).await,
            Err(error) => Err(refused(id, error)),
        }
    }

    async fn wait_until_gone(&self, id: &str) -> CommandResult {
        let (pods, deployments) = (self.api::<Pod>(), self.api::<Deployment>());
        let own = ListParams::default().labels(&format!("{INSTANCE}={id}"));
        let deadline = tokio::time::Instant::now() + ENDS_WITHIN;
        loop {
            let left = ask(|| pods.list(&own)).await.map_err(|e| refused(id, e))?.items.len();
            let deleting = ask(|| deployments.get_opt(id)).await.map_err(|e| refused(id, e))?;
            if left == 0 && deleting.is_none_or(|d| d.metadata.deletion_timestamp.is_none()) {
                return Ok(());
            }
            if tokio::time::Instant::now() > deadline {
                let message = format!("{id} did not end within {} s", ENDS_WITHIN.as_secs());
                return Err(CommandError::new(ErrorKind::Failed, "service-hangs", message)
                    .hint("run the same command again, or `docker restart` the cluster's node"));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The pod of an instance that runs or is about to; the youngest where there are several.
    ///
    /// # Errors
    /// When the API does not answer.
    pub async fn pod(&self, id: &str) -> Result<Option<Pod>, kube::Error> {
        let own = ListParams::default().labels(&format!("{INSTANCE}={id}"));
        let pods = self.api::<Pod>().list(&own).await?.items;
        Ok(pods
            .into_iter()
            .filter(|pod| pod.metadata.deletion_timestamp.is_none())
            .max_by_key(|pod| pod.metadata.creation_timestamp.as_ref().map(|time| time.0)))
    }

    /// Objects of a kind in the namespace of the services.
    pub fn api<K>(&self) -> Api<K>
    where
        K: Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>,
    {
        Api::namespaced(self.client.clone(), LOCAL_NAMESPACE)
    }

    async fn apply<K>(&self, api: &Api<K>, object: &K) -> CommandResult
    where
        K: Resource<DynamicType = ()> + Serialize + DeserializeOwned + Clone + Debug,
    {
        let name = object.meta().name.clone().unwrap_or_default();
        let what = format!("{} `{name}`", K::kind(&()));
        let (parameters, patch) = (parameters().force(), Patch::Apply(object));
        ask(|| api.patch(&name, &parameters, &patch)).await.map(drop).map_err(|e| refused(&what, e))
    }
}

impl Seen {
    /// How an instance is.
    pub fn condition(&self, id: &str) -> crate::engines::Condition {
        let pods: Vec<&Pod> = self
            .pods
            .iter()
            .filter(|pod| pod.metadata.labels.as_ref().and_then(|l| l.get(INSTANCE)).is_some_and(|i| i == id))
            .collect();
        let memory = pods.iter().filter_map(|pod| self.memory.get(pod.metadata.name.as_deref()?)).sum();
        workload::condition(self.deployments.get(id), &pods, memory, jiff::Timestamp::now())
    }

    /// Ids of all instances that have not been told to stop.
    pub fn ids(&self) -> Vec<String> {
        let wanted = |d: &Deployment| d.spec.as_ref().and_then(|s| s.replicas) != Some(0);
        self.deployments.iter().filter(|(_, deployment)| wanted(deployment)).map(|(id, _)| id.clone()).collect()
    }
}

fn parameters() -> PatchParams {
    PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() }
}

fn refused(what: &str, error: impl std::error::Error + Send + Sync + 'static) -> CommandError {
    CommandError::new(ErrorKind::Failed, "cluster-refused", format!("the cluster did not accept {what}"))
        .because(error)
        .hint("`plattr dev` again repeats it")
}
