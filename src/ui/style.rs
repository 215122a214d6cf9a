//! The few styles that there are. Everything reads the same without them.

use console::Style as Ansi;

/// Styles for one stream.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    colour: bool,
}

/// Colours that tell services apart in merged logs.
const PREFIXES: [fn(Ansi) -> Ansi; 6] = [Ansi::cyan, Ansi::magenta, Ansi::blue, Ansi::yellow, Ansi::green, Ansi::red];

impl Style {
    /// Styles, or none.
    pub fn new(colour: bool) -> Self {
        Self { colour }
    }

    /// Whether there are colours.
    pub fn colour(self) -> bool {
        self.colour
    }

    fn apply(self, text: &str, style: impl Fn(Ansi) -> Ansi) -> String {
        style(Ansi::new().force_styling(self.colour)).apply_to(text).to_string()
    }

    /// Works.
    pub fn good(self, text: &str) -> String {
        self.apply(text, Ansi::green)
    }
    /// Does not work.
    pub fn bad(self, text: &str) -> String {
        self.apply(text, |s| s.red().bold())
    }
    /// Wants attention.
    pub fn warning(self, text: &str) -> String {
        self.apply(text, |s| s.yellow().bold())
    }
    /// What to do next.
    pub fn hint(self, text: &str) -> String {
        self.apply(text, |s| s.cyan().bold())
    }
    /// Less important.
    pub fn dim(self, text: &str) -> String {
        self.apply(text, Ansi::dim)
    }
    /// One of several things side by side.
    pub fn nth(self, n: usize, text: &str) -> String {
        self.apply(text, PREFIXES[n % PREFIXES.len()])
    }
}
