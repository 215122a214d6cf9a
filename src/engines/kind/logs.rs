//! What the pods of instances said, in the order of its time. A pod that is replaced while its log is followed is
//! followed on.

use std::time::Duration;

use futures::future::try_join_all;
use futures::{AsyncBufReadExt as _, TryStreamExt as _};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::api::LogParams;
use tokio::sync::mpsc::Sender;

use super::api::Cluster;
use crate::engines::{LogLine, LogOptions};
use crate::ui::error::CommandResult;

/// Sends log lines to `sink` until all is said, or for ever.
///
/// # Errors
/// When the API does not answer.
pub async fn read(cluster: &Cluster, ids: &[String], options: &LogOptions, sink: Sender<LogLine>) -> CommandResult<()> {
    let mut lines = Vec::new();
    let said = try_join_all(ids.iter().map(|id| said(cluster, id, options))).await?;
    let mut seen: Vec<Option<Timestamp>> = Vec::new();
    for of_instance in said {
        seen.push(of_instance.last().map(|(time, _)| *time).or(options.since));
        lines.extend(of_instance);
    }
    lines.sort_by_key(|(time, _)| *time);
    for (_, line) in lines {
        if sink.send(line).await.is_err() {
            return Ok(());
        }
    }
    if options.follow {
        let following = ids.iter().zip(seen).map(|(id, since)| follow(cluster, id, since, &sink));
        try_join_all(following).await?;
    }
    Ok(())
}

/// What an instance said so far.
async fn said(cluster: &Cluster, id: &str, options: &LogOptions) -> CommandResult<Vec<(Timestamp, LogLine)>> {
    let Some(pod) = cluster.pod(id).await.map_err(|e| super::failed("the cluster does not answer", e))? else {
        return Ok(Vec::new());
    };
    let tail = options.tail.map(|lines| i64::try_from(lines).unwrap_or(i64::MAX));
    let mut lines = Vec::new();
    for container in containers(&pod) {
        let parameters = parameters(&container, options.since, tail, false);
        let name = pod.metadata.name.as_deref().unwrap_or_default();
        // A container that has not begun has said nothing.
        let Ok(text) = cluster.api::<Pod>().logs(name, &parameters).await else { continue };
        lines.extend(text.lines().filter_map(|line| parse(id, line)));
    }
    let skipped = options.tail.map_or(0, |tail| lines.len().saturating_sub(tail));
    Ok(lines.split_off(skipped))
}

/// Follows an instance from `since` on, from pod to pod.
async fn follow(
    cluster: &Cluster,
    id: &str,
    mut since: Option<Timestamp>,
    sink: &Sender<LogLine>,
) -> CommandResult<()> {
    while !sink.is_closed() {
        // Ended streams and missing pods are the same: look again which pod there is.
        if let Ok(Some(pod)) = cluster.pod(id).await
            && let Some(container) = containers(&pod).pop()
        {
            let name = pod.metadata.name.as_deref().unwrap_or_default();
            if let Ok(stream) = cluster.api::<Pod>().log_stream(name, &parameters(&container, since, None, true)).await
            {
                let mut lines = stream.lines();
                while let Ok(Some(line)) = lines.try_next().await {
                    let Some((time, line)) = parse(id, &line) else { continue };
                    // The API knows whole seconds only, so the first lines come twice.
                    if since.is_some_and(|since| time <= since) {
                        continue;
                    }
                    since = Some(time);
                    if sink.send(line).await.is_err() {
                        return Ok(());
                    }
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    Ok(())
}

/// The containers of a pod, in the order in which they run.
fn containers(pod: &Pod) -> Vec<String> {
    let spec = pod.spec.as_ref();
    let first = spec.and_then(|s| s.init_containers.as_deref()).unwrap_or_default();
    let main = spec.map(|s| s.containers.as_slice()).unwrap_or_default();
    first.iter().chain(main).map(|c| c.name.clone()).collect()
}

fn parameters(container: &str, since: Option<Timestamp>, tail: Option<i64>, follow: bool) -> LogParams {
    LogParams {
        container: Some(container.to_owned()),
        follow,
        since_time: since,
        tail_lines: tail,
        timestamps: true,
        ..LogParams::default()
    }
}

/// A line as the API gives it: its time (RFC 3339), a space, what was said.
fn parse(id: &str, line: &str) -> Option<(Timestamp, LogLine)> {
    let (time, said) = line.split_once(' ').unwrap_or((line, ""));
    Some((time.parse().ok()?, LogLine { id: id.to_owned(), line: said.to_owned() }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_is_told_without_its_time() {
        let (time, line) = parse("redis", "2026-01-01T00:00:00.123456789Z Ready to accept connections").unwrap();
        assert_eq!(time.subsec_nanosecond(), 123_456_789);
        assert_eq!(line.line, "Ready to accept connections");
        assert!(parse("redis", "unable to retrieve logs").is_none());
    }
}
