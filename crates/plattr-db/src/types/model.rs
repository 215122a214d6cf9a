//! What types are made of: a schema as a client of it sees it, whatever the client's language.

/// A schema: what can be read, written and called. Everything is sorted by name, so that two databases with the same
/// migrations give the same types, in whatever order columns came into their tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    /// Name.
    pub name: String,
    /// Tables and views; no partitions, which are reached through their table.
    pub relations: Vec<Relation>,
    /// Functions that a client can call; several may have one name.
    pub functions: Vec<Function>,
    /// Enumerated types.
    pub enums: Vec<Enum>,
    /// Domains.
    pub domains: Vec<Domain>,
    /// Composite types.
    pub composites: Vec<Composite>,
}

/// A table or a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// Name.
    pub name: String,
    /// Whether it is a view, materialised or not.
    pub view: bool,
    /// Comment.
    pub comment: Option<String>,
    /// Columns.
    pub columns: Vec<Column>,
    /// Columns of the primary key, in its order.
    pub key: Vec<String>,
    /// Functions of a row, which a query can select as if they were columns.
    pub computed: Vec<Computed>,
    /// Foreign keys to relations of the schema.
    pub links: Vec<Link>,
    /// Whether rows can be added.
    pub insert: bool,
    /// Whether rows can be changed.
    pub update: bool,
    /// Whether rows can be deleted.
    pub delete: bool,
}

/// A column, or an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Type.
    pub ty: Type,
    /// Type as SQL: `character varying(20)`.
    pub sql: String,
    /// Comment.
    pub comment: Option<String>,
    /// Whether it can be NULL.
    pub nullable: bool,
    /// Whether the server has a value for it where none is given, other than NULL.
    pub default: bool,
    /// Whether a client can give it a value.
    pub writable: bool,
}

/// A function of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed {
    /// Name.
    pub name: String,
    /// Type of its value, which may be NULL.
    pub ty: Type,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Name of the constraint.
    pub name: String,
    /// Columns.
    pub columns: Vec<String>,
    /// Whether no two rows have the same values in them.
    pub one_to_one: bool,
    /// Relation that it points to.
    pub target: String,
    /// Columns there, in the same order.
    pub target_columns: Vec<String>,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Name.
    pub name: String,
    /// Comment.
    pub comment: Option<String>,
    /// Arguments that a client gives, in their order. The name is empty where the only one has none.
    pub arguments: Vec<Column>,
    /// What comes back.
    pub returns: Returns,
    /// Whether it comes back any number of times.
    pub set: bool,
    /// Whether it changes nothing, so that it can be called by a GET request.
    pub reads_only: bool,
}

/// What a function returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Returns {
    /// Nothing.
    Nothing,
    /// A value, or a row of a table or type.
    Value(Type),
    /// A row of columns of its own.
    Columns(Vec<Column>),
    /// A row of which nothing is known.
    AnyRow,
}

/// An enumerated type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enum {
    /// Name.
    pub name: String,
    /// Comment.
    pub comment: Option<String>,
    /// Labels in their order.
    pub labels: Vec<String>,
}

/// A domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// Name.
    pub name: String,
    /// Comment.
    pub comment: Option<String>,
    /// What it is made of.
    pub base: Type,
    /// The same as SQL.
    pub sql: String,
}

/// A composite type. Any part of it can be NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composite {
    /// Name.
    pub name: String,
    /// Comment.
    pub comment: Option<String>,
    /// Parts.
    pub attributes: Vec<Column>,
}

/// A type, as JSON from the server has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// A simple value.
    Scalar(Scalar),
    /// A list. Any of its elements can be NULL, which nobody does and the types do not say.
    Array(Box<Type>),
    /// An enumerated type of the schema.
    Enum(String),
    /// A domain of the schema.
    Domain(String),
    /// A composite type of the schema.
    Composite(String),
    /// A row of a table or view of the schema.
    Row(String),
}

/// A simple value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scalar {
    /// `boolean`
    Bool,
    /// `smallint`
    Int2,
    /// `integer`
    Int4,
    /// `bigint`
    Int8,
    /// `real`
    Float4,
    /// `double precision`
    Float8,
    /// `numeric`
    Numeric,
    /// `uuid`
    Uuid,
    /// `date`
    Date,
    /// `time without time zone`
    Time,
    /// `timestamp without time zone`
    Timestamp,
    /// `timestamp with time zone`
    TimestampTz,
    /// `json`, `jsonb`, and what has a cast to them or is not known.
    Json,
    /// All else: the server prints it as text.
    Text,
}

impl Scalar {
    /// What a type of the server is in JSON, by its schema and name in the catalogue. Only these are numbers, `true` or
    /// objects there (`json_categorize_type` in PostgreSQL); money, ranges, intervals and addresses are texts.
    pub fn of(schema: &str, name: &str) -> Self {
        // Extensions have their types in any schema; these two have a cast to JSON, which `to_json` takes.
        if schema != "pg_catalog" {
            return if matches!(name, "hstore" | "geometry" | "geography") { Self::Json } else { Self::Text };
        }
        match name {
            "bool" => Self::Bool,
            "int2" => Self::Int2,
            "int4" => Self::Int4,
            "int8" => Self::Int8,
            "float4" => Self::Float4,
            "float8" => Self::Float8,
            "numeric" => Self::Numeric,
            "uuid" => Self::Uuid,
            "date" => Self::Date,
            "time" => Self::Time,
            "timestamp" => Self::Timestamp,
            "timestamptz" => Self::TimestampTz,
            "json" | "jsonb" => Self::Json,
            _ => Self::Text,
        }
    }
}

impl Column {
    /// Whether an INSERT may leave it out.
    pub fn optional(&self) -> bool {
        self.nullable || self.default
    }
}
