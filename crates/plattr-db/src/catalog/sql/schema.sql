-- The schema itself. $1: its name.
SELECT n.nspname::text, pg_get_userbyid(n.nspowner)::text, d.description, current_setting('server_version_num')::int
FROM pg_namespace n
LEFT JOIN pg_description d ON d.classoid = 'pg_namespace'::regclass AND d.objoid = n.oid
WHERE n.nspname = $1
