/* SPDX-License-Identifier: BSD-2-Clause */
/* test_router.c - which row of a table answers */
#include "serve/router.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/settings.h"
#include "serve/request.h"
#include "unit.h"

static bool
handler(struct request *request, struct response *response, struct problem *p)
{
	(void)request;
	(void)response;
	(void)p;
	return true;
}

static const struct route routes[] = {
	{ HTTP_GET, "/health/live", handler, 0, NULL, .summary = "fixed" },
	{ HTTP_POST, "/batch", handler, 0, NULL, .summary = "fixed" },
	{ HTTP_GET, "/{model}", handler, NEED_TENANT, NULL, .summary = "list" },
	{ HTTP_POST, "/{model}", handler, NEED_TENANT, NULL, .summary = "create" },
	{ HTTP_GET, "/{model}/{id}", handler, NEED_TENANT, NULL, .summary = "row" },
	{ HTTP_POST, "/{model}/{id}/restore", handler, NEED_TENANT, NULL, .summary = "restore" },
	{ HTTP_GET, "/.well-known/keys", handler, NEED_OUTSIDE, NULL, .summary = "outside" },
};
static const struct route_table table = { .routes = routes,
	.count = sizeof(routes) / sizeof(routes[0]) };

static const struct {
	enum http_method method;
	const char *target;
	const char *summary;        /* NULL: refused */
	const char *first, *second; /* variables */
	const char *allow;          /* with 405, and of OPTIONS */
	bool outside;               /* the path is not below base_path */
} rows[] = {
	{ HTTP_GET, "/posts", "list", "posts", NULL, NULL, false },
	{ HTTP_GET, "/posts/7", "row", "posts", "7", NULL, false },
	{ HTTP_GET, "/posts/a%2Fb", "row", "posts", "a/b", NULL, false },
	{ HTTP_GET, "/health/live", "fixed", NULL, NULL, NULL, false },
	{ HTTP_GET, "/health/other", "row", "health", "other", NULL, false },
	{ HTTP_POST, "/batch", "fixed", NULL, NULL, NULL, false },
	{ HTTP_POST, "/posts/7/restore", "restore", "posts", "7", NULL, false },
	{ HTTP_GET, "/posts/7/restore", NULL, NULL, NULL, "POST, OPTIONS", false },
	{ HTTP_DELETE, "/posts", NULL, NULL, NULL, "GET, HEAD, POST, OPTIONS", false },
	{ HTTP_METHOD__MAX, "/posts/7", NULL, NULL, NULL, "GET, HEAD, OPTIONS", false },
	{ HTTP_HEAD, "/posts/7", "row", "posts", "7", NULL, false },
	{ HTTP_HEAD, "/batch", NULL, NULL, NULL, "POST, OPTIONS", false },
	{ HTTP_OPTIONS, "/posts", "what a path takes", NULL, NULL, "GET, HEAD, POST, OPTIONS",
	    false },
	{ HTTP_OPTIONS, "/batch", "what a path takes", NULL, NULL, "POST, OPTIONS", false },
	{ HTTP_OPTIONS, "/posts/7/history", NULL, NULL, NULL, NULL, false },
	{ HTTP_GET, "/", NULL, NULL, NULL, NULL, false },
	{ HTTP_GET, "/posts/", NULL, NULL, NULL, NULL, false },
	{ HTTP_GET, "//posts", NULL, NULL, NULL, NULL, false },
	{ HTTP_GET, "/posts//", NULL, NULL, NULL, NULL, false },
	{ HTTP_GET, "/posts/7/history", NULL, NULL, NULL, NULL, false },
	{ HTTP_GET, "/posts%2F7", "list", "posts/7", NULL, NULL, false },
	{ HTTP_GET, "/.well-known/keys", "outside", NULL, NULL, NULL, true },
	{ HTTP_POST, "/.well-known/keys", NULL, NULL, NULL, "GET, HEAD, OPTIONS", true },
	{ HTTP_GET, "/.well-known/keys", "row", ".well-known", "keys", NULL, false },
	{ HTTP_GET, "/posts", NULL, NULL, NULL, NULL, true },
};

static bool
same(const char *a, const char *b)
{
	return (a == NULL || b == NULL) ? a == b : strcmp(a, b) == 0;
}

static void
rows_are_found(void)
{
	struct arena *a = arena_new(1 << 20);
	struct settings settings;

	settings_init(&settings, a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct request r = { .arena = a,
			.settings = &settings,
			.method = rows[i].method,
			.outside_base = rows[i].outside };
		struct problem p;
		bool ok;

		problem_init(&p, a);
		CU_ASSERT_FATAL(uri_parse(&r.uri, rows[i].target, a, &p));
		r.segments = r.uri.segments;
		r.segment_count = r.uri.segment_count;
		ok = router_find(&table, &r, &p);
		ASSERT_ROW(rows[i].target, ok == (rows[i].summary != NULL));
		if (ok) {
			ASSERT_ROW(rows[i].target, same(r.route->summary, rows[i].summary));
			if (rows[i].first != NULL)
				ASSERT_ROW(rows[i].target, same(r.variables[0], rows[i].first));
			if (rows[i].second != NULL)
				ASSERT_ROW(rows[i].target, same(r.variables[1], rows[i].second));
			if (rows[i].method == HTTP_OPTIONS)
				ASSERT_ROW(rows[i].target, same(r.allow, rows[i].allow));
			continue;
		}
		ASSERT_ROW(rows[i].target, same(p.allow, rows[i].allow));
		ASSERT_ROW(rows[i].target,
		    p.code == (rows[i].allow != NULL ? PROBLEM_METHOD : PROBLEM_NO_ROUTE));
	}
	arena_free(a);
}

void
suite_router(void)
{
	static const struct test_row tests[] = {
		{ "rows are found", rows_are_found },
	};

	unit_suite("router", tests, sizeof(tests) / sizeof(tests[0]));
}
