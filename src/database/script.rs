//! A dump as a script on its way to psql: what a restore leaves out of it, without looking at rows.

use plattr_db::quote;

/// What is wrong with a script.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// pg_dump writes a last line, which is missing.
    #[error("the dump ends before its end: it was cut off")]
    CutOff,
    /// It is a dump of another schema.
    #[error("the dump is of the schema {0}")]
    OtherSchema(String),
}

/// The line that pg_dump ends with.
const LAST: &[u8] = b"-- PostgreSQL database dump complete";
/// The line that it begins with.
const FIRST: &[u8] = b"-- PostgreSQL database dump";

/// Leaves out of a script what makes, drops or describes the schema itself, which is there already and belongs to
/// plattr, and pg_dump's own `\restrict`, because one that the reader chose holds.
pub struct Script {
    names: [String; 2],
    /// Whether dumps of other schemas are refused.
    only: bool,
    line: Vec<u8>,
    /// Rows follow, up to a line with `\.`.
    rows: bool,
    restricted: Option<Vec<u8>>,
    /// A text that is left out goes on in the next line.
    leaving: bool,
    dump: bool,
    complete: bool,
}

impl Script {
    /// A script for a schema; with `only`, no dump of another one is let through.
    pub fn new(schema: &str, only: bool) -> Self {
        let names = [schema.to_owned(), quote(schema)];
        Self {
            names,
            only,
            line: Vec::new(),
            rows: false,
            restricted: None,
            leaving: false,
            dump: false,
            complete: false,
        }
    }

    /// Takes a piece of the script; what psql is to get is added to `out`.
    ///
    /// # Errors
    /// [`ScriptError::OtherSchema`]
    pub fn feed(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<(), ScriptError> {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.end_of_line(out)?;
            }
        }
        Ok(())
    }

    /// Ends the script.
    ///
    /// # Errors
    /// [`ScriptError::CutOff`], or as [`Script::feed`]
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), ScriptError> {
        if !self.line.is_empty() {
            self.line.push(b'\n');
            self.end_of_line(out)?;
        }
        if self.rows || (self.dump && !self.complete) { Err(ScriptError::CutOff) } else { Ok(()) }
    }

    fn end_of_line(&mut self, out: &mut Vec<u8>) -> Result<(), ScriptError> {
        let line = std::mem::take(&mut self.line);
        let text = line.trim_ascii_end();
        if self.rows {
            self.rows = text != b"\\.";
            out.extend_from_slice(&line);
            return Ok(());
        }
        // Within a text, a quotation mark is there twice.
        let odd = text.iter().filter(|byte| **byte == b'\'').count() % 2 == 1;
        if self.leaving {
            self.leaving = !odd;
            return Ok(());
        }
        self.dump |= text == FIRST;
        self.complete |= text == LAST;
        self.rows = text.starts_with(b"COPY ") && text.ends_with(b" FROM stdin;");
        match self.leaves_out(text)? {
            true => self.leaving = odd,
            false => out.extend_from_slice(&line),
        }
        Ok(())
    }

    fn leaves_out(&mut self, line: &[u8]) -> Result<bool, ScriptError> {
        if let Some(key) = line.strip_prefix(b"\\restrict ") {
            let first = self.restricted.is_none();
            self.restricted.get_or_insert_with(|| key.to_owned());
            return Ok(first);
        }
        if let Some(key) = line.strip_prefix(b"\\unrestrict ") {
            return Ok(self.restricted.as_deref() == Some(key));
        }
        let Ok(text) = std::str::from_utf8(line) else { return Ok(false) };
        if let Some(name) = text.strip_prefix("CREATE SCHEMA ").and_then(|rest| rest.strip_suffix(';')) {
            if self.is_its(name) {
                return Ok(true);
            }
            if self.only {
                return Err(ScriptError::OtherSchema(name.to_owned()));
            }
        }
        let about = |before: &str, after: &str| {
            let rest = text.strip_prefix(before)?;
            self.names.iter().find_map(|name| rest.strip_prefix(name.as_str())).filter(|rest| rest.starts_with(after))
        };
        Ok(about("DROP SCHEMA IF EXISTS ", ";").is_some()
            || about("DROP SCHEMA ", ";").is_some()
            || about("ALTER SCHEMA ", " OWNER TO ").is_some()
            || about("COMMENT ON SCHEMA ", " IS ").is_some())
    }

    fn is_its(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn filtered(schema: &str, script: &str) -> Result<String, ScriptError> {
        // Every way to cut it into pieces gives the same.
        let mut results = [1, 7, script.len().max(1)].map(|size| {
            let (mut it, mut out) = (Script::new(schema, true), Vec::new());
            for piece in script.as_bytes().chunks(size) {
                it.feed(piece, &mut out)?;
            }
            it.finish(&mut out)?;
            Ok(String::from_utf8(out).unwrap())
        });
        assert!(results.iter().all(|result| *result == results[0]), "{results:?}");
        std::mem::replace(&mut results[0], Err(ScriptError::CutOff))
    }

    #[test]
    fn what_is_about_the_schema_itself_is_left_out() {
        let script = "CREATE SCHEMA \"to do\";\nALTER SCHEMA \"to do\" OWNER TO me;\nCOMMENT ON SCHEMA \"to do\" IS 'plattr: x';\n\
                      COMMENT ON SCHEMA \"to do\" IS 'Ada''s,\nand ''Bob''s\n';\n\
                      DROP SCHEMA IF EXISTS \"to do\";\nCREATE TABLE \"to do\".a (b int);\n";
        assert_eq!(filtered("to do", script).unwrap(), "CREATE TABLE \"to do\".a (b int);\n");
    }

    #[test]
    fn rows_are_never_looked_at() {
        let script =
            "COPY todo.a (b) FROM stdin;\nCREATE SCHEMA todo;\n-- PostgreSQL database dump\n\\.\nCREATE SCHEMA todo;\n";
        let expected = script.strip_suffix("CREATE SCHEMA todo;\n").unwrap();
        assert_eq!(filtered("todo", script).unwrap(), expected);
    }

    #[test]
    fn a_dump_of_another_schema_is_refused() {
        assert_eq!(filtered("todo", "CREATE SCHEMA shop;\n"), Err(ScriptError::OtherSchema("shop".into())));
        let (mut any, mut out) = (Script::new("todo", false), Vec::new());
        any.feed(b"CREATE SCHEMA shop;\n", &mut out).unwrap();
        assert_eq!(out, b"CREATE SCHEMA shop;\n");
    }

    #[test]
    fn a_dump_that_was_cut_off_is_noticed() {
        let whole = "--\n-- PostgreSQL database dump\n--\nSELECT 1;\n-- PostgreSQL database dump complete\n";
        assert!(filtered("todo", whole).is_ok());
        assert_eq!(filtered("todo", &whole[..50]), Err(ScriptError::CutOff));
        assert_eq!(filtered("todo", "COPY todo.a (b) FROM stdin;\n1\n"), Err(ScriptError::CutOff));
        // A script of somebody's own has no last line.
        assert_eq!(filtered("todo", "SELECT 1;").unwrap(), "SELECT 1;\n");
    }

    #[test]
    fn the_restriction_of_the_dump_gives_way_to_that_of_the_reader() {
        let script = "\\restrict abc\nSELECT 1;\n\\unrestrict abc\n";
        assert_eq!(filtered("todo", script).unwrap(), "SELECT 1;\n");
        // Whoever tries to lift the reader's own meets psql's refusal.
        assert_eq!(filtered("todo", "\\unrestrict x\n").unwrap(), "\\unrestrict x\n");
    }
}
