-- SPDX-License-Identifier: BSD-2-Clause
--
-- Do the options of a registration fit its table, the other registrations and the principals? Like
-- the checks before, these run at registration and in every lint: a column that is dropped later,
-- a role that leaves the enum, a child that is no longer soft-deleted are found.

CREATE FUNCTION rowhouse.check_columns(one oid DEFAULT NULL) RETURNS SETOF rowhouse.finding
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'error', 'option-column', o.table_name,
         format('%s names the unknown column "%s"', o.option, o.column_name),
         'correct the name; the columns are ' || (
           SELECT rowhouse.listed(array_agg(a.attname::text ORDER BY a.attnum)) FROM pg_attribute a
            WHERE a.attrelid = o.relation AND a.attnum > 0 AND NOT a.attisdropped)
    FROM rowhouse.option_columns o
    LEFT JOIN pg_attribute a ON a.attrelid = o.relation AND a.attname = o.column_name
          AND a.attnum > 0 AND NOT a.attisdropped
   WHERE a.attname IS NULL AND (one IS NULL OR o.relation = one)
  UNION ALL
  SELECT 'error', 'option-hidden', o.table_name,
         CASE WHEN o.option = 'hidden' THEN format('hidden names "%s"', o.column_name)
              ELSE format('column "%s" is hidden and %s: one could guess it',
                          o.column_name, o.option) END,
         CASE WHEN o.option = 'hidden' THEN 'an answer needs it; leave it out of hidden'
              ELSE format('leave it out of %s', o.option) END
    FROM rowhouse.option_columns o
    JOIN rowhouse.registered r USING (relation)
   WHERE (one IS NULL OR o.relation = one)
     AND (o.option = 'hidden' AND o.column_name IN ('id', 'version')
          OR o.option IN ('sortable', 'searchable', 'filterable', 'default_sort')
             AND o.column_name = ANY (r.hidden))
  UNION ALL
  SELECT 'error', 'option-sort', o.table_name,
         CASE WHEN o.option = 'sortable'
              THEN 'sortable names "tenant_id", alike in every row of a page'
              ELSE format('default_sort names "%s", which is not sortable', o.column_name) END,
         CASE WHEN o.option = 'sortable' THEN 'leave it out' ELSE 'add it to sortable' END
    FROM rowhouse.option_columns o
    JOIN rowhouse.registered r USING (relation)
   WHERE (one IS NULL OR o.relation = one)
     AND (o.option = 'sortable' AND o.column_name = 'tenant_id'
          OR o.option = 'default_sort' AND o.column_name <> ALL (r.sortable || 'id'::text));
$$;

-- What a type is below its domains, of which one may lie over another.
CREATE FUNCTION rowhouse.base_type(type oid) RETURNS TABLE (oid oid, typmod int, not_null boolean)
LANGUAGE sql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE down AS (
    SELECT t.oid, t.typtype, t.typbasetype, t.typnotnull, -1 AS typmod
      FROM pg_type t WHERE t.oid = base_type.type
    UNION ALL
    SELECT b.oid, b.typtype, b.typbasetype, b.typnotnull, d.typtypmod
      FROM down
      JOIN pg_type d ON d.oid = down.oid AND down.typtype = 'd'
      JOIN pg_type b ON b.oid = down.typbasetype)
  SELECT down.oid, (SELECT max(typmod) FROM down), (SELECT bool_or(typnotnull) FROM down)
    FROM down WHERE down.typtype <> 'd';
$$;

-- Whether values of a type can be told apart, or put in order, as an index would. A type may do so
-- as another one that it is stored alike (varchar as text), an array as its elements do.
CREATE FUNCTION rowhouse.is_comparable(type oid, ordered boolean) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE element AS (
    SELECT b.oid FROM rowhouse.base_type(is_comparable.type) b
    UNION
    SELECT b.oid FROM element e
      JOIN pg_type t ON t.oid = e.oid AND t.typcategory = 'A'
      CROSS JOIN LATERAL rowhouse.base_type(t.typelem) b)
  SELECT bool_and(t.typcategory IN ('A', 'E', 'R') OR t.typtype = 'c' OR EXISTS (
           SELECT FROM pg_opclass c
             JOIN pg_am m ON m.oid = c.opcmethod
            WHERE c.opcdefault
              AND (m.amname = 'btree' OR m.amname = 'hash' AND NOT is_comparable.ordered)
              AND (c.opcintype = t.oid OR c.opcintype IN (
                     SELECT k.casttarget FROM pg_cast k
                      WHERE k.castsource = t.oid AND k.castmethod = 'b' AND k.castcontext = 'i'))))
    FROM element e JOIN pg_type t ON t.oid = e.oid;
$$;

-- Operators, searches and rules against the types of their columns.
CREATE FUNCTION rowhouse.check_types(one oid DEFAULT NULL) RETURNS SETOF rowhouse.finding
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH columns AS (
    SELECT o.relation, o.table_name, o.option, o.column_name, t.typcategory AS category,
           format_type(a.atttypid, NULL) AS type, base.oid AS base
      FROM rowhouse.option_columns o
      JOIN pg_attribute a ON a.attrelid = o.relation AND a.attname = o.column_name AND a.attnum > 0
      JOIN pg_type t ON t.oid = a.atttypid
      CROSS JOIN LATERAL rowhouse.base_type(a.atttypid) AS base
     WHERE one IS NULL OR o.relation = one)
  SELECT 'error', 'option-search', c.table_name,
         format('searchable column "%s" is %s, not text', c.column_name, c.type),
         'leave it out of searchable'
    FROM columns c WHERE c.option = 'searchable' AND c.category <> 'S'
  UNION ALL
  SELECT 'error', 'option-filter', c.table_name,
         format('operator "%s" does not apply to column "%s" of type %s', o.name, c.column_name,
                c.type),
         CASE WHEN c.base = 'json'::regtype THEN 'leave it out of filterable, or make it jsonb'
              WHEN NOT rowhouse.is_comparable(c.base, false)
              THEN 'leave it out of filterable: values of this type cannot be told apart'
              ELSE 'leave it out of filterable' END
    FROM columns c
    JOIN rowhouse.registered r USING (relation)
    CROSS JOIN LATERAL jsonb_array_elements_text(r.filterable -> c.column_name) AS o(name)
   WHERE c.option = 'filterable' AND CASE
     WHEN o.name IN ('$null', '$not:null') THEN false
     WHEN c.base = 'json'::regtype THEN true
     WHEN c.base <> 'jsonb'::regtype AND NOT rowhouse.is_comparable(
            c.base, o.name IN ('$gt', '$gte', '$lt', '$lte', '$btw')) THEN true
     WHEN o.name IN ('$has', '$hasSome', '$hasEvery', '$isEmpty') THEN c.category <> 'A'
     WHEN o.name IN ('$ilike', '$like', '$starts', '$ends', '$contains')
       THEN c.category <> 'S' AND c.type <> 'jsonb'
     WHEN o.name IN ('$gt', '$gte', '$lt', '$lte', '$btw') THEN c.category IN ('A', 'B')
     WHEN o.name IN ('$in', '$nin') THEN c.category = 'A'      -- there are no arrays of arrays
     ELSE false END
  UNION ALL
  SELECT 'error', 'option-validate', c.table_name,
         format('rule %s of validate does not apply to column "%s" of type %s', rules.rule,
                c.column_name, c.type),
         'min and max are for text (length), numbers and arrays (elements); format is for text'
    FROM columns c
    JOIN rowhouse.registered r USING (relation)
    CROSS JOIN LATERAL (SELECT r.validate -> c.column_name AS rule) rules
   WHERE c.option = 'validate'
     AND (c.category NOT IN ('S', 'N', 'A')
          OR c.category = 'N' AND c.base <> ALL ('{int2,int4,int8,numeric,float4,float8}'::regtype[])
          OR c.category <> 'S' AND (jsonb_typeof(rules.rule) = 'string' OR rules.rule ? 'format')
          OR c.category <> 'N' AND jsonb_typeof(rules.rule) = 'object' AND EXISTS (
               SELECT FROM jsonb_each_text(rules.rule) b
                WHERE b.key IN ('min', 'max') AND b.value !~ '^[0-9]{1,9}$'))
  UNION ALL
  SELECT 'error', 'option-validate', p.table_name,
         format('rule %s of validate does not apply to a password', p.rule),
         'min and max are for passwords, the number of characters'
    FROM rowhouse.password_rules p
   WHERE (one IS NULL OR p.relation = one)
     AND (jsonb_typeof(p.rule) = 'string' OR p.rule ? 'format' OR EXISTS (
            SELECT FROM jsonb_each_text(p.rule) b WHERE b.value !~ '^[0-9]{1,9}$'))
  UNION ALL
  SELECT 'warning', 'option-password', p.table_name,
         'validate has a rule for passwords, but nobody signs in by this model',
         'leave the rule out, or name the model by rowhouse.principals()'
    FROM rowhouse.password_rules p
   WHERE (one IS NULL OR p.relation = one) AND NOT p.signs_in
  UNION ALL
  SELECT 'error', 'option-owner', c.table_name,
         format('owner column "%s" is %s, but the ids of the principals are %s', c.column_name,
                c.type, format_type(id.atttypid, NULL)),
         'name a column that references the principals'
    FROM columns c
    JOIN rowhouse.registered p ON (p.schema_name, p.table_name) =
           (SELECT schema_name, table_name FROM rowhouse.principal_model)
    JOIN pg_attribute id ON id.attrelid = p.relation AND id.attname = 'id'
   WHERE c.option = 'owner' AND c.type <> format_type(id.atttypid, NULL);
$$;

-- Each entry of a cascade with what it resolves to. It names a child table, and the column of the
-- foreign key where the child has several to this table.
CREATE VIEW rowhouse.model_cascades AS
  SELECT r.relation, r.name AS table_name, e.entry, parts.child_name, child.relation AS child,
         child.tenancy = 'tenant' AND child.soft_delete AS is_soft, links.columns AS link_columns
    FROM rowhouse.registered r
    CROSS JOIN LATERAL unnest(r.cascade) AS e(entry)
    CROSS JOIN LATERAL (
      SELECT substring(e.entry FROM '^[^(]+') AS child_name,
             substring(e.entry FROM '\((.*)\)$') AS column_name) parts
    LEFT JOIN rowhouse.registered child ON child.table_name = parts.child_name
    LEFT JOIN LATERAL (
      SELECT array_agg(l.name ORDER BY l.name) AS columns
        FROM rowhouse.model_foreign_keys k
        CROSS JOIN LATERAL (SELECT (array_remove(k.columns, 'tenant_id'))[1] AS name) l
       WHERE k.relation = child.relation AND k.target = r.relation AND k.has_tenant
         AND k.target_columns @> '{tenant_id,id}' AND cardinality(k.columns) = 2
         AND l.name = coalesce(parts.column_name, l.name)) links ON true;

CREATE FUNCTION rowhouse.check_cascades(one oid DEFAULT NULL) RETURNS SETOF rowhouse.finding
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH edges AS MATERIALIZED (SELECT * FROM rowhouse.model_cascades)
  SELECT 'error', 'cascade', c.table_name, format('cascade "%s": %s', c.entry, w.finding), w.remedy
    FROM edges c
    CROSS JOIN LATERAL (SELECT substring(c.entry FROM '\((.*)\)$') AS column_name) parts
    CROSS JOIN LATERAL (
      SELECT * FROM (VALUES
        (1, c.entry !~ '^[a-z][a-z0-9_]*(\([^()]+\))?$', 'this is neither table nor table(column)',
         'write e.g. comments or comments(post_id)'),
        (2, c.child IS NULL, format('%s is not registered', c.child_name),
         'register the children first'),
        (3, NOT c.is_soft, format('%s is not soft-deletable', c.child_name),
         format('register %s with soft_delete => true', c.child_name)),
        (4, c.link_columns IS NULL,
         format('%s has no foreign key%s to %s (tenant_id, id)', c.child_name,
                ' on ' || parts.column_name, c.table_name),
         format('name a table with FOREIGN KEY (tenant_id, x_id) REFERENCES %s (tenant_id, id)',
                c.table_name)),
        (5, cardinality(c.link_columns) > 1,
         format('it is ambiguous: %s has %s', c.child_name, rowhouse.listed(c.link_columns)),
         format('write %s(%s)', c.child_name, c.link_columns[1]))
      ) AS v(position, is_wrong, finding, remedy)
       WHERE v.is_wrong ORDER BY v.position LIMIT 1) w
   WHERE one IS NULL OR one IN (c.relation, c.child)
  UNION ALL
  SELECT 'error', 'cascade-cycle', r.name, format('cascade goes in a circle: %s', cycle.path),
         'leave one of these cascades out'
    FROM rowhouse.registered r
    CROSS JOIN LATERAL (
      WITH RECURSIVE walk AS (
        SELECT c.child, r.table_name || ' > ' || c.child_name AS path, ARRAY[c.child] AS seen
          FROM edges c WHERE c.relation = r.relation AND c.child <> r.relation
        UNION ALL
        SELECT c.child, walk.path || ' > ' || c.child_name, walk.seen || c.child
          FROM walk
          JOIN edges c ON c.relation = walk.child AND c.child <> walk.child
         WHERE c.child <> ALL (walk.seen))
      SELECT walk.path FROM walk WHERE walk.child = r.relation LIMIT 1) cycle
   WHERE r.cascade <> '{}' AND (one IS NULL OR r.relation = one);
$$;

-- The roles a principal can have: the labels of the role column's enum, or the literals of the
-- CHECK on it. NULL while nobody said who logs in; empty where there are no roles.
CREATE FUNCTION rowhouse.role_names() RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT ARRAY(
      SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = a.atttypid
      UNION
      SELECT replace(literal[1], '''''', '''') FROM pg_constraint k,
             regexp_matches(pg_get_constraintdef(k.oid), '''((?:[^'']|'''')*)''', 'g') AS literal
       WHERE k.contype = 'c' AND k.conrelid = a.attrelid AND k.conkey = ARRAY[a.attnum]
       ORDER BY 1)
    FROM rowhouse.principal_model p
    JOIN rowhouse.registered r USING (schema_name, table_name)
    LEFT JOIN pg_attribute a ON a.attrelid = r.relation AND a.attname = p.role_column;
$$;

CREATE FUNCTION rowhouse.check_roles(one oid DEFAULT NULL) RETURNS SETOF rowhouse.finding
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'error', 'option-role', r.name,
         format('%s of "%s" names "%s", which is no role', o.option, rule.key, word),
         'the roles are ' || rowhouse.listed(roles.names)
    FROM (SELECT rowhouse.role_names() AS names) roles
    CROSS JOIN rowhouse.registered r
    CROSS JOIN LATERAL (VALUES ('access', r.access), ('restricted', r.restricted))
      AS o(option, rules)
    CROSS JOIN LATERAL jsonb_each_text(o.rules) AS rule
    CROSS JOIN LATERAL unnest(string_to_array(rule.value, '|')) AS word
   WHERE roles.names IS NOT NULL AND word <> ALL (roles.names || '{anyone,member,owner}'::text[])
     AND (one IS NULL OR r.relation = one);
$$;

-- The model that logs in. Logins are case-insensitive per tenant, and nobody may write an own role.
CREATE FUNCTION rowhouse.check_principals(one oid DEFAULT NULL) RETURNS SETOF rowhouse.finding
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH principal AS (
    SELECT r.*, p.login_column, p.password_column, p.role_column, login.atttypid AS login_type,
           password.atttypid AS password_type, role.attname AS role_found, role_type.typcategory
      FROM rowhouse.principal_model p
      JOIN rowhouse.registered r USING (schema_name, table_name)
      LEFT JOIN pg_attribute login ON login.attrelid = r.relation AND login.attname = p.login_column
      LEFT JOIN pg_attribute password
        ON password.attrelid = r.relation AND password.attname = p.password_column
      LEFT JOIN pg_attribute role ON role.attrelid = r.relation AND role.attname = p.role_column
      LEFT JOIN pg_type role_type ON role_type.oid = role.atttypid
     WHERE one IS NULL OR r.relation = one)
  SELECT 'error', 'principals', p.name, w.finding, w.remedy
    FROM principal p
    CROSS JOIN LATERAL (VALUES
      (p.tenancy = 'shared', 'principals belong to a tenant, and it is shared',
       'register it as a tenant''s'),
      (coalesce(p.login_type, 0) NOT IN ('text'::regtype, 'varchar'::regtype),
       format('login "%s" is not a column of text', p.login_column), 'name a text column'),
      (coalesce(p.password_type, 0) NOT IN ('text'::regtype, 'varchar'::regtype),
       format('password "%s" is not a column of text', p.password_column),
       'name a text column; it holds an Argon2id string'),
      (p.password_column <> ALL (p.hidden) OR p.password_column <> ALL (p.sensitive),
       format('password "%s" is not hidden', p.password_column),
       'call rowhouse.principals() again'),
      (p.role_column IS NOT NULL AND coalesce(p.typcategory, '') NOT IN ('E', 'S'),
       format('role "%s" is neither an enum nor text with a CHECK', p.role_column),
       'name such a column, or leave role out'),
      (p.role_found IS NOT NULL AND rowhouse.role_names() = '{}',
       format('role "%s" has no CHECK that lists the roles', p.role_column),
       format('ALTER TABLE %s ADD CHECK (%s IN (''USER'', ''ADMIN''))', p.name,
              quote_ident(p.role_column))),
      (rowhouse.role_names() && '{anyone,member,owner}',
       'a role is named anyone, member or owner, which mean something else in a rule',
       'rename the role'),
      (p.role_column <> ALL (p.read_only || p.hidden) AND NOT p.restricted ? p.role_column,
       format('column "%s" is neither restricted nor read_only: anybody who may write an own row '
              'could take a role', p.role_column),
       format('register the model with restricted => ''{"%s": "ADMIN"}''', p.role_column))
    ) AS w(is_wrong, finding, remedy)
   WHERE w.is_wrong
  UNION ALL
  SELECT 'error', 'principals-login', p.name,
         format('no unique index makes login "%s" unique per tenant, whatever its case',
                p.login_column),
         format('CREATE UNIQUE INDEX ON %s (tenant_id, lower(%I))%s', p.name, p.login_column,
                ' WHERE ' || p.live)
    FROM principal p
   WHERE NOT EXISTS (
     SELECT FROM rowhouse.model_indexes i
      WHERE i.relation = p.relation AND i.is_unique AND i.is_valid
        AND cardinality(i.columns) = 2 AND i.columns[1] = 'tenant_id'
        AND pg_get_indexdef(i.index, 2, false) IN (format('lower(%I)', p.login_column),
                                                   format('lower((%I)::text)', p.login_column))
        AND i.predicate IS NOT DISTINCT FROM p.live);
$$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rowhouse FROM PUBLIC;
SELECT rowhouse.allow_table('model_cascades', '{select}');
SELECT rowhouse.allow_function(name)
  FROM unnest('{base_type,is_comparable,check_columns,check_types,check_cascades,role_names,check_roles,
                check_principals}'::text[]) AS name;
