//! Types and sequences.

use serde::{Deserialize, Serialize};

use super::Grant;

/// A type, where something has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TypeRef {
    /// As `format_type` prints it: `character varying(20)[]`, `mood`, `extensions.citext`.
    pub sql: String,
    /// Schema of the type, of the element's type where it is an array: `pg_catalog`.
    pub schema: String,
    /// Name of the type, of the element's type where it is an array, as the catalogue has it: `varchar`, `int4`.
    pub name: String,
    /// Whether it is an array. PostgreSQL keeps no count of dimensions.
    pub array: bool,
    /// What the type, or the element's type, is.
    pub kind: TypeKind,
}

/// What a type is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypeKind {
    /// One that stands for itself: `int4`, `text`, `citext`.
    #[default]
    Base,
    /// Enumerated: a list of labels.
    Enum,
    /// A domain over another type.
    Domain,
    /// A row of columns, also that of a table.
    Composite,
    /// A range.
    Range,
    /// Several ranges.
    Multirange,
    /// None that a column can have: `void`, `record`, `trigger`, `anyelement`.
    Pseudo,
}

/// An enumerated type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enum {
    /// Name.
    pub name: String,
    /// Labels in their order.
    pub labels: Vec<String>,
    /// Comment.
    pub comment: Option<String>,
    /// Rights.
    pub grants: Vec<Grant>,
}

/// A domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// Name.
    pub name: String,
    /// Type that it is made of.
    pub base: TypeRef,
    /// Collation, where it is not the base type's.
    pub collation: Option<String>,
    /// Whether it refuses NULL.
    pub not_null: bool,
    /// Default, as SQL.
    pub default: Option<String>,
    /// Checks.
    pub checks: Vec<DomainCheck>,
    /// Comment.
    pub comment: Option<String>,
    /// Rights.
    pub grants: Vec<Grant>,
}

/// A check of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainCheck {
    /// Name.
    pub name: String,
    /// As `pg_get_constraintdef` prints it: `CHECK (VALUE > 0)`.
    pub definition: String,
}

/// A composite type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Composite {
    /// Name.
    pub name: String,
    /// Attributes in their order.
    pub attributes: Vec<Attribute>,
    /// Comment.
    pub comment: Option<String>,
    /// Rights.
    pub grants: Vec<Grant>,
}

/// A part of a composite type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Name.
    pub name: String,
    /// Type.
    #[serde(rename = "type")]
    pub ty: TypeRef,
    /// Collation, where it is not the type's.
    pub collation: Option<String>,
    /// Comment.
    pub comment: Option<String>,
}

/// A range type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// Name.
    pub name: String,
    /// Type of its ends.
    pub subtype: TypeRef,
    /// Name of the multirange type that came with it.
    pub multirange: String,
    /// Function that tells how far two values are apart.
    pub subtype_diff: Option<String>,
    /// Comment.
    pub comment: Option<String>,
    /// Rights.
    pub grants: Vec<Grant>,
}

/// A sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// Name.
    pub name: String,
    /// `bigint`, `integer` or `smallint`.
    #[serde(rename = "type")]
    pub ty: String,
    /// First value.
    pub start: i64,
    /// Smallest value.
    pub min: i64,
    /// Largest value.
    pub max: i64,
    /// Step.
    pub increment: i64,
    /// Values that a session takes at once.
    pub cache: i64,
    /// Whether it begins anew at its end.
    pub cycle: bool,
    /// Whether a crash may lose it.
    pub unlogged: bool,
    /// Column that it goes with, and is dropped with.
    pub owned_by: Option<ColumnRef>,
    /// Whether it is the inside of an identity column.
    pub identity: bool,
    /// Comment.
    pub comment: Option<String>,
    /// Rights.
    pub grants: Vec<Grant>,
}

/// A column of a table of the schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ColumnRef {
    /// Table.
    pub table: String,
    /// Column.
    pub column: String,
}
