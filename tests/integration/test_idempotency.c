/* SPDX-License-Identifier: BSD-2-Clause */
/* test_idempotency.c - Idempotency-Key: one effect and one answer
 *
 * The write that is repeated is the revocation of an API key: it has an effect once, is 404 the
 * second time, and leaves an entry in the log. */
#include <json-c/json.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/world.h"

enum { WORKERS = 4 };

static struct world *world;
static PGconn *superuser;
static const char *admin; /* access token of acme's ADMIN */

static bool
begin(void)
{
	world = world_new(&(struct world_options){
	    .roles = CLUSTER_TWO_ROLES, .workers = WORKERS, .log_statements = true });
	if (world == NULL || !world_sign_in(world, "admin"))
		return false;
	superuser = world_superuser(world);
	admin = client_token(world->client, WORLD_ACME);
	return admin != NULL;
}

static void
end(void)
{
	if (superuser != NULL)
		PQfinish(superuser);
	world_free(world);
}

/* --- what is revoked ------------------------------------------------------------------------- */

static bool
make(const char *tenant, const char *id)
{
	return sql_run(superuser,
	    keep_printf("INSERT INTO rowhouse.api_keys (tenant_id, id, name, secret_hash, scopes) "
			"VALUES ('%s', '%s', 'one', repeat('0', 64), '{posts:read}')",
		tenant, id));
}

/* How often it was revoked, as the log says. */
static long
revoked(const char *id)
{
	return strtol(sql_value(superuser,
			  keep_printf("SELECT count(*) FROM rowhouse.audit_log WHERE "
				      "action = 'api_keys.revoked' AND target_id = '%s'",
			      id)),
	    NULL, 10);
}

static long
stored(const char *key)
{
	return strtol(
	    sql_value(superuser,
		keep_printf(
		    "SELECT count(*) FROM rowhouse.idempotency_keys WHERE key = '%s'", key)),
	    NULL, 10);
}

/* DELETE with a key, or without one; as whom a token says. */
static const struct answer *
unkey_as(struct client *client, const char *token, const char *path, const char *key)
{
	const char *headers[4] = { bearer_header(token) };

	if (key != NULL)
		/* so does curl send a header that is empty */
		headers[1] =
		    *key == '\0' ? "Idempotency-Key;" : keep_printf("Idempotency-Key: %s", key);
	return client_request(client, "DELETE", path, headers, NULL);
}

static const struct answer *
unkey(const char *id, const char *key)
{
	return unkey_as(world->client, admin, keep_printf("/api/auth/keys/%s", id), key);
}

static bool
is_replayed(const struct answer *a)
{
	const char *value = answer_header(a, "Idempotency-Replayed");

	return value != NULL && strcmp(value, "true") == 0;
}

/* --- one client ------------------------------------------------------------------------------ */

static void
a_key_acts_once(void)
{
	static const char *const but[] = { "Date", "X-Request-Id", "Idempotency-Replayed", NULL };
	const struct answer *first, *second;

	make(WORLD_ACME, "once");
	first = unkey("once", "key-once");
	CHECK_INT(first->status, 204, "first: %.200s", first->body);
	CHECK(!is_replayed(first), "the first is no replay");
	for (int i = 0; i < 2 * WORKERS; i++) {
		second = unkey("once", "key-once");
		CHECK_INT(second->status, 204, "replay: %.200s", second->body);
		CHECK(is_replayed(second), "it says that it is one");
		CHECK_TEXT(second->body, first->body, "body");
		CHECK_TEXT(
		    answer_headers_but(second, but), answer_headers_but(first, but), "headers");
		CHECK(strcmp(answer_header(second, "X-Request-Id"),
			  answer_header(first, "X-Request-Id")) != 0,
		    "the request's id is its own");
	}
	CHECK_INT(revoked("once"), 1, "one effect, one entry");
	CHECK_INT(stored("key-once"), 1, "one row");
	/* The control: without the key the second time is another answer. */
	CHECK_INT(unkey("once", NULL)->status, 404, "nothing left to revoke");
}

/* BEGIN, context, the key, the work, the answer, COMMIT; nothing stands before the key. */
static void
key_and_answer_stand_in_the_unit(void)
{
	long mark;
	struct json_object *s;
	size_t count;

	make(WORLD_ACME, "unit");
	mark = cluster_log_mark(world->cluster);
	CHECK_INT(unkey("unit", "key-unit")->status, 204, "revoked");
	s = cluster_log_statements(world->cluster, mark);
	for (count = document_count(s, ""); count > 8; count--)
		json_object_array_del_idx(s, 0, 1); /* a worker's first look at the token */
	CHECK_TEXT(document_text(s, "0.statement"), "BEGIN", "frame");
	CHECK(strstr(document_text(s, "1.statement"), "app.current_tenant") != NULL, "context");
	CHECK(strncmp(document_text(s, "2.statement"), "INSERT INTO rowhouse.idempotency_keys",
		  strlen("INSERT INTO rowhouse.idempotency_keys")) == 0,
	    "%s", document_text(s, "2.statement"));
	CHECK(strncmp(document_text(s, keep_printf("%zu.statement", count - 2)),
		  "UPDATE rowhouse.idempotency_keys",
		  strlen("UPDATE rowhouse.idempotency_keys")) == 0,
	    "%s", document_text(s, keep_printf("%zu.statement", count - 2)));
	CHECK_TEXT(
	    document_text(s, keep_printf("%zu.statement", count - 1)), "COMMIT", "one COMMIT");
	json_object_put(s);
}

/* Tenant, principal, method and path are parts of the key. */
static void
a_key_belongs_to_who_and_where(void)
{
	const char *globex = client_token(world->client, WORLD_GLOBEX);
	const struct answer *a;

	make(WORLD_ACME, "here");
	make(WORLD_ACME, "there");
	make(WORLD_GLOBEX, "here");
	CHECK_INT(unkey("here", "key-shared")->status, 204, "here");
	a = unkey("there", "key-shared");
	CHECK_INT(a->status, 204, "there");
	CHECK(!is_replayed(a), "another path is another key");
	a = unkey_as(world->client, globex, "/api/auth/keys/here", "key-shared");
	CHECK_INT(a->status, 204, "globex");
	CHECK(!is_replayed(a), "another tenant is another key");
	CHECK_INT(stored("key-shared"), 3, "three rows");
	CHECK_INT(revoked("here") + revoked("there"), 3, "three effects");
}

static void
another_request_is_422(void)
{
	const struct answer *a;

	make(WORLD_ACME, "other");
	CHECK_INT(unkey("other", "key-other")->status, 204, "first");
	a = unkey_as(world->client, admin, "/api/auth/keys/other?force=true", "key-other");
	CHECK_INT(a->status, 422, "another query: %.200s", a->body);
	CHECK_TEXT(document_text(a->json, "code"), "idempotency_key_reused", "%s", a->body);
	CHECK(!is_replayed(a), "a refusal is no replay");
	CHECK_INT(unkey("other", "key-other")->status, 204, "the first answer is still there");
}

static void
refusals_are_not_stored(void)
{
	const struct answer *a = unkey("later", "key-later");

	CHECK_INT(a->status, 404, "not there yet: %.200s", a->body);
	CHECK_INT(stored("key-later"), 0, "a refused request leaves no row");
	make(WORLD_ACME, "later");
	a = unkey("later", "key-later");
	CHECK_INT(a->status, 204, "now it is");
	CHECK(!is_replayed(a), "the retry ran");
}

static void
bad_keys_are_400(void)
{
	static const char *const bad[] = { "", "two words", "a\tb", "k\xc3\xa4se", "\x7f" };
	char *longest = keep_printf("%0255d", 7);
	const char *twice[] = { bearer_header(admin), "Idempotency-Key: a", "Idempotency-Key: a",
		NULL };
	const struct answer *a;

	make(WORLD_ACME, "bad");
	for (size_t i = 0; i < SUITE_COUNT(bad); i++) {
		a = unkey("bad", bad[i]);
		if (!CHECK_INT(a->status, 400, "key %zu \"%s\": %.200s", i, bad[i], a->body))
			continue;
		CHECK_TEXT(document_text(a->json, "errors.0.pointer"), "/header/Idempotency-Key",
		    "key %zu: %.200s", i, a->body);
	}
	a = unkey("bad", keep_printf("%s8", longest));
	CHECK_INT(a->status, 400, "256 bytes: %.200s", a->body);
	a = client_request(world->client, "DELETE", "/api/auth/keys/bad", twice, NULL);
	CHECK_INT(a->status, 400, "twice: %.200s", a->body);
	CHECK_INT(revoked("bad"), 0, "none of them had an effect");
	CHECK_INT(unkey("bad", longest)->status, 204, "255 bytes are taken");
}

/* An answer that holds a secret is not put into a table; reading needs no key. */
static void
secrets_are_not_stored(void)
{
	const struct {
		const char *method, *path, *body;
		int status;
	} rows[] = {
		{ "POST", "/api/auth/keys", "{\"name\":\"k\",\"scopes\":[\"posts:read\"]}", 400 },
		{ "POST", "/api/auth/login", login_body("acme", "user@acme.test", WORLD_PASSWORD),
		    400 },
		{ "GET", "/api/auth/keys", NULL, 200 },
		{ "GET", "/api/posts", NULL, 200 },
	};

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const char *headers[] = { bearer_header(admin), "Idempotency-Key: key-secret",
			"Content-Type: application/json", NULL };
		const struct answer *a = client_request(
		    world->client, rows[i].method, rows[i].path, headers, rows[i].body);

		CHECK_INT(a->status, rows[i].status, "%s %s: %.200s", rows[i].method, rows[i].path,
		    a->body);
	}
	CHECK_INT(stored("key-secret"), 0, "nothing was stored");
}

/* --- rows ------------------------------------------------------------------------------------ */

static const struct answer *
create(const char *key, const char *slug, const char *title)
{
	const char *author =
	    sql_value(superuser, "SELECT id FROM users WHERE email = 'admin@acme.test'");
	const char *headers[] = { bearer_header(admin), keep_printf("Idempotency-Key: %s", key),
		"Content-Type: application/json", NULL };

	return client_request(world->client, "POST", "/api/posts", headers,
	    keep_printf("{\"title\":\"%s\",\"slug\":\"%s\",\"content\":\"c\",\"authorId\":\"%s\"}",
		title, slug, author));
}

/* Status, headers and body of the first answer, and one row with one entry. */
static void
a_row_is_made_once(void)
{
	static const char *const but[] = { "Date", "X-Request-Id", "Idempotency-Replayed", NULL };
	const struct answer *first = create("key-row", "made-once", "t"), *again;

	CHECK_INT(first->status, 201, "first: %.300s", first->body);
	for (int i = 0; i < 2 * WORKERS; i++) {
		again = create("key-row", "made-once", "t");
		CHECK_INT(again->status, 201, "replay: %.300s", again->body);
		CHECK(is_replayed(again), "it says that it is one");
		CHECK_TEXT(again->body, first->body, "body");
		CHECK_TEXT(
		    answer_headers_but(again, but), answer_headers_but(first, but), "headers");
	}
	CHECK_INT(create("key-row", "made-once", "other")->status, 422, "another body");
	CHECK_TEXT(sql_value(superuser, "SELECT count(*) FROM posts WHERE slug = 'made-once'"), "1",
	    "rows");
	CHECK_TEXT(sql_value(superuser,
		       "SELECT count(*) FROM rowhouse.audit_log WHERE action = 'posts.created' AND "
		       "changes -> 'slug' ->> 'after' = 'made-once'"),
	    "1", "entries");
	/* The control: another key is another row, which the unique slug refuses. */
	CHECK_INT(create("key-row-2", "made-once", "t")->status, 409, "another key");
	CHECK_INT(stored("key-row-2"), 0, "a refusal is not stored");
}

/* --- twins ----------------------------------------------------------------------------------- */

struct twin {
	pthread_t thread;
	const char *path, *key;
	const struct answer *answer;
};

static void *
run_twin(void *argument)
{
	struct twin *twin = argument;
	struct client *client = client_new(webserver_url(world->webserver));

	twin->answer = unkey_as(client, admin, twin->path, twin->key);
	client_free(client);
	return NULL;
}

static void
twin_start(struct twin *twin, const char *path, const char *key)
{
	*twin = (struct twin){ .path = path, .key = key };
	if (pthread_create(&twin->thread, NULL, run_twin, twin) != 0)
		abort();
}

static bool
is_waiting(void *statement)
{
	return strtol(sql_value(superuser,
			  keep_printf("SELECT count(*) FROM pg_stat_activity WHERE "
				      "wait_event_type = 'Lock' AND query LIKE '%s%%'",
			      (const char *)statement)),
		   NULL, 10) > 0;
}

/* The first is held at its work by a lock, the second waits for the first, and then replays. */
static void
a_twin_waits_and_replays(void)
{
	PGconn *step = world_superuser(world);
	static char work[] = "WITH w AS (UPDATE rowhouse.api_keys";
	static char insert[] = "INSERT INTO rowhouse.idempotency_keys";
	struct twin first, second;

	make(WORLD_ACME, "twin");
	sql_run(step, "BEGIN; SELECT 1 FROM rowhouse.api_keys WHERE id = 'twin' FOR UPDATE");
	twin_start(&first, "/api/auth/keys/twin", "key-twin");
	CHECK(wait_until(is_waiting, work, 900), "the first waits for the row");
	twin_start(&second, "/api/auth/keys/twin", "key-twin");
	CHECK(wait_until(is_waiting, insert, 900), "the second waits for the first");
	sql_run(step, "COMMIT");
	pthread_join(first.thread, NULL);
	pthread_join(second.thread, NULL);
	CHECK_INT(first.answer->status, 204, "first: %.200s", first.answer->body);
	CHECK_INT(second.answer->status, 204, "second: %.200s", second.answer->body);
	CHECK(!is_replayed(first.answer) && is_replayed(second.answer), "one of them is a replay");
	CHECK_INT(revoked("twin"), 1, "one effect");
	PQfinish(step);
}

/* A twin that is not done within lock_timeout: 409 and when to ask again. */
static void
a_twin_that_takes_long_is_409(void)
{
	PGconn *step = world_superuser(world);
	const struct answer *a;

	make(WORLD_ACME, "slow");
	CHECK_INT(unkey("slow", "key-slow")->status, 204, "first");
	/* A unit that is not done: to PostgreSQL, a row that comes or goes is the same. */
	sql_run(step, "BEGIN; DELETE FROM rowhouse.idempotency_keys WHERE key = 'key-slow'");
	a = unkey("slow", "key-slow");
	CHECK_INT(a->status, 409, "%.200s", a->body);
	CHECK_TEXT(document_text(a->json, "code"), "in_progress", "%.200s", a->body);
	CHECK_TEXT(answer_header(a, "Retry-After"), "1", "when to ask again");
	sql_run(step, "ROLLBACK");
	a = unkey("slow", "key-slow");
	CHECK(a->status == 204 && is_replayed(a), "afterwards it is replayed: %d", a->status);
	PQfinish(step);
}

static const struct suite_test tests[] = {
	{ "a key acts once", a_key_acts_once },
	{ "key and answer stand in the unit", key_and_answer_stand_in_the_unit },
	{ "a key belongs to who and where", a_key_belongs_to_who_and_where },
	{ "another request is 422", another_request_is_422 },
	{ "refusals are not stored", refusals_are_not_stored },
	{ "bad keys are 400", bad_keys_are_400 },
	{ "secrets are not stored", secrets_are_not_stored },
	{ "a row is made once", a_row_is_made_once },
	{ "a twin that takes long is 409", a_twin_that_takes_long_is_409 },
	{ "a twin waits and replays", a_twin_waits_and_replays },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "idempotency", begin, end, tests, SUITE_COUNT(tests) });
}
