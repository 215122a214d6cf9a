//! Using the buckets as the application and as a stranger do.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use reqwest::StatusCode;

use super::{Bucket, Desired, reason};
use crate::check::{Check, Checks, is_leftover, temporary_name};

/// What `verify` needs beside the desired state.
pub struct Target<'a> {
    /// Client with the admin's key, which makes and removes a bucket that the application must not read.
    pub admin: &'a Client,
    /// Client with the application's key.
    pub app: &'a Client,
    /// For requests without a key.
    pub http: &'a reqwest::Client,
    /// Endpoint, without a slash at the end.
    pub endpoint: &'a str,
}

const STORAGE: Checks = Checks("storage");
const REPAIR: &str = "provision again: `plattr dev` repairs buckets, policies and keys";
const CHECK_PREFIX: &str = "plattr-check-";

/// Uses every bucket with the application's key, and tries what must be refused.
pub async fn verify(target: &Target<'_>, desired: &Desired) -> Vec<Check> {
    let mut checks = Vec::new();
    for bucket in &desired.buckets {
        checks.extend(verify_bucket(target, desired, bucket).await);
    }
    checks.push(STORAGE.result("foreign-bucket", foreign_bucket(target).await, REPAIR));
    checks
}

async fn verify_bucket(target: &Target<'_>, desired: &Desired, bucket: &Bucket) -> Vec<Check> {
    let name = bucket.name.as_str();
    let key = temporary_name(&format!(".{CHECK_PREFIX}"), '-');
    let mut checks = Vec::new();
    let put = target.app.put_object().bucket(name).key(&key).body(ByteStream::from_static(b"one")).send().await;
    if let Err(error) = put {
        return vec![STORAGE.fail("objects", format!("cannot put an object into {name}: {}", reason(&error)), REPAIR)];
    }
    let url = format!("{}/{name}/{key}", target.endpoint);
    let seen = status(target.http.get(&url)).await;
    checks.push(match (bucket.public, seen) {
        (true, Ok(StatusCode::OK)) => STORAGE.pass("public-read", format!("anyone reads an object of {name}")),
        (false, Ok(StatusCode::FORBIDDEN)) => {
            STORAGE.pass("private", format!("an anonymous read of {name} is refused"))
        }
        (public, Ok(status)) => {
            let check = if public { "public-read" } else { "private" };
            STORAGE.fail(check, format!("an anonymous read of {name} got {status}"), REPAIR)
        }
        (_, Err(error)) => STORAGE.fail("private", error, ""),
    });
    checks.push(match status(target.http.get(format!("{}/{name}?list-type=2", target.endpoint))).await {
        Ok(StatusCode::FORBIDDEN) => STORAGE.pass("list-denied", format!("nobody lists {name} without a key")),
        Ok(status) => STORAGE.fail("list-denied", format!("an anonymous list of {name} got {status}"), REPAIR),
        Err(error) => STORAGE.fail("list-denied", error, ""),
    });
    if let Some(origin) = desired.origins.first() {
        checks.push(STORAGE.result("cors", preflight(target.http, &url, origin).await, REPAIR));
    }
    let read_back = async {
        let object = target.app.get_object().bucket(name).key(&key).send().await.map_err(|e| reason(&e))?;
        let body = object.body.collect().await.map_err(|e| e.to_string())?.into_bytes();
        target.app.delete_object().bucket(name).key(&key).send().await.map_err(|e| reason(&e))?;
        Ok::<_, String>(body)
    };
    checks.push(match read_back.await {
        Ok(body) if body.as_ref() == b"one" => {
            STORAGE.pass("objects", format!("puts, gets and deletes an object in {name}"))
        }
        Ok(_) => STORAGE.fail("objects", format!("an object in {name} came back changed"), ""),
        Err(error) => STORAGE.fail("objects", format!("{name}: {error}"), REPAIR),
    });
    checks
}

async fn status(request: reqwest::RequestBuilder) -> Result<StatusCode, String> {
    request.send().await.map(|response| response.status()).map_err(|e| e.to_string())
}

/// The browser's question before a PUT; only the application's origin may get a yes.
async fn preflight(http: &reqwest::Client, url: &str, origin: &str) -> Result<String, String> {
    let ask = async |origin: &str| {
        let request = http.request(reqwest::Method::OPTIONS, url).header("Origin", origin);
        let response =
            request.header("Access-Control-Request-Method", "PUT").send().await.map_err(|e| e.to_string())?;
        let allowed = response.headers().get("access-control-allow-origin").and_then(|v| v.to_str().ok());
        Ok::<_, String>(allowed.map(str::to_owned))
    };
    match ask(origin).await? {
        Some(allowed) if allowed == origin => {}
        other => return Err(format!("pages of {origin} are not let in: the answer was {other:?}")),
    }
    match ask("https://plattr-stranger.invalid").await? {
        None => Ok(format!("pages of {origin} are let in, others are not")),
        Some(other) => Err(format!("pages of any site are let in: the answer was {other}")),
    }
}

/// Makes a bucket that is not the application's, and reads it with the application's key.
async fn foreign_bucket(target: &Target<'_>) -> Result<String, String> {
    let buckets = target.admin.list_buckets().send().await.map_err(|e| reason(&e))?;
    for old in buckets.buckets().iter().filter_map(|b| b.name()).filter(|n| is_leftover(n, CHECK_PREFIX, '-')) {
        let _ = target.admin.delete_object().bucket(old).key("secret").send().await;
        let _ = target.admin.delete_bucket().bucket(old).send().await;
    }
    let bucket = temporary_name(CHECK_PREFIX, '-');
    target.admin.create_bucket().bucket(&bucket).send().await.map_err(|e| reason(&e))?;
    let tried = async {
        let body = ByteStream::from_static(b"secret");
        target.admin.put_object().bucket(&bucket).key("secret").body(body).send().await.map_err(|e| reason(&e))?;
        match target.app.get_object().bucket(&bucket).key("secret").send().await {
            Err(error) if error.raw_response().is_some_and(|r| r.status().as_u16() == 403) => {
                Ok("another application's bucket is refused".to_owned())
            }
            Err(error) => Err(format!("reading another application's bucket: {}", reason(&error))),
            Ok(_) => Err("the application's key reads another application's bucket".into()),
        }
    };
    let tried = tried.await;
    let _ = target.admin.delete_object().bucket(&bucket).key("secret").send().await;
    let _ = target.admin.delete_bucket().bucket(&bucket).send().await;
    tried
}
