-- SPDX-License-Identifier: BSD-2-Clause
--
-- What signing in leaves behind: sessions and their one-use refresh tokens, keys for machines, the
-- keys that tokens are signed with, and how often somebody has guessed. No secret is kept as such:
-- refresh tokens and API keys are SHA-256 hashes of 256 random bits (a slow hash would add nothing),
-- signing keys are sealed with the key of the setting secret_file, which is not in the database.

-- A sign-in and all that was refreshed from it: one family. Reuse of a token revokes all of it.
CREATE TABLE rowhouse.sessions (
  tenant_id     uuid NOT NULL,
  id            text NOT NULL,              -- the sid of its access tokens
  principal_id  text NOT NULL,
  operator      text,                       -- who acts as the principal (token --as-operator)
  created_at    timestamptz(3) NOT NULL DEFAULT now(),
  expires_at    timestamptz(3) NOT NULL,
  revoked_at    timestamptz(3),
  revoked_why   text,
  CONSTRAINT sessions_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT sessions_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES rowhouse.tenants (id),
  CONSTRAINT sessions_why_check CHECK (revoked_why IN ('logout', 'reuse', 'password', 'operator')),
  CONSTRAINT sessions_revoked_check CHECK ((revoked_at IS NULL) = (revoked_why IS NULL))
);
CREATE INDEX sessions_principal_idx ON rowhouse.sessions (tenant_id, principal_id)
  WHERE revoked_at IS NULL;
CREATE INDEX sessions_expires_idx ON rowhouse.sessions (tenant_id, expires_at);

-- One use each. A used one stays until its session expires, so that reuse is seen.
CREATE TABLE rowhouse.refresh_tokens (
  tenant_id    uuid NOT NULL,
  id           text NOT NULL,
  session_id   text NOT NULL,
  secret_hash  text NOT NULL,               -- SHA-256, hexadecimal
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  used_at      timestamptz(3),
  CONSTRAINT refresh_tokens_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT refresh_tokens_session_fkey FOREIGN KEY (tenant_id, session_id)
    REFERENCES rowhouse.sessions (tenant_id, id),
  CONSTRAINT refresh_tokens_hash_check CHECK (secret_hash ~ '^[0-9a-f]{64}$')
);
CREATE INDEX refresh_tokens_session_idx ON rowhouse.refresh_tokens (tenant_id, session_id);

-- Credentials of machines. A key acts with a role and within its scopes, for nobody in particular.
CREATE TABLE rowhouse.api_keys (
  tenant_id     uuid NOT NULL,
  id            text NOT NULL,
  name          text NOT NULL,
  secret_hash   text NOT NULL,
  scopes        text[] NOT NULL,            -- posts:read, posts:write, *:read
  role          text,
  created_at    timestamptz(3) NOT NULL DEFAULT now(),
  created_by    text,
  expires_at    timestamptz(3),
  revoked_at    timestamptz(3),
  last_used_at  timestamptz(3),             -- sampled: at most once a minute is written
  CONSTRAINT api_keys_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT api_keys_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES rowhouse.tenants (id),
  CONSTRAINT api_keys_name_check CHECK (length(name) BETWEEN 1 AND 100),
  CONSTRAINT api_keys_hash_check CHECK (secret_hash ~ '^[0-9a-f]{64}$'),
  CONSTRAINT api_keys_scopes_check CHECK (cardinality(scopes) BETWEEN 1 AND 100)
);

-- A key signs from signs_from to retired_at, by the clock; others know it before, since it is published
-- from its making on, and it verifies for as long as a token lives behind its retirement.
CREATE TABLE rowhouse.signing_keys (
  kid            text NOT NULL,
  public_key     bytea NOT NULL,            -- Ed25519, 32 bytes
  sealed_seed    bytea NOT NULL,            -- XSalsa20-Poly1305: 24 bytes nonce, 48 boxed
  created_at     timestamptz(3) NOT NULL DEFAULT now(),
  signs_from     timestamptz(3) NOT NULL DEFAULT now(),
  retired_at     timestamptz(3),            -- may lie ahead; -infinity: lost
  CONSTRAINT signing_keys_pkey PRIMARY KEY (kid),
  CONSTRAINT signing_keys_public_check CHECK (octet_length(public_key) = 32),
  CONSTRAINT signing_keys_sealed_check CHECK (octet_length(sealed_seed) = 72)
);

-- Wrong guesses per account and per address, in a window. subject is a keyed hash: the table does not
-- tell which logins exist, nor whose addresses tried.
CREATE TABLE rowhouse.guesses (
  subject   text NOT NULL,
  failures  integer NOT NULL,
  since     timestamptz(3) NOT NULL,
  CONSTRAINT guesses_pkey PRIMARY KEY (subject),
  CONSTRAINT guesses_subject_check CHECK (subject ~ '^[0-9a-f]{64}$')
);
CREATE INDEX guesses_since_idx ON rowhouse.guesses (since);

-- How many live accounts of each tenant have a password hash of which cost: 'm=19456,t=2,p=1'. Row
-- security shows one tenant at a time, hence the loop, which leaves no context behind.
CREATE FUNCTION rowhouse.password_costs() RETURNS TABLE (cost text, accounts bigint)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  who     record;
  tenant  uuid;
BEGIN
  SELECT r.schema_name, r.table_name, r.live, p.password_column INTO who
    FROM rowhouse.principal_model p JOIN rowhouse.registered r USING (schema_name, table_name);
  FOR tenant IN SELECT t.id FROM rowhouse.tenants t WHERE who.table_name IS NOT NULL LOOP
    PERFORM set_config('app.current_tenant', tenant::text, true);
    RETURN QUERY EXECUTE format(
      'SELECT split_part(a.%1$I, ''$'', 4), count(*) FROM %2$I.%3$I AS a '
      'WHERE a.tenant_id = $1 AND a.%1$I LIKE ''$argon2id$%%'' AND %4$s GROUP BY 1',
      who.password_column, who.schema_name, who.table_name, coalesce(who.live, 'true'))
      USING tenant;
  END LOOP;
  PERFORM set_config('app.current_tenant', '', true);
END $$;
REVOKE EXECUTE ON FUNCTION rowhouse.password_costs FROM PUBLIC;
SELECT rowhouse.allow_function('password_costs');

SELECT rowhouse.guard('rowhouse', name), rowhouse.allow_table(name, '{select,insert,update}')
  FROM unnest('{sessions,refresh_tokens,api_keys}'::text[]) AS name;
SELECT rowhouse.allow_table('signing_keys', '{select}');
SELECT rowhouse.allow_table('guesses', '{select,insert,update,delete}');


-- Revoking a session or a key, and changing a password, must be seen by every worker on its next
-- request: the application raises the epoch in the same transaction.
SELECT rowhouse.allow_table('epoch', '{select,update}');
SELECT rowhouse.allow_function('raise_epoch');
