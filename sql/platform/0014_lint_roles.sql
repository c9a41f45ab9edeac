-- SPDX-License-Identifier: BSD-2-Clause
--
-- The lint, first part: roles, rights and settings. Row security binds nobody who is a superuser,
-- may become the owner, or can truncate; so what the application role is and may do is compared
-- with what it must be. In single-role mode the owner and the application are the same, nothing
-- here can be taken from it, and one warning says so. All of it reads pg_catalog only.

-- The roles, and the number by which the application's rights are asked for. It is NULL where the
-- role is gone, or is a superuser and has every right there is: that is one finding, not hundreds.
CREATE VIEW rowhouse.deployment_roles AS
  SELECT d.owner_role, d.app_role, d.single_role, owner.oid IS NOT NULL AS has_owner,
         app.oid IS NOT NULL AS has_app, CASE WHEN NOT app.rolsuper THEN app.oid END AS app
    FROM rowhouse.deployment d
    LEFT JOIN pg_catalog.pg_roles owner ON owner.rolname = d.owner_role
    LEFT JOIN pg_catalog.pg_roles app ON app.rolname = d.app_role;

CREATE FUNCTION rowhouse.lint_roles() RETURNS SETOF rowhouse.finding
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'warning', 'single-role', d.app_role::text,
         'one role owns the tables and serves requests: only FORCE ROW LEVEL SECURITY holds it, it '
         'could change or delete the audit log, and a fault in it could alter the schema',
         'where the host allows a second role, set the database up anew with sql/roles.sql'
    FROM rowhouse.deployment d WHERE d.single_role
  UNION ALL
  SELECT 'error', 'role-missing', w.name, 'there is no such role', 'see sql/roles.sql'
    FROM rowhouse.deployment_roles d
    CROSS JOIN LATERAL (VALUES (d.owner_role::text, d.has_owner), (d.app_role::text, d.has_app)
                       ) AS w(name, is_there)
   WHERE NOT w.is_there
  UNION ALL
  SELECT 'error', 'role-flag', r.rolname::text, format('the application role has %s', f.flag),
         format('ALTER ROLE %I NO%s', r.rolname, f.flag)
    FROM rowhouse.deployment d
    JOIN pg_roles r ON r.rolname = d.app_role
    CROSS JOIN LATERAL (VALUES
      ('SUPERUSER', r.rolsuper), ('BYPASSRLS', r.rolbypassrls), ('REPLICATION', r.rolreplication),
      ('CREATEROLE', r.rolcreaterole), ('CREATEDB', r.rolcreatedb AND NOT d.single_role)
    ) AS f(flag, is_set)
   WHERE f.is_set
  UNION ALL
  -- attributes are not inherited, but SET ROLE gets them
  SELECT 'error', 'role-member', d.app_role::text,
         format('the application role may become "%s", which %s', g.rolname,
                CASE WHEN g.rolname = d.owner_role THEN 'owns everything'
                     ELSE 'has rights that row security does not bind' END),
         format('REVOKE %I FROM %I', g.rolname, d.app_role)
    FROM rowhouse.deployment d
    JOIN pg_roles a ON a.rolname = d.app_role AND NOT a.rolsuper
    JOIN pg_roles g ON g.oid <> a.oid AND pg_has_role(a.oid, g.oid, 'MEMBER')
   WHERE g.rolsuper OR g.rolbypassrls OR g.rolcreaterole OR g.rolreplication
         OR g.rolname = d.owner_role AND NOT d.single_role
         OR g.rolname IN ('pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files',
                          'pg_write_server_files', 'pg_execute_server_program')
  UNION ALL
  SELECT 'error', 'owner-superuser', r.rolname::text,
         'the owner is a superuser: its views and functions pass row security',
         format('ALTER ROLE %I NOSUPERUSER', r.rolname)
    FROM rowhouse.deployment d
    JOIN pg_roles r ON r.rolname = d.owner_role AND r.rolsuper AND NOT d.single_role
  UNION ALL
  SELECT 'error', 'database-right', current_database()::text,
         format('the application role has %s on the database', p.privilege),
         format('REVOKE %s ON DATABASE %I FROM PUBLIC, %I', p.privilege, current_database(),
                d.app_role)
    FROM rowhouse.deployment_roles d, unnest('{TEMPORARY,CREATE}'::text[]) AS p(privilege)
   WHERE NOT d.single_role AND has_database_privilege(d.app, current_database(), p.privilege)
  UNION ALL
  SELECT 'error', 'schema-create', n.nspname::text,
         'the application role may create objects in this schema',
         format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC, %I', n.nspname, d.app_role)
    FROM rowhouse.deployment_roles d, pg_namespace n
   WHERE NOT d.single_role AND n.nspname !~ '^pg_(toast|temp|toast_temp)'
     AND has_schema_privilege(d.app, n.oid, 'CREATE')
  UNION ALL
  SELECT 'error', 'schema-public', n.nspname::text, 'PUBLIC has rights on this schema',
         'REVOKE ALL ON SCHEMA rowhouse FROM PUBLIC'
    FROM pg_namespace n, aclexplode(n.nspacl) a
   WHERE n.nspname = 'rowhouse' AND a.grantee = 0;
$$;

-- What the application may do with each table: registered ones by their tenancy, those of this
-- schema by rowhouse.allowed, partitions nothing (they are reached through their table).
CREATE FUNCTION rowhouse.lint_expected_grants()
RETURNS TABLE (relation oid, object text, privileges text[])
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.relation, r.name, CASE r.tenancy WHEN 'tenant' THEN '{select,insert,update,delete}'
                                  ELSE '{select}' END::text[]
    FROM rowhouse.registered r
  UNION ALL
  SELECT g.relation, g.name, '{}' FROM rowhouse.guarded g
   WHERE g.schema_name <> 'rowhouse'
     AND NOT EXISTS (SELECT FROM rowhouse.registered r WHERE r.relation = g.relation)
  UNION ALL
  SELECT c.oid, format('rowhouse.%I', c.relname), coalesce(a.privileges, '{}')
    FROM pg_class c
    LEFT JOIN rowhouse.allowed a ON a.kind = 'table' AND a.name = c.relname
   WHERE c.relnamespace = 'rowhouse'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f');
$$;

CREATE FUNCTION rowhouse.lint_grants() RETURNS SETOF rowhouse.finding
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH expected AS MATERIALIZED (SELECT * FROM rowhouse.lint_expected_grants()),
  rights AS MATERIALIZED (
    SELECT e.object, p.privilege, d.app_role, p.privilege = ANY (e.privileges) AS is_expected,
           has_table_privilege(d.app, e.relation, p.privilege) AS has_it,
           p.by_column AND has_any_column_privilege(d.app, e.relation, p.privilege) AS has_columns,
           has_table_privilege(d.app, e.relation, p.privilege || ' WITH GRANT OPTION') AS may_grant
      FROM expected e
      CROSS JOIN rowhouse.deployment_roles d
      CROSS JOIN (VALUES ('select', true), ('insert', true), ('update', true), ('delete', false),
                         ('truncate', false), ('references', true), ('trigger', false)
                 ) AS p(privilege, by_column)
     WHERE NOT d.single_role)
  SELECT 'error', 'grant-extra', object, format('the application role has %s', upper(privilege)),
         format('REVOKE %s ON %s FROM PUBLIC, %I', upper(privilege), object, app_role)
    FROM rights WHERE NOT is_expected AND (has_it OR has_columns)
  UNION ALL
  SELECT 'error', 'grant-missing', object,
         format('the application role has no %s', upper(privilege)),
         format('GRANT %s ON %s TO %I', upper(privilege), object, app_role)
    FROM rights WHERE is_expected AND NOT has_it
  UNION ALL
  SELECT 'error', 'grant-option', object,
         format('the application role may grant %s to others', upper(privilege)),
         format('REVOKE GRANT OPTION FOR %s ON %s FROM %I', upper(privilege), object, app_role)
    FROM rights WHERE may_grant
  UNION ALL
  SELECT 'error', 'grant-public', e.object,
         format('PUBLIC has %s', string_agg(a.privilege_type, ', ')),
         format('REVOKE ALL ON %s FROM PUBLIC', e.object)
    FROM expected e
    JOIN pg_class c ON c.oid = e.relation
    CROSS JOIN LATERAL (
      SELECT acl.grantee, acl.privilege_type FROM aclexplode(c.relacl) acl
      UNION ALL
      SELECT acl.grantee, acl.privilege_type FROM pg_attribute att, aclexplode(att.attacl) acl
       WHERE att.attrelid = c.oid) a
   WHERE a.grantee = 0
   GROUP BY e.object
  UNION ALL
  SELECT 'error', 'owner', format('rowhouse.%I', c.relname),
         format('it belongs to "%s", not to "%s"', pg_get_userbyid(c.relowner), d.owner_role),
         format('ALTER TABLE rowhouse.%I OWNER TO %I', c.relname, d.owner_role)
    FROM pg_class c, rowhouse.deployment d
   WHERE c.relnamespace = 'rowhouse'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
     AND pg_get_userbyid(c.relowner) <> d.owner_role
  UNION ALL
  SELECT 'warning', 'grant-unregistered', format('%I.%I', n.nspname, c.relname),
         'the application role has rights on a table that is neither registered nor guarded',
         'register it, or revoke the rights'
    FROM rowhouse.deployment_roles d
    CROSS JOIN pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE NOT d.single_role AND c.relkind IN ('r', 'p', 'f') AND NOT c.relrowsecurity
     AND n.nspname NOT IN ('rowhouse', 'pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
     AND has_table_privilege(d.app, c.oid, 'select, insert, update, delete')
     AND NOT EXISTS (SELECT FROM rowhouse.registered r WHERE r.relation = c.oid)
     AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass
                      AND e.objid = c.oid AND e.deptype = 'e');
$$;

-- The session the lint runs in: it is the application role's, and has its settings. Whatever the
-- other checks found says nothing about another role.
CREATE FUNCTION rowhouse.lint_settings() RETURNS SETOF rowhouse.finding
LANGUAGE sql STABLE AS $$
  SELECT 'error'::text, 'session-role'::text, current_user::text,
         format('this session is not the application role''s: that is "%s"', d.app_role),
         'name that role in the setting "database"'::text
    FROM rowhouse.deployment d
   WHERE current_user <> d.app_role
  UNION ALL
  SELECT 'error'::text, 'setting'::text, s.name,
         format('%s is "%s", not "%s"', s.name, current_setting(s.name),
                array_to_string(s.setting, ', ')),
         rowhouse.role_setting_statement(s.name, s.setting)
    FROM rowhouse.role_settings() s, rowhouse.deployment d
   WHERE current_user = d.app_role
     AND current_setting(s.name) <> array_to_string(s.setting, ', ');
$$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rowhouse FROM PUBLIC;
SELECT rowhouse.allow_table('deployment_roles', '{select}');
SELECT rowhouse.allow_function(name)
  FROM unnest('{lint_roles,lint_expected_grants,lint_grants,lint_settings}'::text[]) AS name;
