SELECT c.oid::bigint, json_build_object(
    'name', a.attname,
    'type', typ.about || jsonb_build_object('sql', format_type(a.atttypid, a.atttypmod)),
    'not_null', a.attnotnull AND c.relkind NOT IN ('v', 'm'),
    'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(v.adbin, v.adrelid) END,
    'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by_default' END,
    'generated', CASE WHEN a.attgenerated <> '' THEN
        json_build_object('expression', pg_get_expr(v.adbin, v.adrelid), 'stored', a.attgenerated = 's') END,
    'collation', CASE WHEN a.attcollation <> typ.typcollation THEN a.attcollation::regcollation::text END,
    'storage', CASE WHEN a.attstorage <> typ.typstorage AND c.relkind IN ('r', 'p') THEN
        CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'x' THEN 'EXTENDED' ELSE 'MAIN' END END,
    'compression', CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END,
    -- NULL means unset from version 17 on, -1 before.
    'statistics_target', nullif(a.attstattarget::int, -1),
    'inherited', NOT a.attislocal,
    'comment', d.description,
    'grants', '[]'::json
)
FROM rel c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN typ ON typ.oid = a.atttypid
LEFT JOIN pg_attrdef v ON v.adrelid = a.attrelid AND v.adnum = a.attnum
LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = a.attnum
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
ORDER BY c.oid, a.attnum
