-- SPDX-License-Identifier: BSD-2-Clause
--
-- The audit log: one row for each changed row of an audited model, written in the unit that
-- changes it. The application may add and read, not change; partitions by month keep it prunable,
-- and the DEFAULT partition takes what comes when a month is missing, so that no write fails for
-- want of one. Its order is (timeline, xid, ordinal): ids and times are not in the order of
-- commit. The timeline has no default: it is raised when a backup is restored, and a silent 1
-- would then be a lie. There is no foreign key to the tenants: the log outlives them, and each
-- entry would lock its tenant's row.

CREATE TABLE rowhouse.audit_log (
  tenant_id    uuid NOT NULL,
  id           uuid NOT NULL DEFAULT rowhouse.uuid_v7(),
  at           timestamptz(3) NOT NULL DEFAULT now(),
  timeline     integer NOT NULL,
  xid          xid8 NOT NULL DEFAULT pg_current_xact_id(),
  ordinal      integer NOT NULL DEFAULT 0,      -- the place within its transaction
  actor_type   text NOT NULL,
  actor_id     text,
  actor_ip     inet,
  operator_id  text,                            -- who acted in a tenant from outside it
  action       text NOT NULL,                   -- 'posts.created'
  target_type  text,                            -- the table's name
  target_id    text,
  source       text NOT NULL DEFAULT 'auto',
  changes      jsonb,                           -- {"title": {"before": ..., "after": ...}}
  metadata     jsonb NOT NULL DEFAULT '{}',     -- request, trace, route, reason, deletion id
  result       text NOT NULL DEFAULT 'ok',
  reason       text,
  CONSTRAINT audit_log_pkey PRIMARY KEY (tenant_id, id, at),
  CONSTRAINT audit_log_actor_type_check
    CHECK (actor_type IN ('user', 'api_key', 'system', 'anonymous')),
  -- an entry about nobody in particular is only possible for those who are nobody
  CONSTRAINT audit_log_actor_check
    CHECK (actor_id IS NOT NULL OR actor_type IN ('system', 'anonymous')),
  CONSTRAINT audit_log_action_check CHECK (action <> ''),
  CONSTRAINT audit_log_source_check CHECK (source IN ('auto', 'manual')),
  CONSTRAINT audit_log_result_check CHECK (result IN ('ok', 'refused', 'failed'))
) PARTITION BY RANGE (at);

CREATE INDEX audit_log_order ON rowhouse.audit_log (tenant_id, timeline, xid, ordinal);
CREATE INDEX audit_log_target
  ON rowhouse.audit_log (tenant_id, target_type, target_id, timeline, xid, ordinal);

CREATE TABLE rowhouse.audit_log_default PARTITION OF rowhouse.audit_log DEFAULT;

-- A document without the values that stand under one of these names, at any depth: for columns of
-- json in models that have sensitive columns.
CREATE FUNCTION rowhouse.redact(document jsonb, names text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  CASE jsonb_typeof(document)
    WHEN 'object' THEN
      RETURN (SELECT coalesce(jsonb_object_agg(m.key,
                       CASE WHEN m.key = ANY (names) THEN '"[REDACTED]"'
                            ELSE rowhouse.redact(m.value, names) END), '{}')
                FROM jsonb_each(document) AS m);
    WHEN 'array' THEN
      RETURN (SELECT coalesce(jsonb_agg(rowhouse.redact(e.value, names) ORDER BY e.position), '[]')
                FROM jsonb_array_elements(document) WITH ORDINALITY AS e(value, position));
    ELSE
      RETURN document;
  END CASE;
END $$;

-- The months of the log, by the names of their partitions: audit_log_2026_11.
CREATE FUNCTION rowhouse.audit_partition(month timestamptz) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
  SELECT to_char(month, '"audit_log_"YYYY_MM');
$$;

-- Makes one month. A month whose rows are already in the default partition cannot be made beside
-- it: the default is taken out, gives its rows of that month, and is put back. Its row security is
-- off meanwhile for the owner; nobody else has rights on it, and the lock is exclusive.
CREATE FUNCTION rowhouse.audit_add_month(month timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
  partition  text := rowhouse.audit_partition(month);
  next       timestamptz := month + interval '1 month';
  has_rows   boolean := EXISTS (SELECT FROM rowhouse.audit_log_default d
                                 WHERE d.at >= month AND d.at < next);
BEGIN
  IF has_rows THEN
    ALTER TABLE rowhouse.audit_log DETACH PARTITION rowhouse.audit_log_default;
  END IF;
  EXECUTE format('CREATE TABLE rowhouse.%I PARTITION OF rowhouse.audit_log '
                 'FOR VALUES FROM (%L) TO (%L)', partition, month, next);
  IF has_rows THEN
    EXECUTE format('INSERT INTO rowhouse.%I SELECT * FROM rowhouse.audit_log_default d '
                   'WHERE d.at >= $1 AND d.at < $2', partition) USING month, next;
    DELETE FROM rowhouse.audit_log_default d WHERE d.at >= month AND d.at < next;
    ALTER TABLE rowhouse.audit_log ATTACH PARTITION rowhouse.audit_log_default DEFAULT;
  END IF;
  PERFORM rowhouse.guard('rowhouse', partition);
  PERFORM rowhouse.allow_table(partition, '{}');        -- reached through the log only
END $$;

-- Makes this month, the months ahead, and every month that has rows in the default partition;
-- returns how many it made. It changes no column of any row. Run it as owner.
CREATE FUNCTION rowhouse.audit_maintain(months_ahead integer DEFAULT 3) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
  is_single  boolean := (SELECT single_role FROM rowhouse.deployment);
  months     timestamptz[];
  month      timestamptz;
BEGIN
  IF months_ahead NOT BETWEEN 0 AND 120 THEN
    RAISE EXCEPTION USING ERRCODE = 'RHREG',
      MESSAGE = format('cannot make %s months ahead', months_ahead), HINT = 'say 0 to 120';
  END IF;
  -- The log is locked before its partition, as inserts do; a stronger lock later would deadlock
  -- with them. Its size says whether the default partition has rows: row security hides them still.
  IF pg_relation_size('rowhouse.audit_log_default') > 0 THEN
    LOCK TABLE ONLY rowhouse.audit_log IN ACCESS EXCLUSIVE MODE;
  ELSE
    LOCK TABLE ONLY rowhouse.audit_log IN SHARE UPDATE EXCLUSIVE MODE;
  END IF;
  LOCK TABLE rowhouse.audit_log_default IN ACCESS EXCLUSIVE MODE;
  IF is_single THEN
    ALTER TABLE rowhouse.audit_log_default NO FORCE ROW LEVEL SECURITY;
  END IF;
  months := ARRAY(
    SELECT wanted FROM (
      SELECT date_trunc('month', now()) + n * interval '1 month'
        FROM generate_series(0, months_ahead) n
      UNION
      SELECT date_trunc('month', d.at) FROM rowhouse.audit_log_default d) AS w(wanted)
    WHERE to_regclass(format('rowhouse.%I', rowhouse.audit_partition(wanted))) IS NULL
    ORDER BY wanted);
  FOREACH month IN ARRAY months LOOP
    PERFORM rowhouse.audit_add_month(month);
  END LOOP;
  IF is_single AND NOT rowhouse.guard_is_lifted() THEN
    ALTER TABLE rowhouse.audit_log_default FORCE ROW LEVEL SECURITY;
  END IF;
  RETURN cardinality(months);
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rowhouse FROM PUBLIC;
SELECT rowhouse.allow_function('audit_partition');
SELECT rowhouse.allow_function('redact');
SELECT rowhouse.allow_table('audit_log', '{select,insert}');
SELECT rowhouse.allow_table('audit_log_default', '{}');
SELECT rowhouse.guard('rowhouse', 'audit_log');
SELECT rowhouse.guard('rowhouse', 'audit_log_default');
SELECT rowhouse.audit_maintain(3);
