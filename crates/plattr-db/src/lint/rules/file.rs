//! Rules for the files of migrations.

use super::Severity::{Error, Info, Warning};
use super::Subject::File;
use super::{Rule, off, on};

/// The rules.
pub(super) const RULES: &[Rule] = &[
    on(
        "syntax-error",
        Error,
        File,
        [
            "PostgreSQL would not understand this.",
            "Correct it. Should PostgreSQL accept it after all, `-- plattr:ignore-file syntax-error` says so.",
            "CREATE TABLE todos (id int PRIMARY KEY, title text,);",
            "CREATE TABLE todos (id int PRIMARY KEY, title text);",
        ],
    ),
    on(
        "needs-no-transaction",
        Error,
        File,
        [
            "PostgreSQL refuses this statement inside a transaction, and plattr gives each file one.",
            "Move it to a file of its own that begins with the line `-- plattr:no-transaction`.",
            "CREATE INDEX CONCURRENTLY todos_title ON todos (title);",
            "-- plattr:no-transaction\nCREATE INDEX CONCURRENTLY todos_title ON todos (title);",
        ],
    ),
    on(
        "transaction-nesting",
        Error,
        File,
        [
            "plattr gives each file a transaction of its own: one that is begun inside does nothing, and one that is ended \
         inside leaves the rest of the file without any.",
            "Leave it out. A file whose statements must not share a transaction begins with `-- plattr:no-transaction`.",
            "BEGIN;\nCREATE TABLE todos (id int PRIMARY KEY);\nCOMMIT;",
            "CREATE TABLE todos (id int PRIMARY KEY);",
        ],
    ),
    on(
        "ban-uncommitted-transaction",
        Error,
        File,
        [
            "The transaction is begun and never committed: everything after it is lost.",
            "End it with `COMMIT`.",
            "-- plattr:no-transaction\nBEGIN;\nCREATE TABLE todos (id int PRIMARY KEY);",
            "-- plattr:no-transaction\nBEGIN;\nCREATE TABLE todos (id int PRIMARY KEY);\nCOMMIT;",
        ],
    ),
    on(
        "require-concurrent-index-creation",
        Error,
        File,
        [
            "While the index is built, nobody can write to the table.",
            "Put `CREATE INDEX CONCURRENTLY` into a file of its own that begins with `-- plattr:no-transaction`.",
            "CREATE INDEX todos_title ON todos (title);",
            "-- plattr:no-transaction\nCREATE INDEX CONCURRENTLY todos_title ON todos (title);",
        ],
    ),
    on(
        "require-concurrent-reindex",
        Error,
        File,
        [
            "While the index is built anew, nobody can write to the table, and queries that would use the index wait.",
            "Write `REINDEX … CONCURRENTLY`, in a file that begins with `-- plattr:no-transaction`.",
            "REINDEX TABLE todos;",
            "-- plattr:no-transaction\nREINDEX TABLE CONCURRENTLY todos;",
        ],
    ),
    on(
        "constraint-missing-not-valid",
        Error,
        File,
        [
            "Every row is checked while nobody can write to the table.",
            "Add the constraint as `NOT VALID`, and `VALIDATE CONSTRAINT` in a later file: that lets others write.",
            "ALTER TABLE todos ADD CONSTRAINT todos_title_check CHECK (title <> '');",
            "ALTER TABLE todos ADD CONSTRAINT todos_title_check CHECK (title <> '') NOT VALID;",
        ],
    ),
    on(
        "adding-foreign-key-constraint",
        Error,
        File,
        [
            "Every row is checked while nobody can write to either table.",
            "Add the key as `NOT VALID`, and `VALIDATE CONSTRAINT` in a later file: that lets others write.",
            "ALTER TABLE todos ADD CONSTRAINT todos_list_fkey FOREIGN KEY (list_id) REFERENCES lists (id);",
            "ALTER TABLE todos ADD CONSTRAINT todos_list_fkey FOREIGN KEY (list_id) REFERENCES lists (id) NOT VALID;",
        ],
    ),
    on(
        "disallowed-unique-constraint",
        Error,
        File,
        [
            "While the index of the constraint is built, nobody can read or write the table.",
            "Make a unique index `CONCURRENTLY` in a file of its own, then add the constraint `USING INDEX`.",
            "ALTER TABLE todos ADD CONSTRAINT todos_title_key UNIQUE (title);",
            "ALTER TABLE todos ADD CONSTRAINT todos_title_key UNIQUE USING INDEX todos_title_key;",
        ],
    ),
    on(
        "adding-serial-primary-key-field",
        Error,
        File,
        [
            "While the index of the primary key is built, nobody can read or write the table.",
            "Make a unique index `CONCURRENTLY` in a file of its own, then add the primary key `USING INDEX`.",
            "ALTER TABLE todos ADD PRIMARY KEY (id);",
            "ALTER TABLE todos ADD CONSTRAINT todos_pkey PRIMARY KEY USING INDEX todos_pkey;",
        ],
    ),
    on(
        "adding-not-nullable-field",
        Error,
        File,
        [
            "Every row is checked while nobody can read or write the table.",
            "Add `CHECK (column IS NOT NULL) NOT VALID`, validate it in a later file, and set `NOT NULL` after that: \
         PostgreSQL then believes the check.",
            "ALTER TABLE todos ALTER COLUMN title SET NOT NULL;",
            "ALTER TABLE todos ADD CONSTRAINT todos_title_not_null CHECK (title IS NOT NULL) NOT VALID;",
        ],
    ),
    on(
        "adding-required-field",
        Error,
        File,
        [
            "A table that has rows cannot get a column that must not be null and has no default; and programs that do not \
         know the column yet can no longer insert.",
            "Give it a default, or leave it nullable until every program fills it.",
            "ALTER TABLE todos ADD COLUMN priority int NOT NULL;",
            "ALTER TABLE todos ADD COLUMN priority int NOT NULL DEFAULT 0;",
        ],
    ),
    on(
        "adding-field-with-default",
        Error,
        File,
        [
            "Each row needs a value of its own, so the whole table is written anew while nobody can read or write it.",
            "Add the column without a default, set the default in a second statement, and fill old rows in portions.",
            "ALTER TABLE todos ADD COLUMN token uuid DEFAULT gen_random_uuid();",
            "ALTER TABLE todos ADD COLUMN token uuid;\nALTER TABLE todos ALTER COLUMN token SET DEFAULT gen_random_uuid();",
        ],
    ),
    on(
        "changing-column-type",
        Error,
        File,
        [
            "Nobody can read or write the table while it is written anew, and programs may not expect the new type.",
            "Add a second column, fill it in portions, and change programs over before the first is dropped. Where \
         PostgreSQL need not rewrite (`varchar(n)` to `text` or a larger n), `-- plattr:ignore changing-column-type`.",
            "ALTER TABLE todos ALTER COLUMN id TYPE bigint;",
            "ALTER TABLE todos ADD COLUMN big_id bigint;",
        ],
    ),
    on(
        "ban-truncate-cascade",
        Error,
        File,
        [
            "`CASCADE` also empties every table that refers to this one, and those that refer to them.",
            "Name each table that is to be emptied.",
            "TRUNCATE lists CASCADE;",
            "TRUNCATE lists, todos;",
        ],
    ),
    on(
        "ban-drop-database",
        Error,
        File,
        [
            "All data of the database is lost.",
            "Drop a database by hand, or with `plattr destroy`, never in a migration.",
            "-- plattr:no-transaction\nDROP DATABASE shop;",
            "DROP TABLE IF EXISTS shop_cache; -- plattr:ignore ban-drop-table",
        ],
    ),
    on(
        "ban-drop-schema",
        Error,
        File,
        [
            "Everything in the schema is lost, and plattr made it with rights that a new one does not have.",
            "Drop what is in it, object by object.",
            "DROP SCHEMA shop CASCADE;",
            "DROP TABLE IF EXISTS shop_cache; -- plattr:ignore ban-drop-table",
        ],
    ),
    on(
        "ban-duplicate-column-assignments",
        Error,
        File,
        [
            "PostgreSQL refuses to assign to a column twice.",
            "Keep one of the assignments.",
            "UPDATE todos SET title = 'a', title = 'b';",
            "UPDATE todos SET title = 'b';",
        ],
    ),
    on(
        "require-concurrent-index-deletion",
        Warning,
        File,
        [
            "Dropping an index waits for every query on its table, and all that come later wait behind it.",
            "Put `DROP INDEX CONCURRENTLY` into a file of its own that begins with `-- plattr:no-transaction`.",
            "DROP INDEX todos_title;",
            "-- plattr:no-transaction\nDROP INDEX CONCURRENTLY todos_title;",
        ],
    ),
    on(
        "require-concurrent-partition-detach",
        Warning,
        File,
        [
            "Detaching a partition waits for every query on the table, and all that come later wait behind it.",
            "Write `DETACH PARTITION … CONCURRENTLY`, in a file that begins with `-- plattr:no-transaction`.",
            "ALTER TABLE events DETACH PARTITION events_2025;",
            "-- plattr:no-transaction\nALTER TABLE events DETACH PARTITION events_2025 CONCURRENTLY;",
        ],
    ),
    on(
        "ban-drop-table",
        Warning,
        File,
        [
            "Its rows are lost, and programs that still use it fail.",
            "Drop it one release after the last program that used it. If that is now, `-- plattr:ignore ban-drop-table`.",
            "DROP TABLE todos;",
            "-- plattr:ignore ban-drop-table -- nothing has used it since version 2\nDROP TABLE todos;",
        ],
    ),
    on(
        "ban-drop-column",
        Warning,
        File,
        [
            "Its values are lost, and programs that still use it fail.",
            "Drop it one release after the last program that used it. If that is now, `-- plattr:ignore ban-drop-column`.",
            "ALTER TABLE todos DROP COLUMN title;",
            "-- plattr:ignore ban-drop-column -- nothing has used it since version 2\nALTER TABLE todos DROP COLUMN title;",
        ],
    ),
    on(
        "renaming-table",
        Warning,
        File,
        [
            "Programs that know the old name fail until they are replaced.",
            "Make a view of the old name over the renamed table, and drop it one release later. Then \
         `-- plattr:ignore renaming-table`.",
            "ALTER TABLE todos RENAME TO tasks;",
            "CREATE VIEW tasks AS SELECT * FROM todos;",
        ],
    ),
    on(
        "renaming-column",
        Warning,
        File,
        [
            "Programs that know the old name fail until they are replaced.",
            "Add a second column, keep both filled, and drop the first one release later.",
            "ALTER TABLE todos RENAME COLUMN title TO name;",
            "ALTER TABLE todos ADD COLUMN name text;",
        ],
    ),
    on(
        "ban-char-field",
        Warning,
        File,
        [
            "`char(n)` is filled with blanks up to n and compared without them, which nobody expects.",
            "Use `text`, with a check where the length matters.",
            "CREATE TABLE todos (id int PRIMARY KEY, code char(8));",
            "CREATE TABLE todos (id int PRIMARY KEY, code text CHECK (length(code) = 8));",
        ],
    ),
    on(
        "identifier-too-long",
        Warning,
        File,
        [
            "PostgreSQL cuts names off after 63 bytes without an error.",
            "Choose a shorter name.",
            "CREATE TABLE a_name_that_goes_on_and_on_until_postgresql_does_not_keep_all_of_it (id int PRIMARY KEY);",
            "CREATE TABLE a_short_name (id int PRIMARY KEY);",
        ],
    ),
    on(
        "ban-alter-domain-with-add-constraint",
        Warning,
        File,
        [
            "Every column of the domain, in every table, is checked while nobody can write to these tables.",
            "Put the check on the tables, as `NOT VALID`.",
            "ALTER DOMAIN email ADD CONSTRAINT email_check CHECK (value LIKE '%@%');",
            "ALTER TABLE users ADD CONSTRAINT users_email_check CHECK (email LIKE '%@%') NOT VALID;",
        ],
    ),
    on(
        "unused-ignore",
        Warning,
        File,
        [
            "The comment names no rule, or one that finds nothing here.",
            "Remove it, or correct the name.",
            "-- plattr:ignore ban-drop-table\nCREATE TABLE todos (id int PRIMARY KEY);",
            "-- plattr:ignore ban-drop-table\nDROP TABLE todos;",
        ],
    ),
    on(
        "not-checked",
        Info,
        File,
        [
            "The file is too large to be checked.",
            "Keep rows out of migrations: `plattr db seed` loads them. What changes the schema goes into a file of its own.",
            "",
            "",
        ],
    ),
    off(
        "ban-drop-not-null",
        File,
        [
            "Programs may not expect nulls.",
            "Change programs first.",
            "ALTER TABLE todos ALTER COLUMN title DROP NOT NULL;",
            "ALTER TABLE todos ALTER COLUMN title SET DEFAULT '';",
        ],
    ),
    off(
        "ban-drop-view",
        File,
        [
            "Programs that still use the view fail.",
            "Drop it one release after the last program that used it.",
            "DROP VIEW open_todos;",
            "CREATE OR REPLACE VIEW open_todos AS SELECT * FROM todos;",
        ],
    ),
    off(
        "ban-drop-function",
        File,
        [
            "Programs that still call the function fail.",
            "Drop it one release after the last program that called it.",
            "DROP FUNCTION finish(int);",
            "CREATE OR REPLACE FUNCTION finish(id int) RETURNS int LANGUAGE sql AS 'SELECT id';",
        ],
    ),
    off(
        "prefer-bigint-over-int",
        File,
        [
            "An `int` ends at 2,147,483,647, and changing it later means to write the table anew.",
            "Use `bigint`.",
            "CREATE TABLE todos (id int PRIMARY KEY);",
            "CREATE TABLE todos (id bigint PRIMARY KEY);",
        ],
    ),
    off(
        "prefer-bigint-over-smallint",
        File,
        [
            "A `smallint` ends at 32,767, and changing it later means to write the table anew.",
            "Use `bigint`.",
            "CREATE TABLE todos (id smallint PRIMARY KEY);",
            "CREATE TABLE todos (id bigint PRIMARY KEY);",
        ],
    ),
    off(
        "prefer-identity",
        File,
        [
            "A `serial` column has a sequence with rights and an owner of its own.",
            "Use `GENERATED BY DEFAULT AS IDENTITY`.",
            "CREATE TABLE todos (id bigserial PRIMARY KEY);",
            "CREATE TABLE todos (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY);",
        ],
    ),
    off(
        "prefer-text-field",
        File,
        [
            "A smaller `varchar(n)` later means to check every row while nobody can read or write the table.",
            "Use `text`, with a check where the length matters.",
            "CREATE TABLE todos (id int PRIMARY KEY, title varchar(80));",
            "CREATE TABLE todos (id int PRIMARY KEY, title text CHECK (length(title) <= 80));",
        ],
    ),
    off(
        "prefer-timestamp-tz",
        File,
        [
            "A `timestamp` forgets its time zone: 21:11 in Berlin and 21:11 in Boston become the same.",
            "Use `timestamptz`.",
            "CREATE TABLE todos (id int PRIMARY KEY, due timestamp);",
            "CREATE TABLE todos (id int PRIMARY KEY, due timestamptz);",
        ],
    ),
    off(
        "require-enum-value-ordering",
        File,
        [
            "A new value comes after all others unless it is said where.",
            "Say `BEFORE` or `AFTER`.",
            "ALTER TYPE state ADD VALUE 'waiting';",
            "ALTER TYPE state ADD VALUE 'waiting' BEFORE 'done';",
        ],
    ),
];
