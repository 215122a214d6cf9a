//! `plattr.yaml`: what it may say, how it is read, and what is wrong with it.
//!
//! text → tree with places ([`yaml`]) → merged with `plattr.local.yaml` → compared with the schema
//! ([`check`]) and the rules ([`rules`]) → types ([`model`]).

pub mod check;
pub mod detect;
pub mod envfile;
pub mod load;
pub mod model;
pub mod problem;
#[cfg(test)]
pub mod reference;
pub mod rules;
pub mod scaffold;
pub mod schema;
pub mod yaml;

pub use load::Project;

#[cfg(test)]
mod tests;
