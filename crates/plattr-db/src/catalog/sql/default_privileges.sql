SELECT a.oid::bigint, json_build_object(
    'role', pg_get_userbyid(a.defaclrole),
    'on', CASE a.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' ELSE 'TYPES' END,
    'everywhere', a.defaclnamespace = 0,
    'grants', (
        SELECT coalesce(json_agg(json_build_object('grantee', g.grantee, 'privilege', g.privilege, 'grantable', g.grantable)
                                 ORDER BY g.grantee COLLATE "C", g.privilege COLLATE "C"), '[]')
        FROM (SELECT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee)::text END AS grantee,
                     x.privilege_type AS privilege, bool_or(x.is_grantable) AS grantable
              FROM aclexplode(a.defaclacl) x WHERE x.grantee <> a.defaclrole GROUP BY 1, 2) g)
)
FROM pg_default_acl a
JOIN pg_namespace n ON n.nspname = $1
WHERE a.defaclobjtype IN ('r', 'S', 'f', 'T')
  -- In every schema: only what the schema's owner makes can come to be in this one.
  AND (a.defaclnamespace = n.oid OR a.defaclnamespace = 0 AND a.defaclrole = n.nspowner)
ORDER BY pg_get_userbyid(a.defaclrole) COLLATE "C", a.defaclobjtype, a.defaclnamespace = 0
