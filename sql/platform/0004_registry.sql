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
      UNION ALL SELECT 'validate', jsonb_object_keys(r.validate)
      UNION ALL SELECT 'restricted', jsonb_object_keys(r.restricted)) o;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rowhouse FROM PUBLIC;
SELECT rowhouse.allow_table(name, '{select}')
  FROM unnest('{models,principal_model,registered,model_indexes,model_foreign_keys,
                option_columns}'::text[]) AS name;
