//! Provisioning of what one application needs in one environment.

/// One thing that was tried end to end.
#[derive(Debug, Clone)]
pub struct Check {
    /// Service: `postgres`.
    pub service: &'static str,
    /// Stable identifier within the service: `ddl-denied`.
    pub name: &'static str,
    /// Whether it was as it should be.
    pub passed: bool,
    /// What was seen; where it failed, what and why.
    pub detail: String,
    /// What to do, where it failed.
    pub hint: Option<String>,
}
