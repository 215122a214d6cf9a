//! `\d` and its like.

use plattr_db::shell::Grid;
use plattr_db::shell::command::Command;
use plattr_db::shell::describe::listing;
use plattr_db::shell::pattern::Pattern;
use plattr_db::shell::relation::{Described, footer_lines, relations_matching};

use super::{Shell, Stop};
use crate::ui::error::{CommandError, ErrorKind};

impl Shell<'_> {
    /// Lists or describes; false for a command that does neither.
    pub async fn describe(&mut self, command: &Command<'_>) -> Result<bool, Stop> {
        let pattern = Pattern::parse(command.pattern()).map_err(|wrong| {
            CommandError::new(ErrorKind::Usage, "pattern", wrong)
                .hint("`\\l` lists the databases, `\\c` goes to another")
        })?;
        let Some(listing) = listing(command.name, command.more, &pattern) else { return Ok(false) };
        if command.name == "d" && !pattern.is_any() {
            self.relations(&pattern, command).await?;
            return Ok(true);
        }
        let mut grid = self.ask(&listing.sql).await?;
        if grid.rows.is_empty() && !matches!(command.name, "dn" | "du" | "dx" | "df" | "dT" | "dp" | "l") {
            self.nothing(listing.what, command.pattern());
            return Ok(true);
        }
        grid.title = Some(listing.title.to_owned());
        if command.name == "du" {
            // As psql, which does not count roles.
            grid.footer = Some(Vec::new());
        }
        self.grid(&grid)?;
        Ok(true)
    }

    /// Describes every relation that a pattern matches.
    async fn relations(&mut self, pattern: &Pattern, command: &Command<'_>) -> Result<(), Stop> {
        let found = self.ask(&relations_matching(pattern)).await?;
        if found.rows.is_empty() {
            self.nothing("relations", command.pattern());
        }
        for row in found.rows {
            let text = |column: usize| row.get(column).cloned().flatten().unwrap_or_default();
            let relation = Described {
                oid: text(0).parse().unwrap_or_default(),
                schema: text(1),
                name: text(2),
                kind: text(3).chars().next().unwrap_or_default(),
                unlogged: text(4) == "u",
            };
            let columns = self.ask(&relation.columns(command.more)).await?;
            let below = self.ask(&relation.footers(command.more)).await?;
            let answers: Vec<_> = below
                .rows
                .into_iter()
                .map(|row| (row.first().cloned().flatten(), row.get(1).cloned().flatten()))
                .collect();
            let footer = Some(footer_lines(&answers));
            self.grid(&Grid { title: Some(relation.title()), footer, numbers: relation.kind == 'S', ..columns })?;
        }
        Ok(())
    }

    fn nothing(&self, what: &str, pattern: &str) {
        let text = match pattern {
            "" => format!("there are no {what} in the search path; a pattern such as `*.*` finds others"),
            pattern => format!("no {what} match `{pattern}`"),
        };
        self.voice.say(text);
    }
}
