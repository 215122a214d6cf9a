SELECT t.oid::bigint, json_build_object(
    'name', t.typname,
    'base', typ.about || jsonb_build_object('sql', format_type(full_type.typbasetype, full_type.typtypmod)),
    'collation', CASE WHEN full_type.typcollation <> typ.typcollation THEN full_type.typcollation::regcollation::text END,
    'not_null', full_type.typnotnull,
    'default', pg_get_expr(full_type.typdefaultbin, 0),
    'checks', (SELECT coalesce(json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid))
                                        ORDER BY k.conname COLLATE "C"), '[]')
               FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'),
    'comment', d.description,
    'grants', '[]'::json
)
FROM own t
JOIN pg_type full_type ON full_type.oid = t.oid
JOIN typ ON typ.oid = full_type.typbasetype
LEFT JOIN pg_description d ON d.classoid = 'pg_type'::regclass AND d.objoid = t.oid
WHERE t.typtype = 'd'
ORDER BY t.typname COLLATE "C"
