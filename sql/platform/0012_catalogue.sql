-- SPDX-License-Identifier: BSD-2-Clause
--
-- The catalogue: all that a worker knows of the database, in one JSON document of one snapshot,
-- read at start and again when the epoch has moved. Each part is made for all models at once, so
-- that it takes milliseconds. Types and defaults are printed under a bare search_path, so whatever
-- is not pg_catalog's carries its schema and can be put into a statement. A base type is printed as
-- a cast wants it: `bpchar`, for `character` would be character(1) and cut the value.

CREATE FUNCTION rowhouse.enum_labels(type oid) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = type;
$$;

-- The rules of `validate` for one column, in one shape; bounds as text, since a number may have more
-- digits than a double.
CREATE FUNCTION rowhouse.catalogue_rules(rules jsonb) RETURNS json
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT json_build_object('format', CASE jsonb_typeof(rules) WHEN 'string' THEN rules #>> '{}'
                                     ELSE rules ->> 'format' END,
                           'min', rules ->> 'min', 'max', rules ->> 'max')
   WHERE rules IS NOT NULL;
$$;

-- Length, precision and scale are those of a value, or of each element of an array. Arrays are
-- printed with -1, too: what `character[]` says of its elements is character(1).
CREATE FUNCTION rowhouse.catalogue_columns() RETURNS TABLE (relation oid, columns json)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.attrelid, json_agg(json_build_object(
           'name', a.attname,
           'json', rowhouse.camel_case(a.attname::text),
           'type', format_type(a.atttypid, NULL),
           'full_type', format_type(a.atttypid, a.atttypmod),
           'base', format_type(base.oid, -1),
           'oid', a.atttypid::bigint,
           'category', t.typcategory,
           'not_null', a.attnotnull OR base.not_null,
           'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
           'generated', a.attgenerated <> '',
           'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'default' END,
           'enum', rowhouse.enum_labels(base.oid),
           'element', CASE WHEN element.oid IS NOT NULL THEN json_build_object(
                        'type', format_type(item.oid, NULL), 'base', format_type(element.oid, -1),
                        'category', item.typcategory, 'enum', rowhouse.enum_labels(element.oid),
                        'max_length', bounds.max_length, 'precision', bounds.precision,
                        'scale', bounds.scale) END,
           'array_type', (SELECT format_type(b.typarray, -1) FROM pg_type b
                           WHERE b.oid = base.oid AND b.typarray <> 0),
           'max_length', bounds.max_length,
           'precision', bounds.precision,
           'scale', bounds.scale,
           'validate', rowhouse.catalogue_rules(r.validate -> a.attname))
         ORDER BY a.attnum)
    FROM rowhouse.registered r
    JOIN pg_attribute a ON a.attrelid = r.relation AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    CROSS JOIN LATERAL rowhouse.base_type(a.atttypid) AS base
    LEFT JOIN pg_type item ON item.typarray = base.oid
    LEFT JOIN LATERAL rowhouse.base_type(item.oid) AS element ON true
    CROSS JOIN LATERAL (        -- how varchar, bpchar and numeric keep them in a typmod
      SELECT CASE WHEN leaf.oid IN ('varchar'::regtype, 'bpchar'::regtype) THEN leaf.modifier END
               AS max_length,
             CASE WHEN leaf.oid = 'numeric'::regtype THEN leaf.modifier >> 16 END AS precision,
             CASE WHEN leaf.oid = 'numeric'::regtype
                  THEN ((leaf.modifier & 2047) # 1024) - 1024 END AS scale
        FROM (SELECT coalesce(element.oid, base.oid),
                     nullif(greatest(a.atttypmod, base.typmod, element.typmod), -1) - 4)
               AS leaf(oid, modifier)) bounds
   GROUP BY a.attrelid;
$$;

CREATE FUNCTION rowhouse.catalogue_keys() RETURNS TABLE (relation oid, keys json)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT i.relation, json_agg(json_build_object(
           'name', i.index_name, 'columns', i.columns, 'primary', i.is_primary,
           'touched', CASE WHEN array_position(i.columns, NULL) IS NULL THEN i.columns ELSE ARRAY(
                        SELECT a.attname::text FROM pg_depend d
                          JOIN pg_attribute a ON a.attrelid = i.relation AND a.attnum = d.refobjsubid
                         WHERE d.classid = 'pg_class'::regclass AND d.objid = i.index
                           AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.relation
                           AND d.refobjsubid > 0
                         ORDER BY a.attnum) END,
           'predicate', i.predicate) ORDER BY i.index_name COLLATE "C")
    FROM rowhouse.model_indexes i
   WHERE i.is_unique AND i.is_valid
   GROUP BY i.relation;
$$;

CREATE FUNCTION rowhouse.catalogue_foreign_keys() RETURNS TABLE (relation oid, foreign_keys json)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT k.relation, json_agg(json_build_object(
           'name', k.key_name, 'columns', k.columns, 'schema', n.nspname, 'table', c.relname,
           'references', k.target_columns) ORDER BY k.key_name COLLATE "C")
    FROM rowhouse.model_foreign_keys k
    JOIN pg_class c ON c.oid = k.target
    JOIN pg_namespace n ON n.oid = c.relnamespace
   GROUP BY k.relation;
$$;

-- With their names in JSON, in the order that decides who keeps a short one.
CREATE FUNCTION rowhouse.catalogue_relations() RETURNS TABLE (relation oid, relations json)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH cascades AS MATERIALIZED (SELECT * FROM rowhouse.model_cascades)
  SELECT l.relation, json_agg(json_build_object(
           'json', rowhouse.camel_case(l.name), 'kind', l.kind, 'constraint', l.key_name,
           'schema', t.schema_name, 'table', t.table_name,
           'own', l.own_columns, 'target', l.target_columns,
           'through_schema', j.schema_name, 'through_table', j.table_name,
           'near', l.near_columns, 'far', l.far_columns,
           'cascade', EXISTS (SELECT FROM cascades c
                               WHERE c.relation = l.relation AND c.child = l.target
                                 AND c.link_columns = l.target_columns))
         ORDER BY l.rank, l.name COLLATE "C", l.key_name COLLATE "C")
    FROM rowhouse.model_relations() l
    JOIN rowhouse.registered t ON t.relation = l.target
    LEFT JOIN rowhouse.registered j ON j.relation = l.through
   GROUP BY l.relation;
$$;

CREATE FUNCTION rowhouse.catalogue_checks() RETURNS TABLE (relation oid, checks json)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.relation, json_agg(json_build_object(
           'name', k.conname,
           'columns', ARRAY(SELECT a.attname FROM pg_attribute a
                             WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
                             ORDER BY a.attnum)) ORDER BY k.conname::text COLLATE "C")
    FROM rowhouse.registered r
    JOIN pg_constraint k ON k.conrelid = r.relation AND k.contype IN ('c', 'x')
   GROUP BY r.relation;
$$;

-- The access rules with every action filled in: the given ones over the defaults, and restore as
-- delete is.
CREATE FUNCTION rowhouse.catalogue_access(access jsonb, owner text) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object('restore', filled -> 'delete') || filled
    FROM (SELECT jsonb_build_object('read', 'member', 'create', 'member', 'update', change,
                                    'delete', change, 'force', 'ADMIN', 'history', 'ADMIN')
                   || access
            FROM (SELECT CASE WHEN owner IS NULL THEN 'ADMIN' ELSE 'owner|ADMIN' END) AS c(change)
         ) AS f(filled);
$$;

-- The models, in the order of their names.
CREATE FUNCTION rowhouse.catalogue_models() RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT json_agg(json_build_object(
    'schema', m.schema_name, 'table', m.table_name, 'tenancy', m.tenancy,
    'soft_delete', m.soft_delete, 'audit', m.audit, 'cascade', m.cascade,
    'sensitive', m.sensitive, 'owner', m.owner,
    'access', rowhouse.catalogue_access(m.access, m.owner), 'hidden', m.hidden,
    'read_only', m.read_only, 'restricted', m.restricted, 'sortable', m.sortable,
    'searchable', m.searchable, 'search', m.search, 'filterable', m.filterable,
    'default_sort', m.default_sort, 'null_sort', m.null_sort,
    'default_limit', m.default_limit, 'max_limit', m.max_limit, 'deleted_at', m.deleted_at,
    'deleted_by', m.deleted_by, 'require_match', m.require_match, 'client_ids', m.client_ids,
    'retention', m.retention, 'columns', c.columns, 'keys', coalesce(k.keys, '[]'),
    'foreign_keys', coalesce(f.foreign_keys, '[]'), 'relations', coalesce(l.relations, '[]'),
    'checks', coalesce(x.checks, '[]'))
    ORDER BY m.schema_name COLLATE "C", m.table_name COLLATE "C")
    FROM rowhouse.registered m
    JOIN rowhouse.catalogue_columns() c USING (relation)
    LEFT JOIN rowhouse.catalogue_keys() k USING (relation)
    LEFT JOIN rowhouse.catalogue_foreign_keys() f USING (relation)
    LEFT JOIN rowhouse.catalogue_relations() l USING (relation)
    LEFT JOIN rowhouse.catalogue_checks() x USING (relation);
$$;

CREATE FUNCTION rowhouse.catalogue() RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
  SELECT json_build_object(
    'deployment', (SELECT json_build_object('single_role', d.single_role, 'demo', d.demo)
                     FROM rowhouse.deployment d),
    'principals', (SELECT json_build_object('schema', p.schema_name, 'table', p.table_name,
                                            'login', p.login_column, 'password', p.password_column,
                                            'role', p.role_column,
                                            'roles', rowhouse.role_names(),
                                            'validate', rowhouse.catalogue_rules(
                                                          r.validate -> 'password'))
                     FROM rowhouse.principal_model p
                     JOIN rowhouse.registered r USING (schema_name, table_name)),
    'models', coalesce(rowhouse.catalogue_models(), '[]'));
$$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rowhouse FROM PUBLIC;
SELECT rowhouse.allow_function(name)
  FROM unnest('{enum_labels,catalogue_rules,catalogue,catalogue_models,catalogue_access,
                catalogue_columns,catalogue_keys,catalogue_foreign_keys,catalogue_relations,
                catalogue_checks}'::text[]) AS name;
