-- SPDX-License-Identifier: BSD-2-Clause
--
-- What bench_reads reads: ten tenants of 1,000 users with 10 posts of 3 comments each, and two with
-- nothing but posts, 10,000 and 1,000,000. Run by the superuser, who is not stopped by row security,
-- and without the checks of foreign keys, which all hold. The n-th row of a table has the id
-- ...n in every tenant.

SET session_replication_role = replica;

CREATE FUNCTION bench_id(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid
$$;
CREATE FUNCTION bench_at(n bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT '2020-01-01T00:00:00Z'::timestamptz + n * interval '1 second'
$$;
CREATE TABLE bench_tenants (id uuid, posts integer, content text);
INSERT INTO bench_tenants
  SELECT rowhouse.tenant_create('bench' || t, 'Bench ' || t), 10000, repeat('Lorem ipsum. ', 20)
    FROM generate_series(0, 9) AS t;
INSERT INTO bench_tenants SELECT rowhouse.tenant_create('small', 'Small'), 10000, 'Short.';
INSERT INTO bench_tenants SELECT rowhouse.tenant_create('large', 'Large'), 1000000, 'Short.';

INSERT INTO users (tenant_id, id, email, name, password_hash, created_at)
  SELECT t.id, bench_id(n), 'user' || n || '@bench.test', 'User ' || n,
         (SELECT password_hash FROM users WHERE email = 'user@acme.test'), bench_at(n)
    FROM bench_tenants t, generate_series(1, 1000) n;
INSERT INTO profiles (tenant_id, id, user_id, bio, website, created_at)
  SELECT t.id, bench_id(n), bench_id(n), 'I am user ' || n, 'https://bench.test/' || n, bench_at(n)
    FROM bench_tenants t, generate_series(1, 1000) n;
INSERT INTO categories (tenant_id, id, name, slug, created_at)
  SELECT t.id, bench_id(n), 'Category ' || n, 'category-' || n, bench_at(n)
    FROM bench_tenants t, generate_series(1, 10) n;
INSERT INTO posts (tenant_id, id, author_id, title, slug, content, excerpt, published,
                   published_at, created_at)
  SELECT t.id, bench_id(n), bench_id(1 + (n - 1) / 10 % 1000), 'Post ' || n, 'post-' || n,
         t.content, NULL, true, bench_at(n), bench_at(n)
    FROM bench_tenants t, generate_series(1, t.posts) n;
INSERT INTO post_categories (tenant_id, id, post_id, category_id, created_at)
  SELECT t.id, bench_id(2 * n + k), bench_id(n), bench_id(1 + (n + k) % 10), bench_at(n)
    FROM bench_tenants t, generate_series(1, 10000) n, generate_series(0, 1) k
   WHERE t.content <> 'Short.';
INSERT INTO comments (tenant_id, id, post_id, author_id, content, created_at)
  SELECT t.id, bench_id(n), bench_id(1 + (n - 1) / 3), bench_id(1 + n % 1000), 'Comment ' || n,
         bench_at(n)
    FROM bench_tenants t, generate_series(1, 30000) n
   WHERE t.content <> 'Short.';
-- the posts of the deep include have twenty
INSERT INTO comments (tenant_id, id, post_id, author_id, content, created_at)
  SELECT t.id, bench_id(30000 + n), bench_id(1 + (n - 1) / 17), bench_id(1 + n % 1000),
         'Comment ' || n, bench_at(n)
    FROM bench_tenants t, generate_series(1, 16 * 17) n
   WHERE t.content <> 'Short.';

DROP TABLE bench_tenants;
DROP FUNCTION bench_id(bigint);
DROP FUNCTION bench_at(bigint);
RESET session_replication_role;
