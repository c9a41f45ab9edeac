-- SPDX-License-Identifier: BSD-2-Clause
--
-- What a registration adds to a table: system columns, the primary key (tenant_id, id), the key to
-- the tenants, indexes and grants. Each function adds one kind of thing if it is missing, and
-- raises our RHREG with a remedy where adding it would change what somebody else made.

-- The one way a registration is refused. The remedy is part of the contract: it says what to do.
CREATE FUNCTION rowhouse.cannot(what text, why text, remedy text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'RHREG', MESSAGE = format('cannot register %s: %s', what, why),
    HINT = remedy;
END $$;

CREATE FUNCTION rowhouse.model_name(m rowhouse.models) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT format('%I.%I', m.schema_name, m.table_name);
$$;

CREATE FUNCTION rowhouse.model_relation(m rowhouse.models) RETURNS oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT to_regclass(format('%I.%I', m.schema_name, m.table_name))::oid;
$$;

-- The columns that Rowhouse needs of a model. `types` are the accepted ones as format_type()
-- prints them, the first is the one that is made. Times are in milliseconds, as in the JSON: a
-- cursor that names a time must name it exactly. deleted_by is text, because a principal's id may
-- be of any of the three types, or be an operator or a job.
CREATE FUNCTION rowhouse.system_columns(m rowhouse.models)
RETURNS TABLE (column_name text, types text[], is_required boolean, default_text text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT * FROM (VALUES
    ('tenant_id',  '{uuid}'::text[],                        true,  NULL),
    ('id',         '{uuid,bigint,text}',                    true,  'rowhouse.uuid_v7()'),
    ('created_at', '{timestamp(3) with time zone}',         true,  'now()'),
    ('updated_at', '{timestamp(3) with time zone}',         true,  'now()'),
    ('version',    '{integer,bigint}',                      true,  '1'),
    (m.deleted_at, '{timestamp(3) with time zone}',         false, NULL),
    (m.deleted_by, '{text}',                                false, NULL),
    ('deletion_id','{uuid}',                                false, NULL))
      AS c(name, types, required, dflt)
   WHERE (m.tenancy = 'tenant' OR name <> 'tenant_id')
     AND (m.soft_delete OR required);
$$;

-- Adds missing system columns; sets NOT NULL and the default where an existing one lacks them.
-- %s takes only what system_columns() has in literals: SQL has no %I for a type or an expression.
CREATE FUNCTION rowhouse.model_add_columns(m rowhouse.models) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
BEGIN
  FOR c IN
    SELECT s.*, a.attname IS NULL AS is_missing, a.attnotnull,
           a.atthasdef OR a.attidentity <> '' AS has_default,
           format_type(a.atttypid, a.atttypmod) AS type
      FROM rowhouse.system_columns(m) s
      LEFT JOIN pg_attribute a ON a.attrelid = rowhouse.model_relation(m)
            AND a.attname = s.column_name AND a.attnum > 0 AND NOT a.attisdropped
  LOOP
    IF c.is_missing THEN
      EXECUTE format('ALTER TABLE %I.%I ADD COLUMN %I %s', m.schema_name, m.table_name,
                     c.column_name, c.types[1])
        || CASE WHEN c.default_text IS NULL THEN '' ELSE ' DEFAULT ' || c.default_text END
        || CASE WHEN c.is_required THEN ' NOT NULL' ELSE '' END;
      CONTINUE;
    END IF;
    CONTINUE WHEN c.type <> ALL (c.types);            -- check_system_columns() refuses it
    IF c.default_text IS NOT NULL AND NOT c.has_default AND c.type = c.types[1] THEN
      EXECUTE format('ALTER TABLE %I.%I ALTER COLUMN %I SET DEFAULT %s', m.schema_name,
                     m.table_name, c.column_name, c.default_text);
    END IF;
    IF c.is_required AND NOT c.attnotnull THEN
      EXECUTE format('ALTER TABLE %I.%I ALTER COLUMN %I SET NOT NULL', m.schema_name, m.table_name,
                     c.column_name);
    END IF;
  END LOOP;
EXCEPTION WHEN not_null_violation THEN
  PERFORM rowhouse.cannot(rowhouse.model_name(m),
    format('it has rows without a value in column "%s"', c.column_name),
    format('give each row its value first: '
           'ALTER TABLE %1$I.%2$I ADD COLUMN IF NOT EXISTS %3$I %4$s; '
           'UPDATE %1$I.%2$I SET %3$I = ...',
           m.schema_name, m.table_name, c.column_name, c.types[1]));
END $$;

-- Makes the primary key. One on (id) alone is replaced where nothing references it; (tenant_id,
-- id) is then unique as well. Any other is somebody's decision.
CREATE FUNCTION rowhouse.model_add_key(m rowhouse.models) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  wanted      text[] := CASE m.tenancy WHEN 'tenant' THEN '{tenant_id,id}' ELSE '{id}' END;
  existing    record;
  referenced  text;
BEGIN
  SELECT k.oid, k.conname, k.conindid,
         (SELECT array_agg(a.attname::text ORDER BY u.position)
            FROM unnest(k.conkey) WITH ORDINALITY AS u(attnum, position)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum) AS columns
    INTO existing
    FROM pg_constraint k WHERE k.conrelid = rowhouse.model_relation(m) AND k.contype = 'p';
  IF existing.columns = wanted THEN
    RETURN;
  END IF;
  IF existing.columns <> '{id}' THEN
    PERFORM rowhouse.cannot(rowhouse.model_name(m),
      format('its primary key is (%s), not (%s)', array_to_string(existing.columns, ', '),
             array_to_string(wanted, ', ')),
      format('ALTER TABLE %1$I.%2$I DROP CONSTRAINT %3$I; '
             'keep the old columns unique by UNIQUE (%4$s)',
             m.schema_name, m.table_name, existing.conname,
             array_to_string(ARRAY(SELECT unnest(wanted[:1]) WHERE m.tenancy = 'tenant'
                                   UNION ALL SELECT c FROM unnest(existing.columns) c
                                              WHERE c <> ALL (wanted)), ', ')));
  ELSIF existing.columns IS NOT NULL THEN
    SELECT string_agg(format('%s on %s', k.conname, k.conrelid::regclass), ', ' ORDER BY k.conname)
      INTO referenced
      FROM pg_constraint k WHERE k.contype = 'f' AND k.conindid = existing.conindid;
    IF referenced IS NOT NULL THEN
      PERFORM rowhouse.cannot(rowhouse.model_name(m),
        format('its primary key (id) is referenced by %s', referenced),
        'drop these foreign keys, register the table, and make them again with tenant_id on both '
        'sides: FOREIGN KEY (tenant_id, x_id) REFERENCES x (tenant_id, id)');
    END IF;
    EXECUTE format('ALTER TABLE %I.%I DROP CONSTRAINT %I', m.schema_name, m.table_name,
                   existing.conname);
  END IF;
  EXECUTE format('ALTER TABLE %I.%I ADD CONSTRAINT %I PRIMARY KEY (%s)', m.schema_name,
                 m.table_name, rowhouse.short_name(m.table_name, 'pkey'),
                 array_to_string(wanted, ', '));
END $$;

CREATE FUNCTION rowhouse.model_add_tenant_key(m rowhouse.models) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF m.tenancy = 'tenant' AND NOT EXISTS (
       SELECT FROM pg_constraint k
        WHERE k.contype = 'f' AND k.conrelid = rowhouse.model_relation(m)
          AND k.confrelid = 'rowhouse.tenants'::regclass) THEN
    EXECUTE format('ALTER TABLE %I.%I ADD CONSTRAINT %I FOREIGN KEY (tenant_id) '
                   'REFERENCES rowhouse.tenants (id)', m.schema_name, m.table_name,
                   rowhouse.short_name(m.table_name, 'tenant_id_fkey'));
  END IF;
END $$;

-- A name of at most 50 bytes (Citus appends a shard's number): parts joined by _, or, where that
-- is too long, its beginning and a hash of the whole. 41 characters are cut to 41 bytes, too.
CREATE FUNCTION rowhouse.short_name(VARIADIC parts text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whole  text := array_to_string(parts, '_');
  head   text := left(whole, 41);
BEGIN
  IF octet_length(whole) <= 50 THEN
    RETURN whole;
  END IF;
  WHILE octet_length(head) > 41 LOOP
    head := left(head, -1);
  END LOOP;
  RETURN head || '_' || left(md5(whole), 8);
END $$;

-- Makes an index on these columns and the id, unless a valid one begins with these columns and
-- covers the rows: not partial, or (live_only) partial on live rows exactly.
CREATE FUNCTION rowhouse.model_add_index(m rowhouse.models, columns text[], live_only boolean,
                                         suffix text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  index_name  text := rowhouse.short_name(VARIADIC
                        m.table_name || array_remove(columns, 'tenant_id') || suffix);
BEGIN
  IF EXISTS (SELECT FROM rowhouse.model_indexes i
              WHERE i.relation = rowhouse.model_relation(m) AND i.is_valid
                AND i.columns[:cardinality(model_add_index.columns)] = model_add_index.columns
                AND (i.predicate IS NULL OR live_only AND i.predicate = i.live_predicate)) THEN
    RETURN;
  END IF;
  -- another table's columns can give the same name: a_b(c) and a(b_c)
  IF to_regclass(format('%I.%I', m.schema_name, index_name)) IS NOT NULL THEN
    index_name := left(index_name, 41) || '_' || left(md5(m.table_name || '.' || columns::text), 8);
  END IF;
  EXECUTE format('CREATE INDEX %I ON %I.%I (%s)', index_name, m.schema_name, m.table_name,
                 (SELECT string_agg(format('%I', c.name), ', ' ORDER BY c.position)
                    FROM unnest(array_remove(columns, 'id') || 'id'::text)
                         WITH ORDINALITY AS c(name, position)))
    || CASE WHEN live_only AND m.soft_delete THEN format(' WHERE %I IS NULL', m.deleted_at)
            ELSE '' END;
EXCEPTION WHEN undefined_object THEN
  PERFORM rowhouse.cannot(rowhouse.model_name(m),
    format('(%s) cannot be indexed: %s', array_to_string(columns, ', '), sqlerrm),
    'leave the column out of sortable');
END $$;

-- One index per sortable column, ending in the key as every sort does, and one per foreign key:
-- the children of a row are looked up, and looked for when it is deleted, by tenant.
-- And one that finds a deletion group, which is brought back as a whole.
CREATE FUNCTION rowhouse.model_add_indexes(m rowhouse.models) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  prefix  text[] := CASE m.tenancy WHEN 'tenant' THEN '{tenant_id}' ELSE '{}' END;
  col     text;
  fk      record;
BEGIN
  FOREACH col IN ARRAY m.sortable LOOP
    CONTINUE WHEN col = 'id';
    PERFORM rowhouse.model_add_index(m, prefix || col || 'id'::text, true, 'sort');
  END LOOP;
  IF m.soft_delete AND m.tenancy = 'tenant' AND NOT EXISTS (
       SELECT FROM rowhouse.model_indexes i
        WHERE i.relation = rowhouse.model_relation(m) AND i.is_valid
          AND i.columns = '{tenant_id,deletion_id}') THEN
    EXECUTE format('CREATE INDEX %I ON %I.%I (tenant_id, deletion_id) '
                   'WHERE deletion_id IS NOT NULL', rowhouse.short_name(m.table_name, 'deletion'),
                   m.schema_name, m.table_name);
  END IF;
  FOR fk IN SELECT k.columns FROM rowhouse.model_foreign_keys k
             WHERE k.relation = rowhouse.model_relation(m) AND NOT k.is_tenant_key
             ORDER BY k.key_name LOOP
    PERFORM rowhouse.model_add_index(m, prefix || array_remove(fk.columns, 'tenant_id'), false,
                                     'fk');
  END LOOP;
END $$;

-- What search => 'fulltext' looks in: a column made of the searchable ones, for an expression in an
-- index would be computed before row security (to_tsvector is not leakproof). Words are taken as they
-- are, in lower case ('simple'), whatever the language. Its comment says what it is made of; when
-- that changes it is made anew. The index needs a GIN operator class for uuid, which is btree_gin's;
-- the lint tells where it is missing.
CREATE FUNCTION rowhouse.model_add_search(m rowhouse.models) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  is_searched  boolean := m.search = 'fulltext' AND m.searchable <> '{}';
  wanted       text := 'rowhouse search: ' || array_to_string(m.searchable, ', ');
  made_of      text;          -- NULL: there is no such column
  index_name   text := rowhouse.short_name(m.table_name, 'search');
BEGIN
  SELECT coalesce(col_description(a.attrelid, a.attnum), '') INTO made_of
    FROM pg_attribute a
   WHERE a.attrelid = rowhouse.model_relation(m) AND a.attname = 'search_vector'
     AND NOT a.attisdropped;
  IF made_of NOT LIKE 'rowhouse search: %' THEN
    IF is_searched THEN
      PERFORM rowhouse.cannot(rowhouse.model_name(m), 'its column "search_vector" is not Rowhouse''s',
        format('ALTER TABLE %s RENAME COLUMN search_vector TO ...', rowhouse.model_name(m)));
    END IF;
    RETURN;
  END IF;
  IF made_of <> wanted OR made_of IS NOT NULL AND NOT is_searched THEN
    EXECUTE format('ALTER TABLE %I.%I DROP COLUMN search_vector', m.schema_name, m.table_name);
    made_of := NULL;
  END IF;
  IF is_searched AND made_of IS NULL THEN
    EXECUTE format('ALTER TABLE %I.%I ADD COLUMN search_vector tsvector '
                   'GENERATED ALWAYS AS (to_tsvector(''pg_catalog.simple''::regconfig, %s)) STORED',
                   m.schema_name, m.table_name,
                   (SELECT string_agg(format('coalesce(%I::text, '''')', c.name), ' || '' '' || '
                                      ORDER BY c.position)
                      FROM unnest(m.searchable) WITH ORDINALITY AS c(name, position)));
    EXECUTE format('COMMENT ON COLUMN %I.%I.search_vector IS %L', m.schema_name, m.table_name,
                   wanted);
  END IF;
  IF is_searched AND to_regclass(format('%I.%I', m.schema_name, index_name)) IS NULL
     AND (m.tenancy = 'shared' OR EXISTS (
            SELECT FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod
             WHERE a.amname = 'gin' AND c.opcintype = 'uuid'::regtype AND c.opcdefault)) THEN
    EXECUTE format('CREATE INDEX %I ON %I.%I USING gin (%s)', index_name, m.schema_name, m.table_name,
                   CASE m.tenancy WHEN 'shared' THEN 'search_vector'
                                  ELSE 'tenant_id, search_vector' END);
  END IF;
END $$;

-- The application's rights on a model: exactly these. Sequences of serial columns are usable too;
-- identity columns need no right.
CREATE FUNCTION rowhouse.model_grant(m rowhouse.models) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  deployment  rowhouse.deployment;
  sequence    record;
BEGIN
  SELECT * INTO STRICT deployment FROM rowhouse.deployment;
  EXECUTE format('REVOKE ALL ON %I.%I FROM PUBLIC', m.schema_name, m.table_name);
  IF deployment.single_role THEN
    RETURN;
  END IF;
  IF NOT has_schema_privilege(deployment.app_role, m.schema_name, 'USAGE') THEN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', m.schema_name, deployment.app_role);
  END IF;
  EXECUTE format('REVOKE ALL ON %I.%I FROM %I', m.schema_name, m.table_name, deployment.app_role);
  EXECUTE format('GRANT SELECT ON %I.%I TO %I', m.schema_name, m.table_name, deployment.app_role);
  IF m.tenancy = 'tenant' THEN
    EXECUTE format('GRANT INSERT, UPDATE, DELETE ON %I.%I TO %I', m.schema_name, m.table_name,
                   deployment.app_role);
    FOR sequence IN
      SELECT n.nspname, s.relname FROM pg_depend d
        JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
        JOIN pg_namespace n ON n.oid = s.relnamespace
       WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
         AND d.refobjid = rowhouse.model_relation(m) AND d.deptype = 'a' LOOP
      EXECUTE format('GRANT USAGE ON SEQUENCE %I.%I TO %I', sequence.nspname, sequence.relname,
                     deployment.app_role);
    END LOOP;
  END IF;
END $$;

-- Row security of a model and of its partitions.
CREATE FUNCTION rowhouse.model_guard(m rowhouse.models) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  guarded record;
BEGIN
  FOR guarded IN
    SELECT g.schema_name, g.table_name FROM rowhouse.guarded g
     WHERE g.relation = rowhouse.model_relation(m)
        OR g.relation IN (SELECT relid FROM pg_partition_tree(rowhouse.model_relation(m))) LOOP
    PERFORM rowhouse.guard(guarded.schema_name, guarded.table_name);
  END LOOP;
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rowhouse FROM PUBLIC;
SELECT rowhouse.allow_function('model_name');
SELECT rowhouse.allow_function('model_relation');
SELECT rowhouse.allow_function('system_columns');
