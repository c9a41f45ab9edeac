-- SPDX-License-Identifier: BSD-2-Clause
--
-- Who is who in this database. Role names are settings of the installation, so no file may
-- contain one: this file writes down, once, which role owns everything and which one the workers
-- use. Equal names mean single-role mode (a host that gives one role only), where FORCE ROW LEVEL
-- SECURITY is the only fence. Everything later asks this table, and a migration that is run with
-- other roles is stopped before it makes objects with the wrong owner.

CREATE TABLE rowhouse.deployment (
  singleton    boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  owner_role   name NOT NULL,
  app_role     name NOT NULL,
  single_role  boolean NOT NULL GENERATED ALWAYS AS (owner_role = app_role) STORED,
  demo         boolean NOT NULL DEFAULT false,      -- sample data with published passwords
  timeline     integer NOT NULL DEFAULT 1,          -- of the audit log: raised by a restore
  created_at   timestamptz(3) NOT NULL DEFAULT now()
);

-- What the application role may do in this schema, object by object: the grants are made from
-- these rows, and the lint compares the database with them. Not listed means not allowed.
CREATE TABLE rowhouse.allowed (
  kind        text NOT NULL CHECK (kind IN ('table', 'function')),
  name        text NOT NULL,
  privileges  text[] NOT NULL,          -- lower case: '{select,insert}'
  PRIMARY KEY (kind, name)
);

-- Called before each migration: the roles must be those which the first one found.
CREATE FUNCTION rowhouse.deployment_check() RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  deployment  rowhouse.deployment;
  owner_now   text := coalesce(nullif(current_setting('rowhouse.owner_role', true), ''),
                               current_user);
  app_now     text := nullif(current_setting('rowhouse.app_role', true), '');
BEGIN
  SELECT * INTO STRICT deployment FROM rowhouse.deployment;
  IF owner_now <> deployment.owner_role OR app_now <> deployment.app_role THEN
    RAISE EXCEPTION USING ERRCODE = 'RHREG',
      MESSAGE = format('this database was set up for owner "%s" and application role "%s", '
                       'not "%s" and "%s"', deployment.owner_role, deployment.app_role,
                       owner_now, app_now),
      HINT = 'set owner_role and app_role in rowhouse.conf to the first two names, '
             'or migrate another database';
  END IF;
  IF current_user <> deployment.owner_role THEN
    RAISE EXCEPTION USING ERRCODE = 'RHREG',
      MESSAGE = format('migrations run as "%s", but everything belongs to "%s"',
                       current_user, deployment.owner_role),
      HINT = format('connect as a login that may SET ROLE %I, and do so', deployment.owner_role);
  END IF;
END $$;

-- Let the application role execute one function of this schema (names here are not overloaded).
CREATE FUNCTION rowhouse.allow_function(function_name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format('REVOKE ALL ON FUNCTION rowhouse.%I FROM PUBLIC', function_name);
  EXECUTE format('GRANT EXECUTE ON FUNCTION rowhouse.%I TO %I', function_name,
                 (SELECT app_role FROM rowhouse.deployment));
  INSERT INTO rowhouse.allowed VALUES ('function', function_name, '{execute}')
    ON CONFLICT DO NOTHING;
END $$;

-- Give the application role exactly these rights on one relation of this schema. An owner's own
-- rights are left alone in single-role mode: it could grant them again anyway.
CREATE FUNCTION rowhouse.allow_table(table_name text, privileges text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  deployment  rowhouse.deployment;
  privilege   text;
BEGIN
  SELECT * INTO STRICT deployment FROM rowhouse.deployment;
  EXECUTE format('REVOKE ALL ON rowhouse.%I FROM PUBLIC', table_name);
  IF NOT deployment.single_role THEN
    EXECUTE format('REVOKE ALL ON rowhouse.%I FROM %I', table_name, deployment.app_role);
    FOREACH privilege IN ARRAY privileges LOOP
      EXECUTE format('GRANT %I ON rowhouse.%I TO %I', privilege, table_name, deployment.app_role);
    END LOOP;
  END IF;
  INSERT INTO rowhouse.allowed AS a VALUES ('table', table_name, privileges)
    ON CONFLICT (kind, name) DO UPDATE SET privileges = excluded.privileges;
END $$;

-- Marks a database whose passwords everybody knows; the settings of the demo are refused elsewhere.
CREATE FUNCTION rowhouse.mark_demo() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  UPDATE rowhouse.deployment SET demo = true;
$$;

DO $$
DECLARE
  owner_name  text := nullif(current_setting('rowhouse.owner_role', true), '');
  app_name    text := nullif(current_setting('rowhouse.app_role', true), '');
BEGIN
  IF owner_name IS NULL OR app_name IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'RHREG',
      MESSAGE = 'the settings rowhouse.owner_role and rowhouse.app_role are not set',
      HINT = 'run these files with `rowhouse migrate`, which sets them from rowhouse.conf';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = app_name) THEN
    RAISE EXCEPTION USING ERRCODE = 'RHREG',
      MESSAGE = format('there is no role "%s" for the application', app_name),
      HINT = 'a DBA makes the roles once: see sql/roles.sql';
  END IF;
  INSERT INTO rowhouse.deployment (owner_role, app_role) VALUES (owner_name, app_name);
  PERFORM rowhouse.deployment_check();

  EXECUTE format('GRANT USAGE ON SCHEMA rowhouse TO %I', app_name);

  -- A temporary table shadows a real one for whoever may create it; nobody here needs one.
  IF (SELECT pg_has_role(datdba, 'USAGE') FROM pg_catalog.pg_database
      WHERE datname = current_database()) THEN
    EXECUTE format('REVOKE TEMPORARY, CREATE ON DATABASE %I FROM PUBLIC', current_database());
  END IF;
  -- Before PostgreSQL 15 anybody may create objects in public.
  IF (SELECT pg_has_role(nspowner, 'USAGE') FROM pg_catalog.pg_namespace
      WHERE nspname = 'public') THEN
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  END IF;
END $$;

REVOKE ALL ON SCHEMA rowhouse FROM PUBLIC;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rowhouse FROM PUBLIC;
SELECT rowhouse.allow_table('migrations', '{select}');
SELECT rowhouse.allow_table('deployment', '{select}');
SELECT rowhouse.allow_table('allowed', '{select}');
