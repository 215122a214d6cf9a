//! What a service runs in a cluster, as typed Kubernetes objects. The manifests under `manifests/local/` say all
//! that never changes; a service patches what does, and the engine names it and chooses ports and images.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, PersistentVolumeClaim, PodSpec, Secret, Service};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// What runs one instance of a service.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Objects {
    /// The pods. Images are keys of the image lock until the engine resolves them.
    pub deployment: Deployment,
    /// Its ports, by the names of its endpoints.
    pub service: Service,
    /// Who may talk to it, and to whom it may talk.
    pub policy: NetworkPolicy,
    /// Configuration files and variables.
    pub secret: Secret,
    /// Its data, where it keeps any.
    pub claim: Option<PersistentVolumeClaim>,
}

impl Objects {
    /// Reads a manifest: one document a kind.
    ///
    /// # Errors
    /// When the manifest is not what it should be; a test reads all that are embedded.
    pub fn read(manifest: &str) -> CommandResult<Self> {
        let mut objects = Self::default();
        for document in documents(manifest)? {
            match document.get("kind").and_then(Value::as_str) {
                Some("Deployment") => objects.deployment = typed(document)?,
                Some("Service") => objects.service = typed(document)?,
                Some("NetworkPolicy") => objects.policy = typed(document)?,
                Some("PersistentVolumeClaim") => objects.claim = Some(typed(document)?),
                kind => return Err(invalid(format!("a manifest has an object of the kind {kind:?}"))),
            }
        }
        Ok(objects)
    }

    /// Adds a file of `/plattr/config`, or a variable where the pod takes its variables from the secret.
    pub fn add(&mut self, name: &str, contents: impl Into<String>) {
        self.secret.data.get_or_insert_default().insert(name.to_owned(), ByteString(contents.into().into_bytes()));
    }

    /// Adds variables.
    pub fn variables(&mut self, variables: BTreeMap<String, String>) {
        variables.into_iter().for_each(|(name, value)| self.add(&name, value));
    }

    /// The specification of its pods.
    pub fn pod(&mut self) -> &mut PodSpec {
        self.deployment.spec.get_or_insert_default().template.spec.get_or_insert_default()
    }

    /// All containers of its pods.
    pub fn containers(&mut self) -> impl Iterator<Item = &mut Container> {
        let pod = self.pod();
        pod.init_containers.iter_mut().flatten().chain(pod.containers.iter_mut())
    }

    /// Gives all objects the name of an instance and its labels, so that several can stand beside each other.
    pub fn named(&mut self, id: &str, labels: &BTreeMap<String, String>) {
        let selector = BTreeMap::from([(plattr_api::labels::INSTANCE.to_owned(), id.to_owned())]);
        let claim = self.claim.as_mut().map(|claim| &mut claim.metadata);
        let metadata: [&mut ObjectMeta; 4] = [
            &mut self.deployment.metadata,
            &mut self.service.metadata,
            &mut self.policy.metadata,
            &mut self.secret.metadata,
        ];
        for metadata in metadata.into_iter().chain(claim) {
            metadata.name = Some(id.to_owned());
            metadata.namespace = Some(plattr_api::labels::LOCAL_NAMESPACE.to_owned());
            metadata.labels.get_or_insert_default().extend(labels.clone());
        }
        let spec = self.deployment.spec.get_or_insert_default();
        spec.selector.match_labels = Some(selector.clone());
        let template = spec.template.metadata.get_or_insert_default().labels.get_or_insert_default();
        template.extend(labels.clone());
        template.extend(selector.clone());
        self.service.spec.get_or_insert_default().selector = Some(selector.clone());
        self.policy.spec.get_or_insert_default().pod_selector.get_or_insert_default().match_labels = Some(selector);
        for volume in self.pod().volumes.iter_mut().flatten() {
            if let Some(secret) = &mut volume.secret {
                secret.secret_name = Some(id.to_owned());
            }
            if let Some(claim) = &mut volume.persistent_volume_claim {
                claim.claim_name = id.to_owned();
            }
        }
        for source in self.containers().flat_map(|c| c.env_from.iter_mut().flatten()) {
            if let Some(secret) = &mut source.secret_ref {
                secret.name = id.to_owned();
            }
        }
    }
}

/// The documents of a YAML stream.
///
/// # Errors
/// When it is not YAML.
pub fn documents(manifest: &str) -> CommandResult<Vec<Value>> {
    serde_saphyr::from_multiple(manifest).map_err(invalid)
}

/// A document as a typed object; a field that the type does not have is an error.
///
/// # Errors
/// When it is of another type.
pub fn typed<T: DeserializeOwned>(document: Value) -> CommandResult<T> {
    serde_json::from_value(document).map_err(invalid)
}

fn invalid(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CommandError {
    CommandError::new(ErrorKind::Failed, "manifest", "a manifest of this plattr is damaged").because(cause)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn manifests() -> Vec<(String, String)> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/manifests/local");
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut all: Vec<_> = entries
            .map(|path| (path.file_stem().unwrap().display().to_string(), std::fs::read_to_string(path).unwrap()))
            .collect();
        all.sort();
        all
    }

    /// The first field of `written` that `read` does not have as it is.
    fn lost(written: &Value, read: &Value, path: &str) -> Option<String> {
        match (written, read) {
            (Value::Object(fields), Value::Object(_)) => {
                fields.iter().find_map(|(name, value)| lost(value, &read[name], &format!("{path}.{name}")))
            }
            (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
                items.iter().zip(others).enumerate().find_map(|(i, (a, b))| lost(a, b, &format!("{path}[{i}]")))
            }
            // Nothing to lose: `egress: []`, `emptyDir: {}`.
            (Value::Array(items), Value::Null) if items.is_empty() => None,
            (a, b) => (a != b).then(|| path.to_owned()),
        }
    }

    #[test]
    fn no_field_of_a_manifest_is_unknown_to_its_type() {
        for (name, text) in manifests() {
            for document in documents(&text).unwrap() {
                let read = match document["kind"].as_str().unwrap() {
                    "Deployment" => serde_json::to_value(typed::<Deployment>(document.clone()).unwrap()),
                    "Service" => serde_json::to_value(typed::<Service>(document.clone()).unwrap()),
                    "NetworkPolicy" => serde_json::to_value(typed::<NetworkPolicy>(document.clone()).unwrap()),
                    "PersistentVolumeClaim" => {
                        serde_json::to_value(typed::<PersistentVolumeClaim>(document.clone()).unwrap())
                    }
                    "Namespace" => Ok(document.clone()),
                    other => panic!("{name}: {other}"),
                };
                assert_eq!(lost(&document, &read.unwrap(), ""), None, "{name}");
            }
        }
    }

    #[test]
    fn every_service_has_a_manifest_that_publishes_its_endpoints_and_runs_without_rights() {
        for service in crate::services::ALL {
            let text = manifests().into_iter().find(|(name, _)| name == service.name()).unwrap().1;
            let mut objects = Objects::read(&text).unwrap();
            let ports = objects.service.spec.clone().unwrap().ports.unwrap();
            for port in &ports {
                let name = port.name.clone().unwrap();
                assert!(service.endpoints().iter().any(|e| e.name == name), "{}: {name}", service.name());
            }
            assert!(
                service
                    .endpoints()
                    .iter()
                    .filter(|e| e.shown)
                    .all(|e| ports.iter().any(|p| p.name.as_deref() == Some(e.name)))
            );
            assert_eq!(objects.pod().security_context.clone().unwrap().run_as_non_root, Some(true));
            for container in objects.containers() {
                let security = container.security_context.clone().unwrap();
                assert_eq!(security.allow_privilege_escalation, Some(false), "{}", container.name);
                assert_eq!(security.capabilities.unwrap().drop.unwrap(), ["ALL"]);
                assert!(container.resources.clone().unwrap().limits.unwrap().contains_key("memory"));
            }
        }
    }

    #[test]
    fn an_instance_has_its_name_everywhere() {
        let mut objects = Objects::read(&manifests().into_iter().find(|(n, _)| n == "postgrest").unwrap().1).unwrap();
        objects.named("postgrest-shop", &BTreeMap::from([("who".into(), "shop".into())]));
        let text = serde_json::to_string(&objects).unwrap();
        assert!(
            !text.contains(r#""postgrest""#) || text.matches(r#""postgrest""#).count() == 2,
            "name and image: {text}"
        );
        assert_eq!(objects.service.spec.unwrap().selector.unwrap()["platform.internal/instance"], "postgrest-shop");
    }
}
