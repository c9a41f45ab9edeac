-- SPDX-License-Identifier: BSD-2-Clause
--
-- The blog: people, what they write, and what others say about it.
--
-- Plain tables that rowhouse.model() will accept in 0003_register.sql. What each of them has
-- in common, and why:
--   tenant_id first in the primary key, in every unique index and on both sides of every foreign
--   key: no row can point into another tenant, and no unique value tells that it exists there.
--   Unique only among live rows (WHERE deleted_at IS NULL): a deleted slug or address is free.
--   No ON DELETE action: what follows a deleted row is said in the registration (cascade => ...),
--   so that it is soft-deleted and logged, instead of vanishing behind the log's back.
-- The block of system columns at the end of each table belongs to Rowhouse; a client never
-- writes it. model() would add it, it is written out here so that the reader sees a whole table.
-- A profile names a country, so the two shared tables are here, before the people.

CREATE TYPE user_role AS ENUM ('USER', 'MODERATOR', 'ADMIN');

-- Shared by all tenants: no tenant_id, a plain key, written by migrations only.

CREATE TABLE currencies (
  id          text CONSTRAINT currencies_pk PRIMARY KEY,      -- ISO 4217, alphabetic
  name        varchar(60) NOT NULL,
  symbol      varchar(5),                                     -- NULL: the code is used
  minor_units smallint NOT NULL DEFAULT 2,                    -- decimals of an amount
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  updated_at  timestamptz(3) NOT NULL DEFAULT now(),
  version     bigint NOT NULL DEFAULT 1,
  CONSTRAINT currencies_id_code CHECK (id ~ '^[A-Z]{3}$'),
  CONSTRAINT currencies_minor_units_range CHECK (minor_units BETWEEN 0 AND 4)
);

CREATE TABLE countries (
  id           text CONSTRAINT countries_pk PRIMARY KEY,      -- ISO 3166-1 alpha-2
  name         varchar(60) NOT NULL,
  alpha3       varchar(3) NOT NULL,
  calling_code varchar(6) NOT NULL,                           -- ITU E.164, without the +
  currency_id  text NOT NULL,
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  updated_at   timestamptz(3) NOT NULL DEFAULT now(),
  version      bigint NOT NULL DEFAULT 1,
  CONSTRAINT countries_id_code CHECK (id ~ '^[A-Z]{2}$'),
  CONSTRAINT countries_alpha3_code CHECK (alpha3 ~ '^[A-Z]{3}$'),
  CONSTRAINT countries_currency_fk FOREIGN KEY (currency_id) REFERENCES currencies (id)
);
CREATE UNIQUE INDEX countries_alpha3_key ON countries (alpha3);

-- The people, who are also the principals: they log in with email and password.

CREATE TABLE users (
  tenant_id     uuid NOT NULL,
  id            uuid NOT NULL DEFAULT rowhouse.uuid_v7(),
  email         varchar(254) NOT NULL,                    -- as it was typed
  name          varchar(100) NOT NULL,
  password_hash text,                                     -- NULL: invited, cannot log in yet
  role          user_role NOT NULL DEFAULT 'USER',
  created_at    timestamptz(3) NOT NULL DEFAULT now(),
  updated_at    timestamptz(3) NOT NULL DEFAULT now(),
  version       bigint NOT NULL DEFAULT 1,
  deleted_at    timestamptz(3),
  deleted_by    text,
  deletion_id   uuid,
  CONSTRAINT users_pk PRIMARY KEY (tenant_id, id),
  -- A password that arrives here in clear is a bug; it must not be stored.
  CONSTRAINT users_password_hashed CHECK (password_hash LIKE '$argon2id$%')
);
CREATE UNIQUE INDEX users_email_key ON users (tenant_id, lower(email)) WHERE deleted_at IS NULL;

CREATE TABLE profiles (
  tenant_id   uuid NOT NULL,
  id          uuid NOT NULL DEFAULT rowhouse.uuid_v7(),
  user_id     uuid NOT NULL,
  bio         text,
  avatar      varchar(500),
  website     varchar(500),
  country_id  text,
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  updated_at  timestamptz(3) NOT NULL DEFAULT now(),
  version     bigint NOT NULL DEFAULT 1,
  deleted_at  timestamptz(3),
  deleted_by  text,
  deletion_id uuid,
  CONSTRAINT profiles_pk PRIMARY KEY (tenant_id, id),
  CONSTRAINT profiles_user_fk FOREIGN KEY (tenant_id, user_id)
    REFERENCES users (tenant_id, id),
  CONSTRAINT profiles_country_fk FOREIGN KEY (country_id) REFERENCES countries (id)
);
-- One live profile per user: this index makes the relation one to one.
CREATE UNIQUE INDEX profiles_user_key ON profiles (tenant_id, user_id) WHERE deleted_at IS NULL;
CREATE INDEX profiles_country_idx ON profiles (tenant_id, country_id);

CREATE TABLE posts (
  tenant_id    uuid NOT NULL,
  id           uuid NOT NULL DEFAULT rowhouse.uuid_v7(),
  author_id    uuid NOT NULL,
  title        varchar(200) NOT NULL,
  slug         varchar(220) NOT NULL,
  content      text NOT NULL,
  excerpt      varchar(500),
  published    boolean NOT NULL DEFAULT false,
  published_at timestamptz(3),
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  updated_at   timestamptz(3) NOT NULL DEFAULT now(),
  version      bigint NOT NULL DEFAULT 1,
  deleted_at   timestamptz(3),
  deleted_by   text,
  deletion_id  uuid,
  CONSTRAINT posts_pk PRIMARY KEY (tenant_id, id),
  CONSTRAINT posts_title_given CHECK (title <> ''),
  CONSTRAINT posts_author_fk FOREIGN KEY (tenant_id, author_id)
    REFERENCES users (tenant_id, id)
);
CREATE UNIQUE INDEX posts_slug_key ON posts (tenant_id, slug) WHERE deleted_at IS NULL;
CREATE INDEX posts_author_idx ON posts (tenant_id, author_id, created_at, id);

CREATE TABLE comments (
  tenant_id   uuid NOT NULL,
  id          uuid NOT NULL DEFAULT rowhouse.uuid_v7(),
  post_id     uuid NOT NULL,
  author_id   uuid NOT NULL,
  content     text NOT NULL,
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  updated_at  timestamptz(3) NOT NULL DEFAULT now(),
  version     bigint NOT NULL DEFAULT 1,
  deleted_at  timestamptz(3),
  deleted_by  text,
  deletion_id uuid,
  CONSTRAINT comments_pk PRIMARY KEY (tenant_id, id),
  CONSTRAINT comments_content_given CHECK (content <> ''),
  CONSTRAINT comments_post_fk FOREIGN KEY (tenant_id, post_id)
    REFERENCES posts (tenant_id, id),
  CONSTRAINT comments_author_fk FOREIGN KEY (tenant_id, author_id)
    REFERENCES users (tenant_id, id)
);
CREATE INDEX comments_post_idx ON comments (tenant_id, post_id, created_at, id);
CREATE INDEX comments_author_idx ON comments (tenant_id, author_id, created_at, id);

CREATE TABLE categories (
  tenant_id   uuid NOT NULL,
  id          uuid NOT NULL DEFAULT rowhouse.uuid_v7(),
  name        varchar(60) NOT NULL,
  slug        varchar(80) NOT NULL,
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  updated_at  timestamptz(3) NOT NULL DEFAULT now(),
  version     bigint NOT NULL DEFAULT 1,
  deleted_at  timestamptz(3),
  deleted_by  text,
  deletion_id uuid,
  CONSTRAINT categories_pk PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX categories_name_key ON categories (tenant_id, name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX categories_slug_key ON categories (tenant_id, slug) WHERE deleted_at IS NULL;

-- Many to many: two foreign keys unique together, every other column defaulted. It is a model
-- with an id of its own, because its rows follow a deleted post or category and come back with it.
CREATE TABLE post_categories (
  tenant_id   uuid NOT NULL,
  id          uuid NOT NULL DEFAULT rowhouse.uuid_v7(),
  post_id     uuid NOT NULL,
  category_id uuid NOT NULL,
  assigned_at timestamptz(3) NOT NULL DEFAULT now(),
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  updated_at  timestamptz(3) NOT NULL DEFAULT now(),
  version     bigint NOT NULL DEFAULT 1,
  deleted_at  timestamptz(3),
  deleted_by  text,
  deletion_id uuid,
  CONSTRAINT post_categories_pk PRIMARY KEY (tenant_id, id),
  CONSTRAINT post_categories_post_fk FOREIGN KEY (tenant_id, post_id)
    REFERENCES posts (tenant_id, id),
  CONSTRAINT post_categories_category_fk FOREIGN KEY (tenant_id, category_id)
    REFERENCES categories (tenant_id, id)
);
CREATE UNIQUE INDEX post_categories_pair_key ON post_categories (tenant_id, post_id, category_id)
  WHERE deleted_at IS NULL;
CREATE INDEX post_categories_category_idx ON post_categories (tenant_id, category_id, post_id);
