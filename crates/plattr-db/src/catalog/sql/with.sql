-- What the queries have in common. $1: the schema; $2: tables that are left out.
WITH
-- Tables, views and sequences of the schema that no extension brought.
rel AS MATERIALIZED (
    SELECT c.oid, c.relname, c.relkind, c.relnamespace, c.relpersistence, c.reloptions, c.relispartition, c.relpartbound,
           c.relreplident, c.relrowsecurity, c.relforcerowsecurity, c.relowner, c.relacl
    FROM pg_class c
    WHERE c.relnamespace = quote_ident($1::text)::regnamespace
      AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c')
      AND c.relname <> ALL ($2::text[])
      AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
      -- The sequence of a column of a table that is left out.
      AND NOT EXISTS (SELECT FROM pg_depend o JOIN pg_class t ON t.oid = o.refobjid
                      WHERE o.classid = 'pg_class'::regclass AND o.objid = c.oid AND c.relkind = 'S' AND o.deptype IN ('a', 'i')
                        AND o.refclassid = 'pg_class'::regclass AND t.relnamespace = c.relnamespace
                        AND t.relname = ANY ($2::text[]))
),
-- Types of the schema that no extension brought and that are not a part of something else.
own AS MATERIALIZED (
    SELECT t.oid, t.typname, t.typtype, t.typowner, t.typacl, t.typrelid
    FROM pg_type t
    WHERE t.typnamespace = quote_ident($1::text)::regnamespace
      AND (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND t.typrelid IN (SELECT oid FROM rel WHERE relkind = 'c'))
      AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e')
),
-- Functions of the schema that no extension and no range type brought.
fun AS MATERIALIZED (
    SELECT p.*
    FROM pg_proc p
    WHERE p.pronamespace = quote_ident($1::text)::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend e
                      WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype IN ('e', 'i'))
),
-- Every type, as a `TypeRef` without `sql`.
typ AS MATERIALIZED (
    SELECT t.oid, t.typcollation, t.typstorage,
           jsonb_build_object(
               'schema', n.nspname,
               'name', e.typname,
               'array', e.oid <> t.oid,
               'kind', CASE e.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'c' THEN 'composite'
                                      WHEN 'r' THEN 'range' WHEN 'm' THEN 'multirange' WHEN 'p' THEN 'pseudo' ELSE 'base' END
           ) AS about
    FROM pg_type t
    JOIN pg_type e ON e.oid = CASE WHEN t.typsubscript = 'array_subscript_handler'::regproc THEN t.typelem ELSE t.oid END
    JOIN pg_namespace n ON n.oid = e.typnamespace
)
