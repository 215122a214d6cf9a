, obj (class, oid, part, rel, object) AS MATERIALIZED (
    -- `rel`: the table or view that the object is or belongs to.
    SELECT 'pg_class'::regclass::oid, c.oid, 0, c.oid, jsonb_build_object('kind', CASE c.relkind
               WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'view' WHEN 'c' THEN 'type' ELSE 'table' END,
               'name', c.relname)
    FROM rel c
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid, a.attnum, c.oid, CASE c.relkind
               WHEN 'c' THEN jsonb_build_object('kind', 'type', 'name', c.relname)
               ELSE jsonb_build_object('kind', 'column', 'name', a.attname, 'of', c.relname) END
    FROM rel c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind <> 'S'
    UNION ALL
    SELECT 'pg_class'::regclass, x.oid, 0, c.oid, jsonb_build_object('kind', 'index', 'name', x.relname, 'of', c.relname)
    FROM rel c JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class x ON x.oid = i.indexrelid
    UNION ALL
    SELECT 'pg_attrdef'::regclass, v.oid, 0, c.oid, jsonb_build_object('kind', 'default', 'name', a.attname, 'of', c.relname)
    FROM rel c JOIN pg_attrdef v ON v.adrelid = c.oid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = v.adnum
    UNION ALL
    SELECT 'pg_constraint'::regclass, k.oid, 0, c.oid, jsonb_build_object('kind', 'constraint', 'name', k.conname, 'of', c.relname)
    FROM rel c JOIN pg_constraint k ON k.conrelid = c.oid
    UNION ALL
    SELECT 'pg_constraint'::regclass, k.oid, 0, t.oid, jsonb_build_object('kind', 'type', 'name', t.typname)
    FROM own t JOIN pg_constraint k ON k.contypid = t.oid
    UNION ALL
    SELECT 'pg_trigger'::regclass, g.oid, 0, c.oid, jsonb_build_object('kind', 'trigger', 'name', g.tgname, 'of', c.relname)
    FROM rel c JOIN pg_trigger g ON g.tgrelid = c.oid AND NOT g.tgisinternal
    UNION ALL
    SELECT 'pg_rewrite'::regclass, r.oid, 0, c.oid, CASE r.rulename
               WHEN '_RETURN' THEN jsonb_build_object('kind', 'view', 'name', c.relname)
               ELSE jsonb_build_object('kind', 'rule', 'name', r.rulename, 'of', c.relname) END
    FROM rel c JOIN pg_rewrite r ON r.ev_class = c.oid
    UNION ALL
    SELECT 'pg_policy'::regclass, y.oid, 0, c.oid, jsonb_build_object('kind', 'policy', 'name', y.polname, 'of', c.relname)
    FROM rel c JOIN pg_policy y ON y.polrelid = c.oid
    UNION ALL
    SELECT 'pg_statistic_ext'::regclass, s.oid, 0, c.oid,
           jsonb_build_object('kind', 'statistics', 'name', s.stxname, 'of', c.relname)
    FROM rel c JOIN pg_statistic_ext s ON s.stxrelid = c.oid
    UNION ALL
    SELECT 'pg_proc'::regclass, p.oid, 0, NULL,
           jsonb_build_object('kind', 'routine', 'name', quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')')
    FROM fun p
    UNION ALL
    -- Types, and the arrays and multiranges that came with them.
    SELECT 'pg_type'::regclass, t.oid, 0, t.oid, jsonb_build_object('kind', 'type', 'name', coalesce(o.typname, t.typname))
    FROM pg_type t
    LEFT JOIN pg_range r ON r.rngmultitypid = t.oid
    JOIN own o ON o.oid IN (t.oid, r.rngtypid, CASE WHEN t.typsubscript = 'array_subscript_handler'::regproc THEN t.typelem END)
    UNION ALL
    -- The row types of tables and views, and arrays of them.
    SELECT 'pg_type'::regclass, t.oid, 0, c.oid,
           jsonb_build_object('kind', CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END, 'name', c.relname)
    FROM rel c
    JOIN pg_class full_class ON full_class.oid = c.oid
    JOIN pg_type row_type ON row_type.oid = full_class.reltype
    JOIN pg_type t ON t.oid IN (row_type.oid, row_type.typarray)
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
)
SELECT DISTINCT 0::bigint, jsonb_build_object('dependent', a.object, 'on', b.object)
FROM pg_depend d
JOIN obj a ON a.class = d.classid AND a.oid = d.objid AND a.part = d.objsubid
JOIN obj b ON b.class = d.refclassid AND b.oid = d.refobjid AND b.part = d.refobjsubid
-- That a part needs the table it is a part of goes without saying, and so does a default its column.
WHERE a.object <> b.object
  AND (a.rel IS DISTINCT FROM b.rel
       OR b.object ->> 'kind' = 'column' AND a.object ->> 'kind' NOT IN ('table', 'view', 'type', 'column')
          AND NOT (a.object ->> 'kind' = 'default' AND a.object ->> 'name' = b.object ->> 'name'))
