SELECT c.oid::bigint, json_build_object(
    'name', x.relname,
    -- The index of a partitioned table is printed as one that stays without the partitions' own.
    'definition', replace(pg_get_indexdef(i.indexrelid, 0, true),
                          quote_ident(x.relname) || ' ON ONLY ', quote_ident(x.relname) || ' ON '),
    'method', am.amname,
    'columns', key.columns,
    'include', key.include,
    'predicate', pg_get_expr(i.indpred, i.indrelid),
    'unique', i.indisunique,
    'valid', i.indisvalid,
    'constraint', k.conname,
    'clustered', i.indisclustered,
    'inherited', x.relispartition,
    'comment', d.description
)
FROM rel c
JOIN pg_index i ON i.indrelid = c.oid
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_am am ON am.oid = x.relam
LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = i.indexrelid AND d.objsubid = 0
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(a.attname ORDER BY u.at) FILTER (WHERE u.at <= i.indnkeyatts), '[]') AS columns,
           coalesce(json_agg(a.attname ORDER BY u.at) FILTER (WHERE u.at > i.indnkeyatts), '[]') AS include
    FROM unnest(i.indkey) WITH ORDINALITY u (num, at)
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.num AND u.num <> 0
) key
ORDER BY c.oid, x.relname COLLATE "C"
