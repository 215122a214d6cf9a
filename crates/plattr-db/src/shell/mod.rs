//! What a prompt needs that has neither a terminal nor a connection: statements are told apart, results are drawn,
//! words are completed, and the questions behind `\d` are written down.

pub mod command;
pub mod complete;
pub mod copy;
pub mod describe;
pub mod input;
pub mod pattern;
pub mod place;
pub mod relation;
pub mod render;
pub mod statement;
pub mod transaction;

pub use input::{Input, Piece, Within};
pub use render::{Align, Grid};
pub use transaction::TransactionState;
