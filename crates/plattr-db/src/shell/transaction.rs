//! Whether a transaction is open. The protocol says so after every statement, but tokio-postgres keeps it to itself;
//! at the top level the statements alone decide, so they are followed here.

use super::statement::words;

/// What a session is in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TransactionState {
    /// Nothing: every statement is a transaction of its own.
    #[default]
    Idle,
    /// A transaction.
    Open,
    /// A transaction in which a statement failed; it can only be rolled back.
    Failed,
}

impl TransactionState {
    /// The sign in a prompt, as psql's.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Idle => "",
            Self::Open => "*",
            Self::Failed => "!",
        }
    }

    /// What follows when one statement was done, or failed.
    #[must_use]
    pub fn after(self, statement: &str, done: bool) -> Self {
        let words = words(statement, 3);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ends = match words.as_slice() {
            ["COMMIT" | "ROLLBACK", "PREPARED", ..]
            | ["ROLLBACK", "TO" | "TRANSACTION" | "WORK", "TO" | "SAVEPOINT"] => false,
            ["ROLLBACK", "TO", ..] => false,
            ["COMMIT" | "END" | "ROLLBACK" | "ABORT", ..] | ["PREPARE", "TRANSACTION", ..] => true,
            _ => false,
        };
        match (self, done) {
            (Self::Idle, true) if matches!(words.as_slice(), ["BEGIN", ..] | ["START", "TRANSACTION", ..]) => {
                Self::Open
            }
            (Self::Idle, _) => Self::Idle,
            (_, true) if ends && chains(statement) => Self::Open,
            // A commit that fails has rolled back.
            (_, _) if ends => Self::Idle,
            (_, false) => Self::Failed,
            (Self::Failed, true) if words.first() == Some(&"ROLLBACK") => Self::Open,
            (state, true) => state,
        }
    }
}

/// `COMMIT AND CHAIN` begins the next transaction at once.
fn chains(statement: &str) -> bool {
    let words = words(statement, 5);
    let chain = words.iter().any(|word| word == "CHAIN");
    chain && !words.iter().any(|word| word == "NO")
}

#[cfg(test)]
mod tests {
    use TransactionState::{Failed, Idle, Open};
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Idle, "select 1", true, Idle)]
    #[case(Idle, "select 1", false, Idle)]
    #[case(Idle, "begin", true, Open)]
    #[case(Idle, "start transaction read only", true, Open)]
    #[case(Idle, "begin isolation level nonsense", false, Idle)]
    #[case(Open, "insert into t values (1)", true, Open)]
    #[case(Open, "insert into t values (1)", false, Failed)]
    #[case(Failed, "select 1", false, Failed)]
    #[case(Failed, "rollback to savepoint a", true, Open)]
    #[case(Failed, "rollback work to a", true, Open)]
    #[case(Open, "rollback to a", true, Open)]
    #[case(Open, "/* done */ commit", true, Idle)]
    #[case(Open, "commit", false, Idle)]
    #[case(Failed, "end", true, Idle)]
    #[case(Open, "commit and chain", true, Open)]
    #[case(Open, "rollback and no chain", true, Idle)]
    #[case(Open, "prepare transaction 'a'", true, Idle)]
    #[case(Open, "prepare q as select 1", true, Open)]
    #[case(Idle, "commit prepared 'a'", true, Idle)]
    fn statements_decide(
        #[case] before: TransactionState,
        #[case] statement: &str,
        #[case] done: bool,
        #[case] after: TransactionState,
    ) {
        assert_eq!(before.after(statement, done), after);
    }
}
