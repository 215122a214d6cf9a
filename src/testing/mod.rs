//! `plattr test`: which program runs the project's tests, and the throw-away state that they run against.
//!
//! [`runner`] finds the program by the project's files, [`invocation`] says how it is called, [`session`] runs
//! it, once or in parts, [`junit`] looks after its reports. [`isolated`] makes and removes a state, [`sweep`] removes what dead runs left.

pub mod invocation;
pub mod isolated;
pub mod junit;
pub mod node;
pub mod run;
pub mod runner;
pub mod session;
pub mod sweep;
