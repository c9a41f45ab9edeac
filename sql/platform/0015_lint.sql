-- SPDX-License-Identifier: BSD-2-Clause
--
-- The lint, second part: code that passes row security, the audit log's partitions, what is slow
-- or has vanished, and rowhouse.lint() itself, which workers run as the application role when they
-- start (an error keeps them from starting) and `rowhouse check` prints.

-- Views run as their owner unless they say otherwise, materialized ones show what their owner saw,
-- and SECURITY DEFINER functions are their owner; also through views over views.
CREATE FUNCTION rowhouse.lint_code() RETURNS SETOF rowhouse.finding
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE over_tables AS (
    SELECT w.ev_class AS view
      FROM rowhouse.guarded g
      JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = g.relation
       AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite w ON w.oid = d.objid AND w.ev_class <> g.relation
    UNION
    SELECT w.ev_class
      FROM over_tables o
      JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = o.view
       AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite w ON w.oid = d.objid AND w.ev_class <> o.view)
  SELECT 'error', CASE c.relkind WHEN 'm' THEN 'view-materialized' ELSE 'view-definer' END,
         format('%I.%I', n.nspname, c.relname),
         CASE c.relkind WHEN 'm' THEN 'a materialized view over a guarded table shows all tenants'
              ELSE 'a view over a guarded table reads with the rights of its owner' END,
         CASE c.relkind
           WHEN 'm' THEN format('DROP MATERIALIZED VIEW %I.%I; make a table with tenant_id, and '
                                'register it', n.nspname, c.relname)
           ELSE format('ALTER VIEW %I.%I SET (security_invoker = true)', n.nspname, c.relname) END
    FROM over_tables o
    JOIN pg_class c ON c.oid = o.view AND c.relkind IN ('v', 'm')
    JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind = 'm' OR NOT EXISTS (
           SELECT FROM pg_options_to_table(c.reloptions) option
            WHERE option.option_name = 'security_invoker'
              AND option.option_value::boolean)
  UNION ALL
  SELECT 'error', 'security-definer', p.oid::regprocedure::text,
         format('it runs with the rights of "%s", whoever calls it', pg_get_userbyid(p.proowner)),
         format('ALTER FUNCTION %s SECURITY INVOKER', p.oid::regprocedure)
    FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace
   WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  UNION ALL
  SELECT 'error', 'function-right', format('rowhouse.%I', p.proname),
         CASE WHEN x.is_public THEN 'PUBLIC may execute it'
              ELSE 'the application role may execute it' END,
         format('REVOKE EXECUTE ON FUNCTION rowhouse.%I FROM PUBLIC, %I', p.proname, d.app_role)
    FROM rowhouse.deployment_roles d
    CROSS JOIN pg_proc p
    CROSS JOIN LATERAL (
      SELECT EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                      WHERE a.grantee = 0) AS is_public) x
   WHERE p.pronamespace = 'rowhouse'::regnamespace
     AND (x.is_public
          OR NOT d.single_role AND has_function_privilege(d.app, p.oid, 'EXECUTE')
             AND NOT EXISTS (SELECT FROM rowhouse.allowed a
                              WHERE a.kind = 'function' AND a.name = p.proname))
  UNION ALL
  SELECT 'error', 'function-missing', format('rowhouse.%I', a.name),
         'the application role may not execute it',
         format('GRANT EXECUTE ON FUNCTION rowhouse.%I TO %I', a.name, d.app_role)
    FROM rowhouse.allowed a
    CROSS JOIN rowhouse.deployment_roles d
   WHERE a.kind = 'function' AND d.app IS NOT NULL AND NOT EXISTS (
     SELECT FROM pg_proc p WHERE p.pronamespace = 'rowhouse'::regnamespace AND p.proname = a.name
        AND has_function_privilege(d.app, p.oid, 'EXECUTE'));
$$;

-- The log: its default partition, this month and the next. Its row security is checked with that
-- of every guarded table, its rights with those of every table of this schema.
CREATE FUNCTION rowhouse.lint_audit() RETURNS SETOF rowhouse.finding
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH partitions AS (
    SELECT c.relname::text AS name, pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT' AS is_default
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'rowhouse.audit_log'::regclass)
  SELECT 'error', 'audit-default', 'rowhouse.audit_log',
         'it has no default partition: writes fail when a month is missing',
         'ALTER TABLE rowhouse.audit_log ATTACH PARTITION rowhouse.audit_log_default DEFAULT'
   WHERE NOT EXISTS (SELECT FROM partitions WHERE is_default)
  UNION ALL
  SELECT 'warning', 'audit-month', 'rowhouse.' || month, 'this month of the audit log is missing',
         'rowhouse audit maintain'
    FROM (SELECT rowhouse.audit_partition(date_trunc('month', now(), 'UTC')) AS month
          UNION ALL
          SELECT rowhouse.audit_partition(date_trunc('month', now() AT TIME ZONE 'UTC')
                                          AT TIME ZONE 'UTC' + interval '32 days')) m
   WHERE month NOT IN (SELECT name FROM partitions);
$$;

-- What tells workers that a principal was changed by plain SQL. A worker does without where nobody
-- writes past it, or who does raises the epoch; Citus has no triggers.
CREATE FUNCTION rowhouse.lint_principals() RETURNS SETOF rowhouse.finding
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'warning', 'principals-watch', r.name,
         'a principal changed or deleted by plain SQL is seen by workers only when the epoch is '
         'raised',
         format('SELECT rowhouse.principals(''%s'', ...) again makes the triggers; without them, '
                'SELECT rowhouse.raise_epoch() after each such change', r.name)
    FROM rowhouse.principal_model p
    JOIN rowhouse.registered r USING (schema_name, table_name)
   WHERE EXISTS (SELECT e.relation, e.name, e.columns FROM rowhouse.principals_watch_expected() e
                 EXCEPT
                 SELECT a.relation, a.name, a.columns FROM rowhouse.principals_watch_actual() a);
$$;

-- Registrations without their table, and options that will be slow.
CREATE FUNCTION rowhouse.lint_registry() RETURNS SETOF rowhouse.finding
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH sorts AS (
    SELECT r.relation, r.name, r.tenancy, r.live, r.validate,
           r.prefix || c.column_name || 'id'::text AS columns,
           cardinality(r.prefix) + 1 AS place, c.column_name, a.atttypid, a.atttypmod
      FROM rowhouse.registered r
      CROSS JOIN LATERAL unnest(r.sortable) AS c(column_name)
      JOIN pg_attribute a ON a.attrelid = r.relation AND a.attname = c.column_name
     WHERE c.column_name <> 'id'),
  indexes AS MATERIALIZED (SELECT * FROM rowhouse.model_indexes),
  served AS MATERIALIZED (
    SELECT s.*, i.index, i.indclass[s.place - 1] AS opclass
      FROM sorts s
      LEFT JOIN LATERAL (
        SELECT i.* FROM indexes i
         WHERE i.relation = s.relation AND i.is_valid
           AND i.columns[:cardinality(s.columns)] = s.columns
           AND (i.predicate IS NULL OR i.predicate = s.live)
         LIMIT 1) i ON true)
  SELECT 'error', 'registry-table', format('%I.%I', m.schema_name, m.table_name),
         'it is registered, but there is no such table',
         format('SELECT rowhouse.unregister(''%I.%I'')', m.schema_name, m.table_name)
    FROM rowhouse.models m
   WHERE NOT EXISTS (SELECT FROM rowhouse.registered r
                      WHERE r.schema_name = m.schema_name AND r.table_name = m.table_name)
  UNION ALL
  SELECT 'warning', 'sort-index', s.name,
         format('no index serves the order by "%s": each page sorts the tenant''s rows',
                s.column_name),
         format('CREATE INDEX ON %s (%s)%s', s.name, rowhouse.listed(s.columns),
                ' WHERE ' || s.live)
    FROM served s WHERE s.index IS NULL
  UNION ALL
  SELECT 'warning', 'sort-leakproof', s.name,
         format('comparing "%s" (%s) is not leakproof: under a policy its index does not find '
                'where a page begins', s.column_name, format_type(s.atttypid, NULL)),
         CASE t.typcategory
           WHEN 'N' THEN 'keep it as bigint (cents), or as double precision if exact enough'
           WHEN 'E' THEN 'keep it as smallint or text with a CHECK'
           WHEN 'S' THEN 'keep it as text, with lower() in its unique index'
           ELSE 'sort by another column' END
           || format('; or, as superuser: ALTER FUNCTION %s LEAKPROOF', o.oprcode::regprocedure)
    FROM served s
    JOIN pg_type t ON t.oid = s.atttypid
    JOIN pg_opclass c ON c.oid = s.opclass
    JOIN pg_amop am ON am.amopfamily = c.opcfamily AND am.amoplefttype = c.opcintype
                   AND am.amoprighttype = c.opcintype AND am.amopstrategy = 5
    JOIN pg_operator o ON o.oid = am.amopopr
    JOIN pg_proc p ON p.oid = o.oprcode AND NOT p.proleakproof
   WHERE s.tenancy = 'tenant'
  UNION ALL
  -- an index entry is at most a third of a page; 640 characters of four bytes fit with the keys
  SELECT 'warning', 'sort-length', s.name,
         format('sortable column "%s" has no bound: a value above 2,600 bytes cannot be stored',
                s.column_name),
         format('validate => ''{"%s": {"max": 200}}'', or varchar(200)', s.column_name)
    FROM served s
   WHERE s.index IS NOT NULL AND s.atttypid IN ('text'::regtype, 'varchar'::regtype)
     AND NOT coalesce(s.atttypmod BETWEEN 0 AND 644, false)
     AND coalesce((s.validate -> s.column_name ->> 'max')::numeric, 1e9) > 640;
$$;

-- Full text search scans the tenant's rows unless an index begins with the tenant and its operator
-- may be asked before row security has spoken.
CREATE FUNCTION rowhouse.lint_search() RETURNS SETOF rowhouse.finding
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH searched AS (
    SELECT r.relation, r.name, r.prefix || 'search_vector'::text AS columns
      FROM rowhouse.registered r
     WHERE r.search = 'fulltext' AND r.searchable <> '{}')
  SELECT 'warning', 'search-index', s.name,
         'no index serves its full text search: each one reads the tenant''s rows',
         format('CREATE EXTENSION IF NOT EXISTS btree_gin; CREATE INDEX ON %s USING gin (%s)', s.name,
                rowhouse.listed(s.columns))
    FROM searched s
   WHERE NOT EXISTS (
     SELECT FROM rowhouse.model_indexes i
       JOIN pg_class c ON c.oid = i.index
       JOIN pg_am a ON a.oid = c.relam AND a.amname = 'gin'
      WHERE i.relation = s.relation AND i.is_valid AND i.columns = s.columns)
  UNION ALL
  SELECT 'warning', 'search-leakproof', s.name,
         'matching words is not leakproof: under a policy no index serves its full text search',
         format('as superuser, in this database: ALTER FUNCTION %s LEAKPROOF', p.oid::regprocedure)
    FROM searched s
    JOIN pg_proc p ON p.oid = 'ts_match_vq(tsvector, tsquery)'::regprocedure
   WHERE NOT p.proleakproof AND 'tenant_id' = ANY (s.columns);
$$;

CREATE FUNCTION rowhouse.lint()
RETURNS TABLE (severity text, code text, object text, finding text, remedy text)
LANGUAGE sql STABLE SET jit = off AS $$
  SELECT * FROM (
    SELECT * FROM rowhouse.lint_roles()
    UNION ALL SELECT * FROM rowhouse.lint_grants()
    UNION ALL SELECT * FROM rowhouse.lint_settings()
    UNION ALL SELECT * FROM rowhouse.lint_code()
    UNION ALL SELECT * FROM rowhouse.lint_audit()
    UNION ALL SELECT * FROM rowhouse.lint_principals()
    UNION ALL SELECT * FROM rowhouse.lint_registry()
    UNION ALL SELECT * FROM rowhouse.lint_search()
    UNION ALL SELECT * FROM rowhouse.check_table()
    UNION ALL SELECT * FROM rowhouse.check_guards()
    UNION ALL SELECT * FROM rowhouse.check_system_columns()
    UNION ALL SELECT * FROM rowhouse.check_column_names()
    UNION ALL SELECT * FROM rowhouse.check_keys()
    UNION ALL SELECT * FROM rowhouse.check_foreign_keys()
    UNION ALL SELECT * FROM rowhouse.check_triggers()
    UNION ALL SELECT * FROM rowhouse.check_columns()
    UNION ALL SELECT * FROM rowhouse.check_types()
    UNION ALL SELECT * FROM rowhouse.check_cascades()
    UNION ALL SELECT * FROM rowhouse.check_roles()
    UNION ALL SELECT * FROM rowhouse.check_principals()) AS f
   ORDER BY f.severity, f.code, f.object, f.finding;
$$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rowhouse FROM PUBLIC;
SELECT rowhouse.allow_function(name)
  FROM unnest('{lint,lint_code,lint_audit,lint_principals,lint_registry,lint_search}'::text[]) AS name;
