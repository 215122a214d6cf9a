SELECT c.oid::bigint, json_build_object(
    'name', t.tgname,
    'definition', pg_get_triggerdef(t.oid, true),
    'function', t.tgfoid::regprocedure,
    'enabled', CASE t.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' ELSE 'origin' END,
    'inherited', t.tgparentid <> 0,
    'comment', d.description
)
FROM rel c
JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
LEFT JOIN pg_description d ON d.classoid = 'pg_trigger'::regclass AND d.objoid = t.oid
ORDER BY c.oid, t.tgname COLLATE "C"
