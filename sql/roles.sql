-- SPDX-License-Identifier: BSD-2-Clause
--
-- Roles and database, made once by a DBA (a superuser) with psql. This is no migration: roles
-- belong to the cluster. It can be run again, and then corrects what differs.
--
--   psql -v owner=rowhouse_owner -v app=rowhouse_app -v migrator=rowhouse_migrator \
--        -v database=rowhouse -f sql/roles.sql
--
--   owner     owns the database and everything in it; nobody logs in as it
--   app       the workers; it may use tables, and may not own, create or empty one
--   migrator  the login of `rowhouse migrate`; it becomes the owner by SET ROLE
--
-- Passwords are not set here: peer or certificate authentication needs none; else use \password.

\set ON_ERROR_STOP on
\if :{?owner} \else \set owner rowhouse_owner \endif
\if :{?app} \else \set app rowhouse_app \endif
\if :{?migrator} \else \set migrator rowhouse_migrator \endif
\if :{?database} \else \set database rowhouse \endif

SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY[:'owner', :'app', :'migrator']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE :"owner" NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
ALTER ROLE :"app" LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
ALTER ROLE :"migrator" LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
GRANT :"owner" TO :"migrator";

SELECT format('CREATE DATABASE %I OWNER %I ENCODING ''UTF8'' TEMPLATE template0', :'database', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec

ALTER DATABASE :"database" OWNER TO :"owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"app", :"migrator";

-- The same list as rowhouse.role_settings(), which the lint compares with the session.
ALTER ROLE :"app" IN DATABASE :"database" SET TimeZone = 'UTC';
ALTER ROLE :"app" IN DATABASE :"database" SET DateStyle = 'ISO, YMD';
ALTER ROLE :"app" IN DATABASE :"database" SET IntervalStyle = 'postgres';
ALTER ROLE :"app" IN DATABASE :"database" SET extra_float_digits = 1;
ALTER ROLE :"app" IN DATABASE :"database" SET bytea_output = 'hex';
ALTER ROLE :"app" IN DATABASE :"database" SET search_path = public, pg_temp;
ALTER ROLE :"app" IN DATABASE :"database" SET plan_cache_mode = 'force_generic_plan';
ALTER ROLE :"app" IN DATABASE :"database" SET statement_timeout = '5s';
ALTER ROLE :"app" IN DATABASE :"database" SET lock_timeout = '1s';
ALTER ROLE :"app" IN DATABASE :"database" SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE :"app" IN DATABASE :"database" SET client_connection_check_interval = '1s';

\connect :"database"
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO :"owner";
