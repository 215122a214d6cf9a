SELECT t.oid::bigint, json_build_object(
    'name', t.typname,
    'labels', (SELECT coalesce(json_agg(e.enumlabel ORDER BY e.enumsortorder), '[]') FROM pg_enum e WHERE e.enumtypid = t.oid),
    'comment', d.description,
    'grants', '[]'::json
)
FROM own t
LEFT JOIN pg_description d ON d.classoid = 'pg_type'::regclass AND d.objoid = t.oid
WHERE t.typtype = 'e'
ORDER BY t.typname COLLATE "C"
