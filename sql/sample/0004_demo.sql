-- SPDX-License-Identifier: BSD-2-Clause
--
-- Two small companies, acme and globex, with a few months of blog and shop.
--
-- Everything is arithmetic on row numbers: no random(), no now(). Two databases filled by this
-- file are equal, and a test may name a row by its number. What the data holds on purpose:
--   ids      n-th rows of both tenants are neighbours: ...2n in acme, ...2n+1 in globex; user 10,
--            posts 10-12, comments 10-12, order 5 and every product have the SAME id in both
--   values   the same address and the same slug in both tenants; a slug and an address that a
--            deleted row and a live one share; quotes, backslash, %, _, emoji, other scripts
--   ties     many equal created_at, so that only the key at a sort's end makes it total
--   NULLs    excerpt, published_at, bio, avatar, website, country, description, note, a password
--   deletions of each kind, made in the end by the rules of the cascade: one deletion_id, time and
--            actor per group, and no live row under a deleted parent
-- The helpers, all of which are called sample_something, are dropped at the end.

-- The demo tenants, as every statement below loops over them; t is 0 or 1.
CREATE TABLE sample_tenant (t integer, id uuid, slug text);
INSERT INTO sample_tenant VALUES
  (0, '11111111-1111-7111-8111-111111111111', 'acme'),
  (1, '22222222-2222-7222-8222-222222222222', 'globex');

SELECT rowhouse.tenant_create('acme', 'Acme Ltd', '11111111-1111-7111-8111-111111111111');
SELECT rowhouse.tenant_create('globex', 'Globex BV', '22222222-2222-7222-8222-222222222222');

-- When the n-th row of a table was made. The divisions make ties; the two late ones come back
-- after the deletions.
CREATE FUNCTION sample_at(kind text, n integer) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT (timestamp '2026-01-01 00:00:00' + CASE kind
    WHEN 'users'           THEN interval '1 hour'
                                * CASE n WHEN 51 THEN 1641 ELSE n / 5 END
    WHEN 'profiles'        THEN interval '1 hour' * (n / 5) + interval '10 minutes'
    WHEN 'categories'      THEN interval '12 hours'
    WHEN 'products'        THEN interval '1 day'
    WHEN 'posts'           THEN interval '1 day'
               + interval '1 hour' * CASE n WHEN 501 THEN 1618 ELSE n / 2 END
    WHEN 'post_categories' THEN interval '1 day' + interval '1 hour' * (n / 3 / 2)
    WHEN 'comments'        THEN interval '13 days' + interval '15 minutes' * (n / 3)
    WHEN 'orders'          THEN interval '22 days' + interval '2 hours' * (n / 2)
    WHEN 'order_items'     THEN interval '22 days' + interval '2 hours' * (n / 4 / 2)
    -- deletions, each kind after the one before it
    WHEN '-comments'       THEN interval '31 days' + interval '1 minute' * n
    WHEN '-categories'     THEN interval '40 days'
    WHEN '-orders'         THEN interval '42 days' + interval '1 minute' * n
    WHEN '-posts'          THEN interval '45 days' + interval '1 minute' * n
    WHEN '-products'       THEN interval '50 days' + interval '1 minute' * n
    WHEN '-users'          THEN interval '59 days' + interval '1 hour' * n
  END) AT TIME ZONE 'UTC'
$$;

-- The id of the n-th row, laid out as a UUIDv7: milliseconds, version, kind, variant, number.
CREATE FUNCTION sample_id(kind text, n integer, t integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM sample_at(kind, n)) * 1000)::bigint), 12, '0')
      || '7' || lpad(to_hex(array_position('{users,profiles,categories,posts,post_categories,
             comments,orders,order_items,-comments,-categories,-orders,-posts,-products,
             -users}'::text[], kind)), 3, '0')
      || '8000' || lpad(to_hex(2 * n + CASE
             WHEN kind = 'users' AND n = 10 THEN 0
             WHEN kind IN ('posts', 'comments') AND n BETWEEN 10 AND 12 THEN 0
             WHEN kind = 'orders' AND n = 5 THEN 0
             ELSE t END), 12, '0'))::uuid
$$;

-- The words that everything is written with; a list's n-th word, round and round.
CREATE TABLE sample_words (list text PRIMARY KEY, words text[]);
INSERT INTO sample_words VALUES
  ('first', '{Zoë:zoe,Liam:liam,José:jose,Femke:femke,Łukasz:lukasz,Priya:priya,Omar:omar,
    Ingrid:ingrid,Tomás:tomas,Aïcha:aicha,Noor:noor,Jürgen:jurgen,Mei:mei,Søren:soren,
    Chloé:chloe,Dmitri:dmitri,Fatima:fatima,Owen:owen,Siobhán:siobhan,Kwame:kwame,Yuki:yuki,
    Marta:marta,Björn:bjorn,Elif:elif,Hugo:hugo}'),
  ('last', '{Jansen:jansen,O''Brien:obrien,Müller:mueller,Núñez:nunez,de Vries:devries,
    Kowalska:kowalska,Haddad:haddad,Larsen:larsen,Ferreira:ferreira,Rao:rao,Tanaka:tanaka,
    Çelik:celik,Smith:smith,Dubois:dubois,Mensah:mensah,Petrov:petrov,
    van den Berg:vandenberg}'),
  ('bio', ARRAY['Keeps servers running and tea warm.', 'Writes about small tools that last.',
    'Reads the manual, and then the source.', 'Cycles to work; debugs on the way home.',
    E'Two cats, one terminal.\nFormer cartographer.',
    'Café-goer, type designer, naïve optimist.', '"Measure twice" is on the wall.']),
  ('country', '{NL,BE,DE,FR,GB,IE,SE,PL,TR,JP,US,BR,CI}'),
  ('acme topic', '{nginx,row security,cron,man pages,backups,shell scripts,log rotation,
    connection pools,FastCGI,unit files,disk quotas,plain text,the query planner,sockets,
    checksums,time zones}'),
  ('globex topic', '{night trains,house plants,sourdough,old maps,bicycles,letterpress,birdsong,
    tea,chess endings,allotments,lighthouses,wool,the tide tables,bridges,clockwork,fog}'),
  ('title', '{Notes on %s,A quiet case for %s,What we learned from %s,Living with %s,
    Before you change %s,Five questions about %s,The small print of %s,Why we still need %s,
    Another look at %s,A week without %s,Getting to know %s}'),
  ('opening', ARRAY['Nobody notices %s on a good day.', 'I put off %s for a year.',
    'Our first try at %s lasted a week.', 'There is a calm way to think about %s.',
    'A reader asked about %s.', 'We changed our minds about %s twice.',
    'The best advice on %s fits on a card.']),
  ('point', ARRAY['Most of what we know of %s is patience.', 'The rest is keeping %s simple.',
    'What helped was to watch %s before touching it.',
    'Start small, and leave %s alone at night.', 'Ask whoever looked after %s before you.']),
  ('aside', ARRAY['It took three attempts, and the second was the worst.',
    'The numbers were good; the feeling was better.',
    'None of this is new, which is why it works.', 'We would do it again, with fewer meetings.']),
  ('end', ARRAY['Write to us if you know a shorter way.', 'More next month.',
    'The details are in the margin of my notebook.', 'Thanks to everyone who read a draft.',
    'Nothing here is finished.']),
  ('greeting', ARRAY['Thanks, ', 'Well put: ', 'Hmm. ', 'Late to this, but ', '', 'As I said, ',
    'Agreed; ']),
  ('remark', ARRAY['this saved my afternoon.', 'I''d do it the other way round.',
    'what about leap seconds?', 'the third paragraph is the one to frame.',
    'same here, since 1998.', 'do you have a source?', '"simple" is carrying a lot here.',
    'this is 50% of what I needed.', 'très juste, merci !', 'my_variable_names agree.',
    'it broke mine \o/', 'printed it and hung it up. 👍',
    'could you say more about the notebook?']),
  ('acme make', '{Walnut,Brass,Linen,Enamel,Cork,Slate,Felt,Copper}'),
  ('globex make', '{Folding,Pocket,Garden,Winter,Travel,Rainproof,Solar,Quiet}'),
  ('acme thing', '{desk lamp,notebook,teapot,pen tray,bookend,pencil case,coat hook,door stop,
    wall clock,coaster}'),
  ('globex thing', '{map,torch,stool,flask,umbrella,blanket,radio,bicycle bell,compass,lantern}'),
  ('praise', ARRAY['Made to be repaired.', 'Ships flat, with the tools that it needs.',
    'Last year''s colour, this year''s price.', 'For the desk or the windowsill.',
    'Comes in a paper bag.']),
  ('status', '{PENDING,PENDING,PENDING,PENDING,PAID,PAID,PAID,SHIPPED,SHIPPED,CANCELLED}');

CREATE FUNCTION sample_word(list text, n integer) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT words[1 + n % cardinality(words)] FROM sample_words AS w WHERE w.list = sample_word.list
$$;

-- Which post the n-th comment is about: three for each post, and then 5, 7, 9 ... more for every
-- twentieth, so that the most discussed posts have an order, and pages of comments an end.
CREATE FUNCTION sample_subject(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN n <= 1500 THEN 1 + n * 17 % 500
              ELSE 2 + 20 * floor(sqrt(n - 1500))::integer END
$$;

-- Shared ------------------------------------------------------------------------------------

INSERT INTO currencies (id, name, symbol, minor_units, created_at, updated_at)
SELECT id, name, symbol, minor_units, timestamptz '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'
FROM (VALUES
  ('AUD', 'Australian dollar', 'A$', 2),     ('BRL', 'Brazilian real', 'R$', 2),
  ('CAD', 'Canadian dollar', 'CA$', 2),      ('CHF', 'Swiss franc', NULL, 2),
  ('CNY', 'Chinese yuan', '¥', 2),           ('CZK', 'Czech koruna', 'Kč', 2),
  ('DKK', 'Danish krone', 'kr', 2),          ('EUR', 'Euro', '€', 2),
  ('GBP', 'Pound sterling', '£', 2),         ('HUF', 'Hungarian forint', 'Ft', 2),
  ('IDR', 'Indonesian rupiah', 'Rp', 2),     ('INR', 'Indian rupee', '₹', 2),
  ('JPY', 'Japanese yen', '¥', 0),           ('KRW', 'South Korean won', '₩', 0),
  ('KWD', 'Kuwaiti dinar', NULL, 3),         ('MXN', 'Mexican peso', '$', 2),
  ('NOK', 'Norwegian krone', 'kr', 2),       ('NZD', 'New Zealand dollar', 'NZ$', 2),
  ('PLN', 'Polish złoty', 'zł', 2),          ('RON', 'Romanian leu', NULL, 2),
  ('SEK', 'Swedish krona', 'kr', 2),         ('TRY', 'Turkish lira', '₺', 2),
  ('USD', 'US dollar', '$', 2),              ('XOF', 'West African CFA franc', NULL, 0),
  ('ZAR', 'South African rand', 'R', 2)
) AS c (id, name, symbol, minor_units);

INSERT INTO countries (id, alpha3, calling_code, currency_id, name, created_at, updated_at)
SELECT id, alpha3, calling_code, currency_id, name,
       timestamptz '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'
FROM (VALUES
  ('AT', 'AUT', '43', 'EUR', 'Austria'),         ('AU', 'AUS', '61', 'AUD', 'Australia'),
  ('BE', 'BEL', '32', 'EUR', 'Belgium'),         ('BR', 'BRA', '55', 'BRL', 'Brazil'),
  ('CA', 'CAN', '1', 'CAD', 'Canada'),           ('CH', 'CHE', '41', 'CHF', 'Switzerland'),
  ('CI', 'CIV', '225', 'XOF', 'Côte d''Ivoire'), ('CN', 'CHN', '86', 'CNY', 'China'),
  ('CY', 'CYP', '357', 'EUR', 'Cyprus'),         ('CZ', 'CZE', '420', 'CZK', 'Czechia'),
  ('DE', 'DEU', '49', 'EUR', 'Germany'),         ('DK', 'DNK', '45', 'DKK', 'Denmark'),
  ('EE', 'EST', '372', 'EUR', 'Estonia'),        ('ES', 'ESP', '34', 'EUR', 'Spain'),
  ('FI', 'FIN', '358', 'EUR', 'Finland'),        ('FR', 'FRA', '33', 'EUR', 'France'),
  ('GB', 'GBR', '44', 'GBP', 'United Kingdom'),  ('GR', 'GRC', '30', 'EUR', 'Greece'),
  ('HR', 'HRV', '385', 'EUR', 'Croatia'),        ('HU', 'HUN', '36', 'HUF', 'Hungary'),
  ('ID', 'IDN', '62', 'IDR', 'Indonesia'),       ('IE', 'IRL', '353', 'EUR', 'Ireland'),
  ('IN', 'IND', '91', 'INR', 'India'),           ('IT', 'ITA', '39', 'EUR', 'Italy'),
  ('JP', 'JPN', '81', 'JPY', 'Japan'),           ('KR', 'KOR', '82', 'KRW', 'South Korea'),
  ('KW', 'KWT', '965', 'KWD', 'Kuwait'),         ('LT', 'LTU', '370', 'EUR', 'Lithuania'),
  ('LU', 'LUX', '352', 'EUR', 'Luxembourg'),     ('LV', 'LVA', '371', 'EUR', 'Latvia'),
  ('MT', 'MLT', '356', 'EUR', 'Malta'),          ('MX', 'MEX', '52', 'MXN', 'Mexico'),
  ('NL', 'NLD', '31', 'EUR', 'Netherlands'),     ('NO', 'NOR', '47', 'NOK', 'Norway'),
  ('NZ', 'NZL', '64', 'NZD', 'New Zealand'),     ('PL', 'POL', '48', 'PLN', 'Poland'),
  ('PT', 'PRT', '351', 'EUR', 'Portugal'),       ('RO', 'ROU', '40', 'RON', 'Romania'),
  ('SE', 'SWE', '46', 'SEK', 'Sweden'),          ('SI', 'SVN', '386', 'EUR', 'Slovenia'),
  ('SK', 'SVK', '421', 'EUR', 'Slovakia'),       ('TR', 'TUR', '90', 'TRY', 'Türkiye'),
  ('US', 'USA', '1', 'USD', 'United States'),    ('ZA', 'ZAF', '27', 'ZAR', 'South Africa')
) AS c (id, alpha3, calling_code, currency_id, name);

-- People ------------------------------------------------------------------------------------
-- 1 admin@, 2 mod@, 3 user@ and 47 more. Every fifth is the same shopper in both tenants, under
-- one address; user 10 shares the id instead and is somebody else. User 46 has no password yet.
-- All others have the password "rowhouse-demo".

INSERT INTO users (tenant_id, id, email, name, password_hash, role, created_at, updated_at)
SELECT k.id, sample_id('users', n, k.t),
       CASE n WHEN 1 THEN 'admin@' || k.slug || '.test'
              WHEN 2 THEN 'mod@' || k.slug || '.test'
              WHEN 3 THEN 'user@' || k.slug || '.test'
              WHEN 7 THEN initcap(split_part(first, ':', 2)) || '.'
                   || initcap(split_part(last, ':', 2)) || '@' || upper(k.slug) || '.test'
              ELSE split_part(first, ':', 2) || '.' || split_part(last, ':', 2) || '@'
                   || CASE WHEN shopper THEN 'mail.example' ELSE k.slug || '.test' END END,
       CASE n WHEN 1 THEN 'Ada Adams' WHEN 2 THEN 'Mo Morgan' WHEN 3 THEN 'Una Underwood'
              ELSE split_part(first, ':', 1) || ' ' || split_part(last, ':', 1) END,
       -- crypto_pwhash_str("rowhouse-demo", opslimit 2, memlimit 19 MiB) of libsodium
       CASE WHEN n <> 46 THEN '$argon2id$v=19$m=19456,t=2,p=1$zfb/Ytxj8ddu8osdIwS/AA'
                              '$7rGF/PpIi0zpesROwZojXD/JhXkvGNZe/n9wxaoGKjc' END,
       CASE WHEN n = 1 THEN 'ADMIN' WHEN n = 2 OR n % 16 = 0 THEN 'MODERATOR'
            ELSE 'USER' END::user_role,
       sample_at('users', n), sample_at('users', n)
FROM sample_tenant k, generate_series(1, 50) AS n,
     LATERAL (SELECT n % 5 = 0 AND n <> 10 AS shopper) AS s,
     LATERAL (SELECT n + CASE WHEN shopper THEN 0 ELSE 8 * k.t END AS m) AS v,
     LATERAL (SELECT sample_word('first', m) AS first, sample_word('last', m) AS last) AS w;

INSERT INTO profiles (tenant_id, id, user_id, bio, avatar, website, country_id,
                      created_at, updated_at)
SELECT k.id, sample_id('profiles', n, k.t), sample_id('users', n, k.t),
       CASE WHEN n % 6 <> 0 THEN sample_word('bio', n + 3 * k.t) END,
       CASE WHEN n % 3 <> 0 THEN format('https://img.%s.test/avatars/%s.png', k.slug, n) END,
       CASE WHEN n % 4 <> 1 THEN format('https://people.%s.test/~%s', k.slug, n) END,
       CASE WHEN n % 7 <> 0 THEN sample_word('country', n) END,
       sample_at('profiles', n), sample_at('profiles', n)
FROM sample_tenant k, generate_series(1, 50) AS n
WHERE n % 8 <> 0;

-- Posts -------------------------------------------------------------------------------------

INSERT INTO categories (tenant_id, id, name, slug, created_at, updated_at)
SELECT k.id, sample_id('categories', c.n, k.t), c.name, c.slug,
       sample_at('categories', c.n), sample_at('categories', c.n)
FROM sample_tenant k, (VALUES
  (1, 'How-to', 'how-to'),              (2, 'Opinion', 'opinion'),
  (3, 'Releases', 'releases'),          (4, 'Interviews', 'interviews'),
  (5, 'Café', 'cafe'),                  (6, 'Books & films', 'books-films'),
  (7, 'Field notes', 'field-notes'),    (8, 'Archive', 'archive'),
  (9, 'Misc', 'misc')
) AS c (n, name, slug);

-- Ten posts for each user. One in five is a draft; one in four has no excerpt. Every tenth has
-- the same title and slug in both tenants, but not the same text. The first fourteen are awkward.
INSERT INTO posts (tenant_id, id, author_id, title, slug, content, excerpt, published,
                   published_at, created_at, updated_at, version)
SELECT k.id, sample_id('posts', n, k.t), sample_id('users', 1 + n * 7 % 50, k.t),
       w.title,
       coalesce(odd.slug, regexp_replace(lower(w.title), '[^a-z0-9]+', '-', 'g') || '-' || n),
       initcap(k.slug) || ' journal, entry ' || n || '. ' || opening || ' ' || point
           || CASE n % 3 WHEN 0 THEN E'\n\n' || sample_word('aside', n / 3) || ' '
                                     || sample_word('end', n / 3) ELSE '' END,
       CASE WHEN n % 4 <> 0 THEN point END,
       n % 5 <> 0,
       CASE WHEN n % 5 <> 0 THEN at + interval '24 hours' END,
       at,
       CASE WHEN n % 5 <> 0 THEN at + interval '24 hours' ELSE at END,
       CASE WHEN n % 5 <> 0 THEN 2 ELSE 1 END
FROM sample_tenant k CROSS JOIN generate_series(1, 500) AS n
LEFT JOIN (VALUES
  (1, 'It''s only a restart, they said', 'its-only-a-restart'),
  (2, 'The "temporary" fix, ten years on', 'the-temporary-fix'),
  (3, 'C:\temp\new and other paths that bite', 'paths-that-bite'),
  (4, 'Shipping on a Friday 🚀🙈', 'shipping-on-a-friday'),
  (5, '100% of uptime is 0% of truth', 'percent-of-uptime'),
  (6, 'snake_case, and why we kept it', 'snake-case'),
  (7, 'Één café, twee terrassen: naïef ontwerp', 'een-cafe-twee-terrassen'),
  (8, 'Ελληνικά in the address bar', 'ellinika'),
  (9, '日本語の見出し', 'nihongo'),
  (10, 'Tabs, spaces; commas', 'tabs-spaces-commas'),
  (11, '=SUM(A1:A9) is not a title', 'sum-is-not-a-title'),
  (12, '<b>Bold</b> & <script>alert(1)</script>', 'bold-script'),
  (13, 'Straße, straßE, STRASSE', 'strasse'),
  (14, 'مرحبا means hello', 'marhaba')
) AS odd (n, title, slug) USING (n),
     LATERAL (SELECT sample_at('posts', n) AS at,
                     sample_word(CASE n % 10 WHEN 0 THEN 'acme' ELSE k.slug END || ' topic', n)
                         AS topic) AS t,
     LATERAL (SELECT coalesce(odd.title, format(sample_word('title', n), topic)) AS title,
                     format(sample_word('opening', n), topic) AS opening,
                     format(sample_word('point', n), topic) AS point) AS w;

-- One or two categories for most posts; category 9 will be deleted further below.
INSERT INTO post_categories (tenant_id, id, post_id, category_id, assigned_at,
                             created_at, updated_at)
SELECT k.id, sample_id('post_categories', 3 * n + i, k.t), sample_id('posts', n, k.t),
       sample_id('categories', category, k.t), at, at, at
FROM sample_tenant k, generate_series(1, 500) AS n,
     LATERAL (VALUES (0, 1 + n % 8, n % 11 <> 0),
                     (1, 1 + (n + 3) % 8, n % 3 = 0),
                     (2, 9, n % 50 = 0)) AS c (i, category, wanted),
     LATERAL (SELECT sample_at('post_categories', 3 * n) AS at) AS a
WHERE wanted;

INSERT INTO comments (tenant_id, id, post_id, author_id, content, created_at, updated_at)
SELECT k.id, sample_id('comments', n, k.t), sample_id('posts', sample_subject(n), k.t),
       sample_id('users', 1 + n * 13 % 50, k.t),
       sample_word('greeting', n) || sample_word('remark', n / 2 + 5 * k.t),
       sample_at('comments', n), sample_at('comments', n)
FROM sample_tenant k, generate_series(1, 2000) AS n;

-- Shop --------------------------------------------------------------------------------------
-- Products 1 to 40 of both tenants have the same ids and nothing else in common.

INSERT INTO products (tenant_id, id, name, description, price, stock, created_at, updated_at)
SELECT k.id, n,
       CASE n WHEN 1 THEN 'Printed catalogue (100% recycled)' WHEN 2 THEN 'Picture frame, 8" × 10"'
              WHEN 3 THEN 'Baker''s apron, size X_L'
              ELSE sample_word(k.slug || ' make', n) || ' '
                   || sample_word(k.slug || ' thing', n) END,
       CASE WHEN n % 6 <> 0 THEN sample_word('praise', n + k.t) END,
       CASE WHEN n = 1 THEN 0 ELSE 4 + (n * 37 + 11 * k.t) % 90 + 0.05 * (n * 13 % 20) END,
       CASE WHEN n % 13 = 0 THEN 0 ELSE 3 + (n * 11 + 5 * k.t) % 60 END,
       sample_at('products', n), sample_at('products', n)
FROM sample_tenant k, generate_series(1, 40) AS n;

-- The next product by hand or through the API gets a number well above those of the demo.
SELECT setval(pg_get_serial_sequence('products', 'id'), 1000);

-- Item i of order n. The first five orders are from before the prices went up.
CREATE TABLE sample_item AS
SELECT k.t, k.id AS tenant_id, n, i, p.id AS product_id, 1 + (n + i) % 3 AS quantity,
       sample_id('users', CASE WHEN n > 58 THEN 48 WHEN n % 6 = 0 THEN 3 ELSE 4 + n % 20 END, k.t)
           AS user_id,
       CASE WHEN n <= 5 THEN round(p.price * 0.9, 2) ELSE p.price END AS price
FROM sample_tenant k, generate_series(1, 60) AS n,
     LATERAL generate_series(0, n % 4) AS i, products p
WHERE p.tenant_id = k.id
  AND p.id = CASE WHEN n > 58 AND i = 0 THEN 39 ELSE 1 + (n * 5 + i * 9) % 38 END;

INSERT INTO orders (tenant_id, id, user_id, status, total, note, created_at, updated_at, version)
SELECT tenant_id, sample_id('orders', n, t), user_id,
       sample_word('status', n)::order_status,
       sum(price * quantity),
       CASE n % 5 WHEN 2 THEN 'Please ring twice; the bell at no. ' || n || ' is shy.'
                  WHEN 4 THEN 'C''est un cadeau — no invoice in the box.' END,
       sample_at('orders', n), sample_at('orders', n) + interval '24 hours' * (n % 10 > 3)::integer,
       1 + (n % 10 > 3)::integer
FROM sample_item
GROUP BY tenant_id, t, n, user_id;

INSERT INTO order_items (tenant_id, id, order_id, product_id, user_id, quantity, price,
                         created_at, updated_at)
SELECT tenant_id, sample_id('order_items', 4 * n + i, t), sample_id('orders', n, t), product_id,
       user_id, quantity, price, sample_at('orders', n), sample_at('orders', n)
FROM sample_item;

DROP TABLE sample_item;

-- Deletions ---------------------------------------------------------------------------------
-- First the roots, in the order of their times; then what follows them. A row that could follow
-- two parents went with the one deleted first, and what was deleted before stays in its own group.

UPDATE comments r
SET deleted_at = at, updated_at = at, version = version + 1,
    deleted_by = sample_id('users', 2, k.t)::text, deletion_id = sample_id('-comments', n, k.t)
FROM sample_tenant k, generate_series(1, 2000) AS n,
     LATERAL (SELECT sample_at('-comments', n) AS at) AS a
WHERE r.tenant_id = k.id AND r.id = sample_id('comments', n, k.t) AND n % 37 = 0;

UPDATE categories r
SET deleted_at = at, updated_at = at, version = version + 1,
    deleted_by = sample_id('users', 1, k.t)::text, deletion_id = sample_id('-categories', 9, k.t)
FROM sample_tenant k, LATERAL (SELECT sample_at('-categories', 9) AS at) AS a
WHERE r.tenant_id = k.id AND r.id = sample_id('categories', 9, k.t);

UPDATE orders r
SET deleted_at = at, updated_at = at, version = version + 1,
    deleted_by = sample_id('users', 1, k.t)::text, deletion_id = sample_id('-orders', n, k.t)
FROM sample_tenant k, generate_series(59, 60) AS n,
     LATERAL (SELECT sample_at('-orders', n) AS at) AS a
WHERE r.tenant_id = k.id AND r.id = sample_id('orders', n, k.t);

-- Half of the posts by their author, half by the admin.
UPDATE posts r
SET deleted_at = at, updated_at = at, version = version + 1,
    deleted_by = CASE n % 2 WHEN 0 THEN r.author_id ELSE sample_id('users', 1, k.t) END::text,
    deletion_id = sample_id('-posts', n, k.t)
FROM sample_tenant k, generate_series(1, 500) AS n,
     LATERAL (SELECT sample_at('-posts', n) AS at) AS a
WHERE r.tenant_id = k.id AND r.id = sample_id('posts', n, k.t) AND n % 29 = 0;

UPDATE products r
SET deleted_at = at, updated_at = at, version = version + 1,
    deleted_by = sample_id('users', 1, k.t)::text,
    deletion_id = sample_id('-products', r.id::integer, k.t)
FROM sample_tenant k, LATERAL generate_series(39, 40) AS n,
     LATERAL (SELECT sample_at('-products', n) AS at) AS a
WHERE r.tenant_id = k.id AND r.id = n;

UPDATE users r
SET deleted_at = at, updated_at = at, version = version + 1,
    deleted_by = sample_id('users', 1, k.t)::text, deletion_id = sample_id('-users', n, k.t)
FROM sample_tenant k, generate_series(48, 50) AS n,
     LATERAL (SELECT sample_at('-users', n) AS at) AS a
WHERE r.tenant_id = k.id AND r.id = sample_id('users', n, k.t);

UPDATE profiles r
SET deleted_at = p.deleted_at, updated_at = p.deleted_at, version = r.version + 1,
    deleted_by = p.deleted_by, deletion_id = p.deletion_id
FROM users p
WHERE p.tenant_id = r.tenant_id AND p.id = r.user_id
  AND p.deleted_at IS NOT NULL AND r.deleted_at IS NULL;

UPDATE posts r
SET deleted_at = p.deleted_at, updated_at = p.deleted_at, version = r.version + 1,
    deleted_by = p.deleted_by, deletion_id = p.deletion_id
FROM users p
WHERE p.tenant_id = r.tenant_id AND p.id = r.author_id
  AND p.deleted_at IS NOT NULL AND r.deleted_at IS NULL;

UPDATE comments r
SET deleted_at = d.deleted_at, updated_at = d.deleted_at, version = r.version + 1,
    deleted_by = d.deleted_by, deletion_id = d.deletion_id
FROM (
  SELECT DISTINCT ON (tenant_id, id) *
  FROM (
    SELECT c.tenant_id, c.id, p.deleted_at, p.deleted_by, p.deletion_id
    FROM comments c
    JOIN posts p ON p.tenant_id = c.tenant_id AND p.id = c.post_id
    UNION ALL
    SELECT c.tenant_id, c.id, u.deleted_at, u.deleted_by, u.deletion_id
    FROM comments c
    JOIN users u ON u.tenant_id = c.tenant_id AND u.id = c.author_id
  ) AS parents
  WHERE deleted_at IS NOT NULL
  ORDER BY tenant_id, id, deleted_at
) AS d
WHERE d.tenant_id = r.tenant_id AND d.id = r.id AND r.deleted_at IS NULL;

UPDATE post_categories r
SET deleted_at = d.deleted_at, updated_at = d.deleted_at, version = r.version + 1,
    deleted_by = d.deleted_by, deletion_id = d.deletion_id
FROM (
  SELECT DISTINCT ON (tenant_id, id) *
  FROM (
    SELECT l.tenant_id, l.id, p.deleted_at, p.deleted_by, p.deletion_id
    FROM post_categories l
    JOIN posts p ON p.tenant_id = l.tenant_id AND p.id = l.post_id
    UNION ALL
    SELECT l.tenant_id, l.id, c.deleted_at, c.deleted_by, c.deletion_id
    FROM post_categories l
    JOIN categories c ON c.tenant_id = l.tenant_id AND c.id = l.category_id
  ) AS parents
  WHERE deleted_at IS NOT NULL
  ORDER BY tenant_id, id, deleted_at
) AS d
WHERE d.tenant_id = r.tenant_id AND d.id = r.id;

UPDATE order_items r
SET deleted_at = p.deleted_at, updated_at = p.deleted_at, version = r.version + 1,
    deleted_by = p.deleted_by, deletion_id = p.deletion_id
FROM orders p
WHERE p.tenant_id = r.tenant_id AND p.id = r.order_id AND p.deleted_at IS NOT NULL;

-- After the deletions: user 50 signs up again under the same address, and post 29, deleted, is
-- written anew by user@ under the same slug. Both values are taken and free at the same time.

INSERT INTO users (tenant_id, id, email, name, password_hash, role, created_at, updated_at)
SELECT u.tenant_id, sample_id('users', 51, k.t), upper(u.email), u.name, u.password_hash, 'USER',
       sample_at('users', 51), sample_at('users', 51)
FROM sample_tenant k JOIN users u ON u.tenant_id = k.id AND u.id = sample_id('users', 50, k.t);

INSERT INTO posts (tenant_id, id, author_id, title, slug, content, excerpt, published,
                   published_at, created_at, updated_at)
SELECT p.tenant_id, sample_id('posts', 501, k.t), sample_id('users', 3, k.t), p.title, p.slug,
       'A second try, after the first was taken down. ' || p.content, NULL, true,
       sample_at('posts', 501), sample_at('posts', 501), sample_at('posts', 501)
FROM sample_tenant k JOIN posts p ON p.tenant_id = k.id AND p.id = sample_id('posts', 29, k.t);

DROP FUNCTION sample_subject(integer);
DROP FUNCTION sample_word(text, integer);
DROP FUNCTION sample_id(text, integer, integer);
DROP FUNCTION sample_at(text, integer);
DROP TABLE sample_words;
DROP TABLE sample_tenant;

-- Without this a quarter of an hour may pass before autovacuum tells the planner.
ANALYZE currencies, countries, users, profiles, posts, categories, post_categories, comments,
        products, orders, order_items;

SELECT rowhouse.mark_demo();
