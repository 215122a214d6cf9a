SELECT t.oid::bigint, json_build_object(
    'name', t.typname,
    'subtype', typ.about || jsonb_build_object('sql', format_type(r.rngsubtype, NULL)),
    'multirange', m.typname,
    'subtype_diff', CASE WHEN r.rngsubdiff <> 0 THEN r.rngsubdiff::text END,
    'comment', d.description,
    'grants', '[]'::json
)
FROM own t
JOIN pg_range r ON r.rngtypid = t.oid
JOIN pg_type m ON m.oid = r.rngmultitypid
JOIN typ ON typ.oid = r.rngsubtype
LEFT JOIN pg_description d ON d.classoid = 'pg_type'::regclass AND d.objoid = t.oid
WHERE t.typtype = 'r'
ORDER BY t.typname COLLATE "C"
