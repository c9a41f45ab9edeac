/* SPDX-License-Identifier: BSD-2-Clause */
/* test_kills.c - kill -9 of workers and of PostgreSQL while clients write
 *
 * What was acknowledged is there and in the log; what is there is in the log. A request whose
 * answer never came may have happened or not. 400 writes; with ROWHOUSE_LONG=1 10,000. The control
 * is a PostgreSQL that answers before its log is written (synchronous_commit = off): it must lose
 * something. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/judge.h"
#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/writing.h"

enum { WRITERS = 8, WORKERS = 4, SHORT = 50, LONG = 1250, DEADLINE_MS = 600000, RESUME_MS = 30000 };

static const char *const tables[] = { "products", NULL };

/* One writer: its own rows, so that it knows what they must be at least. */
struct writer {
	pthread_t thread;
	struct client *client;
	const char *prefix; /* of its requests */
	struct acknowledged *acknowledged;
	size_t count, wanted, unanswered, odd;
	const char *oddest;
};

static struct {
	atomic_size_t acknowledged;
	atomic_int running;
} crowd;

static bool
begin(void)
{
	return writing_begin(&(struct world_options){ .roles = CLUSTER_TWO_ROLES,
		   .workers = WORKERS,
		   .settings = "access_token_ttl = 2h\n",
		   .cluster_settings = "wal_writer_delay = 10s\n" }) &&
	    judge_prepare(superuser);
}

static const struct answer *
send_as(
    struct writer *w, const char *request, const char *method, const char *path, const char *body)
{
	const char *const headers[] = { bearer_header(as_admin),
		keep_printf("X-Request-Id: %s", request), "Content-Type: application/json", NULL };

	return client_request(w->client, method, path, headers, body);
}

static bool
carried_out(struct writer *w, const struct answer *a)
{
	if (a->error == CURLE_OK && (a->status == 200 || a->status == 201))
		return true;
	w->unanswered++;
	/* No answer, nginx without a worker, or a worker without PostgreSQL. */
	if (a->error == CURLE_OK && a->status != 502 && a->status != 503 && a->status != 504) {
		w->odd++;
		w->oddest = keep_printf("%d %.300s", a->status, a->body);
	}
	pause_ms(5);
	return false;
}

static void
note(struct writer *w, const char *request, const char *action, const char *id)
{
	w->acknowledged[w->count++] = (struct acknowledged){ request, action, id, 1 };
	crowd.acknowledged++;
}

/* Make a row, and add to it three times, until enough was acknowledged. */
static void *
write_on(void *context)
{
	struct writer *w = context;
	int64_t until = now_ms() + DEADLINE_MS;
	const char *id = NULL, *request;
	const struct answer *a;

	for (unsigned i = 0; w->count < w->wanted && now_ms() < until; i++) {
		request = keep_printf("r-%s-%u", w->prefix, i);
		if (i % 4 == 0 || id == NULL) {
			a = send_as(w, request, "POST", "/api/products",
			    keep_printf("{\"name\":\"%s\",\"price\":1}", request));
			id = NULL;
			if (carried_out(w, a))
				note(w, request, "products.created",
				    id = keep_printf("%s", document_text(a->json, "id")));
		} else {
			a = send_as(w, request, "PATCH", keep_printf("/api/products/%s", id),
			    "{\"stock\":{\"increment\":1}}");
			if (carried_out(w, a))
				note(w, request, "products.updated", id);
		}
	}
	crowd.running--;
	return NULL;
}

static void
start(struct writer *writers, const char *name, size_t each)
{
	crowd.acknowledged = 0;
	crowd.running = WRITERS;
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ .client = client_new(webserver_url(world->webserver)),
			.prefix = keep_printf("%s%d", name, i),
			.wanted = each,
			.acknowledged = keep_alloc((each + 1) * sizeof(struct acknowledged)) };
		if (pthread_create(&writers[i].thread, NULL, write_on, &writers[i]) != 0)
			abort();
	}
}

static size_t
finish(struct writer *writers)
{
	size_t acknowledged = 0;

	for (int i = 0; i < WRITERS; i++) {
		pthread_join(writers[i].thread, NULL);
		client_free(writers[i].client);
		CHECK_INT(writers[i].odd, 0, "%s", writers[i].oddest);
		CHECK(judge_keep(superuser, writers[i].acknowledged, writers[i].count), "kept");
		acknowledged += writers[i].count;
	}
	return acknowledged;
}

struct goal {
	size_t count;
};

static bool
so_many_are_acknowledged(void *argument)
{
	const struct goal *goal = argument;

	return crowd.acknowledged >= goal->count || crowd.running == 0;
}

static bool
kill_a_worker(unsigned n)
{
	pid_t workers[WORKERS * 2];
	size_t count = program_workers(world->program, workers, SUITE_COUNT(workers));

	return count > 0 && kill(workers[n % count], SIGKILL) == 0;
}

static void
kill_postgresql(void)
{
	CHECK(cluster_stop(world->cluster, CLUSTER_KILL), "PostgreSQL is killed");
	CHECK(cluster_resume(world->cluster), "and starts again");
	PQfinish(superuser);
	superuser = world_superuser(world);
}

/* What every acknowledged addition sums up to, and what the rows have. */
static void
check_sums(void)
{
	CHECK_TEXT(look("SELECT count(*) FROM (SELECT a.target, count(*) AS n FROM "
			"proof.acknowledged a WHERE a.action = 'products.updated' GROUP BY 1) a "
			"LEFT JOIN products p ON p.tenant_id = '" WORLD_ACME
			"' AND p.id::text = a.target WHERE p.stock IS NULL OR p.stock < a.n"),
	    "0", "rows with less than was acknowledged");
}

static void
what_was_acknowledged_is_there(void)
{
	struct writer writers[WRITERS];
	size_t each = getenv("ROWHOUSE_LONG") != NULL ? LONG : SHORT, all = each * WRITERS;
	unsigned workers_killed = 0, databases_killed = 0, kills = 24;
	const char *since = look("SELECT now()");
	struct verdict v;

	start(writers, "k", each);
	for (unsigned i = 1; i < kills; i++) {
		struct goal goal = { all * i / kills };

		CHECK(wait_until(so_many_are_acknowledged, &goal, DEADLINE_MS), "they go on");
		if (crowd.running == 0)
			break;
		if (i % 8 == 0) {
			kill_postgresql();
			databases_killed++;
		} else {
			workers_killed += kill_a_worker(i);
		}
	}
	CHECK_INT(finish(writers), all, "all that was wanted was acknowledged");
	CHECK(databases_killed >= 1, "%u times PostgreSQL", databases_killed);
	CHECK(workers_killed >= 10, "%u workers", workers_killed);
	v = judge_survivors(superuser, tables, since);
	CHECK_INT(v.faults, 0, "%s", v.first);
	check_sums();
	printf("(%zu acknowledged, %u workers and %u times PostgreSQL killed) ", all,
	    workers_killed, databases_killed);
}

/* The control. */
static void
a_commit_that_is_not_written_is_lost(void)
{
	struct writer writers[WRITERS];
	const char *since = look("SELECT now()");
	struct goal goal = { 40 };
	struct verdict v;

	sql_run(superuser, "ALTER SYSTEM SET synchronous_commit = off");
	sql_run(superuser, "SELECT pg_reload_conf()");
	start(writers, "c", 20);
	CHECK(wait_until(so_many_are_acknowledged, &goal, DEADLINE_MS), "they write");
	kill_postgresql();
	finish(writers);
	v = judge_survivors(superuser, tables, since);
	CHECK(v.faults > 0, "nothing is lost without waiting for the log, so nothing was shown");
}

static const struct suite_test tests[] = {
	{ "what was acknowledged is there", what_was_acknowledged_is_there },
	{ "a commit that is not written is lost", a_commit_that_is_not_written_is_lost },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "kills", begin, writing_end, tests, SUITE_COUNT(tests) });
}
