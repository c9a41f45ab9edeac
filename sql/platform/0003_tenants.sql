-- SPDX-License-Identifier: BSD-2-Clause
--
-- The tenants. Workers read this table without a tenant's context, since it is how they find one,
-- so it has no row security and holds nothing that one tenant may not know of another: a slug and
-- a name, which the owner's tools write. Workers remember what they read here until the epoch
-- moves; every change of the table moves it.

CREATE TABLE rowhouse.tenants (
  id          uuid NOT NULL DEFAULT rowhouse.uuid_v7(),
  slug        text NOT NULL,
  name        text NOT NULL,
  status      text NOT NULL DEFAULT 'active',
  settings    jsonb NOT NULL DEFAULT '{}',
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT tenants_pkey PRIMARY KEY (id),
  CONSTRAINT tenants_slug_key UNIQUE (slug),
  CONSTRAINT tenants_slug_check CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  -- a login names its tenant by slug or id: a slug that reads as an id, or as one cut short, would
  -- be somebody else's or nobody's (app/base/tenant.h says the same)
  CONSTRAINT tenants_slug_is_no_id CHECK (slug !~ '^[0-9a-f-]{25,}$'),
  CONSTRAINT tenants_name_check CHECK (name ~ '\S'),
  CONSTRAINT tenants_status_check CHECK (status IN ('active', 'suspended', 'deleting')),
  CONSTRAINT tenants_settings_check CHECK (jsonb_typeof(settings) = 'object')
);

CREATE FUNCTION rowhouse.tenant_create(slug text, name text, id uuid DEFAULT NULL) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  made uuid;
BEGIN
  INSERT INTO rowhouse.tenants AS t (id, slug, name)
    VALUES (coalesce(tenant_create.id, rowhouse.uuid_v7()), tenant_create.slug, tenant_create.name)
    RETURNING t.id INTO made;
  PERFORM rowhouse.raise_epoch();
  RETURN made;
END $$;

CREATE FUNCTION rowhouse.tenant_set_status(id uuid, status text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE rowhouse.tenants AS t SET status = tenant_set_status.status
    WHERE t.id = tenant_set_status.id;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'RHREG', MESSAGE = format('there is no tenant "%s"', id);
  END IF;
  PERFORM rowhouse.raise_epoch();
END $$;

-- A tenant that somebody suspends by a plain UPDATE must be suspended. On Citus, which refuses
-- triggers, this one is dropped before tenants becomes a reference table; the functions above move
-- the epoch by themselves and remain the way there.
CREATE FUNCTION rowhouse.tenants_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM rowhouse.raise_epoch();
  RETURN NULL;
END $$;

CREATE TRIGGER tenants_changed AFTER INSERT OR UPDATE OR DELETE ON rowhouse.tenants
  FOR EACH STATEMENT EXECUTE FUNCTION rowhouse.tenants_changed();

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rowhouse FROM PUBLIC;
SELECT rowhouse.allow_table('tenants', '{select}');
