SELECT e.oid::bigint, json_build_object(
    'name', e.extname,
    'version', e.extversion,
    'schema', (SELECT nspname FROM pg_namespace WHERE oid = e.extnamespace),
    'used', e.oid IN (
        SELECT member.refobjid
        FROM pg_depend need
        JOIN pg_depend member ON member.classid = need.refclassid AND member.objid = need.refobjid AND member.deptype = 'e'
        LEFT JOIN pg_attrdef v ON need.classid = 'pg_attrdef'::regclass AND v.oid = need.objid
        LEFT JOIN pg_constraint k ON need.classid = 'pg_constraint'::regclass AND k.oid = need.objid
        LEFT JOIN pg_rewrite r ON need.classid = 'pg_rewrite'::regclass AND r.oid = need.objid
        LEFT JOIN pg_index i ON need.classid = 'pg_class'::regclass AND i.indexrelid = need.objid
        LEFT JOIN pg_policy y ON need.classid = 'pg_policy'::regclass AND y.oid = need.objid
        LEFT JOIN pg_trigger g ON need.classid = 'pg_trigger'::regclass AND g.oid = need.objid
        WHERE need.deptype IN ('n', 'a')
          AND (coalesce(v.adrelid, k.conrelid, r.ev_class, i.indrelid, y.polrelid, g.tgrelid,
                        CASE WHEN need.classid = 'pg_class'::regclass THEN need.objid END) IN (SELECT oid FROM rel)
               OR need.classid = 'pg_type'::regclass AND need.objid IN (SELECT oid FROM own)
               OR need.classid = 'pg_constraint'::regclass AND k.contypid IN (SELECT oid FROM own)
               OR need.classid = 'pg_proc'::regclass AND need.objid IN (SELECT oid FROM fun)))
)
FROM pg_extension e
ORDER BY e.extname COLLATE "C"
