//! MinIO's admin API: a user whose policy reaches the application's buckets only.
//!
//! Requests are signed like S3's. The body of `add-user` is encrypted with the admin's secret key, as MinIO
//! demands even on TLS (the format of `madmin.EncryptData`; see [`encrypt`]).

use std::fmt;
use std::time::{Duration, SystemTime};

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use plattr_api::Names;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::Login;
use crate::s3::{self, canonical};

/// Why the MinIO user could not be provisioned.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A request could not be signed or encrypted.
    #[error("cannot prepare {what}: {reason}")]
    Prepare {
        /// Method and path.
        what: String,
        /// Why.
        reason: String,
    },
    /// No answer.
    #[error("MinIO does not answer {what}: {reason}")]
    Request {
        /// Method and path.
        what: String,
        /// What the network said.
        reason: String,
    },
    /// A request was refused.
    #[error("MinIO refused {what}: {status}: {reason}")]
    Refused {
        /// Method and path.
        what: String,
        /// Status.
        status: u16,
        /// What the server said.
        reason: String,
    },
    /// Everything was applied, and something still differs.
    #[error("MinIO still differs after provisioning: {}", remaining.join(", "))]
    NotConverged {
        /// What the new plan would do.
        remaining: Vec<String>,
    },
}

/// Where MinIO is, and the admin's key.
#[derive(Clone)]
pub struct Server {
    /// Client.
    pub http: reqwest::Client,
    /// URL without a slash at the end.
    pub url: String,
    /// Region.
    pub region: String,
    /// Access key and secret of an admin.
    pub admin: Login,
}

/// What one application needs.
#[derive(Clone, PartialEq, Eq)]
pub struct Desired {
    /// Access key and secret.
    pub key: Login,
    /// The buckets that it reaches.
    pub buckets: Vec<String>,
}

impl Desired {
    /// A key for the buckets of `storage` under `names`.
    pub fn new(names: &Names, storage: &s3::Desired, secret: impl Into<String>) -> Self {
        Self {
            key: Login { user: names.storage_user(), password: secret.into() },
            buckets: storage.buckets.iter().map(|b| b.name.clone()).collect(),
        }
    }

    /// The policy has the user's name: each belongs to the other.
    fn policy_name(&self) -> &str {
        &self.key.user
    }

    fn policy(&self) -> Value {
        if self.buckets.is_empty() {
            // A policy has to name something; this one names nothing that is allowed.
            return json!({
                "Version": "2012-10-17",
                "Statement": [{ "Effect": "Deny", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::*"] }],
            });
        }
        let arns = |suffix: &str| -> Vec<String> {
            self.buckets.iter().map(|b| format!("arn:aws:s3:::{b}{suffix}")).collect()
        };
        json!({
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
                    "Resource": arns(""),
                },
                {
                    "Effect": "Allow",
                    "Action": [
                        "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:DeleteObjectTagging", "s3:GetObject",
                        "s3:GetObjectTagging", "s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectTagging",
                    ],
                    "Resource": arns("/*"),
                },
            ],
        })
    }
}

/// A user as MinIO describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Whether it may be used.
    pub enabled: bool,
    /// Its policies, separated by commas.
    pub policies: String,
    /// Whether the desired secret is the user's.
    pub secret_works: bool,
}

/// What is there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observed {
    /// The policy.
    pub policy: Option<Value>,
    /// The user.
    pub user: Option<User>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Write the policy.
    PutPolicy {
        /// Policy.
        policy: String,
    },
    /// Create the user, enable it, or give it its secret; MinIO has one request for the three.
    PutUser {
        /// Access key.
        user: String,
    },
    /// Give the user its policy, and no other.
    AttachPolicy {
        /// Access key.
        user: String,
        /// Policy.
        policy: String,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PutPolicy { policy } => write!(f, "write MinIO policy {policy}"),
            Self::PutUser { user } => write!(f, "write access key {user}"),
            Self::AttachPolicy { user, policy } => write!(f, "limit access key {user} to policy {policy}"),
        }
    }
}

/// Reads the policy and the user, and tries the application's key.
///
/// # Errors
/// What MinIO refused.
pub async fn observe(server: &Server, desired: &Desired) -> Result<Observed, Error> {
    let user = &desired.key.user;
    let policy_query = [("name", desired.policy_name()), ("v", "2")];
    let user_query = [("accessKey", user.as_str())];
    let (policy, found, works) = futures::join!(
        server.admin(Method::GET, "info-canned-policy", &policy_query, vec![]),
        server.admin(Method::GET, "user-info", &user_query, vec![]),
        secret_works(server, &desired.key),
    );
    let works = works?;
    let user = found?.map(|info| User {
        enabled: info["status"] == "enabled",
        policies: info["policyName"].as_str().unwrap_or_default().to_owned(),
        secret_works: works,
    });
    Ok(Observed { policy: policy?.map(|p| p["Policy"].clone()), user })
}

/// Lists buckets with the key: a wrong one is told from one that may not list.
async fn secret_works(server: &Server, key: &Login) -> Result<bool, Error> {
    match server.send(key, Method::GET, "/", &[], vec![]).await {
        Ok(_) => Ok(true),
        Err(Error::Refused { status: 403, reason, .. }) => Ok(reason.contains("AccessDenied")),
        Err(error) => Err(error),
    }
}

/// What makes `observed` as `desired`; empty when it is.
pub fn plan(desired: &Desired, observed: &Observed) -> Vec<Change> {
    let mut changes = Vec::new();
    let (user, policy) = (desired.key.user.clone(), desired.policy_name().to_owned());
    if observed.policy.as_ref().map(canonical) != Some(canonical(&desired.policy())) {
        changes.push(Change::PutPolicy { policy: policy.clone() });
    }
    if !observed.user.as_ref().is_some_and(|u| u.enabled && u.secret_works) {
        changes.push(Change::PutUser { user: user.clone() });
    }
    if observed.user.as_ref().is_none_or(|u| u.policies != policy) {
        changes.push(Change::AttachPolicy { user, policy });
    }
    changes
}

/// Does `changes`.
///
/// # Errors
/// What MinIO refused.
pub async fn apply(server: &Server, desired: &Desired, changes: &[Change]) -> Result<(), Error> {
    for change in changes {
        tracing::debug!(%change, "MinIO");
        match change {
            Change::PutPolicy { policy } => {
                let body = desired.policy().to_string().into_bytes();
                server.admin(Method::PUT, "add-canned-policy", &[("name", policy)], body).await?
            }
            Change::PutUser { user } => {
                let body = json!({ "secretKey": desired.key.password, "status": "enabled" }).to_string();
                let body = encrypt(&server.admin.password, body.as_bytes())
                    .map_err(|reason| Error::Prepare { what: change.to_string(), reason })?;
                server.admin(Method::PUT, "add-user", &[("accessKey", user)], body).await?
            }
            Change::AttachPolicy { user, policy } => {
                let query = [("isGroup", "false"), ("policyName", policy), ("userOrGroup", user)];
                server.admin(Method::PUT, "set-user-or-group-policy", &query, vec![]).await?
            }
        };
    }
    Ok(())
}

/// Makes MinIO as `desired`, and says what was done.
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

/// Deletes the key and its policy. What is gone already is fine.
///
/// # Errors
/// What MinIO refused.
pub async fn deprovision(server: &Server, desired: &Desired) -> Result<(), Error> {
    // The key first: a policy that is in use cannot be deleted.
    server.admin(Method::DELETE, "remove-user", &[("accessKey", &desired.key.user)], vec![]).await?;
    server.admin(Method::DELETE, "remove-canned-policy", &[("name", desired.policy_name())], vec![]).await?;
    Ok(())
}

impl Server {
    /// A request to the admin API; `None` when the object is not there.
    async fn admin(
        &self,
        method: Method,
        operation: &str,
        query: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Option<Value>, Error> {
        match self.send(&self.admin, method, &format!("/minio/admin/v3/{operation}"), query, body).await {
            Ok(text) => Ok(Some(serde_json::from_str(&text).unwrap_or_default())),
            Err(Error::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn send(
        &self,
        key: &Login,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<String, Error> {
        let what = format!("{method} {path}");
        let request = self.request(key, method, path, query, body)?.timeout(Duration::from_secs(30));
        let failed = |e: reqwest::Error| Error::Request { what: what.clone(), reason: e.to_string() };
        let response = request.send().await.map_err(failed)?;
        let status = response.status();
        let text = response.text().await.map_err(failed)?;
        if status == StatusCode::OK {
            Ok(text)
        } else {
            Err(Error::Refused { what, status: status.as_u16(), reason: text })
        }
    }

    /// A request that is signed with `key`, to be sent within minutes.
    ///
    /// # Errors
    /// [`Error::Prepare`] when it cannot be signed.
    pub fn request(
        &self,
        key: &Login,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<reqwest::RequestBuilder, Error> {
        let prepare = |reason: String| Error::Prepare { what: format!("{method} {path}"), reason };
        let mut url = reqwest::Url::parse(&format!("{}{path}", self.url)).map_err(|e| prepare(e.to_string()))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }

        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let identity = Credentials::new(&key.user, &key.password, None, None, "plattr").into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("s3")
            .time(SystemTime::now())
            .settings(settings)
            .build()
            .map_err(|e| prepare(e.to_string()))?
            .into();
        let signable =
            SignableRequest::new(method.as_str(), url.as_str(), std::iter::empty(), SignableBody::Bytes(&body))
                .map_err(|e| prepare(e.to_string()))?;
        let (instructions, _) = sign(signable, &parameters).map_err(|e| prepare(e.to_string()))?.into_parts();
        let mut request = self.http.request(method, url);
        for (name, value) in instructions.headers() {
            request = request.header(name, value);
        }
        Ok(request.body(body))
    }
}

/// Encrypts as `madmin.EncryptData` does: `salt (32) ‖ id (1) ‖ nonce (8) ‖ ciphertext`, with a key from
/// Argon2id and the stream format of `sio-go`, of which this writes a single, last fragment. Its 12-byte nonces
/// end in a counter; counter 0 authenticates the (empty) associated data, and that tag, marked as last with
/// 0x80, is the associated data of the fragment.
fn encrypt(password: &str, plain: &[u8]) -> Result<Vec<u8>, String> {
    const ARGON2ID_AES_GCM: u8 = 0x00;
    /// A fragment of `sio-go`; a secret and its JSON are far smaller.
    const FRAGMENT: usize = 16 * 1024;
    if plain.len() > FRAGMENT {
        return Err(format!("{} bytes are too many", plain.len()));
    }
    let mut random = [0_u8; 40];
    getrandom::fill(&mut random).map_err(|e| e.to_string())?;
    let (salt, nonce) = random.split_at(32);

    let mut key = [0_u8; 32];
    let parameters = argon2::Params::new(64 * 1024, 1, 4, Some(key.len())).map_err(|e| e.to_string())?;
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters)
        .hash_password_into(password.as_bytes(), salt, &mut key)
        .map_err(|e| e.to_string())?;
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(key));
    let seal = |counter: u32, msg: &[u8], aad: &[u8]| {
        let mut full = [0_u8; 12];
        full[..8].copy_from_slice(nonce);
        full[8..].copy_from_slice(&counter.to_le_bytes());
        cipher.encrypt(&Nonce::from(full), Payload { msg, aad }).map_err(|e| e.to_string())
    };
    let tag = seal(0, &[], &[])?;
    let sealed = seal(1, plain, &[&[0x80], tag.as_slice()].concat())?;
    Ok([salt, &[ARGON2ID_AES_GCM], nonce, &sealed].concat())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn desired() -> Desired {
        Desired {
            key: Login { user: "plattr-todo".into(), password: "secret-secret".into() },
            buckets: vec!["todo-uploads".into()],
        }
    }

    fn observed() -> Observed {
        let user = User { enabled: true, policies: "plattr-todo".into(), secret_works: true };
        Observed { policy: Some(desired().policy()), user: Some(user) }
    }

    fn lines(observed: &Observed) -> Vec<String> {
        plan(&desired(), observed).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nothing_there_means_everything_to_do() {
        assert_eq!(
            lines(&Observed::default()),
            [
                "write MinIO policy plattr-todo",
                "write access key plattr-todo",
                "limit access key plattr-todo to policy plattr-todo",
            ]
        );
    }

    #[test]
    fn everything_there_means_nothing_to_do() {
        assert!(lines(&observed()).is_empty());
    }

    #[test]
    fn each_difference_is_one_change() {
        let user = |change: fn(&mut User)| {
            let mut observed = observed();
            observed.user.iter_mut().for_each(change);
            lines(&observed)
        };
        assert_eq!(user(|u| u.enabled = false), ["write access key plattr-todo"]);
        assert_eq!(user(|u| u.secret_works = false), ["write access key plattr-todo"]);
        assert_eq!(
            user(|u| u.policies = "plattr-todo,readwrite".into()),
            ["limit access key plattr-todo to policy plattr-todo"]
        );
        let policy = Observed { policy: Some(json!({})), ..observed() };
        assert_eq!(lines(&policy), ["write MinIO policy plattr-todo"]);
    }

    #[test]
    fn a_key_for_no_buckets_reaches_nothing() {
        let none = Desired { buckets: vec![], ..desired() };
        assert_eq!(none.policy()["Statement"][0]["Effect"], "Deny");
    }

    #[test]
    fn what_is_encrypted_has_the_format_of_madmin() {
        let sealed = encrypt("minioadmin", b"{}").unwrap();
        assert_eq!(sealed.len(), 32 + 1 + 8 + 2 + 16);
        assert_eq!(sealed[32], 0);
        assert_ne!(encrypt("minioadmin", b"{}").unwrap(), sealed);
    }
}
