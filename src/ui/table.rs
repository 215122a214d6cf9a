//! Tables: aligned, without borders, readable without colour.

use console::measure_text_width;

use crate::ui::style::Style;

/// A table. Cells may hold colours.
#[derive(Debug, Default)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// Between two columns.
const GAP: &str = "  ";

impl Table {
    /// A table with these column titles.
    pub fn new<const N: usize>(header: [&str; N]) -> Self {
        Self { header: header.map(str::to_owned).into(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The lines, each with its end; columns that are empty everywhere are left out.
    pub fn render(&self, style: Style) -> String {
        let cells = |column: usize| self.rows.iter().filter_map(move |r| r.get(column));
        let used: Vec<_> = (0..self.header.len()).filter(|c| cells(*c).any(|cell| !cell.is_empty())).collect();
        let width = |c: usize| {
            cells(c).map(|s| measure_text_width(s)).chain([measure_text_width(&self.header[c])]).max().unwrap_or(0)
        };
        let widths: Vec<_> = used.iter().map(|c| width(*c)).collect();
        let line = |row: &[String], paint: &dyn Fn(&str) -> String| {
            let mut line = String::new();
            for (c, width) in used.iter().zip(&widths) {
                let cell = row.get(*c).map_or("", String::as_str);
                line += &paint(cell);
                line += &" ".repeat(width - measure_text_width(cell));
                line += GAP;
            }
            format!("{}\n", line.trim_end())
        };
        let header = line(&self.header, &|title| style.dim(title));
        self.rows.iter().map(|row| line(row, &str::to_owned)).fold(header, |text, row| text + &row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["SERVICE", "STATE", "NOTE"]);
        table.row(["postgres".into(), Style::new(true).good("running"), String::new()]);
        table.row(["pöstgrest-todo".into(), "stopped".into(), String::new()]);
        table
    }

    #[test]
    fn columns_are_aligned_and_empty_ones_left_out() {
        let plain = console::strip_ansi_codes(&table().render(Style::new(false))).into_owned();
        assert_eq!(plain, "SERVICE         STATE\npostgres        running\npöstgrest-todo  stopped\n");
    }

    #[test]
    fn colours_do_not_move_columns() {
        let coloured = table().render(Style::new(true));
        assert!(coloured.contains("\u{1b}[2mSERVICE\u{1b}[0m"));
        assert_eq!(console::strip_ansi_codes(&coloured), console::strip_ansi_codes(&table().render(Style::new(false))));
    }
}
