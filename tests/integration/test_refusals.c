/* SPDX-License-Identifier: BSD-2-Clause */
/* test_refusals.c - requests that are refused, and how that is said */
#include <stdio.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/refusal.h"
#include "support/suite.h"
#include "support/world.h"

static struct world *world;

static bool
begin(void)
{
	world = world_new(&(struct world_options){ .roles = CLUSTER_TWO_ROLES });
	return world != NULL && world_sign_in(world, "user");
}

static void
end(void)
{
	world_free(world);
}

static void
bad_parameters_are_refused(void)
{
	static const struct {
		const char *path, *pointer;
	} rows[] = {
		{ "/api/posts?limit=abc", "/query/limit" },
		{ "/api/posts?limit=0", "/query/limit" },
		{ "/api/posts?limit=-1", "/query/limit" },
		{ "/api/posts?limit=101", "/query/limit" },
		{ "/api/posts?limit=", "/query/limit" },
		{ "/api/posts?limit=1.5", "/query/limit" },
		{ "/api/posts?limit=%201", "/query/limit" },
		{ "/api/posts?limit=0x10", "/query/limit" },
		{ "/api/posts?limit=99999999999999999999", "/query/limit" },
		{ "/api/posts?limit=5&limit=6", "/query/limit" },
		{ "/api/posts?page=0", "/query/page" },
		{ "/api/posts?page=-3", "/query/page" },
		{ "/api/posts?page=one", "/query/page" },
		{ "/api/posts?page=99999999999999999999", "/query/page" },
		{ "/api/posts?page=1&page=2", "/query/page" },
		{ "/api/posts?sortBy=colour", "/query/sortBy/0" },
		{ "/api/posts?sortBy=title:UP", "/query/sortBy/0" },
		{ "/api/posts?sortBy=title&sortBy=content:ASC", "/query/sortBy/1" },
		{ "/api/posts?sortBy=title&sortBy=title:DESC", "/query/sortBy/1" },
		{ "/api/posts?sortBy=created_at:DESC", "/query/sortBy/0" },
		{ "/api/posts?sortBy=", "/query/sortBy/0" },
		{ "/api/posts?sortBy=title;DROP%20TABLE%20posts", "/query/sortBy/0" },
		{ "/api/posts?colour=blue", "/query/colour" },
		{ "/api/posts?Limit=5", "/query/Limit" },
		{ "/api/posts/not-a-uuid", "/path/id" },
		{ "/api/products/abc", "/path/id" },
		{ "/api/products/99999999999999999999", "/path/id" },
	};

	for (size_t r = 0; r < SUITE_COUNT(rows); r++) {
		const struct answer *a = world_get(world, WORLD_ACME, rows[r].path);

		check_problem(a, 400, "invalid", rows[r].path);
		CHECK_TEXT(document_text(a->json, "errors.0.pointer"), rows[r].pointer, "%s: %s",
		    rows[r].path, a->body);
		CHECK(document_has(a->json, "errors.0.code") &&
			document_has(a->json, "errors.0.detail"),
		    "%s: %s", rows[r].path, a->body);
	}
}

static void
all_faults_are_told_at_once(void)
{
	const struct answer *a =
	    world_get(world, WORLD_ACME, "/api/posts?limit=abc&page=0&colour=blue&sortBy=nothing");

	check_problem(a, 400, "invalid", "four faults");
	CHECK_INT(document_count(a->json, "errors"), 4, "%s", a->body);
	CHECK(strstr(a->body, "createdAt") != NULL, "what can be sorted by is told: %s", a->body);
}

/* Malformed URIs, encodings and bytes: an answer of the 4xx kind, and the worker lives. */
static void
malformed_requests_are_refused(void)
{
	static const char *const paths[] = { "/api/posts?sortBy=%00", "/api/posts?sortBy=%ff",
		"/api/posts?limit=%zz", "/api/posts?%", "/api/posts/%00", "/api/posts/%ff%fe",
		"/api/posts/a%2Fb",
		"/api/posts?limit=5&&&=", "/api/posts/00000000-0000-7000-8000-000000000000/x",
		"/api//posts", "/api/../posts", "/api/POSTS", "/api/post_categories", "/api/",
		"/api", "/api/aggregate", "/api/posts%00" };

	for (size_t i = 0; i < SUITE_COUNT(paths); i++) {
		const struct answer *a = world_get(world, WORLD_ACME, paths[i]);

		CHECK_INT(a->error, CURLE_OK, "%s", paths[i]);
		CHECK(a->status >= 400 && a->status < 500, "%s: %d %.200s", paths[i], a->status,
		    a->body);
	}
	CHECK_INT(world_get(world, WORLD_ACME, "/api/posts?limit=1")->status, 200, "it goes on");
}

/* What nginx refuses before it hands anything over has the form of our own problems, without the
 * instance: nginx cannot quote a path for JSON, and may not even have one. */
static void
nginx_refusals_are_problems(void)
{
	static const struct {
		const char *method, *header;
		int status;
		const char *code;
	} rows[] = {
		{ "TRACE", "Accept: */*", 405, "method" },
		{ "GET", "Transfer-Encoding: gzip", 501, "not_spoken" },
		{ "GET", "Content-Length: -1", 400, "malformed" },
		{ "GET", "Content-Length: 99999999", 413, "too_large" },
	};

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const char *const headers[] = { rows[i].header, NULL };
		const struct answer *a =
		    client_request(world->client, rows[i].method, "/api/posts", headers, NULL);

		CHECK_INT(a->status, rows[i].status, "%s", rows[i].header);
		CHECK_INT(document_int(a->json, "status"), rows[i].status, "%s", a->body);
		CHECK_TEXT(document_text(a->json, "code"), rows[i].code, "%s", a->body);
		CHECK_TEXT(answer_header(a, "Content-Type"), "application/problem+json", "%s",
		    rows[i].header);
		CHECK_TEXT(document_text(a->json, "requestId"), answer_header(a, "X-Request-Id"),
		    "%s", rows[i].header);
		if (rows[i].status == 405)
			CHECK(answer_header(a, "Allow") != NULL, "a 405 names methods");
	}
}

static void
unregistered_tables_do_not_exist(void)
{
	static const char *const names[] = { "secrets", "tenants", "models", "migrations",
		"audit-log", "pg-class" };
	const struct answer *missing = world_get(world, WORLD_ACME, "/api/nothing");
	PGconn *superuser = world_superuser(world);
	const char *wanted =
	    without(without(missing->body, "nothing"), document_text(missing->json, "requestId"));

	sql_run(superuser,
	    "CREATE TABLE secrets (tenant_id uuid NOT NULL, id uuid PRIMARY KEY); "
	    "GRANT ALL ON secrets TO PUBLIC");
	check_problem(missing, 404, "no_model", "a missing table");
	for (size_t i = 0; i < SUITE_COUNT(names); i++) {
		const struct answer *a =
		    client_getf(world->client, WORLD_ACME, "/api/%s", names[i]);

		check_problem(a, 404, "no_model", names[i]);
		CHECK_TEXT(without(without(a->body, names[i]), document_text(a->json, "requestId")),
		    wanted, "%s", names[i]);
	}
	sql_run(superuser, "DROP TABLE secrets");
	PQfinish(superuser);
}

static void
every_answer_has_a_request_id(void)
{
	static const char *const paths[] = { "/api/posts?limit=1", "/api/posts?limit=x",
		"/api/nothing", "/api/posts/00000000-0000-7000-8000-000000000000" };
	const char *bearer = bearer_header(client_token(world->client, WORLD_ACME));
	const char *const headers[] = { bearer, "X-Request-Id: my-id.42_A", NULL };
	const char *const evil[] = { bearer, "X-Request-Id: a\"b<c>", NULL };
	const char *last = "";

	for (size_t i = 0; i < SUITE_COUNT(paths); i++) {
		const struct answer *a = world_get(world, WORLD_ACME, paths[i]);
		const char *id = answer_header(a, "X-Request-Id");

		CHECK_INT(answer_header_count(a, "X-Request-Id"), 1, "%s", paths[i]);
		CHECK(id != NULL && strlen(id) >= 16 && strcmp(id, last) != 0, "%s: %s", paths[i],
		    id != NULL ? id : "none");
		last = id != NULL ? id : "";
		a = client_request(world->client, "GET", paths[i], headers, NULL);
		CHECK_TEXT(answer_header(a, "X-Request-Id"), "my-id.42_A", "%s", paths[i]);
		a = client_request(world->client, "GET", paths[i], evil, NULL);
		id = answer_header(a, "X-Request-Id");
		CHECK(id != NULL && strpbrk(id, "\"<>") == NULL, "%s: %s", paths[i], id);
	}
}

static const struct suite_test tests[] = {
	{ "bad parameters are refused", bad_parameters_are_refused },
	{ "all faults are told at once", all_faults_are_told_at_once },
	{ "malformed requests are refused", malformed_requests_are_refused },
	{ "what nginx refuses is a problem, too", nginx_refusals_are_problems },
	{ "unregistered tables do not exist", unregistered_tables_do_not_exist },
	{ "every answer has a request id", every_answer_has_a_request_id },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "refusals", begin, end, tests, SUITE_COUNT(tests) });
}
