SELECT c.oid::bigint, json_build_object(
    'name', r.rulename,
    'definition', pg_get_ruledef(r.oid, true),
    'enabled', CASE r.ev_enabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' ELSE 'origin' END
)
FROM rel c
-- The rule `_RETURN` is what makes a view a view.
JOIN pg_rewrite r ON r.ev_class = c.oid AND r.rulename <> '_RETURN'
ORDER BY c.oid, r.rulename COLLATE "C"
