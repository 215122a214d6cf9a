//! Reading a schema: a fixed number of queries, whatever its size.

use std::collections::HashMap;

use futures::try_join;
use serde::de::DeserializeOwned;
use tokio_postgres::Client;
use tokio_postgres::types::{Json, ToSql, Type};

use super::{
    Catalog, Column, Composite, Constraint, Domain, Enum, Grant, Index, Policy, Range, Routine, Rule, Sequence,
    Statistics, Table, Trigger, View,
};
use crate::SqlFailure;

/// A query that begins with what all have in common.
macro_rules! query {
    ($file:literal) => {
        concat!(include_str!("sql/with.sql"), include_str!(concat!("sql/", $file, ".sql")))
    };
}

impl Catalog {
    /// Reads everything in `schema` but the tables `ignored`, as of one moment. The session must not be in a
    /// transaction; its settings are as before afterwards.
    ///
    /// # Errors
    /// When there is no such schema, the connection is lost, or the server is older than 15.
    pub async fn read(client: &Client, schema: &str, ignored: &[&str]) -> Result<Self, SqlFailure> {
        // With the schema alone in the search path the server prints its names without it. What follows could change how
        // values in expressions are printed. Nested loops are what the server chooses while it has no statistics of a
        // schema that was just made; a thousand tables then take minutes.
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
             SET LOCAL search_path TO {};
             SET LOCAL timezone TO 'UTC'; SET LOCAL datestyle TO 'ISO, YMD'; SET LOCAL intervalstyle TO 'postgres';
             SET LOCAL extra_float_digits TO 1; SET LOCAL quote_all_identifiers TO off;
             SET LOCAL enable_nestloop TO off; SET LOCAL jit TO off",
            crate::quote(schema)
        );
        client.batch_execute(&begin).await?;
        let read = Reader { client, schema, ignored }.catalog().await;
        let end = client.batch_execute("ROLLBACK").await;
        let catalog = read?;
        end?;
        Ok(catalog)
    }
}

/// What a query found: the object's id, and the object.
type Found<T> = Vec<(i64, T)>;

struct Reader<'a> {
    client: &'a Client,
    schema: &'a str,
    ignored: &'a [&'a str],
}

impl Reader<'_> {
    async fn catalog(&self) -> Result<Catalog, SqlFailure> {
        let mut catalog = self.schema().await?;
        // Sent without waiting for answers in between.
        let (tables, views, columns, constraints, indexes, triggers, rules, statistics, policies) = try_join!(
            self.objects::<Table>(query!("tables")),
            self.objects::<View>(query!("views")),
            self.objects::<Column>(query!("columns")),
            self.objects::<Constraint>(query!("constraints")),
            self.objects::<Index>(query!("indexes")),
            self.objects::<Trigger>(query!("triggers")),
            self.objects::<Rule>(query!("rules")),
            self.objects::<Statistics>(query!("statistics")),
            self.objects::<Policy>(query!("policies")),
        )?;
        let (sequences, enums, domains, composites, ranges, routines, grants) = try_join!(
            self.objects::<Sequence>(query!("sequences")),
            self.objects::<Enum>(query!("enums")),
            self.objects::<Domain>(query!("domains")),
            self.objects::<Composite>(query!("composites")),
            self.objects::<Range>(query!("ranges")),
            self.objects::<Routine>(query!("routines")),
            self.grants(),
        )?;
        let (extensions, default_privileges, dependencies, others) = try_join!(
            self.objects(query!("extensions")),
            self.objects(query!("default_privileges")),
            self.objects(query!("dependencies")),
            self.objects(query!("others")),
        )?;

        let mut grants = grants;
        let mut columns = by_owner(columns);
        for (table, columns) in &mut columns {
            for column in columns {
                column.grants = grants.take("pg_class", *table, Some(&column.name));
            }
        }
        let (mut constraints, mut indexes) = (by_owner(constraints), by_owner(indexes));
        let (mut triggers, mut rules) = (by_owner(triggers), by_owner(rules));
        let (mut statistics, mut policies) = (by_owner(statistics), by_owner(policies));

        catalog.grants = grants.of_class("pg_namespace");
        catalog.tables = tables
            .into_iter()
            .map(|(id, table)| Table {
                columns: columns.remove(&id).unwrap_or_default(),
                constraints: constraints.remove(&id).unwrap_or_default(),
                indexes: indexes.remove(&id).unwrap_or_default(),
                triggers: triggers.remove(&id).unwrap_or_default(),
                rules: rules.remove(&id).unwrap_or_default(),
                statistics: statistics.remove(&id).unwrap_or_default(),
                policies: policies.remove(&id).unwrap_or_default(),
                grants: grants.take("pg_class", id, None),
                ..table
            })
            .collect();
        catalog.views = views
            .into_iter()
            .map(|(id, view)| View {
                columns: columns.remove(&id).unwrap_or_default(),
                indexes: indexes.remove(&id).unwrap_or_default(),
                triggers: triggers.remove(&id).unwrap_or_default(),
                rules: rules.remove(&id).unwrap_or_default(),
                grants: grants.take("pg_class", id, None),
                ..view
            })
            .collect();
        catalog.sequences = granted(sequences, |id, s| s.grants = grants.take("pg_class", id, None));
        catalog.enums = granted(enums, |id, t| t.grants = grants.take("pg_type", id, None));
        catalog.domains = granted(domains, |id, t| t.grants = grants.take("pg_type", id, None));
        catalog.composites = granted(composites, |id, t| t.grants = grants.take("pg_type", id, None));
        catalog.ranges = granted(ranges, |id, t| t.grants = grants.take("pg_type", id, None));
        catalog.routines = granted(routines, |id, r| r.grants = grants.take("pg_proc", id, None));
        catalog.extensions = alone(extensions);
        catalog.default_privileges = alone(default_privileges);
        catalog.dependencies = alone(dependencies);
        catalog.dependencies.sort();
        catalog.others = alone(others);
        Ok(catalog)
    }

    async fn schema(&self) -> Result<Catalog, SqlFailure> {
        let name: (&(dyn ToSql + Sync), Type) = (&self.schema, Type::TEXT);
        let rows = self.client.query_typed(include_str!("sql/schema.sql"), &[name]).await?;
        let Some(row) = rows.first() else {
            return Err(SqlFailure {
                message: format!("there is no schema {}", crate::quote(self.schema)),
                detail: None,
                hint: None,
                code: Some(tokio_postgres::error::SqlState::INVALID_SCHEMA_NAME.code().to_owned()),
                file: None,
                at: None,
            });
        };
        Ok(Catalog {
            schema: row.try_get(0)?,
            owner: row.try_get(1)?,
            comment: row.try_get(2)?,
            server_version: row.try_get(3)?,
            ..Catalog::default()
        })
    }

    async fn objects<T: DeserializeOwned>(&self, query: &str) -> Result<Found<T>, SqlFailure> {
        let mut found = Vec::new();
        for row in self.query(query).await? {
            let Json(object) = row.try_get::<_, Json<T>>(1)?;
            found.push((row.try_get(0)?, object));
        }
        Ok(found)
    }

    async fn grants(&self) -> Result<Grants, SqlFailure> {
        let mut grants = Grants::default();
        for row in self.query(query!("grants")).await? {
            let Json(held) = row.try_get::<_, Json<Vec<Grant>>>(3)?;
            grants.0.insert((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?), held);
        }
        Ok(grants)
    }

    async fn query(&self, query: &str) -> Result<Vec<tokio_postgres::Row>, SqlFailure> {
        let schema: (&(dyn ToSql + Sync), Type) = (&self.schema, Type::TEXT);
        let ignored: (&(dyn ToSql + Sync), Type) = (&self.ignored, Type::TEXT_ARRAY);
        Ok(self.client.query_typed(query, &[schema, ignored]).await?)
    }
}

/// Rights by the catalogue that the object is in, its id, and the column.
#[derive(Default)]
struct Grants(HashMap<(String, i64, Option<String>), Vec<Grant>>);

impl Grants {
    fn take(&mut self, class: &str, id: i64, column: Option<&str>) -> Vec<Grant> {
        self.0.remove(&(class.to_owned(), id, column.map(str::to_owned))).unwrap_or_default()
    }

    /// Those on the only object of its kind.
    fn of_class(&mut self, class: &str) -> Vec<Grant> {
        let key = self.0.keys().find(|(of, ..)| of == class).cloned();
        key.and_then(|key| self.0.remove(&key)).unwrap_or_default()
    }
}

/// The parts of each table, in the order in which they came.
fn by_owner<T>(found: Found<T>) -> HashMap<i64, Vec<T>> {
    let mut parts: HashMap<i64, Vec<T>> = HashMap::new();
    for (owner, part) in found {
        parts.entry(owner).or_default().push(part);
    }
    parts
}

fn granted<T>(found: Found<T>, mut give: impl FnMut(i64, &mut T)) -> Vec<T> {
    found
        .into_iter()
        .map(|(id, mut object)| {
            give(id, &mut object);
            object
        })
        .collect()
}

fn alone<T>(found: Found<T>) -> Vec<T> {
    found.into_iter().map(|(_, object)| object).collect()
}
