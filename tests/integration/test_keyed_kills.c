/* SPDX-License-Identifier: BSD-2-Clause */
/* test_keyed_kills.c - Idempotency-Key under many clients, while workers die
 *
 * Eight clients send the same 25 requests and repeat each until they have an answer to it. With
 * keys there are 25 effects, and all clients have the same answers. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/suite.h"
#include "support/writing.h"

enum { CLIENTS = 8, KEYS = 25, WORKERS = 4, KILLS = 12, PATIENCE_MS = 30000 };

/* What the clients do: its effect has a name. */
struct deed {
	const char *method;
	const char *(*path)(const char *name);
	const char *(*body)(const char *name); /* NULL: it has none */
	int done, late; /* the statuses that end the insisting; late: somebody did it before */
};

struct crowd {
	const struct deed *deed;
	const char *prefix; /* of names and keys */
	bool keyed;
	const struct answer *answers[CLIENTS][KEYS];
};

struct member {
	pthread_t thread;
	struct crowd *crowd;
	int number;
};

static bool
begin(void)
{
	return writing_begin(
	    &(struct world_options){ .roles = CLUSTER_TWO_ROLES, .workers = WORKERS });
}

static const struct answer *
send_once(struct client *client, const struct crowd *crowd, const char *name)
{
	const struct deed *deed = crowd->deed;
	const char *headers[4] = { bearer_header(as_admin), "Content-Type: application/json" };

	if (crowd->keyed)
		headers[2] = keep_printf("Idempotency-Key: key-%s", name);
	return client_request(client, deed->method, deed->path(name), headers,
	    deed->body != NULL ? deed->body(name) : NULL);
}

/* Until there is an answer that is one: a dead worker, a twin at work and a full queue are none. */
static const struct answer *
insist(struct client *client, const struct crowd *crowd, const char *name)
{
	int64_t until = now_ms() + PATIENCE_MS;
	const struct answer *a;

	do {
		a = send_once(client, crowd, name);
		if (a->error == CURLE_OK &&
		    (a->status == crowd->deed->done || a->status == crowd->deed->late))
			break;
		pause_ms(5);
	} while (now_ms() < until);
	return a;
}

static void *
run_member(void *argument)
{
	struct member *m = argument;
	struct client *client = client_new(webserver_url(world->webserver));

	for (int i = 0; i < KEYS; i++) {
		int k = (i + m->number) % KEYS;

		m->crowd->answers[m->number][k] =
		    insist(client, m->crowd, keep_printf("%s-%d", m->crowd->prefix, k));
	}
	client_free(client);
	return NULL;
}

/* How many workers were killed meanwhile. */
static int
run_crowd(struct crowd *crowd, int kills)
{
	struct member members[CLIENTS];
	pid_t workers[16];
	int killed = 0;
	int64_t until = now_ms() + PATIENCE_MS;

	for (int c = 0; c < CLIENTS; c++) {
		members[c] = (struct member){ .crowd = crowd, .number = c };
		if (pthread_create(&members[c].thread, NULL, run_member, &members[c]) != 0)
			abort();
	}
	/* One that is being started anew cannot be killed: then the next look finds another. */
	while (killed < kills && now_ms() < until) {
		size_t count = program_workers(world->program, workers, SUITE_COUNT(workers));

		if (count > 0 && kill(workers[(size_t)killed % count], SIGKILL) == 0)
			killed++;
		pause_ms(15);
	}
	for (int c = 0; c < CLIENTS; c++)
		pthread_join(members[c].thread, NULL);
	return killed;
}

static unsigned
count_status(const struct crowd *crowd, int status)
{
	unsigned n = 0;

	for (int c = 0; c < CLIENTS; c++)
		for (int k = 0; k < KEYS; k++)
			n += crowd->answers[c][k]->status == status;
	return n;
}

/* Each client was answered what the first was, and all but one of them a replay. */
static void
check_equal_answers(const struct crowd *crowd)
{
	static const char *const but[] = { "Date", "X-Request-Id", "Idempotency-Replayed", NULL };

	CHECK_INT(
	    count_status(crowd, crowd->deed->done), CLIENTS * KEYS, "answers of %s", crowd->prefix);
	for (int k = 0; k < KEYS; k++) {
		const struct answer *first = crowd->answers[0][k];
		unsigned replays = 0;

		for (int c = 0; c < CLIENTS; c++) {
			const struct answer *a = crowd->answers[c][k];

			replays += answer_header(a, "Idempotency-Replayed") != NULL;
			CHECK_TEXT(a->body, first->body, "%s-%d", crowd->prefix, k);
			CHECK_TEXT(answer_headers_but(a, but), answer_headers_but(first, but),
			    "%s-%d", crowd->prefix, k);
		}
		/* All: whose the first was has died before it could say so. */
		CHECK(replays >= CLIENTS - 1, "%s-%d: %u replays", crowd->prefix, k, replays);
	}
	CHECK_TEXT(look("SELECT count(*) FROM rowhouse.idempotency_keys WHERE key LIKE 'key-%s-%%' "
			"AND status = %d",
		       crowd->prefix, crowd->deed->done),
	    "25", "answers kept");
}

/* --- rows ------------------------------------------------------------------------------------ */

static const char *a_post; /* that they comment upon */

static const char *
comments_path(const char *name)
{
	(void)name;
	return "/api/comments";
}

static const char *
comment(const char *name)
{
	return keep_printf("{\"content\":\"%s\",\"postId\":\"%s\"}", name, a_post);
}

static const struct deed comments = { "POST", comments_path, comment, 201, 201 };

static const char *
comments_of(const char *prefix)
{
	return look("SELECT count(*) || ' of ' || count(DISTINCT content) FROM comments "
		    "WHERE content LIKE '%s-%%'",
	    prefix);
}

static void
rows_are_made_once(void)
{
	static struct crowd keyed = { .deed = &comments, .prefix = "rows", .keyed = true };
	static struct crowd naive = { .deed = &comments, .prefix = "bare" };
	int killed;

	a_post = look("SELECT id FROM posts WHERE tenant_id = '" WORLD_ACME
		      "' AND deleted_at IS NULL ORDER BY id LIMIT 1");
	killed = run_crowd(&keyed, KILLS);
	CHECK_INT(killed, KILLS, "workers were killed");
	check_equal_answers(&keyed);
	CHECK_TEXT(comments_of("rows"), "25 of 25", "effects");
	CHECK_TEXT(look("SELECT count(*) || ' of ' || count(DISTINCT target_id) FROM "
			"rowhouse.audit_log WHERE action = 'comments.created' AND "
			"changes -> 'content' ->> 'after' LIKE 'rows-%%'"),
	    "25 of 25", "entries");
	for (int k = 0; k < KEYS; k++)
		CHECK_TEXT(look("SELECT id FROM comments WHERE content = 'rows-%d'", k),
		    document_text(keyed.answers[0][k]->json, "id"), "what was answered is there");

	/* The control: without keys each client has a row of its own. */
	run_crowd(&naive, 0);
	CHECK_TEXT(comments_of("bare"), "200 of 25", "the naive form");
}

/* --- API keys -------------------------------------------------------------------------------- */

static const char *
key_path(const char *name)
{
	return keep_printf("/api/auth/keys/%s", name);
}

static const struct deed revocations = { "DELETE", key_path, NULL, 204, 404 };

static void
make_keys(const char *prefix)
{
	CHECK(sql_run(superuser,
		  keep_printf("INSERT INTO rowhouse.api_keys (tenant_id, id, name, secret_hash, "
			      "scopes) SELECT '" WORLD_ACME "', '%s-' || i, 'one', repeat('0', "
			      "64), '{posts:read}' FROM generate_series(0, %d) AS i",
		      prefix, KEYS - 1)),
	    "keys of %s", prefix);
}

static void
keys_are_revoked_once(void)
{
	static struct crowd keyed = { .deed = &revocations, .prefix = "crowd", .keyed = true };
	static struct crowd naive = { .deed = &revocations, .prefix = "naive" };
	int killed;

	make_keys("crowd");
	killed = run_crowd(&keyed, KILLS);
	CHECK_INT(killed, KILLS, "workers were killed");
	check_equal_answers(&keyed);
	CHECK_TEXT(look("SELECT count(*) || ' of ' || count(DISTINCT target_id) FROM "
			"rowhouse.audit_log WHERE target_id LIKE 'crowd-%%'"),
	    "25 of 25", "effects");

	/* The control: without keys a client is told that what it did is not there. */
	make_keys("naive");
	run_crowd(&naive, 0);
	CHECK(count_status(&naive, 404) > 0, "the naive form gives unequal answers");
}

static const struct suite_test tests[] = {
	{ "rows are made once", rows_are_made_once },
	{ "keys are revoked once", keys_are_revoked_once },
};

int
main(int argc, char **argv)
{
	return suite_main(argc, argv,
	    &(struct suite){ "keyed_kills", begin, writing_end, tests, SUITE_COUNT(tests) });
}
