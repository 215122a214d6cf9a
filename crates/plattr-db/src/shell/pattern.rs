//! The patterns that `\d` and its like take, as in psql: `*` is any text, `?` any character, a full stop comes
//! between schema and name, and what is not in quotation marks is in lower case.

use crate::literal;

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pattern {
    /// Regular expression of the schema; none where none was named.
    pub schema: Option<String>,
    /// Regular expression of the name; none matches every one.
    pub name: Option<String>,
}

impl Pattern {
    /// Reads a pattern; an empty text is none.
    ///
    /// # Errors
    /// When it has more parts than a schema and a name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = vec![String::new()];
        let mut quoted = false;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let part = parts.len() - 1;
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => {
                    chars.next();
                    parts[part].push('"');
                }
                '"' => quoted = !quoted,
                '.' if !quoted => parts.push(String::new()),
                '*' if !quoted => parts[part] += ".*",
                '?' if !quoted => parts[part].push('.'),
                // Names may have it; in a regular expression it is the end of the text.
                '$' => parts[part] += "\\$",
                c if quoted && "|*+?()[]{}.^\\".contains(c) => {
                    parts[part].push('\\');
                    parts[part].push(c);
                }
                c if quoted => parts[part].push(c),
                c => parts[part].extend(c.to_lowercase()),
            }
        }
        let whole = |part: &String| Some(format!("^({part})$")).filter(|_| !part.is_empty() && part != ".*");
        match parts.as_slice() {
            [name] => Ok(Self { schema: None, name: whole(name) }),
            [schema, name] => Ok(Self { schema: Some(format!("^({schema})$")), name: whole(name) }),
            _ => Err(format!("`{text}` names another database: write SCHEMA.NAME")),
        }
    }

    /// Whether anything was asked for.
    pub fn is_any(&self) -> bool {
        self.schema.is_none() && self.name.is_none()
    }

    /// The condition on a schema and a name, both SQL expressions; `visible` holds where the name alone is enough to
    /// reach the object. Without a pattern, the objects of the system are left out.
    pub fn condition(&self, schema: &str, name: &str, visible: &str) -> String {
        let mut all = Vec::new();
        match &self.schema {
            Some(regex) => all.push(matches(schema, regex)),
            None => all.push(visible.to_owned()),
        }
        all.extend(self.name.as_deref().map(|regex| matches(name, regex)));
        if self.is_any() {
            all.push(format!("{schema} NOT IN ('pg_catalog', 'information_schema') AND {schema} !~ '^pg_toast'"));
        }
        all.join(" AND ")
    }

    /// The condition on what has no schema.
    pub fn on_name(&self, name: &str) -> String {
        self.name.as_deref().map_or_else(|| "true".to_owned(), |regex| matches(name, regex))
    }
}

fn matches(expression: &str, regex: &str) -> String {
    format!("{expression} OPERATOR(pg_catalog.~) {} COLLATE pg_catalog.\"C\"", literal(regex))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", None, None)]
    #[case("*", None, None)]
    #[case("Todo", None, Some("^(todo)$"))]
    #[case("\"Todo.x\"", None, Some("^(Todo\\.x)$"))]
    #[case("a*.b?", Some("^(a.*)$"), Some("^(b.)$"))]
    #[case("public.*", Some("^(public)$"), None)]
    #[case("a$b", None, Some("^(a\\$b)$"))]
    fn patterns_are_read_as_psql_does(#[case] text: &str, #[case] schema: Option<&str>, #[case] name: Option<&str>) {
        let wanted = Pattern { schema: schema.map(str::to_owned), name: name.map(str::to_owned) };
        assert_eq!(Pattern::parse(text), Ok(wanted));
    }

    #[test]
    fn another_database_is_refused() {
        assert!(Pattern::parse("a.b.c").is_err());
    }

    #[test]
    fn a_pattern_is_a_literal_in_the_question() {
        let condition = Pattern::parse("a'b").unwrap_or_default().condition("n.nspname", "c.relname", "true");
        assert_eq!(condition, "true AND c.relname OPERATOR(pg_catalog.~) '^(a''b)$' COLLATE pg_catalog.\"C\"");
    }
}
