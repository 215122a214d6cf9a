//! How instances are, read from the objects of the cluster: pure.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ContainerStatus, Event, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ManagedFieldsEntry, ObjectMeta};
use plattr_api::labels;
use serde_json::Value;

use crate::engines::Condition;

/// Field managers whose changes are no one's hand: the controllers of Kubernetes, and plattr.
const OWN: [&str; 3] = [labels::MANAGER, "kube-controller-manager", "kubelet"];
/// What keeps a container from running that will not go away by waiting.
const HOPELESS: [&str; 7] = [
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "ErrImageNeverPull",
    "InvalidImageName",
    "CreateContainerConfigError",
    "CreateContainerError",
];

/// How an instance is, from its Deployment and its pods. `memory` is what its pods use, in bytes.
pub fn condition(deployment: Option<&Deployment>, pods: &[&Pod], memory: u64, now: Timestamp) -> Condition {
    let Some(deployment) = deployment else { return Condition::Stopped };
    if deployment.spec.as_ref().and_then(|spec| spec.replicas) == Some(0) {
        return Condition::Stopped;
    }
    let hash = annotation(&deployment.metadata, labels::HASH);
    // Those of before the last change are on their way out.
    let pods: Vec<&Pod> = pods.iter().copied().filter(|pod| annotation(&pod.metadata, labels::HASH) == hash).collect();
    if let Some(reason) = pods.iter().find_map(|pod| hopeless(pod)) {
        return Condition::Died { reason };
    }
    let started = pods.iter().flat_map(|pod| statuses(pod)).filter_map(started_at).max();
    let seconds = started.map_or(0, |started| now.as_second() - started.as_second());
    Condition::Running {
        hash,
        version: annotation(&deployment.metadata, labels::VERSION),
        source: "image".into(),
        pid: None,
        uptime: Duration::from_secs(u64::try_from(seconds).unwrap_or_default()),
        memory,
        edited: edits(deployment.metadata.managed_fields.as_deref().unwrap_or_default()),
    }
}

fn annotation(metadata: &ObjectMeta, name: &str) -> String {
    metadata.annotations.as_ref().and_then(|all| all.get(name)).cloned().unwrap_or_default()
}

fn statuses(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let status = pod.status.as_ref();
    let first = status.and_then(|s| s.init_container_statuses.as_deref()).unwrap_or_default();
    let main = status.and_then(|s| s.container_statuses.as_deref()).unwrap_or_default();
    first.iter().chain(main)
}

fn started_at(status: &ContainerStatus) -> Option<Timestamp> {
    Some(status.state.as_ref()?.running.as_ref()?.started_at.as_ref()?.0)
}

/// Why a pod will not run, however long one waits.
pub fn hopeless(pod: &Pod) -> Option<String> {
    // One that is being deleted has been replaced.
    if pod.metadata.deletion_timestamp.is_some() {
        return None;
    }
    statuses(pod).find_map(|status| {
        let waiting = status.state.as_ref()?.waiting.as_ref()?;
        let why = waiting.reason.as_deref().filter(|reason| HOPELESS.contains(reason))?;
        let ended = status.last_state.as_ref().and_then(|last| last.terminated.as_ref());
        Some(match ended {
            Some(ended) => format!(
                "its container `{}` ended with exit code {} ({})",
                status.name,
                ended.exit_code,
                ended.reason.as_deref().unwrap_or(why)
            ),
            None => format!(
                "its container `{}` cannot start: {why}: {}",
                status.name,
                waiting.message.as_deref().unwrap_or("no more is known")
            ),
        })
    })
}

/// What keeps a pod from running that may yet run; `warnings` are the events about it. None of one that runs.
pub fn hindrance(pod: &Pod, warnings: &[Event]) -> Option<String> {
    let status = pod.status.as_ref()?;
    if pod.metadata.deletion_timestamp.is_some() || status.phase.as_deref() != Some("Pending") {
        return None;
    }
    let conditions = status.conditions.as_deref().unwrap_or_default();
    let unscheduled = conditions.iter().find(|c| c.type_ == "PodScheduled" && c.status == "False");
    if let Some(why) = unscheduled {
        let why = why.message.as_deref().or(why.reason.as_deref()).unwrap_or("no more is known");
        return Some(format!("its pod has no place in the cluster: {why}"));
    }
    let last = warnings.iter().max_by_key(|event| event.last_timestamp.as_ref().map(|at| at.0))?;
    let (reason, message) = (last.reason.as_deref().unwrap_or_default(), last.message.as_deref().unwrap_or_default());
    Some(format!("its pod does not start: {reason}: {message}"))
}

/// Who changed the specification of an object by hand, and what: server-side apply keeps account of it
/// (KEP-555).
pub fn edits(managers: &[ManagedFieldsEntry]) -> Option<String> {
    let edits: Vec<String> = managers
        .iter()
        .filter(|entry| entry.manager.as_deref().is_none_or(|manager| !OWN.contains(&manager)))
        .filter_map(|entry| {
            let fields = &entry.fields_v1.as_ref()?.0;
            let spec = fields.get("f:spec")?;
            let path = format!("spec{}", path_of(spec));
            Some(format!("{path} by {}", entry.manager.as_deref().unwrap_or("someone")))
        })
        .collect();
    (!edits.is_empty()).then(|| edits.join(", "))
}

/// The path of the only or the first field of a set (`f:template`, `k:{"name":"postgres"}`).
fn path_of(fields: &Value) -> String {
    let Some((key, inner)) = fields.as_object().and_then(|o| o.iter().find(|(key, _)| *key != ".")) else {
        return String::new();
    };
    let name = match key.split_once(':') {
        Some(("f", field)) => format!(".{field}"),
        Some((_, item)) => {
            let item: Value = serde_json::from_str(item).unwrap_or_default();
            let text = item.as_object().and_then(|o| o.values().next()).map(|v| v.to_string().replace('"', ""));
            format!("[{}]", text.unwrap_or_default())
        }
        None => return String::new(),
    };
    name + &path_of(inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn now() -> Timestamp {
        "2026-01-01T00:01:00Z".parse().unwrap()
    }

    fn deployment(replicas: u32, managers: Value) -> Deployment {
        serde_json::from_value(json!({
            "metadata": {
                "annotations": { "platform.internal/hash": "h", "platform.internal/version": "17.6" },
                "managedFields": managers,
            },
            "spec": { "replicas": replicas },
        }))
        .unwrap()
    }

    fn pod(state: Value, last: Value) -> Pod {
        serde_json::from_value(json!({
            "metadata": { "annotations": { "platform.internal/hash": "h" } },
            "status": { "containerStatuses": [{ "name": "postgres", "state": state, "lastState": last }] },
        }))
        .unwrap()
    }

    #[test]
    fn no_deployment_or_no_replicas_is_stopped() {
        assert_eq!(condition(None, &[], 0, now()), Condition::Stopped);
        assert_eq!(condition(Some(&deployment(0, json!([]))), &[], 0, now()), Condition::Stopped);
    }

    #[test]
    fn a_running_container_tells_since_when() {
        let pod = pod(json!({ "running": { "startedAt": "2026-01-01T00:00:00Z" } }), json!({}));
        let seen = condition(Some(&deployment(1, json!([]))), &[&pod], 7, now());
        let Condition::Running { hash, version, uptime, memory, edited, .. } = seen else { panic!("{seen:?}") };
        assert_eq!((hash.as_str(), version.as_str(), uptime.as_secs(), memory), ("h", "17.6", 60, 7));
        assert_eq!(edited, None);
    }

    #[test]
    fn a_container_that_ends_again_and_again_has_died() {
        let pod = pod(
            json!({ "waiting": { "reason": "CrashLoopBackOff" } }),
            json!({ "terminated": { "exitCode": 1, "reason": "Error" } }),
        );
        let seen = condition(Some(&deployment(1, json!([]))), &[&pod], 0, now());
        let reason = "its container `postgres` ended with exit code 1 (Error)".to_owned();
        assert_eq!(seen, Condition::Died { reason });
    }

    #[test]
    fn an_image_that_cannot_be_had_is_told_with_its_message() {
        let pod = pod(json!({ "waiting": { "reason": "ErrImagePull", "message": "no such host" } }), json!({}));
        let seen = condition(Some(&deployment(1, json!([]))), &[&pod], 0, now());
        assert!(matches!(seen, Condition::Died { reason } if reason.contains("no such host")));
    }

    #[test]
    fn a_pod_that_is_being_made_runs() {
        let pod = pod(json!({ "waiting": { "reason": "ContainerCreating" } }), json!({}));
        assert!(matches!(condition(Some(&deployment(1, json!([]))), &[&pod], 0, now()), Condition::Running { .. }));
    }

    #[test]
    fn what_keeps_a_pod_from_running_is_told() {
        let pod = |status: Value| serde_json::from_value::<Pod>(json!({ "metadata": {}, "status": status })).unwrap();
        let unscheduled = pod(json!({ "phase": "Pending", "conditions": [
            { "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "Insufficient memory" },
        ] }));
        let told = hindrance(&unscheduled, &[]).unwrap();
        assert_eq!(told, "its pod has no place in the cluster: Insufficient memory");
        let waits = pod(json!({ "phase": "Pending", "conditions": [{ "type": "PodScheduled", "status": "True" }] }));
        assert_eq!(hindrance(&waits, &[]), None);
        let event = |at: &str, reason: &str| {
            serde_json::from_value::<Event>(json!({
                "metadata": {}, "involvedObject": {}, "lastTimestamp": at, "reason": reason, "message": "no such folder",
            }))
            .unwrap()
        };
        let events = [event("2026-01-01T00:00:09Z", "FailedMount"), event("2026-01-01T00:00:01Z", "Failed")];
        assert_eq!(hindrance(&waits, &events).unwrap(), "its pod does not start: FailedMount: no such folder");
        assert_eq!(hindrance(&pod(json!({ "phase": "Running" })), &events), None);
    }

    #[test]
    fn a_hand_edit_is_told_by_who_and_what() {
        let managers = json!([
            { "manager": "plattr", "fieldsV1": { "f:spec": { "f:replicas": {} } } },
            { "manager": "kube-controller-manager", "fieldsV1": { "f:status": {} } },
            { "manager": "kubectl-edit", "fieldsV1": { "f:spec": { "f:template": { "f:spec": {
                "f:containers": { "k:{\"name\":\"postgres\"}": { ".": {}, "f:image": {} } } } } } } },
        ]);
        let Condition::Running { edited, .. } = condition(Some(&deployment(1, managers)), &[], 0, now()) else {
            panic!("it runs")
        };
        assert_eq!(edited.as_deref(), Some("spec.template.spec.containers[postgres].image by kubectl-edit"));
    }
}
