//! Views, routines, and what goes with tables: triggers, rules, policies, statistics.

use serde::{Deserialize, Serialize};

use super::{Column, Grant, Index, TypeRef};

/// A trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// Name.
    pub name: String,
    /// As `pg_get_triggerdef` prints it, without the schema.
    pub definition: String,
    /// Function that it calls, as SQL: `touch()`.
    pub function: String,
    /// When it fires.
    pub enabled: Firing,
    /// Whether it is only there because the partitioned table has it.
    pub inherited: bool,
    /// Comment.
    pub comment: Option<String>,
}

/// When a trigger or rule fires.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Firing {
    /// In ordinary sessions.
    #[default]
    Origin,
    /// Never.
    Disabled,
    /// In sessions that replay what another server did.
    Replica,
    /// In all.
    Always,
}

/// A rule that rewrites statements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Name.
    pub name: String,
    /// As `pg_get_ruledef` prints it, without the schema.
    pub definition: String,
    /// When it is used.
    pub enabled: Firing,
}

/// Extended statistics (`CREATE STATISTICS`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// Name.
    pub name: String,
    /// As `pg_get_statisticsobjdef` prints it, without the schema.
    pub definition: String,
    /// Comment.
    pub comment: Option<String>,
}

/// A policy of row-level security.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Name.
    pub name: String,
    /// Whether it allows (`PERMISSIVE`) or forbids what others allow (`RESTRICTIVE`).
    pub permissive: bool,
    /// `ALL`, `SELECT`, `INSERT`, `UPDATE` or `DELETE`.
    pub command: String,
    /// Roles that it is for; [`PUBLIC`] is everyone.
    pub roles: Vec<String>,
    /// Which rows are seen.
    pub using: Option<String>,
    /// Which rows may be written.
    pub check: Option<String>,
    /// Comment.
    pub comment: Option<String>,
}

/// A view or materialised view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Name.
    pub name: String,
    /// Whether its rows are kept.
    pub materialized: bool,
    /// The query, without a semicolon.
    pub definition: String,
    /// `security_invoker=true`, `check_option=local`, ….
    pub options: Vec<String>,
    /// Columns in their order.
    pub columns: Vec<Column>,
    /// Indexes of a materialised view.
    pub indexes: Vec<Index>,
    /// Triggers (`INSTEAD OF`).
    pub triggers: Vec<Trigger>,
    /// Rules besides the one that makes it a view.
    pub rules: Vec<Rule>,
    /// Comment.
    pub comment: Option<String>,
    /// Rights on the whole view.
    pub grants: Vec<Grant>,
}

/// What a routine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoutineKind {
    /// Called in expressions.
    Function,
    /// Called by `CALL`.
    Procedure,
    /// Called over many rows.
    Aggregate,
    /// Called over a window of rows.
    Window,
}

/// A function, procedure or aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routine {
    /// Name.
    pub name: String,
    /// Name with the types that tell it from others of the name, as SQL: `area(numeric, numeric)`.
    pub signature: String,
    /// What it is.
    pub kind: RoutineKind,
    /// Arguments in their order, also those that come out.
    pub arguments: Vec<Argument>,
    /// What it returns; none for a procedure.
    pub returns: Option<TypeRef>,
    /// Whether it returns any number of rows.
    pub returns_set: bool,
    /// `sql`, `plpgsql`, `c`, `internal`, ….
    pub language: String,
    /// Whether its result may change: `IMMUTABLE`, `STABLE`, `VOLATILE`.
    pub volatility: String,
    /// Whether NULL in means NULL out.
    pub strict: bool,
    /// Whether it runs with the owner's rights.
    pub security_definer: bool,
    /// Settings while it runs, as `search_path=todo`.
    pub settings: Vec<String>,
    /// Statement that makes it, without the schema: `CREATE OR REPLACE FUNCTION …`, `CREATE AGGREGATE …`.
    pub definition: String,
    /// Comment.
    pub comment: Option<String>,
    /// Rights; PUBLIC may execute unless that was taken away.
    pub grants: Vec<Grant>,
}

/// An argument of a routine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Argument {
    /// Name, if it has one.
    pub name: Option<String>,
    /// Which way it goes.
    pub mode: ArgumentMode,
    /// Type.
    #[serde(rename = "type")]
    pub ty: TypeRef,
    /// Whether it may be left out.
    pub has_default: bool,
}

/// Which way an argument goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArgumentMode {
    /// `IN`
    In,
    /// `OUT`
    Out,
    /// `INOUT`
    InOut,
    /// `VARIADIC`
    Variadic,
    /// A column of `RETURNS TABLE (…)`.
    Table,
}
