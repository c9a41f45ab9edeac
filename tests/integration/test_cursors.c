/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cursors.c - after= and before=: walks through lists with ties and NULLs while rows come and
 * go, cursors that are not ours, and what index the statements use
 *
 * The right order is asked of PostgreSQL by a plain ORDER BY that is written here. */
#include <json-c/json.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/world.h"

static struct world *world;
static PGconn *superuser, *owner;

/* Three models of one shape: NULLs where PostgreSQL has them, always last, always first. */
static const char tables[] =
    "DO $$DECLARE name text; BEGIN"
    "  FOREACH name IN ARRAY '{walks,walks_last,walks_first}'::text[] LOOP"
    "    EXECUTE format('CREATE TABLE %I (tenant_id uuid NOT NULL,"
    "      id uuid NOT NULL DEFAULT rowhouse.uuid_v7(), rank int, grade int NOT NULL,"
    "      word text, at timestamptz NOT NULL DEFAULT now(), ratio float8 NOT NULL DEFAULT 0,"
    "      amount numeric NOT NULL DEFAULT 0, old boolean NOT NULL DEFAULT false,"
    "      PRIMARY KEY (tenant_id, id))', name);"
    "    PERFORM rowhouse.model(name, soft_delete => true,"
    "      sortable => '{id,rank,grade,word,at,ratio,amount}', max_limit => 100,"
    "      null_sort => CASE name WHEN 'walks_last' THEN 'last'"
    "                             WHEN 'walks_first' THEN 'first' END);"
    "  END LOOP; END$$";

static bool
begin(void)
{
	world = world_new(
	    &(struct world_options){ .roles = CLUSTER_TWO_ROLES, .log_statements = true });
	if (world == NULL)
		return false;
	superuser = world_superuser(world);
	owner = world_owner(world);
	return sql_run(owner, tables) && world_sign_in(world, "user");
}

static void
end(void)
{
	if (superuser != NULL)
		PQfinish(superuser);
	if (owner != NULL)
		PQfinish(owner);
	world_free(world);
}

/* 240 old rows: six ranks of which one is NULL, four grades, words that are sometimes NULL. */
static void
fill(const char *table)
{
	CHECK(sql_run(superuser,
		  keep_printf("TRUNCATE %s; INSERT INTO %s (tenant_id, rank, grade, word, old) "
			      "SELECT '" WORLD_ACME "', nullif(i %% 6, 0), i %% 4,"
			      " CASE WHEN i %% 5 > 0 THEN chr(97 + i %% 3) END, true"
			      " FROM generate_series(1, 240) AS i",
		      table, table)),
	    "%s", table);
}

/* New rows all over the order, and before all of it. */
static void
intrude(const char *table)
{
	sql_run(superuser,
	    keep_printf("INSERT INTO %s (tenant_id, rank, grade, word)"
			" SELECT '" WORLD_ACME "', nullif(i %% 6, 0), (random() * 3)::int, NULL"
			" FROM generate_series(1, 6) AS i;"
			"INSERT INTO %s (tenant_id, rank, grade, word) VALUES"
			" ('" WORLD_ACME "', -1, -1, ''), ('" WORLD_ACME "', 99, 99, 'zz')",
		table, table));
}

static bool
is_old(struct json_object *row)
{
	return strcmp(document_text(row, "old"), "true") == 0;
}

static const char *
table_of(const char *model)
{
	return strcmp(model, "walks-last") == 0 ? "walks_last"
	    : strcmp(model, "walks-first") == 0 ? "walks_first"
						: "walks";
}

struct walk {
	const char *model, *sort, *place; /* the query's sortBy...; after or before */
	int limit;
	bool by_offset; /* the control: page=1, 2, ... */
	bool undisturbed;
	bool bury; /* delete the row that the cursor was made of */
};

enum { SEEN_MAX = 4000 };

/* Ids of old rows in the order they were shown; before= is walked from the end, so reversed. */
static const char **
walk(const struct walk *w, size_t *count)
{
	const char **seen = keep_alloc(SEEN_MAX * sizeof(*seen));
	const char *table = table_of(w->model);
	bool before = strcmp(w->place, "before") == 0;
	const char *next = keep_printf("/api/%s?limit=%d&%s=%s&%s", w->model, w->limit,
	    w->by_offset ? "page" : w->place, w->by_offset ? "1" : "", w->sort);

	*count = 0;
	for (int page = 1; next != NULL && page < 400; page++) {
		const struct answer *a = world_get(world, WORLD_ACME, next);
		size_t rows = document_count(a->json, "data");

		if (!CHECK_INT(a->status, 200, "%s: %.300s", next, a->body))
			return seen;
		for (size_t i = 0; i < rows && *count < SEEN_MAX; i++) {
			size_t at = before ? rows - 1 - i : i;
			struct json_object *row = document_at(a->json, keep_printf("data.%zu", at));

			if (is_old(row))
				seen[(*count)++] = keep_printf("%s", document_text(row, "id"));
		}
		if (w->bury && rows > 0)
			sql_run(superuser,
			    keep_printf("DELETE FROM %s WHERE id = '%s'", table,
				document_text(
				    a->json, keep_printf("data.%zu.id", before ? 0 : rows - 1))));
		if (!w->undisturbed && page <= 40)
			intrude(table);
		next = document_at(a->json, before ? "links.previous" : "links.next") == NULL
		    ? NULL
		    : keep_printf(
			  "%s", document_text(a->json, before ? "links.previous" : "links.next"));
	}
	return seen;
}

/* Sorts, and how PostgreSQL is asked for the same. */
static const struct {
	const char *model, *sort, *order;
} orders[] = {
	{ "walks", "sortBy=grade", "grade, id" },
	{ "walks", "sortBy=grade:DESC", "grade DESC, id DESC" },
	{ "walks", "sortBy=rank", "rank, id" },
	{ "walks", "sortBy=rank:DESC", "rank DESC, id DESC" },
	{ "walks", "sortBy=grade&sortBy=rank:DESC", "grade, rank DESC, id DESC" },
	{ "walks", "sortBy=rank:DESC&sortBy=word&sortBy=grade:DESC",
	    "rank DESC, word, grade DESC, id DESC" },
	{ "walks", "sortBy=rank&sortBy=word&sortBy=id:DESC", "rank, word, id DESC" },
	{ "walks", "sortBy=word&sortBy=rank", "word, rank, id" },
	{ "walks-last", "sortBy=rank", "rank NULLS LAST, id" },
	{ "walks-last", "sortBy=rank:DESC", "rank DESC NULLS LAST, id DESC" },
	{ "walks-last", "sortBy=word:DESC&sortBy=rank:DESC&sortBy=grade",
	    "word DESC NULLS LAST, rank DESC NULLS LAST, grade, id" },
	{ "walks-first", "sortBy=rank", "rank NULLS FIRST, id" },
	{ "walks-first", "sortBy=rank:DESC&sortBy=word",
	    "rank DESC NULLS FIRST, word NULLS FIRST, id" },
	{ "walks-first", "sortBy=grade:DESC&sortBy=word", "grade DESC, word NULLS FIRST, id" },
};

static const char **
right_order(const char *model, const char *order, bool before, size_t *count)
{
	return sql_column(superuser,
	    keep_printf("SELECT id FROM (SELECT id, row_number() OVER (ORDER BY %s) AS n FROM %s"
			" WHERE old) AS o ORDER BY n %s",
		order, table_of(model), before ? "DESC" : "ASC"),
	    count);
}

/* How many places of two lists differ. */
static size_t
differences(const char **a, size_t a_count, const char **b, size_t b_count)
{
	size_t n = a_count > b_count ? a_count - b_count : b_count - a_count;

	for (size_t i = 0; i < a_count && i < b_count; i++)
		n += strcmp(a[i], b[i]) != 0;
	return n;
}

static void
walks_see_each_old_row_once(void)
{
	for (size_t i = 0; i < SUITE_COUNT(orders); i++)
		for (int before = 0; before < 2; before++) {
			struct walk w = { orders[i].model, orders[i].sort,
				before ? "before" : "after", 11, false, false, true };
			const char **wanted, **seen;
			size_t wanted_count, seen_count;

			fill(table_of(w.model));
			wanted = right_order(w.model, orders[i].order, before, &wanted_count);
			seen = walk(&w, &seen_count);
			CHECK_INT(wanted_count, 240, "%s", w.sort);
			CHECK_INT(seen_count, 240, "%s %s %s", w.model, w.sort, w.place);
			CHECK_INT(differences(wanted, wanted_count, seen, seen_count), 0,
			    "%s %s %s", w.model, w.sort, w.place);
		}
}

/* The control: the same rows come and go, and page= loses or repeats some; and so does a cursor
 * that is no tie-breaker's (W39), which the database is asked for by hand. */
static void
walks_by_page_number_do_not(void)
{
	struct walk w = { "walks", "sortBy=grade", "after", 7, true, false, true };
	size_t wanted_count, seen_count;
	const char **wanted, **seen;

	fill("walks");
	wanted = right_order("walks", "grade, id", false, &wanted_count);
	seen = walk(&w, &seen_count);
	CHECK(differences(wanted, wanted_count, seen, seen_count) > 0,
	    "page= was not disturbed: the test proves nothing");
}

/* --- writers that do not wait for the walk ---------------------------------------------------- */

enum { WRITERS = 3, FIRST_NEW = 200 };

/* Rows come and go all over the order, as fast as PostgreSQL takes them. */
struct writers {
	PGconn *connections[WRITERS];
	pthread_t threads[WRITERS];
	atomic_bool stop;
	atomic_ulong written;
};

struct writer {
	struct writers *all;
	PGconn *connection;
};

static void *
keep_writing(void *context)
{
	static const char exchange[] =
	    "WITH gone AS (DELETE FROM walks WHERE id IN (SELECT id FROM walks WHERE NOT old"
	    " ORDER BY random() LIMIT 4 FOR UPDATE SKIP LOCKED))"
	    "INSERT INTO walks (tenant_id, rank, grade, word) SELECT '" WORLD_ACME "',"
	    " nullif((random() * 7)::int - 1, 5), (random() * 5)::int - 1,"
	    " chr(96 + (random() * 4)::int) FROM generate_series(1, 4)";
	struct writer *w = context;

	while (!atomic_load(&w->all->stop)) {
		PGresult *result = PQexec(w->connection, exchange);

		if (PQresultStatus(result) == PGRES_COMMAND_OK)
			atomic_fetch_add(&w->all->written, 4);
		PQclear(result);
	}
	return NULL;
}

static void
start_writers(struct writers *all)
{
	static struct writer writers[WRITERS];

	*all = (struct writers){ .stop = false };
	sql_run(superuser,
	    keep_printf("INSERT INTO walks (tenant_id, rank, grade, word) SELECT '" WORLD_ACME "',"
			" nullif(i %% 6, 0), i %% 4, 'b' FROM generate_series(1, %d) AS i",
		FIRST_NEW));
	for (size_t i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ all, world_superuser(world) };
		all->connections[i] = writers[i].connection;
		CHECK_INT(pthread_create(&all->threads[i], NULL, keep_writing, &writers[i]), 0,
		    "a thread");
	}
}

static bool
have_begun(void *context)
{
	struct writers *all = context;

	return atomic_load(&all->written) >= 4UL * WRITERS;
}

/* How many rows they wrote. */
static unsigned long
stop_writers(struct writers *all)
{
	atomic_store(&all->stop, true);
	for (size_t i = 0; i < WRITERS; i++) {
		pthread_join(all->threads[i], NULL);
		PQfinish(all->connections[i]);
	}
	return atomic_load(&all->written);
}

static size_t
wrong_places(const struct walk *w, const char *order)
{
	struct writers writers;
	size_t wanted_count, seen_count;
	const char **wanted, **seen;
	unsigned long before;

	fill("walks");
	wanted = right_order("walks", order, strcmp(w->place, "before") == 0, &wanted_count);
	start_writers(&writers);
	CHECK(wait_until(have_begun, &writers, 20000), "writers");
	before = atomic_load(&writers.written);
	seen = walk(w, &seen_count);
	CHECK(stop_writers(&writers) > before, "%s: nobody wrote meanwhile", w->sort);
	return differences(wanted, wanted_count, seen, seen_count);
}

static void
walks_among_writers_see_each_old_row_once(void)
{
	struct walk by_number = { "walks", "sortBy=grade", "after", 7, true, true, false };
	size_t wrong = 0;

	for (size_t i = 0; i < SUITE_COUNT(orders); i++)
		for (int before = 0; before < 2 && strcmp(orders[i].model, "walks") == 0;
		     before++) {
			struct walk w = { "walks", orders[i].sort, before ? "before" : "after", 11,
				false, true, false };

			CHECK_INT(wrong_places(&w, orders[i].order), 0, "%s %s", w.sort, w.place);
		}
	/* The control: among the same writers page= loses rows, or shows them twice. */
	for (int i = 0; i < 20 && wrong == 0; i++)
		wrong = wrong_places(&by_number, "grade, id");
	CHECK(wrong > 0, "page= was not disturbed: the test proves nothing");
}

static void
before_is_the_inverse_of_after(void)
{
	for (size_t i = 0; i < SUITE_COUNT(orders); i++) {
		const char *pages[64], *next;
		const struct answer *a = NULL;
		int count = 0;

		fill(table_of(orders[i].model));
		next = keep_printf("/api/%s?limit=11&after=&%s", orders[i].model, orders[i].sort);
		for (; count < 64; count++) {
			a = world_get(world, WORLD_ACME, next);
			pages[count] = keep_printf("%s", document_text(a->json, "data"));
			if (document_at(a->json, "links.next") == NULL)
				break;
			next = document_text(a->json, "links.next");
		}
		CHECK_INT(count, 21, "%s: 240 rows by 11", orders[i].sort);
		CHECK_TEXT(document_text(a->json, "meta.hasNextPage"), "false", "the last");
		while (count-- > 0) {
			a = world_get(world, WORLD_ACME, document_text(a->json, "links.previous"));
			CHECK_TEXT(document_text(a->json, "data"), pages[count], "%s: page %d back",
			    orders[i].sort, count);
			CHECK_TEXT(
			    document_text(a->json, "meta.hasNextPage"), "true", "page %d", count);
		}
		CHECK_TEXT(document_text(a->json, "links.previous"), "null", "the first");
		CHECK_TEXT(document_text(a->json, "meta.hasPreviousPage"), "false", "the first");
	}
}

static void
envelope_of_places(void)
{
	const struct answer *a, *b;
	const char *cursor;

	fill("walks");
	a = world_get(world, WORLD_ACME, "/api/walks?sortBy=id&limit=2&after=");
	CHECK_INT(document_count(a->json, ""), 3, "%s", a->body);
	CHECK_INT(document_count(a->json, "meta"), 6, "%s", document_text(a->json, "meta"));
	CHECK_INT(document_int(a->json, "meta.itemsPerPage"), 2, "limit");
	CHECK_TEXT(document_text(a->json, "meta.hasPreviousPage"), "false", "first");
	CHECK_TEXT(document_text(a->json, "meta.sortBy"), "[[\"id\",\"ASC\"]]", "sort");
	CHECK_INT(document_count(a->json, "links"), 3, "%s", document_text(a->json, "links"));
	CHECK_TEXT(document_text(a->json, "links.current"), "/api/walks?limit=2&after=&sortBy=id",
	    "current");
	cursor = document_text(a->json, "meta.endCursor");
	CHECK_TEXT(document_text(a->json, "links.next"),
	    keep_printf("/api/walks?limit=2&after=%s&sortBy=id", cursor), "next");
	CHECK_TEXT(answer_header(a, "Link"),
	    keep_printf("<%s>; rel=\"next\"", document_text(a->json, "links.next")), "Link");
	b = world_get(world, WORLD_ACME, "/api/walks?sortBy=id&limit=2&after=");
	CHECK_TEXT(b->body, a->body, "the same page, byte for byte: its tag stays");
	/* Behind the last row there is nothing but a way back. */
	a = world_get(world, WORLD_ACME, "/api/walks?sortBy=id&limit=3&before=");
	CHECK_INT(document_count(a->json, "data"), 3, "the last three");
	cursor = document_text(a->json, "meta.endCursor");
	b = client_getf(world->client, WORLD_ACME, "/api/walks?sortBy=id&limit=3&after=%s", cursor);
	CHECK_INT(b->status, 200, "%s", b->body);
	CHECK_INT(document_count(b->json, "data"), 0, "%s", b->body);
	CHECK_TEXT(document_text(b->json, "meta.endCursor"), "null", "%s", b->body);
	b = world_get(world, WORLD_ACME, document_text(b->json, "links.previous"));
	CHECK_TEXT(document_text(b->json, "data"), document_text(a->json, "data"), "%s", b->body);
}

/* Milliseconds of microseconds are shown; the cursor has what is stored. */
static void
cursors_hold_stored_values(void)
{
	static const char *const sorts[] = { "at", "ratio", "amount", "at:DESC", "amount:DESC" };
	const char *shown;

	CHECK(sql_run(superuser,
		  "TRUNCATE walks; INSERT INTO walks (tenant_id, grade, at, ratio, amount, old) "
		  "SELECT '" WORLD_ACME "', 0, '2026-03-29 01:04:05.067Z'::timestamptz +"
		  " i * interval '1 microsecond', 0.1::float8 + i * 2.8e-17,"
		  " 12345678901234567890.123456789012345678 + i * 1e-18, true"
		  " FROM generate_series(1, 60) AS i"),
	    "rows");
	for (size_t i = 0; i < SUITE_COUNT(sorts); i++) {
		struct walk w = { "walks", keep_printf("sortBy=%s", sorts[i]), "after", 1, false,
			true, false };
		size_t count;

		walk(&w, &count);
		CHECK_INT(count, 60, "%s", sorts[i]);
	}
	shown = document_text(
	    world_get(world, WORLD_ACME, "/api/walks?sortBy=at&limit=1")->json, "data.0.at");
	CHECK_TEXT(
	    sql_value(superuser, keep_printf("SELECT count(*) FROM walks WHERE at > '%s'", shown)),
	    "60", "the control: behind the value that is shown lies the row itself");
}

static void
check_refused(const char *path, const char *pointer, const char *code)
{
	const struct answer *a = world_get(world, WORLD_ACME, path);

	CHECK_INT(a->status, 400, "%s: %.300s", path, a->body);
	CHECK_TEXT(document_text(a->json, "errors.0.pointer"), pointer, "%s", path);
	CHECK_TEXT(document_text(a->json, "errors.0.code"), code, "%s", path);
}

static void
foreign_cursors_are_refused(void)
{
	static const char *const elsewhere[] = { "/api/walks?sortBy=rank&after=%s",
		"/api/walks?sortBy=grade:DESC&after=%s", "/api/walks?after=%s",
		"/api/walks-last?sortBy=grade&after=%s", "/api/walks?sortBy=grade&after=%sA",
		"/api/walks?sortBy=grade&after=A%s", "/api/walks?sortBy=grade&after=%%20%s",
		"/api/walks?sortBy=grade&sortBy=rank&after=%s" };
	const char *cursor, *path;
	const struct answer *a;
	char *forged;

	fill("walks");
	fill("walks_last");
	a = world_get(world, WORLD_ACME, "/api/walks?sortBy=grade&after=&limit=5");
	cursor = document_text(a->json, "meta.endCursor");
	path = keep_printf("/api/walks?sortBy=grade&after=%s", cursor);
	CHECK_INT(world_get(world, WORLD_ACME, path)->status, 200, "the control");
	for (size_t i = 0; i < SUITE_COUNT(elsewhere); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		check_refused(keep_printf(elsewhere[i], cursor), "/query/after", "cursor");
#pragma GCC diagnostic pop
	}
	a = world_get(world, WORLD_GLOBEX, path);
	CHECK_INT(a->status, 400, "another tenant: %s", a->body);
	CHECK(strstr(a->body, cursor) == NULL, "it is not echoed: %s", a->body);
	for (size_t i = 0; i < strlen(cursor); i += 5) {
		forged = keep_copy(cursor, strlen(cursor));
		forged[i] = forged[i] == 'B' ? 'C' : 'B';
		check_refused(keep_printf("/api/walks?sortBy=grade&after=%s", forged),
		    "/query/after", "cursor");
		check_refused(
		    keep_printf("/api/walks?sortBy=grade&before=%.*s", (int)i + 1, cursor),
		    "/query/before", "cursor");
	}
	check_refused("/api/walks?after=&page=1", "/query/page", "conflict");
	check_refused("/api/walks?page=1&before=", "/query/page", "conflict");
	check_refused("/api/walks?after=&before=", "/query/before", "conflict");
	check_refused("/api/walks?after=&after=", "/query/after", "duplicate");
	check_refused("/api/walks?after=eyJpZCI6IjEwIn0", "/query/after", "cursor");
}

/* --- indexes ---------------------------------------------------------------------------------- */

/* The plan of the last statement on a walk that the server ran since mark. */
static const char *
plan_of_last(long mark)
{
	struct json_object *log = cluster_log_statements(world->cluster, mark);
	const char *statement = NULL, *detail = NULL, *values = "";
	PGconn *app = world_app(world);
	const char **lines;
	size_t count;

	for (size_t i = 0; i < document_count(log, ""); i++)
		if (strstr(document_text(log, keep_printf("%zu.statement", i)), "walks") != NULL) {
			statement =
			    keep_printf("%s", document_text(log, keep_printf("%zu.statement", i)));
			detail =
			    keep_printf("%s", document_text(log, keep_printf("%zu.detail", i)));
		}
	json_object_put(log);
	if (!CHECK(statement != NULL, "a statement in the log"))
		return "";
	/* "parameters: $1 = 'a', $2 = NULL": the values alone. */
	for (const char *at = strstr(detail, "$1 = "); at != NULL; at = strstr(at, ", $")) {
		const char *value = strstr(at, " = ") + 3;
		const char *stop = strstr(value, ", $");

		values = keep_printf("%s%s%.*s", values, *values != '\0' ? ", " : "",
		    (int)(stop != NULL ? (size_t)(stop - value) : strlen(value)), value);
		at = value;
	}
	sql_run(
	    app, keep_printf("SELECT set_config('app.current_tenant', '" WORLD_ACME "', false)"));
	sql_run(app, keep_printf("PREPARE s AS %s", strstr(statement, "SELECT")));
	lines = sql_column(app, keep_printf("EXPLAIN EXECUTE s(%s)", values), &count);
	statement = "";
	for (size_t i = 0; i < count; i++)
		statement = keep_printf("%s%s\n", statement, lines[i]);
	PQfinish(app);
	return statement;
}

static size_t
times(const char *text, const char *needle)
{
	size_t n = 0;

	for (; (text = strstr(text, needle)) != NULL; text++)
		n++;
	return n;
}

/* Sorts of more than what branches have limited already. */
static size_t
large_sorts(const char *plan)
{
	size_t n = 0;

	for (; (plan = strstr(plan, "Sort  (cost")) != NULL; plan++) {
		const char *limit = strstr(plan, "Limit  (cost"), *scan = strstr(plan, " using ");

		n += limit == NULL || scan == NULL || limit > scan;
	}
	return n;
}

static void
check_plan(const char *path, size_t scans)
{
	long mark = cluster_log_mark(world->cluster);
	const struct answer *a = world_get(world, WORLD_ACME, path);
	const char *plan = plan_of_last(mark);

	CHECK_INT(a->status, 200, "%s: %.200s", path, a->body);
	CHECK_INT(times(plan, "Index Scan"), scans, "%s:\n%s", path, plan);
	CHECK_INT(
	    times(plan, "Index Cond: (tenant_id = ") + times(plan, "Index Cond: ((tenant_id = "),
	    scans, "%s:\n%s", path, plan);
	CHECK_INT(times(plan, "Seq Scan") + times(plan, "Bitmap"), 0, "%s:\n%s", path, plan);
	CHECK_INT(large_sorts(plan), 0, "%s:\n%s", path, plan);
}

/* First and deep pages read a range of one index per branch, and sort nothing. */
static void
pages_are_ranges_of_an_index(void)
{
	static const struct {
		const char *model, *sort;
		size_t first, deep; /* branches */
	} rows[] = {
		{ "walks", "sortBy=grade:DESC", 1, 1 },
		{ "walks", "sortBy=rank", 1, 2 },
		{ "walks", "sortBy=rank:DESC", 1, 1 },
		{ "walks-last", "sortBy=rank:DESC", 2, 2 },
		{ "walks-first", "sortBy=rank", 2, 1 },
		{ "walks", "sortBy=grade&sortBy=rank:DESC", 1, 2 },
	};
	long mark;

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const char *table = table_of(rows[i].model), *next;
		const struct answer *a;

		sql_run(superuser,
		    keep_printf("TRUNCATE %s; INSERT INTO %s (tenant_id, rank, grade, word, old)"
				" SELECT t, nullif(i %% 50, 0), i %% 40, 'x', true"
				" FROM generate_series(1, 10000) AS i,"
				" unnest('{" WORLD_ACME "," WORLD_GLOBEX "}'::uuid[]) AS t;"
				"CREATE INDEX IF NOT EXISTS %s_mixed ON %s"
				" (tenant_id, grade, rank DESC, id DESC) WHERE deleted_at IS NULL;"
				"ANALYZE %s",
			table, table, table, table, table));
		next = keep_printf("/api/%s?limit=10&after=&%s", rows[i].model, rows[i].sort);
		check_plan(next, rows[i].first);
		/* As deep as some 2,000 rows. */
		for (int page = 0; page < 20; page++) {
			a = world_get(world, WORLD_ACME,
			    page > 0 ? next
				     : keep_printf("/api/%s?limit=100&after=&%s", rows[i].model,
					   rows[i].sort));
			next = keep_printf("%s", document_text(a->json, "links.next"));
		}
		check_plan(next, rows[i].deep);
	}
	/* The control: page= at that depth reads all that lies before it. */
	mark = cluster_log_mark(world->cluster);
	world_get(world, WORLD_ACME, "/api/walks?limit=10&page=900&sortBy=word");
	CHECK(times(plan_of_last(mark), "Seq Scan") > 0, "page=900");
}

static const struct suite_test tests[] = {
	{ "walks see each old row once", walks_see_each_old_row_once },
	{ "walks by page number do not", walks_by_page_number_do_not },
	{ "walks among writers see each old row once", walks_among_writers_see_each_old_row_once },
	{ "before is the inverse of after", before_is_the_inverse_of_after },
	{ "the envelope of places", envelope_of_places },
	{ "cursors hold stored values", cursors_hold_stored_values },
	{ "foreign cursors are refused", foreign_cursors_are_refused },
	{ "pages are ranges of an index", pages_are_ranges_of_an_index },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "cursors", begin, end, tests, SUITE_COUNT(tests) });
}
