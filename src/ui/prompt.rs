//! Questions. Never asked without a person: then the answer must be a flag.

use std::fmt::Display;

use inquire::InquireError;

use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// A question and the flag that answers it, such as `--name`.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// What is asked.
    pub text: &'a str,
    /// The flag that answers it without a person.
    pub flag: &'a str,
}

impl Question<'_> {
    fn unanswered(self) -> CommandError {
        let message = format!("nobody is here to answer: {}", self.text);
        CommandError::new(ErrorKind::Usage, "answer-needed", message).hint(format!("answer with `{}`", self.flag))
    }
}

impl Ui {
    /// Asks for leave; `--yes` gives it.
    ///
    /// # Errors
    /// Usage, if there is nobody to ask; Interrupted, if the person gives up.
    pub fn confirm(&self, question: &str) -> CommandResult<bool> {
        if self.yes() {
            return Ok(true);
        }
        if !self.interactive() {
            return Err(Question { text: question, flag: "--yes" }.unanswered());
        }
        self.alone(|| inquire::Confirm::new(question).with_default(false).prompt())
    }

    /// Asks for one of `options`; without a person or with `--yes` it is the one at `default`.
    ///
    /// # Errors
    /// Usage, if there is neither a person nor a default; Interrupted, if the person gives up.
    pub fn select<T: Display>(
        &self,
        question: Question<'_>,
        mut options: Vec<T>,
        default: Option<usize>,
    ) -> CommandResult<T> {
        if self.interactive() && !self.yes() {
            let start = default.unwrap_or_default().min(options.len().saturating_sub(1));
            return self.alone(|| inquire::Select::new(question.text, options).with_starting_cursor(start).prompt());
        }
        match default {
            Some(at) if at < options.len() => Ok(options.swap_remove(at)),
            _ => Err(question.unanswered()),
        }
    }

    /// Asks for any of `options`; without a person or with `--yes` they are those at `defaults`.
    ///
    /// # Errors
    /// Interrupted, if the person gives up.
    pub fn select_many<T: Display>(
        &self,
        question: Question<'_>,
        options: Vec<T>,
        defaults: &[usize],
    ) -> CommandResult<Vec<T>> {
        if self.interactive() && !self.yes() {
            return self.alone(|| inquire::MultiSelect::new(question.text, options).with_default(defaults).prompt());
        }
        Ok(options.into_iter().enumerate().filter(|(at, _)| defaults.contains(at)).map(|(_, o)| o).collect())
    }

    /// Asks for a text; without a person or with `--yes` it is `default`. `check` says what is wrong with an
    /// answer; a person is asked again.
    ///
    /// # Errors
    /// Usage, if there is neither a person nor a default, or `check` refuses the default; Interrupted, if the
    /// person gives up.
    pub fn ask(
        &self,
        question: Question<'_>,
        default: Option<&str>,
        check: impl Fn(&str) -> Result<(), String> + Clone,
    ) -> CommandResult<String> {
        if self.interactive() && !self.yes() {
            let mut text = inquire::Text::new(question.text).with_validator(move |answer: &str| {
                use inquire::validator::Validation;
                Ok(check(answer).map_or_else(|wrong| Validation::Invalid(wrong.into()), |()| Validation::Valid))
            });
            text.default = default;
            return self.alone(|| text.prompt());
        }
        let answer = default.ok_or_else(|| question.unanswered())?;
        match check(answer) {
            Ok(()) => Ok(answer.to_owned()),
            Err(wrong) => Err(question.unanswered().because(wrong)),
        }
    }

    /// Asks while nothing else is being drawn.
    fn alone<T>(&self, prompt: impl FnOnce() -> Result<T, InquireError>) -> CommandResult<T> {
        let (mut prompt, mut answer) = (Some(prompt), None);
        self.progress().pause(&mut || answer = prompt.take().map(|ask| ask()));
        match answer {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(InquireError::OperationCanceled | InquireError::OperationInterrupted)) | None => {
                Err(CommandError::new(ErrorKind::Interrupted, "interrupted", "stopped at a question; nothing was done"))
            }
            Some(Err(e)) => Err(CommandError::new(ErrorKind::Failed, "prompt", "cannot ask on this terminal")
                .because(e)
                .hint("answer with flags; `--help` lists them")),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::ui::globals::Globals;
    use crate::ui::tests::captured;

    const NAME: Question<'_> = Question { text: "Name?", flag: "--name" };

    #[test]
    fn leave_is_never_taken_without_a_person() {
        let (ui, ..) = captured(&Globals::default());
        let error = ui.confirm("Delete everything?").unwrap_err();
        assert_eq!((error.kind, error.hints), (ErrorKind::Usage, vec!["answer with `--yes`".to_owned()]));
    }

    #[test]
    fn yes_answers_everything() {
        let (ui, ..) = captured(&Globals { yes: true, ..Globals::default() });
        assert!(ui.confirm("Delete everything?").unwrap());
        assert_eq!(ui.ask(NAME, Some("todo"), |_| Ok(())).unwrap(), "todo");
        assert_eq!(ui.select(NAME, vec!["a", "b"], Some(1)).unwrap(), "b");
        assert_eq!(ui.select_many(NAME, vec!["a", "b", "c"], &[0, 2]).unwrap(), ["a", "c"]);
    }

    #[test]
    fn a_question_without_a_default_names_its_flag() {
        let (ui, ..) = captured(&Globals::default());
        assert_eq!(ui.ask(NAME, None, |_| Ok(())).unwrap_err().hints, ["answer with `--name`"]);
        assert_eq!(ui.select(NAME, vec!["a"], None).unwrap_err().kind, ErrorKind::Usage);
    }

    #[test]
    fn a_default_is_checked_too() {
        let (ui, ..) = captured(&Globals::default());
        assert!(ui.ask(NAME, Some("A B"), |_| Err("no".into())).is_err());
    }
}
