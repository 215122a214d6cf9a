//! Where a database is, and how to get in.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::sync::mpsc;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::DbError;
use tokio_postgres::{AsyncMessage, CancelToken, Client, Config, NoTls, Notification};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::SqlFailure;

/// A server, a database in it and a login.
#[derive(Clone)]
pub struct Server {
    /// Address, database and login.
    pub config: Config,
    /// What the server has to prove.
    pub trust: Trust,
}

/// What a server has to prove before it is believed; as libpq's `sslmode` has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Trust {
    /// Nothing (`disable`, `allow`, `prefer`, `require`): an encrypted connection may be to anyone.
    #[default]
    Anyone,
    /// A certificate of its name (`verify-full`; `verify-ca` is held to the same), from the authorities of this file,
    /// or of the machine.
    Certified {
        /// `sslrootcert`
        roots: Option<PathBuf>,
    },
}

/// What is wrong with a URL of a database.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// It cannot be read.
    #[error("this is no URL of a PostgreSQL database: {0}")]
    Invalid(String),
    /// Prisma's `?schema=` and the like (C-04).
    #[error("a URL of a database has no parameter `{0}`")]
    Parameter(String),
}

impl Server {
    /// A server without TLS.
    pub fn plain(mut config: Config) -> Self {
        config.ssl_mode(SslMode::Disable);
        Self { config, trust: Trust::Anyone }
    }

    /// What a URL, as libpq takes it, says. `sslmode` and `sslrootcert` count as there.
    ///
    /// # Errors
    /// When it is no such URL.
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut kept, mut trust) = (Vec::new(), Trust::Anyone);
        let mut roots = None;
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", "verify-full" | "verify-ca")) => {
                    trust = Trust::Certified { roots: None };
                    kept.push("sslmode=require");
                }
                // Only `prefer` falls back to a plain connection, and `allow` is for servers that hardly exist.
                Some(("sslmode", "allow")) => kept.push("sslmode=prefer"),
                // As in libpq: the system's roots stand for `verify-full`, a file makes `require` verify too.
                Some(("sslrootcert", "system")) => trust = Trust::Certified { roots: None },
                Some(("sslrootcert", path)) => roots = Some(PathBuf::from(path)),
                Some(("schema" | "pgbouncer" | "search_path", _)) => {
                    let name = pair.split('=').next().unwrap_or_default();
                    return Err(UrlError::Parameter(name.to_owned()));
                }
                _ => kept.push(pair),
            }
        }
        if roots.is_some() && kept.contains(&"sslmode=require") {
            trust = Trust::Certified { roots: None };
        }
        if let Trust::Certified { roots: known } = &mut trust {
            *known = roots;
            kept.retain(|pair| !pair.starts_with("sslmode="));
            kept.push("sslmode=require");
        }
        let url = if kept.is_empty() { base.to_owned() } else { format!("{base}?{}", kept.join("&")) };
        let mut config: Config = url.parse().map_err(|e: tokio_postgres::Error| {
            let source = std::error::Error::source(&e).map(ToString::to_string);
            UrlError::Invalid(source.unwrap_or_else(|| e.to_string()))
        })?;
        if config.get_hosts().is_empty() {
            return Err(UrlError::Invalid("it names no host".into()));
        }
        config.application_name("plattr");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        Ok(Self { config, trust })
    }

    /// The same server and login, another database.
    #[must_use]
    pub fn database(&self, name: &str) -> Self {
        let mut server = self.clone();
        server.config.dbname(name);
        server
    }

    /// Whether every address is this machine's own: `localhost`, a loopback address or a socket. `hostaddr` is what is
    /// connected to, whatever the name says.
    pub fn is_of_this_machine(&self) -> bool {
        let names = self.config.get_hosts().iter().all(|host| match host {
            Host::Tcp(name) => {
                let address: Option<IpAddr> = name.trim_matches(['[', ']']).parse().ok();
                name.eq_ignore_ascii_case("localhost") || address.is_some_and(|address| address.is_loopback())
            }
            Host::Unix(_) => true,
        });
        names && self.config.get_hostaddrs().iter().all(IpAddr::is_loopback)
    }

    /// Opens a session.
    ///
    /// # Errors
    /// When the server cannot be reached, proves nothing, or refuses the login.
    pub async fn connect(&self) -> Result<Session, SqlFailure> {
        if self.config.get_ssl_mode() == SslMode::Disable {
            let (client, connection) = self.config.connect(NoTls).await?;
            return Ok(Session::new(client, connection, None));
        }
        let tls = MakeRustlsConnect::new(self.trust.config()?);
        let (client, connection) = self.config.connect(tls.clone()).await?;
        Ok(Session::new(client, connection, Some(tls)))
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The configuration hides its password.
        f.debug_struct("Server").field("config", &self.config).field("trust", &self.trust).finish()
    }
}

/// An open session; it ends with this value.
pub struct Session {
    /// The connection.
    pub client: Client,
    heard: Heard,
    tls: Option<MakeRustlsConnect>,
}

impl Session {
    fn new<S, T>(
        client: Client,
        mut connection: tokio_postgres::Connection<S, T>,
        tls: Option<MakeRustlsConnect>,
    ) -> Self
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
        T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        let (says, heard) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(message) = std::future::poll_fn(|cx| connection.poll_message(cx)).await {
                match message {
                    // Nobody may be listening.
                    Ok(AsyncMessage::Notice(notice)) => drop(says.send(Said::Notice(Box::new(notice)))),
                    Ok(AsyncMessage::Notification(told)) => drop(says.send(Said::Notification(told))),
                    Ok(_) => {}
                    Err(error) => {
                        tracing::debug!(%error, "a PostgreSQL connection ended");
                        break;
                    }
                }
            }
        });
        Self { client, heard: Heard(heard), tls }
    }

    /// What the server said besides answers (`RAISE NOTICE`, warnings), up to now.
    pub fn notices(&mut self) -> Vec<DbError> {
        let notice = |said| match said {
            Said::Notice(notice) => Some(*notice),
            Said::Notification(_) => None,
        };
        self.heard.now().into_iter().filter_map(notice).collect()
    }

    /// The connection, and apart from it what the server says meanwhile.
    pub fn parts(&mut self) -> (&Client, &mut Heard) {
        (&self.client, &mut self.heard)
    }

    /// Something that asks the server to give up what this session does, as Ctrl-C does in psql.
    pub fn canceller(&self) -> Canceller {
        Canceller { token: self.client.cancel_token(), tls: self.tls.clone() }
    }
}

/// What a server says besides answers.
#[derive(Debug)]
pub enum Said {
    /// `RAISE NOTICE`, warnings and the like.
    Notice(Box<DbError>),
    /// What another session told a channel that this one listens to.
    Notification(Notification),
}

/// Where it is heard.
pub struct Heard(mpsc::UnboundedReceiver<Said>);

impl Heard {
    /// What was said up to now.
    pub fn now(&mut self) -> Vec<Said> {
        std::iter::from_fn(|| self.0.try_recv().ok()).collect()
    }

    /// Waits until something is said; for ever when the connection is gone.
    pub async fn next(&mut self) -> Said {
        match self.0.recv().await {
            Some(said) => said,
            None => std::future::pending().await,
        }
    }
}

/// Asks the server to give up what a session does.
#[derive(Clone)]
pub struct Canceller {
    token: CancelToken,
    tls: Option<MakeRustlsConnect>,
}

impl Canceller {
    /// Asks. The statement then fails with SQLSTATE 57014, unless it was done before.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn cancel(self) -> Result<(), SqlFailure> {
        match self.tls {
            Some(tls) => self.token.cancel_query(tls).await?,
            None => self.token.cancel_query(NoTls).await?,
        }
        Ok(())
    }
}

impl Trust {
    fn config(&self) -> Result<ClientConfig, SqlFailure> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|e| local(&e))?;
        Ok(match self {
            Self::Anyone => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Unverified(provider)))
                .with_no_client_auth(),
            Self::Certified { roots } => builder.with_root_certificates(store(roots.as_ref())?).with_no_client_auth(),
        })
    }
}

fn store(file: Option<&PathBuf>) -> Result<RootCertStore, SqlFailure> {
    let mut store = RootCertStore::empty();
    match file {
        Some(path) => {
            let told = |e: &dyn std::fmt::Display| local(&format!("cannot read {}: {e}", path.display()));
            for certificate in CertificateDer::pem_file_iter(path).map_err(|e| told(&e))? {
                store.add(certificate.map_err(|e| told(&e))?).map_err(|e| told(&e))?;
            }
        }
        None => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    Ok(store)
}

/// What failed on this side.
fn local(cause: &dyn std::fmt::Display) -> SqlFailure {
    SqlFailure { message: cause.to_string(), detail: None, hint: None, code: None, file: None, at: None }
}

/// Believes every certificate, as libpq's `sslmode=require` does; the signatures still have to be right.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("postgresql://u:p@db/x", SslMode::Prefer, Trust::Anyone)]
    #[case("postgresql://u:p@db/x?sslmode=disable", SslMode::Disable, Trust::Anyone)]
    #[case("postgresql://u:p@db/x?sslmode=require&connect_timeout=3", SslMode::Require, Trust::Anyone)]
    #[case("postgresql://u@db/x?sslmode=verify-full", SslMode::Require, Trust::Certified { roots: None })]
    #[case(
        "postgresql://u@db/x?sslrootcert=/ca.pem&sslmode=verify-ca",
        SslMode::Require,
        Trust::Certified { roots: Some("/ca.pem".into()) }
    )]
    #[case("postgresql://u@db/x?sslrootcert=system", SslMode::Require, Trust::Certified { roots: None })]
    #[case(
        "postgresql://u@db/x?sslmode=require&sslrootcert=/ca.pem",
        SslMode::Require,
        Trust::Certified { roots: Some("/ca.pem".into()) }
    )]
    #[case("postgresql://u@db/x?sslrootcert=/ca.pem", SslMode::Prefer, Trust::Anyone)]
    fn sslmode_counts_as_in_libpq(#[case] url: &str, #[case] mode: SslMode, #[case] trust: Trust) {
        let server = Server::parse(url).unwrap();
        assert_eq!((server.config.get_ssl_mode(), server.trust), (mode, trust));
    }

    #[rstest]
    #[case("mysql://db/x")]
    #[case("postgresql:///x")]
    #[case("postgresql://db/x?schema=a")]
    fn what_libpq_would_not_take_is_refused(#[case] url: &str) {
        assert!(Server::parse(url).is_err(), "{url}");
    }

    #[rstest]
    #[case("postgresql://u@localhost/x", true)]
    #[case("postgresql://u@127.0.0.2/x", true)]
    #[case("postgresql://u@[::1]/x", true)]
    #[case("postgresql://u@db.example.com/x", false)]
    #[case("postgresql://u@localhost,db.example.com/x", false)]
    #[case("postgresql://u@localhost/x?hostaddr=10.0.0.1", false)]
    fn only_this_machine_is_near(#[case] url: &str, #[case] near: bool) {
        assert_eq!(Server::parse(url).unwrap().is_of_this_machine(), near);
    }

    #[test]
    fn a_password_is_not_in_what_is_logged() {
        let shown = format!("{:?}", Server::parse("postgresql://u:secret@db/x").unwrap());
        assert!(!shown.contains("secret"), "{shown}");
    }
}
