//! What the cluster of a stack is to be: pure. Whatever differs from it means that the cluster is made anew,
//! which takes half a minute and loses no data.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::services::LOOPBACK;
use crate::stack::{Ports, Stack, observe};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// The first of the ports of a node that a Service may have (Kubernetes' default range is 30000 to 32767).
const FIRST_NODE_PORT: u16 = 30000;
/// The addresses of pods. The services' network policies tell the machine outside from pods by it.
const POD_SUBNET: &str = "10.244.0.0/16";
/// Where the stack's data is inside the node.
pub const DATA: &str = "/plattr/data";
/// Raised when a cluster that an older plattr made must be made anew although nothing else differs.
const LAYOUT: u32 = 1;

/// A port of this machine and the port of the node behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// On 127.0.0.1 of this machine.
    pub host: u16,
    /// On the node.
    pub node: u16,
}

/// What the cluster is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Published ports, by `instance.endpoint`.
    pub ports: BTreeMap<String, Mapping>,
    /// The configuration for `kind`, but for the cluster's name and the image of its nodes.
    pub config: Value,
    /// Identifies all of it.
    pub hash: String,
}

impl Desired {
    /// What the cluster of a stack is to be. `published` says which endpoints an instance publishes, `image`
    /// identifies the image of the node, `patches` are people's own changes to the configuration.
    pub fn new(
        stack: &Stack,
        ports: &Ports,
        published: &dyn Fn(&crate::stack::Instance) -> Vec<String>,
        image: &str,
        patches: &[Value],
    ) -> Self {
        let mut mapped = BTreeMap::new();
        for instance in observe::instances(stack) {
            for endpoint in published(&instance) {
                let host = ports.get(&instance.id(), &endpoint);
                mapped.insert(format!("{}.{endpoint}", instance.id()), host);
            }
        }
        let ports: BTreeMap<String, Mapping> = mapped
            .into_iter()
            .zip(FIRST_NODE_PORT..)
            .map(|((key, host), node)| (key, Mapping { host, node }))
            .collect();
        let mut config = kind_config(&stack.home.join("data"), ports.values());
        patches.iter().for_each(|patch| merge(&mut config, patch));
        let identity = json!({ "layout": LAYOUT, "image": image, "config": config }).to_string();
        let hash = crate::digest::short(identity, 8);
        Self { ports, config, hash }
    }

    /// Whether plattr can look after such a cluster.
    ///
    /// # Errors
    /// When it has other nodes beside the one, or a folder that no container can have.
    pub fn check(&self) -> CommandResult {
        let nodes = self.config["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
        if nodes.len() > 1 {
            let message = format!("the configuration of the cluster has {} nodes, and the data is in one", nodes.len());
            return Err(CommandError::new(ErrorKind::Config, "kind-config", message)
                .hint("leave one in `nodes` of `local.kind.config`, or of the file that PLATTR_KIND_CONFIG names"));
        }
        let mounts = nodes.iter().flat_map(|node| node["extraMounts"].as_array().into_iter().flatten());
        let mut folders = mounts.filter_map(|mount| mount["hostPath"].as_str());
        // kind tells the engine `FOLDER:PLACE`.
        if let Some(folder) = folders.find(|folder| folder.contains(':')) {
            let message = format!("no container can have the folder {folder}: there is a colon in its path");
            return Err(CommandError::new(ErrorKind::Environment, "folder", message)
                .hint("work in a folder without one in its path"));
        }
        Ok(())
    }

    /// The configuration of the cluster called `name`, whose nodes run `image`.
    pub fn named(&self, name: &str, image: &str) -> Value {
        let mut config = self.config.clone();
        config["name"] = json!(name);
        for node in config["nodes"].as_array_mut().into_iter().flatten() {
            if node.get("image").is_none() {
                node["image"] = json!(image);
            }
        }
        config
    }
}

/// kind's configuration (`kind.x-k8s.io/v1alpha4`).
fn kind_config<'a>(data: &Path, ports: impl Iterator<Item = &'a Mapping>) -> Value {
    let mappings: Vec<Value> = ports
        .map(|Mapping { host, node }| {
            json!({ "containerPort": node, "hostPort": host, "listenAddress": LOOPBACK, "protocol": "TCP" })
        })
        .collect();
    json!({
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "networking": { "apiServerAddress": LOOPBACK, "podSubnet": POD_SUBNET },
        "kubeadmConfigPatches": [
            // Six images at once instead of one after the other.
            "kind: KubeletConfiguration\nserializeImagePulls: false\n",
        ],
        "nodes": [{
            "role": "control-plane",
            "extraMounts": [{ "hostPath": data, "containerPath": DATA }],
            "extraPortMappings": mappings,
        }],
    })
}

/// Adds a patch to a configuration: objects are merged, lists get longer, everything else is replaced, and
/// `null` takes away. The first node of a patch is merged into the one node that there is.
pub fn merge(config: &mut Value, patch: &Value) {
    merge_at(config, patch, "");
}

fn merge_at(config: &mut Value, patch: &Value, key: &str) {
    match (config, patch) {
        (Value::Object(fields), Value::Object(changes)) => {
            for (name, change) in changes {
                match change {
                    Value::Null => drop(fields.remove(name)),
                    change => merge_at(fields.entry(name.clone()).or_insert(Value::Null), change, name),
                }
            }
        }
        (Value::Array(nodes), Value::Array(more)) if key == "nodes" => {
            let mut more = more.iter();
            if let (Some(node), Some(change)) = (nodes.first_mut(), more.next()) {
                merge_at(node, change, "");
            }
            nodes.extend(more.cloned());
        }
        (Value::Array(items), Value::Array(more)) => items.extend(more.iter().cloned()),
        (config, patch) => *config = patch.clone(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_plattr_cannot_look_after_is_refused() {
        let check = |config: Value| {
            Desired { ports: BTreeMap::new(), config, hash: String::new() }.check().err().map(|error| error.code)
        };
        let node = |folder: &str| json!({ "extraMounts": [{ "hostPath": folder, "containerPath": DATA }] });
        assert_eq!(check(json!({ "nodes": [node("/a b/c")] })), None);
        assert_eq!(check(json!({ "nodes": [node("/a"), { "role": "worker" }] })), Some("kind-config"));
        assert_eq!(check(json!({ "nodes": [node("/a:b")] })), Some("folder"));
    }

    fn mappings() -> Vec<Mapping> {
        vec![Mapping { host: 5432, node: 30000 }, Mapping { host: 9001, node: 30001 }]
    }

    #[test]
    fn the_configuration_publishes_on_loopback_and_keeps_data_outside() {
        let config = kind_config(Path::new("/todo/.plattr/data"), mappings().iter());
        insta::assert_snapshot!(serde_json::to_string_pretty(&config["nodes"]).unwrap());
    }

    #[test]
    fn a_patch_merges_objects_and_makes_lists_longer() {
        let mut config = kind_config(Path::new("/d"), mappings().iter());
        let patch = json!({
            "networking": { "disableDefaultCNI": true, "podSubnet": null },
            "kubeadmConfigPatches": ["kind: KubeletConfiguration\nfailCgroupV1: false\n"],
            "nodes": [{ "extraPortMappings": [{ "containerPort": 80, "hostPort": 8000 }] }, { "role": "worker" }],
        });
        merge(&mut config, &patch);
        assert_eq!(config["networking"], json!({ "apiServerAddress": "127.0.0.1", "disableDefaultCNI": true }));
        assert_eq!(config["kubeadmConfigPatches"].as_array().unwrap().len(), 2);
        assert_eq!(config["nodes"][0]["extraPortMappings"].as_array().unwrap().len(), 3);
        assert_eq!(config["nodes"][0]["role"], "control-plane");
        assert_eq!(config["nodes"][1], json!({ "role": "worker" }));
    }
}
