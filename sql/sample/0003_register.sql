-- SPDX-License-Identifier: BSD-2-Clause
--
-- Which tables are models, and what may be done with each.
--
-- Children come before the parents whose cascade names them. What is not said here is the
-- default: read and create by every member of the tenant, update and delete by the owner or an
-- ADMIN, restore as delete, force and history by an ADMIN.
--
--   users ─┬─▶ profiles                   A deleted user takes profile, posts and comments along,
--          ├─▶ posts ─┬─▶ comments        a deleted post its comments and category links,
--          │          └─▶ post_categories a deleted category its links,
--          └─▶ comments    ▲              a deleted order its items.
--   categories ────────────┘
--   orders ───▶ order_items               Orders do not follow their user nor items their product:
--                                         they are accounts, so such a delete is a 409.

-- The link between a post and a category. Not audited: it says nothing that the log of its two
-- ends and assigned_at do not say. Who writes a post says where it belongs, so members make links;
-- there is no owner column, so moderators and not the author take one away by itself.
SELECT rowhouse.model('post_categories',
  soft_delete  => true,
  access       => '{"update": "ADMIN|MODERATOR", "delete": "ADMIN|MODERATOR"}',
  sortable     => '{id,assigned_at}',
  filterable   => '{"post_id": ["$eq","$in"], "category_id": ["$eq","$in"],
                    "assigned_at": ["$gte","$lte","$btw"]}',
  default_sort => '{assigned_at:DESC}');

SELECT rowhouse.model('comments',
  soft_delete  => true,
  audit        => true,
  owner        => 'author_id',
  access       => '{"update": "owner|ADMIN", "delete": "owner|ADMIN|MODERATOR"}',
  sortable     => '{id,created_at}',
  searchable   => '{content}',
  filterable   => '{"post_id": ["$eq","$in"], "author_id": ["$eq","$in"],
                    "created_at": ["$gte","$lte","$btw"]}',
  validate     => '{"content": {"min": 1, "max": 5000}}',
  default_sort => '{created_at:DESC}');

-- published_at is written by the publish handler alone; the flag itself also by moderators.
SELECT rowhouse.model('posts',
  soft_delete  => true,
  cascade      => '{comments,post_categories}',
  audit        => true,
  owner        => 'author_id',
  access       => '{"update": "owner|ADMIN|MODERATOR", "delete": "owner|ADMIN"}',
  read_only    => '{published_at}',
  restricted   => '{"published": "ADMIN|MODERATOR"}',
  sortable     => '{id,title,slug,created_at,published_at}',
  searchable   => '{title,content}',
  filterable   => '{"id": ["$eq","$in"], "author_id": ["$eq","$in"], "slug": ["$eq","$in"],
                    "title": ["$eq","$ilike"], "excerpt": ["$null","$not:null"],
                    "published": ["$eq"],
                    "published_at": ["$gt","$gte","$lt","$lte","$btw","$null","$not:null"],
                    "created_at": ["$gt","$gte","$lt","$lte","$btw"]}',
  validate     => '{"title": {"min": 1, "max": 200}, "excerpt": {"max": 500}}',
  default_sort => '{created_at:DESC}');

SELECT rowhouse.model('profiles',
  soft_delete  => true,
  audit        => true,
  owner        => 'user_id',
  sortable     => '{id,created_at}',
  searchable   => '{bio}',
  filterable   => '{"user_id": ["$eq","$in"], "country_id": ["$eq","$in","$null","$not:null"],
                    "website": ["$null","$not:null"]}',
  validate     => '{"bio": {"max": 500}, "website": "url", "avatar": "url"}',
  default_sort => '{created_at:DESC}');

-- People are invited by an ADMIN; everyone may change the own row, but not the own role. Only an
-- ADMIN deletes, because posts and comments go along. A user's row is its own owner.
SELECT rowhouse.model('users',
  soft_delete  => true,
  cascade      => '{profiles,posts,comments}',
  audit        => true,
  owner        => 'id',
  access       => '{"create": "ADMIN", "update": "owner|ADMIN", "delete": "ADMIN"}',
  hidden       => '{password_hash}',
  restricted   => '{"role": "ADMIN"}',
  sortable     => '{id,name,email,created_at}',
  searchable   => '{name,email}',
  filterable   => '{"email": ["$eq","$ilike"], "name": ["$eq","$ilike"],
                    "role": ["$eq","$ne","$in","$nin"],
                    "created_at": ["$gt","$gte","$lt","$lte","$btw"]}',
  validate     => '{"email": "email", "name": {"min": 1, "max": 100}, "password": {"min": 12}}',
  default_sort => '{created_at:DESC}');

-- What hangs in the window may be read by anyone who names the tenant, also without a login.
SELECT rowhouse.model('categories',
  soft_delete  => true,
  cascade      => '{post_categories}',
  audit        => true,
  access       => '{"read": "anyone", "create": "ADMIN|MODERATOR",
                    "update": "ADMIN|MODERATOR", "delete": "ADMIN"}',
  sortable     => '{id,name,slug}',
  searchable   => '{name}',
  filterable   => '{"name": ["$eq","$ilike"], "slug": ["$eq","$in"]}',
  validate     => '{"name": {"min": 1, "max": 60}, "slug": {"min": 1, "max": 80}}',
  default_sort => '{name:ASC}');

-- Prices sort without an index: comparison of numeric is not leakproof, so under a policy no
-- index can serve it (rowhouse check warns). A shop's window is short; a long one would keep
-- the price in cents, as a bigint.
SELECT rowhouse.model('products',
  soft_delete  => true,
  audit        => true,
  access       => '{"read": "anyone", "create": "ADMIN", "update": "ADMIN",
                    "delete": "ADMIN"}',
  sortable     => '{id,name,price,stock,created_at}',
  searchable   => '{name,description}',
  filterable   => '{"id": ["$eq","$in"], "name": ["$eq","$ilike"],
                    "price": ["$gt","$gte","$lt","$lte","$btw"],
                    "stock": ["$eq","$gt","$gte","$lt","$lte"],
                    "description": ["$null","$not:null"]}',
  validate     => '{"name": {"min": 1, "max": 120}}',
  default_sort => '{id:ASC}');

-- Items are made and unmade by the order handlers, under a named authority; by hand an ADMIN only.
SELECT rowhouse.model('order_items',
  soft_delete  => true,
  audit        => true,
  owner        => 'user_id',
  access       => '{"read": "owner|ADMIN", "create": "ADMIN", "update": "ADMIN",
                    "delete": "ADMIN"}',
  sortable     => '{id,created_at}',
  filterable   => '{"order_id": ["$eq","$in"], "product_id": ["$eq","$in"],
                    "quantity": ["$eq","$gte","$lte"]}',
  default_sort => '{created_at:DESC}');

-- total comes from the items, so no client writes it. The status moves on by ADMIN or by the
-- cancel handler. The note may name the neighbour who takes the parcel: it stays out of the log.
SELECT rowhouse.model('orders',
  soft_delete  => true,
  cascade      => '{order_items}',
  audit        => true,
  sensitive    => '{note}',
  owner        => 'user_id',
  access       => '{"read": "owner|ADMIN", "update": "owner|ADMIN", "delete": "ADMIN"}',
  read_only    => '{total}',
  restricted   => '{"status": "ADMIN"}',
  sortable     => '{id,total,created_at}',
  filterable   => '{"user_id": ["$eq","$in"], "status": ["$eq","$ne","$in","$nin"],
                    "total": ["$gt","$gte","$lt","$lte","$btw"],
                    "created_at": ["$gt","$gte","$lt","$lte","$btw"]}',
  validate     => '{"note": {"max": 500}}',
  default_sort => '{created_at:DESC}');

SELECT rowhouse.model('currencies',
  tenancy      => 'shared',
  sortable     => '{id,name}',
  searchable   => '{id,name}',
  filterable   => '{"id": ["$eq","$in"], "minor_units": ["$eq"]}',
  default_sort => '{id:ASC}');

SELECT rowhouse.model('countries',
  tenancy      => 'shared',
  sortable     => '{id,name}',
  searchable   => '{id,name}',
  filterable   => '{"id": ["$eq","$in"], "alpha3": ["$eq","$in"],
                    "currency_id": ["$eq","$in"]}',
  default_sort => '{name:ASC}');

SELECT rowhouse.principals('users', login => 'email', password => 'password_hash', role => 'role');
