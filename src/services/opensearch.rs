//! OpenSearch: full-text search.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use plattr_api::variables::SearchBinding;
use plattr_api::{ApplicationSpec, Variables};
use plattr_backends::{Check, opensearch};

use super::image::Image;
use super::objects::Objects;
use super::probe::Probe;
use super::process::{Command, ConfigFile, NativeFolders, Preparation, Preparing, Process, Step, StopSignal, Tools};
use super::provisioning::{LOCAL, asking, failed, http, port};
use super::{Context, Endpoint, LOOPBACK, Provision, Provisioned, Scope, Service};
use crate::stack::App;
use crate::ui::error::CommandResult;

/// A class that stands in for the Thai word rules, which plattr's Java package lacks and without which
/// OpenSearch creates no index at all. Its source is `assets/opensearch/Thai.java`.
pub static LIBRARY: Preparation = Preparation {
    name: "opensearch-library",
    title: "preparing OpenSearch",
    packages: &[],
    optional: false,
    steps: |at| {
        let bytes = include_bytes!("../../assets/opensearch/thai.jar");
        vec![Step::WriteBytes { path: at.folder.join("thai.jar"), bytes }]
    },
};

/// What the Java machine learned about OpenSearch in an earlier run (JEP 483, JEP 514).
pub static ARCHIVE: Preparation = Preparation {
    name: "opensearch-archive",
    title: "recording how OpenSearch starts",
    packages: &["opensearch", "java"],
    optional: true,
    steps: record,
};

/// OpenSearch.
pub struct OpenSearch;

#[async_trait]
impl Service for OpenSearch {
    fn name(&self) -> &'static str {
        "opensearch"
    }

    fn title(&self) -> &'static str {
        "OpenSearch"
    }

    fn scope(&self) -> Scope {
        Scope::Stack
    }

    fn wanted_by(&self, spec: &ApplicationSpec) -> bool {
        spec.search.enabled
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        &[
            Endpoint { name: "http", scheme: "http", port: 9200, shown: true },
            Endpoint { name: "transport", scheme: "tcp", port: 9300, shown: false },
        ]
    }

    fn needs(&self) -> &'static [&'static str] {
        &[]
    }

    fn environment_version(&self) -> Option<&'static str> {
        None
    }

    /// It reads what its own and the last major version left.
    fn reads(&self, wrote: &str, runs: &str) -> bool {
        let of_last = super::major(wrote).map(|major| major + 1) >= super::major(runs);
        of_last && super::version_numbers(wrote) <= super::version_numbers(runs)
    }

    fn packages(&self) -> &'static [&'static str] {
        &["opensearch", "java"]
    }

    fn preparations(&self, _cx: Context<'_>) -> Vec<&'static Preparation> {
        vec![&LIBRARY, &ARCHIVE]
    }

    fn process(&self, cx: Context<'_>, folders: &NativeFolders<'_>) -> Process {
        let archive = folders.tools.prepared("opensearch-archive").join("opensearch.aot");
        let temporary = folders.config.join("tmp");
        let ports = (cx.ports.get("opensearch", "http"), cx.ports.get("opensearch", "transport"));
        Process {
            program: folders.tools.program("java", "java"),
            args: arguments(folders.tools, folders.config, &temporary, &super::java_archive(folders.tools, &archive)),
            env: super::environment(&temporary),
            files: files(folders.config, folders.data, ports),
            stale: Vec::new(),
            initialise: None,
            stop_signal: StopSignal::Term,
        }
    }

    fn image(&self) -> Image {
        Image::published("opensearch")
    }

    fn objects(&self, _cx: Context<'_>, _version: &str) -> CommandResult<Objects> {
        Objects::read(include_str!("../../manifests/local/opensearch.yaml"))
    }

    fn probe(&self, cx: Context<'_>) -> Probe {
        probe(cx.ports.get("opensearch", "http"))
    }

    async fn provision(&self, cx: Context<'_>, mode: Provision) -> CommandResult<Provisioned> {
        let mut provisioned = Provisioned::default();
        let server = server(self, cx);
        for app in asking(self, cx) {
            let desired = desired(app);
            let changes = match mode {
                Provision::Plan => {
                    opensearch::observe(&server, &desired).await.map(|seen| opensearch::plan(&desired, &seen))
                }
                Provision::Apply => opensearch::ensure(&server, &desired).await,
            }
            .map_err(failed(self, app))?;
            provisioned.add(cx, app, &changes);
        }
        Ok(provisioned)
    }

    async fn discard(&self, cx: Context<'_>, app: &App) -> CommandResult {
        opensearch::deprovision(&server(self, cx), &desired(app)).await.map_err(failed(self, app))
    }

    async fn verify(&self, cx: Context<'_>, app: &App) -> Vec<Check> {
        opensearch::verify(&server(self, cx), &desired(app)).await
    }

    fn variables(&self, cx: Context<'_>, app: &App) -> Variables {
        SearchBinding { url: server(self, cx).url, prefix: app.names().index_prefix }.variables()
    }
}

fn probe(port: u16) -> Probe {
    let url = format!("http://{LOOPBACK}:{port}/_cluster/health?wait_for_status=yellow&timeout=1s");
    Probe::Http { url, contains: Some("\"timed_out\":false".into()) }
}

fn record(at: &Preparing<'_>) -> Vec<Step> {
    let recording = at.scratch.join("opensearch.aotconf");
    let Some([learn, write]) = super::java_recording(at.tools, &recording, &at.folder.join("opensearch.aot")) else {
        return Vec::new();
    };
    let command = |extra: &[String]| Command {
        program: at.tools.program("java", "java"),
        args: arguments(at.tools, at.scratch, at.scratch, extra),
        env: super::environment(at.scratch),
        ..Command::default()
    };
    let mut steps: Vec<Step> =
        files(at.scratch, at.scratch, (at.ports["a"], at.ports["b"])).into_iter().map(Step::Write).collect();
    let timeout = Duration::from_secs(120);
    // Recorded and written in two runs: OpenSearch forbids itself to start the process that would write.
    steps.extend([
        Step::Start { command: command(&learn), probe: probe(at.ports["a"]), stop: StopSignal::Term, timeout },
        Step::Stop,
        Step::Run(command(&write)),
    ]);
    steps
}

fn files(config: &Path, data: &Path, (http, transport): (u16, u16)) -> Vec<ConfigFile> {
    // JSON strings are YAML strings.
    let path = |p: PathBuf| serde_json::json!(p).to_string();
    let settings = format!(
        "cluster.name: plattr\nnode.name: plattr\npath.data: {}\npath.logs: {}\nnetwork.host: {LOOPBACK}\n\
         http.port: {http}\ntransport.port: {transport}\ndiscovery.type: single-node\n\
         cluster.routing.allocation.disk.threshold_enabled: false\n",
        path(data.join("data")),
        path(config.join("tmp/logs")),
    );
    let logging = "status = error\n\
        appender.console.type = Console\n\
        appender.console.name = console\n\
        appender.console.layout.type = PatternLayout\n\
        appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] [%node_name]%marker %m%n\n\
        rootLogger.level = info\n\
        rootLogger.appenderRef.console.ref = console\n";
    vec![
        ConfigFile { path: config.join("opensearch.yml"), contents: settings },
        ConfigFile { path: config.join("log4j2.properties"), contents: logging.into() },
        ConfigFile { path: config.join("jvm.options"), contents: String::new() },
    ]
}

/// The class path, always in the same order, as the archive demands.
fn class_path(tools: &dyn Tools) -> String {
    let home = tools.package("opensearch");
    let jars = |folder: &str| {
        let entries = std::fs::read_dir(home.join(folder)).into_iter().flatten().flatten();
        let mut jars: Vec<PathBuf> =
            entries.map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "jar")).collect();
        jars.sort();
        jars
    };
    // The agent itself, OpenSearch's inner sandbox, is left out for a faster start; its classes are needed.
    let agent = jars("agent").into_iter().filter(|p| p.to_string_lossy().contains("agent-bootstrap"));
    let all = jars("lib").into_iter().chain(agent).chain([tools.prepared("opensearch-library").join("thai.jar")]);
    all.map(|p| p.display().to_string()).collect::<Vec<_>>().join(":")
}

/// What OpenSearch's launcher would run, sized for one person.
fn arguments(tools: &dyn Tools, config: &Path, temporary: &Path, extra: &[String]) -> Vec<String> {
    let mut args: Vec<String> = [
        "-Xms256m",
        "-Xmx256m",
        "-Xss1m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
    ]
    .map(str::to_owned)
    .into();
    args.extend_from_slice(extra);
    args.extend([
        "-Djava.awt.headless=true".into(),
        "-Dfile.encoding=UTF-8".into(),
        "-Djava.locale.providers=SPI,CLDR".into(),
        "-Djna.nosys=true".into(),
        "-Dio.netty.noUnsafe=true".into(),
        "-Dio.netty.noKeySetOptimization=true".into(),
        "-Dio.netty.recycler.maxCapacityPerThread=0".into(),
        "-Dio.netty.allocator.numDirectArenas=0".into(),
        "-Dlog4j.shutdownHookEnabled=false".into(),
        "-Dlog4j2.disable.jmx=true".into(),
        "-Dopensearch.networkaddress.cache.ttl=60".into(),
        "-Dopensearch.networkaddress.cache.negative.ttl=10".into(),
        "-Dorg.apache.lucene.store.MMapDirectory.sharedArenaMaxPermits=1".into(),
        "--enable-native-access=ALL-UNNAMED".into(),
        format!("-Djava.io.tmpdir={}", temporary.display()),
        format!("-Dopensearch.path.home={}", tools.package("opensearch").display()),
        format!("-Dopensearch.path.conf={}", config.display()),
        "-Dopensearch.distribution.type=zip".into(),
        "-Dopensearch.bundled_jdk=false".into(),
        "-cp".into(),
        class_path(tools),
        "org.opensearch.bootstrap.OpenSearch".into(),
    ]);
    args
}

fn server(service: &OpenSearch, cx: Context<'_>) -> opensearch::Server {
    opensearch::Server { http: http().clone(), url: format!("http://{LOOPBACK}:{}", port(service, cx, "http")) }
}

/// A single node has nowhere to put a replica.
fn desired(app: &App) -> opensearch::Desired {
    opensearch::Desired::new(&app.names(), LOCAL, &app.spec, 0)
}
