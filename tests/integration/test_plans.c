/* SPDX-License-Identifier: BSD-2-Clause */
/* test_plans.c - how PostgreSQL runs what the compiler writes, as the application role
 *
 * Each request goes through nginx; the statement is what PostgreSQL's log says it was, and its plan
 * is the generic one, under row security, with scans of whole tables forbidden where there is any
 * other way: what still is one has no index to serve it. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/world.h"

static struct world *world;
static PGconn *app, *superuser;

static bool
begin(void)
{
	world = world_new(
	    &(struct world_options){ .roles = CLUSTER_TWO_ROLES, .log_statements = true });
	if (world == NULL)
		return false;
	superuser = world_superuser(world);
	app = world_app(world);
	return sql_run(app,
		   "SET enable_seqscan = off;"
		   "SELECT set_config('app.current_tenant', '" WORLD_ACME "', false)") &&
	    world_sign_in(world, "user");
}

static void
end(void)
{
	if (app != NULL)
		PQfinish(app);
	if (superuser != NULL)
		PQfinish(superuser);
	world_free(world);
}

/* --- plans ------------------------------------------------------------------------------------ */

/* What the nodes of a plan say. */
struct reading {
	unsigned index_scans, without_tenant, whole_tables;
	const char *conditions; /* of all index scans, a line each */
};

/* Shared tables have no tenant. */
static bool
is_shared(const char *name)
{
	return strncmp(name, "countries", 9) == 0 || strncmp(name, "currencies", 10) == 0;
}

static void
read_node(struct reading *r, struct json_object *node)
{
	const char *type = document_text(node, "Node Type");
	const char *index = document_text(node, "Index Name");
	const char *condition = document_text(node, "Index Cond");

	if (strcmp(type, "Seq Scan") == 0 && !is_shared(document_text(node, "Relation Name")))
		r->whole_tables++;
	if (index[0] != '\0' && !is_shared(index)) {
		r->index_scans++;
		r->without_tenant += strstr(condition, "tenant_id = $1") == NULL;
		r->conditions = keep_printf("%s%s: %s\n", r->conditions, index, condition);
	}
	for (size_t i = 0; i < document_count(node, "Plans"); i++)
		read_node(r, document_at(node, keep_printf("Plans.%zu", i)));
}

/* The generic plan of a statement: the values of its parameters do not matter. */
static bool
read_plan(struct reading *r, PGconn *connection, const char *statement)
{
	unsigned count = 0;
	const char *nulls = "", *plan;
	struct json_object *json;

	while (strstr(statement, keep_printf("$%u::", count + 1)) != NULL)
		nulls = keep_printf("%s%sNULL", nulls, count++ > 0 ? ", " : "");
	*r = (struct reading){ .conditions = "" };
	if (!sql_run(connection,
		keep_printf("DEALLOCATE ALL; SET plan_cache_mode = force_generic_plan;"
			    "PREPARE q AS %s",
		    statement)))
		return false;
	plan = sql_value(connection,
	    keep_printf("EXPLAIN (FORMAT JSON) EXECUTE q%s%s%s", count > 0 ? "(" : "", nulls,
		count > 0 ? ")" : ""));
	json = plan == NULL ? NULL : json_tokener_parse(plan);
	if (json == NULL)
		return false;
	read_node(r, document_at(json, "0.Plan"));
	json_object_put(json);
	return true;
}

/* The statement of a request, as the server ran it. */
static const char *
statement_of(const char *path)
{
	long mark = cluster_log_mark(world->cluster);
	const struct answer *a = client_getf(world->client, WORLD_ACME, "/api/%s", path);
	struct json_object *all = cluster_log_statements(world->cluster, mark);
	const char *found = NULL;

	CHECK_INT(a->status, 200, "%s: %.300s", path, a->body);
	for (size_t i = 0; i < json_object_array_length(all); i++) {
		const char *text = document_text(all, keep_printf("%zu.statement", i));

		if (strstr(text, "row_to_json") != NULL || strstr(text, "json_agg") != NULL)
			found = keep_printf("%s", strstr(text, "SELECT"));
	}
	json_object_put(all);
	return found;
}

static void
indexes_find_the_tenants_rows(void)
{
	static const struct {
		const char *path;
		const char *conditions[4]; /* parts of index conditions that there must be */
	} rows[] = {
		{ "posts?limit=5", { "tenant_id" } },
		{ "posts/POST", { "(id = $" } },
		{ "posts?filter.slug=x", { "slug)::text = " } },
		{ "posts?filter.slug=$in:a,b", { "slug)::text = ANY" } },
		{ "posts?filter.authorId=USER", { "author_id = $" } },
		{ "posts?filter.createdAt=$gte:2026-01-01", { "created_at >= $" } },
		{ "posts?filter.createdAt=$btw:2026-01-01,2026-02-01", { "created_at <= $" } },
		{ "posts/POST?include=author,comments.author,categories",
		    { "(id = t0", "(post_id = t0", "(id = t2.author_id" } },
		{ "posts?limit=20&include=author,comments(limit:20).author",
		    { "(id = t0", "(post_id = t0" } },
		{ "posts?filter.author.name=x", { "tenant_id" } },
		{ "users?filter.posts.$none.published=false", { "tenant_id" } },
		{ "posts?filter.comments._count=$gte:3&sortBy=comments._count",
		    { "(post_id = t0" } },
		{ "users?select=id,_count.posts,_count.comments", { "(author_id = t0" } },
		{ "orders/aggregate?groupBy=status&count&sum=total", { "user_id = $" } },
		{ "posts?distinct=authorId", { "tenant_id" } },
		{ "posts?search=x", { "tenant_id" } },
	};
	const char *post = sql_value(superuser,
	    "SELECT id FROM posts WHERE deleted_at IS NULL AND tenant_id = '" WORLD_ACME
	    "' ORDER BY id LIMIT 1");
	const char *user =
	    sql_value(superuser, "SELECT id FROM users WHERE tenant_id = '" WORLD_ACME "' LIMIT 1");

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const char *path = rows[i].path, *at, *statement;
		struct reading r;

		if ((at = strstr(path, "POST")) != NULL)
			path = keep_printf("%.*s%s%s", (int)(at - path), path, post, at + 4);
		else if ((at = strstr(path, "USER")) != NULL)
			path = keep_printf("%.*s%s%s", (int)(at - path), path, user, at + 4);
		statement = statement_of(path);
		if (!CHECK(statement != NULL, "%s: no statement", path) ||
		    !CHECK(read_plan(&r, app, statement), "%s: %s", path, statement))
			continue;
		CHECK(r.index_scans > 0, "%s: no index", path);
		CHECK_INT(r.without_tenant, 0, "%s:\n%s", path, r.conditions);
		CHECK_INT(r.whole_tables, 0, "%s:\n%s", path, statement);
		for (size_t c = 0; c < SUITE_COUNT(rows[i].conditions); c++)
			if (rows[i].conditions[c] != NULL)
				CHECK(strstr(r.conditions, rows[i].conditions[c]) != NULL,
				    "%s: %s is not in\n%s", path, rows[i].conditions[c],
				    r.conditions);
	}
}

/* The control: without the statement's own tenant, or with a comparison that is not leakproof, the
 * reading says so. */
static void
what_no_index_serves_is_seen(void)
{
	struct reading r;

	CHECK(read_plan(&r, superuser, "SELECT count(*) FROM posts WHERE title ILIKE '%x%'"), "it");
	CHECK_INT(r.whole_tables, 1, "a table as a whole");
	CHECK(read_plan(&r, superuser, "SELECT * FROM posts WHERE id = $1::uuid"), "it");
	CHECK(r.whole_tables + r.without_tenant > 0, "no tenant: %s", r.conditions);
	CHECK(
	    read_plan(&r, app, "SELECT * FROM posts AS t0 WHERE lower(t0.slug) = $1::text"), "it");
	CHECK(strstr(r.conditions, "slug") == NULL, "lower() is not leakproof: %s", r.conditions);
}

/* The words of one article in ten, of both tenants. */
static const char articles[] =
    "CREATE TABLE articles (tenant_id uuid NOT NULL, id uuid NOT NULL DEFAULT rowhouse.uuid_v7(),"
    "  title varchar(200) NOT NULL, content text, PRIMARY KEY (tenant_id, id));"
    "SELECT rowhouse.model('articles', searchable => '{title,content}', search => 'fulltext');";
static const char article_rows[] =
    "INSERT INTO articles (tenant_id, title, content)"
    "  SELECT t.id, 'Article ' || n, CASE WHEN n % 10 = 3 THEN 'a Needle in the hay' END"
    "    FROM rowhouse.tenants t, generate_series(1, 2000) n;"
    "ANALYZE articles";

static void
check_search(const char *words, long count)
{
	const struct answer *a =
	    client_getf(world->client, WORLD_ACME, "/api/articles?limit=1&search=%s", words);

	CHECK_INT(a->status, 200, "%s: %.300s", words, a->body);
	CHECK_INT(document_int(a->json, "meta.totalItems"), count, "%s", words);
	CHECK(!document_has(a->json, "data.0.searchVector"), "%.300s", a->body);
}

static void
check_all_searches(void)
{
	check_search("needle", 200);
	check_search("NEEDLE%20-hay", 0);
	check_search("%22needle%20in%22", 200);
	check_search("%22in%20needle%22", 0);
	check_search("needle%20or%2017", 201);
	check_search("needl", 0);
	check_search("%27%3A%26%20%21%28", 0); /* punctuation is no word, and no error */
	check_search("", 2000);
}

/* Both ways find the same; only leakproof ones by the index. */
static void
full_text_search(void)
{
	static const char warnings[] =
	    "SELECT coalesce(string_agg(code, ' ' ORDER BY code), '') FROM rowhouse.lint()"
	    " WHERE object = 'public.articles'";
	PGconn *owner = world_owner(world);
	const char *statement;
	struct reading r;

	CHECK(sql_run(superuser, "CREATE EXTENSION btree_gin"), "btree_gin");
	CHECK(sql_run(owner, articles), "the model");
	PQfinish(owner);
	CHECK(sql_run(superuser, article_rows), "its rows");
	check_all_searches();
	statement = statement_of("articles?search=needle");
	CHECK(read_plan(&r, app, statement), "%s", statement);
	CHECK(strstr(r.conditions, "search_vector") == NULL, "not leakproof: %s", r.conditions);
	CHECK_TEXT(sql_value(app, warnings), "search-leakproof", "the lint");

	CHECK(sql_run(
		  superuser, "ALTER FUNCTION pg_catalog.ts_match_vq(tsvector, tsquery) LEAKPROOF"),
	    "leakproof");
	check_all_searches();
	CHECK(read_plan(&r, app, statement), "%s", statement);
	CHECK(strstr(r.conditions, "search_vector @@ ") != NULL, "leakproof: %s", r.conditions);
	CHECK_INT(r.without_tenant, 0, "%s", r.conditions);
	CHECK_TEXT(sql_value(app, warnings), "", "the lint");
	CHECK(sql_run(superuser, "DROP INDEX articles_search"), "the index");
	CHECK_TEXT(sql_value(app, warnings), "search-index", "the lint");
}

/* The column is made anew when other columns are searched, and goes with the option. */
static void
what_is_searched_can_change(void)
{
	static const char column[] =
	    "SELECT coalesce(max(col_description(attrelid, attnum)), 'none') FROM pg_attribute"
	    " WHERE attrelid = 'articles'::regclass AND attname = 'search_vector'";
	PGconn *owner = world_owner(world);

	CHECK(sql_run(owner,
		  "SELECT rowhouse.model('articles', searchable => '{title}',"
		  " search => 'fulltext')"),
	    "other columns");
	CHECK_TEXT(sql_value(superuser, column), "rowhouse search: title", "made anew");
	check_search("needle", 0);
	check_search("17", 1);
	CHECK(sql_run(owner, "SELECT rowhouse.model('articles', searchable => '{title}')"),
	    "substring");
	CHECK_TEXT(sql_value(superuser, column), "none", "gone");
	check_search("rticle%2017", 111);
	PQfinish(owner);
}

static const struct suite_test tests[] = {
	{ "full text search", full_text_search },
	{ "what is searched can change", what_is_searched_can_change },
	{ "indexes find the tenant's rows", indexes_find_the_tenants_rows },
	{ "what no index serves is seen", what_no_index_serves_is_seen },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "plans", begin, end, tests, SUITE_COUNT(tests) });
}
