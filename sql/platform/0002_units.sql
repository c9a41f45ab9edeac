-- SPDX-License-Identifier: BSD-2-Clause
--
-- What every unit of work needs: a way to refuse from inside plain SQL, the epoch that tells a
-- worker whether what it remembers still holds, and time-ordered ids for rows made by hand.

-- Ends the unit with an SQLSTATE of ours, e.g. refuse('404') -> RH404. VOLATILE, because the
-- planner evaluates an IMMUTABLE one early, also where the CASE around it never gets there.
CREATE FUNCTION rowhouse.refuse(code text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF code IS NULL OR code !~ '^[A-Z0-9]{3}$' THEN
    RAISE EXCEPTION 'refuse() takes three capital letters or digits, not "%"', code;
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'RH' || code, MESSAGE = 'the unit was refused', DETAIL = code;
END $$;

-- One row, one number, raised in the transaction of anything that workers remember.
CREATE TABLE rowhouse.epoch (
  singleton  boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  number     bigint NOT NULL
);
INSERT INTO rowhouse.epoch (number) VALUES (1);

CREATE FUNCTION rowhouse.raise_epoch() RETURNS bigint
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
  UPDATE rowhouse.epoch SET number = number + 1 RETURNING number;
$$;

-- RFC 9562, 5.7: 48 bits of Unix milliseconds, version 7, variant 10, the rest random. The random
-- part and the variant come from a version 4 uuid; bits 52 and 53 turn its 4 into a 7. The body is
-- parsed when it is made, so no search path can change it, and without a SET it is inlined: half
-- the cost, for every entry of the audit log.
CREATE FUNCTION rowhouse.uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE
RETURN encode(
  set_bit(set_bit(
    overlay(uuid_send(gen_random_uuid())
            PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)
                              FROM 3)
            FROM 1 FOR 6),
    52, 1), 53, 1), 'hex')::uuid;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rowhouse FROM PUBLIC;
SELECT rowhouse.allow_table('epoch', '{select}');
SELECT rowhouse.allow_function('refuse');
SELECT rowhouse.allow_function('uuid_v7');
