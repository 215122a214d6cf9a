, acl (class, object, part, owner, list) AS (
    SELECT 'pg_namespace'::regclass, n.oid, 0, n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner))
    FROM pg_namespace n WHERE n.nspname = $1
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid, 0, c.relowner, c.relacl FROM rel c WHERE c.relacl IS NOT NULL AND c.relkind <> 'c'
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid, a.attnum, c.relowner, a.attacl
    FROM rel c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped
    UNION ALL
    SELECT 'pg_proc'::regclass, p.oid, 0, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner)) FROM fun p
    UNION ALL
    SELECT 'pg_type'::regclass, t.oid, 0, t.typowner, coalesce(t.typacl, acldefault('T', t.typowner)) FROM own t
), held AS (
    SELECT acl.class, acl.object, acl.part,
           CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee)::text END AS grantee,
           x.privilege_type AS privilege, bool_or(x.is_grantable) AS grantable
    FROM acl CROSS JOIN LATERAL aclexplode(acl.list) x
    WHERE x.grantee <> acl.owner
    GROUP BY 1, 2, 3, 4, 5
)
SELECT held.class::text, held.object::bigint, a.attname::text,
       json_agg(json_build_object('grantee', held.grantee, 'privilege', held.privilege, 'grantable', held.grantable)
                ORDER BY held.grantee COLLATE "C", held.privilege COLLATE "C")
FROM held
LEFT JOIN pg_attribute a ON held.part > 0 AND a.attrelid = held.object AND a.attnum = held.part
GROUP BY held.class, held.object, a.attname
