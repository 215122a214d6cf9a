//! When tables were last vacuumed, as text.

use plattr_db::inspect::vacuum::Vacuum;

use super::view::{View, number, percent};

/// A line for each table, with how near its next vacuum is as a bar; then those that run.
pub fn text(vacuum: &Vacuum, view: &View) -> String {
    let mut text = String::new();
    if vacuum.tables.is_empty() {
        text += "There are no tables.\n";
    } else {
        let rows = vacuum
            .tables
            .iter()
            .map(|table| {
                let mut note = Vec::new();
                if !table.automatic {
                    note.push("not automatic");
                }
                if table.age >= vacuum.freeze_max_age {
                    note.push("must be frozen");
                }
                [
                    view.name(&table.schema, &table.name),
                    number(table.dead_rows),
                    number(table.dead_rows_limit),
                    percent(Some(table.nearness())),
                    view.bar(table.nearness()),
                    view.ago(table.last_vacuum.max(table.last_autovacuum)),
                    view.ago(table.last_analyze.max(table.last_autoanalyze)),
                    number(table.changed_rows),
                    percent(Some(table.age as f64 / vacuum.freeze_max_age.max(1) as f64)),
                    note.join(", "),
                ]
            })
            .collect();
        let header =
            ["TABLE", "DEAD ROWS", "VACUUM AT", "DUE", "", "VACUUMED", "ANALYSED", "CHANGED SINCE", "AGE", "NOTE"];
        text += &view.table(header, rows);
        text += &format!(
            "AGE: how many of the {} transactions have passed after which the server freezes a table\n",
            number(vacuum.freeze_max_age)
        );
    }
    for running in &vacuum.running {
        let phase = running.phase.as_deref().unwrap_or("phase hidden");
        text += &format!("running: {} ({phase}, process {}) ", running.table, running.pid);
        text +=
            format!("{} {}\n", percent(running.done_share), view.bar(running.done_share.unwrap_or(0.0))).trim_start();
    }
    text
}
