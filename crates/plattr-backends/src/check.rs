//! What `verify` found, and the names of the objects that it makes for a moment.

use std::fmt::Display;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Service: `postgres`, `postgrest`, `storage`, `keycloak`, `redis` or `opensearch`.
    pub service: &'static str,
    /// Stable name, such as `ddl-denied`.
    pub name: &'static str,
    /// Whether it was as it must be.
    pub passed: bool,
    /// What was seen; where it failed, what and why.
    pub detail: String,
    /// What to do about a failure.
    pub hint: Option<String>,
}

/// Makes the checks of one service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checks(pub &'static str);

impl Checks {
    pub(crate) fn pass(self, name: &'static str, detail: impl Into<String>) -> Check {
        Check { service: self.0, name, passed: true, detail: detail.into(), hint: None }
    }

    pub(crate) fn fail(self, name: &'static str, detail: impl Into<String>, hint: &str) -> Check {
        let hint = (!hint.is_empty()).then(|| hint.to_owned());
        Check { service: self.0, name, passed: false, detail: detail.into(), hint }
    }

    /// A check from a result whose error says what went wrong.
    pub(crate) fn result<E: Display>(self, name: &'static str, result: Result<String, E>, hint: &str) -> Check {
        match result {
            Ok(detail) => self.pass(name, detail),
            Err(error) => self.fail(name, error.to_string(), hint),
        }
    }
}

/// How long a leftover of a killed `verify` may lie before another one removes it. Long enough that no
/// running `verify` loses what it works with.
const LEFTOVER_AFTER: Duration = Duration::from_secs(300);

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Random bytes in hexadecimal.
pub(crate) fn random_hex(bytes: usize) -> String {
    let mut buffer = vec![0_u8; bytes];
    // A check's name has to be unlikely, not unguessable; the clock serves where the system has no entropy.
    if getrandom::fill(&mut buffer).is_err() {
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
        buffer.iter_mut().zip(nanos.to_le_bytes()).for_each(|(b, n)| *b = n);
    }
    hex(&buffer)
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// A name that says when it was made, so that leftovers can be told from what a running `verify` uses.
pub(crate) fn temporary_name(prefix: &str, separator: char) -> String {
    format!("{prefix}{:x}{separator}{}", now(), random_hex(4))
}

/// Whether `name` was made by [`temporary_name`] so long ago that its `verify` cannot run any more.
pub(crate) fn is_leftover(name: &str, prefix: &str, separator: char) -> bool {
    name.strip_prefix(prefix)
        .and_then(|rest| rest.split_once(separator))
        .and_then(|(made, _)| u64::from_str_radix(made, 16).ok())
        .is_some_and(|made| now().saturating_sub(made) > LEFTOVER_AFTER.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_temporary_name_is_not_a_leftover() {
        assert!(!is_leftover(&temporary_name("plattr_check_", '_'), "plattr_check_", '_'));
    }

    #[test]
    fn an_old_temporary_name_is_a_leftover_and_other_names_never_are() {
        assert!(is_leftover("plattr_check_5f000000_ab", "plattr_check_", '_'));
        for name in ["todos", "plattr_check_", "plattr_check_mine", "plattr_check_zz_1"] {
            assert!(!is_leftover(name, "plattr_check_", '_'), "{name}");
        }
    }
}
