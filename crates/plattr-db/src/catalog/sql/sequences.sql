SELECT c.oid::bigint, json_build_object(
    'name', c.relname,
    'type', format_type(s.seqtypid, NULL),
    'start', s.seqstart, 'min', s.seqmin, 'max', s.seqmax, 'increment', s.seqincrement, 'cache', s.seqcache,
    'cycle', s.seqcycle,
    'unlogged', c.relpersistence = 'u',
    'owned_by', CASE WHEN t.oid IS NOT NULL THEN json_build_object('table', t.relname, 'column', a.attname) END,
    'identity', coalesce(o.deptype = 'i', false),
    'comment', d.description,
    'grants', '[]'::json
)
FROM rel c
JOIN pg_sequence s ON s.seqrelid = c.oid
LEFT JOIN pg_depend o ON o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.refclassid = 'pg_class'::regclass
                     AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i')
LEFT JOIN rel t ON t.oid = o.refobjid
LEFT JOIN pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid
LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
ORDER BY c.relname COLLATE "C"
