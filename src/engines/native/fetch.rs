//! Downloads: resumable, verified, with plain words when the network is not there.

use std::path::Path;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use futures::StreamExt;
use sha2::{Digest, Sha256};
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Why a download failed.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No server answered.
    #[error("no connection to {url}")]
    Unreachable {
        /// URL.
        url: String,
        /// Why.
        source: reqwest::Error,
    },
    /// The server answered with an error.
    #[error("{url} answered {status}")]
    Status {
        /// URL.
        url: String,
        /// What it answered.
        status: reqwest::StatusCode,
    },
    /// The connection broke off; what arrived is kept.
    #[error("the connection to {url} broke off")]
    Interrupted {
        /// URL.
        url: String,
        /// Why.
        source: reqwest::Error,
    },
    /// The file is not the one that is pinned; it was removed.
    #[error("{url} has the digest sha256:{found}, but sha256:{expected} is pinned")]
    Digest {
        /// URL.
        url: String,
        /// What is pinned.
        expected: String,
        /// What came.
        found: String,
    },
    /// It could not be written.
    #[error("cannot write the download")]
    Disk(#[from] std::io::Error),
}

impl FetchError {
    fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Interrupted { .. } => true,
            Self::Status { status, .. } => status.is_server_error() || status.as_u16() == 429,
            Self::Digest { .. } | Self::Disk(_) => false,
        }
    }
}

/// The client for downloads. It follows the proxy settings of the environment.
pub fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .user_agent(concat!("plattr/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(30))
        .build()
}

/// Fetches `url` into the file `part`, going on where an earlier try stopped, and verifies its digest.
/// `progress` is told how many bytes are there.
pub async fn fetch(
    client: &reqwest::Client,
    url: &str,
    sha256: &str,
    part: &Path,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<(), FetchError> {
    let resumed = fs::metadata(part).await.is_ok_and(|m| m.len() > 0);
    let found = with_retries(client, url, part, progress).await?;
    if found == sha256 {
        return Ok(());
    }
    fs::remove_file(part).await?;
    if resumed {
        // The earlier part may have been of another file, so it is fair to begin again, once.
        tracing::info!(url, "the resumed download has a wrong digest; starting over");
        let found = with_retries(client, url, part, progress).await?;
        if found == sha256 {
            return Ok(());
        }
        fs::remove_file(part).await?;
        return Err(FetchError::Digest { url: url.into(), expected: sha256.into(), found });
    }
    Err(FetchError::Digest { url: url.into(), expected: sha256.into(), found })
}

async fn with_retries(
    client: &reqwest::Client,
    url: &str,
    part: &Path,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<String, FetchError> {
    let backoff =
        ExponentialBuilder::default().with_min_delay(Duration::from_millis(300)).with_max_times(3).with_jitter();
    (|| attempt(client, url, part, progress))
        .retry(backoff)
        .when(FetchError::is_temporary)
        .notify(|error, after| tracing::info!(%error, ?after, "trying again"))
        .await
}

/// One try; returns the digest of the whole file.
async fn attempt(
    client: &reqwest::Client,
    url: &str,
    part: &Path,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<String, FetchError> {
    let mut hasher = Sha256::new();
    let mut have = hash_existing(part, &mut hasher).await?;
    let mut request = client.get(url);
    if have > 0 {
        request = request.header(reqwest::header::RANGE, format!("bytes={have}-"));
    }
    let response = request.send().await.map_err(|source| FetchError::Unreachable { url: url.into(), source })?;
    let status = response.status();
    // The whole file is there already, or what is there is longer than the file: the digest tells.
    if status == reqwest::StatusCode::RANGE_NOT_SATISFIABLE && have > 0 {
        return Ok(hex(hasher));
    }
    if !status.is_success() {
        return Err(FetchError::Status { url: url.into(), status });
    }
    let append = status == reqwest::StatusCode::PARTIAL_CONTENT;
    if !append {
        (hasher, have) = (Sha256::new(), 0);
    }
    let mut file = File::options().create(true).write(true).append(append).truncate(!append).open(part).await?;
    progress(have);
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = match chunk {
            Ok(chunk) => chunk,
            Err(source) => {
                file.flush().await?;
                return Err(FetchError::Interrupted { url: url.into(), source });
            }
        };
        file.write_all(&chunk).await?;
        hasher.update(&chunk);
        have += chunk.len() as u64;
        progress(have);
    }
    file.flush().await?;
    Ok(hex(hasher))
}

async fn hash_existing(part: &Path, hasher: &mut Sha256) -> Result<u64, std::io::Error> {
    let mut file = match File::open(part).await {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(e) => return Err(e),
    };
    let (mut buffer, mut have) = (vec![0; 1 << 18], 0);
    loop {
        let n = file.read(&mut buffer).await?;
        if n == 0 {
            return Ok(have);
        }
        hasher.update(&buffer[..n]);
        have += n as u64;
    }
}

fn hex(hasher: Sha256) -> String {
    hasher.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use wiremock::matchers::{header, method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    const WHOLE: &str = "0123456789";

    fn digest(text: &str) -> String {
        let mut hasher = Sha256::new();
        hasher.update(text);
        hex(hasher)
    }

    async fn server() -> MockServer {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path("/f"))
            .and(header("range", "bytes=4-"))
            .respond_with(ResponseTemplate::new(206).set_body_string("456789"))
            .mount(&server)
            .await;
        Mock::given(method("GET"))
            .and(path("/f"))
            .respond_with(ResponseTemplate::new(200).set_body_string(WHOLE))
            .with_priority(9)
            .mount(&server)
            .await;
        server
    }

    async fn run(url: &str, sha256: &str, part: &Path) -> Result<(), FetchError> {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        fetch(&client, url, sha256, part, &|_| {}).await
    }

    #[tokio::test]
    async fn goes_on_where_it_stopped() {
        let (server, dir) = (server().await, tempfile::tempdir().unwrap());
        let part = dir.path().join("f.part");
        std::fs::write(&part, "0123").unwrap();
        run(&format!("{}/f", server.uri()), &digest(WHOLE), &part).await.unwrap();
        assert_eq!(std::fs::read_to_string(&part).unwrap(), WHOLE);
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn begins_again_once_where_the_earlier_part_was_something_else() {
        let (server, dir) = (server().await, tempfile::tempdir().unwrap());
        let part = dir.path().join("f.part");
        std::fs::write(&part, "abcd").unwrap();
        run(&format!("{}/f", server.uri()), &digest(WHOLE), &part).await.unwrap();
        assert_eq!(std::fs::read_to_string(&part).unwrap(), WHOLE);
    }

    #[tokio::test]
    async fn a_wrong_digest_names_both_and_leaves_no_file() {
        let (server, dir) = (server().await, tempfile::tempdir().unwrap());
        let part = dir.path().join("f.part");
        let error = run(&format!("{}/f", server.uri()), &digest("other"), &part).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&digest("other")) && text.contains(&digest(WHOLE)), "{text}");
        assert!(!part.exists());
    }

    #[tokio::test]
    async fn a_busy_server_is_asked_again_and_a_missing_file_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let server = MockServer::start().await;
        Mock::given(path("/busy")).respond_with(ResponseTemplate::new(503)).up_to_n_times(1).mount(&server).await;
        Mock::given(path("/busy"))
            .respond_with(ResponseTemplate::new(200).set_body_string(WHOLE))
            .with_priority(9)
            .mount(&server)
            .await;
        run(&format!("{}/busy", server.uri()), &digest(WHOLE), &dir.path().join("a")).await.unwrap();
        let error = run(&format!("{}/gone", server.uri()), "", &dir.path().join("b")).await.unwrap_err();
        assert!(matches!(error, FetchError::Status { status, .. } if status == 404));
        let asked = server.received_requests().await.unwrap();
        assert_eq!(asked.iter().filter(|r| r.url.path() == "/gone").count(), 1);
    }
}
