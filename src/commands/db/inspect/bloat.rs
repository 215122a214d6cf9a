//! Dead rows and empty pages, as text.

use plattr_db::inspect::bloat::Bloat;

use super::view::{View, number, percent};
use crate::ui::units;

/// A line for each table, with the share that is wasted as a bar.
pub fn text(bloat: &Bloat, view: &View) -> String {
    if bloat.tables.is_empty() {
        return "No table holds anything that the server has counted.\n".to_owned();
    }
    let rows = bloat
        .tables
        .iter()
        .map(|table| {
            [
                view.name(&table.schema, &table.name),
                units::bytes(table.bytes),
                table.wasted_bytes.map_or_else(|| "unknown".to_owned(), units::bytes),
                percent(table.wasted_share),
                view.bar(table.wasted_share.unwrap_or(0.0)),
                number(table.live_rows),
                number(table.dead_rows),
                percent(table.dead_share),
                view.ago(table.last_vacuum),
            ]
        })
        .collect();
    let header = ["TABLE", "SIZE", "WASTED (EST.)", "SHARE", "", "LIVE ROWS", "DEAD ROWS", "DEAD", "LAST VACUUM"];
    let wasted: u64 = bloat.tables.iter().filter_map(|table| table.wasted_bytes).sum();
    format!(
        "{}{} wasted by estimate. `VACUUM` makes it usable again; only `VACUUM FULL`, which locks the table, gives it back.\n",
        view.table(header, rows),
        units::bytes(wasted)
    )
}
