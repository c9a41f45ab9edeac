/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_reads.c - what reads cost, next to what PostgreSQL alone costs, and how costs grow
 *
 * The goals are those of DESIGN 9 for one connection per request between nginx and a worker, as
 * shipped: bearer token, log line. pgbench and wrk run in turn, several times, so that whatever
 * else the machine does falls on both; each figure is the median of the rounds, each ratio the
 * median of the rounds' ratios. Prints measured next to goal and judges none; the exit status
 * says whether everything could be measured (`make bench`). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/consumption.h"
#include "bench/contest.h"
#include "support/document.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/sandbox.h"
#include "support/world.h"

enum {
	ROUNDS = 5,
	ROUND_S = 2,
	WORKERS = 4, /* and as many connections of pgbench */
	CLIENTS = 16,
	URLS = 16,
	PAGES = 301,
	DEPTH = 100000,
	DEPTH_PAGE = 100,
	MEMORY_REQUESTS = 100000,
	EXPORT_ROWS = 1000000,
	EXPORT_MS = 300000,
	SAMPLE_MS = 20,
};

#define LOGIN "user1@bench.test"

static struct world *world;
static bool all_measured = true;

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(const double *values, size_t count)
{
	double *sorted = keep_alloc((count + 1) * sizeof(*sorted));

	memcpy(sorted, values, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare);
	return sorted[count / 2];
}

static void
not_measured(const char *what)
{
	printf("  %-44s could not be measured\n", what);
	all_measured = false;
}

/* --- against pgbench -------------------------------------------------------------------------- */

static const struct {
	const char *name, *what, *path; /* %012x: the number of a post */
	double goal;                    /* of pgbench */
	double worker_goal_us;          /* 0: none */
} reads[] = {
	{ "key", "one post by its id", "/api/posts/00000000-0000-7000-8000-%012x", 0.25, 40 },
	{ "list", "the last 20 posts, by an index, without a count",
	    "/api/posts?limit=20&count=none&sortBy=createdAt:DESC", 0.35, 0 },
	{ "deep", "a post, author with profile, categories, 20 comments with authors",
	    "/api/posts/00000000-0000-7000-8000-%012x"
	    "?include=author.profile,categories,comments(limit:20).author",
	    0.65, 0 },
};

static const char *
url_of(const char *path, unsigned n)
{
	const char *at = strstr(path, "%012x");

	if (at == NULL)
		return path;
	return keep_printf("%.*s%012x%s", (int)(at - path), path, n, at + 5);
}

static void
print_run(const char *who, const struct contest_run *r)
{
	printf("    %-8s %8.0f/s", who, r->per_s);
	if (r->p50_us > 0)
		printf("  p50 %6.0f us  p99 %6.0f us  cpu us: nginx %5.1f  worker %5.1f  "
		       "postgresql %5.1f",
		    r->p50_us, r->p99_us, r->nginx_us, r->worker_us, r->postgres_us);
	puts("");
}

static bool
run_rounds(struct contest *c, double *ratios, double *worker_us)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct contest_run by_pgbench, by_wrk;

		if (!contest_pgbench(c, ROUND_S, &by_pgbench) || !contest_wrk(c, ROUND_S, &by_wrk))
			return false;
		print_run("pgbench", &by_pgbench);
		print_run("rowhouse", &by_wrk);
		ratios[i] = by_wrk.per_s / by_pgbench.per_s;
		worker_us[i] = by_wrk.worker_us;
	}
	return true;
}

/* A contest for each kind of read: the server logs every statement until it is told not to. */
static void
begin_contests(struct contest **contests, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *urls[URLS];

		for (unsigned n = 0; n < URLS; n++)
			urls[n] = url_of(reads[i].path, n + 1);
		contests[i] = contest_new(world,
		    &(struct contest_options){ .name = reads[i].name,
			.urls = urls,
			.url_count = URLS,
			.token = client_token(world->client, "bench0"),
			.tenant = "bench0",
			.login = LOGIN,
			.connections = WORKERS,
			.clients = CLIENTS });
	}
}

static void
against_pgbench(void)
{
	enum { COUNT = sizeof(reads) / sizeof(reads[0]) };
	struct contest *contests[COUNT];
	double ratios[ROUNDS], worker_us[ROUNDS];

	begin_contests(contests, COUNT);
	if (!contest_log(world, client_token(world->client, "bench0"), false)) {
		not_measured("reads next to pgbench: the server goes on logging statements");
		return;
	}
	printf("the statements of reads by pgbench (%d connections, prepared, pipelined)\n"
	       "and the reads by wrk through nginx (%d connections, %d workers), in turn\n",
	    WORKERS, CLIENTS, WORKERS);
	for (size_t i = 0; i < COUNT; i++) {
		printf("  %s: %s\n", reads[i].name, reads[i].what);
		if (contests[i] == NULL || !run_rounds(contests[i], ratios, worker_us)) {
			not_measured(reads[i].name);
			continue;
		}
		printf("  %-44s %.2f of pgbench (goal: at least %.2f)\n", reads[i].name,
		    median(ratios, ROUNDS), reads[i].goal);
		if (reads[i].worker_goal_us > 0)
			printf("  %-44s %.1f us (goal: at most %.0f)\n",
			    "processor time of a worker", median(worker_us, ROUNDS),
			    reads[i].worker_goal_us);
	}
}

/* --- how pages grow --------------------------------------------------------------------------- */

static const struct answer *
get(const char *tenant, const char *path)
{
	return client_send(world->client, "GET", path, client_token(world->client, tenant), NULL);
}

/* Ask both in turn; the median of the second by that of the first. */
static void
compare_pages(const char *what, const char *first_tenant, const char *first,
    const char *second_tenant, const char *second)
{
	double took[2][PAGES];

	for (int i = 0; i < PAGES; i++) {
		const struct answer *a = get(first_tenant, first), *b = get(second_tenant, second);

		if (a->status != 200 || b->status != 200) {
			fprintf(stderr, "bench: %s: status %d, %s: status %d\n%.300s\n", first,
			    a->status, second, b->status, a->status != 200 ? a->body : b->body);
			not_measured(what);
			return;
		}
		took[0][i] = a->took_us;
		took[1][i] = b->took_us;
	}
	printf("  %-44s %.2f: %.0f us, %.0f us (goal: at most 1.20)\n", what,
	    median(took[1], PAGES) / median(took[0], PAGES), median(took[0], PAGES),
	    median(took[1], PAGES));
}

/* A cursor behind DEPTH rows; NULL when the walk ends before. */
static const char *
cursor_at_depth(void)
{
	const char *cursor = "";

	for (int i = 0; i < DEPTH / DEPTH_PAGE; i++) {
		const struct answer *a = get("large",
		    keep_printf("/api/posts?limit=%d&sortBy=createdAt:DESC&select=id&after=%s",
			DEPTH_PAGE, cursor));

		if (a->status != 200 || document_count(a->json, "data") != DEPTH_PAGE) {
			fprintf(stderr, "bench: page %d by cursor: status %d: %.300s\n", i,
			    a->status, a->body);
			return NULL;
		}
		cursor = document_text(a->json, "meta.endCursor");
	}
	return cursor;
}

static void
growth(void)
{
	static const char page[] = "/api/posts?limit=20&sortBy=createdAt:DESC&select=id&after=";
	static const char first[] = "/api/posts?limit=20&sortBy=createdAt:DESC&count=none";
	const char *cursor = cursor_at_depth();

	printf("pages of 20, one client, in turn, medians of %d\n", PAGES);
	if (cursor == NULL)
		not_measured("a page at depth 100,000 by the first page");
	else
		compare_pages("a page at depth 100,000 by the first page", "large", page, "large",
		    keep_printf("%s%s", page, cursor));
	compare_pages("the first page at 1,000,000 rows by 10,000", "small", first, "large", first);
}

/* --- memory ----------------------------------------------------------------------------------- */

/* Memory that a worker shares with nobody, the largest of all workers. */
static void
memory_of_requests(void)
{
	const char *urls[URLS];
	struct contest *c;
	struct contest_run run;
	long before = -1, after = 0, requests = 0;

	for (unsigned n = 0; n < URLS; n++)
		urls[n] = url_of(reads[n % 3].path, n + 1);
	c = contest_new(world,
	    &(struct contest_options){ .name = "memory",
		.urls = urls,
		.url_count = URLS,
		.token = client_token(world->client, "bench0"),
		.clients = CLIENTS });
	while (requests < MEMORY_REQUESTS + MEMORY_REQUESTS / 10) {
		if (c == NULL || !contest_wrk(c, ROUND_S, &run)) {
			not_measured("memory of a worker over requests");
			return;
		}
		requests += run.requests;
		if (before < 0 && requests >= MEMORY_REQUESTS / 10)
			before = consumption_worker_kib(world);
	}
	after = consumption_worker_kib(world);
	printf("  %-44s %ld KiB after %d, %ld KiB after %ld (goal: flat)\n", "memory of a worker",
	    before, MEMORY_REQUESTS / 10, after, requests);
}

/* curl takes the export; meanwhile we look at the workers. */
static void
memory_of_export(void)
{
	static const char what[] = "memory while a million rows stream as CSV";
	const char *path = keep_printf("%s/export", world->folder);
	const char *const argv[] = { "curl", "--silent", "--show-error", "--fail", "--output",
		"/dev/null", "--write-out", "%{http_code} %{size_download}\n", "--header",
		"Accept: text/csv", "--header", bearer_header(client_token(world->client, "large")),
		keep_printf(
		    "%s/api/posts?select=id,title,createdAt", webserver_url(world->webserver)),
		NULL };
	FILE *out = fopen(path, "we");
	long kib, largest = consumption_worker_kib(world), status = 0, size = 0;
	int64_t begun = now_ms();
	int ended = -1;
	pid_t pid;
	char *said;

	if (out == NULL)
		abort();
	pid = process_start(&(struct process_options){ .argv = argv, .output = fileno(out) });
	while (!process_wait(pid, SAMPLE_MS, &ended) && now_ms() - begun < EXPORT_MS)
		if ((kib = consumption_worker_kib(world)) > largest)
			largest = kib;
	fclose(out);
	said = file_read(path, NULL);
	if (ended != 0 || said == NULL || sscanf(said, "%ld %ld", &status, &size) != 2 ||
	    status != 200 || size < 40L * EXPORT_ROWS) {
		fprintf(stderr, "bench: export: %s\n", said != NULL ? said : "");
		not_measured(what);
	} else {
		printf("  %-44s %ld KiB, %.1f s (goal: at most 8192 KiB)\n", what, largest,
		    (double)(now_ms() - begun) / 1e3);
	}
	free(said);
}

/* --- the world -------------------------------------------------------------------------------- */

static bool
load(void)
{
	char *sql = file_read(sandbox_source("tests/bench/reads.sql"), NULL);
	PGconn *superuser = world_superuser(world);
	bool loaded = sql != NULL && sql_run(superuser, sql) &&
	    sql_run(superuser, "VACUUM ANALYZE") && sql_run(superuser, "CHECKPOINT");

	free(sql);
	PQfinish(superuser);
	return loaded;
}

static bool
sign_in(void)
{
	static const char *const tenants[] = { "bench0", "small", "large" };

	for (size_t i = 0; i < sizeof(tenants) / sizeof(tenants[0]); i++)
		if (!client_sign_in(world->client, tenants[i], LOGIN, WORLD_PASSWORD))
			return false;
	return true;
}

static const struct {
	const char *name;
	void (*run)(void);
} parts[] = {
	{ "pgbench", against_pgbench },
	{ "growth", growth },
	{ "memory", memory_of_requests },
	{ "export", memory_of_export },
};

/* With an argument, that part alone. */
int
main(int argc, char **argv)
{
	int64_t begun = now_ms();

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!contest_tools())
		return 1;
	world = world_new(&(struct world_options){ .roles = CLUSTER_TWO_ROLES,
	    .workers = WORKERS,
	    .settings = "access_token_ttl = 2h\n",
	    .cluster_settings = "shared_buffers = 512MB\nmax_wal_size = 4GB\n" });
	if (world == NULL || !load() || !sign_in() ||
	    !contest_log(world, client_token(world->client, "bench0"), true)) {
		fputs(
		    "bench: the data could not be loaded, or the statements not logged\n", stderr);
		world_free(world);
		return 1;
	}
	printf("loaded in %.0f s\n", (double)(now_ms() - begun) / 1e3);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (argc == 1 || strcmp(argv[1], parts[i].name) == 0)
			parts[i].run();
	world_free(world);
	return all_measured ? 0 : 1;
}
