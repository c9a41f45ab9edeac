-- SPDX-License-Identifier: BSD-2-Clause
--
-- Settings of the application role in this database. They decide how values are printed (the log
-- compares them), which objects a name means, and how long a statement may take, so they belong to
-- the role and not to whoever connects; a start-up packet would not pass a pooler anyway. A host
-- may forbid its owner to set them: then the statements are printed for the DBA, and the workers
-- do not start before they were run.

-- public and then pg_temp: pg_catalog comes first unless named, a temporary table comes last.
CREATE FUNCTION rowhouse.role_settings() RETURNS TABLE (name text, setting text[])
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT * FROM (VALUES
    ('TimeZone',                            '{UTC}'::text[]),
    ('DateStyle',                           '{ISO,YMD}'),
    ('IntervalStyle',                       '{postgres}'),
    ('extra_float_digits',                  '{1}'),
    ('bytea_output',                        '{hex}'),
    ('search_path',                         '{public,pg_temp}'),
    ('plan_cache_mode',                     '{force_generic_plan}'),
    ('statement_timeout',                   '{5s}'),
    ('lock_timeout',                        '{1s}'),
    ('idle_in_transaction_session_timeout', '{5s}'),
    ('client_connection_check_interval',    '{1s}')) AS s(name, setting)
   WHERE EXISTS (SELECT FROM pg_settings p WHERE p.name = s.name);
$$;

-- The statement that makes one of these settings. A list's elements are quoted one by one.
CREATE FUNCTION rowhouse.role_setting_statement(name text, setting text[]) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT format('ALTER ROLE %I IN DATABASE %I SET %I = ', d.app_role, current_database(), name)
         || (SELECT string_agg(format('%L', s.element), ', ' ORDER BY s.position)
               FROM unnest(setting) WITH ORDINALITY AS s(element, position))
    FROM rowhouse.deployment d;
$$;

DO $$
DECLARE
  statement  text;
  refused    text := '';
BEGIN
  FOR statement IN
    SELECT rowhouse.role_setting_statement(s.name, s.setting)
      FROM rowhouse.role_settings() s
     WHERE NOT EXISTS (
       SELECT FROM pg_catalog.pg_db_role_setting c, unnest(c.setconfig) AS entry,
                   rowhouse.deployment d
        WHERE c.setdatabase = (SELECT oid FROM pg_catalog.pg_database
                                WHERE datname = current_database())
          AND c.setrole = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = d.app_role)
          AND entry = s.name || '=' || array_to_string(s.setting, ', '))
  LOOP
    BEGIN
      EXECUTE statement;
    EXCEPTION WHEN insufficient_privilege THEN
      refused := refused || E'\n' || statement || ';';
    END;
  END LOOP;
  IF refused <> '' THEN
    RAISE WARNING USING
      MESSAGE = 'the settings of the application role are not set, and its workers will not start',
      HINT = 'a DBA has to run:' || refused;
  END IF;
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rowhouse FROM PUBLIC;
SELECT rowhouse.allow_function('role_settings');
SELECT rowhouse.allow_function('role_setting_statement');
