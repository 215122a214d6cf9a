-- A shop that uses most of what a schema can have.
COMMENT ON SCHEMA :schema IS 'a shop';
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
COMMENT ON TYPE mood IS 'how someone is';
CREATE DOMAIN price AS numeric(10, 2) DEFAULT 0 NOT NULL CONSTRAINT price_positive CHECK (VALUE >= 0);
CREATE DOMAIN email AS text COLLATE "C" CHECK (VALUE LIKE '%@%');
CREATE TYPE address AS (street text, city text COLLATE "C", mood mood);
COMMENT ON COLUMN address.street IS 'with the number';
CREATE TYPE timerange AS RANGE (subtype = time);
CREATE SEQUENCE ticket AS integer START 100 INCREMENT 10 CACHE 5 CYCLE;
GRANT USAGE ON SEQUENCE ticket TO PUBLIC;

CREATE FUNCTION double(n integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT n * 2 $$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION double(integer) IS 'twice as much';

CREATE TABLE "User" (
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 10) PRIMARY KEY,
    email email UNIQUE,
    "full name" text NOT NULL DEFAULT 'nobody',
    mood mood DEFAULT 'ok',
    moods mood[] DEFAULT '{sad,happy}',
    home address,
    open timerange,
    doubled integer GENERATED ALWAYS AS (double(10)) STORED,
    note varchar(20) COLLATE "C",
    data jsonb NOT NULL DEFAULT '{}',
    updated_at timestamptz DEFAULT now()
);
COMMENT ON TABLE "User" IS 'someone who buys';
COMMENT ON COLUMN "User"."full name" IS 'it''s shown';
CREATE TRIGGER touched BEFORE UPDATE ON "User" FOR EACH ROW WHEN (OLD.email IS DISTINCT FROM NEW.email) EXECUTE FUNCTION touch();
COMMENT ON TRIGGER touched ON "User" IS 'when';
CREATE INDEX user_data ON "User" USING gin (data jsonb_path_ops);
CREATE UNIQUE INDEX user_lower ON "User" (lower(email::text)) INCLUDE (id) WHERE mood <> 'sad';
COMMENT ON INDEX user_lower IS 'one of each';

CREATE TABLE product (
    id serial PRIMARY KEY,
    name text NOT NULL CHECK (length(name) > 0),
    price price,
    ticket integer DEFAULT nextval('ticket'),
    parent_id integer REFERENCES product ON DELETE SET NULL,
    CONSTRAINT cheap CHECK (price < 1000) NOT VALID,
    UNIQUE NULLS NOT DISTINCT (name, parent_id)
) WITH (fillfactor = 80);
ALTER TABLE product ALTER COLUMN name SET STORAGE EXTERNAL;
ALTER TABLE product ALTER COLUMN name SET STATISTICS 500;
CREATE STATISTICS product_stats (dependencies) ON name, price FROM product;
CREATE INDEX product_parent ON product (parent_id);

CREATE TABLE cart (
    user_id bigint REFERENCES "User" (id) ON DELETE CASCADE,
    product_id integer,
    amount smallint NOT NULL DEFAULT 1 CHECK (amount > 0),
    during tsrange,
    PRIMARY KEY (user_id, product_id),
    CONSTRAINT cart_product FOREIGN KEY (product_id) REFERENCES product DEFERRABLE INITIALLY DEFERRED,
    EXCLUDE USING gist (during WITH &&)
);
ALTER TABLE cart ENABLE ROW LEVEL SECURITY;
ALTER TABLE cart FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON cart USING (user_id = current_setting('app.user', true)::bigint) WITH CHECK (amount < 100);
CREATE POLICY sane ON cart AS RESTRICTIVE FOR UPDATE TO PUBLIC USING (double(amount::integer) < 500);
GRANT SELECT, INSERT ON cart TO PUBLIC;
GRANT UPDATE (amount) ON cart TO PUBLIC;

CREATE TABLE event (id bigint NOT NULL, at timestamptz NOT NULL, what text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE event_2026 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE event_rest PARTITION OF event DEFAULT;
CREATE INDEX event_what ON event (what);
CREATE TABLE event_note (event_id bigint, event_at timestamptz, FOREIGN KEY (event_id, event_at) REFERENCES event);

CREATE TABLE animal (id integer PRIMARY KEY, name text DEFAULT 'x');
CREATE TABLE dog (tricks text[]) INHERITS (animal);
CREATE UNLOGGED TABLE scratch (line text);
CREATE RULE forget AS ON DELETE TO scratch DO INSTEAD NOTHING;

CREATE VIEW happy_user WITH (security_barrier = true) AS SELECT id, email, double(3) AS six FROM "User" WHERE mood = 'happy';
COMMENT ON COLUMN happy_user.six IS 'always';
CREATE VIEW happy_cart AS SELECT c.*, u.email FROM cart c JOIN happy_user u ON u.id = c.user_id;
CREATE MATERIALIZED VIEW totals AS SELECT product_id, sum(amount) AS amount FROM cart GROUP BY product_id;
CREATE UNIQUE INDEX totals_product ON totals (product_id);
CREATE FUNCTION happy() RETURNS SETOF happy_user LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
    BEGIN ATOMIC SELECT id, email, six FROM happy_user; END;
CREATE FUNCTION search(IN q text, limit_to integer DEFAULT 10, OUT id integer, OUT name text) RETURNS SETOF record
    LANGUAGE sql STABLE AS $$ SELECT p.id, p.name FROM product p WHERE p.name ILIKE q LIMIT limit_to $$;
CREATE FUNCTION many(VARIADIC numbers integer[]) RETURNS TABLE (n integer, s text) LANGUAGE sql AS $$ SELECT 1, 'x' $$;
CREATE PROCEDURE clear_carts(of_user bigint) LANGUAGE sql AS $$ DELETE FROM cart WHERE user_id = of_user $$;
CREATE AGGREGATE product_of(integer) (SFUNC = int4mul, STYPE = integer, INITCOND = '1');
CREATE FUNCTION insert_happy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER into_happy INSTEAD OF INSERT ON happy_user FOR EACH ROW EXECUTE FUNCTION insert_happy();
REVOKE EXECUTE ON FUNCTION happy() FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA :schema GRANT SELECT ON TABLES TO PUBLIC;
