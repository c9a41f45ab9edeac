/* SPDX-License-Identifier: BSD-2-Clause */
/* test_queries.c - filters, search, includes and selections through nginx: queries.txt */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/sandbox.h"
#include "support/suite.h"
#include "support/world.h"

/* One request of queries.txt. */
struct query {
	const char *section, *path;
	const char *kind; /* WHERE, IDS or AT */
	const char *rest; /* behind the kind, on its line */
	const char *sql;  /* the lines below */
};

enum { QUERIES = 300 };

static struct world *world;
static PGconn *superuser;
static struct query queries[QUERIES];
static size_t query_count;

/* --- queries.txt ------------------------------------------------------------------------------ */

/* LIVE(x) and POST_10 written out. */
static const char *
in_full(const char *sql)
{
	static const char post_10[] =
	    "(SELECT a.id FROM posts a JOIN posts b ON b.id = a.id AND b.tenant_id <> a.tenant_id"
	    " WHERE LIVE(a) ORDER BY 1 LIMIT 1)";
	const char *at;

	while ((at = strstr(sql, "POST_10")) != NULL)
		sql =
		    keep_printf("%.*s%s%s", (int)(at - sql), sql, post_10, at + strlen("POST_10"));
	while ((at = strstr(sql, "LIVE(")) != NULL) {
		const char *alias = at + strlen("LIVE(");
		int len = (int)strcspn(alias, ")");

		sql = keep_printf("%.*s(%.*s.tenant_id = '" WORLD_ACME
				  "' AND %.*s.deleted_at IS NULL)%s",
		    (int)(at - sql), sql, len, alias, len, alias, alias + len + 1);
	}
	return sql;
}

/* The next line, without its end; NULL behind the last. */
static const char *
next_line(const char **at)
{
	size_t len = strcspn(*at, "\n");
	const char *line = **at == '\0' ? NULL : keep_copy(*at, len);

	*at += len + ((*at)[len] == '\n');
	return line;
}

/* "AT data": its words; the lines up to an empty one are SQL. */
static bool
read_query(struct query *query, const char **at)
{
	const char *kind = next_line(at), *line;
	size_t len;

	if (kind == NULL)
		return false;
	len = strcspn(kind, " ");
	query->kind = keep_copy(kind, len);
	query->rest = kind[len] == ' ' ? kind + len + 1 : "";
	query->sql = "";
	while ((line = next_line(at)) != NULL && line[0] != '\0')
		query->sql = keep_printf("%s%s ", query->sql, line);
	if (strcmp(query->kind, "WHERE") == 0)
		query->sql =
		    keep_printf("SELECT id FROM gauges WHERE (%s %s) IS TRUE ORDER BY id LIMIT 100",
			query->rest, query->sql);
	query->sql = in_full(query->sql);
	return true;
}

static bool
read_queries(void)
{
	char *text = file_read(sandbox_source("tests/integration/queries.txt"), NULL);
	const char *at = text, *line, *section = "";
	bool ok = text != NULL;

	while (ok && (line = next_line(&at)) != NULL) {
		if (strncmp(line, "== ", 3) == 0)
			section = line + 3;
		if (strncmp(line, "GET ", 4) != 0)
			continue;
		queries[query_count].section = section;
		queries[query_count].path = line + 4;
		ok = query_count < QUERIES - 1 && read_query(&queries[query_count++], &at);
	}
	free(text);
	return ok && query_count > 0;
}

static bool
begin(void)
{
	char *sql = file_read(sandbox_source("tests/integration/gauges.sql"), NULL);
	PGconn *owner;
	bool ok;

	if (!read_queries() || sql == NULL)
		return false;
	world = world_new(&(struct world_options){ .roles = CLUSTER_TWO_ROLES });
	if (world == NULL)
		return false;
	superuser = world_superuser(world);
	owner = world_owner(world);
	ok = sql_run(owner, sql);
	PQfinish(owner);
	free(sql);
	return ok && world_sign_in(world, "user"); /* a member, and nothing else */
}

static void
end(void)
{
	if (superuser != NULL)
		PQfinish(superuser);
	world_free(world);
}

/* --- what is shown ---------------------------------------------------------------------------- */

/* The answer has the ids of the SQL, in its order. */
static void
check_ids(const struct query *query, const struct answer *a)
{
	size_t count, wanted_count;
	const char **wanted = sql_column(superuser, query->sql, &wanted_count);
	const char **ids = document_column(a->json, "data", "id", &count);

	if (!CHECK_INT(count, wanted_count, "%s: %.300s", query->path, a->body))
		return;
	for (size_t i = 0; i < count; i++)
		if (!CHECK_TEXT(ids[i], wanted[i], "%s: row %zu", query->path, i))
			return;
}

static const char *
normal(const char *json)
{
	struct json_object *parsed = json_tokener_parse(json);
	const char *text =
	    keep_printf("%s", json_object_to_json_string_ext(parsed, JSON_C_TO_STRING_PLAIN));

	json_object_put(parsed);
	return text;
}

static void
check_json(const struct query *query, const struct answer *a)
{
	const char *at = strcmp(query->rest, ".") == 0 ? "" : query->rest;
	const char *wanted = sql_value(superuser, query->sql);

	if (CHECK(wanted != NULL && strlen(wanted) > 2, "%s: something to compare", query->path))
		CHECK_TEXT(document_text(a->json, at), normal(wanted), "%s", query->path);
}

static void
check_query(const struct query *query)
{
	const char *path = query->path, *post = strstr(path, "POST_10");
	const struct answer *a;

	if (post != NULL)
		path = keep_printf("%.*s%s%s", (int)(post - path), path,
		    sql_value(superuser, in_full("SELECT POST_10")), post + strlen("POST_10"));
	a = client_getf(world->client, WORLD_ACME, "/api/%s", path);
	if (!CHECK_INT(a->status, 200, "%s: %.600s", path, a->body))
		return;
	if (strcmp(query->kind, "AT") == 0)
		check_json(query, a);
	else
		check_ids(query, a);
}

/* A section of the file; most of its requests find something. */
static void
check_section(const char *section)
{
	size_t tried = 0, found = 0;

	for (size_t i = 0; i < query_count; i++) {
		if (strcmp(queries[i].section, section) != 0)
			continue;
		check_query(&queries[i]);
		tried++;
		found +=
		    strcmp(sql_value(superuser, keep_printf("SELECT EXISTS (%s)", queries[i].sql)),
			"t") == 0;
	}
	CHECK(tried > 0 && found * 4 >= tried * 3, "%s: %zu of %zu find something", section, found,
	    tried);
}

static void
every_operator(void)
{
	check_section("every operator");
}

static void
arrays_and_json(void)
{
	check_section("arrays and json");
}

static void
groups(void)
{
	check_section("groups");
}

static void
through_relations(void)
{
	check_section("through relations");
}

/* meta.search and meta.filter (P19), and links that keep them (P21). */
static void
what_was_asked_is_told(void)
{
	const struct answer *a = world_get(world, WORLD_ACME,
	    "/api/gauges?limit=1&search=a&filter.rank=$gte:1&filter.rank=$ne:2"
	    "&or.x.filter.ok=true");

	CHECK_TEXT(document_text(a->json, "meta.search"), "a", "%.300s", a->body);
	CHECK_TEXT(document_text(a->json, "meta.filter"),
	    "{\"rank\":\"$gte:1,$ne:2\",\"or.x.filter.ok\":\"true\"}", "%.300s", a->body);
	CHECK(strstr(document_text(a->json, "links.next"),
		  "&search=a&filter.rank=%24gte%3A1&filter.rank=%24ne%3A2&or.x.filter.ok=true") !=
		NULL,
	    "%s", document_text(a->json, "links.next"));
	a = world_get(world, WORLD_ACME, "/api/gauges?limit=1&search=");
	CHECK(!document_has(a->json, "meta.search") && !document_has(a->json, "meta.filter"),
	    "%.300s", a->body);
}

static void
distinct(void)
{
	check_section("distinct");
	CHECK_INT(document_int(world_get(world, WORLD_ACME, "/api/gauges?distinct=state")->json,
		      "meta.totalItems"),
	    4, "three states and none");
}

static void
aggregates(void)
{
	const struct answer *a =
	    world_get(world, WORLD_ACME, "/api/gauges/aggregate?groupBy=state,rank&count&limit=7");

	check_section("aggregates");
	CHECK_TEXT(document_text(a->json, "meta.totalItems"),
	    sql_value(
		superuser, "SELECT count(*) FROM (SELECT DISTINCT state, rank FROM gauges) AS g"),
	    "%.300s", a->body);
	CHECK_TEXT(document_text(a->json, "meta.sortBy"),
	    "[[\"state\",\"ASC\"],[\"rank\",\"ASC\"]]", "%.300s", a->body);
	CHECK(strstr(document_text(a->json, "links.next"), "groupBy=state%2Crank") != NULL, "%s",
	    document_text(a->json, "links.next"));
}

static void
includes(void)
{
	check_section("includes");
	/* The controls: what is left out is there to be left out. */
	CHECK_TEXT(sql_value(superuser,
		       in_full("SELECT count(*) > 0 FROM comments c JOIN posts p USING (tenant_id)"
			       " WHERE LIVE(p) AND c.post_id = p.id AND c.deleted_at IS NOT NULL")),
	    "t", "live posts with deleted comments");
	CHECK_TEXT(sql_value(superuser,
		       in_full("SELECT count(*) > 1 FROM comments c WHERE c.post_id = POST_10"
			       " AND tenant_id <> '" WORLD_ACME "'")),
	    "t", "comments of the other tenant's post with this id");
	CHECK_TEXT(sql_value(superuser,
		       in_full("SELECT count(DISTINCT user_id) > 2 FROM orders o WHERE LIVE(o)")),
	    "t", "orders of others");
}

/* A row with fields chosen has no version to compare: its tag is a hash. */
static void
entity_tags(void)
{
	const char *post = sql_value(superuser, in_full("SELECT POST_10"));
	const struct answer *bare = client_getf(world->client, WORLD_ACME, "/api/posts/%s", post);
	const struct answer *chosen =
	    client_getf(world->client, WORLD_ACME, "/api/posts/%s?select=id,title", post);

	CHECK(answer_header(bare, "ETag") != NULL && answer_header(bare, "ETag")[1] == 'v', "%s",
	    answer_header(bare, "ETag"));
	CHECK(answer_header(chosen, "ETag") != NULL && answer_header(chosen, "ETag")[1] != 'v',
	    "%s", answer_header(chosen, "ETag"));
}

/* As user@, who may restore own posts and no others, and then as admin@. */
static void
deleted_rows(void)
{
	static const char all[] =
	    "SELECT count(*) FROM posts p WHERE p.tenant_id = '" WORLD_ACME
	    "' AND (deleted_at IS NULL AND %s OR deleted_at IS NOT NULL AND %s)";
	static const char own[] =
	    "author_id = (SELECT id FROM users u WHERE LIVE(u) AND email = 'user@acme.test')";
	static const struct {
		const char *who, *path, *live, *deleted;
	} rows[] = {
		{ "user", "/api/posts?limit=1", "true", "false" },
		{ "user", "/api/posts?limit=1&withDeleted", "true", own },
		{ "user", "/api/posts?limit=1&onlyDeleted", "false", own },
		{ "admin", "/api/posts?limit=1&withDeleted=true", "true", "true" },
		{ "admin", "/api/posts?limit=1&onlyDeleted", "false", "true" },
		{ "admin", "/api/posts?limit=1&onlyDeleted=false", "true", "false" },
	};
	const char *id = sql_value(superuser,
	    "SELECT id FROM posts WHERE deleted_at IS NOT NULL AND tenant_id = '" WORLD_ACME
	    "' ORDER BY id LIMIT 1");
	const struct answer *a;

	sql_run(superuser,
	    keep_printf("UPDATE posts SET %s WHERE id = '%s' AND tenant_id = '" WORLD_ACME "'",
		in_full(own), id));
	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		CHECK(world_sign_in(world, rows[i].who), "%s", rows[i].who);
		a = world_get(world, WORLD_ACME, rows[i].path);
		CHECK_TEXT(document_text(a->json, "meta.totalItems"),
		    sql_value(superuser,
			keep_printf(all, in_full(rows[i].live), in_full(rows[i].deleted))),
		    "%s as %s: %.300s", rows[i].path, rows[i].who, a->body);
	}
	a = client_getf(world->client, WORLD_ACME, "/api/posts/%s", id);
	CHECK_INT(a->status, 404, "a deleted row: %s", a->body);
	a = client_getf(world->client, WORLD_ACME, "/api/posts/%s?withDeleted", id);
	CHECK_INT(a->status, 200, "a deleted row, asked for: %s", a->body);
	CHECK(strlen(document_text(a->json, "deletedAt")) == strlen("2026-01-01T00:00:00.000Z"),
	    "%s", a->body);
	CHECK(world_sign_in(world, "user"), "user");
	a = world_get(world, WORLD_ACME, "/api/categories?withDeleted");
	CHECK_INT(a->status, 403, "a category is restored by ADMIN alone: %s", a->body);
}

/* Nothing can be learnt of rows that one may not read, nor of columns that are hidden. */
static void
refusals(void)
{
	static const struct {
		const char *path;
		int status;
		const char *pointer;
	} rows[] = {
		{ "users?filter.passwordHash=$null", 400, "/query/filter.passwordHash" },
		{ "users?select=passwordHash", 400, "/query/select" },
		{ "users?sortBy=passwordHash", 400, "/query/sortBy/0" },
		{ "posts?sortBy=author.passwordHash", 400, "/query/sortBy/0" },
		{ "posts?sortBy=author.name&after=", 400, "/query/after" },
		{ "posts?filter.author.passwordHash=x", 400, "/query/filter.author.passwordHash" },
		{ "posts?filter.author.tenantId=x", 400, "/query/filter.author.tenantId" },
		{ "posts?include=author(limit:1)", 400, "/query/include" },
		{ "posts?filter.title=$gt:a", 400, "/query/filter.title" },
		{ "posts?include=comments(limit:101)", 400, "/query/include" },
		{ "posts?include=author.posts.author.posts.author", 400, "/query/include" },
		{ "countries?search=x&filter.name=x", 400, "/query/filter.name" },
		{ "gauges?filter.rank=99999999999", 400, "/query/filter.rank" },
	};

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const struct answer *a =
		    client_getf(world->client, WORLD_ACME, "/api/%s", rows[i].path);

		CHECK_INT(a->status, rows[i].status, "%s: %.300s", rows[i].path, a->body);
		CHECK_TEXT(document_text(a->json, "errors.0.pointer"), rows[i].pointer, "%s",
		    rows[i].path);
		CHECK_INT(document_count(a->json, "errors"), 1, "%s", rows[i].path);
	}
}

static const struct suite_test tests[] = {
	{ "every operator", every_operator },
	{ "arrays and json", arrays_and_json },
	{ "groups", groups },
	{ "through relations", through_relations },
	{ "includes", includes },
	{ "what was asked is told", what_was_asked_is_told },
	{ "distinct", distinct },
	{ "aggregates", aggregates },
	{ "deleted rows", deleted_rows },
	{ "entity tags", entity_tags },
	{ "refusals", refusals },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "queries", begin, end, tests, SUITE_COUNT(tests) });
}
