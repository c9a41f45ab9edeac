-- SPDX-License-Identifier: BSD-2-Clause
--
-- The tool's own memory: which files of which set have run. It cannot be an ordinary migration,
-- because the row that says so needs this table; so `rowhouse migrate` runs this file first,
-- every time, under its advisory lock, and records it nowhere. It must stay idempotent, and must
-- never change what an earlier version of it made (that is what the numbered files are for).

CREATE SCHEMA IF NOT EXISTS rowhouse;

CREATE TABLE IF NOT EXISTS rowhouse.migrations (
  set          text NOT NULL,           -- 'platform', or the name of a directory of migrations
  version      text NOT NULL,           -- the digits in front of the file's name
  name         text NOT NULL,
  checksum     text NOT NULL CHECK (checksum ~ '^[0-9a-f]{64}$'),   -- SHA-256 of the file
  started_at   timestamptz NOT NULL,
  finished_at  timestamptz,             -- NULL: a no-transaction file that did not finish
  duration_ms  bigint,
  CONSTRAINT migrations_pkey PRIMARY KEY (set, version)
);
