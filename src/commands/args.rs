//! Values of arguments that several commands take.

use jiff::{Timestamp, Zoned};

use crate::services;
use crate::ui::units;

/// The name of a service.
///
/// # Errors
/// The names that there are.
pub fn service(name: &str) -> Result<&'static str, String> {
    services::find(name).map(|s| s.name()).ok_or_else(|| {
        let names: Vec<&str> = services::ALL.iter().map(|s| s.name()).collect();
        format!("there is no such service; choose from {}", names.join(", "))
    })
}

/// A point in time, absolute or so long ago.
///
/// # Errors
/// What is wrong with it.
pub fn since(text: &str) -> Result<Timestamp, String> {
    units::point_in_time(text, &Zoned::now())
}

/// A pair `OLD=NEW`.
///
/// # Errors
/// If it is none.
pub fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((old, new)) if !old.is_empty() && !new.is_empty() => Ok((old.to_owned(), new.to_owned())),
        _ => Err("write it as OLD=NEW, such as DATABASE_URL=DB_URL".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_have_two_sides() {
        assert_eq!(pair("A=B"), Ok(("A".into(), "B".into())));
        for wrong in ["A", "=B", "A=", ""] {
            assert!(pair(wrong).is_err(), "{wrong}");
        }
    }
}
