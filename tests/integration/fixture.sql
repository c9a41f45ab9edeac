-- SPDX-License-Identifier: BSD-2-Clause
--
-- A small blog of two tenants, on which model_refusals.txt and lint_findings.txt play. Run it as
-- the owner, in one transaction, in a database that has the platform's migrations only; it works in
-- both modes (each row is inserted in the context of its tenant). It shows every kind of table: ids
-- of uuid, bigint and text, a one-to-one, a join table, a self-reference, a shared table, an enum.

CREATE TYPE public.user_role AS ENUM ('USER', 'MODERATOR', 'ADMIN');

CREATE TABLE public.countries (
  id    text PRIMARY KEY,
  name  text NOT NULL
);
SELECT rowhouse.model('countries', tenancy => 'shared', sortable => '{id}');

CREATE TABLE public.users (
  tenant_id      uuid NOT NULL,
  id             uuid NOT NULL DEFAULT rowhouse.uuid_v7(),
  email          varchar(200) NOT NULL,
  password_hash  text NOT NULL,
  role           public.user_role NOT NULL DEFAULT 'USER',
  name           varchar(100),
  country_id     text REFERENCES public.countries (id),
  CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id)
);

CREATE TABLE public.profiles (
  tenant_id  uuid NOT NULL,
  id         uuid PRIMARY KEY,
  user_id    uuid NOT NULL,
  bio        text,
  CONSTRAINT profiles_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES public.users (tenant_id, id)
);

CREATE TABLE public.posts (
  tenant_id     uuid NOT NULL,
  id            uuid NOT NULL,
  author_id     uuid NOT NULL,
  title         varchar(200) NOT NULL,
  content       text NOT NULL DEFAULT '',
  published     boolean NOT NULL DEFAULT false,
  published_at  timestamptz(3),
  rating        numeric(6,2),
  tags          text[] NOT NULL DEFAULT '{}',
  settings      jsonb,
  deleted_at    timestamptz(3),
  CONSTRAINT posts_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT posts_author_fkey FOREIGN KEY (tenant_id, author_id)
    REFERENCES public.users (tenant_id, id),
  CONSTRAINT posts_rating_check CHECK (rating >= 0)
);
CREATE UNIQUE INDEX posts_title_key ON public.posts (tenant_id, title) WHERE deleted_at IS NULL;

CREATE TABLE public.comments (
  tenant_id  uuid NOT NULL,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  post_id    uuid NOT NULL,
  parent_id  bigint,
  content    text NOT NULL,
  CONSTRAINT comments_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT comments_post_fkey FOREIGN KEY (tenant_id, post_id)
    REFERENCES public.posts (tenant_id, id),
  CONSTRAINT comments_parent_fkey FOREIGN KEY (tenant_id, parent_id)
    REFERENCES public.comments (tenant_id, id)
);

-- no id, no tenant: the registration adds both
CREATE TABLE public.categories (
  name  text NOT NULL
);

CREATE TABLE public.post_categories (
  tenant_id    uuid NOT NULL,
  post_id      uuid NOT NULL,
  category_id  uuid NOT NULL,
  assigned_at  timestamptz(3) NOT NULL DEFAULT now()
);

SELECT rowhouse.model('comments', soft_delete => true, audit => true,
                      cascade => '{comments(parent_id)}');
SELECT rowhouse.model('profiles', soft_delete => true);
SELECT rowhouse.model('categories', sortable => '{name}',
                      validate => '{"name": {"min": 1, "max": 60}}',
                      client_ids => true);
ALTER TABLE public.post_categories
  ADD CONSTRAINT post_categories_post_fkey FOREIGN KEY (tenant_id, post_id)
    REFERENCES public.posts (tenant_id, id),
  ADD CONSTRAINT post_categories_category_fkey FOREIGN KEY (tenant_id, category_id)
    REFERENCES public.categories (tenant_id, id),
  ADD CONSTRAINT post_categories_key UNIQUE (tenant_id, post_id, category_id);
SELECT rowhouse.model('post_categories');

SELECT rowhouse.model('posts',
  soft_delete  => true,  cascade => '{comments}',
  audit        => true,
  owner        => 'author_id',
  access       => '{"read": "anyone", "create": "member", "update": "owner|ADMIN|MODERATOR"}',
  read_only    => '{published_at}',  restricted => '{"published": "ADMIN"}',
  sortable     => '{id,title,created_at}',  searchable => '{title,content}',
  filterable   => '{"author_id": ["$eq", "$in"], "published": ["$eq"], "tags": ["$has"],
                    "created_at": ["$gte", "$lte", "$btw"]}',
  validate     => '{"title": {"min": 1, "max": 200}}',
  default_sort => '{created_at:DESC}',  retention => '90 days');

SELECT rowhouse.model('users',
  soft_delete => true,  cascade => '{posts,profiles}',
  audit       => true,  owner => 'id',
  restricted  => '{"role": "ADMIN"}',
  sortable    => '{id,email,name,created_at}',  searchable => '{email,name}',
  validate    => '{"email": "email", "name": {"min": 1, "max": 100}}');
-- after the registration: it is what added deleted_at
CREATE UNIQUE INDEX users_email_key ON public.users (tenant_id, lower(email))
  WHERE deleted_at IS NULL;
SELECT rowhouse.principals('users', login => 'email', password => 'password_hash', role => 'role');

-- a table that nobody registered, with the columns of a model: raw material for refusals
CREATE TABLE public.notes (
  tenant_id  uuid NOT NULL,
  id         uuid NOT NULL DEFAULT rowhouse.uuid_v7(),
  author_id  uuid,
  post_id    uuid,
  title      varchar(200),
  body       text,
  amount     numeric(10,2),
  done       boolean,
  tags       text[],
  secret     text,
  document   json,
  CONSTRAINT notes_pkey PRIMARY KEY (tenant_id, id)
);

INSERT INTO public.countries (id, name) VALUES ('DE', 'Germany'), ('FR', 'France');
SELECT rowhouse.tenant_create('acme', 'Acme', '11111111-1111-7111-8111-111111111111');
SELECT rowhouse.tenant_create('globex', 'Globex', '22222222-2222-7222-8222-222222222222');

DO $$
DECLARE
  tenant uuid;
BEGIN
  FOR tenant IN SELECT id FROM rowhouse.tenants ORDER BY slug LOOP
    PERFORM set_config('app.current_tenant', tenant::text, true);
    INSERT INTO public.users (tenant_id, id, email, password_hash, role, country_id)
      VALUES (tenant, 'aaaaaaaa-0000-7000-8000-000000000001', 'admin@example.test', 'x', 'ADMIN',
              'DE'),
             (tenant, 'aaaaaaaa-0000-7000-8000-000000000002', 'user@example.test', 'x', 'USER',
              NULL);
    INSERT INTO public.posts (tenant_id, id, author_id, title)
      SELECT tenant, ('bbbbbbbb-0000-7000-8000-00000000000' || n)::uuid,
             'aaaaaaaa-0000-7000-8000-000000000001', 'post ' || n FROM generate_series(1, 5) n;
    INSERT INTO public.comments (tenant_id, post_id, content)
      SELECT tenant, 'bbbbbbbb-0000-7000-8000-000000000001', 'comment ' || n
        FROM generate_series(1, 3) n;
  END LOOP;
END $$;
