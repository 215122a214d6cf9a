SELECT p.oid::bigint, json_build_object(
    'name', p.proname,
    'signature', quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')',
    'kind', CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window' ELSE 'function' END,
    'arguments', (
        SELECT coalesce(json_agg(json_build_object(
                   'name', nullif(p.proargnames[u.at], ''),
                   'mode', u.mode,
                   'type', typ.about || jsonb_build_object('sql', format_type(u.type, NULL)),
                   'has_default', u.input AND u.input_at > p.pronargs - p.pronargdefaults) ORDER BY u.at), '[]')
        FROM (
            SELECT i.type, i.at, m.mode, m.mode IN ('in', 'in_out', 'variadic') AS input,
                   count(*) FILTER (WHERE m.mode IN ('in', 'in_out', 'variadic')) OVER (ORDER BY i.at) AS input_at
            FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) WITH ORDINALITY i (type, at)
            CROSS JOIN LATERAL (SELECT CASE p.proargmodes[i.at] WHEN 'o' THEN 'out' WHEN 'b' THEN 'in_out'
                                       WHEN 'v' THEN 'variadic' WHEN 't' THEN 'table' ELSE 'in' END) m (mode)
        ) u
        JOIN typ ON typ.oid = u.type),
    'returns', CASE WHEN p.prokind <> 'p' THEN back.about || jsonb_build_object('sql', format_type(p.prorettype, NULL)) END,
    'returns_set', p.proretset,
    'language', l.lanname,
    'volatility', CASE p.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' ELSE 'VOLATILE' END,
    'strict', p.proisstrict,
    'security_definer', p.prosecdef,
    'settings', coalesce(to_json(p.proconfig), '[]'),
    'definition', CASE
        WHEN p.prokind = 'a' THEN
            'CREATE OR REPLACE AGGREGATE ' || quote_ident(p.proname) || '('
            || coalesce(nullif(pg_get_function_identity_arguments(p.oid), ''), '*') || ') (' || concat_ws(', ',
                'SFUNC = ' || g.aggtransfn,
                'STYPE = ' || format_type(g.aggtranstype, NULL),
                'SSPACE = ' || nullif(g.aggtransspace, 0),
                'FINALFUNC = ' || nullif(g.aggfinalfn, 0::regproc),
                CASE WHEN g.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
                CASE WHEN g.aggfinalfn <> 0 THEN 'FINALFUNC_MODIFY = ' || (modify.of ->> g.aggfinalmodify::text) END,
                'COMBINEFUNC = ' || nullif(g.aggcombinefn, 0::regproc),
                'SERIALFUNC = ' || nullif(g.aggserialfn, 0::regproc),
                'DESERIALFUNC = ' || nullif(g.aggdeserialfn, 0::regproc),
                'INITCOND = ' || quote_literal(g.agginitval),
                'MSFUNC = ' || nullif(g.aggmtransfn, 0::regproc),
                'MINVFUNC = ' || nullif(g.aggminvtransfn, 0::regproc),
                CASE WHEN g.aggmtranstype <> 0 THEN 'MSTYPE = ' || format_type(g.aggmtranstype, NULL) END,
                'MSSPACE = ' || nullif(g.aggmtransspace, 0),
                'MFINALFUNC = ' || nullif(g.aggmfinalfn, 0::regproc),
                CASE WHEN g.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
                CASE WHEN g.aggmfinalfn <> 0 THEN 'MFINALFUNC_MODIFY = ' || (modify.of ->> g.aggmfinalmodify::text) END,
                'MINITCOND = ' || quote_literal(g.aggminitval),
                'SORTOP = ' || nullif(g.aggsortop, 0::regoper),
                'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END,
                CASE WHEN g.aggkind = 'h' THEN 'HYPOTHETICAL' END) || ')'
        -- The server prints the schema before the name, whatever the search path is.
        ELSE 'CREATE OR REPLACE ' || word.of || rtrim(substr(pg_get_functiondef(p.oid),
                length('CREATE OR REPLACE ' || word.of || quote_ident($1::text) || '.') + 1), E'\n') END,
    'comment', d.description,
    'grants', '[]'::json
)
FROM fun p
JOIN pg_language l ON l.oid = p.prolang
JOIN typ back ON back.oid = p.prorettype
LEFT JOIN pg_aggregate g ON g.aggfnoid = p.oid
LEFT JOIN pg_description d ON d.classoid = 'pg_proc'::regclass AND d.objoid = p.oid
CROSS JOIN LATERAL (SELECT CASE p.prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END) word (of)
CROSS JOIN (SELECT '{"r": "READ_ONLY", "s": "SHAREABLE", "w": "READ_WRITE"}'::json) modify (of)
ORDER BY (quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')') COLLATE "C"
