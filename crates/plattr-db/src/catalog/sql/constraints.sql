SELECT c.oid::bigint, json_build_object(
    'name', k.conname,
    'kind', CASE k.contype WHEN 'p' THEN 'primary' WHEN 'u' THEN 'unique' WHEN 'x' THEN 'exclusion' WHEN 'c' THEN 'check'
                           ELSE 'foreign' END,
    'definition', pg_get_constraintdef(k.oid),
    'columns', (SELECT coalesce(json_agg(a.attname ORDER BY u.at), '[]')
                FROM unnest(k.conkey) WITH ORDINALITY u (num, at)
                JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num),
    'references', CASE WHEN k.contype = 'f' THEN json_build_object(
        'schema', (SELECT nspname FROM pg_namespace WHERE oid = far.relnamespace),
        'table', far.relname,
        'columns', (SELECT json_agg(a.attname ORDER BY u.at)
                    FROM unnest(k.confkey) WITH ORDINALITY u (num, at)
                    JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num),
        'on_delete', action.of ->> k.confdeltype::text,
        'on_update', action.of ->> k.confupdtype::text) END,
    'deferrable', k.condeferrable,
    'deferred', k.condeferred,
    'valid', k.convalidated,
    'inherited', NOT k.conislocal OR k.conparentid <> 0,
    'comment', d.description
)
FROM rel c
JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x', 'c', 'f')
LEFT JOIN pg_class far ON far.oid = k.confrelid
LEFT JOIN pg_description d ON d.classoid = 'pg_constraint'::regclass AND d.objoid = k.oid
CROSS JOIN (SELECT '{"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}'::json) action (of)
-- A foreign key to a partitioned table has one inner constraint for each partition.
WHERE NOT EXISTS (SELECT FROM pg_constraint whole
                  WHERE whole.oid = k.conparentid AND whole.conrelid = k.conrelid AND k.contype = 'f')
ORDER BY c.oid, k.conname COLLATE "C"
