-- SPDX-License-Identifier: BSD-2-Clause
--
-- Answers that are given again. The key of a request is inserted first in the unit that does its
-- work, and the answer is stored last in the same unit: both commit, or neither, so a key that is
-- here has had its effect. Who comes second waits for the first on the primary key. `rowhouse
-- purge` takes rows away when they are older than the setting idempotency_ttl.

CREATE TABLE rowhouse.idempotency_keys (
  tenant_id     uuid NOT NULL,
  scope         text NOT NULL,          -- BLAKE2b of the next four: a path may be too long to index
  principal     text NOT NULL,          -- 'user 0190...'
  method        text NOT NULL,
  path          text NOT NULL,
  key           text NOT NULL,
  request_hash  text NOT NULL,          -- BLAKE2b of query string and body
  status        integer,                -- NULL only within the unit
  headers       jsonb,                  -- {"Location": "/api/posts/..."}
  body          text,
  created_at    timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, scope),
  CONSTRAINT idempotency_keys_scope_check CHECK (scope ~ '^[0-9a-f]{64}$'),
  CONSTRAINT idempotency_keys_hash_check CHECK (request_hash ~ '^[0-9a-f]{64}$'),
  CONSTRAINT idempotency_keys_answer_check
    CHECK ((status IS NULL) = (headers IS NULL) AND (status IS NULL) = (body IS NULL))
);
CREATE INDEX idempotency_keys_created_idx ON rowhouse.idempotency_keys (tenant_id, created_at);

SELECT rowhouse.guard('rowhouse', 'idempotency_keys');
SELECT rowhouse.allow_table('idempotency_keys', '{select,insert,update}');
