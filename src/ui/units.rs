//! Bytes, durations and times as people write and read them.

use std::time::Duration;

use jiff::{Timestamp, Zoned, civil, tz::TimeZone};

/// `1.5 GB`; powers of 1000, as disks and downloads are sold.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = n as f64;
    let mut unit = 0;
    // 999.95 would be shown as 1000.0.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{n} B"),
        _ if value < 9.95 => format!("{value:.1} {}", UNITS[unit]),
        _ => format!("{value:.0} {}", UNITS[unit]),
    }
}

/// `0.4s`, `12s`, `3m 12s`, `2h 5m`, `3d 4h`.
pub fn duration(d: Duration) -> String {
    let s = d.as_secs();
    match s {
        0..10 => format!("{:.1}s", d.as_secs_f64()),
        10..60 => format!("{s}s"),
        60..3600 => format!("{}m {}s", s / 60, s % 60),
        3600..86400 => format!("{}h {}m", s / 3600, s % 3600 / 60),
        _ => format!("{}d {}h", s / 86400, s % 86400 / 3600),
    }
}

/// Reads a point in time: `10m` or `2h30m` (ago), `2026-01-01`, `2026-01-01T10:00` (local time), or with an
/// offset as in RFC 3339.
///
/// # Errors
/// What is wrong with the text.
pub fn point_in_time(text: &str, now: &Zoned) -> Result<Timestamp, String> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Ok(timestamp);
    }
    if let Ok(local) = text.parse::<civil::DateTime>() {
        return local.to_zoned(TimeZone::system()).map(|z| z.timestamp()).map_err(|e| e.to_string());
    }
    let wrong = || format!("`{text}` is no time: use `10m`, `2h30m`, `2026-01-01T10:00` or RFC 3339");
    let ago: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
    if ago.is_negative() {
        return Err(wrong());
    }
    now.timestamp().checked_sub(ago).map_err(|_| wrong())
}

/// A number with its noun: `1 check`, `2 checks`.
pub fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("{n} {noun}") } else { format!("{n} {noun}s") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn bytes_have_two_or_three_digits() {
        let shown = [0, 999, 1_000, 9_949, 9_951, 999_499, 999_501, 26_500_000, 1_100_000_000].map(bytes);
        assert_eq!(shown, ["0 B", "999 B", "1.0 kB", "9.9 kB", "10 kB", "999 kB", "1.0 MB", "26 MB", "1.1 GB"]);
    }

    #[test]
    fn durations_have_two_parts_at_most() {
        let shown = [0.42, 9.99, 12.3, 192.0, 7500.0, 273_600.0].map(|s| duration(Duration::from_secs_f64(s)));
        assert_eq!(shown, ["0.4s", "10.0s", "12s", "3m 12s", "2h 5m", "3d 4h"]);
    }

    #[test]
    fn times_are_ago_or_absolute() {
        let now: Zoned = "2026-03-01T12:00:00+00:00[UTC]".parse().unwrap();
        let at = |text: &str| point_in_time(text, &now).map(|t| t.to_string());
        assert_eq!(at("10m").unwrap(), "2026-03-01T11:50:00Z");
        assert_eq!(at("2h30m").unwrap(), "2026-03-01T09:30:00Z");
        assert_eq!(at("2026-01-01T00:00:00+01:00").unwrap(), "2025-12-31T23:00:00Z");
        assert!(at("2026-01-01").is_ok());
        assert!(at("2026-01-01T10:00").is_ok());
        for wrong in ["", "10", "yesterday", "-5m", "99999999999999999h"] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
    }
}
