-- Files attached to to-do items. Their bytes are in object storage, under {owner}/{id}.

CREATE TABLE attachments (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  todo_id uuid NOT NULL,
  owner text NOT NULL DEFAULT requester(),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  size integer NOT NULL CHECK (size >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Foreign keys look past row-level security. With the owner in it, nobody can attach to another's item.
  FOREIGN KEY (todo_id, owner) REFERENCES todos (id, owner) ON DELETE CASCADE
);

CREATE INDEX ON attachments (todo_id);

ALTER TABLE attachments ENABLE ROW LEVEL SECURITY;

CREATE POLICY owners_only ON attachments USING (owner = (SELECT requester()));

DO $$
DECLARE
  users text := current_schema() || '_authenticated';
BEGIN
  EXECUTE format('GRANT SELECT, DELETE, INSERT (todo_id, name, size) ON attachments TO %I', users);
END
$$;
