-- SPDX-License-Identifier: BSD-2-Clause
--
-- The registration itself: one call makes a table a model. It judges the options, writes the
-- registry row, adds what the table lacks, runs every check and raises the first error found, all
-- in the caller's transaction, so a refused registration leaves nothing behind. Called again with
-- the same options it changes nothing.

-- Raises the first error that the checks find in one table.
CREATE FUNCTION rowhouse.model_check(m rowhouse.models) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  relation  oid := rowhouse.model_relation(m);
  f         rowhouse.finding;
BEGIN
  FOR f IN
    SELECT * FROM rowhouse.check_column_names(relation)
    UNION ALL SELECT * FROM rowhouse.check_columns(relation)
    UNION ALL SELECT * FROM rowhouse.check_types(relation)
    UNION ALL SELECT * FROM rowhouse.check_foreign_keys(relation)
    UNION ALL SELECT * FROM rowhouse.check_keys(relation)
    UNION ALL SELECT * FROM rowhouse.check_cascades(relation)
    UNION ALL SELECT * FROM rowhouse.check_triggers(relation)
    UNION ALL SELECT * FROM rowhouse.check_roles(relation)
    UNION ALL SELECT * FROM rowhouse.check_principals(relation) LOOP
    CONTINUE WHEN f.severity <> 'error';
    PERFORM rowhouse.cannot(rowhouse.model_name(m),
      CASE WHEN split_part(f.object, '.', 1) || '.' || split_part(f.object, '.', 2)
             = rowhouse.model_name(m)
           THEN f.finding ELSE format('%s: %s', f.object, f.finding) END, f.remedy);
  END LOOP;
END $$;

-- Writes the registry row; true if it says something new. The principals' password stays hidden
-- whatever the options say, and what is hidden is not logged in clear.
CREATE FUNCTION rowhouse.model_store(m rowhouse.models) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  stored    rowhouse.models;
BEGIN
  SELECT * INTO stored FROM rowhouse.models s
   WHERE s.schema_name = m.schema_name AND s.table_name = m.table_name;
  IF stored IS NOT DISTINCT FROM m THEN
    RETURN false;
  ELSIF stored.tenancy <> m.tenancy THEN
    PERFORM rowhouse.cannot(rowhouse.model_name(m),
                            format('it is registered as %s', stored.tenancy),
      format('SELECT rowhouse.unregister(''%s'') first, and change the table',
             rowhouse.model_name(m)));
  END IF;
  IF stored.table_name IS NULL THEN
    INSERT INTO rowhouse.models SELECT (m).*;
  ELSE
    UPDATE rowhouse.models s SET
      soft_delete = m.soft_delete, cascade = m.cascade, audit = m.audit, sensitive = m.sensitive,
      owner = m.owner, access = m.access, hidden = m.hidden, read_only = m.read_only,
      restricted = m.restricted, sortable = m.sortable, searchable = m.searchable,
      search = m.search, filterable = m.filterable, validate = m.validate,
      default_sort = m.default_sort, null_sort = m.null_sort, default_limit = m.default_limit,
      max_limit = m.max_limit, deleted_at = m.deleted_at, deleted_by = m.deleted_by,
      require_match = m.require_match, client_ids = m.client_ids, retention = m.retention,
      harmless_triggers = m.harmless_triggers
     WHERE s.schema_name = m.schema_name AND s.table_name = m.table_name;
  END IF;
  RETURN true;
END $$;

-- Adds the names that are not yet in a list.
CREATE FUNCTION rowhouse.united(list text[], more text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT list || ARRAY(SELECT name FROM unnest(more) AS name WHERE name <> ALL (list));
$$;

-- Table, options, registry: see rowhouse(7) for what each option means.
CREATE FUNCTION rowhouse.model(
  relation           text,
  tenancy            text     DEFAULT 'tenant',
  soft_delete        boolean  DEFAULT false,
  cascade            text[]   DEFAULT '{}',
  audit              boolean  DEFAULT false,
  sensitive          text[]   DEFAULT '{}',
  owner              text     DEFAULT NULL,
  access             jsonb    DEFAULT '{}',
  hidden             text[]   DEFAULT '{}',
  read_only          text[]   DEFAULT '{}',
  restricted         jsonb    DEFAULT '{}',
  sortable           text[]   DEFAULT '{}',
  searchable         text[]   DEFAULT '{}',
  search             text     DEFAULT 'substring',
  filterable         jsonb    DEFAULT '{}',
  validate           jsonb    DEFAULT '{}',
  default_sort       text[]   DEFAULT '{}',
  null_sort          text     DEFAULT NULL,
  default_limit      integer  DEFAULT 20,
  max_limit          integer  DEFAULT 100,
  deleted_at         text     DEFAULT 'deleted_at',
  deleted_by         text     DEFAULT 'deleted_by',
  require_match      boolean  DEFAULT false,
  client_ids         boolean  DEFAULT false,
  retention          text     DEFAULT NULL,
  harmless_triggers  text[]   DEFAULT '{}'
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  m  rowhouse.models;
BEGIN
  SELECT p.schema_name, p.table_name INTO m.schema_name, m.table_name
    FROM rowhouse.model_parse(relation) p;
  m.tenancy := tenancy;              m.soft_delete := soft_delete;    m.cascade := cascade;
  m.audit := audit;                  m.owner := owner;                m.access := access;
  m.read_only := read_only;          m.restricted := restricted;      m.sortable := sortable;
  m.searchable := searchable;        m.search := search;              m.filterable := filterable;
  m.validate := validate;            m.default_sort := default_sort;  m.null_sort := null_sort;
  m.default_limit := default_limit;  m.max_limit := max_limit;        m.deleted_at := deleted_at;
  m.deleted_by := deleted_by;        m.require_match := require_match;
  m.client_ids := client_ids;        m.retention := retention;
  m.harmless_triggers := harmless_triggers;
  m.hidden := rowhouse.united(hidden, ARRAY(
    SELECT p.password_column FROM rowhouse.principal_model p
     WHERE p.schema_name = m.schema_name AND p.table_name = m.table_name));
  m.sensitive := rowhouse.united(sensitive, m.hidden);
  PERFORM rowhouse.model_register(m);
END $$;

-- The steps, in the order in which a later one relies on an earlier.
CREATE FUNCTION rowhouse.model_register(m rowhouse.models) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  is_new  boolean;
  f       rowhouse.finding;
BEGIN
  PERFORM rowhouse.shape_name(m);
  PERFORM rowhouse.shape_values(m);
  PERFORM rowhouse.shape_lists(m);
  PERFORM rowhouse.shape_objects(m);
  PERFORM rowhouse.shape_combination(m);
  IF rowhouse.model_relation(m) IS NULL THEN
    PERFORM rowhouse.cannot(rowhouse.model_name(m), 'there is no such table',
      'create it first; a name without a schema is looked for in public');
  END IF;

  is_new := rowhouse.model_store(m);
  FOR f IN SELECT * FROM rowhouse.check_table(rowhouse.model_relation(m)) LOOP
    PERFORM rowhouse.cannot(rowhouse.model_name(m), f.finding, f.remedy);
  END LOOP;
  PERFORM rowhouse.model_add_columns(m);
  FOR f IN SELECT * FROM rowhouse.check_system_columns(rowhouse.model_relation(m)) LOOP
    PERFORM rowhouse.cannot(rowhouse.model_name(m), f.finding, f.remedy);
  END LOOP;
  PERFORM rowhouse.model_add_key(m);
  PERFORM rowhouse.model_add_tenant_key(m);
  PERFORM rowhouse.model_check(m);
  PERFORM rowhouse.model_add_indexes(m);
  PERFORM rowhouse.model_add_search(m);
  IF m.tenancy = 'tenant' THEN
    PERFORM rowhouse.model_guard(m);
  END IF;
  PERFORM rowhouse.model_grant(m);
  FOR f IN SELECT * FROM rowhouse.check_guards(rowhouse.model_relation(m)) LOOP
    PERFORM rowhouse.cannot(rowhouse.model_name(m), f.finding, f.remedy);
  END LOOP;
  IF is_new THEN
    PERFORM rowhouse.principals_watch();      -- soft_delete and deleted_at have a part in it
    PERFORM rowhouse.raise_epoch();
  END IF;
END $$;

-- The principals are changed: whoever does it, in psql or over HTTP, workers must know, for they
-- remember who lives and with which role. The arguments are the columns that say so; passwords are
-- not among them, since nobody remembers one and sign-ins renew their hashes. It runs for each row
-- with the columns as JSON: comparing transition tables costs each statement ten times as much, and
-- a WHEN would keep migrations from changing the types of the columns. The epoch moves once per
-- transaction. On Citus, which refuses triggers, these are dropped: there it is raised by hand.
CREATE FUNCTION rowhouse.principals_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  is_changed  boolean := TG_OP <> 'UPDATE';
  before      jsonb := to_jsonb(OLD);
  after       jsonb := to_jsonb(NEW);
  name        text;
BEGIN
  FOREACH name IN ARRAY TG_ARGV LOOP
    is_changed := is_changed OR before -> name IS DISTINCT FROM after -> name;
  END LOOP;
  IF is_changed AND NOT EXISTS (SELECT FROM rowhouse.epoch e
                                 WHERE e.xmin = pg_current_xact_id()::xid) THEN
    PERFORM rowhouse.raise_epoch();
  END IF;
  RETURN NULL;
END $$;

-- The triggers that there must be, and those that there are. pg_trigger keeps the arguments as bytes,
-- each with a zero behind it; names of a model's columns have nothing to escape (check_column_names).
CREATE FUNCTION rowhouse.principals_watch_expected()
RETURNS TABLE (relation oid, name name, columns text[], event text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.relation, t.name,
         array_remove(ARRAY['tenant_id', 'id', p.role_column,
                            CASE WHEN r.soft_delete THEN r.deleted_at END], NULL), t.event
    FROM rowhouse.principal_model p
    JOIN rowhouse.registered r USING (schema_name, table_name)
    CROSS JOIN (VALUES
      ('rowhouse_principals_updated', 'AFTER UPDATE OR DELETE ON %s FOR EACH ROW'),
      ('rowhouse_principals_truncated', 'AFTER TRUNCATE ON %s FOR EACH STATEMENT')
    ) AS t(name, event);
$$;

CREATE FUNCTION rowhouse.principals_watch_actual()
RETURNS TABLE (relation oid, name name, columns text[])
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.tgrelid, t.tgname, (string_to_array(encode(t.tgargs, 'escape'), '\000'))[:t.tgnargs]
    FROM pg_trigger t
   WHERE t.tgfoid = 'rowhouse.principals_changed()'::regprocedure AND t.tgenabled <> 'D'
     AND t.tgparentid = 0;                    -- not what partitions have of their table
$$;

-- Makes them, where they are not as they must be; on the model that was watched before they go.
CREATE FUNCTION rowhouse.principals_watch() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t record;
BEGIN
  FOR t IN SELECT tgname, tgrelid::regclass AS relation FROM pg_trigger
            WHERE tgfoid = 'rowhouse.principals_changed()'::regprocedure AND tgparentid = 0
              AND (tgrelid, tgname) NOT IN (
                SELECT e.relation, e.name FROM rowhouse.principals_watch_expected() e
                  JOIN rowhouse.principals_watch_actual() a USING (relation, name, columns)) LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', t.tgname, t.relation);
  END LOOP;
  FOR t IN SELECT e.*, e.relation::regclass AS table_name
             FROM rowhouse.principals_watch_expected() e
            WHERE (e.relation, e.name) NOT IN (SELECT a.relation, a.name
                                                 FROM rowhouse.principals_watch_actual() a) LOOP
    EXECUTE format('CREATE TRIGGER %I ' || t.event
                   || ' EXECUTE FUNCTION rowhouse.principals_changed(%s)', t.name, t.table_name,
                   (SELECT string_agg(quote_literal(name), ', ') FROM unnest(t.columns) AS name));
  END LOOP;
END $$;

-- Names the model that logs in. Only now it is known which roles there are, so the rules of every
-- registered model are checked again.
CREATE FUNCTION rowhouse.principals(model text, login text, password text, role text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  m       rowhouse.models;
  f       rowhouse.finding;
  is_new  boolean;
BEGIN
  SELECT s.* INTO m FROM rowhouse.models s, rowhouse.model_parse(model) p
   WHERE s.schema_name = p.schema_name AND s.table_name = p.table_name;
  IF m.table_name IS NULL THEN
    PERFORM rowhouse.cannot('principals', format('"%s" is not a registered model', model),
                            format('SELECT rowhouse.model(''%s'', ...) first', model));
  ELSIF login IS NULL OR password IS NULL THEN
    PERFORM rowhouse.cannot('principals', 'login or password is NULL', 'name two columns of text');
  END IF;
  INSERT INTO rowhouse.principal_model AS p
    VALUES (true, m.schema_name, m.table_name, login, password, role)
    ON CONFLICT (singleton) DO UPDATE SET
      schema_name = excluded.schema_name, table_name = excluded.table_name,
      login_column = excluded.login_column, password_column = excluded.password_column,
      role_column = excluded.role_column
    WHERE p IS DISTINCT FROM excluded;
  is_new := FOUND;
  m.hidden := rowhouse.united(m.hidden, ARRAY[password]);
  m.sensitive := rowhouse.united(m.sensitive, m.hidden);
  is_new := rowhouse.model_store(m) OR is_new;

  FOR f IN SELECT * FROM rowhouse.check_principals()
           UNION ALL SELECT * FROM rowhouse.check_columns(rowhouse.model_relation(m))
           UNION ALL SELECT * FROM rowhouse.check_types() t WHERE t.code = 'option-owner'
           UNION ALL SELECT * FROM rowhouse.check_roles() LOOP
    PERFORM rowhouse.cannot('principals', format('%s: %s', f.object, f.finding), f.remedy);
  END LOOP;
  PERFORM rowhouse.principals_watch();
  IF is_new THEN
    PERFORM rowhouse.raise_epoch();
  END IF;
END $$;

-- Takes a table out of the API. What model() added stays, row security included; the application's
-- rights go.
CREATE FUNCTION rowhouse.unregister(relation text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  deployment  rowhouse.deployment;
  t           record;
  parent      text;
BEGIN
  SELECT * INTO STRICT deployment FROM rowhouse.deployment;
  SELECT p.*, format('%I.%I', p.schema_name, p.table_name) AS name INTO t
    FROM rowhouse.model_parse(relation) p;
  SELECT c.table_name INTO parent FROM rowhouse.model_cascades c
   WHERE c.child_name = t.table_name AND c.table_name <> t.name LIMIT 1;
  IF parent IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'RHREG',
      MESSAGE = format('cannot unregister %s: %s cascades to it', t.name, parent),
      HINT = 'register the parent without this cascade first';
  ELSIF EXISTS (SELECT FROM rowhouse.principal_model p
                 WHERE p.schema_name = t.schema_name AND p.table_name = t.table_name) THEN
    RAISE EXCEPTION USING ERRCODE = 'RHREG',
      MESSAGE = format('cannot unregister %s: it is the model that logs in', t.name),
      HINT = 'name another one by rowhouse.principals() first';
  END IF;
  DELETE FROM rowhouse.models s
   WHERE s.schema_name = t.schema_name AND s.table_name = t.table_name;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'RHREG', MESSAGE = format('%s is not registered', t.name);
  END IF;
  IF to_regclass(t.name) IS NOT NULL AND NOT deployment.single_role THEN
    EXECUTE format('REVOKE ALL ON %I.%I FROM %I', t.schema_name, t.table_name, deployment.app_role);
  END IF;
  PERFORM rowhouse.raise_epoch();
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rowhouse FROM PUBLIC;
SELECT rowhouse.allow_function(name)
  FROM unnest('{principals_watch_expected,principals_watch_actual}'::text[]) AS name;
