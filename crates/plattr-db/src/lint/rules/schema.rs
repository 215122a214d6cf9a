//! Rules for what is slow, broken or near its end in a schema.

use super::Severity::{Error, Info, Warning};
use super::Subject::Schema;
use super::{Rule, on};

/// The rules.
pub(super) const RULES: &[Rule] = &[
    on(
        "foreign-key-without-index",
        Warning,
        Schema,
        [
            "Deleting or changing a row of the other table reads all of this one, once for each row.",
            "Make an index that begins with the columns of the key.",
            "CREATE TABLE lists (id int PRIMARY KEY);\n\
         CREATE TABLE todos (id int PRIMARY KEY, list_id int REFERENCES lists);",
            "CREATE TABLE lists (id int PRIMARY KEY);\n\
         CREATE TABLE todos (id int PRIMARY KEY, list_id int REFERENCES lists);\nCREATE INDEX ON todos (list_id);",
        ],
    ),
    on(
        "table-without-primary-key",
        Warning,
        Schema,
        [
            "Nothing tells two of its rows apart: replication, PostgREST and most programs need that.",
            "Add a primary key.",
            "CREATE TABLE todos (title text);",
            "CREATE TABLE todos (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text);",
        ],
    ),
    on(
        "invalid-index",
        Warning,
        Schema,
        [
            "The index was never finished (`CREATE INDEX CONCURRENTLY` failed): writing keeps it up, and no query can use it.",
            "`DROP INDEX CONCURRENTLY` and make it again, or `REINDEX INDEX CONCURRENTLY`.",
            "CREATE TABLE todos (id int PRIMARY KEY, title text);\nINSERT INTO todos VALUES (1, 'a'), (2, 'a');\n\
         -- fails, for there is a title twice:\nCREATE UNIQUE INDEX CONCURRENTLY todos_title ON todos (title);",
            "CREATE TABLE todos (id int PRIMARY KEY, title text);\nINSERT INTO todos VALUES (1, 'a'), (2, 'b');\n\
         CREATE UNIQUE INDEX CONCURRENTLY todos_title ON todos (title);",
        ],
    ),
    on(
        "constraint-not-validated",
        Warning,
        Schema,
        [
            "The constraint was added as `NOT VALID`: older rows may break it, and the planner does not believe it.",
            "`ALTER TABLE … VALIDATE CONSTRAINT …`, which lets others read and write.",
            "CREATE TABLE todos (id int PRIMARY KEY, title text);\n\
         ALTER TABLE todos ADD CONSTRAINT title_check CHECK (title <> '') NOT VALID;",
            "CREATE TABLE todos (id int PRIMARY KEY, title text);\n\
         ALTER TABLE todos ADD CONSTRAINT title_check CHECK (title <> '') NOT VALID;\n\
         ALTER TABLE todos VALIDATE CONSTRAINT title_check;",
        ],
    ),
    on(
        "sequence-near-its-end",
        Error,
        Schema,
        [
            "More than three quarters of the numbers are used; after the last one every insert fails.",
            "Change the column (and its sequence) to `bigint`, before there is no more time to do it step by step.",
            "CREATE TABLE todos (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);\n\
         SELECT setval('todos_id_seq', 2000000000);",
            "CREATE TABLE todos (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);\n\
         SELECT setval('todos_id_seq', 2000000000);",
        ],
    ),
    on(
        "duplicate-index",
        Warning,
        Schema,
        [
            "Another index on the table does the same: it only slows writing down and takes space.",
            "`DROP INDEX CONCURRENTLY`.",
            "CREATE TABLE todos (id int PRIMARY KEY);\nCREATE INDEX todos_id ON todos (id);",
            "CREATE TABLE todos (id int PRIMARY KEY, title text);\nCREATE INDEX todos_title ON todos (title, id);",
        ],
    ),
    on(
        "timestamp-without-time-zone",
        Info,
        Schema,
        [
            "The column forgets its time zone: 21:11 in Berlin and 21:11 in Boston become the same.",
            "Use `timestamptz`.",
            "CREATE TABLE todos (id int PRIMARY KEY, due timestamp);",
            "CREATE TABLE todos (id int PRIMARY KEY, due timestamptz);",
        ],
    ),
];
