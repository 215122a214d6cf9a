//! What plattr is connected to: terminals or not, and what the environment wishes.

use std::io::IsTerminal;

use crate::ui::globals::Colour;
use crate::ui::plot::Plot;

/// What plattr is connected to.
#[derive(Debug, Clone)]
pub struct Terminal {
    /// Whether stdin is a terminal.
    pub stdin: bool,
    /// Whether stdout is a terminal.
    pub stdout: bool,
    /// Whether stderr is a terminal.
    pub stderr: bool,
    /// `NO_COLOR` is set and not empty (no-color.org), or the terminal is `dumb`.
    pub no_color: bool,
    /// `CLICOLOR_FORCE` is set and not `0`.
    pub force_color: bool,
    /// A continuous-integration service runs this.
    pub ci: bool,
    /// The locale's characters are UTF-8.
    pub utf8: bool,
}

impl Terminal {
    /// Looks at this process.
    pub fn detect() -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        let on = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty() && v != "0" && v != "false");
        Self {
            stdin: std::io::stdin().is_terminal(),
            stdout: std::io::stdout().is_terminal(),
            stderr: std::io::stderr().is_terminal(),
            no_color: set("NO_COLOR") || std::env::var_os("TERM").is_some_and(|t| t == "dumb"),
            force_color: on("CLICOLOR_FORCE"),
            ci: on("CI"),
            utf8: utf8(|name| std::env::var(name).ok()),
        }
    }

    /// No terminal at all.
    #[cfg(test)]
    pub fn none() -> Self {
        Self { stdin: false, stdout: false, stderr: false, no_color: false, force_color: false, ci: false, utf8: false }
    }

    /// Whether to colour a stream.
    pub fn colour(&self, wish: Colour, stream_is_terminal: bool) -> bool {
        match wish {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => !self.no_color && (self.force_color || stream_is_terminal),
        }
    }

    /// What can be drawn on stdout.
    pub fn plot(&self) -> Plot {
        match (self.stdout, self.utf8) {
            (false, _) => Plot::Plain,
            (true, false) => Plot::Ascii,
            (true, true) => Plot::Unicode,
        }
    }

    /// Whether there is a person to ask: questions are shown on stderr and answered on stdin.
    pub fn interactive(&self, forbidden: bool) -> bool {
        !forbidden && !self.ci && self.stdin && self.stderr
    }
}

/// Whether the locale says UTF-8: the first of these variables that is set decides (POSIX).
fn utf8(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| variable(name).filter(|v| !v.is_empty()));
    set.is_some_and(|locale| locale.to_ascii_lowercase().replace('-', "").contains("utf8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_drawn_depends_on_the_terminal_and_its_locale() {
        let locale = |set: &'static [(&str, &str)]| {
            let utf8 = utf8(|name| set.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()));
            Terminal { stdout: true, utf8, ..Terminal::none() }.plot()
        };
        assert_eq!(locale(&[("LANG", "de_DE.UTF-8")]), Plot::Unicode);
        assert_eq!(locale(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8")]), Plot::Unicode);
        assert_eq!(locale(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]), Plot::Ascii);
        assert_eq!(locale(&[]), Plot::Ascii);
        assert_eq!(Terminal { utf8: true, ..Terminal::none() }.plot(), Plot::Plain);
    }

    #[test]
    fn a_flag_beats_the_environment_which_beats_the_terminal() {
        let quiet = Terminal { no_color: true, force_color: true, ..Terminal::none() };
        assert!(quiet.colour(Colour::Always, false));
        assert!(!quiet.colour(Colour::Auto, true));
        let forced = Terminal { force_color: true, ..Terminal::none() };
        assert!(forced.colour(Colour::Auto, false));
        assert!(!forced.colour(Colour::Never, true));
        assert!(Terminal::none().colour(Colour::Auto, true));
        assert!(!Terminal::none().colour(Colour::Auto, false));
    }

    #[test]
    fn questions_need_a_person() {
        let person = Terminal { stdin: true, stderr: true, ..Terminal::none() };
        assert!(person.interactive(false));
        assert!(!person.interactive(true));
        assert!(!Terminal { ci: true, ..person.clone() }.interactive(false));
        assert!(!Terminal { stdin: false, ..person.clone() }.interactive(false));
        assert!(!Terminal { stderr: false, ..person }.interactive(false));
    }
}
