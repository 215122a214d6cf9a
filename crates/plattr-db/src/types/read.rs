//! From the catalogue to what a client sees.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Client;

use super::model::{
    Column, Composite, Computed, Domain, Enum, Function, Link, Relation, Returns, Scalar, Schema, Type,
};
use crate::catalog::{
    self, ArgumentMode, Catalog, ConstraintKind, Identity, Routine, RoutineKind, Table, TypeKind, TypeRef, View,
};
use crate::failure::SqlFailure;

/// What types need to know besides the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extras {
    /// Views that can be written to.
    pub writable: BTreeMap<String, Writable>,
    /// Declared dimensions of array columns with more than one, by relation and column. The server takes any number
    /// of them; the declaration is the best guess there is.
    pub dimensions: BTreeMap<(String, String), usize>,
}

/// What can be done with the rows of a view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Writable {
    /// Whether rows can be added.
    pub insert: bool,
    /// Whether rows can be changed.
    pub update: bool,
    /// Whether rows can be deleted.
    pub delete: bool,
    /// Columns that can be given a value.
    pub columns: BTreeSet<String>,
}

impl Extras {
    /// Asks the server.
    ///
    /// # Errors
    /// When the server refuses or is lost.
    pub async fn read(client: &Client, schema: &str) -> Result<Self, SqlFailure> {
        // The bits are 1 << CmdType of PostgreSQL: 2 UPDATE, 3 INSERT, 4 DELETE.
        const VIEWS: &str = "SELECT c.relname::text, w & 8 <> 0, w & 4 <> 0, w & 16 <> 0,
                array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
                    AND NOT a.attisdropped AND pg_column_is_updatable(c.oid, a.attnum, true))
            FROM pg_class c, pg_relation_is_updatable(c.oid, true) w
            WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND c.relkind = 'v' AND w <> 0";
        const DIMENSIONS: &str = "SELECT c.relname::text, a.attname::text, a.attndims::int4
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND c.relkind IN ('r', 'p', 'f')
                AND a.attnum > 0 AND NOT a.attisdropped AND a.attndims > 1";
        let told = |sql: &'static str| move |e: tokio_postgres::Error| SqlFailure::new(&e, sql);
        let mut extras = Self::default();
        for row in client.query(VIEWS, &[&schema]).await.map_err(told(VIEWS))? {
            let columns: Vec<String> = row.get(4);
            let columns = columns.into_iter().collect();
            let writable = Writable { insert: row.get(1), update: row.get(2), delete: row.get(3), columns };
            extras.writable.insert(row.get(0), writable);
        }
        for row in client.query(DIMENSIONS, &[&schema]).await.map_err(told(DIMENSIONS))? {
            let count: i32 = row.get(2);
            extras.dimensions.insert((row.get(0), row.get(1)), usize::try_from(count).unwrap_or(1));
        }
        Ok(extras)
    }
}

/// What a client sees of a schema.
pub fn schema(catalog: &Catalog, extras: &Extras) -> Schema {
    let reader = Reader { catalog, extras, relations: relations(catalog) };
    let tables = catalog.tables.iter().filter(|t| t.partition_of.is_none()).map(|t| reader.table(t));
    let views = catalog.views.iter().map(|v| reader.view(v));
    let mut schema = Schema {
        name: catalog.schema.clone(),
        relations: tables.chain(views).collect(),
        functions: catalog.routines.iter().filter_map(|r| reader.function(r)).collect(),
        enums: catalog.enums.iter().map(enumerated).collect(),
        domains: catalog.domains.iter().map(|d| reader.domain(d)).collect(),
        composites: catalog.composites.iter().map(|c| reader.composite(c)).collect(),
    };
    schema.relations.sort_by(|a, b| a.name.cmp(&b.name));
    // The catalogue's order among functions of one name is kept.
    schema.functions.sort_by(|a, b| a.name.cmp(&b.name));
    schema.enums.sort_by(|a, b| a.name.cmp(&b.name));
    schema.domains.sort_by(|a, b| a.name.cmp(&b.name));
    schema.composites.sort_by(|a, b| a.name.cmp(&b.name));
    for (relation, column) in reader.computed() {
        if let Ok(at) = schema.relations.binary_search_by(|r| r.name.as_str().cmp(relation)) {
            schema.relations[at].computed.push(column);
        }
    }
    schema
}

/// Relations that a client sees.
fn relations(catalog: &Catalog) -> BTreeSet<&str> {
    let tables = catalog.tables.iter().filter(|t| t.partition_of.is_none()).map(|t| t.name.as_str());
    tables.chain(catalog.views.iter().map(|v| v.name.as_str())).collect()
}

struct Reader<'c> {
    catalog: &'c Catalog,
    extras: &'c Extras,
    relations: BTreeSet<&'c str>,
}

impl Reader<'_> {
    fn table(&self, table: &Table) -> Relation {
        let mut columns: Vec<Column> = table.columns.iter().map(|c| self.column(&table.name, c)).collect();
        columns.sort_by(|a, b| a.name.cmp(&b.name));
        let mut links: Vec<Link> = table
            .foreign_keys()
            .filter(|(_, r)| r.schema == self.catalog.schema && self.relations.contains(r.table.as_str()))
            .map(|(constraint, reference)| Link {
                name: constraint.name.clone(),
                columns: constraint.columns.clone(),
                one_to_one: is_unique(table, &constraint.columns),
                target: reference.table.clone(),
                target_columns: reference.columns.clone(),
            })
            .collect();
        links.sort_by(|a, b| a.name.cmp(&b.name));
        Relation {
            name: table.name.clone(),
            view: false,
            comment: table.comment.clone(),
            columns,
            key: table.primary_key().map(|k| k.columns.clone()).unwrap_or_default(),
            computed: Vec::new(),
            links,
            insert: true,
            update: true,
            delete: true,
        }
    }

    fn column(&self, table: &str, column: &catalog::Column) -> Column {
        let domain = self.catalog.domain(&column.ty).filter(|_| !column.ty.array);
        let given_by_server = column.generated.is_some() || column.identity == Some(Identity::Always);
        Column {
            name: column.name.clone(),
            ty: self.dimensioned(&column.ty, &(table.to_owned(), column.name.clone())),
            sql: column.ty.sql.clone(),
            comment: column.comment.clone(),
            nullable: !column.not_null && !domain.is_some_and(|d| d.not_null),
            default: column.default.is_some()
                || column.identity.is_some()
                || column.generated.is_some()
                || domain.is_some_and(|d| d.default.is_some()),
            writable: !given_by_server,
        }
    }

    fn view(&self, view: &View) -> Relation {
        let none = Writable::default();
        let writable = self.extras.writable.get(&view.name).unwrap_or(&none);
        let column = |c: &catalog::Column| Column {
            // The server does not say which columns of a view can be NULL.
            nullable: true,
            writable: writable.columns.contains(&c.name),
            ..self.column(&view.name, c)
        };
        let mut columns: Vec<Column> = view.columns.iter().map(column).collect();
        columns.sort_by(|a, b| a.name.cmp(&b.name));
        Relation {
            name: view.name.clone(),
            view: true,
            comment: view.comment.clone(),
            columns,
            key: Vec::new(),
            computed: Vec::new(),
            links: Vec::new(),
            insert: writable.insert,
            update: writable.update,
            delete: writable.delete,
        }
    }

    fn domain(&self, domain: &catalog::Domain) -> Domain {
        Domain {
            name: domain.name.clone(),
            comment: domain.comment.clone(),
            base: self.ty(&domain.base),
            sql: domain.base.sql.clone(),
        }
    }

    fn composite(&self, composite: &catalog::Composite) -> Composite {
        let mut attributes: Vec<Column> =
            composite.attributes.iter().map(|a| self.plain(&a.name, &a.ty, a.comment.as_deref(), true)).collect();
        attributes.sort_by(|a, b| a.name.cmp(&b.name));
        Composite { name: composite.name.clone(), comment: composite.comment.clone(), attributes }
    }

    /// A column that is none of a table's.
    fn plain(&self, name: &str, ty: &TypeRef, comment: Option<&str>, nullable: bool) -> Column {
        Column {
            name: name.to_owned(),
            ty: self.ty(ty),
            sql: ty.sql.clone(),
            comment: comment.map(str::to_owned),
            nullable,
            default: false,
            writable: true,
        }
    }

    /// A function that a client can call: it is given all arguments by name, or the only one without.
    fn function(&self, routine: &Routine) -> Option<Function> {
        if routine.kind != RoutineKind::Function || is_trigger(routine) {
            return None;
        }
        let given: Vec<_> = routine.arguments.iter().filter(|a| takes(a.mode)).collect();
        let unnamed = given.iter().filter(|a| a.name.is_none()).count();
        let body = |ty: &TypeRef| matches!(ty.name.as_str(), "json" | "jsonb" | "text" | "bytea" | "xml");
        let callable = unnamed == 0 || (given.len() == 1 && given.iter().all(|a| body(&a.ty)));
        if !callable {
            return None;
        }
        let argument = |a: &&catalog::Argument| Column {
            default: a.has_default,
            ..self.plain(a.name.as_deref().unwrap_or_default(), &a.ty, None, false)
        };
        Some(Function {
            name: routine.name.clone(),
            comment: routine.comment.clone(),
            arguments: given.iter().map(argument).collect(),
            returns: self.returns(routine),
            set: routine.returns_set,
            reads_only: routine.volatility != "VOLATILE",
        })
    }

    fn returns(&self, routine: &Routine) -> Returns {
        let out: Vec<_> = routine.arguments.iter().filter(|a| gives(a.mode)).collect();
        if !out.is_empty() {
            // Parts without a name are called so by the server.
            let name = |i: usize, a: &catalog::Argument| a.name.clone().unwrap_or_else(|| format!("column{}", i + 1));
            let columns = out.iter().enumerate().map(|(i, a)| self.plain(&name(i, a), &a.ty, None, false));
            return Returns::Columns(columns.collect());
        }
        match &routine.returns {
            None => Returns::Nothing,
            Some(ty) if ty.kind == TypeKind::Pseudo && ty.name == "void" => Returns::Nothing,
            Some(ty) if ty.kind == TypeKind::Pseudo && ty.name == "record" => Returns::AnyRow,
            Some(ty) => Returns::Value(self.ty(ty)),
        }
    }

    /// Functions of one argument, a row of a relation, that return a value: the relation and what it seems to have.
    fn computed(&self) -> Vec<(&str, Computed)> {
        let of = |routine: &Routine| {
            let mut given = routine.arguments.iter().filter(|a| takes(a.mode));
            let (Some(row), None) = (given.next(), given.next()) else { return None };
            let relation = *self.relations.get(row.ty.name.as_str())?;
            let of_row = row.ty.kind == TypeKind::Composite && !row.ty.array && row.ty.schema == self.catalog.schema;
            match self.returns(routine) {
                Returns::Value(ty) if of_row && !routine.returns_set && !matches!(ty, Type::Row(_)) => {
                    Some((relation, Computed { name: routine.name.clone(), ty }))
                }
                _ => None,
            }
        };
        let functions = self.catalog.routines.iter().filter(|r| r.kind == RoutineKind::Function);
        let mut computed: Vec<_> = functions.filter_map(of).collect();
        computed.sort_by(|a, b| a.1.name.cmp(&b.1.name));
        computed
    }

    fn dimensioned(&self, ty: &TypeRef, of: &(String, String)) -> Type {
        let more = self.extras.dimensions.get(of).copied().unwrap_or(1).saturating_sub(1);
        // PostgreSQL itself allows six.
        (0..more.min(5)).fold(self.ty(ty), |inner, _| Type::Array(Box::new(inner)))
    }

    fn ty(&self, ty: &TypeRef) -> Type {
        let inner = self.element(ty);
        if ty.array { Type::Array(Box::new(inner)) } else { inner }
    }

    fn element(&self, ty: &TypeRef) -> Type {
        let own = ty.schema == self.catalog.schema;
        match ty.kind {
            TypeKind::Enum if self.catalog.enumeration(ty).is_some() => Type::Enum(ty.name.clone()),
            TypeKind::Domain if self.catalog.domain(ty).is_some() => Type::Domain(ty.name.clone()),
            TypeKind::Composite if self.catalog.composite(ty).is_some() => Type::Composite(ty.name.clone()),
            TypeKind::Composite if own && self.relations.contains(ty.name.as_str()) => Type::Row(ty.name.clone()),
            TypeKind::Enum | TypeKind::Range | TypeKind::Multirange => Type::Scalar(Scalar::Text),
            // Of another schema, or of a partition: nothing is known of what is inside.
            TypeKind::Domain | TypeKind::Composite | TypeKind::Pseudo => Type::Scalar(Scalar::Json),
            TypeKind::Base if ty.name == "int2vector" => Type::Array(Box::new(Type::Scalar(Scalar::Int2))),
            TypeKind::Base if ty.name == "oidvector" => Type::Array(Box::new(Type::Scalar(Scalar::Text))),
            TypeKind::Base => Type::Scalar(Scalar::of(&ty.schema, &ty.name)),
        }
    }
}

fn enumerated(from: &catalog::Enum) -> Enum {
    Enum { name: from.name.clone(), comment: from.comment.clone(), labels: from.labels.clone() }
}

fn takes(mode: ArgumentMode) -> bool {
    matches!(mode, ArgumentMode::In | ArgumentMode::InOut | ArgumentMode::Variadic)
}

fn gives(mode: ArgumentMode) -> bool {
    matches!(mode, ArgumentMode::Out | ArgumentMode::InOut | ArgumentMode::Table)
}

fn is_trigger(routine: &Routine) -> bool {
    let triggers = ["trigger", "event_trigger"];
    routine.returns.as_ref().is_some_and(|ty| ty.kind == TypeKind::Pseudo && triggers.contains(&ty.name.as_str()))
}

/// Whether the columns are together a key of the table.
fn is_unique(table: &Table, columns: &[String]) -> bool {
    let sorted = |columns: &[String]| columns.iter().cloned().collect::<BTreeSet<_>>();
    let keys = [ConstraintKind::Primary, ConstraintKind::Unique];
    table.constraints.iter().any(|c| keys.contains(&c.kind) && sorted(&c.columns) == sorted(columns))
}
