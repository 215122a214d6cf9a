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
/// Check objects have a dot before it, so that they are easily told from the application's.
const OBJECT_PREFIX: &str = ".plattr-check-";

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
    remove_leftovers(target.app, name).await;
    let key = temporary_name(OBJECT_PREFIX, '-');
    let put = target.app.put_object().bucket(name).key(&key).body(ByteStream::from_static(b"one")).send().await;
    let mut checks = match &put {
        Ok(_) => try_object(target, desired, bucket, &key).await,
        Err(error) => {
            vec![STORAGE.fail("objects", format!("cannot put an object into {name}: {}", reason(error)), REPAIR)]
        }
    };
    // Whatever was seen: a PUT whose answer was lost may have written too.
    let deleted = target.app.delete_object().bucket(name).key(&key).send().await;
    if let (Ok(_), Err(error)) = (put, deleted) {
        checks.push(STORAGE.fail("clean-up", format!("cannot delete from {name}: {}", reason(&error)), REPAIR));
    }
    checks
}

/// Deletes the check objects that killed runs left. Does what it can: the checks tell what is wrong.
async fn remove_leftovers(app: &Client, bucket: &str) {
    let Ok(found) = app.list_objects_v2().bucket(bucket).prefix(OBJECT_PREFIX).send().await else { return };
    for key in found.contents().iter().filter_map(|object| object.key()) {
        if is_leftover(key, OBJECT_PREFIX, '-') {
            let _ = app.delete_object().bucket(bucket).key(key).send().await;
        }
    }
}

/// Reads the object `key`, which exists, as the application, a stranger and a browser do.
async fn try_object(target: &Target<'_>, desired: &Desired, bucket: &Bucket, key: &str) -> Vec<Check> {
    let name = bucket.name.as_str();
    let mut checks = Vec::new();
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
        let object = target.app.get_object().bucket(name).key(key).send().await.map_err(|e| reason(&e))?;
        Ok::<_, String>(object.body.collect().await.map_err(|e| e.to_string())?.into_bytes())
    };
    checks.push(match read_back.await {
        Ok(body) if body.as_ref() == b"one" => STORAGE.pass("objects", format!("puts and gets an object in {name}")),
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use wiremock::matchers::{method, path_regex, query_param};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::Login;

    #[tokio::test]
    async fn no_object_stays_behind_when_the_check_fails() {
        let server = MockServer::start().await;
        let fresh = temporary_name(OBJECT_PREFIX, '-');
        let listing = format!(
            "<ListBucketResult><Name>todo-uploads</Name>\
             <Contents><Key>.plattr-check-5f000000-ab</Key></Contents><Contents><Key>{fresh}</Key></Contents>\
             </ListBucketResult>"
        );
        let list = Mock::given(method("GET")).and(query_param("prefix", OBJECT_PREFIX));
        list.respond_with(ResponseTemplate::new(200).set_body_raw(listing, "application/xml")).mount(&server).await;
        Mock::given(method("PUT")).respond_with(ResponseTemplate::new(200)).mount(&server).await;
        Mock::given(method("GET")).respond_with(ResponseTemplate::new(403)).mount(&server).await;
        let delete = Mock::given(method("DELETE")).and(path_regex("^/todo-uploads/.plattr-check-"));
        delete.respond_with(ResponseTemplate::new(204)).mount(&server).await;

        let endpoint = server.uri();
        let client = super::super::client(&endpoint, "us-east-1", &Login { user: "a".into(), password: "b".into() });
        let http = reqwest::Client::new();
        let target = Target { admin: &client, app: &client, http: &http, endpoint: &endpoint };
        let bucket = Bucket { name: "todo-uploads".into(), public: false };
        let desired =
            Desired { owner: "o".into(), region: "us-east-1".into(), buckets: Vec::new(), origins: Vec::new() };
        let checks = verify_bucket(&target, &desired, &bucket).await;
        assert!(checks.iter().any(|check| check.name == "objects" && !check.passed), "{checks:?}");

        let requests = server.received_requests().await.unwrap();
        let paths = |wanted: &str| -> Vec<String> {
            let of = requests.iter().filter(|request| request.method.as_str() == wanted);
            of.map(|request| request.url.path().to_owned()).collect()
        };
        let [made] = &paths("PUT")[..] else { panic!("one PUT") };
        assert_eq!(paths("DELETE"), ["/todo-uploads/.plattr-check-5f000000-ab", made]);
    }
}
