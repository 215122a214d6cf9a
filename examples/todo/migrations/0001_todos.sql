-- To-do items. Row-level security decides who sees which: the owner, and nobody else.

-- Who is asking: `sub` of the access token, which PostgREST has checked. NULL without a token.
CREATE FUNCTION requester() RETURNS text
  LANGUAGE sql STABLE
  RETURN nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub';

CREATE TABLE todos (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  owner text NOT NULL DEFAULT requester(),
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
  done boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (id, owner)
);

CREATE INDEX ON todos (owner, created_at);

ALTER TABLE todos ENABLE ROW LEVEL SECURITY;

-- Without WITH CHECK, USING also decides which rows may be written. The subselect is evaluated once a
-- query instead of once a row.
CREATE POLICY owners_only ON todos USING (owner = (SELECT requester()));

-- The role of signed-in users is called after the schema, whose name differs from environment to environment.
-- Columns that are not granted (id, owner, created_at) always keep their defaults. Functions are nobody's until they
-- are granted either; the policies and defaults above run this one as the user who asks.
DO $$
DECLARE
  users text := current_schema() || '_authenticated';
BEGIN
  EXECUTE format('GRANT SELECT, DELETE, INSERT (title), UPDATE (title, done) ON todos TO %I', users);
  EXECUTE format('GRANT EXECUTE ON FUNCTION requester() TO %I', users);
END
$$;
