//! Bars and branches: what is easier to see than to read, in the characters that the terminal has.

/// What can be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plot {
    /// Unicode's blocks and lines.
    Unicode,
    /// ASCII only.
    Ascii,
    /// No bars, and branches in ASCII: nobody looks, a program or a file reads.
    Plain,
}

/// Blocks of one to eight eighths.
const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

impl Plot {
    /// A bar for a share between 0 and 1 of `width` columns. What is more than nothing is seen.
    pub fn bar(self, share: f64, width: usize) -> String {
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        let steps = |each: usize| {
            let steps = (share * (width * each) as f64).round() as usize;
            if share > 0.0 { steps.max(1) } else { 0 }
        };
        match self {
            Self::Plain => String::new(),
            Self::Ascii => "#".repeat(steps(1)),
            Self::Unicode => {
                let steps = steps(EIGHTHS.len());
                let mut bar = EIGHTHS[7].to_string().repeat(steps / 8);
                bar.extend(steps.checked_rem(8).filter(|rest| *rest > 0).map(|rest| EIGHTHS[rest - 1]));
                bar
            }
        }
    }

    /// What stands before a branch of a tree, and before the lines below it.
    pub fn branch(self, last: bool) -> (&'static str, &'static str) {
        match (self, last) {
            (Self::Unicode, false) => ("├─ ", "│  "),
            (Self::Unicode, true) => ("└─ ", "   "),
            (_, false) => ("|- ", "|  "),
            (_, true) => ("`- ", "   "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_share() {
        let bars = [0.0, 0.001, 0.5, 0.56, 1.0, 7.0, f64::NAN].map(|share| Plot::Unicode.bar(share, 4));
        assert_eq!(bars, ["", "▏", "██", "██▎", "████", "████", ""]);
        let bars = [0.0, 0.001, 0.5, 1.0].map(|share| Plot::Ascii.bar(share, 4));
        assert_eq!(bars, ["", "#", "##", "####"]);
        assert_eq!(Plot::Plain.bar(1.0, 4), "");
    }
}
