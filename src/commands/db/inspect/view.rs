//! How numbers, names and times of a database are shown.

use std::time::Duration;

use jiff::Timestamp;

use crate::ui::plot::Plot;
use crate::ui::style::Style;
use crate::ui::table::Table;
use crate::ui::units;

/// Columns that a bar takes at most.
const BAR: usize = 24;

/// How answers are shown.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Colours.
    pub style: Style,
    /// What can be drawn.
    pub plot: Plot,
    /// Lines of a table.
    pub limit: usize,
    /// Whether names need their schema.
    pub schemas: bool,
    /// Whether it is the project's own server, of which nobody is superuser.
    pub local: bool,
    /// What times are measured from.
    pub now: Timestamp,
}

impl View {
    /// The name of a table or an index.
    pub fn name(&self, schema: &str, name: &str) -> String {
        if self.schemas { format!("{schema}.{name}") } else { name.to_owned() }
    }

    /// A bar for a share.
    pub fn bar(&self, share: f64) -> String {
        self.plot.bar(share, BAR)
    }

    /// How long ago something was; nothing where it never was.
    pub fn ago(&self, time: Option<Timestamp>) -> String {
        time.map(|time| format!("{} ago", units::duration(self.now.duration_since(time).unsigned_abs())))
            .unwrap_or_default()
    }

    /// A table of at most as many rows as wanted, and how many more there are.
    pub fn table<const N: usize>(&self, header: [&str; N], rows: Vec<[String; N]>) -> String {
        let more = rows.len().saturating_sub(self.limit);
        let mut table = Table::new(header);
        rows.into_iter().take(self.limit).for_each(|row| table.row(row));
        let mut text = table.render(self.style);
        if more > 0 {
            text += &format!("{}\n", self.style.dim(&format!("… and {more} more; `--limit 0` shows all")));
        }
        text
    }
}

/// `12%`; nothing where there is no whole.
pub fn percent(share: Option<f64>) -> String {
    match share {
        None => String::new(),
        Some(share) if share > 0.0 && share < 0.01 => "<1%".to_owned(),
        Some(share) => format!("{:.0}%", share * 100.0),
    }
}

/// `1,234,567`
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

/// Seconds as people write them; nothing where unknown.
pub fn seconds(seconds: Option<f64>) -> String {
    seconds.and_then(|s| Duration::try_from_secs_f64(s).ok()).map(units::duration).unwrap_or_default()
}

/// Milliseconds as people write them.
pub fn milliseconds(ms: f64) -> String {
    match ms {
        ms if ms < 1.0 => format!("{ms:.2}ms"),
        ms if ms < 1000.0 => format!("{ms:.0}ms"),
        ms => seconds(Some(ms / 1000.0)),
    }
}

/// A statement in one line of at most `width` characters.
pub fn one_line(sql: &str, width: usize) -> String {
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= width {
        return line;
    }
    line.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_groups_of_three_digits() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_small_share_is_not_nothing() {
        assert_eq!([None, Some(0.0), Some(0.004), Some(0.5)].map(percent), ["", "0%", "<1%", "50%"]);
    }

    #[test]
    fn milliseconds_have_two_or_three_digits() {
        assert_eq!(
            [0.123, 12.3, 999.0, 1234.0, 100_000.0].map(milliseconds),
            ["0.12ms", "12ms", "999ms", "1.2s", "1m 40s"]
        );
    }

    #[test]
    fn a_statement_is_shown_in_one_line() {
        assert_eq!(one_line("SELECT 1,\n   2", 20), "SELECT 1, 2");
        assert_eq!(one_line("SELECT größe FROM x", 10), "SELECT gr…");
    }
}
