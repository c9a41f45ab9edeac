/* SPDX-License-Identifier: BSD-2-Clause */
/* test_replay.c - random writes of all kinds by many clients on the same rows, and their log
 *
 * Three judges, none of which asks the program: the entries of each row, replayed by tests/oracle,
 * must give the row; each acknowledged request must have its entry, and a refused one none; and
 * the write-ahead log must show no change of a row without its entry in the same transaction. Each
 * judge is given faults that it must find.
 *
 * 8 clients send 60 requests each; with ROWHOUSE_LONG=1 2,500. A new seed for each run, which is
 * printed; ROWHOUSE_SEED=n throws the same again. */
#include <inttypes.h>
#include <json-c/json.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "oracle/dice.h"
#include "oracle/judge.h"
#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/wal.h"
#include "support/writing.h"

enum { WRITERS = 8, SHORT = 60, LONG = 2500, POOL_MAX = 16, ACKED_MAX = 2500 };

static uint64_t seed;
static int requests_each;
static const char *begun_at;

static const char *const tables[] = { "users", "posts", "comments", "products", "orders",
	"order_items", NULL };

/* --- rows that all clients share ----------------------------------------------------------- */

enum kind { USERS, POSTS, COMMENTS, PRODUCTS, ORDERS, ITEMS, KIND__MAX };

/* A new row takes the place of a random one. */
static struct {
	const char *table, *path,
	    *first; /* first: the body of those that there are from the start */
	size_t size;
	const char *ids[POOL_MAX];
} pools[KIND__MAX] = {
	[USERS] = { "users", "/api/users", "{\"email\":\"%w@x.test\",\"name\":\"n\"}", 4,
	    { NULL } },
	[POSTS] = { "posts", "/api/posts",
	    "{\"title\":\"t\",\"slug\":\"%w\",\"content\":\"c\",\"authorId\":\"%U\"}", 6,
	    { NULL } },
	[COMMENTS] = { "comments", "/api/comments",
	    "{\"content\":\"c\",\"postId\":\"%P\",\"authorId\":\"%U\"}", 12, { NULL } },
	[PRODUCTS] = { "products", "/api/products", "{\"name\":\"n\",\"price\":\"9.99\"}", 4,
	    { NULL } },
	[ORDERS] = { "orders", "/api/orders", "{\"userId\":\"%U\"}", 4, { NULL } },
	[ITEMS] = { "order_items", "/api/order-items",
	    "{\"orderId\":\"%O\",\"productId\":%R,\"userId\":\"%U\",\"quantity\":2,\"price\":1.5}",
	    6, { NULL } },
};

static pthread_mutex_t pools_lock = PTHREAD_MUTEX_INITIALIZER;

static const char *
pick(enum kind kind, struct dice *dice)
{
	const char *id;

	pthread_mutex_lock(&pools_lock);
	id = pools[kind].ids[dice_below(dice, pools[kind].size)];
	pthread_mutex_unlock(&pools_lock);
	return id != NULL ? id : "0199a000-0000-7000-8000-00000000dead";
}

static void
put(enum kind kind, size_t place, const char *id)
{
	pthread_mutex_lock(&pools_lock);
	pools[kind].ids[place] = id;
	pthread_mutex_unlock(&pools_lock);
}

/* --- requests ------------------------------------------------------------------------------ */

/* %U %P %C %R %O %I: a row of a pool; %n: a number; %w: a word that is thrown once. Rows that stand
 * twice come twice as often. */
static const struct operation {
	enum kind kind;
	const char *method, *path, *body;
	const char *verb; /* of its entry */
	int entries;      /* that the request itself asks for; UNCOUNTED: as many as there are */
} operations[] = {
	{ POSTS, "POST", "",
	    "{\"title\":\"t %n\",\"slug\":\"%w\",\"content\":\"c\",\"authorId\":\"%U\"}", "created",
	    1 },
	{ COMMENTS, "POST", "", "{\"content\":\"c %n\",\"postId\":\"%P\",\"authorId\":\"%U\"}",
	    "created", 1 },
	{ COMMENTS, "POST", "",
	    "[{\"content\":\"c %n\",\"postId\":\"%P\",\"authorId\":\"%U\"},"
	    "{\"content\":\"d %n\",\"postId\":\"%P\",\"authorId\":\"%U\"}]",
	    "created", 2 },
	{ USERS, "POST", "", "{\"email\":\"%w@x.test\",\"name\":\"n\"}", "created", 1 },
	{ PRODUCTS, "POST", "", "{\"name\":\"n %n\",\"price\":%n}", "created", 1 },
	{ ITEMS, "POST", "",
	    "{\"orderId\":\"%O\",\"productId\":%R,\"userId\":\"%U\",\"quantity\":2,\"price\":1.5}",
	    "created", 1 },
	{ POSTS, "PATCH", "/%P", "{\"title\":\"title %n\"}", "updated", 1 },
	{ POSTS, "PATCH", "/%P", "{\"title\":\"title %n\",\"excerpt\":null,\"published\":true}",
	    "updated", 1 },
	{ POSTS, "PATCH", "/%P", "{\"authorId\":\"%U\"}", "updated", 1 },
	{ POSTS, "POST", "",
	    "{\"title\":\"t %n\",\"slug\":\"%w\",\"content\":\"c\",\"authorId\":\"%U\","
	    "\"comments\":{\"create\":[{\"content\":\"c\"},{\"content\":\"d\",\"authorId\":"
	    "\"%U\"}]}}",
	    "created", 1 },
	{ POSTS, "PATCH", "?filter.id=$in:%P,%P,%P", "{\"excerpt\":\"%w\"}", "updated",
	    JUDGE_UNCOUNTED },
	{ COMMENTS, "DELETE", "?filter.postId=%P", NULL, "deleted", JUDGE_UNCOUNTED },
	{ COMMENTS, "PATCH", "/%C", "{\"content\":\"%w\"}", "updated", 1 },
	{ COMMENTS, "PATCH", "/%C", "{\"postId\":\"%P\"}", "updated", 1 },
	{ USERS, "PATCH", "/%U", "{\"name\":\"name %n\"}", "updated", 1 },
	{ PRODUCTS, "PATCH", "/%R", "{\"stock\":{\"increment\":3},\"price\":{\"multiply\":1.013}}",
	    "updated", 1 },
	{ PRODUCTS, "PATCH", "/%R", "{\"stock\":{\"decrement\":2}}", "updated", 1 },
	{ ORDERS, "PATCH", "/%O", "{\"note\":\"note %n\"}", "updated", 1 },
	{ ITEMS, "PATCH", "/%I", "{\"productId\":{\"increment\":1},\"quantity\":{\"multiply\":2}}",
	    "updated", 1 },
	{ POSTS, "DELETE", "/%P", NULL, "deleted", 1 },
	{ COMMENTS, "DELETE", "/%C", NULL, "deleted", 1 },
	{ USERS, "DELETE", "/%U", NULL, "deleted", 1 },
	{ PRODUCTS, "DELETE", "/%R", NULL, "deleted", 1 },
	{ ORDERS, "DELETE", "/%O", NULL, "deleted", 1 },
	{ POSTS, "POST", "/%P/restore", NULL, "restored", 1 },
	{ POSTS, "POST", "/%P/restore", NULL, "restored", 1 },
	{ COMMENTS, "POST", "/%C/restore", NULL, "restored", 1 },
	{ USERS, "POST", "/%U/restore", NULL, "restored", 1 },
	{ USERS, "POST", "/%U/restore", NULL, "restored", 1 },
	{ PRODUCTS, "POST", "/%R/restore", NULL, "restored", 1 },
	{ ORDERS, "POST", "/%O/restore", NULL, "restored", 1 },
	{ POSTS, "DELETE", "/%P?force=true&withDeleted=true", NULL, "purged", 1 },
	{ COMMENTS, "DELETE", "/%C?force=true&withDeleted=true", NULL, "purged", 1 },
};

struct writer {
	pthread_t thread;
	struct client *client;
	unsigned number;
	struct acknowledged *acknowledged;
	size_t count, refused, odd;
	const char *oddest; /* an answer that cannot be */
};

/* A format with its letters filled in; *id is the last row that was picked. */
static const char *
filled(const char *format, struct dice *dice, const char **id)
{
	static const char letters[] = { 'U', 'P', 'C', 'R', 'O', 'I' }; /* of enum kind */
	const char *out = "";

	for (; *format != '\0'; format++) {
		const char *letter;

		if (*format != '%')
			out = keep_printf("%s%c", out, *format);
		else if (*++format == 'n')
			out = keep_printf("%s%zu", out, 1 + dice_below(dice, 900));
		else if (*format == 'w')
			out = keep_printf("%sw%" PRIx64, out, dice_bits(dice));
		else if ((letter = memchr(letters, *format, sizeof(letters))) != NULL)
			out = keep_printf(
			    "%s%s", out, *id = pick((enum kind)(letter - letters), dice));
		else
			abort();
	}
	return out;
}

/* The row that the answer is about, and its place in the pool. */
static const char *
target_of(const struct operation *o, const struct answer *a, const char *picked, struct dice *dice)
{
	const char *id;

	if (a->status >= 300 || o->entries != 1)
		return NULL;
	if (strcmp(o->verb, "created") != 0)
		return picked;
	id = keep_printf("%s", document_text(a->json, "id"));
	put(o->kind, dice_below(dice, pools[o->kind].size), id);
	return id;
}

static void
judge_answer(struct writer *w, const struct operation *o, const char *request,
    const struct answer *a, const char *target)
{
	if (a->status >= 200 && a->status < 300) {
		w->acknowledged[w->count++] = (struct acknowledged){ request,
			keep_printf("%s.%s", pools[o->kind].table, o->verb), target, o->entries };
		return;
	}
	w->refused++;
	/* Gone, deleted, in use; a check that does not hold; or too many deadlocks in a row. */
	if (a->status == 404 || a->status == 409 || a->status == 503 ||
	    (a->status == 400 && strstr(a->body, "\"check\"") != NULL))
		return;
	w->odd++;
	w->oddest = keep_printf("%s %s: %d %.300s", o->method, o->path, a->status, a->body);
}

static void
write_once(struct writer *w, int i)
{
	struct dice dice = dice_of(seed, (uint64_t)w->number << 32 | (unsigned)i);
	const struct operation *o = &operations[dice_below(&dice, SUITE_COUNT(operations))];
	const char *request = keep_printf("r-%u-%d", w->number, i), *picked = NULL, *ignored;
	const char *path = filled(o->path, &dice, &picked);
	const char *body = o->body != NULL ? filled(o->body, &dice, &ignored) : NULL;
	const char *headers[] = { bearer_header(as_admin), keep_printf("X-Request-Id: %s", request),
		body != NULL ? "Content-Type: application/json" : NULL, NULL };
	const struct answer *a = client_request(
	    w->client, o->method, keep_printf("%s%s", pools[o->kind].path, path), headers, body);

	judge_answer(w, o, request, a, target_of(o, a, picked, &dice));
}

static void *
write_at_random(void *context)
{
	struct writer *w = context;

	for (int i = 0; i < requests_each; i++)
		write_once(w, i);
	return NULL;
}

/* --- the suite ----------------------------------------------------------------------------- */

static bool
begin(void)
{
	const char *given = getenv("ROWHOUSE_SEED");

	seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	requests_each = getenv("ROWHOUSE_LONG") != NULL ? LONG : SHORT;
	printf("  ROWHOUSE_SEED=%" PRIu64 "\n", seed);
	return writing_begin(&(struct world_options){ .roles = CLUSTER_TWO_ROLES,
		   .workers = WRITERS,
		   .settings = "access_token_ttl = 2h\n",
		   .cluster_settings = WAL_SETTINGS }) &&
	    judge_prepare(superuser) && wal_begin(superuser);
}

/* Thrown again where a value is taken already: a product stands in an order once. */
static const char *
shared_row(enum kind kind, struct dice *dice)
{
	const struct answer *a;
	const char *ignored;
	int tries = 0;

	do
		a = ask("POST", pools[kind].path, as_admin, NULL,
		    filled(pools[kind].first, dice, &ignored));
	while (a->status == 409 && ++tries < 100);
	CHECK_INT(a->status, 201, "%s: %s", pools[kind].path, a->body);
	return keep_printf("%s", document_text(a->json, "id"));
}

static void
make_shared_rows(void)
{
	struct dice dice = dice_of(seed, UINT64_MAX);

	for (int kind = 0; kind < KIND__MAX; kind++)
		for (size_t i = 0; i < pools[kind].size; i++)
			put((enum kind)kind, i, shared_row((enum kind)kind, &dice));
}

static void
rows_log_and_wal_agree(void)
{
	struct writer writers[WRITERS] = { 0 };
	size_t acknowledged = 0, refused = 0;
	struct wal_tally wal;
	struct verdict v;

	begun_at = look("SELECT now()");
	make_shared_rows();
	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i].number = i;
		writers[i].client = client_new(webserver_url(world->webserver));
		writers[i].acknowledged = keep_alloc(ACKED_MAX * sizeof(struct acknowledged));
		if (pthread_create(&writers[i].thread, NULL, write_at_random, &writers[i]) != 0)
			abort();
	}
	for (unsigned i = 0; i < WRITERS; i++) {
		pthread_join(writers[i].thread, NULL);
		client_free(writers[i].client);
		CHECK_INT(writers[i].odd, 0, "%s", writers[i].oddest);
		CHECK(judge_keep(superuser, writers[i].acknowledged, writers[i].count), "kept");
		acknowledged += writers[i].count;
		refused += writers[i].refused;
	}
	v = judge(superuser, tables, begun_at);
	CHECK_INT(v.faults, 0, "%s", v.first);
	wal = wal_look(superuser);
	CHECK_INT(wal.faults, 0, "%s", wal.fault);
	CHECK_INT(wal.changes, wal.entries, "one entry for each change");
	CHECK(wal.transactions >= acknowledged, "the slot saw %zu transactions", wal.transactions);
	printf("(%zu acknowledged, %zu refused; %zu rows, %zu changes) ", acknowledged, refused,
	    v.rows, wal.changes);
	CHECK(acknowledged > refused / 4, "most of it is no use");
}

/* --- the controls -------------------------------------------------------------------------- */

#define LATEST(verb)                                                                               \
	"(SELECT max(id::text)::uuid FROM rowhouse.audit_log WHERE metadata ->> 'requestId' LIKE " \
	"'r-%' AND action LIKE '%." verb "')"

/* What somebody might do to log or rows, each alone and undone again. */
static const struct {
	const char *what, *sql;
} faults[] = {
	{ "an entry is missing", "DELETE FROM rowhouse.audit_log WHERE id = " LATEST("updated") },
	{ "an entry of a deletion is missing",
	    "DELETE FROM rowhouse.audit_log WHERE id = " LATEST("deleted") },
	{ "the first entry is missing",
	    "DELETE FROM rowhouse.audit_log WHERE id = " LATEST("created") },
	{ "an entry stands twice",
	    "INSERT INTO rowhouse.audit_log (tenant_id, timeline, xid, ordinal, actor_type, "
	    "actor_id, action, target_type, target_id, changes, metadata) SELECT tenant_id, "
	    "timeline, xid, ordinal + 1, actor_type, actor_id, action, target_type, target_id, "
	    "changes, metadata FROM rowhouse.audit_log WHERE id = " LATEST("updated") },
	{ "a before is false",
	    "UPDATE rowhouse.audit_log SET changes = jsonb_set(changes, '{version,before}', '77') "
	    "WHERE id = " LATEST("updated") },
	{ "an after is false",
	    "UPDATE rowhouse.audit_log SET changes = jsonb_set(changes, '{version,after}', '77') "
	    "WHERE id = " LATEST("updated") },
	{ "a field is left out",
	    "UPDATE rowhouse.audit_log SET changes = changes - 'updatedAt' "
	    "WHERE id = " LATEST("updated") },
	{ "two entries have changed places",
	    "UPDATE rowhouse.audit_log l SET ordinal = -1, xid = '3' WHERE id = " LATEST(
		"updated") },
	{ "an entry names another row",
	    "UPDATE rowhouse.audit_log SET target_id = CASE target_type WHEN 'products' THEN '99' "
	    "ELSE '0199a000-0000-7000-8000-00000000dead' END WHERE id = " LATEST("updated") },
	{ "an entry names another request",
	    "UPDATE rowhouse.audit_log SET metadata = metadata || '{\"requestId\": \"r-x\"}' "
	    "WHERE id = " LATEST("updated") },
	{ "a row was changed in silence",
	    "UPDATE products SET stock = stock + 1 WHERE id = (SELECT max(id) FROM products)" },
	{ "a row came in silence",
	    "INSERT INTO products (tenant_id, name, price) VALUES ('" WORLD_ACME "', 'n', 1)" },
	{ "a row went in silence",
	    "DELETE FROM comments WHERE id::text = (SELECT max(target_id) FROM rowhouse.audit_log "
	    "WHERE metadata ->> 'requestId' LIKE 'r-%' AND target_type = 'comments' AND "
	    "target_id IN (SELECT id::text FROM comments))" },
	{ "a row is live again in silence",
	    "UPDATE posts SET deleted_at = NULL, deleted_by = NULL, deletion_id = NULL WHERE "
	    "id::text = (SELECT target_id FROM rowhouse.audit_log WHERE id = " LATEST(
		"deleted") ") OR id IN (SELECT id FROM posts WHERE deleted_at IS NOT NULL AND "
			   "deletion_id IN (SELECT (metadata ->> 'deletionId')::uuid FROM "
			   "rowhouse.audit_log))" },
};

static void
each_fault_is_found(void)
{
	for (size_t i = 0; i < SUITE_COUNT(faults); i++) {
		struct verdict v;

		sql_run(superuser, "BEGIN");
		CHECK(sql_run(superuser, faults[i].sql), "%s", faults[i].what);
		v = judge(superuser, tables, begun_at);
		CHECK(v.faults > 0, "nobody notices that %s", faults[i].what);
		sql_run(superuser, "ROLLBACK");
	}
}

/* The slot sees what is written behind the program's back. */
static void
the_wal_tells_of_silence(void)
{
	static const struct {
		const char *what, *sql;
		size_t faults;
	} rows[] = {
		{ "an update", "UPDATE posts SET title = 'silent' WHERE slug = 'silent'", 1 },
		{ "a deletion", "DELETE FROM posts WHERE slug = 'silent'", 1 },
		{ "an entry of nothing",
		    "INSERT INTO rowhouse.audit_log (tenant_id, timeline, actor_type, action, "
		    "target_type, target_id) VALUES ('" WORLD_ACME
		    "', 1, 'system', 'posts.updated', 'posts', 'x')",
		    1 },
		{ "an entry in a transaction of its own",
		    "BEGIN; UPDATE products SET stock = 5 WHERE id = 1 AND tenant_id = '" WORLD_ACME
		    "'; COMMIT; INSERT INTO rowhouse.audit_log (tenant_id, timeline, actor_type, "
		    "action, target_type, target_id) VALUES ('" WORLD_ACME
		    "', 1, 'system', 'products.updated', 'products', '1')",
		    2 },
		{ "an entry with its change",
		    "UPDATE products SET stock = 6 WHERE id = 1 AND tenant_id = '" WORLD_ACME
		    "'; INSERT INTO rowhouse.audit_log (tenant_id, timeline, actor_type, "
		    "action, target_type, target_id) VALUES ('" WORLD_ACME
		    "', 1, 'system', 'products.updated', 'products', '1')",
		    0 },
		{ "a log that is changed",
		    "UPDATE rowhouse.audit_log SET reason = 'x' WHERE "
		    "target_id = 'x'",
		    1 },
		{ "a table that nobody knows",
		    "CREATE TABLE strangers (id int); INSERT INTO "
		    "strangers VALUES (1)",
		    1 },
	};

	ask_for(201, "POST", "/api/posts", as_admin,
	    "{\"title\":\"t\",\"slug\":\"silent\",\"content\":\"c\"}");
	CHECK_INT(wal_look(superuser).faults, 0, "a post through the program");
	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		struct wal_tally wal;

		CHECK(sql_run(superuser, rows[i].sql), "%s", rows[i].what);
		wal = wal_look(superuser);
		CHECK_INT(wal.faults, rows[i].faults, "%s: %s", rows[i].what,
		    wal.fault != NULL ? wal.fault : "nothing");
	}
}

static const struct suite_test tests[] = {
	{ "rows, log and WAL agree", rows_log_and_wal_agree },
	{ "each fault is found", each_fault_is_found },
	{ "the WAL tells of silence", the_wal_tells_of_silence },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "replay", begin, writing_end, tests, SUITE_COUNT(tests) });
}
