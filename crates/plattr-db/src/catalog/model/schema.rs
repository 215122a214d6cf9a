//! A schema as a whole.

use serde::{Deserialize, Serialize};

use super::{Composite, Domain, Enum, Range, Routine, Sequence, Table, TypeRef, View};

/// Everything in one schema of one database, in an order that does not depend on how it came about: everything by
/// name, columns as they stand in the table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    /// Name of the schema.
    pub schema: String,
    /// Role that owns the schema.
    pub owner: String,
    /// Comment on the schema.
    pub comment: Option<String>,
    /// Version of the server, as `server_version_num`: 170006 for 17.6.
    pub server_version: i32,
    /// Rights on the schema itself.
    pub grants: Vec<Grant>,
    /// What objects that do not exist yet will be given.
    pub default_privileges: Vec<DefaultPrivilege>,
    /// All extensions of the database, whatever schema they are in.
    pub extensions: Vec<Extension>,
    /// Enumerated types.
    pub enums: Vec<Enum>,
    /// Domains.
    pub domains: Vec<Domain>,
    /// Composite types; not those that tables and views have.
    pub composites: Vec<Composite>,
    /// Range types.
    pub ranges: Vec<Range>,
    /// Sequences, also those of serial and identity columns.
    pub sequences: Vec<Sequence>,
    /// Tables: ordinary, partitioned, partitions, foreign.
    pub tables: Vec<Table>,
    /// Views and materialised views.
    pub views: Vec<View>,
    /// Functions, procedures, aggregates and window functions.
    pub routines: Vec<Routine>,
    /// Which object of the schema needs which other one, as far as the server knows: what a function of a language other
    /// than SQL does inside is not known to it, nor is what a body between quotes does.
    pub dependencies: Vec<Dependency>,
    /// Objects of kinds that are only known by name.
    pub others: Vec<Other>,
}

impl Catalog {
    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|t| t.name == name)
    }

    /// The view of this name.
    pub fn view(&self, name: &str) -> Option<&View> {
        self.views.iter().find(|v| v.name == name)
    }

    /// The enumerated type that a column's type means, if it is one of this schema.
    pub fn enumeration(&self, of: &TypeRef) -> Option<&Enum> {
        self.enums.iter().find(|e| of.schema == self.schema && e.name == of.name)
    }

    /// The domain that a column's type means, if it is one of this schema.
    pub fn domain(&self, of: &TypeRef) -> Option<&Domain> {
        self.domains.iter().find(|d| of.schema == self.schema && d.name == of.name)
    }

    /// The composite type that a column's type means, if it is one of this schema.
    pub fn composite(&self, of: &TypeRef) -> Option<&Composite> {
        self.composites.iter().find(|c| of.schema == self.schema && c.name == of.name)
    }
}

/// An extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Schema that its objects are in.
    pub schema: String,
    /// Whether something in the read schema uses it.
    pub used: bool,
}

/// What a role's future objects of a kind will be given (`ALTER DEFAULT PRIVILEGES`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultPrivilege {
    /// Role that makes the objects.
    pub role: String,
    /// Kind of the objects, as SQL has it: `TABLES`, `SEQUENCES`, `FUNCTIONS`, `TYPES`.
    pub on: String,
    /// Whether it holds in every schema of the database. Then [`Self::grants`] are all that will be given, also what
    /// PostgreSQL would give by itself; otherwise they come on top.
    pub everywhere: bool,
    /// What will be given.
    pub grants: Vec<Grant>,
}

/// A right that a role has on something. The owner's own are not listed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Grant {
    /// Role; [`PUBLIC`] is everyone.
    pub grantee: String,
    /// `SELECT`, `EXECUTE`, `USAGE`, ….
    pub privilege: String,
    /// Whether the role may pass it on.
    pub grantable: bool,
}

impl Grant {
    /// Whether another one gives the same role the same right, whether or not either may be passed on.
    pub fn is_like(&self, other: &Self) -> bool {
        (&self.grantee, &self.privilege) == (&other.grantee, &other.privilege)
    }
}

/// The grantee that is everyone.
pub const PUBLIC: &str = "PUBLIC";

/// An object of the schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Object {
    /// What it is.
    pub kind: ObjectKind,
    /// Name; a routine's signature.
    pub name: String,
    /// Table or view that a part belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// The schema itself.
    Schema,
    /// An extension.
    Extension,
    /// An enumerated type, domain, composite or range type.
    Type,
    /// A sequence.
    Sequence,
    /// A table.
    Table,
    /// A column of a table or view.
    Column,
    /// A default, or the expression of a generated column; named as its column.
    Default,
    /// A constraint of a table or domain.
    Constraint,
    /// An index.
    Index,
    /// A view or materialised view.
    View,
    /// A function, procedure or aggregate.
    Routine,
    /// A trigger.
    Trigger,
    /// A rule.
    Rule,
    /// A policy.
    Policy,
    /// Extended statistics.
    Statistics,
}

/// One object needs another one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dependency {
    /// The one that needs.
    pub dependent: Object,
    /// The one that is needed.
    pub on: Object,
}

/// An object of a kind that nothing more is known about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Other {
    /// `foreign table`, `operator`, `collation`, ….
    pub kind: String,
    /// Name.
    pub name: String,
}
