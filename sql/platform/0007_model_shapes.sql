-- SPDX-License-Identifier: BSD-2-Clause
--
-- The shape of a registration's options: what can be judged by looking at the options alone. Every
-- word is checked, so that a misspelt one is an error when the migration runs and not a rule that
-- never applies. What has to be compared with the table comes later, in the fit checks.

-- The operators of the query grammar.
CREATE FUNCTION rowhouse.operators() RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT '{$eq,$ne,$gt,$gte,$lt,$lte,$in,$nin,$ilike,$btw,$null,$not:null,
           $like,$starts,$ends,$contains,$has,$hasSome,$hasEvery,$isEmpty}'::text[];
$$;

-- The actions that have an access rule, and the named formats of `validate`.
CREATE FUNCTION rowhouse.access_actions() RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT '{read,create,update,delete,force,restore,history}'::text[];
$$;

CREATE FUNCTION rowhouse.validate_formats() RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT '{email,url,uuid,slug,date,ip}'::text[];
$$;

-- A list in words, for messages.
CREATE FUNCTION rowhouse.listed(words text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(nullif(array_to_string(words, ', '), ''), 'none');
$$;

-- created_at -> createdAt, as the workers name columns in JSON.
CREATE FUNCTION rowhouse.camel_case(name text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT string_agg(CASE WHEN position = 1 THEN part
                         ELSE upper(left(part, 1)) || substr(part, 2) END, '' ORDER BY position)
    FROM unnest(string_to_array(name, '_')) WITH ORDINALITY AS p(part, position);
$$;

-- 'posts' or 'blog.posts' -> schema and table, public where no schema is given.
CREATE FUNCTION rowhouse.model_parse(relation text, OUT schema_name text, OUT table_name text)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  parts text[];
BEGIN
  parts := parse_ident(relation);
  IF parts IS NULL OR cardinality(parts) > 2 THEN
    PERFORM rowhouse.cannot(coalesce(relation, 'NULL'), 'this is not the name of a table',
                            'write table or schema.table');
  END IF;
  table_name := parts[cardinality(parts)];
  schema_name := CASE cardinality(parts) WHEN 2 THEN parts[1] ELSE 'public' END;
EXCEPTION WHEN invalid_parameter_value THEN
  PERFORM rowhouse.cannot(relation, 'this is not the name of a table',
                          'write table or schema.table');
END $$;

-- Names that the HTTP interface needs for itself.
CREATE FUNCTION rowhouse.shape_name(m rowhouse.models) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  kebab  text := replace(m.table_name, '_', '-');
  other  text;
BEGIN
  IF kebab = ANY ('{auth,batch,audit,health,metrics,openapi.json,t}') THEN
    PERFORM rowhouse.cannot(rowhouse.model_name(m), format('/api/%s is Rowhouse''s own', kebab),
                            'rename the table');
  ELSIF m.table_name !~ '^[a-z][a-z0-9_]*$' THEN
    PERFORM rowhouse.cannot(rowhouse.model_name(m),
      'its name has characters other than a-z, 0-9 and _, or does not begin with a letter',
      'rename the table: its name becomes a part of a URL');
  END IF;
  SELECT format('%I.%I', o.schema_name, o.table_name) INTO other FROM rowhouse.models o
   WHERE replace(o.table_name, '_', '-') = kebab AND o.schema_name <> m.schema_name;
  IF other IS NOT NULL THEN
    PERFORM rowhouse.cannot(rowhouse.model_name(m),
      format('%s is already /api/%s', other, kebab), 'rename one of the tables');
  END IF;
END $$;

-- Options with one value.
CREATE FUNCTION rowhouse.shape_values(m rowhouse.models) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  name      text := rowhouse.model_name(m);
  missing   text;
BEGIN
  SELECT v.key INTO missing FROM jsonb_each(to_jsonb(m)) v
   WHERE v.value = 'null' AND v.key NOT IN ('owner', 'null_sort', 'retention') LIMIT 1;
  IF missing IS NOT NULL THEN
    PERFORM rowhouse.cannot(name, format('%s is NULL', missing),
                            'leave the option out for its default');
  ELSIF m.tenancy NOT IN ('tenant', 'shared') THEN
    PERFORM rowhouse.cannot(name, format('tenancy "%s" is unknown', m.tenancy),
                            'tenancy is tenant or shared');
  ELSIF m.search NOT IN ('substring', 'fulltext') THEN
    PERFORM rowhouse.cannot(name, format('search "%s" is unknown', m.search),
                            'search is substring or fulltext');
  ELSIF m.null_sort NOT IN ('first', 'last') THEN
    PERFORM rowhouse.cannot(name, format('null_sort "%s" is unknown', m.null_sort),
                            'null_sort is first or last, or NULL for the order of PostgreSQL');
  ELSIF m.default_limit < 1 OR m.max_limit < m.default_limit OR m.max_limit > 1000 THEN
    PERFORM rowhouse.cannot(name,
      format('default_limit %s and max_limit %s are out of order', m.default_limit, m.max_limit),
      '1 <= default_limit <= max_limit <= 1000');
  ELSIF m.deleted_at = m.deleted_by OR ARRAY[m.deleted_at, m.deleted_by]
        && '{tenant_id,id,created_at,updated_at,version,deletion_id}' THEN
    PERFORM rowhouse.cannot(name,
                            'deleted_at and deleted_by name a column that has another meaning',
                            'give each a column of its own');
  END IF;
  PERFORM rowhouse.shape_retention(m);
END $$;

CREATE FUNCTION rowhouse.shape_retention(m rowhouse.models) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF m.retention IS NULL THEN
    RETURN;
  ELSIF NOT m.soft_delete THEN
    PERFORM rowhouse.cannot(rowhouse.model_name(m),
                            'retention is for deleted rows, and it keeps none',
                            'leave retention out, or set soft_delete => true');
  ELSIF m.retention::interval <= interval '0' THEN
    PERFORM rowhouse.cannot(rowhouse.model_name(m),
      format('retention "%s" is not a positive interval', m.retention), 'write e.g. ''90 days''');
  END IF;
EXCEPTION WHEN invalid_datetime_format OR datetime_field_overflow OR interval_field_overflow THEN
  PERFORM rowhouse.cannot(rowhouse.model_name(m),
    format('retention "%s" is not a positive interval', m.retention), 'write e.g. ''90 days''');
END $$;

-- What has no meaning together: silence would let somebody believe that it has.
CREATE FUNCTION rowhouse.shape_combination(m rowhouse.models) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  useless text;
BEGIN
  IF m.tenancy = 'shared' THEN
    SELECT o.option INTO useless FROM (VALUES
      ('audit', m.audit), ('owner', m.owner IS NOT NULL), ('cascade', m.cascade <> '{}'),
      ('read_only', m.read_only <> '{}'), ('restricted', m.restricted <> '{}'),
      ('validate', m.validate <> '{}'), ('require_match', m.require_match),
      ('client_ids', m.client_ids),
      ('access for anything but read', m.access - 'read' <> '{}')) AS o(option, is_given)
     WHERE o.is_given LIMIT 1;
    IF useless IS NOT NULL THEN
      PERFORM rowhouse.cannot(rowhouse.model_name(m),
        format('a shared model is read-only over HTTP, so %s has no meaning', useless),
        'leave the option out, or make the table a tenant''s');
    END IF;
  ELSIF m.cascade <> '{}' AND NOT m.soft_delete THEN
    PERFORM rowhouse.cannot(rowhouse.model_name(m), 'cascade needs soft_delete => true',
      'set soft_delete => true, or leave cascade out: what references a row then keeps it');
  ELSIF m.harmless_triggers <> '{}' AND NOT m.audit THEN
    PERFORM rowhouse.cannot(rowhouse.model_name(m), 'harmless_triggers is about audit => true',
                            'leave harmless_triggers out, or set audit => true');
  END IF;
END $$;

-- Lists of names: no NULL, no duplicate, and a direction behind each column of default_sort.
CREATE FUNCTION rowhouse.shape_lists(m rowhouse.models) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  list   record;
  entry  text;
BEGIN
  FOR list IN SELECT * FROM (VALUES
      ('cascade', m.cascade), ('sensitive', m.sensitive), ('hidden', m.hidden),
      ('read_only', m.read_only), ('sortable', m.sortable), ('searchable', m.searchable),
      ('default_sort', m.default_sort), ('harmless_triggers', m.harmless_triggers))
      AS l(option, entries) LOOP
    IF array_position(list.entries, NULL) IS NOT NULL
       OR cardinality(list.entries) <> (SELECT count(DISTINCT e) FROM unnest(list.entries) e) THEN
      PERFORM rowhouse.cannot(rowhouse.model_name(m),
        format('%s has an entry twice, or a NULL', list.option), 'name each once');
    END IF;
  END LOOP;
  FOREACH entry IN ARRAY m.default_sort LOOP
    IF entry !~ '^.+:(ASC|DESC)$' THEN
      PERFORM rowhouse.cannot(rowhouse.model_name(m),
        format('default_sort "%s" is not column:ASC or column:DESC', entry),
        'write e.g. ''{created_at:DESC}''');
    END IF;
  END LOOP;
  IF (SELECT count(DISTINCT substring(e FROM '^(.*):')) FROM unnest(m.default_sort) e)
     <> cardinality(m.default_sort) THEN
    PERFORM rowhouse.cannot(rowhouse.model_name(m), 'default_sort has a column twice',
                            'name each once');
  END IF;
END $$;

-- {"title": ...}: each of these options is an object.
CREATE FUNCTION rowhouse.shape_objects(m rowhouse.models) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  object  record;
BEGIN
  FOR object IN SELECT * FROM (VALUES
      ('access', m.access), ('restricted', m.restricted), ('filterable', m.filterable),
      ('validate', m.validate)) AS o(option, value) LOOP
    IF jsonb_typeof(object.value) <> 'object' THEN
      PERFORM rowhouse.cannot(rowhouse.model_name(m),
                              format('%s is not a JSON object', object.option),
                              'write e.g. ''{"title": ...}''');
    END IF;
  END LOOP;
  PERFORM rowhouse.shape_rules(m, 'access', m.access);
  PERFORM rowhouse.shape_rules(m, 'restricted', m.restricted);
  PERFORM rowhouse.shape_filterable(m);
  PERFORM rowhouse.shape_validate(m);
END $$;

-- Rules are words joined by '|'. Which of them are roles is known when the principals are.
CREATE FUNCTION rowhouse.shape_rules(m rowhouse.models, option text, rules jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  rule record;
BEGIN
  FOR rule IN SELECT r.key, r.value, r.value #>> '{}' AS words FROM jsonb_each(rules) r LOOP
    IF option = 'access' AND rule.key <> ALL (rowhouse.access_actions()) THEN
      PERFORM rowhouse.cannot(rowhouse.model_name(m),
                              format('access action "%s" is unknown', rule.key),
        'the actions are ' || rowhouse.listed(rowhouse.access_actions()));
    ELSIF jsonb_typeof(rule.value) <> 'string'
          OR rule.words !~ '^[A-Za-z_][A-Za-z0-9_-]*(\|[A-Za-z_][A-Za-z0-9_-]*)*$' THEN
      PERFORM rowhouse.cannot(rowhouse.model_name(m),
        format('%s rule %s of "%s" is not words joined by |', option, rule.value, rule.key),
        'write e.g. "owner|ADMIN"');
    ELSIF option = 'access' AND m.owner IS NULL
          AND 'owner' = ANY (string_to_array(rule.words, '|')) THEN
      PERFORM rowhouse.cannot(rowhouse.model_name(m),
        format('access of "%s" names owner, but there is no owner column', rule.key),
        'say owner => ''author_id'', the column with the id of the principal');
    ELSIF option = 'restricted' AND string_to_array(rule.words, '|') && '{anyone,member,owner}' THEN
      PERFORM rowhouse.cannot(rowhouse.model_name(m),
        format('restricted "%s" names no role but "%s"', rule.key, rule.words),
        'name the roles that may write the column, e.g. "ADMIN"');
    END IF;
  END LOOP;
END $$;

CREATE FUNCTION rowhouse.shape_filterable(m rowhouse.models) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  filter    record;
  operator  record;
BEGIN
  FOR filter IN SELECT f.key, f.value FROM jsonb_each(m.filterable) f LOOP
    IF jsonb_typeof(filter.value) <> 'array' OR filter.value = '[]' THEN
      PERFORM rowhouse.cannot(rowhouse.model_name(m),
        format('filterable "%s" is not a list of operators', filter.key),
        'write e.g. {"title": ["$eq", "$ilike"]}');
    END IF;
    FOR operator IN SELECT o.value #>> '{}' AS name FROM jsonb_array_elements(filter.value) o LOOP
      IF operator.name IS NULL OR operator.name <> ALL (rowhouse.operators()) THEN
        PERFORM rowhouse.cannot(rowhouse.model_name(m),
          format('filterable "%s" has the unknown operator "%s"', filter.key, operator.name),
          'the operators are ' || rowhouse.listed(rowhouse.operators()));
      END IF;
    END LOOP;
  END LOOP;
END $$;

-- "email", or {"min": 1, "max": 200, "format": "email"}: lengths of a text, bounds of a number,
-- elements of an array.
CREATE FUNCTION rowhouse.shape_validate(m rowhouse.models) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  rule   record;
  wrong  text;
BEGIN
  FOR rule IN SELECT v.key, CASE jsonb_typeof(v.value) WHEN 'string'
                     THEN jsonb_build_object('format', v.value) ELSE v.value END AS value
                FROM jsonb_each(m.validate) v LOOP
    IF jsonb_typeof(rule.value) <> 'object' OR rule.value = '{}' THEN
      wrong := 'neither a format nor {"min": ..., "max": ..., "format": ...}';
    ELSIF rule.value - '{min,max,format}'::text[] <> '{}' THEN
      wrong := format('with the unknown rule %s', rule.value - '{min,max,format}'::text[]);
    ELSIF coalesce(jsonb_typeof(rule.value -> 'min'), 'number') <> 'number'
          OR coalesce(jsonb_typeof(rule.value -> 'max'), 'number') <> 'number' THEN
      wrong := 'with a bound that is no number';
    ELSIF greatest(length(rule.value ->> 'min'), length(rule.value ->> 'max')) > 64 THEN
      wrong := 'with a bound of more than 64 digits';
    ELSIF (rule.value ->> 'min')::numeric > (rule.value ->> 'max')::numeric THEN
      wrong := 'with min above max';
    ELSIF rule.value ->> 'format' <> ALL (rowhouse.validate_formats()) THEN
      wrong := format('with the unknown format "%s"', rule.value ->> 'format');
    END IF;
    IF wrong IS NOT NULL THEN
      PERFORM rowhouse.cannot(rowhouse.model_name(m),
                              format('validate "%s" is %s', rule.key, wrong),
        'rules are min, max and format; formats are '
          || rowhouse.listed(rowhouse.validate_formats()));
    END IF;
  END LOOP;
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rowhouse FROM PUBLIC;
SELECT rowhouse.allow_function(name)
  FROM unnest('{camel_case,listed,access_actions}'::text[]) AS name;
