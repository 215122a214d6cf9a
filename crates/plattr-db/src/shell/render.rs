//! Results as text: tables as psql draws them, one column a line for wide ones, CSV and JSON.

use std::fmt::Write as _;

use tokio_postgres::types::Type;
use unicode_width::UnicodeWidthChar;

/// On which side a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A result that is whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grid {
    /// What stands above it.
    pub title: Option<String>,
    /// Names.
    pub columns: Vec<String>,
    /// Rows; none is NULL.
    pub rows: Vec<Vec<Option<String>>>,
    /// Lines below it. `None` counts the rows there.
    pub footer: Option<Vec<String>>,
    /// Whether columns of numbers stand on the right.
    pub numbers: bool,
}

/// A text of several lines, ready for a terminal: what would move the cursor or change colours is written out.
fn lines(text: &str) -> Cell {
    text.split('\n').map(visible).collect()
}

fn visible(line: &str) -> (String, usize) {
    let (mut shown, mut width) = (String::with_capacity(line.len()), 0);
    for c in line.chars() {
        match c {
            '\t' => {
                let blanks = 8 - width % 8;
                shown.extend(std::iter::repeat_n(' ', blanks));
                width += blanks;
            }
            '\r' => {
                shown += "\\r";
                width += 2;
            }
            c if c.is_control() => {
                let escaped =
                    if c.is_ascii() { format!("\\x{:02X}", c as u32) } else { format!("\\u{:04X}", c as u32) };
                width += escaped.len();
                shown += &escaped;
            }
            c => {
                width += c.width().unwrap_or(0);
                shown.push(c);
            }
        }
    }
    (shown, width)
}

fn blanks(n: usize) -> String {
    " ".repeat(n)
}

impl Grid {
    /// A result with these columns.
    pub fn new(columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { columns: columns.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    fn footer(&self) -> Vec<String> {
        match (&self.footer, self.rows.len()) {
            (Some(lines), _) => lines.clone(),
            (None, 1) => vec!["(1 row)".to_owned()],
            (None, n) => vec![format!("({n} rows)")],
        }
    }

    /// The protocol gives texts without their types here, so a column counts as one of numbers when all its values
    /// are.
    fn align(&self, column: usize) -> Align {
        let mut values = self.rows.iter().filter_map(|row| row.get(column)?.as_deref()).peekable();
        let numbers = self.numbers && values.peek().is_some() && values.all(is_number);
        if numbers { Align::Right } else { Align::Left }
    }

    /// As a table.
    pub fn aligned(&self) -> String {
        let (header, cells) = self.cells();
        let widths = widths(&header, &cells);
        let aligns: Vec<Align> = (0..self.columns.len()).map(|c| self.align(c)).collect();

        let mut text = String::new();
        if let Some(title) = &self.title {
            let total = (widths.iter().sum::<usize>() + widths.len() * 3).saturating_sub(1);
            let width = visible(title).1;
            let _ = writeln!(text, "{}{title}", blanks(total.saturating_sub(width) / 2));
        }
        if widths.is_empty() {
            text += "--\n";
        } else {
            head(&mut text, &header, &widths);
            for row in &cells {
                body(&mut text, row, &widths, &aligns);
            }
        }
        for line in self.footer() {
            text += &line;
            text.push('\n');
        }
        text.push('\n');
        text
    }

    /// With each column of each row in a line of its own.
    pub fn expanded(&self) -> String {
        let mut text = String::new();
        if self.rows.is_empty() || self.columns.is_empty() {
            return self.footer().join("\n") + "\n\n";
        }
        if let Some(title) = &self.title {
            let _ = writeln!(text, "{title}");
        }
        let (names, values) = self.cells();
        let widest =
            |cells: &mut dyn Iterator<Item = &Cell>| cells.flatten().map(|(_, width)| *width).max().unwrap_or(0);
        let name_width = widest(&mut names.iter());
        let value_width = widest(&mut values.iter().flatten());
        for (nth, row) in values.iter().enumerate() {
            let mut rule = format!("-[ RECORD {} ]", nth + 1);
            while rule.len() < name_width + 1 {
                rule.push('-');
            }
            if rule.len() == name_width + 1 {
                rule += "+-";
            }
            while rule.len() < name_width + 3 + value_width {
                rule.push('-');
            }
            text += &rule;
            text.push('\n');
            for (name, value) in names.iter().zip(row) {
                record(&mut text, name, name_width, value, value_width);
            }
        }
        if let Some(footer) = &self.footer {
            for line in footer {
                let _ = write!(text, "\n{line}");
            }
            if !footer.is_empty() {
                text.push('\n');
            }
        }
        text.push('\n');
        text
    }

    /// How many columns of a terminal a row of the table takes.
    pub fn width(&self) -> usize {
        let (header, cells) = self.cells();
        widths(&header, &cells).iter().map(|width| width + 3).sum()
    }

    /// Names and values, as lines.
    fn cells(&self) -> (Vec<Cell>, Vec<Vec<Cell>>) {
        let value = |value: &Option<String>| lines(value.as_deref().unwrap_or_default());
        let header = self.columns.iter().map(|name| lines(name)).collect();
        (header, self.rows.iter().map(|row| row.iter().map(value).collect()).collect())
    }
}

/// Lines, and how many columns of a terminal each takes.
type Cell = Vec<(String, usize)>;

/// How wide each column is.
fn widths(header: &[Cell], cells: &[Vec<Cell>]) -> Vec<usize> {
    let widest = |cell: &Cell| cell.iter().map(|(_, width)| *width).max().unwrap_or(0);
    let column = |c: usize| cells.iter().filter_map(move |row| row.get(c)).chain([&header[c]]);
    (0..header.len()).map(|c| column(c).map(widest).max().unwrap_or(0)).collect()
}

/// One column of one row in lines of its own.
fn record(text: &mut String, name: &Cell, name_width: usize, value: &Cell, value_width: usize) {
    for line in 0..name.len().max(value.len()) {
        let (part, width) = name.get(line).map_or(("", 0), |(part, width)| (part.as_str(), *width));
        let mark = if line + 1 < name.len() { '+' } else { ' ' };
        let _ = write!(text, "{part}{}{mark}|", blanks(name_width - width));
        if let Some((part, width)) = value.get(line) {
            let _ = write!(text, " {part}");
            if line + 1 < value.len() {
                let _ = write!(text, "{}+", blanks(value_width - width));
            }
        }
        text.push('\n');
    }
}

/// The names of columns, and the rule below them.
fn head(text: &mut String, names: &[Cell], widths: &[usize]) {
    let height = names.iter().map(Vec::len).max().unwrap_or(1);
    for line in 0..height {
        let cells: Vec<String> = names
            .iter()
            .zip(widths)
            .map(|(name, width)| {
                let (part, taken) = name.get(line).map_or(("", 0), |(part, width)| (part.as_str(), *width));
                let free = width - taken;
                let mark = if line + 1 < name.len() { '+' } else { ' ' };
                format!(" {}{part}{}{mark}", blanks(free / 2), blanks(free.div_ceil(2)))
            })
            .collect();
        *text += &cells.join("|");
        text.push('\n');
    }
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
    *text += &rule.join("+");
    text.push('\n');
}

/// One row, which has as many lines as its highest cell.
fn body(text: &mut String, row: &[Cell], widths: &[usize], aligns: &[Align]) {
    let height = row.iter().map(Vec::len).max().unwrap_or(1);
    for line in 0..height {
        for (column, cell) in row.iter().enumerate() {
            let last = column + 1 == row.len();
            let width = widths[column];
            let more = line + 1 < cell.len();
            text.push(' ');
            match cell.get(line) {
                None if last => {}
                None => *text += &blanks(width),
                Some((part, taken)) if aligns[column] == Align::Right => {
                    *text += &blanks(width - taken);
                    *text += part;
                }
                Some((part, taken)) => {
                    *text += part;
                    if !last || more {
                        *text += &blanks(width - taken);
                    }
                }
            }
            match (more, last) {
                (true, _) => text.push('+'),
                (false, false) => text.push(' '),
                (false, true) => {}
            }
            if !last {
                text.push('|');
            }
        }
        text.push('\n');
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'))
        && text.parse::<f64>().is_ok()
        || matches!(text, "NaN" | "Infinity" | "-Infinity")
}

/// One record of CSV with its line end; NULL is an empty field.
///
/// # Errors
/// None in practice: memory does not refuse to be written.
pub fn csv(fields: &[Option<&str>]) -> Result<String, csv::Error> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(fields.iter().map(|field| field.unwrap_or_default()))?;
    let bytes = writer.into_inner().map_err(|e| csv::Error::from(std::io::Error::other(e.to_string())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What a column is in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonKind {
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// JSON itself.
    Json,
    /// Text of any other type, as the server writes it.
    Text,
}

impl From<&Type> for JsonKind {
    fn from(kind: &Type) -> Self {
        match *kind {
            Type::INT2 | Type::INT4 | Type::INT8 | Type::FLOAT4 | Type::FLOAT8 | Type::NUMERIC | Type::OID => {
                Self::Number
            }
            Type::BOOL => Self::Boolean,
            Type::JSON | Type::JSONB => Self::Json,
            _ => Self::Text,
        }
    }
}

/// Names for the members of an object: the second `count` is `count_2`.
pub fn json_names(columns: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(columns.len());
    for column in columns {
        let mut name = column.clone();
        let mut nth = 2;
        while names.contains(&name) {
            name = format!("{column}_{nth}");
            nth += 1;
        }
        names.push(name);
    }
    names
}

/// A row as an object in one line.
pub fn json(names: &[String], kinds: &[JsonKind], values: &[Option<&str>]) -> String {
    let members: Vec<String> = names
        .iter()
        .zip(values)
        .enumerate()
        .map(|(at, (name, value))| {
            let kind = kinds.get(at).copied().unwrap_or(JsonKind::Text);
            format!("{}:{}", string(name), value.map_or_else(|| "null".to_owned(), |value| member(kind, value)))
        })
        .collect();
    format!("{{{}}}", members.join(","))
}

fn member(kind: JsonKind, value: &str) -> String {
    match kind {
        JsonKind::Boolean => (value == "t").to_string(),
        // NaN and the infinities are no numbers there.
        JsonKind::Number if value.parse::<f64>().is_ok_and(f64::is_finite) => value.to_owned(),
        // Line ends in it stand between values only, and a row is one line.
        JsonKind::Json => value.replace(['\n', '\r'], " "),
        JsonKind::Number | JsonKind::Text => string(value),
    }
}

fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn grid() -> Grid {
        let row = |id: &str, title: Option<&str>| vec![Some(id.to_owned()), title.map(str::to_owned)];
        let rows = vec![row("1", Some("milk")), row("22", None), row("-3.5", Some("日本\nü"))];
        Grid { rows, numbers: true, ..Grid::new(["id", "title"]) }
    }

    #[test]
    fn tables_are_drawn_as_psql_does() {
        let wanted = "  id  | title \n------+-------\n    1 | milk\n   22 | \n -3.5 | 日本 +\n      | ü\n(3 rows)\n\n";
        assert_eq!(grid().aligned(), wanted);
    }

    #[test]
    fn an_empty_table_has_its_head() {
        assert_eq!(Grid::new(["a", "b"]).aligned(), " a | b \n---+---\n(0 rows)\n\n");
    }

    #[test]
    fn a_title_stands_in_the_middle_and_the_footer_below() {
        let grid = Grid { title: Some("List".into()), footer: Some(vec!["end".into()]), ..Grid::new(["abcdefgh"]) };
        assert_eq!(grid.aligned(), "   List\n abcdefgh \n----------\nend\n\n");
    }

    #[test]
    fn wide_results_are_shown_column_by_column() {
        let wanted = "-[ RECORD 1 ]\nid    | 1\ntitle | milk\n-[ RECORD 2 ]\nid    | 22\ntitle | \n\
                      -[ RECORD 3 ]\nid    | -3.5\ntitle | 日本+\n      | ü\n\n";
        assert_eq!(grid().expanded(), wanted);
    }

    #[test]
    fn nothing_in_a_value_reaches_the_terminal_as_a_command() {
        let grid = Grid { rows: vec![vec![Some("a\u{1b}[31m\tb\r\u{85}".into())]], ..Grid::new(["x"]) };
        assert!(grid.aligned().contains("a\\x1B[31m       b\\r\\u0085\n"), "{}", grid.aligned());
    }

    #[test]
    fn csv_quotes_what_needs_it() {
        assert_eq!(csv(&[Some("a"), None, Some("b,\"c\"\nd")]).unwrap(), "a,,\"b,\"\"c\"\"\nd\"\n");
    }

    #[test]
    fn json_has_numbers_booleans_and_json_as_they_are() {
        let names = json_names(&["n", "n", "b", "j", "t", "f"].map(str::to_owned));
        let kinds = [Type::NUMERIC, Type::INT4, Type::BOOL, Type::JSON, Type::TEXT, Type::FLOAT8]
            .each_ref()
            .map(JsonKind::from);
        let values = [Some("1.10"), None, Some("t"), Some("{\"a\":\n1}"), Some("1\n\"x\""), Some("NaN")];
        let line = json(&names, &kinds, &values);
        assert_eq!(line, r#"{"n":1.10,"n_2":null,"b":true,"j":{"a": 1},"t":"1\n\"x\"","f":"NaN"}"#);
        assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok());
    }
}
