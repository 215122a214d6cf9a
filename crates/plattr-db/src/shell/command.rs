//! The commands that begin with a backslash: their names, what they do, and how their arguments are read.

/// Name (without the backslash), arguments and meaning, as `\?` lists them.
pub const COMMANDS: &[(&str, &str, &str)] = &[
    ("d", "[PATTERN]", "describe tables, views, sequences and indexes, or list them"),
    ("dt", "[PATTERN]", "list tables"),
    ("dv", "[PATTERN]", "list views"),
    ("dm", "[PATTERN]", "list materialized views"),
    ("di", "[PATTERN]", "list indexes"),
    ("ds", "[PATTERN]", "list sequences"),
    ("df", "[PATTERN]", "list functions"),
    ("dn", "[PATTERN]", "list schemas"),
    ("dT", "[PATTERN]", "list types"),
    ("dx", "[PATTERN]", "list extensions"),
    ("du", "[PATTERN]", "list roles"),
    ("dp", "[PATTERN]", "list privileges and policies"),
    ("l", "[PATTERN]", "list databases"),
    ("c", "DATABASE", "connect to another database with the same login"),
    ("conninfo", "", "show where this session is connected"),
    ("g", "[FILE]", "run the statement (and write its result to a file)"),
    ("gx", "[FILE]", "as \\g, with each column in a line of its own"),
    ("watch", "[SECONDS]", "run the statement again and again, until Ctrl-C"),
    ("p", "", "show the statement that is being written"),
    ("r", "", "forget the statement that is being written"),
    ("e", "[FILE]", "write the statement in $EDITOR"),
    ("i", "FILE", "run the statements of a file"),
    ("o", "[FILE]", "write results to a file from now on; without a file, no longer"),
    ("copy", "TABLE|(QUERY) FROM|TO FILE [WITH (…)]", "copy rows from or to a file of this machine"),
    ("x", "[on|off|auto]", "show each column in a line of its own; auto: when a row is wider than the screen"),
    ("timing", "[on|off]", "show how long statements take"),
    ("echo", "[TEXT]", "print a text"),
    ("h", "[STATEMENT]", "say where a statement is explained"),
    ("?", "", "show this list"),
    ("q", "", "leave"),
];

/// A command and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command<'a> {
    /// Name without the backslash, and without `+`.
    pub name: &'a str,
    /// Whether more was asked for, as in `\dt+`.
    pub more: bool,
    /// Everything after the name.
    pub rest: &'a str,
}

impl<'a> Command<'a> {
    /// Takes a line without its backslash apart.
    pub fn parse(line: &'a str) -> Self {
        let end = line.find(char::is_whitespace).unwrap_or(line.len());
        let (word, rest) = line.split_at(end);
        let name = word.trim_end_matches('+');
        Self { name, more: name.len() < word.len(), rest: rest.trim() }
    }

    /// The first argument, without its single quotes; empty where there is none.
    pub fn argument(&self) -> String {
        arguments(self.rest).into_iter().next().unwrap_or_default()
    }

    /// The pattern: all of the arguments, because patterns have quotation marks of their own.
    pub fn pattern(&self) -> &'a str {
        self.rest.trim_end_matches(';')
    }
}

/// Words; single quotes hold one together, two of them inside are one.
pub fn arguments(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' if quoted && chars.peek() == Some(&'\'') => {
                chars.next();
                word.get_or_insert_default().push('\'');
            }
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            c if c.is_whitespace() && !quoted => found.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    found.extend(word);
    found
}

/// The list that `\?` shows.
pub fn help() -> String {
    let mut text = String::new();
    for (name, arguments, meaning) in COMMANDS {
        let usage = format!("\\{name} {arguments}");
        text += &format!("  {:<24}  {meaning}\n", usage.trim_end());
    }
    text
}

/// Where PostgreSQL's manual explains a statement.
pub fn manual(statement: &str) -> String {
    let words: Vec<String> = statement.split_whitespace().map(str::to_lowercase).collect();
    let page = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => "sql-commands".to_owned(),
        // The manual runs the words of `CREATE TABLE` together.
        words => format!("sql-{}", words.concat().trim_end_matches(';')),
    };
    format!("https://www.postgresql.org/docs/current/{page}.html")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_has_a_name_and_the_rest() {
        let wanted = Command { name: "dt", more: true, rest: "todo.* x" };
        assert_eq!(Command::parse("dt+ todo.* x "), wanted);
        assert_eq!(Command::parse("q").rest, "");
    }

    #[test]
    fn quotes_hold_arguments_together() {
        assert_eq!(arguments(" 'my file.sql'  a'b c'd '' 'it''s'"), ["my file.sql", "ab cd", "", "it's"]);
    }

    #[test]
    fn statements_have_their_page_in_the_manual() {
        assert_eq!(manual("CREATE  TABLE;"), "https://www.postgresql.org/docs/current/sql-createtable.html");
        assert!(manual("").ends_with("/sql-commands.html"));
    }
}
