SELECT 0::bigint, json_build_object('kind', o.kind, 'name', o.name)
FROM (
    SELECT 'foreign table' AS kind, c.relname AS name, 'pg_class'::regclass AS class, c.oid FROM rel c WHERE c.relkind = 'f'
    UNION ALL
    SELECT 'operator', oprname || '(' || format_type(oprleft, NULL) || ', ' || format_type(oprright, NULL) || ')',
           'pg_operator'::regclass, oid FROM pg_operator WHERE oprnamespace = quote_ident($1::text)::regnamespace
    UNION ALL
    SELECT 'operator class', opcname, 'pg_opclass'::regclass, oid FROM pg_opclass WHERE opcnamespace = quote_ident($1::text)::regnamespace
    UNION ALL
    SELECT 'operator family', opfname, 'pg_opfamily'::regclass, oid FROM pg_opfamily
    WHERE opfnamespace = quote_ident($1::text)::regnamespace
    UNION ALL
    SELECT 'collation', collname, 'pg_collation'::regclass, oid FROM pg_collation WHERE collnamespace = quote_ident($1::text)::regnamespace
    UNION ALL
    SELECT 'conversion', conname, 'pg_conversion'::regclass, oid FROM pg_conversion
    WHERE connamespace = quote_ident($1::text)::regnamespace
    UNION ALL
    SELECT 'text search configuration', cfgname, 'pg_ts_config'::regclass, oid FROM pg_ts_config
    WHERE cfgnamespace = quote_ident($1::text)::regnamespace
    UNION ALL
    SELECT 'text search dictionary', dictname, 'pg_ts_dict'::regclass, oid FROM pg_ts_dict
    WHERE dictnamespace = quote_ident($1::text)::regnamespace
    UNION ALL
    SELECT 'base type', t.typname, 'pg_type'::regclass, t.oid FROM pg_type t
    WHERE t.typnamespace = quote_ident($1::text)::regnamespace AND t.typtype = 'b'
      AND t.typsubscript <> 'array_subscript_handler'::regproc
) o
WHERE NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = o.class AND e.objid = o.oid AND e.deptype = 'e')
ORDER BY o.kind, o.name
