//! Names of a schema as identifiers of a programming language.
//!
//! PostgreSQL takes any text for a name, so there are spaces, digits in front, keywords, letters of every script, and
//! names that become the same (`a_b` and `aB`). Letters stay what they are; all else separates words.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization as _;

/// The words of a name, in lower case: `createdAt`, `created_at` and `Created at` have the same two.
pub fn words(name: &str) -> Vec<String> {
    // Python and Rust normalise identifiers when they read them; what is normal already cannot collide then.
    let chars: Vec<char> = name.nfkc().collect();
    let mut words: Vec<String> = Vec::new();
    let mut inside = false;
    for (i, &c) in chars.iter().enumerate() {
        if !is_letter(c) && !c.is_ascii_digit() {
            inside = false;
            continue;
        }
        let before = i.checked_sub(1).and_then(|i| chars.get(i));
        let follows_small = before.is_some_and(|b| b.is_lowercase() || b.is_ascii_digit());
        let ends_capitals =
            before.is_some_and(|b| b.is_uppercase()) && chars.get(i + 1).is_some_and(|a| a.is_lowercase());
        if !inside || (c.is_uppercase() && (follows_small || ends_capitals)) {
            words.push(String::new());
        }
        inside = true;
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase().filter(|c| is_letter(*c) || c.is_ascii_digit()));
        }
    }
    words.retain(|w| !w.is_empty());
    words
}

/// Whether every language here takes it for a letter: Go, unlike the others, knows no marks and no letters that are
/// numbers.
pub fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || (!c.is_ascii() && c.is_alphabetic() && !c.is_numeric() && unicode_ident::is_xid_start(c))
}

/// `created_at`
pub fn snake(name: &str) -> String {
    let text = words(name).join("_");
    if text.chars().next().is_some_and(is_letter) { text } else { join("x", &text) }
}

/// `CREATED_AT`
pub fn screaming(name: &str) -> String {
    snake(name).to_uppercase()
}

/// `CreatedAt`
pub fn pascal(name: &str) -> String {
    exported(words(name).iter().map(|w| capital(w)).collect())
}

/// `CreatedAt`, and `UserID`, as Go has it.
pub fn go(name: &str) -> String {
    const INITIALISMS: [&str; 10] = ["api", "html", "http", "https", "id", "ip", "json", "sql", "url", "uuid"];
    let word = |w: &String| if INITIALISMS.contains(&w.as_str()) { w.to_uppercase() } else { capital(w) };
    exported(words(name).iter().map(word).collect())
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Go exports what begins with a capital, which a digit and the letters of many scripts are not.
fn exported(text: String) -> String {
    if text.chars().next().is_some_and(|c| c.is_uppercase() && is_letter(c)) { text } else { format!("X{text}") }
}

fn join(prefix: &str, text: &str) -> String {
    if text.is_empty() { prefix.to_owned() } else { format!("{prefix}_{text}") }
}

/// Identifiers of one scope: each is given once.
#[derive(Debug, Default)]
pub struct Scope {
    reserved: HashSet<&'static str>,
    taken: HashSet<String>,
}

impl Scope {
    /// A scope in which these words mean something already.
    pub fn new(reserved: &[&'static str]) -> Self {
        Self { reserved: reserved.iter().copied().collect(), taken: HashSet::new() }
    }

    /// An identifier as near as can be to the one that is wanted, so that it with any of `endings` is free: a word that
    /// means something gets an underscore, a word that is taken a number.
    pub fn claim(&mut self, wanted: &str, endings: &[&str]) -> String {
        let wanted = match endings.iter().any(|e| self.reserved.contains(format!("{wanted}{e}").as_str())) {
            true => format!("{wanted}_"),
            false => wanted.to_owned(),
        };
        let mut name = wanted.clone();
        let mut number = 1;
        while endings.iter().any(|e| self.taken.contains(&format!("{name}{e}"))) {
            number += 1;
            name = format!("{wanted}{number}");
        }
        self.taken.extend(endings.iter().map(|e| format!("{name}{e}")));
        name
    }

    /// Identifiers for all of these names, in their order. Names that need no change come first, so that none of them
    /// gets a number because of another one.
    pub fn claim_all(&mut self, names: &[&str], convert: fn(&str) -> String) -> Vec<String> {
        let wanted: Vec<String> = names.iter().map(|n| convert(n)).collect();
        let mut claimed = vec![String::new(); names.len()];
        for exact in [true, false] {
            for (i, name) in names.iter().enumerate() {
                if (wanted[i] == **name) == exact {
                    claimed[i] = self.claim(&wanted[i], &[""]);
                }
            }
        }
        claimed
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("created_at", "created_at", "CreatedAt", "CreatedAt")]
    #[case("createdAt", "created_at", "CreatedAt", "CreatedAt")]
    #[case("HTTPServer", "http_server", "HttpServer", "HTTPServer")]
    #[case("user_id", "user_id", "UserId", "UserID")]
    #[case("with space", "with_space", "WithSpace", "WithSpace")]
    #[case("__a__b__", "a_b", "AB", "AB")]
    #[case("1st", "x_1st", "X1st", "X1st")]
    #[case("größe", "größe", "Größe", "Größe")]
    #[case("ﬁeld", "field", "Field", "Field")]
    #[case("日本", "日本", "X日本", "X日本")]
    #[case("हिन्दी", "ह_न_द", "Xहनद", "Xहनद")]
    #[case("😀", "x", "X", "X")]
    #[case("", "x", "X", "X")]
    #[case("v2Beta", "v2_beta", "V2Beta", "V2Beta")]
    fn names_become_identifiers(#[case] name: &str, #[case] small: &str, #[case] type_name: &str, #[case] in_go: &str) {
        assert_eq!((snake(name).as_str(), pascal(name).as_str(), go(name).as_str()), (small, type_name, in_go));
        assert_eq!(screaming(name), small.to_uppercase());
    }

    #[test]
    fn a_name_that_fits_keeps_its_identifier_whatever_comes_before_it() {
        let mut scope = Scope::new(&["type"]);
        let claimed = scope.claim_all(&["aB", "a b", "a_b", "type"], snake);
        assert_eq!(claimed, ["a_b2", "a_b3", "a_b", "type_"]);
    }

    #[test]
    fn a_name_leaves_room_for_what_is_made_of_it() {
        let mut scope = Scope::default();
        assert_eq!(scope.claim("Todos", &["Row", "Insert"]), "Todos");
        assert_eq!(scope.claim("TodosRow", &[""]), "TodosRow2");
        assert_eq!(scope.claim("Todos", &["Insert"]), "Todos2");
    }
}
