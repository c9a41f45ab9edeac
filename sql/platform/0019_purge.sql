-- SPDX-License-Identifier: BSD-2-Clause
--
-- Rows that go for good, in batches, one transaction each, so that a stopped run goes on where it
-- was. A row goes only when no row refers to it any more: so children go before parents, whatever
-- refers to them, and nothing disappears by a foreign key's own cascade without its entry in the
-- log. All of it runs as the owner in the tenant's context, which single-role mode needs as well.

-- The models with rows of tenants, and until when their deleted rows are kept by their own word.
CREATE FUNCTION rowhouse.purge_models()
RETURNS TABLE (relation oid, table_name text, soft_delete boolean, keep interval)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.relation, r.table_name, r.soft_delete, r.retention::interval
    FROM rowhouse.registered r
   WHERE r.tenancy = 'tenant' ORDER BY r.schema_name, r.table_name;
$$;

-- " AND NOT EXISTS (SELECT FROM public.comments AS c WHERE c.post_id = t.id ...)" for every foreign
-- key to a table, registered or not. A row that refers to itself holds nothing.
CREATE FUNCTION rowhouse.purge_unreferenced(relation oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(string_agg(
           format(' AND NOT EXISTS (SELECT FROM %s AS c WHERE %s%s)', k.conrelid::regclass, pairs.text,
                  CASE WHEN k.conrelid = k.confrelid THEN ' AND c.ctid <> t.ctid' ELSE '' END),
           '' ORDER BY k.conrelid::regclass::text COLLATE "C", k.conname), '')
    FROM pg_constraint k
    CROSS JOIN LATERAL (
      SELECT string_agg(format('c.%I = t.%I', a.attname, b.attname), ' AND ' ORDER BY p.position) AS text
        FROM unnest(k.conkey, k.confkey) WITH ORDINALITY AS p(own, other, position)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.own
        JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = p.other) pairs
   WHERE k.contype = 'f' AND k.confrelid = purge_unreferenced.relation AND k.conparentid = 0;
$$;

-- " t.id = ANY ($n)", typed, so that the key's index serves it.
CREATE FUNCTION rowhouse.purge_keyed(relation oid, parameter text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT format(' t.id = ANY (%s::%s[])', parameter, format_type(a.atttypid, NULL))
    FROM pg_attribute a WHERE a.attrelid = relation AND a.attname = 'id';
$$;

-- The entry of each row that goes: all fields, as a forced delete logs them, printed as the workers'
-- sessions print them (0013).
CREATE FUNCTION rowhouse.purge_log(m rowhouse.registered, keys text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET DateStyle = 'ISO, YMD'
SET IntervalStyle = 'postgres' SET extra_float_digits = 1 SET bytea_output = 'hex' AS $$
DECLARE
  names  text[] := ARRAY(SELECT a.attname::text FROM pg_attribute a
                          WHERE a.attrelid = m.relation AND a.attnum > 0 AND NOT a.attisdropped
                            AND a.attgenerated = '' AND a.attname <> 'tenant_id');
  secret text[] := m.sensitive || ARRAY(SELECT rowhouse.camel_case(s) FROM unnest(m.sensitive) s);
BEGIN
  EXECUTE format(
    'INSERT INTO rowhouse.audit_log (tenant_id, timeline, ordinal, actor_type, operator_id, action, '
    'target_type, target_id, metadata, changes) '
    'SELECT t.tenant_id, d.timeline, row_number() OVER (ORDER BY t.id), ''system'', session_user, '
    '$1 || ''.purged'', $1, t.id::text, '
    'jsonb_build_object(''reason'', ''purge'', ''deletionId'', to_jsonb(t) -> ''deletion_id''), '
    '(SELECT jsonb_object_agg(rowhouse.camel_case(n), jsonb_build_object(''before'', '
    'CASE WHEN n = ANY ($2) THEN ''"[REDACTED]"'' '
    'ELSE rowhouse.redact(to_jsonb(t) -> n, $2) END, ''after'', NULL::jsonb)) FROM unnest($3) n) '
    'FROM rowhouse.deployment d, %s AS t WHERE t.tenant_id = $4 AND', m.name)
    || rowhouse.purge_keyed(m.relation, '$5')
    USING m.table_name, secret, names, current_setting('app.current_tenant')::uuid, keys;
END $$;

-- Takes one batch of a model's rows: of the deleted ones, those deleted before a bound; with none
-- (a tenant that goes), all of them, which are counted and not logged one by one. Rows that somebody
-- is just working on are left for the next batch.
CREATE FUNCTION rowhouse.purge_batch(tenant uuid, relation oid, before timestamptz, batch integer)
RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  m     rowhouse.registered;
  keys  text[];
BEGIN
  SELECT * INTO STRICT m FROM rowhouse.registered r WHERE r.relation = purge_batch.relation;
  PERFORM set_config('app.current_tenant', tenant::text, true);
  EXECUTE format(
    'SELECT array_agg(k.id::text) FROM (SELECT t.id FROM %s AS t WHERE t.tenant_id = $1%s%s '
    'ORDER BY t.id LIMIT $3 FOR UPDATE OF t SKIP LOCKED) AS k',
    m.name, CASE WHEN before IS NOT NULL THEN format(' AND t.%I < $2', m.deleted_at) ELSE '' END,
    rowhouse.purge_unreferenced(m.relation))
    INTO keys USING tenant, before, batch;
  IF keys IS NULL THEN
    RETURN 0;
  END IF;
  IF m.audit AND before IS NOT NULL THEN
    PERFORM rowhouse.purge_log(m, keys);
  END IF;
  EXECUTE format('DELETE FROM %s AS t WHERE t.tenant_id = $1 AND', m.name)
    || rowhouse.purge_keyed(m.relation, '$2') USING tenant, keys;
  RETURN cardinality(keys);
END $$;

-- All that refers to a row, and so on: {"OID": ["id", ...]} with a list per model. It can go as one
-- and not in parts, where it comes back to the row. NULL: a table that is no model refers to it.
CREATE FUNCTION rowhouse.purge_closure(tenant uuid, relation oid, key text) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found  jsonb := jsonb_build_object(relation::text, jsonb_build_array(key));
  fresh  jsonb := found;      -- whose referrers were not looked for
  next   jsonb;
  keys   jsonb;
  f      record;
BEGIN
  WHILE fresh <> '{}' LOOP
    next := '{}';
    FOR f IN
      SELECT k.conrelid::text AS child, k.confrelid::text AS parent, k.conrelid::regclass AS child_name,
             k.confrelid::regclass AS parent_name, k.conrelid IN (
               SELECT m.relation FROM rowhouse.purge_models() m) AS is_model,
             (SELECT string_agg(format('c.%I = t.%I', a.attname, b.attname), ' AND ')
                FROM unnest(k.conkey, k.confkey) AS p(own, other)
                JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.own
                JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = p.other) AS pairs
        FROM pg_constraint k
       WHERE k.contype = 'f' AND k.conparentid = 0 AND fresh ? k.confrelid::text LOOP
      EXECUTE format(
        'SELECT coalesce(jsonb_agg(DISTINCT %s), ''[]'') FROM %s AS c, %s AS t '
        'WHERE %s AND t.tenant_id = $1 AND %s',
        CASE WHEN f.is_model THEN 'c.id::text' ELSE 'true' END, f.child_name, f.parent_name, f.pairs,
        rowhouse.purge_keyed(f.parent::oid, 'ARRAY(SELECT jsonb_array_elements_text($2))'))
        INTO keys USING tenant, fresh -> f.parent;
      IF NOT f.is_model AND keys <> '[]' THEN
        RETURN NULL;
      END IF;
      SELECT coalesce(jsonb_agg(k.key), '[]') INTO keys FROM jsonb_array_elements(keys) AS k(key)
       WHERE NOT coalesce(found -> f.child @> k.key, false);
      CONTINUE WHEN keys = '[]';
      found := found || jsonb_build_object(f.child, coalesce(found -> f.child, '[]') || keys);
      next := next || jsonb_build_object(f.child, coalesce(next -> f.child, '[]') || keys);
    END LOOP;
    fresh := next;
  END LOOP;
  RETURN found;
END $$;

-- What purge_batch() leaves of a tenant stands in circles, or above them. Takes one circle by one
-- statement, behind which its foreign keys are judged, be they RESTRICT; returns how many rows it
-- had, 0 when there is none that can go.
CREATE FUNCTION rowhouse.purge_circle(tenant uuid) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  m       record;
  key     text;
  circle  jsonb;
  gone    bigint;
BEGIN
  PERFORM set_config('app.current_tenant', tenant::text, true);
  FOR m IN SELECT p.relation FROM rowhouse.purge_models() p LOOP
    EXECUTE format('SELECT t.id::text FROM %s AS t WHERE t.tenant_id = $1 ORDER BY t.id LIMIT 1',
                   m.relation::regclass) INTO key USING tenant;
    CONTINUE WHEN key IS NULL;
    circle := rowhouse.purge_closure(tenant, m.relation, key);
    CONTINUE WHEN circle IS NULL;
    EXECUTE (SELECT format('WITH %s SELECT %s',
               string_agg(format('d%s AS (DELETE FROM %s AS t WHERE t.tenant_id = $1 AND %s RETURNING 1)',
                                 c.oid, c.oid::oid::regclass, rowhouse.purge_keyed(c.oid::oid,
                                 format('ARRAY(SELECT jsonb_array_elements_text($2 -> %L))', c.oid))),
                          ', '),
               string_agg(format('(SELECT count(*) FROM d%s)', c.oid), ' + '))
               FROM jsonb_object_keys(circle) AS c(oid))
      INTO gone USING tenant, circle;
    RETURN gone;
  END LOOP;
  RETURN 0;
END $$;

-- How many rows of a model a tenant has left.
CREATE FUNCTION rowhouse.purge_left(tenant uuid, relation oid) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  rows_left  bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM %s AS t WHERE t.tenant_id = $1', relation::regclass)
    INTO rows_left USING tenant;
  RETURN rows_left;
END $$;

-- Idempotency keys that are older than they are promised to be kept.
CREATE FUNCTION rowhouse.purge_keys(tenant uuid, before timestamptz) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  gone  bigint;
BEGIN
  PERFORM set_config('app.current_tenant', tenant::text, true);
  DELETE FROM rowhouse.idempotency_keys k WHERE k.tenant_id = tenant AND k.created_at < before;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;

-- The end of a tenant whose models have no rows left: what the platform keeps of it, and itself.
-- Its log stays, with this as its last entry, until it is pruned.
CREATE FUNCTION rowhouse.tenant_remove(tenant uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t  rowhouse.tenants;
BEGIN
  SELECT * INTO STRICT t FROM rowhouse.tenants s WHERE s.id = tenant FOR UPDATE;
  IF t.status <> 'deleting' THEN
    RAISE EXCEPTION USING ERRCODE = 'RHREG', MESSAGE = format('tenant %s is %s', t.slug, t.status);
  END IF;
  PERFORM rowhouse.audit_note(tenant, 'tenant.deleted', 'rowhouse.tenants', tenant::text,
                              jsonb_build_object('slug', t.slug));
  DELETE FROM rowhouse.idempotency_keys k WHERE k.tenant_id = tenant;
  DELETE FROM rowhouse.refresh_tokens k WHERE k.tenant_id = tenant;
  DELETE FROM rowhouse.sessions s WHERE s.tenant_id = tenant;
  DELETE FROM rowhouse.api_keys k WHERE k.tenant_id = tenant;
  DELETE FROM rowhouse.tenants s WHERE s.id = tenant;
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rowhouse FROM PUBLIC;
