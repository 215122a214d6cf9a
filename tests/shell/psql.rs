//! What psql prints, of a server of its own version, plattr prints too.

use std::process::Command;

use crate::support::{Database, server};

const OBJECTS: &str = "
create schema shop;
create type shop.state as enum ('new', 'paid');
create domain shop.money as numeric check (value >= 0);
create type shop.pair as (a int, b text);
create table people (id int generated always as identity primary key, email text not null unique, born date);
create table shop.orders (
  id bigserial primary key, person int not null references people (id) on delete cascade,
  state shop.state not null default 'new', total shop.money not null default 0.00,
  doubled numeric generated always as (total * 2) stored, note text collate \"C\",
  constraint enough check (total < 1000), unique (person, note) deferrable initially deferred);
create index orders_open on shop.orders (state, lower(note)) where state = 'new';
alter table shop.orders enable row level security;
create policy own on shop.orders for select to public using (person = 1);
create policy strict on shop.orders as restrictive for update using (true) with check (total > 0);
alter table people enable row level security;
create function touch() returns trigger language plpgsql as 'begin return new; end';
create trigger touched before update on shop.orders for each row execute function touch();
create view open_orders as select id, total from shop.orders where state = 'new';
create materialized view totals as select person, sum(total) from shop.orders group by person;
create index on totals (person);
create table measures (at date not null, value float) partition by range (at);
create table measures_2026 partition of measures for values from ('2026-01-01') to ('2027-01-01');
create table base (a int); create table child (b int) inherits (base);
create unlogged table fast (x int);
create sequence counter increment 5 maxvalue 100 cycle;
create table \"Odd \"\"name\" (\"a b\" int);
grant select on people to public;
grant update (email) on people to public;
comment on type shop.state is 'where an order is';
";

/// The major version of the psql of this machine.
fn psql_major() -> String {
    let output = Command::new("psql").arg("--version").output().expect("psql, of the client programs of PostgreSQL");
    let text = String::from_utf8(output.stdout).unwrap();
    text.split(' ').nth(2).and_then(|version| version.split('.').next()).expect("a version").to_owned()
}

fn psql(database: &Database, args: &[&str]) -> String {
    let output = Command::new("psql")
        .env("LC_ALL", "C.UTF-8")
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", &database.url()])
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn with_objects() -> Database {
    let database = Database::on(server(Some(&psql_major())));
    database.must(&["-1", "-c", OBJECTS]);
    database
}

#[test]
fn objects_are_described_as_psql_does() {
    let database = with_objects();
    for command in [
        "\\d",
        "\\d people",
        "\\d shop.orders",
        "\\d shop.*",
        "\\d open_orders",
        "\\d totals",
        "\\d measures",
        "\\d measures_2026",
        "\\d base",
        "\\d child",
        "\\d fast",
        "\\d counter",
        "\\d people_id_seq",
        "\\d shop.orders_id_seq",
        "\\d shop.orders_open",
        "\\d people_pkey",
        "\\d \"Odd \"\"name\"",
        "\\dt",
        "\\dt *.*orders",
        "\\dv",
        "\\dm",
        "\\di",
        "\\di shop.*",
        "\\ds",
        "\\df",
        "\\dn",
        "\\dT",
        "\\dT shop.*",
        "\\dx",
        "\\dp",
        "\\dp shop.*",
        "\\du",
        "\\d pg_class",
    ] {
        assert_eq!(database.must(&["-c", command]), psql(&database, &["-c", command]), "{command}");
    }
}

#[test]
fn columns_have_the_names_and_types_that_psql_gives() {
    let database = with_objects();
    for table in ["people", "shop.orders", "open_orders", "measures", "counter"] {
        let command = format!("\\d {table}");
        assert_eq!(
            database.must(&["-c", &command, "-o", "csv"]),
            psql(&database, &["--csv", "-c", &command]),
            "{table}"
        );
    }
}

#[test]
fn results_are_drawn_as_psql_does() {
    let database = with_objects();
    let queries = [
        "select 1 as one, 'a' as two, null as three",
        "select * from people",
        "select n, repeat('x', n) as \"many x\" from generate_series(1, 12) n",
        "select E'two\\nlines' as a, 'b' as b, E'x\\ty\\r\\x1b[31m' as c, 1.5 as d",
        "select '日本語' as \"列\", 'ü' as u union all select 'a', 'bb'",
        "select E'a\\nb' as \"first\nsecond\", -1.5e10::float8 as f",
        "select repeat('long ', 10) as a_long_name, 1 as b",
        "select 1 as \"abcdefghijklm\", 1 as b",
    ];
    assert_eq!(database.must(&["-c", "select"]), psql(&database, &["-c", "select"]));
    for query in queries {
        assert_eq!(database.must(&["-c", query]), psql(&database, &["-c", query]), "{query}");
        let expanded = format!("\\x on\n{query};");
        let file = database.file("expanded.sql", &expanded);
        assert_eq!(database.must(&["-f", &file]), psql(&database, &["-f", &file]), "expanded: {query}");
        assert_eq!(
            database.must(&["-c", query, "-o", "csv"]),
            psql(&database, &["--csv", "-c", query]),
            "csv: {query}"
        );
    }
}

#[test]
fn arguments_after_two_hyphens_go_to_psql_which_finds_the_database() {
    let database = with_objects();
    let out = database.must(&["--read-only", "--", "-X", "-A", "-t", "-c", "show default_transaction_read_only"]);
    assert_eq!(out, "on\n");
    let out = database.must(&["--schema", "shop", "--", "-X", "-A", "-t", "-c", "select count(*) from orders"]);
    assert_eq!(out, "0\n");
}
