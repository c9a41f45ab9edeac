-- SPDX-License-Identifier: BSD-2-Clause
--
-- Old entries of the audit log go only this way: as the owner, before a bound that is said, and
-- leaving an entry behind that says how many went. A month that lies before the bound as a whole is
-- dropped, whatever its size; of others the entries are deleted.

-- The partitions of the log from the oldest on; the default one, which has no bounds, is last.
CREATE FUNCTION rowhouse.audit_partitions()
RETURNS TABLE (partition text, begins timestamptz, ends timestamptz)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
  SELECT c.relname::text, m.month, m.month + interval '1 month'
    FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid
    CROSS JOIN LATERAL (SELECT to_date(substring(c.relname FROM '\d{4}_\d{2}$'),
                                       'YYYY_MM')::timestamptz AS month) m
   WHERE i.inhparent = 'rowhouse.audit_log'::regclass
   ORDER BY m.month NULLS LAST;
$$;

-- An entry about the log or the tenant as such, by the owner on somebody's behalf.
CREATE FUNCTION rowhouse.audit_note(tenant uuid, action text, target_type text, target_id text,
                                    metadata jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM set_config('app.current_tenant', tenant::text, true);
  INSERT INTO rowhouse.audit_log (tenant_id, timeline, actor_type, operator_id, action, target_type,
                                  target_id, source, metadata)
    SELECT tenant, d.timeline, 'system', session_user, audit_note.action, audit_note.target_type,
           audit_note.target_id, 'manual', audit_note.metadata
      FROM rowhouse.deployment d;
END $$;

-- Takes the entries before a bound out of one partition, of one tenant or of all; returns how many.
CREATE FUNCTION rowhouse.audit_prune(partition text, before timestamptz, tenant uuid DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  is_single  boolean := (SELECT single_role FROM rowhouse.deployment);
  pruned     bigint := 0;
  month      record;
  share      record;
BEGIN
  IF before IS NULL OR before > now() THEN
    RAISE EXCEPTION USING ERRCODE = 'RHREG', MESSAGE = 'entries are pruned before a time in the past';
  END IF;
  SELECT * INTO month FROM rowhouse.audit_partitions() p WHERE p.partition = audit_prune.partition;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'RHREG',
      MESSAGE = format('"%s" is no partition of the log', partition);
  END IF;
  -- In the order in which inserts lock; dropping needs the log itself.
  IF month.ends <= before AND tenant IS NULL THEN
    LOCK TABLE ONLY rowhouse.audit_log IN ACCESS EXCLUSIVE MODE;
  END IF;
  EXECUTE format('LOCK TABLE rowhouse.%I IN %s MODE', partition,
                 CASE WHEN is_single OR month.ends <= before AND tenant IS NULL
                      THEN 'ACCESS EXCLUSIVE' ELSE 'ROW EXCLUSIVE' END);
  IF is_single THEN
    EXECUTE format('ALTER TABLE rowhouse.%I NO FORCE ROW LEVEL SECURITY', partition);
  END IF;
  FOR share IN EXECUTE format(
    'SELECT a.tenant_id, count(*) AS entries FROM rowhouse.%I AS a '
    'WHERE a.at < $1 AND ($2 IS NULL OR a.tenant_id = $2) GROUP BY a.tenant_id', partition)
    USING before, tenant
  LOOP
    PERFORM rowhouse.audit_note(share.tenant_id, 'audit.pruned', 'rowhouse.audit_log', NULL,
      jsonb_build_object('before', before, 'entries', share.entries, 'partition', partition));
    pruned := pruned + share.entries;
  END LOOP;
  IF month.ends <= before AND tenant IS NULL THEN
    EXECUTE format('DROP TABLE rowhouse.%I', partition);
    DELETE FROM rowhouse.allowed a WHERE a.kind = 'table' AND a.name = audit_prune.partition;
    RETURN pruned;
  END IF;
  EXECUTE format('DELETE FROM rowhouse.%I AS a WHERE a.at < $1 '
                 'AND ($2 IS NULL OR a.tenant_id = $2)', partition) USING before, tenant;
  IF is_single AND NOT rowhouse.guard_is_lifted() THEN
    EXECUTE format('ALTER TABLE rowhouse.%I FORCE ROW LEVEL SECURITY', partition);
  END IF;
  RETURN pruned;
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rowhouse FROM PUBLIC;
