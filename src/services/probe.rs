//! How to tell that a service answers, as a value and its evaluation.

use std::sync::OnceLock;
use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long one try may take. A service that is slower than this is not ready.
const TIMEOUT: Duration = Duration::from_secs(3);

/// A probe.
#[derive(Debug, Clone, Serialize)]
pub enum Probe {
    /// `GET url` answers with a status below 400, and its body holds `contains` if given.
    Http {
        /// URL.
        url: String,
        /// Text in the body.
        contains: Option<String>,
    },
    /// `GET url` without a key is refused with 403, as it is once the server knows whom to let in.
    Refuses {
        /// URL.
        url: String,
    },
    /// A login works and `SELECT 1` answers.
    Postgres {
        /// libpq URL.
        url: String,
    },
    /// `PING` answers.
    Redis {
        /// Redis URL: `redis://user:password@host:port`.
        url: String,
    },
}

/// What a probe that fails says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotReady(pub String);

impl Probe {
    /// Tries once.
    pub async fn check(&self) -> Result<(), NotReady> {
        let tried = match self {
            Self::Http { url, contains } => tokio::time::timeout(TIMEOUT, http(url, contains.as_deref())).await,
            Self::Refuses { url } => tokio::time::timeout(TIMEOUT, refuses(url)).await,
            Self::Postgres { url } => tokio::time::timeout(TIMEOUT, postgres(url)).await,
            Self::Redis { url } => tokio::time::timeout(TIMEOUT, redis(url)).await,
        };
        tried.unwrap_or_else(|_| Err(format!("no answer within {} s", TIMEOUT.as_secs()))).map_err(NotReady)
    }

    /// Tries every 30 ms until it answers, or `patience` is over; then tells what was seen last.
    pub async fn wait(&self, patience: Duration) -> Result<(), NotReady> {
        let end = tokio::time::Instant::now() + patience;
        loop {
            match self.check().await {
                Ok(()) => return Ok(()),
                Err(error) if tokio::time::Instant::now() >= end => return Err(error),
                Err(_) => tokio::time::sleep(Duration::from_millis(30)).await,
            }
        }
    }
}

async fn get(url: &str) -> Result<reqwest::Response, String> {
    static CLIENT: OnceLock<Option<reqwest::Client>> = OnceLock::new();
    // A proxy would be asked for 127.0.0.1, which is another machine there.
    let client = CLIENT.get_or_init(|| reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build().ok());
    let client = client.as_ref().ok_or("no HTTP client can be made on this machine")?;
    client.get(url).send().await.map_err(|e| root_cause(&e))
}

async fn refuses(url: &str) -> Result<(), String> {
    match get(url).await?.status() {
        reqwest::StatusCode::FORBIDDEN => Ok(()),
        status => Err(format!("{url} answered {status}")),
    }
}

async fn http(url: &str, contains: Option<&str>) -> Result<(), String> {
    let response = get(url).await?;
    let status = response.status();
    let body = response.text().await.map_err(|e| root_cause(&e))?;
    match contains {
        _ if status.as_u16() >= 400 => Err(format!("{url} answered {status}")),
        Some(text) if !body.contains(text) => Err(format!("{url} answered without `{text}`")),
        _ => Ok(()),
    }
}

async fn postgres(url: &str) -> Result<(), String> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.map_err(|e| root_cause(&e))?;
    let driver = tokio::spawn(connection);
    let answer = client.simple_query("SELECT 1").await;
    drop(client);
    let _ = driver.await;
    answer.map(|_| ()).map_err(|e| root_cause(&e))
}

async fn redis(url: &str) -> Result<(), String> {
    let url = reqwest::Url::parse(url).map_err(|e| e.to_string())?;
    let (host, port) = (url.host_str().unwrap_or("127.0.0.1"), url.port().unwrap_or(6379));
    let mut stream = TcpStream::connect((host, port)).await.map_err(|e| e.to_string())?;
    let mut say = String::new();
    if let Some(password) = url.password() {
        say += &command(&["AUTH", url.username(), password]);
    }
    say += &command(&["PING"]);
    stream.write_all(say.as_bytes()).await.map_err(|e| e.to_string())?;
    let mut heard = Vec::new();
    loop {
        let mut buffer = [0; 512];
        let n = stream.read(&mut buffer).await.map_err(|e| e.to_string())?;
        heard.extend_from_slice(&buffer[..n]);
        let text = String::from_utf8_lossy(&heard);
        if text.contains("+PONG\r\n") {
            return Ok(());
        }
        if let Some(error) = text.lines().find_map(|line| line.strip_prefix('-')) {
            return Err(error.to_owned());
        }
        if n == 0 {
            return Err("the connection was closed".into());
        }
    }
}

/// A command in Redis's protocol.
fn command(words: &[&str]) -> String {
    let body: String = words.iter().map(|w| format!("${}\r\n{w}\r\n", w.len())).collect();
    format!("*{}\r\n{body}", words.len())
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use wiremock::matchers::path;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    #[tokio::test]
    async fn http_wants_a_good_status_and_the_text() {
        let server = MockServer::start().await;
        Mock::given(path("/up"))
            .respond_with(ResponseTemplate::new(200).set_body_string("yellow"))
            .mount(&server)
            .await;
        let probe = |p: &str, contains: Option<&str>| Probe::Http {
            url: format!("{}{p}", server.uri()),
            contains: contains.map(str::to_owned),
        };
        assert_eq!(probe("/up", Some("yellow")).check().await, Ok(()));
        assert!(probe("/up", Some("green")).check().await.unwrap_err().0.contains("without `green`"));
        assert!(probe("/down", None).check().await.unwrap_err().0.contains("404"));
    }

    #[tokio::test]
    async fn redis_is_asked_with_its_password_and_a_refusal_is_told() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("redis://plattr:secret@{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            for answer in ["+OK\r\n+PONG\r\n", "-WRONGPASS no\r\n"] {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut buffer = [0; 512];
                let n = stream.read(&mut buffer).await.unwrap();
                let heard = String::from_utf8_lossy(&buffer[..n]);
                assert!(heard.contains("*3\r\n$4\r\nAUTH\r\n$6\r\nplattr\r\n$6\r\nsecret"));
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let probe = Probe::Redis { url };
        assert_eq!(probe.check().await, Ok(()));
        assert_eq!(probe.check().await, Err(NotReady("WRONGPASS no".into())));
        server.await.unwrap();
    }
}
