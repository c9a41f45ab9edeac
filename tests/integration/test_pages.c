/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pages.c - methods, validators and links of rows and pages, through nginx */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/sample.h"
#include "support/suite.h"
#include "support/world.h"

static struct world *world;
static PGconn *superuser;

static bool
begin(void)
{
	world = world_new(&(struct world_options){ .roles = CLUSTER_TWO_ROLES });
	if (world == NULL)
		return false;
	superuser = world_superuser(world);
	return world_sign_in(world, "user");
}

static void
end(void)
{
	if (superuser != NULL)
		PQfinish(superuser);
	world_free(world);
}

/* As user@acme.test, with one more header or NULL. */
static const struct answer *
ask(const char *method, const char *path, const char *header)
{
	const char *const headers[] = { bearer_header(client_token(world->client, WORLD_ACME)),
		header, NULL };

	return client_request(world->client, method, path, headers, NULL);
}

static const char *
some_post(void)
{
	return sql_value(superuser,
	    "SELECT id FROM posts WHERE deleted_at IS NULL AND tenant_id = '" WORLD_ACME
	    "' ORDER BY id LIMIT 1");
}

/* What differs between any two answers. */
static const char *const own_headers[] = { "Date", "X-Request-Id", NULL };

static void
head_is_get_without_a_body(void)
{
	const char *const paths[] = { "/api/posts?limit=3", "/api/posts?limit=x", "/api/nothing",
		keep_printf("/api/posts/%s", some_post()), "/.well-known/jwks.json",
		"/api/auth/login" };

	for (size_t i = 0; i < SUITE_COUNT(paths); i++) {
		const struct answer *get = ask("GET", paths[i], NULL);
		const struct answer *head = ask("HEAD", paths[i], NULL);

		CHECK_INT(head->error, CURLE_OK, "%s", paths[i]);
		CHECK_INT(head->status, get->status, "%s", paths[i]);
		CHECK_INT(head->body_len, 0, "%s", paths[i]);
		CHECK_TEXT(answer_header(get, "Content-Length"), keep_printf("%zu", get->body_len),
		    "%s: a length is told", paths[i]);
		if (get->status < 400)
			CHECK_TEXT(answer_headers_but(head, own_headers),
			    answer_headers_but(get, own_headers), "%s", paths[i]);
		else
			/* The problem names the request, whose id is another. */
			CHECK(answer_header(head, "Content-Length") != NULL, "%s", paths[i]);
	}
}

/* Whether a list of methods has one. */
static bool
allows(const char *list, const char *method)
{
	size_t len = strlen(method);

	for (const char *at = list; at != NULL && (at = strstr(at, method)) != NULL; at += len)
		if ((at == list || at[-1] == ' ') && (at[len] == ',' || at[len] == '\0'))
			return true;
	return false;
}

static void
options_names_the_methods(void)
{
	static const struct {
		const char *path, *allowed, *not ;
		int status;
	} rows[] = {
		{ "/api/posts", "GET HEAD POST QUERY OPTIONS", "RESTORE", 204 },
		{ "/api/posts/7", "GET HEAD PATCH OPTIONS", "QUERY", 204 },
		{ "/api/auth/login", "POST OPTIONS", "GET", 204 },
		{ "/api/auth/keys", "GET HEAD POST OPTIONS", "DELETE", 204 },
		{ "/.well-known/jwks.json", "GET HEAD OPTIONS", "POST", 204 },
		{ "/api/posts/7/what", NULL, NULL, 404 },
	};

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		/* Nobody in particular asks. */
		const struct answer *a =
		    client_request(world->client, "OPTIONS", rows[i].path, NULL, NULL);
		const char *allow = answer_header(a, "Allow"), *word = rows[i].allowed;

		CHECK_INT(a->status, rows[i].status, "%s: %s", rows[i].path, a->body);
		CHECK((allow == NULL) == (word == NULL), "%s: %s", rows[i].path, allow);
		if (word == NULL)
			continue;
		CHECK_INT(a->body_len, 0, "%s", rows[i].path);
		for (; *word != '\0'; word += strcspn(word, " "), word += *word == ' ')
			CHECK(allows(allow, keep_copy(word, strcspn(word, " "))), "%s: %s of %s",
			    rows[i].path, word, allow);
		CHECK(!allows(allow, rows[i].not ), "%s: %s", rows[i].path, allow);
		a = ask("MOVE", rows[i].path, NULL);
		CHECK_INT(a->status, 405, "%s", rows[i].path);
		CHECK_TEXT(answer_header(a, "Allow"), allow, "%s: 405", rows[i].path);
	}
}

/* 304 has the tag and what else guides a client, and nothing about a body (RFC 9110, 15.4.5). */
static void
check_not_modified(const struct answer *a, const char *etag, const char *what)
{
	CHECK_INT(a->error, CURLE_OK, "%s", what);
	CHECK_INT(a->status, 304, "%s: %.200s", what, a->body);
	CHECK_INT(a->body_len, 0, "%s", what);
	CHECK_TEXT(answer_header(a, "ETag"), etag, "%s", what);
	CHECK_TEXT(answer_header(a, "Cache-Control"), "no-store", "%s", what);
	CHECK(answer_header(a, "X-Request-Id") != NULL, "%s", what);
	CHECK(answer_header(a, "Content-Type") == NULL, "%s", what);
	CHECK(answer_header(a, "Content-Length") == NULL, "%s", what);
	CHECK(answer_header(a, "Link") == NULL, "%s", what);
}

static void
tag_of_a_row_is_its_version(void)
{
	const char *id = some_post(), *path = keep_printf("/api/posts/%s", id);
	const struct answer *a = ask("GET", path, NULL);
	const char *version = document_text(a->json, "version");
	const char *etag = keep_printf("\"v%s\"", version);

	CHECK_INT(a->status, 200, "%s", a->body);
	CHECK_TEXT(answer_header(a, "ETag"), etag, "%s", path);
	CHECK_TEXT(answer_header(a, "Cache-Control"), "no-store", "%s", path);
	check_not_modified(
	    ask("GET", path, keep_printf("If-None-Match: %s", etag)), etag, "the tag");
	check_not_modified(ask("HEAD", path, keep_printf("If-None-Match: %s", etag)), etag, "HEAD");
	check_not_modified(
	    ask("GET", path, keep_printf("If-None-Match: W/%s", etag)), etag, "weakened");
	check_not_modified(
	    ask("GET", path, keep_printf("If-None-Match: \"x\", %s", etag)), etag, "a list");
	check_not_modified(ask("GET", path, "If-None-Match: *"), etag, "any");
	CHECK_INT(ask("GET", path, "If-None-Match: \"v0\"")->status, 200, "another version");
	CHECK_INT(ask("GET", path, "If-None-Match: v1")->status, 200, "no tag at all");
	sql_run(
	    superuser, keep_printf("UPDATE posts SET version = version + 1 WHERE id = '%s'", id));
	a = ask("GET", path, keep_printf("If-None-Match: %s", etag));
	CHECK_INT(a->status, 200, "changed: %s", a->body);
	CHECK_TEXT(answer_header(a, "ETag"), keep_printf("\"v%ld\"", strtol(version, NULL, 10) + 1),
	    "changed");
	CHECK_TEXT(answer_header(ask("GET", "/api/posts/00000000-0000-7000-8000-000000000000",
				     "If-None-Match: *"),
		       "Content-Type"),
	    "application/problem+json", "what is not there is 404, not 304");
}

static void
tag_of_a_page_is_its_body(void)
{
	static const char path[] = "/api/posts?limit=5&sortBy=id";
	const struct answer *a = ask("GET", path, NULL), *b;
	const char *etag = answer_header(a, "ETag");
	const char *header = keep_printf("If-None-Match: %s", etag);

	CHECK(etag != NULL && strlen(etag) == 24 && etag[0] == '"', "%s", etag);
	check_not_modified(ask("GET", path, header), etag, path);
	/* Every worker of every process says the same. */
	for (int i = 0; i < 16; i++)
		CHECK_TEXT(answer_header(ask("HEAD", path, NULL), "ETag"), etag, "again");
	b = ask("GET", "/api/posts?limit=6&sortBy=id", header);
	CHECK_INT(b->status, 200, "another page");
	CHECK(strcmp(answer_header(b, "ETag"), etag) != 0, "another page: %s", etag);
	/* The very rows of the page, changed without a version: only the body tells. */
	sql_run(superuser,
	    keep_printf("UPDATE posts SET content = content || '.' WHERE id = '%s'",
		document_text(a->json, "data.4.id")));
	b = ask("GET", path, header);
	CHECK_INT(b->status, 200, "a row of it changed");
	CHECK(strcmp(answer_header(b, "ETag"), etag) != 0, "a row of it changed: %s", etag);
}

/* nginx compresses and then weakens the tag; the client sends back what it got. */
static void
compressed_tag_comes_back_weak(void)
{
	static const char path[] = "/api/posts?limit=20&sortBy=id";
	const struct answer *plain = ask("GET", path, NULL);
	const struct answer *zipped = ask("GET", path, "Accept-Encoding: gzip");
	const char *weak = answer_header(zipped, "ETag");

	CHECK_TEXT(answer_header(zipped, "Content-Encoding"), "gzip", "nginx compresses");
	CHECK_TEXT(weak, keep_printf("W/%s", answer_header(plain, "ETag")), "%s", path);
	check_not_modified(ask("GET", path, keep_printf("If-None-Match: %s", weak)),
	    answer_header(plain, "ETag"), path);
}

static void
link_header_says_what_links_say(void)
{
	const struct answer *a = ask("GET", "/api/posts?limit=4&page=2&sortBy=title:DESC", NULL);
	const char *header;

	CHECK_TEXT(answer_header(a, "Link"),
	    keep_printf("<%s>; rel=\"first\", <%s>; rel=\"prev\", <%s>; rel=\"next\", <%s>; "
			"rel=\"last\"",
		document_text(a->json, "links.first"), document_text(a->json, "links.previous"),
		document_text(a->json, "links.next"), document_text(a->json, "links.last")),
	    "%s", document_text(a->json, "links"));
	a = ask("GET", "/api/profiles?limit=100", NULL);
	CHECK_TEXT(answer_header(a, "Link"),
	    keep_printf("<%s>; rel=\"first\", <%s>; rel=\"last\"",
		document_text(a->json, "links.first"), document_text(a->json, "links.last")),
	    "one page has no neighbours");
	/* Bytes of a path that no header takes (curl encodes some itself): the slug in front is not
	 * looked at here. */
	a = ask("GET", "/t/\xc3\xa9\">/api/posts?limit=2", NULL);
	header = answer_header(a, "Link");
	CHECK_INT(a->status, 200, "%s", a->body);
	CHECK(header != NULL && strncmp(header, "</t/%c3%a9%22%3E/api/posts?page=1", 33) == 0, "%s",
	    header);
}

/* --- count= ----------------------------------------------------------------------------------- */

/* 25,000 rows of one tenant, 300 of the other. */
static bool
make_heaps(void)
{
	static bool made;
	PGconn *owner = world_owner(world);

	made = made ||
	    (sql_run(owner,
		 "CREATE TABLE heaps (tenant_id uuid NOT NULL,"
		 " id uuid NOT NULL DEFAULT rowhouse.uuid_v7(), size int NOT NULL,"
		 " PRIMARY KEY (tenant_id, id));"
		 "SELECT rowhouse.model('heaps', sortable => '{id,size}',"
		 " filterable => '{\"size\": [\"$lt\"]}', default_sort => '{size:ASC}')") &&
		sql_run(superuser,
		    "INSERT INTO heaps (tenant_id, size) SELECT '" WORLD_ACME
		    "', i FROM generate_series(1, 25000) AS i;"
		    "INSERT INTO heaps (tenant_id, size) SELECT '" WORLD_GLOBEX
		    "', i FROM generate_series(1, 300) AS i; ANALYZE heaps"));
	PQfinish(owner);
	return CHECK(made, "heaps");
}

static void
pages_need_not_be_counted(void)
{
	static const char *const paths[] = { "/api/heaps?limit=7&page=3", "/api/heaps?limit=100" };
	const struct answer *exact, *none, *last;

	if (!make_heaps())
		return;
	for (size_t i = 0; i < SUITE_COUNT(paths); i++) {
		exact = world_get(world, WORLD_GLOBEX, paths[i]);
		none = client_getf(world->client, WORLD_GLOBEX, "%s&count=none", paths[i]);
		CHECK_INT(none->status, 200, "%s", none->body);
		CHECK_TEXT(document_text(none->json, "data"), document_text(exact->json, "data"),
		    "%s", paths[i]);
		CHECK(!document_has(none->json, "meta.totalItems") &&
			!document_has(none->json, "meta.totalPages") &&
			!document_has(none->json, "meta.totalIsEstimate"),
		    "%s", document_text(none->json, "meta"));
		CHECK_TEXT(document_text(none->json, "meta.hasNextPage"), "true", "%s", paths[i]);
		CHECK_TEXT(document_text(none->json, "meta.hasPreviousPage"),
		    i == 0 ? "true" : "false", "%s", paths[i]);
		CHECK_TEXT(document_text(none->json, "links.last"), "null", "nobody knows");
		CHECK(strstr(document_text(none->json, "links.next"), "count=none") != NULL, "%s",
		    document_text(none->json, "links.next"));
	}
	last = world_get(world, WORLD_GLOBEX, "/api/heaps?limit=100&page=3&count=none");
	CHECK_INT(document_count(last->json, "data"), 100, "%s", last->body);
	CHECK_TEXT(document_text(last->json, "meta.hasNextPage"), "false", "the last is known");
	CHECK_TEXT(document_text(last->json, "links.next"), "null", "the last is known");
}

static void
estimates_are_near_and_say_so(void)
{
	const struct answer *a;
	int64_t total;

	if (!make_heaps())
		return;
	a = world_get(world, WORLD_ACME, "/api/heaps?limit=10&count=estimated");
	total = document_int(a->json, "meta.totalItems");
	CHECK_TEXT(document_text(a->json, "meta.totalIsEstimate"), "true", "%s", a->body);
	CHECK(total > 20000 && total < 30000, "%ld for 25,000", (long)total);
	CHECK_INT(document_int(a->json, "meta.totalPages"), (total + 9) / 10, "pages");
	CHECK_TEXT(document_text(a->json, "links.last"), "null", "an estimate has no last page");
	/* Small lists are counted. */
	a = world_get(world, WORLD_GLOBEX, "/api/heaps?limit=10&count=estimated");
	CHECK_TEXT(document_text(a->json, "meta.totalIsEstimate"), "false", "%s", a->body);
	CHECK_INT(document_int(a->json, "meta.totalItems"), 300, "%s", a->body);
	CHECK(strstr(document_text(a->json, "links.last"), "page=30&") != NULL, "%s", a->body);
	/* The planner is given the values: of a filter that few rows pass it knows so. */
	a = world_get(
	    world, WORLD_ACME, "/api/heaps?limit=10&count=estimated&filter.size=$lt:15000");
	total = document_int(a->json, "meta.totalItems");
	CHECK(total > 12000 && total < 18000, "%ld for 14,999", (long)total);
	/* With a cursor nothing is counted unless it is asked for. */
	a = world_get(world, WORLD_ACME, "/api/heaps?limit=10&after=");
	CHECK(!document_has(a->json, "meta.totalItems"), "%s", document_text(a->json, "meta"));
	a = world_get(world, WORLD_ACME, "/api/heaps?limit=10&after=&count=exact");
	CHECK_INT(document_int(a->json, "meta.totalItems"), 25000, "%s", a->body);
	CHECK(!document_has(a->json, "meta.totalIsEstimate"), "%s", document_text(a->json, "meta"));
	a = world_get(world, WORLD_GLOBEX, "/api/heaps?limit=10&before=&count=estimated");
	CHECK_INT(document_int(a->json, "meta.totalItems"), 300, "%s", a->body);
}

static void
prefer_says_how_to_count(void)
{
	static const struct {
		const char *query, *prefer, *applied;
		bool counted;
	} rows[] = {
		{ "?limit=1", "Prefer: count=none", "count=none", false },
		{ "?limit=1", "Prefer: Count=\"none\"; x=y, return=minimal", "count=none", false },
		{ "?limit=1", "Prefer: wait=3, count=exact", "count=exact", true },
		{ "?limit=1&count=exact", "Prefer: count=none", NULL, true },
		{ "?limit=1", "Prefer: counting=none", NULL, true },
		{ "?limit=1&after=", "Prefer: count=exact", "count=exact", true },
	};
	const struct answer *a;

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		a = ask("GET", keep_printf("/api/posts%s", rows[i].query), rows[i].prefer);
		CHECK_INT(a->status, 200, "%s: %s", rows[i].prefer, a->body);
		CHECK_TEXT(answer_header(a, "Preference-Applied"), rows[i].applied, "%s %s",
		    rows[i].query, rows[i].prefer);
		CHECK_INT(document_has(a->json, "meta.totalItems"), rows[i].counted, "%s %s",
		    rows[i].query, rows[i].prefer);
	}
	a = ask("GET", "/api/posts", "Prefer: count=all");
	CHECK_INT(a->status, 400, "%s", a->body);
	CHECK_TEXT(document_text(a->json, "errors.0.pointer"), "/header/Prefer", "%s", a->body);
}

/* --- QUERY ------------------------------------------------------------------------------------ */

static const struct answer *
query(const char *path, const char *body)
{
	return client_send(
	    world->client, "QUERY", path, client_token(world->client, WORLD_ACME), body);
}

static void
query_asks_in_a_body(void)
{
	static const struct {
		const char *body, *url;
	} rows[] = {
		{ "{}", "/api/posts" },
		{ "{\"limit\": 3, \"page\": \"2\", \"sortBy\": [\"title:DESC\", \"id\"]}",
		    "/api/posts?limit=3&page=2&sortBy=title:DESC&sortBy=id" },
		{ "{\"filter.published\": true, \"include\": \"author\", \"count\": \"none\"}",
		    "/api/posts?filter.published=true&include=author&count=none" },
	};
	static const struct {
		const char *body, *pointer, *code;
	} faults[] = {
		{ "{\"limit\": 1.5}", "#/limit", "type" },
		{ "{\"limit\": null}", "#/limit", "type" },
		{ "{\"sortBy\": [\"id\", {}]}", "#/sortBy/1", "type" },
		{ "{\"page\": [1, 2]}", "#/page", "duplicate" },
		{ "{\"what\": 1}", "#/what", "unknown" },
		{ "[]", "#", "type" },
	};
	const struct answer *a, *b;
	const char *ids;

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		a = query("/api/posts", rows[i].body);
		b = world_get(world, WORLD_ACME, rows[i].url);
		CHECK_INT(a->status, 200, "%s: %.300s", rows[i].body, a->body);
		CHECK_TEXT(document_text(a->json, "data"), document_text(b->json, "data"), "%s",
		    rows[i].body);
		CHECK_TEXT(document_text(a->json, "meta"), document_text(b->json, "meta"), "%s",
		    rows[i].body);
		CHECK_TEXT(document_text(a->json, "links.next"), "null", "a body has no address");
		CHECK_TEXT(answer_header(a, "Link"), NULL, "a body has no address");
	}
	for (size_t i = 0; i < SUITE_COUNT(faults); i++) {
		a = query("/api/posts", faults[i].body);
		CHECK_INT(a->status, 400, "%s: %.300s", faults[i].body, a->body);
		CHECK_TEXT(document_text(a->json, "errors.0.pointer"), faults[i].pointer, "%s",
		    faults[i].body);
		CHECK_TEXT(
		    document_text(a->json, "errors.0.code"), faults[i].code, "%s", faults[i].body);
	}
	CHECK_INT(query("/api/posts?limit=1", "{}")->status, 400, "two places");
	CHECK_INT(query("/api/posts", "{")->status, 400, "no JSON");
	/* What no URL has room for. */
	ids = sql_value(superuser,
	    "SELECT string_agg(id::text, ',') FROM posts WHERE deleted_at IS NULL AND tenant_id = "
	    "'" WORLD_ACME "'");
	CHECK(strlen(ids) > 8192, "%zu bytes of ids", strlen(ids));
	a = query("/api/posts", keep_printf("{\"filter.id\": \"$in:%s\", \"limit\": 5}", ids));
	CHECK_INT(a->status, 200, "%.300s", a->body);
	CHECK_TEXT(document_text(a->json, "meta.totalItems"),
	    sql_value(superuser,
		"SELECT count(*) FROM posts WHERE deleted_at IS NULL AND tenant_id = '" WORLD_ACME
		"'"),
	    "all of them");
	CHECK_TEXT(answer_header(a, "Accept-Query"), "application/json", "Accept-Query");
	a = client_request(world->client, "OPTIONS", "/api/posts", NULL, NULL);
	CHECK_TEXT(answer_header(a, "Accept-Query"), "application/json", "Accept-Query");
}

/* --- rowhouse explain ------------------------------------------------------------------------- */

static void
explain_shows_statements_and_plans(void)
{
	static const struct {
		const char *request, *as, *said;
	} refused[] = {
		{ "GET /api/heaps?limit=x", NULL, "query/limit" },
		{ "GET /api/orders", NULL, "does not permit" },
		{ "GET /api/nothing", NULL, "no model" },
		{ "GET /other", NULL, "/api" },
		{ "POST /api/heaps", NULL, "is a read" },
		{ "GET /api/heaps", "nobody@acme.test", "nobody@acme.test" },
	};
	static const char walk[] = "GET /api/heaps?limit=5&after=";
	const struct outcome *o;
	struct json_object *json;
	const char *id;

	if (!make_heaps())
		return;
	o = program_run(world->program, "explain", walk, "--tenant", "acme", NULL);
	CHECK_INT(o->exit_code, 0, "%s", o->output);
	CHECK(strstr(o->output, " FROM \"public\".\"heaps\" AS t0 ") != NULL, "%s", o->output);
	CHECK(strstr(o->output, "\n$1 = " WORLD_ACME "\n$2 = 6\n") != NULL, "%s", o->output);
	CHECK(strstr(o->output, "Index Cond: (tenant_id = $1)") != NULL, "the generic plan: %s",
	    o->output);
	CHECK(strstr(o->output, "actual time") == NULL, "not run: %s", o->output);
	o = program_run(world->program, "explain", walk, "--tenant", "acme", "--analyze", NULL);
	CHECK(strstr(o->output, "actual time") != NULL, "%s", o->output);
	CHECK(
	    strstr(o->output, "Index Cond: (tenant_id = $1)") != NULL, "run by it: %s", o->output);
	CHECK(strstr(o->output, "rows=6 loops=1") != NULL, "with the values: %s", o->output);
	/* Types with a name of their own, a list, text that would be SQL. */
	o = program_run(world->program, "explain",
	    "GET /api/users?filter.role=$in:ADMIN,USER&filter.name=$ilike:');--", "--tenant",
	    "acme", "--analyze", NULL);
	CHECK_INT(o->exit_code, 0, "%s", o->output);
	CHECK(strstr(o->output, " = %');--%\n") != NULL, "%s", o->output);
	/* As somebody: the own orders. */
	id = sql_value(superuser,
	    "SELECT id FROM users WHERE email = 'user@acme.test' AND tenant_id = '" WORLD_ACME "'");
	o = program_run(world->program, "explain", "GET /api/orders?count=estimated", "--tenant",
	    WORLD_ACME, "--as", "user@acme.test", "--json", NULL);
	CHECK_INT(o->exit_code, 0, "%s", o->output);
	json = json_tokener_parse(o->output);
	CHECK_INT(document_count(json, ""), 3, "rows, count, estimate: %s", o->output);
	CHECK(strstr(document_text(json, "0.parameters"), id) != NULL, "%s", o->output);
	CHECK(
	    strstr(document_text(json, "0.statement"), "\"user_id\" = $") != NULL, "%s", o->output);
	CHECK(document_count(json, "0.plan") > 1, "%s", o->output);
	json_object_put(json);
	for (size_t i = 0; i < SUITE_COUNT(refused); i++) {
		o = program_run(world->program, "explain", refused[i].request, "--tenant", "acme",
		    refused[i].as != NULL ? "--as" : NULL, refused[i].as, NULL);
		CHECK_INT(o->exit_code, 1, "%s: %s", refused[i].request, o->output);
		CHECK(strstr(o->output, refused[i].said) != NULL, "%s: %s", refused[i].request,
		    o->output);
	}
}

static const struct suite_test tests[] = {
	{ "HEAD is GET without a body", head_is_get_without_a_body },
	{ "OPTIONS names the methods", options_names_the_methods },
	{ "the tag of a row is its version", tag_of_a_row_is_its_version },
	{ "the tag of a page is its body", tag_of_a_page_is_its_body },
	{ "a compressed tag comes back weak", compressed_tag_comes_back_weak },
	{ "the Link header says what links say", link_header_says_what_links_say },
	{ "pages need not be counted", pages_need_not_be_counted },
	{ "estimates are near and say so", estimates_are_near_and_say_so },
	{ "Prefer says how to count", prefer_says_how_to_count },
	{ "QUERY asks in a body", query_asks_in_a_body },
	{ "explain shows statements and plans", explain_shows_statements_and_plans },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "pages", begin, end, tests, SUITE_COUNT(tests) });
}
