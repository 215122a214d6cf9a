//! Which tables take the space, as text.

use plattr_db::inspect::sizes::Sizes;

use super::view::{View, number, percent};
use crate::ui::units;

/// A line for each table, with its share of them all as a bar.
pub fn text(sizes: &Sizes, view: &View) -> String {
    let all: u64 = sizes.tables.iter().map(|table| table.total_bytes).sum();
    let rows = sizes
        .tables
        .iter()
        .map(|table| {
            let share = if all == 0 { 0.0 } else { table.total_bytes as f64 / all as f64 };
            [
                view.name(&table.schema, &table.name),
                table.rows.map(|rows| number(rows.unsigned_abs())).unwrap_or_default(),
                if table.partitions > 0 { table.partitions.to_string() } else { String::new() },
                units::bytes(table.table_bytes),
                units::bytes(table.toast_bytes),
                units::bytes(table.index_bytes),
                units::bytes(table.total_bytes),
                percent(Some(share)),
                view.bar(share),
            ]
        })
        .collect();
    let header = ["TABLE", "ROWS (EST.)", "PARTITIONS", "ROWS TAKE", "LONG VALUES", "INDEXES", "TOTAL", "SHARE", ""];
    let tables = units::counted(sizes.tables.len(), "table");
    format!(
        "{}{tables}: {} of the database's {}\n",
        if sizes.tables.is_empty() { String::new() } else { view.table(header, rows) },
        units::bytes(all),
        units::bytes(sizes.database_bytes),
    )
}
