-- SPDX-License-Identifier: BSD-2-Clause
--
-- The registry: which tables the API knows, and what was said of each. A table without a row here
-- does not exist for the workers. Tables are named, not numbered, so that a dump can be restored;
-- the views join the names with pg_catalog and are what the checks, the lint and the catalogue
-- share. They hold the registry's shape only, never rows of a model.

CREATE TABLE rowhouse.models (
  schema_name        text NOT NULL,
  table_name         text NOT NULL,
  tenancy            text NOT NULL CHECK (tenancy IN ('tenant', 'shared')),
  soft_delete        boolean NOT NULL,
  cascade            text[] NOT NULL,         -- 'comments' or 'comments(post_id)'
  audit              boolean NOT NULL,
  sensitive          text[] NOT NULL,         -- logged as [REDACTED]; includes every hidden column
  owner              text,
  access             jsonb NOT NULL,          -- as given; the catalogue fills in the defaults
  hidden             text[] NOT NULL,
  read_only          text[] NOT NULL,
  restricted         jsonb NOT NULL,
  sortable           text[] NOT NULL,
  searchable         text[] NOT NULL,
  search             text NOT NULL CHECK (search IN ('substring', 'fulltext')),
  filterable         jsonb NOT NULL,
  validate           jsonb NOT NULL,
  default_sort       text[] NOT NULL,         -- 'created_at:DESC'
  null_sort          text CHECK (null_sort IN ('first', 'last')),
  default_limit      integer NOT NULL,
  max_limit          integer NOT NULL,
  deleted_at         text NOT NULL,           -- the names of these two columns
  deleted_by         text NOT NULL,
  require_match      boolean NOT NULL,
  client_ids         boolean NOT NULL,
  retention          text,                    -- an interval, e.g. '90 days'
  harmless_triggers  text[] NOT NULL,
  CONSTRAINT models_pkey PRIMARY KEY (schema_name, table_name),
  CONSTRAINT models_limits_check CHECK (default_limit BETWEEN 1 AND max_limit AND max_limit <= 1000)
);

-- The model that logs in: one row, or none.
CREATE TABLE rowhouse.principal_model (
  singleton        boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  schema_name      text NOT NULL,
  table_name       text NOT NULL,
  login_column     text NOT NULL,
  password_column  text NOT NULL,
  role_column      text,
  CONSTRAINT principal_model_fkey FOREIGN KEY (schema_name, table_name) REFERENCES rowhouse.models
);

-- What a check found: the lint returns these, the registration raises the first error among them.
CREATE TYPE rowhouse.finding AS (
  severity  text,       -- 'error' or 'warning'
  code      text,
  object    text,
  finding   text,
  remedy    text
);

-- Registered models whose table exists. `live` is the predicate of a row that is not deleted, as
-- PostgreSQL prints it; NULL where rows are not soft-deleted. New columns go to the end of models,
-- so that this view can be replaced when they come. OFFSET 0 keeps the planner from spreading the
-- join into every query over this view: the lint is nearly all planning.
CREATE VIEW rowhouse.registered AS
  SELECT c.oid AS relation, c.relkind, format('%I.%I', m.schema_name, m.table_name) AS name,
         CASE WHEN m.soft_delete THEN format('(%I IS NULL)', m.deleted_at) END AS live,
         CASE WHEN m.tenancy = 'tenant' THEN ARRAY['tenant_id'] ELSE ARRAY[]::text[] END AS prefix,
         m.*
    FROM rowhouse.models m
    JOIN pg_catalog.pg_namespace n ON n.nspname = m.schema_name
    JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = m.table_name
  OFFSET 0;

-- Every index of a registered table; an expression's place in `columns` is NULL.
CREATE VIEW rowhouse.model_indexes AS
  SELECT r.relation, r.name AS table_name, r.tenancy, r.live AS live_predicate,
         i.indexrelid AS index, ic.relname::text AS index_name, keys.columns, i.indclass,
         i.indisprimary AS is_primary, i.indisunique AS is_unique, i.indisvalid AS is_valid,
         i.indisexclusion AS is_exclusion, p.predicate,
         -- conservative: a predicate with OR or NOT in it is not taken for a conjunction
         p.predicate = r.live OR (position(r.live IN p.predicate) > 0
           AND p.predicate !~* '\m(or|not|case)\M' ) AS is_live
    FROM rowhouse.registered r
    JOIN pg_catalog.pg_index i ON i.indrelid = r.relation
    JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
    CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS predicate) p
    CROSS JOIN LATERAL (
      SELECT array_agg(a.attname::text ORDER BY k.position) AS columns
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, position)
        LEFT JOIN pg_catalog.pg_attribute a
          ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
       WHERE k.position <= i.indnkeyatts) keys;

-- Every foreign key of a registered table, with the columns by name.
CREATE VIEW rowhouse.model_foreign_keys AS
  SELECT r.relation, r.name AS table_name, r.tenancy, k.conname::text AS key_name,
         k.confrelid AS target, format('%I.%I', n.nspname, c.relname) AS target_name,
         target.tenancy AS target_tenancy, names.columns, names.target_columns,
         k.confdeltype AS on_delete, k.confupdtype AS on_update,
         k.confrelid = 'rowhouse.tenants'::regclass AS is_tenant_key,
         EXISTS (SELECT FROM unnest(names.columns, names.target_columns) AS pair(a, b)
                  WHERE pair.a = 'tenant_id' AND pair.b = 'tenant_id') AS has_tenant
    FROM rowhouse.registered r
    JOIN pg_catalog.pg_constraint k ON k.conrelid = r.relation AND k.contype = 'f'
    JOIN pg_catalog.pg_class c ON c.oid = k.confrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN rowhouse.registered target ON target.relation = k.confrelid
    CROSS JOIN LATERAL (
      SELECT array_agg(a.attname::text ORDER BY p.position) AS columns,
             array_agg(b.attname::text ORDER BY p.position) AS target_columns
        FROM unnest(k.conkey, k.confkey) WITH ORDINALITY AS p(own, other, position)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.own
        JOIN pg_catalog.pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = p.other) names;

-- post_categories -> post_category: what a relation to one row is called. English enough for names
-- of tables; what it gets wrong is still a name.
CREATE FUNCTION rowhouse.singular(name text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN name ~ '(ss|us|is)$' THEN name
              WHEN name ~ '.ies$' THEN left(name, -3) || 'y'
              WHEN name ~ '(ss|x|z|ch|sh)es$' THEN left(name, -2)
              WHEN name ~ '.s$' THEN left(name, -1)
              ELSE name END;
$$;

-- Every relation of a model with its name: what it points to (kind 'one'), what points to it
-- ('many', or 'only' where the key is unique among live rows), and what a join table links it with
-- ('through'). Columns are those of the foreign key but for tenant_id, which is on both sides of all
-- that have one. A key over one column gives it its name (author_id is "author"), any other one
-- what it points to. A join table has two keys that are unique together, and no other column that
-- must be given. A name that a column or a relation of an earlier kind has, or that two of a kind
-- would have, gives way to its long form. Each part is made once (MATERIALIZED): the views below
-- it, spread into each other, take a quarter of a second to plan and run.
CREATE FUNCTION rowhouse.model_relations() RETURNS TABLE (
  relation oid, rank integer, kind text, name text, key_name text, target oid,
  own_columns text[], target_columns text[],
  through oid, near_columns text[], far_columns text[])
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH uniques AS MATERIALIZED (
    SELECT i.relation, array_remove(i.columns, 'tenant_id') AS columns
      FROM rowhouse.model_indexes i
     WHERE i.is_unique AND i.is_valid AND array_position(i.columns, NULL) IS NULL
       AND (i.predicate IS NULL OR i.predicate = i.live_predicate)),
  models AS MATERIALIZED (SELECT r.relation, r.table_name FROM rowhouse.registered r),
  keys AS MATERIALIZED (
    SELECT k.relation, k.target, k.key_name, pair.columns, pair.target_columns
      FROM rowhouse.model_foreign_keys k
      CROSS JOIN LATERAL (
        SELECT array_agg(p.own ORDER BY p.position) AS columns,
               array_agg(p.other ORDER BY p.position) AS target_columns
          FROM unnest(k.columns, k.target_columns) WITH ORDINALITY AS p(own, other, position)
         WHERE NOT (p.own = 'tenant_id' AND p.other = 'tenant_id')) pair
     WHERE pair.columns IS NOT NULL),
  links AS MATERIALIZED (
    SELECT k.*, own.table_name, t.table_name AS target_table,
           CASE WHEN cardinality(k.columns) = 1 AND k.columns[1] ~ '._id$'
                THEN left(k.columns[1], -3) ELSE rowhouse.singular(t.table_name) END AS stem,
           EXISTS (SELECT FROM uniques u
                    WHERE u.relation = k.relation AND u.columns @> k.columns
                      AND u.columns <@ k.columns) AS is_unique
      FROM keys k
      JOIN models own USING (relation)
      JOIN models t ON t.relation = k.target),
  joins AS MATERIALIZED (
    SELECT near.relation AS through, near.target AS relation, near.table_name, near.key_name,
           near.columns AS near_columns, near.target_columns AS own_columns,
           far.columns AS far_columns, far.target, far.target_columns, far.target_table, far.stem
      FROM links near
      JOIN links far ON far.relation = near.relation AND far.key_name <> near.key_name
                    AND NOT far.columns && near.columns
     WHERE EXISTS (SELECT FROM uniques u
                    WHERE u.relation = near.relation AND u.columns @> (near.columns || far.columns)
                      AND u.columns <@ (near.columns || far.columns))
       AND NOT EXISTS (SELECT FROM pg_attribute a
                        WHERE a.attrelid = near.relation AND a.attnum > 0 AND NOT a.attisdropped
                          AND a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''
                          AND a.attname <> 'tenant_id'
                          AND a.attname <> ALL (near.columns || far.columns))),
  candidates AS (
    SELECT l.relation, 1 AS rank, 'one' AS kind, l.stem AS name, l.stem || '_row' AS long_name,
           l.key_name, l.target, l.columns AS own_columns, l.target_columns,
           NULL::oid AS through, NULL::text[] AS near_columns, NULL::text[] AS far_columns
      FROM links l
    UNION ALL
    SELECT l.target, 2, CASE WHEN l.is_unique THEN 'only' ELSE 'many' END,
           CASE WHEN l.is_unique THEN rowhouse.singular(l.table_name) ELSE l.table_name END,
           l.table_name || '_by_' || l.stem, l.key_name, l.relation, l.target_columns, l.columns,
           NULL, NULL, NULL
      FROM links l
    UNION ALL
    SELECT j.relation, 3, 'through', j.target_table,
           j.target_table || '_through_' || j.table_name || '_' || j.stem, j.key_name, j.target,
           j.own_columns, j.target_columns, j.through, j.near_columns, j.far_columns
      FROM joins j),
  judged AS (
    SELECT c.*, c.relation = c.target AND c.rank = 2        -- the children in a tree
             OR min(c.rank) OVER (PARTITION BY c.relation, c.name) < c.rank
             OR count(*) OVER (PARTITION BY c.relation, c.rank, c.name) > 1
             OR EXISTS (SELECT FROM pg_attribute a
                         WHERE a.attrelid = c.relation AND a.attnum > 0 AND NOT a.attisdropped
                           AND a.attname = c.name) AS is_taken
      FROM candidates c)
  SELECT j.relation, j.rank, j.kind, CASE WHEN j.is_taken THEN j.long_name ELSE j.name END,
         j.key_name, j.target, j.own_columns, j.target_columns, j.through, j.near_columns,
         j.far_columns
    FROM judged j;
$$;

-- What the registrations ask of passwords. Those are written but never stored, so there is no such
-- column; where there is one, the rule is of the column.
CREATE VIEW rowhouse.password_rules AS
  SELECT r.relation, r.name AS table_name, r.validate -> 'password' AS rule,
         EXISTS (SELECT FROM rowhouse.principal_model p
                  WHERE p.schema_name = r.schema_name AND p.table_name = r.table_name) AS signs_in
    FROM rowhouse.registered r
   WHERE r.validate ? 'password'
     AND NOT EXISTS (SELECT FROM pg_attribute a
                      WHERE a.attrelid = r.relation AND a.attnum > 0 AND NOT a.attisdropped
                        AND a.attname = 'password');

-- Every column that an option of a registration names.
CREATE VIEW rowhouse.option_columns AS
  SELECT r.relation, r.name AS table_name, o.option, o.column_name
    FROM rowhouse.registered r
    CROSS JOIN LATERAL (
      SELECT 'owner' AS option, r.owner AS column_name WHERE r.owner IS NOT NULL
      UNION ALL SELECT 'sensitive', unnest(r.sensitive)
      UNION ALL SELECT 'hidden', unnest(r.hidden)
      UNION ALL SELECT 'read_only', unnest(r.read_only)
      UNION ALL SELECT 'sortable', unnest(r.sortable)
      UNION ALL SELECT 'searchable', unnest(r.searchable)
      UNION ALL SELECT 'default_sort', substring(s FROM '^(.*):[^:]*$')
        FROM unnest(r.default_sort) s
      UNION ALL SELECT 'filterable', jsonb_object_keys(r.filterable)
      UNION ALL SELECT 'validate', rule.name FROM jsonb_object_keys(r.validate) AS rule(name)
                 WHERE rule.name <> 'password'
                    OR r.relation NOT IN (SELECT p.relation FROM rowhouse.password_rules p)
      UNION ALL SELECT 'restricted', jsonb_object_keys(r.restricted)) o;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rowhouse FROM PUBLIC;
SELECT rowhouse.allow_function('singular');
SELECT rowhouse.allow_function('model_relations');
SELECT rowhouse.allow_table(name, '{select}')
  FROM unnest('{models,principal_model,registered,model_indexes,model_foreign_keys,
                option_columns,password_rules}'::text[]) AS name;
