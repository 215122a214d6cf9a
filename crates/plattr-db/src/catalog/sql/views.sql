SELECT c.oid::bigint, json_build_object(
    'name', c.relname,
    'materialized', c.relkind = 'm',
    'definition', rtrim(btrim(pg_get_viewdef(c.oid), E' \n'), ';'),
    'options', coalesce(to_json(c.reloptions), '[]'),
    'comment', d.description,
    'columns', '[]'::json, 'indexes', '[]'::json, 'triggers', '[]'::json, 'rules', '[]'::json, 'grants', '[]'::json
)
FROM rel c
LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
WHERE c.relkind IN ('v', 'm')
ORDER BY c.relname COLLATE "C"
