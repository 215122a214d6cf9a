SELECT c.oid::bigint, json_build_object(
    'name', p.polname,
    'permissive', p.polpermissive,
    'command', CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                             ELSE 'ALL' END,
    'roles', (SELECT json_agg(role.name ORDER BY role.name COLLATE "C")
              FROM unnest(p.polroles) r (oid)
              CROSS JOIN LATERAL (SELECT CASE r.oid WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r.oid)::text END) role (name)),
    'using', pg_get_expr(p.polqual, p.polrelid),
    'check', pg_get_expr(p.polwithcheck, p.polrelid),
    'comment', d.description
)
FROM rel c
JOIN pg_policy p ON p.polrelid = c.oid
LEFT JOIN pg_description d ON d.classoid = 'pg_policy'::regclass AND d.objoid = p.oid
ORDER BY c.oid, p.polname COLLATE "C"
