SELECT t.oid::bigint, json_build_object(
    'name', t.typname,
    'attributes', (
        SELECT coalesce(json_agg(json_build_object(
                   'name', a.attname,
                   'type', typ.about || jsonb_build_object('sql', format_type(a.atttypid, a.atttypmod)),
                   'collation', CASE WHEN a.attcollation <> typ.typcollation THEN a.attcollation::regcollation::text END,
                   'comment', ad.description) ORDER BY a.attnum), '[]')
        FROM pg_attribute a
        JOIN typ ON typ.oid = a.atttypid
        LEFT JOIN pg_description ad ON ad.classoid = 'pg_class'::regclass AND ad.objoid = a.attrelid AND ad.objsubid = a.attnum
        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped),
    'comment', d.description,
    'grants', '[]'::json
)
FROM own t
LEFT JOIN pg_description d ON d.classoid = 'pg_type'::regclass AND d.objoid = t.oid
WHERE t.typtype = 'c'
ORDER BY t.typname COLLATE "C"
