SELECT c.oid::bigint, json_build_object(
    'name', s.stxname,
    'definition', 'CREATE STATISTICS '
        || substr(pg_get_statisticsobjdef(s.oid), length('CREATE STATISTICS ' || quote_ident($1::text) || '.') + 1),
    'comment', d.description
)
FROM rel c
JOIN pg_statistic_ext s ON s.stxrelid = c.oid AND s.stxnamespace = c.relnamespace
LEFT JOIN pg_description d ON d.classoid = 'pg_statistic_ext'::regclass AND d.objoid = s.oid
ORDER BY c.oid, s.stxname COLLATE "C"
