//! Objects from files.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::DisplayErrorContext;
use aws_sdk_s3::primitives::ByteStream;
use sha2::{Digest as _, Sha256};

use super::Error;

/// The metadata that tells an object's content, whatever server keeps it: an ETag is a digest on some of them only.
const DIGEST: &str = "plattr-sha256";

/// Makes an object as a file is; says whether it was another one. `key` is its name in the bucket.
///
/// # Errors
/// [`Error::Apply`] when the server refuses.
pub async fn upload(client: &Client, bucket: &str, key: &str, content: Vec<u8>) -> Result<bool, Error> {
    let digest: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    // An object that is not there, or that somebody else wrote, is written.
    let there = client.head_object().bucket(bucket).key(key).send().await.ok();
    let same = there.and_then(|object| object.metadata?.get(DIGEST).cloned()).is_some_and(|known| known == digest);
    if same {
        return Ok(false);
    }
    client
        .put_object()
        .bucket(bucket)
        .key(key)
        .set_content_type(content_type(key).map(str::to_owned))
        .metadata(DIGEST, digest)
        .body(ByteStream::from(content))
        .send()
        .await
        .map_err(|e| Error::Apply {
            what: format!("write `{key}` to the bucket `{bucket}`"),
            reason: DisplayErrorContext(&e).to_string(),
        })?;
    Ok(true)
}

/// What browsers need to show an object instead of saving it.
fn content_type(key: &str) -> Option<&'static str> {
    Some(match key.rsplit('.').next()?.to_ascii_lowercase().as_str() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "txt" | "md" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "json" => "application/json",
        "pdf" => "application/pdf",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "mp4" => "video/mp4",
        _ => return None,
    })
}
