/* SPDX-License-Identifier: BSD-2-Clause */
/* test_many.c - several rows by one request: arrays of new rows */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/writing.h"

enum { MOST = 500 /* LIMIT_ROWS_CREATED */ };

static bool
begin(void)
{
	if (!writing_begin(&(struct world_options){
		.roles = CLUSTER_TWO_ROLES, .workers = 1, .log_statements = true }))
		return false;
	/* From then on the worker remembers what it needs. */
	return ask("GET", "/api/posts?limit=1", as_admin, NULL, NULL)->status == 200;
}

/* --- statements ---------------------------------------------------------------------------- */

static struct json_object *said; /* what PostgreSQL was asked by the last measured request */

static const struct answer *
measured(const char *method, const char *path, const char *header, const char *body)
{
	long mark = cluster_log_mark(world->cluster);
	const struct answer *a = ask(method, path, as_admin, header, body);

	json_object_put(said);
	said = cluster_log_statements(world->cluster, mark);
	return a;
}

static size_t
count_said(const char *with)
{
	size_t n = 0;

	for (size_t i = 0; i < document_count(said, ""); i++)
		n += strstr(document_text(said, keep_printf("%zu.statement", i)), with) != NULL;
	return n;
}

/* --- arrays of new rows -------------------------------------------------------------------- */

static const char *
array_of(size_t count, const char *slug)
{
	char *body = keep_alloc(count * 96 + 3), *at = body;

	*at++ = '[';
	for (size_t i = 0; i < count; i++)
		at += sprintf(at, "%s{\"title\":\"t%zu\",\"slug\":\"%s-%zu\",\"content\":\"c\"}",
		    i > 0 ? "," : "", i, slug, i);
	strcpy(at, "]");
	return body;
}

static void
an_array_makes_its_rows_in_order(void)
{
	const struct answer *a = measured("POST", "/api/posts", NULL, array_of(3, "three"));

	CHECK_INT(a->status, 201, "%s", a->body);
	CHECK_INT(document_count(a->json, ""), 3, "%s", a->body);
	CHECK(answer_header(a, "Location") == NULL, "no one place");
	CHECK_INT(count_said("BEGIN"), 1, "one transaction");
	CHECK_INT(count_said("COMMIT"), 1, "one transaction");
	for (size_t i = 0; i < 3; i++) {
		const char *id = document_text(a->json, keep_printf("%zu.id", i));

		CHECK_TEXT(document_text(a->json, keep_printf("%zu.slug", i)),
		    keep_printf("three-%zu", i), "the order");
		CHECK_TEXT(
		    look("SELECT slug FROM posts WHERE tenant_id = '" WORLD_ACME "' AND id = '%s'",
			id),
		    keep_printf("three-%zu", i), "stored");
		CHECK_TEXT(story("posts", id), "created", "logged");
		CHECK_TEXT(replayed("posts", id), "", "replay");
	}
	a = ask("POST", "/api/posts", as_user, "Prefer: return=minimal", array_of(2, "minimal"));
	CHECK_INT(a->status, 201, "%s", a->body);
	CHECK_INT(a->body_len, 0, "%s", a->body);
	CHECK_TEXT(answer_header(a, "Preference-Applied"), "return=minimal", "Preference-Applied");
	CHECK_TEXT(look("SELECT count(*) FROM posts WHERE slug LIKE 'minimal-%%'"), "2", "stored");
}

/* Ids of PostgreSQL's making: all rows wait for the same answer. */
static void
numbered_rows_are_held_once(void)
{
	const struct answer *a = measured("POST", "/api/products", NULL,
	    "[{\"name\":\"a\",\"price\":1},{\"name\":\"b\",\"price\":2},{\"name\":\"c\","
	    "\"price\":3}]");

	CHECK_INT(a->status, 201, "%s", a->body);
	CHECK_INT(count_said("BEGIN"), 1, "one transaction");
	for (size_t i = 0; i < 3; i++) {
		const char *id = document_text(a->json, keep_printf("%zu.id", i));

		CHECK_TEXT(document_text(a->json, keep_printf("%zu.price", i)),
		    keep_printf("%zu.00", i + 1), "the order");
		CHECK_TEXT(story("products", id), "created", "logged");
		CHECK_TEXT(replayed("products", id), "", "replay");
	}
}

static void
all_faults_of_all_elements(void)
{
	const char *rows = look("SELECT count(*) FROM posts");
	const struct answer *a = ask("POST", "/api/posts", as_user, NULL,
	    "[{\"title\":\"t\",\"slug\":\"f-0\",\"content\":\"c\"},"
	    "{\"title\":7,\"slug\":\"f-1\",\"content\":\"c\"},"
	    "3,"
	    "{\"slug\":\"f-3\",\"content\":\"c\",\"colour\":1},"
	    "{\"title\":\"t\",\"slug\":\"f-4\",\"content\":\"c\",\"published\":true},"
	    "null]");

	check_fault(a, 400, "#/1/title", "type", "a number for a text");
	check_fault(a, 400, "#/2", "type", "no object");
	check_fault(a, 400, "#/3/title", "required", "missing");
	check_fault(a, 400, "#/3/colour", "unknown", "no such field");
	check_fault(a, 400, "#/4/published", "restricted", "for other roles");
	check_fault(a, 400, "#/5", "type", "null");
	CHECK_INT(document_count(a->json, "errors"), 6, "%s", a->body);
	/* Rights alone are a 403, in whichever element. */
	a = ask("POST", "/api/posts", as_user, NULL,
	    "[{\"title\":\"t\",\"slug\":\"f-5\",\"content\":\"c\",\"published\":true},"
	    "{\"title\":\"t\",\"slug\":\"f-6\",\"content\":\"c\",\"published\":true}]");
	check_fault(a, 403, "#/1/published", "restricted", "for other roles");
	CHECK_INT(document_count(a->json, "errors"), 2, "%s", a->body);
	a = ask("POST", "/api/posts", as_user, NULL,
	    "[{\"title\":\"t\",\"slug\":\"f-5\",\"content\":\"c\",\"published\":true},"
	    "{\"title\":7,\"slug\":\"f-6\",\"content\":\"c\"}]");
	check_fault(a, 400, "#/1/title", "type", "behind a matter of rights");
	check_fault(a, 400, "#/0/published", "restricted", "before what is malformed");
	/* What only PostgreSQL knows has its place as well. */
	a = ask("POST", "/api/posts", as_user, NULL,
	    "[{\"title\":\"t\",\"slug\":\"f-7\",\"content\":\"c\"},"
	    "{\"title\":\"t\",\"slug\":\"f-7\",\"content\":\"c\"}]");
	check_fault(a, 409, "#/1/slug", "unique", "twice in one array");
	CHECK_TEXT(look("SELECT count(*) FROM posts"), rows, "nothing was written");
}

static void
bounds_of_an_array(void)
{
	const char *rows = look("SELECT count(*) FROM posts");
	const struct answer *a;

	check_fault(ask("POST", "/api/posts", as_user, NULL, "[]"), 400, "#", "empty", "empty");
	a = ask("POST", "/api/posts", as_user, NULL, array_of(MOST + 1, "over"));
	CHECK_INT(a->status, 413, "%.300s", a->body);
	CHECK(strstr(a->body, "500") != NULL, "the limit is named: %.300s", a->body);
	CHECK_TEXT(look("SELECT count(*) FROM posts"), rows, "nothing was written");
	a = measured("POST", "/api/posts", NULL, array_of(MOST, "most"));
	CHECK_INT(a->status, 201, "%.300s", a->body);
	CHECK_INT(document_count(a->json, ""), MOST, "%.300s", a->body);
	CHECK_INT(count_said("BEGIN"), 1, "one transaction");
	printf("(%d rows: %lld ms) ", MOST, (long long)a->took_ms);
	CHECK_TEXT(look("SELECT count(*) FROM rowhouse.audit_log l JOIN posts p ON l.target_id = "
			"p.id::text WHERE p.slug LIKE 'most-%%' AND l.action = 'posts.created'"),
	    keep_printf("%d", MOST), "an entry for each");
}

/* Each row by the rules: for others than its owner it may be made, and not be seen. */
static void
rules_hold_for_each_element(void)
{
	const struct answer *a;

	a = ask("POST", "/api/orders", as_admin, NULL,
	    keep_printf("[{},{\"userId\":\"%s\"}]", person_id("user")));
	CHECK_INT(a->status, 201, "%s", a->body);
	CHECK_TEXT(document_text(a->json, "1.userId"), person_id("user"), "in another's name");
	a = ask("POST", "/api/orders", as_user, NULL,
	    keep_printf("[{},{\"userId\":\"%s\"}]", person_id("admin")));
	check_fault(a, 403, "#/1/userId", "owner", "in another's name");
	CHECK_INT(ask("POST", "/api/users", as_user, NULL, "[{\"email\":\"q@q.q\"}]")->status, 403,
	    "the right comes first");
	CHECK_INT(ask("POST", "/api/countries", as_admin, NULL, "[{}]")->status, 405, "shared");
}

static void
an_array_is_made_once_by_a_key(void)
{
	const struct answer *a =
	    ask("POST", "/api/posts", as_user, "Idempotency-Key: many-1", array_of(2, "keyed"));
	const char *body = keep_printf("%s", a->body);

	CHECK_INT(a->status, 201, "%s", a->body);
	a = ask("POST", "/api/posts", as_user, "Idempotency-Key: many-1", array_of(2, "keyed"));
	CHECK_INT(a->status, 201, "%s", a->body);
	CHECK_TEXT(answer_header(a, "Idempotency-Replayed"), "true", "replayed");
	CHECK_TEXT(a->body, body, "the same answer");
	CHECK_TEXT(look("SELECT count(*) FROM posts WHERE slug LIKE 'keyed-%%'"), "2", "once");
}

static const struct suite_test tests[] = {
	{ "an array makes its rows in order", an_array_makes_its_rows_in_order },
	{ "numbered rows are held once", numbered_rows_are_held_once },
	{ "all faults of all elements", all_faults_of_all_elements },
	{ "bounds of an array", bounds_of_an_array },
	{ "rules hold for each element", rules_hold_for_each_element },
	{ "an array is made once by a key", an_array_is_made_once_by_a_key },
};

static void
end(void)
{
	json_object_put(said);
	writing_end();
}

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "many", begin, end, tests, SUITE_COUNT(tests) });
}
