//! How to tell that a service answers, as a value and its evaluation.

/// A probe.
#[derive(Debug, Clone)]
pub enum Probe {
    /// `GET url` answers with a status below 400, and its body holds `contains` if given.
    Http {
        /// URL.
        url: String,
        /// Text in the body.
        contains: Option<String>,
    },
    /// A login works and `SELECT 1` answers.
    Postgres {
        /// libpq URL.
        url: String,
    },
    /// `PING` answers.
    Redis {
        /// Redis URL.
        url: String,
    },
}

/// What a probe that fails says.
#[derive(Debug, Clone)]
pub struct NotReady(pub String);

impl Probe {
    /// Asks once.
    ///
    /// # Errors
    /// What was seen instead of an answer.
    pub async fn check(&self) -> Result<(), NotReady> {
        Err(NotReady(format!("{self:?}")))
    }
}
