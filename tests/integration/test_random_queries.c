/* SPDX-License-Identifier: BSD-2-Clause */
/* test_random_queries.c - twenty thousand random queries, each answered by the oracle, too
 *
 * Random rows are loaded into PostgreSQL and kept in memory; each query goes through nginx to the
 * program and is answered from memory by tests/oracle. Rows must agree one by one, in order, and so
 * must the totals. The same answers of the program are compared with those of evaluators that make
 * one mistake each: a mistake that few queries show would go unseen in the program as well.
 *
 * A new seed for each run, which is printed; ROWHOUSE_SEED=n throws the same again, and with
 * ROWHOUSE_QUERY=i its i-th query only. */
#include <curl/curl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "oracle/aggregate.h"
#include "oracle/agreement.h"
#include "oracle/csv.h"
#include "oracle/dice.h"
#include "oracle/evaluate.h"
#include "oracle/pool.h"
#include "support/document.h"
#include "support/keep.h"
#include "support/sandbox.h"
#include "support/suite.h"
#include "support/world.h"

enum {
	QUERIES = 20000,
	CLIENTS = 4,
	NOTICED_WITHIN = 5000, /* queries that show each planted fault */
	SHOWN_MISMATCHES = 5,
	SHOWN_BYTES = 1500,
	TIMEOUT_MS = 20000,
};

static const char *const logins[ASKERS] = { "user", "mod", "admin" };
static const char *const tenant_ids[TENANTS] = { WORLD_ACME, WORLD_GLOBEX };

static struct world *world;
static struct rows rows;
static const char *tokens[TENANTS][ASKERS];

/* What came of the run; the clients share it. */
static struct {
	pthread_mutex_t lock;
	atomic_size_t next, asked;
	size_t first, end;
	atomic_size_t mismatches;
	size_t requests, rows_compared;
	size_t empty;                       /* lists */
	_Atomic size_t noticed[FAULT__MAX]; /* the lowest query that shows it; SIZE_MAX: none yet */
} run = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* --- one client ------------------------------------------------------------------------------- */

struct body {
	char *bytes;
	size_t len, size;
};

/* What is asked for; the first one is not said. */
enum { ACCEPT_JSON, ACCEPT_NDJSON, ACCEPT_CSV, ACCEPTS };
static const char *const accepts[ACCEPTS] = { NULL, "Accept: application/x-ndjson",
	"Accept: text/csv" };

struct asking {
	CURL *curl;
	struct curl_slist *headers[TENANTS][ASKERS][ACCEPTS];
	struct body body;
	struct pool *pool;
};

static size_t
take_bytes(char *bytes, size_t size, size_t count, void *argument)
{
	struct body *b = argument;
	size_t n = size * count;

	if (b->len + n + 1 > b->size) {
		char *more = realloc(b->bytes, b->size = 2 * (b->len + n + 1));

		if (more == NULL)
			return 0;
		b->bytes = more;
	}
	memcpy(b->bytes + b->len, bytes, n);
	b->len += n;
	b->bytes[b->len] = '\0';
	return n;
}

static void
asking_begin(struct asking *a)
{
	a->pool = pool_new();
	a->curl = curl_easy_init();
	curl_easy_setopt(a->curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(a->curl, CURLOPT_WRITEDATA, &a->body);
	curl_easy_setopt(a->curl, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
	curl_easy_setopt(a->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(a->curl, CURLOPT_PROXY, "");
	for (int tenant = 0; tenant < TENANTS; tenant++)
		for (int asker = 0; asker < ASKERS; asker++)
			for (int accept = 0; accept < ACCEPTS; accept++) {
				struct curl_slist *list = curl_slist_append(
				    curl_slist_append(NULL, "Content-Type: application/json"),
				    bearer_header(tokens[tenant][asker]));

				a->headers[tenant][asker][accept] = accepts[accept] == NULL
				    ? list
				    : curl_slist_append(list, accepts[accept]);
			}
}

static void
asking_end(struct asking *a)
{
	for (int tenant = 0; tenant < TENANTS; tenant++)
		for (int asker = 0; asker < ASKERS; asker++)
			for (int accept = 0; accept < ACCEPTS; accept++)
				curl_slist_free_all(a->headers[tenant][asker][accept]);
	curl_easy_cleanup(a->curl);
	free(a->body.bytes);
	pool_free(a->pool);
}

static int
accepted(const struct asked *asked)
{
	return asked->csv ? ACCEPT_CSV : asked->whole ? ACCEPT_NDJSON : ACCEPT_JSON;
}

/* The status, 0 when there was no whole answer; the body is in a->body. */
static int
request(struct asking *a, const struct asked *asked, const char *url)
{
	const char *body = asked_body(asked, a->pool);
	long status = 0;

	a->body.len = 0;
	curl_easy_setopt(a->curl, CURLOPT_URL,
	    pool_printf(a->pool, "%s%s", webserver_url(world->webserver), url));
	curl_easy_setopt(a->curl, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(a->curl, CURLOPT_CUSTOMREQUEST, body != NULL ? "QUERY" : NULL);
	if (body != NULL)
		curl_easy_setopt(a->curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(
	    a->curl, CURLOPT_HTTPHEADER, a->headers[asked->tenant][asked->asker][accepted(asked)]);
	if (curl_easy_perform(a->curl) != CURLE_OK)
		return 0;
	curl_easy_getinfo(a->curl, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

/* --- comparing -------------------------------------------------------------------------------- */

static void
show(struct asking *a, size_t i, const struct asked *asked, const char *url, const char *found)
{
	struct answered wanted = evaluate(&rows, FAULT_NONE, asked, a->pool);

	pthread_mutex_lock(&run.lock);
	if (run.mismatches++ < SHOWN_MISMATCHES)
		printf("\nROWHOUSE_SEED=%" PRIu64 " ROWHOUSE_QUERY=%zu, %s of %s\n  %s %s\n  %s\n"
		       "  expected %.*s\n  got      %.*s\n",
		    rows.seed, i, logins[asked->asker], world_slug(tenant_ids[asked->tenant]), url,
		    asked->body ? asked_body(asked, a->pool) : "", found, SHOWN_BYTES,
		    json_object_to_json_string_ext(wanted.data, 0), SHOWN_BYTES,
		    a->body.len > 0 ? a->body.bytes : "(nothing)");
	pthread_mutex_unlock(&run.lock);
	json_object_put(wanted.data);
}

/* The program is right as far as is known: which faults would have been noticed here? */
static void
notice(size_t i, const struct asked *asked, const struct reply *reply, struct pool *p)
{
	for (int fault = FAULT_NONE + 1; fault < FAULT__MAX; fault++)
		if (i < run.noticed[fault] &&
		    disagreement(&rows, (enum fault)fault, asked, reply, p) != NULL) {
			pthread_mutex_lock(&run.lock);
			if (i < run.noticed[fault])
				run.noticed[fault] = i;
			pthread_mutex_unlock(&run.lock);
		}
}

static struct json_object *
document_of(const struct asking *a)
{
	return json_tokener_parse(a->body.len > 0 ? a->body.bytes : "");
}

/* The rows of an NDJSON body as an array; NULL when its last line does not say how many. */
static struct json_object *
lines_of(const struct asking *a)
{
	struct json_object *lines = json_object_new_array();
	size_t count = 0;

	for (char *at = a->body.bytes, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
		*end = '\0';
		if (end[1] != '\0')
			json_object_array_add(lines, json_tokener_parse(at));
		else if (sscanf(at, "{\"_complete\":{\"rows\":%zu}}", &count) == 1 &&
		    count == json_object_array_length(lines))
			return lines;
	}
	json_object_put(lines);
	return NULL;
}

/* One request, compared; its answer, put by the caller, or NULL when it is not the right one. */
static struct json_object *
step(struct asking *a, size_t i, const struct asked *asked, const char *url)
{
	int status = request(a, asked, url);
	struct json_object *got = status != 200 || !asked->whole ? document_of(a)
	    : asked->csv                                         ? csv_read(a->pool, a->body.bytes)
								 : lines_of(a);
	const struct reply reply = { status, got };
	const char *found;

	if (asked->shape == ASKED_AGGREGATE)
		aggregate_round(asked_is_list(asked) ? document_at(got, "data") : got);
	found = disagreement(&rows, FAULT_NONE, asked, &reply, a->pool);
	if (found != NULL)
		show(a, i, asked, url, found);
	else
		notice(i, asked, &reply, a->pool);
	pthread_mutex_lock(&run.lock);
	run.rows_compared += document_count(got, asked->whole ? "" : "data");
	run.empty += asked_is_list(asked) && document_count(got, "data") == 0;
	run.requests++;
	pthread_mutex_unlock(&run.lock);
	if (found == NULL)
		return got;
	json_object_put(got);
	return NULL;
}

/* The page that one more step leads to: 'a' behind the last one, 'b' before it. */
static void
move(struct asked *page, char way, bool is_first, size_t total)
{
	size_t limit = (size_t)asked_limit(page);

	if (way == 'a') {
		page->first = is_first ? 0 : page->end;
		page->end = page->first + limit < total ? page->first + limit : total;
	} else {
		page->end = is_first ? total : page->first;
		page->first = page->end > limit ? page->end - limit : 0;
	}
}

/* Page after page by the cursors of the answers, as long as there are any. */
static void
walk(struct asking *a, size_t i, const struct asked *asked, const char *url)
{
	struct answered all = evaluate(&rows, FAULT_NONE, asked, a->pool);
	struct asked page = *asked;
	const char *cursor = "";

	json_object_put(all.data);
	for (const char *way = asked->walk; *way != '\0' && cursor != NULL; way++) {
		struct json_object *got, *next;

		move(&page, *way, way == asked->walk, all.total);
		got = step(a, i, &page,
		    pool_printf(a->pool, "%s%c%s=%s", url, strchr(url, '?') != NULL ? '&' : '?',
			*way == 'a' ? "after" : "before", cursor));
		next = document_at(got, way[1] == 'a' ? "meta.endCursor" : "meta.startCursor");
		cursor =
		    next != NULL ? pool_printf(a->pool, "%s", json_object_get_string(next)) : NULL;
		json_object_put(got);
	}
}

static void
ask(struct asking *a, size_t i)
{
	struct dice d = dice_of(rows.seed, i);
	const struct asked *asked = asked_throw(&rows, &d, a->pool);
	const char *url = asked_url(asked, a->pool);

	if (asked->walk != NULL)
		walk(a, i, asked, url);
	else
		json_object_put(step(a, i, asked, url));
	pool_reset(a->pool);
	run.asked++;
}

static void *
client_run(void *unused)
{
	struct asking a = { 0 };
	size_t i;

	(void)unused;
	asking_begin(&a);
	while ((i = run.next++) < run.end)
		ask(&a, i);
	asking_end(&a);
	return NULL;
}

/* --- tests ------------------------------------------------------------------------------------ */

static uint64_t
number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

/* Once, whichever test comes first. */
static void
run_all(void)
{
	pthread_t clients[CLIENTS];

	if (run.end > 0)
		return;
	run.first = number_of("ROWHOUSE_QUERY", 0);
	run.next = run.first;
	run.end = getenv("ROWHOUSE_QUERY") != NULL ? run.first + 1
						   : number_of("ROWHOUSE_QUERIES", QUERIES);
	for (int fault = 0; fault < FAULT__MAX; fault++)
		run.noticed[fault] = SIZE_MAX;
	for (int i = 0; i < CLIENTS; i++)
		if (pthread_create(&clients[i], NULL, client_run, NULL) != 0)
			abort();
	for (int i = 0; i < CLIENTS; i++)
		pthread_join(clients[i], NULL);
}

static void
oracle_and_program_agree(void)
{
	run_all();
	printf("\n  seed %" PRIu64 ": %zu queries, %zu requests, %zu rows, %zu empty lists\n",
	    rows.seed, (size_t)run.asked, run.requests, run.rows_compared, run.empty);
	CHECK_INT(run.asked, run.end - run.first, "queries that were asked");
	CHECK_INT(run.mismatches, 0, "queries of seed %" PRIu64, rows.seed);
	CHECK(run.rows_compared > run.requests, "so few rows show little");
	CHECK(run.empty < run.requests / 2, "so many empty lists show little");
}

static void
planted_faults_are_noticed(void)
{
	run_all();
	for (int fault = FAULT_NONE + 1; fault < FAULT__MAX; fault++) {
		const char *name = fault_name((enum fault)fault);

		printf("\n  %-45s %zd", name, (ssize_t)run.noticed[fault]);
		CHECK(run.noticed[fault] < NOTICED_WITHIN, "%s: noticed by query %zd", name,
		    (ssize_t)run.noticed[fault]);
	}
	puts("");
}

/* --- the tables ------------------------------------------------------------------------------- */

static bool
load(PGconn *superuser)
{
	char *sql = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&sql, &len);
	bool loaded;

	if (out == NULL)
		return false;
	rows_write(&rows, out);
	loaded = fclose(out) == 0 && sql_run(superuser, sql) && sql_run(superuser, "ANALYZE");
	free(sql);
	return loaded;
}

static bool
fill(void)
{
	PGconn *superuser = world_superuser(world), *owner = world_owner(world);
	char *tables = file_read(sandbox_source("tests/oracle/tables.sql"), NULL);
	bool filled;

	for (int tenant = 0; tenant < TENANTS; tenant++)
		for (int asker = 0; asker < ASKERS; asker++)
			rows.people[tenant][asker] = sql_value(superuser,
			    keep_printf("SELECT id FROM users WHERE email = '%s@%s.test'",
				logins[asker], world_slug(tenant_ids[tenant])));
	rows.seed = number_of("ROWHOUSE_SEED", (uint64_t)time(NULL));
	rows_throw(&rows);
	filled = tables != NULL && sql_run(owner, tables) && load(superuser);
	free(tables);
	PQfinish(owner);
	PQfinish(superuser);
	return filled;
}

static bool
sign_in(void)
{
	for (int asker = 0; asker < ASKERS; asker++) {
		if (!world_sign_in(world, logins[asker]))
			return false;
		for (int tenant = 0; tenant < TENANTS; tenant++)
			tokens[tenant][asker] = client_token(world->client, tenant_ids[tenant]);
		client_forget(world->client);
	}
	return true;
}

static bool
begin(void)
{
	world = world_new(&(struct world_options){ .roles = CLUSTER_TWO_ROLES,
	    .settings = "max_includes = 100\nmax_include_depth = 6\n"
			"export_workers = 4\n" });
	if (world == NULL)
		return false;
	for (int tenant = 0; tenant < TENANTS; tenant++)
		rows.tenants[tenant] = tenant_ids[tenant];
	return fill() && sign_in();
}

static void
end(void)
{
	pool_free(rows.pool);
	world_free(world);
}

static const struct suite_test tests[] = {
	{ "oracle and program agree", oracle_and_program_agree },
	{ "planted faults are noticed", planted_faults_are_noticed },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "random_queries", begin, end, tests, SUITE_COUNT(tests) });
}
