//! Object storage: buckets, who may read them, and from which origins. MinIO on a laptop, S3 elsewhere; the key
//! that is limited to the buckets comes from [`crate::minio`] or from the platform.
//!
//! A bucket says in a tag whose it is. One without a tag is taken only while it is empty, which is what a run
//! that was killed between the two requests leaves.

mod upload;
mod verify;

use std::fmt;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::{
    BucketLocationConstraint, CorsConfiguration, CorsRule, CreateBucketConfiguration, Delete, ObjectIdentifier, Tag,
    Tagging,
};
use plattr_api::{ApplicationSpec, Environment, Names};
use serde_json::{Value, json};

use crate::Login;

pub use upload::upload;
pub use verify::{Target, verify};

/// Why provisioning object storage failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state of a bucket could not be read.
    #[error("cannot read {what} of bucket `{bucket}`: {reason}")]
    Observe {
        /// What was read.
        what: &'static str,
        /// Bucket.
        bucket: String,
        /// What the server said.
        reason: String,
    },
    /// A bucket belongs to someone else (X-06).
    #[error("the bucket `{bucket}` exists and is not ours: {found}, but `{expected}` was expected")]
    NotOurs {
        /// Bucket.
        bucket: String,
        /// What its tag says.
        found: String,
        /// What it should say.
        expected: String,
    },
    /// A change was refused.
    #[error("cannot {what}: {reason}")]
    Apply {
        /// What was to be done.
        what: String,
        /// What the server said.
        reason: String,
    },
    /// Everything was applied, and something still differs.
    #[error("object storage still differs after provisioning: {}", remaining.join(", "))]
    NotConverged {
        /// What the new plan would do.
        remaining: Vec<String>,
    },
}

/// Makes a client with an access key, addressing buckets in the path.
pub fn client(endpoint: &str, region: &str, key: &Login) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .endpoint_url(endpoint)
        .force_path_style(true)
        .credentials_provider(Credentials::new(&key.user, &key.password, None, None, "plattr"))
        .build();
    Client::from_conf(config)
}

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Real name.
    pub name: String,
    /// Whether anyone may read its objects.
    pub public: bool,
}

/// What one application needs from object storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// Who owns the buckets.
    pub owner: String,
    /// Region; buckets outside `us-east-1` are made with it as their location.
    pub region: String,
    /// Its buckets.
    pub buckets: Vec<Bucket>,
    /// Origins whose pages may use the buckets (X-21).
    pub origins: Vec<String>,
}

impl Desired {
    /// What `spec` needs under `names`.
    pub fn new(
        names: &Names,
        environment: Environment,
        spec: &ApplicationSpec,
        region: impl Into<String>,
        origins: Vec<String>,
    ) -> Self {
        let bucket = |b: &plattr_api::application::Bucket| Bucket { name: names.bucket(&b.name), public: b.public };
        Self {
            owner: crate::owner(names, environment),
            region: region.into(),
            buckets: spec.storage.buckets.iter().map(bucket).collect(),
            origins,
        }
    }
}

/// Which origins a bucket lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cors {
    /// These.
    Origins(Vec<String>),
    /// The server has one setting for all buckets, given by whoever starts it (MinIO's community edition).
    ServerWide,
}

/// A bucket as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct BucketState {
    /// Whether the bucket exists.
    pub exists: bool,
    /// Whether the tag that names the owner is there.
    pub owned: bool,
    /// Its policy.
    pub policy: Option<Value>,
    /// Its origins.
    pub cors: Cors,
}

/// What is there, in the order of [`Desired::buckets`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observed {
    /// Buckets.
    pub buckets: Vec<BucketState>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Create a bucket.
    Create {
        /// Bucket.
        bucket: String,
    },
    /// Write the owner on a bucket.
    Tag {
        /// Bucket.
        bucket: String,
    },
    /// Let anyone read the objects of a bucket, and nothing else.
    Publish {
        /// Bucket.
        bucket: String,
    },
    /// Take away a policy that lets strangers in.
    Unpublish {
        /// Bucket.
        bucket: String,
    },
    /// Set the origins.
    SetCors {
        /// Bucket.
        bucket: String,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create { bucket } => write!(f, "create bucket {bucket}"),
            Self::Tag { bucket } => write!(f, "write the owner on bucket {bucket}"),
            Self::Publish { bucket } => write!(f, "let anyone read the objects of bucket {bucket}"),
            Self::Unpublish { bucket } => write!(f, "make bucket {bucket} private"),
            Self::SetCors { bucket } => write!(f, "set the origins of bucket {bucket}"),
        }
    }
}

/// Tag that names the owner.
const OWNER_TAG: &str = "plattr:owner";

/// What went wrong, with the server's own words where there are any.
fn reason<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: fmt::Debug,
{
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        _ => DisplayErrorContext(error).to_string(),
    }
}

/// Reads every bucket.
///
/// # Errors
/// [`Error::NotOurs`] when a bucket belongs to someone else.
pub async fn observe(client: &Client, desired: &Desired) -> Result<Observed, Error> {
    let buckets = desired.buckets.iter().map(|bucket| observe_bucket(client, desired, &bucket.name));
    Ok(Observed { buckets: futures::future::try_join_all(buckets).await? })
}

async fn observe_bucket(client: &Client, desired: &Desired, bucket: &str) -> Result<BucketState, Error> {
    let failed = |what, reason| Error::Observe { what, bucket: bucket.to_owned(), reason };
    // MinIO says of a bucket that does not exist that it has no tags; HeadBucket tells.
    let (head, tags, policy, cors) = futures::join!(
        client.head_bucket().bucket(bucket).send(),
        client.get_bucket_tagging().bucket(bucket).send(),
        client.get_bucket_policy().bucket(bucket).send(),
        client.get_bucket_cors().bucket(bucket).send(),
    );
    let cors = match cors {
        Ok(found) => {
            let origins = found.cors_rules().iter().flat_map(CorsRule::allowed_origins).cloned();
            Cors::Origins(origins.collect())
        }
        // MinIO answers every GET as if nothing were configured and refuses every PUT, so that the answer alone
        // cannot tell; who answers can.
        Err(error)
            if error.raw_response().and_then(|r| r.headers().get("server")).is_some_and(|s| s.starts_with("MinIO")) =>
        {
            Cors::ServerWide
        }
        Err(error) if matches!(error.code(), Some("NoSuchCORSConfiguration" | "NoSuchBucket")) => Cors::Origins(vec![]),
        Err(error) => return Err(failed("the CORS rules", reason(&error))),
    };
    match head {
        Ok(_) => {}
        Err(error) if error.raw_response().is_some_and(|r| r.status().as_u16() == 404) => {
            return Ok(BucketState { exists: false, owned: false, policy: None, cors });
        }
        Err(error) => return Err(failed("the state", reason(&error))),
    }
    let owner = match tags {
        Ok(tags) => tags.tag_set().iter().find(|t| t.key() == OWNER_TAG).map(|t| t.value().to_owned()),
        Err(error) if error.code() == Some("NoSuchTagSet") => None,
        Err(error) => return Err(failed("the tags", reason(&error))),
    };
    match &owner {
        Some(found) if *found != desired.owner => {
            return Err(Error::NotOurs {
                bucket: bucket.to_owned(),
                found: format!("its tag {OWNER_TAG} is `{found}`"),
                expected: desired.owner.clone(),
            });
        }
        Some(_) => {}
        None => {
            let objects = client.list_objects_v2().bucket(bucket).max_keys(1).send().await;
            let objects = objects.map_err(|e| failed("the objects", reason(&e)))?;
            if !objects.contents().is_empty() {
                return Err(Error::NotOurs {
                    bucket: bucket.to_owned(),
                    found: format!("it has objects and no tag {OWNER_TAG}"),
                    expected: desired.owner.clone(),
                });
            }
        }
    }
    let policy = match policy {
        Ok(found) => found.policy().and_then(|p| serde_json::from_str(p).ok()),
        Err(error) if matches!(error.code(), Some("NoSuchBucketPolicy" | "NoSuchBucket")) => None,
        Err(error) => return Err(failed("the policy", reason(&error))),
    };
    Ok(BucketState { exists: true, owned: owner.is_some(), policy, cors })
}

/// The policy of a public bucket: objects can be read, not listed and not written (X-03).
fn public_policy(bucket: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": ["*"] },
            "Action": ["s3:GetObject"],
            "Resource": [format!("arn:aws:s3:::{bucket}/*")],
        }],
    })
}

/// A policy in one form: servers write single values with and without a list, and lists in their own order.
pub(crate) fn canonical(policy: &Value) -> Value {
    match policy {
        Value::Object(fields) => {
            let mut sorted: Vec<(&String, Value)> = fields
                .iter()
                .filter(|(name, value)| !(*name == "Sid" && value.as_str() == Some("")))
                .map(|(name, value)| {
                    let value = match (name.as_str(), value) {
                        ("Principal", Value::String(_)) => json!({ "AWS": [value] }),
                        ("AWS" | "Action" | "Resource" | "Statement", one) if !one.is_array() => {
                            json!([canonical(one)])
                        }
                        _ => canonical(value),
                    };
                    (name, value)
                })
                .collect();
            sorted.sort_by(|a, b| a.0.cmp(b.0));
            Value::Object(sorted.into_iter().map(|(name, value)| (name.clone(), value)).collect())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(canonical).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        other => other.clone(),
    }
}

/// Whether a policy lets in anyone. One that only refuses something, such as plain HTTP, does not.
fn admits_strangers(policy: &Value) -> bool {
    let policy = canonical(policy);
    let statements = policy["Statement"].as_array();
    statements.into_iter().flatten().any(|s| {
        s["Effect"] == "Allow" && s["Principal"]["AWS"].as_array().is_some_and(|who| who.contains(&json!("*")))
    })
}

/// What makes `observed` as `desired`; empty when it is.
pub fn plan(desired: &Desired, observed: &Observed) -> Vec<Change> {
    let mut changes = Vec::new();
    for (bucket, state) in desired.buckets.iter().zip(&observed.buckets) {
        let name = || bucket.name.clone();
        if !state.exists {
            changes.push(Change::Create { bucket: name() });
        }
        if !state.owned {
            changes.push(Change::Tag { bucket: name() });
        }
        let policy = state.policy.as_ref();
        if bucket.public {
            if policy.map(canonical) != Some(canonical(&public_policy(&bucket.name))) {
                changes.push(Change::Publish { bucket: name() });
            }
        } else if policy.is_some_and(admits_strangers) {
            changes.push(Change::Unpublish { bucket: name() });
        }
        if let Cors::Origins(origins) = &state.cors
            && *origins != desired.origins
        {
            changes.push(Change::SetCors { bucket: name() });
        }
    }
    changes
}

/// Does `changes`.
///
/// # Errors
/// The change that was refused.
pub async fn apply(client: &Client, desired: &Desired, changes: &[Change]) -> Result<(), Error> {
    for change in changes {
        tracing::debug!(%change, "object storage");
        let result = match change {
            Change::Create { bucket } => create(client, desired, bucket).await,
            Change::Tag { bucket } => tag(client, desired, bucket).await,
            Change::Publish { bucket } => {
                let policy = public_policy(bucket).to_string();
                client.put_bucket_policy().bucket(bucket).policy(policy).send().await.map(drop).map_err(|e| reason(&e))
            }
            Change::Unpublish { bucket } => {
                client.delete_bucket_policy().bucket(bucket).send().await.map(drop).map_err(|e| reason(&e))
            }
            Change::SetCors { bucket } => set_cors(client, desired, bucket).await,
        };
        result.map_err(|reason| Error::Apply { what: change.to_string(), reason })?;
    }
    Ok(())
}

async fn create(client: &Client, desired: &Desired, bucket: &str) -> Result<(), String> {
    // S3 refuses `us-east-1` as a constraint and demands every other region.
    let location = (desired.region != "us-east-1").then(|| {
        let constraint = BucketLocationConstraint::from(desired.region.as_str());
        CreateBucketConfiguration::builder().location_constraint(constraint).build()
    });
    match client.create_bucket().bucket(bucket).set_create_bucket_configuration(location).send().await {
        Ok(_) => Ok(()),
        // Another run was faster.
        Err(error) if error.code() == Some("BucketAlreadyOwnedByYou") => Ok(()),
        Err(error) => Err(reason(&error)),
    }
}

async fn tag(client: &Client, desired: &Desired, bucket: &str) -> Result<(), String> {
    // Writing replaces the whole set: keep what others wrote.
    let mut tags = match client.get_bucket_tagging().bucket(bucket).send().await {
        Ok(found) => found.tag_set().to_vec(),
        Err(error) if error.code() == Some("NoSuchTagSet") => vec![],
        Err(error) => return Err(reason(&error)),
    };
    tags.push(Tag::builder().key(OWNER_TAG).value(&desired.owner).build().map_err(|e| e.to_string())?);
    let tagging = Tagging::builder().set_tag_set(Some(tags)).build().map_err(|e| e.to_string())?;
    client.put_bucket_tagging().bucket(bucket).tagging(tagging).send().await.map(drop).map_err(|e| reason(&e))
}

async fn set_cors(client: &Client, desired: &Desired, bucket: &str) -> Result<(), String> {
    if desired.origins.is_empty() {
        return client.delete_bucket_cors().bucket(bucket).send().await.map(drop).map_err(|e| reason(&e));
    }
    let rule = CorsRule::builder()
        .set_allowed_origins(Some(desired.origins.clone()))
        .set_allowed_methods(Some(["GET", "HEAD", "PUT", "POST", "DELETE"].map(str::to_owned).to_vec()))
        .allowed_headers("*")
        .expose_headers("ETag")
        .max_age_seconds(3600)
        .build()
        .map_err(|e| e.to_string())?;
    let rules = CorsConfiguration::builder().cors_rules(rule).build().map_err(|e| e.to_string())?;
    client.put_bucket_cors().bucket(bucket).cors_configuration(rules).send().await.map(drop).map_err(|e| reason(&e))
}

/// Makes the buckets as `desired`, and says what was done.
///
/// # Errors
/// What could not be read or done.
pub async fn ensure(client: &Client, desired: &Desired) -> Result<Vec<Change>, Error> {
    let changes = plan(desired, &observe(client, desired).await?);
    if changes.is_empty() {
        return Ok(changes);
    }
    apply(client, desired, &changes).await?;
    let remaining = plan(desired, &observe(client, desired).await?);
    if !remaining.is_empty() {
        return Err(Error::NotConverged { remaining: remaining.iter().map(ToString::to_string).collect() });
    }
    Ok(changes)
}

/// Deletes the buckets with everything in them. Those that are gone already are fine.
///
/// # Errors
/// [`Error::NotOurs`] when a bucket belongs to someone else; otherwise the request that was refused.
pub async fn deprovision(client: &Client, desired: &Desired) -> Result<(), Error> {
    let observed = observe(client, desired).await?;
    let there = desired.buckets.iter().zip(observed.buckets).filter(|(_, state)| state.exists);
    futures::future::try_join_all(there.map(|(bucket, _)| delete(client, &bucket.name))).await.map(drop)
}

async fn delete(client: &Client, bucket: &str) -> Result<(), Error> {
    let failed = |reason| Error::Apply { what: format!("delete bucket {bucket}"), reason };
    loop {
        // Each time from the beginning: what was listed is deleted.
        let listed = client.list_objects_v2().bucket(bucket).send().await.map_err(|e| failed(reason(&e)))?;
        let objects: Vec<ObjectIdentifier> = listed
            .contents()
            .iter()
            .filter_map(|object| ObjectIdentifier::builder().key(object.key()?).build().ok())
            .collect();
        if objects.is_empty() {
            break;
        }
        let objects = Delete::builder().set_objects(Some(objects)).quiet(true).build();
        let objects = objects.map_err(|e| failed(e.to_string()))?;
        let deleted = client.delete_objects().bucket(bucket).delete(objects).send().await;
        let deleted = deleted.map_err(|e| failed(reason(&e)))?;
        if let Some(error) = deleted.errors().first() {
            return Err(failed(error.message().unwrap_or("an object stays").to_owned()));
        }
    }
    match client.delete_bucket().bucket(bucket).send().await {
        Err(error) if error.code() != Some("NoSuchBucket") => Err(failed(reason(&error))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desired() -> Desired {
        Desired {
            owner: "application todo in local".into(),
            region: "us-east-1".into(),
            buckets: vec![
                Bucket { name: "todo-uploads".into(), public: false },
                Bucket { name: "todo-pictures".into(), public: true },
            ],
            origins: vec!["http://localhost:3000".into()],
        }
    }

    fn observed() -> Observed {
        let state = |policy| BucketState {
            exists: true,
            owned: true,
            policy,
            cors: Cors::Origins(vec!["http://localhost:3000".into()]),
        };
        Observed { buckets: vec![state(None), state(Some(public_policy("todo-pictures")))] }
    }

    /// What the plan would do where `change` changed the private and the public bucket.
    fn after(change: impl FnOnce(&mut [BucketState])) -> Vec<String> {
        let mut observed = observed();
        change(&mut observed.buckets);
        plan(&desired(), &observed).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nothing_there_means_everything_to_do() {
        let nothing = BucketState { exists: false, owned: false, policy: None, cors: Cors::Origins(vec![]) };
        insta::assert_snapshot!(after(|b| b.fill(nothing)).join("\n"), @r"
        create bucket todo-uploads
        write the owner on bucket todo-uploads
        set the origins of bucket todo-uploads
        create bucket todo-pictures
        write the owner on bucket todo-pictures
        let anyone read the objects of bucket todo-pictures
        set the origins of bucket todo-pictures
        ");
    }

    #[test]
    fn everything_there_means_nothing_to_do() {
        assert!(after(|_| {}).is_empty());
    }

    #[test]
    fn each_difference_is_one_change() {
        assert_eq!(after(|b| b[0].owned = false), ["write the owner on bucket todo-uploads"]);
        assert_eq!(after(|b| b[0].policy = Some(public_policy("todo-uploads"))), ["make bucket todo-uploads private"]);
        assert_eq!(after(|b| b[1].policy = None), ["let anyone read the objects of bucket todo-pictures"]);
        assert_eq!(after(|b| b[0].cors = Cors::Origins(vec!["*".into()])), ["set the origins of bucket todo-uploads"]);
        assert!(after(|b| b[0].cors = Cors::ServerWide).is_empty());
    }

    #[test]
    fn a_policy_that_only_refuses_is_left_on_a_private_bucket() {
        let deny = json!({ "Statement": [{ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*" }] });
        assert!(after(|b| b[0].policy = Some(deny)).is_empty());
    }

    #[test]
    fn a_policy_is_the_same_however_a_server_writes_it() {
        let written = json!({
            "Statement": { "Sid": "", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                           "Resource": "arn:aws:s3:::todo-pictures/*" },
            "Version": "2012-10-17",
        });
        assert!(after(|b| b[1].policy = Some(written)).is_empty());
    }
}
