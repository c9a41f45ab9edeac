/* SPDX-License-Identifier: BSD-2-Clause */
/* test_nested_races.c - several requests that write the same related rows at once
 *
 * Each race has its naive form beside it, which must fail: else it would not have been a race. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/writing.h"

enum { WRITERS = 6, ROUNDS = 12, UPDATES = 40, WAIT_MS = 5000 };

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

/* --- requests beside the test ---------------------------------------------------------------- */

/* The same request, some times over; how often it was not answered with the status. */
struct asking {
	pthread_t thread;
	struct client *client;
	const char *method, *path, *body;
	int times, status, odd;
	const struct answer *answer; /* the last one */
};

static void *
run(void *context)
{
	struct asking *asking = context;

	for (int i = 0; i < asking->times; i++) {
		asking->answer = client_send(
		    asking->client, asking->method, asking->path, as_admin, asking->body);
		asking->odd += asking->answer->status != asking->status;
	}
	return NULL;
}

static void
start(struct asking *asking)
{
	asking->client = client_new(webserver_url(world->webserver));
	if (pthread_create(&asking->thread, NULL, run, asking) != 0)
		abort();
}

static void
finish(struct asking *asking)
{
	pthread_join(asking->thread, NULL);
	client_free(asking->client);
}

static bool
somebody_waits(void *unused)
{
	(void)unused;
	return atoi(sql_value(superuser, "SELECT count(*) FROM pg_locks WHERE NOT granted")) > 0;
}

/* --- made by two at once --------------------------------------------------------------------- */

static const char *
body_with(const char *post, const char *category)
{
	return keep_printf("{\"title\":\"t\",\"slug\":\"%s\",\"content\":\"c\",\"categories\":{"
			   "\"connectOrCreate\":{\"where\":{\"slug\":\"%s\"},\"create\":{\"slug\":"
			   "\"%s\",\"name\":\"%s\"}}}}",
	    post, category, category, category);
}

static const char *
insert_of(const char *slug)
{
	return keep_printf("INSERT INTO categories (tenant_id, name, slug) VALUES ('" WORLD_ACME
			   "', '%s', '%s')",
	    slug, slug);
}

/* Somebody else makes the category, and has not committed when the request looks for it. */
static const struct answer *
played(const char *slug, const char *end)
{
	struct asking asking = { .method = "POST",
		.path = "/api/posts",
		.body = body_with(slug, slug),
		.times = 1,
		.status = 201 };
	PGconn *other = world_superuser(world);

	sql_run(other, "BEGIN");
	sql_run(other, insert_of(slug));
	start(&asking);
	CHECK(wait_until(somebody_waits, NULL, WAIT_MS), "%s: the request waits", slug);
	sql_run(other, end);
	finish(&asking);
	PQfinish(other);
	CHECK_INT(asking.odd, 0, "%s %s: %s", slug, end, asking.answer->body);
	CHECK_TEXT(
	    look("SELECT count(DISTINCT c.id) || ' ' || count(l.id) FROM categories c LEFT JOIN "
		 "post_categories l ON l.category_id = c.id WHERE c.slug = '%s'",
		slug),
	    "1 1", "%s: one category, one link", slug);
	return asking.answer;
}

static void
who_comes_second_connects(void)
{
	CHECK_TEXT(entries_of(played("race-lost", "COMMIT")), "posts.created 1", "it was there");
	CHECK_TEXT(entries_of(played("race-won", "ROLLBACK")),
	    "categories.created 1,"
	    " posts.created 1",
	    "it was not, after all");
}

/* The naive form: look, then insert. */
static void
looking_alone_does_not_do(void)
{
	static const char found[] = "SELECT count(*) FROM categories WHERE slug = 'race-naive'";
	PGconn *one = world_superuser(world), *two = world_superuser(world);
	PGresult *r;

	sql_run(one, "BEGIN");
	sql_run(two, "BEGIN");
	CHECK_TEXT(sql_value(one, found), "0", "one looks");
	CHECK_TEXT(sql_value(two, found), "0", "the other looks");
	CHECK(sql_run(one, insert_of("race-naive")) && sql_run(one, "COMMIT"), "one makes it");
	r = PQexec(two, insert_of("race-naive"));
	CHECK_TEXT(PQresultErrorField(r, PG_DIAG_SQLSTATE), "23505", "the other cannot");
	PQclear(r);
	PQfinish(one);
	PQfinish(two);
}

static void
many_make_one(void)
{
	struct asking writers[WRITERS];

	for (int round = 0; round < ROUNDS; round++) {
		const char *slug = keep_printf("crowd-%d", round);
		int odd = 0;

		for (int i = 0; i < WRITERS; i++) {
			writers[i] = (struct asking){ .method = "POST",
				.path = "/api/posts",
				.body = body_with(keep_printf("%s-%d", slug, i), slug),
				.times = 1,
				.status = 201 };
			start(&writers[i]);
		}
		for (int i = 0; i < WRITERS; i++) {
			finish(&writers[i]);
			odd += writers[i].odd;
		}
		CHECK_INT(odd, 0, "%s: %s", slug, writers[0].answer->body);
		CHECK_TEXT(
		    look("SELECT count(DISTINCT c.id) || ' ' || count(l.id) FROM categories c "
			 "JOIN post_categories l ON l.category_id = c.id WHERE c.slug = '%s'",
			slug),
		    keep_printf("1 %d", WRITERS), "%s", slug);
	}
}

/* --- in opposite order ----------------------------------------------------------------------- */

/* How often the server has found two transactions in a circle. */
static size_t
deadlocks(void)
{
	long end = cluster_log_mark(world->cluster); /* the log is written by another process */
	FILE *log = fopen(cluster_log_path(world->cluster), "r");
	char *line = NULL;
	size_t size = 0, count = 0;

	if (log == NULL)
		abort();
	while (ftell(log) < end && getline(&line, &size, log) > 0)
		count += strstr(line, "deadlock detected") != NULL;
	free(line);
	fclose(log);
	return count;
}

static const char *
rename_both(const char *first, const char *second, const char *word)
{
	return keep_printf("{\"categories\":{\"update\":[{\"where\":{\"id\":\"%s\"},\"data\":{"
			   "\"name\":"
			   "\"%s-%.8s\"}},{\"where\":{\"id\":\"%s\"},\"data\":{\"name\":"
			   "\"%s-%.8s\"}}]}}",
	    first, word, first + 28, second, word, second + 28);
}

static void
order_in_the_body_does_not_matter(void)
{
	const char *one = made("/api/categories", "{\"name\":\"o1\",\"slug\":\"o1\"}");
	const char *two = made("/api/categories", "{\"name\":\"o2\",\"slug\":\"o2\"}");
	struct asking writers[2];
	size_t before = deadlocks();

	for (int i = 0; i < 2; i++) {
		const char *post = made("/api/posts",
		    keep_printf("{\"title\":\"t\",\"slug\":\"order-%d\",\"content\":\"c\","
				"\"categories\":"
				"{\"connect\":[{\"id\":\"%s\"},{\"id\":\"%s\"}]}}",
			i, one, two));

		writers[i] = (struct asking){ .method = "PATCH",
			.path = keep_printf("/api/posts/%s", post),
			.body = i == 0 ? rename_both(one, two, "x") : rename_both(two, one, "y"),
			.times = UPDATES,
			.status = 200 };
	}
	for (int i = 0; i < 2; i++)
		start(&writers[i]);
	for (int i = 0; i < 2; i++)
		finish(&writers[i]);
	CHECK_INT(writers[0].odd + writers[1].odd, 0, "%s | %s", writers[0].answer->body,
	    writers[1].answer->body);
	CHECK_INT(deadlocks(), before, "deadlocks");
	CHECK_TEXT(look("SELECT sum(version) FROM categories WHERE id IN ('%s', '%s')", one, two),
	    keep_printf("%d", 2 + 4 * UPDATES), "each update counts");
	CHECK_TEXT(replayed("categories", one), "", "replay");
	CHECK_TEXT(replayed("categories", two), "", "replay");
}

/* The naive form: each in its own order. */
static void
own_order_ends_in_a_circle(void)
{
	PGconn *one = world_superuser(world), *two = world_superuser(world);
	size_t before = deadlocks();

	sql_run(one, "BEGIN; UPDATE categories SET name = 'a1' WHERE slug = 'o1'");
	sql_run(two, "BEGIN; UPDATE categories SET name = 'b2' WHERE slug = 'o2'");
	CHECK_INT(PQsendQuery(one, "UPDATE categories SET name = 'a2' WHERE slug = 'o2'"), 1, "%s",
	    PQerrorMessage(one));
	CHECK(wait_until(somebody_waits, NULL, WAIT_MS), "one waits for the other");
	PQclear(PQexec(two, "UPDATE categories SET name = 'b1' WHERE slug = 'o1'"));
	PQfinish(one);
	PQfinish(two);
	CHECK(deadlocks() > before, "the control");
}

static const struct suite_test tests[] = {
	{ "who comes second connects", who_comes_second_connects },
	{ "looking alone does not do", looking_alone_does_not_do },
	{ "many make one", many_make_one },
	{ "order in the body does not matter", order_in_the_body_does_not_matter },
	{ "own order ends in a circle", own_order_ends_in_a_circle },
};

int
main(int argc, char **argv)
{
	return suite_main(argc, argv,
	    &(struct suite){ "nested_races", begin, writing_end, tests, SUITE_COUNT(tests) });
}
