/* SPDX-License-Identifier: BSD-2-Clause */
/* test_units.c - what PostgreSQL is asked for one request, counted in its own log */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/world.h"

static struct world *world;

static bool
begin(void)
{
	/* One worker: the second request of a kind finds everything remembered. */
	world = world_new(&(struct world_options){
	    .roles = CLUSTER_TWO_ROLES, .workers = 1, .log_statements = true });
	return world != NULL && world_sign_in(world, "user");
}

static void
end(void)
{
	world_free(world);
}

/* The statements of one request; put by the caller. */
static struct json_object *
statements_of(const char *path, int status)
{
	long mark;
	const struct answer *a;

	world_get(world, WORLD_ACME, path);
	mark = cluster_log_mark(world->cluster);
	a = world_get(world, WORLD_ACME, path);
	CHECK_INT(a->status, status, "%s: %.200s", path, a->body);
	return cluster_log_statements(world->cluster, mark);
}

static const char *
text_at(struct json_object *statements, size_t i)
{
	return document_text(statements, keep_printf("%zu.statement", i));
}

/* BEGIN, context, statement, COMMIT: nothing before, between or behind, all as the application
 * role. */
static void
check_frame(struct json_object *s, const char *path)
{
	CHECK_INT(document_count(s, ""), 4, "%s: %s", path, json_object_to_json_string(s));
	CHECK_TEXT(text_at(s, 0), "BEGIN READ ONLY", "%s", path);
	CHECK(strstr(text_at(s, 1), "app.current_tenant") != NULL, "%s: %s", path, text_at(s, 1));
	CHECK(strncmp(text_at(s, 2), "SELECT ", 7) == 0, "%s: %s", path, text_at(s, 2));
	CHECK_TEXT(text_at(s, 3), "COMMIT", "%s", path);
	for (size_t i = 0; i < document_count(s, ""); i++)
		CHECK_TEXT(document_text(s, keep_printf("%zu.user", i)), CLUSTER_APP, "%s", path);
}

static void
a_read_is_four_statements(void)
{
	static const char *const paths[] = { "/api/posts?limit=1", "/api/posts?limit=100",
		"/api/posts?page=7&limit=13", "/api/posts?page=999",
		"/api/users?sortBy=name:DESC&sortBy=email", "/api/products?limit=40",
		"/api/comments?limit=100&sortBy=createdAt", "/api/countries", "/api/products/7" };

	for (size_t i = 0; i < SUITE_COUNT(paths); i++) {
		struct json_object *s = statements_of(paths[i], 200);

		check_frame(s, paths[i]);
		json_object_put(s);
	}
}

static void
absent_rows_cost_the_same(void)
{
	struct json_object *s =
	    statements_of("/api/posts/00000000-0000-7000-8000-000000000000", 404);

	check_frame(s, "an absent row");
	json_object_put(s);
}

/* Equal requests give equal text, so that it is prepared once; values travel as parameters. */
static void
values_are_parameters(void)
{
	struct json_object *a = statements_of("/api/posts?page=2&limit=3", 200);
	struct json_object *b = statements_of("/api/posts?page=5&limit=7", 200);

	CHECK_TEXT(text_at(a, 2), text_at(b, 2), "one text for all pages");
	CHECK(strstr(text_at(a, 2), WORLD_ACME) == NULL, "the tenant is a parameter");
	CHECK(strstr(document_text(a, "2.detail"), WORLD_ACME) != NULL, "%s",
	    document_text(a, "2.detail"));
	json_object_put(a);
	json_object_put(b);
}

/* An outcome that rests on what the worker remembers asks whether that is still so, and nothing
 * else: one statement is a transaction by itself. */
static void
refused_requests_ask_for_the_epoch_alone(void)
{
	static const char *const paths[] = { "/api/posts?limit=abc", "/api/nothing", "/api/posts/x",
		"/api/posts?colour=blue" };

	for (size_t i = 0; i < SUITE_COUNT(paths); i++) {
		long mark = cluster_log_mark(world->cluster);
		struct json_object *s;

		CHECK(world_get(world, WORLD_ACME, paths[i])->status >= 400, "%s", paths[i]);
		s = cluster_log_statements(world->cluster, mark);
		CHECK_INT(
		    document_count(s, ""), 1, "%s: %s", paths[i], json_object_to_json_string(s));
		CHECK_TEXT(
		    text_at(s, 0), "SELECT e.number FROM rowhouse.epoch AS e", "%s", paths[i]);
		json_object_put(s);
	}
}

static const struct suite_test tests[] = {
	{ "a read is four statements, whatever it reads", a_read_is_four_statements },
	{ "absent rows cost the same", absent_rows_cost_the_same },
	{ "values are parameters", values_are_parameters },
	{ "refused requests ask for the epoch alone", refused_requests_ask_for_the_epoch_alone },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "units", begin, end, tests, SUITE_COUNT(tests) });
}
