//! `plattr status`: what runs, where, since when.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use futures::future::join_all;
use jiff::Timestamp;
use serde::Serialize;

use crate::engines::kind::record;
use crate::engines::{Condition, Observed};
use crate::forward::health::{self, Forward};
use crate::project::Project;
use crate::stack::Instance;
use crate::stack::observe::{OpenStack, Scoped};
use crate::stack::open::open;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::style::Style;
use crate::ui::table::Table;
use crate::ui::units;

/// What runs must answer within this time to count as healthy.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);

/// Show what runs: health, versions, URLs, uptime and memory
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  See how things are:
    $ plattr status

  Fail in a script unless everything is healthy:
    $ plattr status --exit-code

  Read the port of PostgreSQL:
    $ plattr status -o json | jq '.services[] | select(.id == \"postgres\").ports.sql'")]
pub struct StatusArgs {
    /// Exit with 1 unless every service is healthy
    #[arg(long)]
    exit_code: bool,
}

/// How a stack is. The JSON form is stable.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    stack: String,
    engine: &'static str,
    services: Vec<Row>,
    /// Of all services together.
    memory_bytes: u64,
    /// `plattr forward`s that run.
    forwards: Vec<ForwardRow>,
}

/// How a forward is.
#[derive(Debug, Serialize)]
struct ForwardRow {
    /// The process that forwards.
    pid: u32,
    #[serde(flatten)]
    forward: Forward,
}

/// How a service is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: String,
    title: &'static str,
    state: Health,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// Where the program came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment_version: Option<&'static str>,
    urls: BTreeMap<&'static str, String>,
    ports: BTreeMap<&'static str, u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uptime_seconds: Option<u64>,
    memory_bytes: u64,
}

/// How a service is, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Health {
    Healthy,
    NotAnswering,
    Died,
    Stopped,
    /// Does not run, as `local.without` wants it.
    LeftOut,
}

impl Health {
    fn text(self, style: Style) -> String {
        match self {
            Self::Healthy => style.good("healthy"),
            Self::NotAnswering => style.warning("not answering"),
            Self::Died => style.bad("died"),
            Self::Stopped => style.dim("stopped"),
            Self::LeftOut => style.dim("left out"),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When the engine cannot be asked; with `--exit-code`, when something is not healthy.
pub async fn run(ui: &Ui, globals: &Globals, args: StatusArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let project = Project::find(globals.project.as_deref())?;
    let open = open(&project, None)?;
    let scope = Scoped::of(&project, &[], &[], None)?;
    let instances = open.instances();
    let observed = open.measure().await?;
    let rows = join_all(instances.iter().map(|i| row(&open, i, &scope, condition(&observed, &i.id())))).await;
    let report = Report {
        stack: open.stack.name.clone(),
        engine: open.engine.name(),
        memory_bytes: rows.iter().map(|r| r.memory_bytes).sum(),
        services: rows,
        forwards: health::running(&record::forwards(&open.stack.root))
            .into_iter()
            .map(|(pid, forward)| ForwardRow { pid, forward })
            .collect(),
    };
    match format {
        Format::Text => ui.out(text(&report, ui.style()))?,
        format => ui.value(format, &report)?,
    }
    let (healthy, wanted) = healthy(&report);
    if args.exit_code && healthy < wanted {
        let message = format!("{} of {wanted} services are not healthy", wanted - healthy);
        return Err(
            CommandError::new(ErrorKind::Failed, "not-healthy", message).hint("`plattr dev` starts and repairs them")
        );
    }
    Ok(())
}

fn condition<'a>(observed: &'a [Observed], id: &str) -> &'a Condition {
    observed.iter().find(|o| o.id == id).map_or(&Condition::Stopped, |o| &o.condition)
}

async fn row(open: &OpenStack, instance: &Instance, scope: &Scoped, condition: &Condition) -> Row {
    let (id, service) = (instance.id(), instance.service);
    let mut row = Row {
        title: service.title(),
        state: Health::Stopped,
        problem: None,
        version: None,
        source: None,
        environment_version: service.environment_version(),
        urls: open.urls(instance),
        ports: service
            .endpoints()
            .iter()
            .map(|e| (e.name, open.state.ports.get(&id, e.name)))
            .filter(|(_, p)| *p > 0)
            .collect(),
        pid: None,
        uptime_seconds: None,
        memory_bytes: 0,
        id,
    };
    match condition {
        Condition::Stopped | Condition::Died { .. } if !scope.contains(instance) => {
            row.urls.clear();
            row.state = Health::LeftOut;
        }
        Condition::Stopped => row.urls.clear(),
        Condition::Died { reason } => {
            row.urls.clear();
            (row.state, row.problem) = (Health::Died, Some(reason.clone()));
        }
        Condition::Running { version, source, pid, uptime, memory, .. } => {
            let probe = service.probe(open.context(instance));
            row.problem = match tokio::time::timeout(ANSWERS_WITHIN, probe.check()).await {
                Ok(Ok(())) => None,
                Ok(Err(not_ready)) => Some(not_ready.0),
                Err(_) => Some(format!("no answer within {}", units::duration(ANSWERS_WITHIN))),
            };
            row.state = if row.problem.is_none() { Health::Healthy } else { Health::NotAnswering };
            (row.version, row.source, row.pid) = (Some(version.clone()), Some(source.clone()), *pid);
            (row.uptime_seconds, row.memory_bytes) = (Some(uptime.as_secs()), *memory);
        }
    }
    row
}

/// How many services are healthy, and how many are to be.
fn healthy(report: &Report) -> (usize, usize) {
    let count = |is: &dyn Fn(Health) -> bool| report.services.iter().filter(|row| is(row.state)).count();
    (count(&|state| state == Health::Healthy), count(&|state| state != Health::LeftOut))
}

/// Whether a version is the other one, as far as both say.
fn same_version(running: &str, environment: &str) -> bool {
    running.split('.').zip(environment.split('.')).all(|(a, b)| a == b)
}

fn text(report: &Report, style: Style) -> String {
    let mut table = Table::new(["SERVICE", "STATE", "VERSION", "FROM", "URL", "UPTIME", "MEMORY"]);
    for row in &report.services {
        let mut urls = row.urls.values().cloned();
        table.row([
            row.id.clone(),
            row.state.text(style),
            row.version.clone().unwrap_or_default(),
            row.source.clone().unwrap_or_default(),
            urls.next().unwrap_or_default(),
            row.uptime_seconds.map(|s| units::duration(Duration::from_secs(s))).unwrap_or_default(),
            if row.memory_bytes > 0 { units::bytes(row.memory_bytes) } else { String::new() },
        ]);
        for url in urls {
            table.row([String::new(), String::new(), String::new(), String::new(), url]);
        }
    }
    let (healthy, wanted) = healthy(report);
    let mut text = table.render(style);
    text += &format!("\n{}: {healthy} of {wanted} healthy on the {} engine", report.stack, report.engine);
    if report.memory_bytes > 0 {
        text += &format!(", {} of memory", units::bytes(report.memory_bytes));
    }
    text.push('\n');
    if !report.forwards.is_empty() {
        text += &format!("\n{}", forwards(&report.forwards, style));
    }
    for ForwardRow { forward, .. } in &report.forwards {
        if let Some(problem) = &forward.problem {
            let (local, since) = (forward.local, units::duration(since(problem.since)));
            text += &format!("{} 127.0.0.1:{local}: {} (for {since})\n", style.warning("problem:"), problem.message);
        }
    }
    for row in &report.services {
        if let Some(problem) = &row.problem {
            text +=
                &format!("{} {}: {}\n", style.warning("problem:"), row.id, problem.trim_end().replace('\n', "\n  "));
        }
        if let (Some(here), Some(there)) = (row.version.as_deref(), row.environment_version)
            && !same_version(here, there)
        {
            text +=
                &format!("{} {} is {here} here and {there} in the environments\n", style.warning("warning:"), row.id);
        }
    }
    text
}

fn forwards(rows: &[ForwardRow], style: Style) -> String {
    let mut table = Table::new(["FORWARD", "LOCAL", "STATE", "POD", "OPEN", "TOTAL", "FAILED"]);
    for ForwardRow { forward, .. } in rows {
        let state = match (&forward.problem, &forward.pod) {
            (Some(_), _) => style.bad("failing"),
            (None, None) => style.warning("no pod"),
            (None, Some(_)) => style.good("ready"),
        };
        table.row([
            format!("{} {}", forward.target, forward.port),
            format!("127.0.0.1:{}", forward.local),
            state,
            forward.pod.clone().unwrap_or_default(),
            forward.open.to_string(),
            forward.total.to_string(),
            if forward.failed > 0 { forward.failed.to_string() } else { String::new() },
        ]);
    }
    table.render(style)
}

fn since(time: Timestamp) -> Duration {
    Timestamp::now().duration_since(time).try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn row(name: &str, health: Health, version: Option<&str>) -> Row {
        let up = health == Health::Healthy;
        Row {
            id: name.into(),
            title: "",
            state: health,
            problem: (health == Health::Died).then(|| "exit code 1\nlast words".into()),
            version: version.map(str::to_owned),
            source: up.then(|| "package".into()),
            environment_version: Some("17.5"),
            urls: if up {
                BTreeMap::from([("api", "http://127.0.0.1:9000".into()), ("console", "http://127.0.0.1:9001".into())])
            } else {
                BTreeMap::new()
            },
            ports: BTreeMap::new(),
            pid: None,
            uptime_seconds: up.then_some(75),
            memory_bytes: if up { 120_000_000 } else { 0 },
        }
    }

    #[test]
    fn people_read_a_table_and_what_is_wrong() {
        let report = Report {
            stack: "todo".into(),
            engine: "native",
            memory_bytes: 120_000_000,
            services: vec![
                row("minio", Health::Healthy, Some("16.2")),
                row("redis", Health::Died, None),
                row("keycloak", Health::Stopped, None),
                row("opensearch", Health::LeftOut, None),
            ],
            forwards: Vec::new(),
        };
        insta::assert_snapshot!(text(&report, Style::new(false)), @r"
        SERVICE     STATE     VERSION  FROM     URL                    UPTIME  MEMORY
        minio       healthy   16.2     package  http://127.0.0.1:9000  1m 15s  120 MB
                                                http://127.0.0.1:9001
        redis       died
        keycloak    stopped
        opensearch  left out

        todo: 1 of 3 healthy on the native engine, 120 MB of memory
        warning: minio is 16.2 here and 17.5 in the environments
        problem: redis: exit code 1
          last words
        ");
    }

    #[test]
    fn forwards_are_shown_with_what_is_wrong() {
        let forward = |port: &str, pod: Option<&str>| Forward {
            target: "app/todo".into(),
            namespace: "plattr-local".into(),
            local: 8081,
            port: port.into(),
            pod: pod.map(str::to_owned),
            open: 1,
            total: 12,
            failed: 0,
            problem: None,
        };
        let mut failing = forward("9090", Some("todo-1"));
        failing.failed = 2;
        failing.problem = Some(health::Problem { message: "connection refused".into(), since: Timestamp::now() });
        let rows = [forward("http", Some("todo-1")), failing, forward("http", None)];
        let rows: Vec<ForwardRow> = rows.into_iter().map(|forward| ForwardRow { pid: 7, forward }).collect();
        assert_eq!(serde_json::to_value(&rows[0]).unwrap()["pod"], "todo-1");
        insta::assert_snapshot!(forwards(&rows, Style::new(false)), @r"
        FORWARD        LOCAL           STATE    POD     OPEN  TOTAL  FAILED
        app/todo http  127.0.0.1:8081  ready    todo-1  1     12
        app/todo 9090  127.0.0.1:8081  failing  todo-1  1     12     2
        app/todo http  127.0.0.1:8081  no pod           1     12
        ");
        let report =
            Report { stack: "todo".into(), engine: "kind", memory_bytes: 0, services: Vec::new(), forwards: rows };
        assert!(text(&report, Style::new(false)).contains("problem: 127.0.0.1:8081: connection refused (for "));
    }

    #[test]
    fn versions_are_compared_as_far_as_both_say() {
        assert!(same_version("17.5.0", "17.5"));
        assert!(same_version("17", "17.5"));
        assert!(!same_version("17.6", "17.5"));
        assert!(!same_version("170", "17"));
    }
}
