-- SPDX-License-Identifier: BSD-2-Clause
--
-- Row security. A guarded table is one with rows of tenants: every registered tenant table, their
-- partitions, and every table of this schema that has a tenant_id. Each is ENABLEd and FORCEd and
-- has exactly the policies below. The tenant's policy is strict on purpose: without a context
-- current_setting() raises an error (or '' does not cast to uuid), so a forgotten context is loud
-- and never an empty page. FORCE stops the owner too, hence a second policy for the owner, or,
-- where owner and application are one role, lifting FORCE inside a migration's transaction.

CREATE VIEW rowhouse.guarded AS
  WITH relations AS (
    SELECT relation FROM rowhouse.registered WHERE tenancy = 'tenant' AND relkind IN ('r', 'p')
    UNION
    SELECT p.relid::oid FROM rowhouse.registered r,
           LATERAL pg_catalog.pg_partition_tree(r.relation) p
     WHERE r.tenancy = 'tenant' AND r.relkind = 'p'
    UNION
    SELECT c.oid FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'rowhouse'
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
     WHERE c.relkind IN ('r', 'p'))
  SELECT c.oid AS relation, n.nspname::text AS schema_name, c.relname::text AS table_name,
         format('%I.%I', n.nspname, c.relname) AS name, c.relrowsecurity AS is_enabled,
         c.relforcerowsecurity AS is_forced
    FROM relations
    JOIN pg_catalog.pg_class c ON c.oid = relations.relation
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace;

-- The policies a guarded table must have, one line each, as guard_policies prints them.
CREATE FUNCTION rowhouse.guard_expected() RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT array_agg(line ORDER BY line COLLATE "C") FROM (
    SELECT 'rowhouse_tenant permissive * to public'
           ' using (tenant_id = (current_setting(''app.current_tenant''::text))::uuid)'
           ' check (tenant_id = (current_setting(''app.current_tenant''::text))::uuid)' AS line
    UNION ALL
    SELECT format('rowhouse_owner permissive * to %s using true check true', owner_role)
      FROM rowhouse.deployment WHERE NOT single_role) AS expected;
$$;

-- The policies that tables have. Only functions with a bare search_path may read this: there a
-- function that is not pg_catalog's is printed with its schema, and no look-alike passes for it.
CREATE VIEW rowhouse.guard_policies AS
  SELECT relation, array_agg(line ORDER BY line COLLATE "C") AS policies FROM (
    SELECT p.polrelid AS relation, format('%s %s %s to %s using %s check %s', p.polname,
                  CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END, p.polcmd,
                  (SELECT string_agg(coalesce(r.rolname, 'public'), ',' ORDER BY r.rolname)
                     FROM unnest(p.polroles) AS granted(role)
                     LEFT JOIN pg_catalog.pg_roles r ON r.oid = granted.role),
                  coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid), 'none'),
                  coalesce(pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), 'none')) AS line
      FROM pg_catalog.pg_policy p) AS actual
   GROUP BY relation;

-- Is this the window in which single-role mode leaves FORCE off? Then guard_restore() sets it.
CREATE FUNCTION rowhouse.guard_is_lifted() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT single_role AND coalesce(current_setting('rowhouse.migrating', true), '') = 'on'
    FROM rowhouse.deployment;
$$;

-- Enable and force row security on one table and give it its policies; a policy of ours that
-- differs is made anew, one of somebody else's is left for the checks to refuse.
CREATE FUNCTION rowhouse.guard(schema_name text, table_name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  deployment     rowhouse.deployment;
  guarded_table  oid := to_regclass(format('%I.%I', schema_name, table_name));
  policy         name;
BEGIN
  SELECT * INTO STRICT deployment FROM rowhouse.deployment;
  IF (SELECT p.policies FROM rowhouse.guard_policies p WHERE p.relation = guarded_table)
     IS DISTINCT FROM rowhouse.guard_expected() THEN
    FOR policy IN SELECT p.polname FROM pg_policy p WHERE p.polrelid = guarded_table
                     AND p.polname IN ('rowhouse_tenant', 'rowhouse_owner') LOOP
      EXECUTE format('DROP POLICY %I ON %I.%I', policy, schema_name, table_name);
    END LOOP;
    EXECUTE format(
      'CREATE POLICY rowhouse_tenant ON %I.%I '
      'USING (tenant_id = current_setting(''app.current_tenant'')::uuid) '
      'WITH CHECK (tenant_id = current_setting(''app.current_tenant'')::uuid)',
      schema_name, table_name);
    IF NOT deployment.single_role THEN
      EXECUTE format('CREATE POLICY rowhouse_owner ON %I.%I TO %I USING (true) WITH CHECK (true)',
                     schema_name, table_name, deployment.owner_role);
    END IF;
  END IF;
  EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY', schema_name, table_name);
  IF NOT rowhouse.guard_is_lifted() THEN
    EXECUTE format('ALTER TABLE %I.%I FORCE ROW LEVEL SECURITY', schema_name, table_name);
  END IF;
END $$;

-- Before a migration's statements: the roles are the right ones, and in single-role mode the owner
-- may see every tenant's rows until force_restore() or the rollback. It takes a lock on each table.
CREATE FUNCTION rowhouse.force_lift() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  guarded record;
BEGIN
  PERFORM rowhouse.deployment_check();
  IF (SELECT single_role FROM rowhouse.deployment) THEN
    FOR guarded IN SELECT * FROM rowhouse.guarded g WHERE g.is_forced ORDER BY g.name LOOP
      EXECUTE format('ALTER TABLE %I.%I NO FORCE ROW LEVEL SECURITY',
                     guarded.schema_name, guarded.table_name);
    END LOOP;
  END IF;
END $$;

-- Before its COMMIT: FORCE again, also on what the migration registered.
CREATE FUNCTION rowhouse.force_restore() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  guarded record;
BEGIN
  IF (SELECT single_role FROM rowhouse.deployment) THEN
    FOR guarded IN SELECT * FROM rowhouse.guarded g WHERE NOT g.is_forced ORDER BY g.name LOOP
      EXECUTE format('ALTER TABLE %I.%I FORCE ROW LEVEL SECURITY',
                     guarded.schema_name, guarded.table_name);
    END LOOP;
  END IF;
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rowhouse FROM PUBLIC;
SELECT rowhouse.allow_table('guarded', '{select}');
SELECT rowhouse.allow_function('guard_expected');
SELECT rowhouse.allow_table('guard_policies', '{select}');
