//! OpenSearch: an index template for the application's prefix, and the indices that it declares.
//!
//! The template writes the owner into `_meta` of every index under the prefix, also of those that the
//! application makes by itself. Without the security plugin nothing *enforces* the prefix.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use plattr_api::{ApplicationSpec, Environment, Names};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::check::{Check, Checks, is_leftover, temporary_name};

/// Why provisioning OpenSearch failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No answer, or not an answer of OpenSearch.
    #[error("OpenSearch does not answer {what}: {reason}")]
    Request {
        /// Method and path.
        what: String,
        /// What the network said.
        reason: String,
    },
    /// A request was refused.
    #[error("OpenSearch refused {what}: {status}: {reason}")]
    Refused {
        /// Method and path.
        what: String,
        /// Status.
        status: u16,
        /// What the server said.
        reason: String,
    },
    /// An index belongs to someone else.
    #[error("the index `{index}` exists and belongs to `{found}`, but `{expected}` was expected")]
    NotOurs {
        /// Index.
        index: String,
        /// What it says.
        found: String,
        /// What it should say.
        expected: String,
    },
    /// Everything was applied, and something still differs.
    #[error("OpenSearch still differs after provisioning: {}", remaining.join(", "))]
    NotConverged {
        /// What the new plan would do.
        remaining: Vec<String>,
    },
}

/// Where OpenSearch is.
#[derive(Debug, Clone)]
pub struct Server {
    /// Client.
    pub http: Client,
    /// URL without a slash at the end.
    pub url: String,
}

impl Server {
    /// Sends a request; 404 is an answer, every other failure an error.
    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Option<Value>, Error> {
        let what = format!("{method} {path}");
        let failed = |e: reqwest::Error| Error::Request { what: what.clone(), reason: e.to_string() };
        let mut request =
            self.http.request(method.clone(), format!("{}{path}", self.url)).timeout(Duration::from_secs(30));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(failed)?;
        let status = response.status();
        let text = response.text().await.map_err(failed)?;
        let body: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        if status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        if !status.is_success() {
            let reason = body["error"]["reason"].as_str().map_or_else(|| body.to_string(), str::to_owned);
            return Err(Error::Refused { what, status: status.as_u16(), reason });
        }
        Ok(Some(body))
    }
}

/// What one application needs from OpenSearch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// Who owns the indices.
    pub owner: String,
    /// Prefix of the indices.
    pub prefix: String,
    /// Indices that exist before the application runs.
    pub indices: Vec<String>,
    /// Copies beside the primary; 0 on a single node, where a copy could never be placed.
    pub replicas: u32,
}

impl Desired {
    /// What `spec` needs under `names`.
    pub fn new(names: &Names, environment: Environment, spec: &ApplicationSpec, replicas: u32) -> Self {
        Self {
            owner: crate::owner(names, environment),
            prefix: names.index_prefix.clone(),
            indices: spec.search.indices.iter().map(|i| names.index(&i.name)).collect(),
            replicas,
        }
    }

    fn template_name(&self) -> String {
        format!("plattr-{}", self.prefix.trim_end_matches('-'))
    }

    fn template(&self) -> Value {
        json!({
            "index_patterns": [format!("{}*", self.prefix)],
            // OpenSearch refuses overlapping patterns of one priority, and `todo-*` overlaps `todo-list-*`; the
            // longer prefix wins.
            "priority": 100 + self.prefix.len(),
            "template": {
                "settings": { "index": { "number_of_replicas": self.replicas.to_string() } },
                "mappings": { "_meta": { "plattr": self.owner } },
            },
            "_meta": { "plattr": self.owner },
        })
    }
}

/// What is there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observed {
    /// The template.
    pub template: Option<Value>,
    /// Who owns the declared indices that exist.
    pub indices: BTreeMap<String, Option<String>>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Write the index template.
    PutTemplate {
        /// Template.
        name: String,
    },
    /// Create an index.
    CreateIndex {
        /// Index.
        index: String,
    },
    /// Write the owner into an index that has none; its prefix says that it is the application's.
    ClaimIndex {
        /// Index.
        index: String,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PutTemplate { name } => write!(f, "write index template {name}"),
            Self::CreateIndex { index } => write!(f, "create index {index}"),
            Self::ClaimIndex { index } => write!(f, "write the owner into index {index}"),
        }
    }
}

/// Reads the template and the indices.
///
/// # Errors
/// [`Error::NotOurs`] when a declared index belongs to someone else.
pub async fn observe(server: &Server, desired: &Desired) -> Result<Observed, Error> {
    let template_path = format!("/_index_template/{}", desired.template_name());
    let mappings_path = format!("/{}*/_mapping", desired.prefix);
    let (template, mappings) =
        futures::join!(server.send(Method::GET, &template_path, None), server.send(Method::GET, &mappings_path, None),);
    let template = template?.and_then(|t| t.pointer("/index_templates/0/index_template").cloned());
    let mappings = mappings?.unwrap_or_default();
    let mut indices = BTreeMap::new();
    for index in &desired.indices {
        if let Some(found) = mappings.get(index) {
            let owner = found.pointer("/mappings/_meta/plattr").and_then(Value::as_str).map(str::to_owned);
            if let Some(found) = owner.clone().filter(|found| *found != desired.owner) {
                return Err(Error::NotOurs { index: index.clone(), found, expected: desired.owner.clone() });
            }
            indices.insert(index.clone(), owner);
        }
    }
    Ok(Observed { template, indices })
}

/// What makes `observed` as `desired`; empty when it is.
pub fn plan(desired: &Desired, observed: &Observed) -> Vec<Change> {
    let mut changes = Vec::new();
    let wanted = desired.template();
    let managed = ["/index_patterns", "/priority", "/template/settings", "/template/mappings", "/_meta"];
    let fits = |found: &Value| managed.iter().all(|field| found.pointer(field) == wanted.pointer(field));
    if !observed.template.as_ref().is_some_and(fits) {
        changes.push(Change::PutTemplate { name: desired.template_name() });
    }
    for index in &desired.indices {
        match observed.indices.get(index) {
            None => changes.push(Change::CreateIndex { index: index.clone() }),
            Some(None) => changes.push(Change::ClaimIndex { index: index.clone() }),
            Some(Some(_)) => {}
        }
    }
    changes
}

/// Does `changes`.
///
/// # Errors
/// The request that was refused.
pub async fn apply(server: &Server, desired: &Desired, changes: &[Change]) -> Result<(), Error> {
    let meta = json!({ "_meta": { "plattr": desired.owner } });
    for change in changes {
        tracing::debug!(%change, "OpenSearch");
        let result = match change {
            Change::PutTemplate { name } => {
                server.send(Method::PUT, &format!("/_index_template/{name}"), Some(&desired.template())).await
            }
            Change::CreateIndex { index } => {
                server.send(Method::PUT, &format!("/{index}"), Some(&json!({ "mappings": meta }))).await
            }
            Change::ClaimIndex { index } => server.send(Method::PUT, &format!("/{index}/_mapping"), Some(&meta)).await,
        };
        match result {
            // Another run was faster.
            Err(Error::Refused { reason, .. }) if reason.contains("already exists") => {}
            other => drop(other?),
        }
    }
    Ok(())
}

/// Makes OpenSearch as `desired`, and says what was done.
///
/// # Errors
/// What could not be read or done.
pub async fn ensure(server: &Server, desired: &Desired) -> Result<Vec<Change>, Error> {
    let changes = plan(desired, &observe(server, desired).await?);
    if changes.is_empty() {
        return Ok(changes);
    }
    apply(server, desired, &changes).await?;
    let remaining = plan(desired, &observe(server, desired).await?);
    if !remaining.is_empty() {
        return Err(Error::NotConverged { remaining: remaining.iter().map(ToString::to_string).collect() });
    }
    Ok(changes)
}

/// Deletes the template and every index under the prefix, whether declared or not. What is gone already is fine.
///
/// # Errors
/// The request that was refused.
pub async fn deprovision(server: &Server, desired: &Desired) -> Result<(), Error> {
    // By their names: a server may refuse to delete by a pattern.
    let found = server.send(Method::GET, &format!("/{}*/_alias", desired.prefix), None).await?.unwrap_or_default();
    let indices: Vec<&str> = found.as_object().into_iter().flat_map(|o| o.keys()).map(String::as_str).collect();
    for some in indices.chunks(50) {
        server.send(Method::DELETE, &format!("/{}", some.join(",")), None).await?;
    }
    server.send(Method::DELETE, &format!("/_index_template/{}", desired.template_name()), None).await?;
    Ok(())
}

/// Indexes a document under the prefix, finds it, and deletes its index; looks for the declared indices.
pub async fn verify(server: &Server, desired: &Desired) -> Vec<Check> {
    const OPENSEARCH: Checks = Checks("opensearch");
    const REPAIR: &str = "provision again: `plattr dev` makes templates and indices anew";
    let mut checks = Vec::new();
    let observed = match observe(server, desired).await {
        Ok(observed) => observed,
        Err(error) => return vec![OPENSEARCH.fail("reachable", error.to_string(), "is OpenSearch running?")],
    };
    let missing: Vec<String> = plan(desired, &observed).iter().map(ToString::to_string).collect();
    checks.push(if missing.is_empty() {
        OPENSEARCH.pass("indices", format!("the template and {} indices are there", desired.indices.len()))
    } else {
        OPENSEARCH.fail("indices", format!("to do: {}", missing.join(", ")), REPAIR)
    });
    checks.push(OPENSEARCH.result("search", search(server, desired).await, ""));
    checks
}

async fn search(server: &Server, desired: &Desired) -> Result<String, Error> {
    let prefix = format!("{}plattr-check-", desired.prefix);
    let existing = server.send(Method::GET, &format!("/{prefix}*/_mapping"), None).await?.unwrap_or_default();
    for index in existing.as_object().into_iter().flat_map(|o| o.keys()).filter(|i| is_leftover(i, &prefix, '-')) {
        server.send(Method::DELETE, &format!("/{index}"), None).await?;
    }
    let index = temporary_name(&prefix, '-');
    let found = async {
        let document = json!({ "text": "the quick brown fox" });
        server.send(Method::PUT, &format!("/{index}/_doc/1?refresh=true"), Some(&document)).await?;
        let query = json!({ "query": { "match": { "text": "fox" } } });
        server.send(Method::POST, &format!("/{index}/_search"), Some(&query)).await
    };
    let found = found.await;
    server.send(Method::DELETE, &format!("/{index}"), None).await?;
    let found = found?.unwrap_or_default();
    match found.pointer("/hits/total/value").and_then(Value::as_u64) {
        Some(1) => Ok("an indexed document is found".into()),
        _ => Err(Error::Refused {
            what: "to find the document just indexed".into(),
            status: 200,
            reason: found.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desired() -> Desired {
        Desired {
            owner: "application todo in local".into(),
            prefix: "todo-".into(),
            indices: vec!["todo-items".into()],
            replicas: 0,
        }
    }

    fn observed() -> Observed {
        let owner = desired().owner;
        Observed {
            template: Some(desired().template()),
            indices: BTreeMap::from([("todo-items".to_owned(), Some(owner))]),
        }
    }

    fn lines(observed: &Observed) -> Vec<String> {
        plan(&desired(), observed).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nothing_there_means_everything_to_do() {
        assert_eq!(lines(&Observed::default()), ["write index template plattr-todo", "create index todo-items"]);
    }

    #[test]
    fn everything_there_means_nothing_to_do_even_with_fields_of_the_server() {
        let mut observed = observed();
        observed.template.iter_mut().for_each(|t| t["composed_of"] = json!([]));
        assert!(lines(&observed).is_empty());
    }

    #[test]
    fn each_difference_is_one_change() {
        let mut changed = observed();
        changed.template.iter_mut().for_each(|t| t["template"]["settings"]["index"]["number_of_replicas"] = json!("1"));
        assert_eq!(lines(&changed), ["write index template plattr-todo"]);
        let unclaimed = Observed { indices: BTreeMap::from([("todo-items".to_owned(), None)]), ..observed() };
        assert_eq!(lines(&unclaimed), ["write the owner into index todo-items"]);
        assert_eq!(lines(&Observed { indices: BTreeMap::new(), ..observed() }), ["create index todo-items"]);
    }
}
