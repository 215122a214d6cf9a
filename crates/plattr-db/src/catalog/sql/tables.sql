SELECT c.oid::bigint, json_build_object(
    'name', c.relname,
    'kind', CASE c.relkind WHEN 'p' THEN 'partitioned' WHEN 'f' THEN 'foreign' ELSE 'ordinary' END,
    'unlogged', c.relpersistence = 'u',
    'options', coalesce(to_json(c.reloptions), '[]'),
    'partition_key', CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
    'partition_of', CASE WHEN c.relispartition THEN
        json_build_object('parent', up.names ->> 0, 'bound', pg_get_expr(c.relpartbound, c.oid)) END,
    'inherits', CASE WHEN c.relispartition THEN '[]' ELSE coalesce(up.names, '[]') END,
    'replica_identity', CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' WHEN 'i' THEN
        (SELECT 'USING INDEX ' || quote_ident(x.relname) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
         WHERE i.indrelid = c.oid AND i.indisreplident) END,
    'row_security', c.relrowsecurity,
    'force_row_security', c.relforcerowsecurity,
    'comment', d.description,
    'columns', '[]'::json, 'constraints', '[]'::json, 'indexes', '[]'::json, 'triggers', '[]'::json, 'rules', '[]'::json,
    'statistics', '[]'::json, 'policies', '[]'::json, 'grants', '[]'::json
)
FROM rel c
LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
LEFT JOIN (
    SELECT i.inhrelid,
           json_agg(CASE WHEN p.relnamespace = quote_ident($1::text)::regnamespace THEN p.relname::text
                         ELSE p.relnamespace::regnamespace || '.' || p.relname END ORDER BY i.inhseqno) AS names
    FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
    GROUP BY i.inhrelid
) up ON up.inhrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'f')
ORDER BY c.relname COLLATE "C"
