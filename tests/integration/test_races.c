/* SPDX-License-Identifier: BSD-2-Clause */
/* test_races.c - many writers on the same rows: nothing is lost, orphaned or told wrongly
 *
 * Each race has its naive form beside it, which must fail: else it would not have been a race. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/writing.h"

enum { WRITERS = 8, UPDATES = 25, ROUNDS = 400, CHILDREN = 3, MIXED = 40, ROWS = 4, UPSERTS = 40 };

static bool
begin(void)
{
	return writing_begin(
	    &(struct world_options){ .roles = CLUSTER_TWO_ROLES, .workers = WRITERS });
}

static const char *
made(const char *path, const char *body)
{
	return keep_printf(
	    "%s", document_text(ask_for(201, "POST", path, as_admin, body)->json, "id"));
}

/* --- threads ------------------------------------------------------------------------------- */

/* One writer: its own connection, and what it has seen. */
struct writer {
	pthread_t thread;
	struct client *client;
	unsigned seed;
	const char *path;
	bool careful; /* with If-Match */
	size_t acknowledged;
	size_t odd; /* answers that cannot be */
};

static const struct answer *
send_as(struct writer *w, const char *method, const char *path, const char *match, const char *body)
{
	const char *headers[4] = { bearer_header(as_admin), NULL };
	size_t n = 1;

	if (body != NULL)
		headers[n++] = "Content-Type: application/json";
	if (match != NULL)
		headers[n++] = match;
	return client_request(w->client, method, path, headers, body);
}

/* Run all writers; their acknowledged writes together. */
static size_t
run_writers(struct writer *writers, size_t count, void *(*run)(void *))
{
	size_t acknowledged = 0, odd = 0;

	for (size_t i = 0; i < count; i++) {
		writers[i].client = client_new(webserver_url(world->webserver));
		writers[i].seed = (unsigned)i + 1;
		if (pthread_create(&writers[i].thread, NULL, run, &writers[i]) != 0)
			abort();
	}
	for (size_t i = 0; i < count; i++) {
		pthread_join(writers[i].thread, NULL);
		client_free(writers[i].client);
		acknowledged += writers[i].acknowledged;
		odd += writers[i].odd;
	}
	CHECK_INT(odd, 0, "answers that cannot be");
	return acknowledged;
}

/* --- lost updates -------------------------------------------------------------------------- */

/* Read, add one, write: with If-Match a write that comes too late is refused. */
static void *
count_up(void *context)
{
	struct writer *w = context;

	for (int i = 0; i < UPDATES; i++) {
		const struct answer *a = send_as(w, "GET", w->path, NULL, NULL);
		long stock = (long)document_int(a->json, "stock");
		const char *match = keep_printf("If-Match: %s", answer_header(a, "ETag"));

		a = send_as(w, "PATCH", w->path, w->careful ? match : NULL,
		    keep_printf("{\"stock\":%ld}", stock + 1));
		w->acknowledged += a->status == 200;
		w->odd += a->status != 200 && a->status != 412;
	}
	return NULL;
}

static void *
increment(void *context)
{
	struct writer *w = context;

	for (int i = 0; i < UPDATES; i++) {
		const struct answer *a =
		    send_as(w, "PATCH", w->path, NULL, "{\"stock\":{\"increment\":1}}");

		w->acknowledged += a->status == 200;
		w->odd += a->status != 200;
	}
	return NULL;
}

static void
no_update_is_lost(void)
{
	static const struct {
		const char *name;
		void *(*run)(void *);
		bool careful, loses;
	} forms[] = {
		{ "If-Match", count_up, true, false }, { "increment", increment, false, false },
		{ "read and write", count_up, false, true }, /* the control */
	};

	for (size_t f = 0; f < SUITE_COUNT(forms); f++) {
		const char *id = made("/api/products", "{\"name\":\"n\",\"price\":1,\"stock\":0}");
		struct writer writers[WRITERS] = { 0 };
		size_t acknowledged, stock;

		for (size_t i = 0; i < WRITERS; i++) {
			writers[i].path = keep_printf("/api/products/%s", id);
			writers[i].careful = forms[f].careful;
		}
		acknowledged = run_writers(writers, WRITERS, forms[f].run);
		stock = (size_t)atol(look("SELECT stock FROM products WHERE tenant_id = "
					  "'" WORLD_ACME "' AND id = %s",
		    id));
		CHECK(acknowledged > 0, "%s", forms[f].name);
		if (forms[f].loses)
			CHECK(stock < acknowledged, "%s loses nothing, so nothing is shown",
			    forms[f].name);
		else
			CHECK_INT(stock, acknowledged, "%s", forms[f].name);
		CHECK_TEXT(replayed("products", id), "", "%s", forms[f].name);
		CHECK_INT(atol(look("SELECT count(*) FROM rowhouse.audit_log WHERE target_type = "
				    "'products' AND target_id = '%s'",
			      id)),
		    acknowledged + 1, "%s: an entry for each", forms[f].name);
	}
}

/* --- upserts ------------------------------------------------------------------------------- */

/* All writers put the same keys in the same order, at the same time. */
static void *
put_same(void *context)
{
	struct writer *w = context;

	for (int i = 0; i < UPSERTS; i++) {
		const struct answer *a = send_as(w, "PUT", "/api/categories?by=slug", NULL,
		    keep_printf("{\"slug\":\"up-%d\",\"name\":\"up %d\"}", i, i));

		w->acknowledged += a->status == 201;
		w->odd += a->status != 201 && a->status != 200;
	}
	return NULL;
}

/* The naive form: look, then make what was not there or change what was. */
static void *
look_then_write(void *context)
{
	struct writer *w = context;

	for (int i = 0; i < UPSERTS; i++) {
		const char *body =
		    keep_printf("{\"slug\":\"naive-%d\",\"name\":\"naive %d\"}", i, i);
		const struct answer *a = send_as(
		    w, "GET", keep_printf("/api/categories?filter.slug=naive-%d", i), NULL, NULL);

		if (document_count(a->json, "data") == 0)
			a = send_as(w, "POST", "/api/categories", NULL, body);
		else
			a = send_as(w, "PATCH",
			    keep_printf("/api/categories/%s", document_text(a->json, "data.0.id")),
			    NULL, body);
		w->acknowledged += a->status == 409; /* it was told of a row that it did not see */
	}
	return NULL;
}

static void
a_key_is_made_by_one_and_changed_by_the_others(void)
{
	struct writer writers[WRITERS] = { 0 }, naive[WRITERS] = { 0 };

	CHECK_INT(run_writers(writers, WRITERS, put_same), UPSERTS, "made");
	CHECK_TEXT(look("SELECT count(*) || ' ' || count(DISTINCT slug) || ' ' || min(version) || "
			"' ' || max(version) FROM categories WHERE slug LIKE 'up-%%'"),
	    keep_printf("%d %d %d %d", UPSERTS, UPSERTS, WRITERS, WRITERS), "rows and versions");
	CHECK_TEXT(look("SELECT count(*) FROM categories c WHERE slug LIKE 'up-%%' AND (SELECT "
			"count(*) FILTER (WHERE l.action = 'categories.created') * 1000 + count(*) "
			"FROM rowhouse.audit_log l WHERE l.target_type = 'categories' AND "
			"l.target_id = c.id::text) <> %d",
		       1000 + WRITERS),
	    "0", "one created, an entry for each");
	for (int i = 0; i < UPSERTS; i++)
		CHECK_TEXT(replayed("categories",
			       look("SELECT id FROM categories WHERE slug = 'up-%d'", i)),
		    "", "replay");
	CHECK(run_writers(naive, WRITERS, look_then_write) > 0,
	    "the naive form is never refused, so there was no race");
}

/* --- cascades ------------------------------------------------------------------------------ */

/* Comments on the post of this round, made while it is being deleted. */
static void *
comment(void *context)
{
	struct writer *w = context;

	for (int i = 0; i < CHILDREN; i++) {
		const struct answer *a = send_as(w, "POST", "/api/comments", NULL,
		    keep_printf("{\"content\":\"c\",\"postId\":\"%s\"}", w->path));

		w->acknowledged += a->status == 201;
		w->odd += a->status != 201 && a->status != 409;
	}
	return NULL;
}

static void *
delete_and_restore(void *context)
{
	struct writer *w = context;
	const char *path = keep_printf("/api/posts/%s", w->path);
	const struct answer *a = send_as(w, "DELETE", path, NULL, NULL);

	w->odd += a->status != 204;
	if (w->careful) /* half of the rounds bring it back and delete it again */
		return NULL;
	a = send_as(w, "POST", keep_printf("%s/restore", path), NULL, NULL);
	w->odd += a->status != 200;
	a = send_as(w, "DELETE", path, NULL, NULL);
	w->odd += a->status != 204;
	return NULL;
}

static void
no_live_child_comes_under_a_deleted_parent(void)
{
	size_t made_in_time = 0, odd = 0;

	for (int round = 0; round < ROUNDS; round++) {
		struct writer writers[3] = { 0 };
		const char *post = made("/api/posts",
		    keep_printf("{\"title\":\"t\",\"slug\":\"race-%d\",\"content\":\"c\"}", round));

		for (size_t i = 0; i < SUITE_COUNT(writers); i++) {
			writers[i].client = client_new(webserver_url(world->webserver));
			writers[i].path = post;
			writers[i].careful = round % 2 == 0;
			if (pthread_create(&writers[i].thread, NULL,
				i == 0 ? delete_and_restore : comment, &writers[i]) != 0)
				abort();
		}
		for (size_t i = 0; i < SUITE_COUNT(writers); i++) {
			pthread_join(writers[i].thread, NULL);
			client_free(writers[i].client);
			made_in_time += writers[i].acknowledged;
			odd += writers[i].odd;
		}
	}
	CHECK_INT(odd, 0, "answers that cannot be");
	CHECK(made_in_time > 0, "some came in time, or there was no race");
	CHECK_TEXT(look("SELECT count(*) FROM comments c JOIN posts p ON p.tenant_id = c.tenant_id "
			"AND p.id = c.post_id WHERE c.deleted_at IS NULL AND p.deleted_at IS NOT "
			"NULL AND p.slug LIKE 'race-%%'"),
	    "0", "orphans");
	CHECK_TEXT(
	    look("SELECT count(*) FROM comments c JOIN posts p ON p.id = c.post_id WHERE "
		 "p.slug LIKE 'race-%%' AND (SELECT count(*) FROM rowhouse.audit_log l WHERE "
		 "l.target_id = c.id::text AND l.action = 'comments.created') <> 1"),
	    "0", "an entry for each");
}

/* The naive form, played by hand: a child is inserted without a look at its parent while one
 * statement deletes parent and children. It must leave an orphan. */
static void
one_statement_leaves_an_orphan(void)
{
	const char *post =
	    made("/api/posts", "{\"title\":\"t\",\"slug\":\"naive\",\"content\":\"c\"}");
	PGconn *inserter = world_superuser(world), *deleter = world_superuser(world);

	sql_run(inserter, "BEGIN");
	sql_run(inserter,
	    keep_printf(
		"INSERT INTO comments (tenant_id, post_id, author_id, content) SELECT "
		"tenant_id, id, author_id, 'c' FROM posts WHERE id = '%s' AND deleted_at IS "
		"NULL",
		post));
	sql_run(deleter,
	    keep_printf("WITH p AS (UPDATE posts SET deleted_at = now() WHERE id = '%s' RETURNING "
			"id) UPDATE comments SET deleted_at = now() FROM p WHERE post_id = p.id",
		post));
	sql_run(inserter, "COMMIT");
	CHECK_TEXT(
	    look("SELECT count(*) FROM comments WHERE post_id = '%s' AND deleted_at IS NULL", post),
	    "1", "the control");
	sql_run(superuser, keep_printf("DELETE FROM comments WHERE post_id = '%s'", post));
	PQfinish(inserter);
	PQfinish(deleter);
}

/* --- replay -------------------------------------------------------------------------------- */

static const char *shared_rows[ROWS];

static unsigned throw(struct writer * w, unsigned sides)
{
	w->seed = w->seed * 1103515245U + 12345U;
	return (w->seed >> 16) % sides;
}

/* Changes of all kinds to a few shared rows. */
static void *
write_at_random(void *context)
{
	struct writer *w = context;

	for (int i = 0; i < MIXED; i++) {
		const char *path = keep_printf("/api/products/%s", shared_rows[throw(w, ROWS)]);
		const struct answer *a;

		switch (throw(w, 6)) {
		case 0: a = send_as(w, "DELETE", path, NULL, NULL); break;
		case 1: a = send_as(w, "POST", keep_printf("%s/restore", path), NULL, NULL); break;
		case 2:
			a = send_as(w, "PATCH", path, NULL, "{\"price\":{\"multiply\":1.05}}");
			break;
		case 3:
			a = send_as(w, "PATCH", path, NULL,
			    keep_printf(
				"{\"name\":\"name %u\",\"description\":null}", throw(w, 99)));
			break;
		default:
			a = send_as(w, "PATCH", path, NULL, "{\"stock\":{\"increment\":3}}");
			break;
		}
		w->acknowledged += a->status < 300;
		w->odd += a->status >= 300 && a->status != 409;
	}
	return NULL;
}

static void
the_log_replays_to_the_rows(void)
{
	struct writer writers[WRITERS] = { 0 };
	size_t acknowledged;
	long entries = 0;

	for (size_t i = 0; i < ROWS; i++)
		shared_rows[i] = made("/api/products", "{\"name\":\"n\",\"price\":10,\"stock\":0}");
	acknowledged = run_writers(writers, WRITERS, write_at_random);
	for (size_t i = 0; i < ROWS; i++) {
		CHECK_TEXT(replayed("products", shared_rows[i]), "", "row %zu", i);
		entries +=
		    atol(look("SELECT count(*) - 1 FROM rowhouse.audit_log WHERE target_type "
			      "= 'products' AND target_id = '%s'",
			shared_rows[i]));
	}
	CHECK_INT(entries, acknowledged, "one entry for each acknowledged change");
	/* The control: one entry less, and the replay must fail. */
	sql_run(superuser,
	    keep_printf(
		"DELETE FROM rowhouse.audit_log WHERE id = (SELECT id FROM "
		"rowhouse.audit_log WHERE target_id = '%s' AND target_type = 'products' AND "
		"action = 'products.updated' ORDER BY xid LIMIT 1)",
		shared_rows[0]));
	CHECK(strcmp(replayed("products", shared_rows[0]), "") != 0, "a log with a hole replays");
}

static const struct suite_test tests[] = {
	{ "no update is lost", no_update_is_lost },
	{ "a key is made by one and changed by the others",
	    a_key_is_made_by_one_and_changed_by_the_others },
	{ "no live child comes under a deleted parent",
	    no_live_child_comes_under_a_deleted_parent },
	{ "one statement leaves an orphan", one_statement_leaves_an_orphan },
	{ "the log replays to the rows", the_log_replays_to_the_rows },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "races", begin, writing_end, tests, SUITE_COUNT(tests) });
}
