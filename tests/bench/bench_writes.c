/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_writes.c - what an audited update costs next to PostgreSQL alone, and how a cascade grows
 *
 * As bench_reads: pgbench and wrk in turn, ratios of rounds; processor time where the machine does
 * other things, too. Prints measured next to goal and judges none (`make bench`). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/consumption.h"
#include "bench/contest.h"
#include "support/document.h"
#include "support/keep.h"
#include "support/world.h"

enum { ROUNDS = 5, ROUND_S = 2, WORKERS = 4, CLIENTS = 16, POSTS = 16, CASCADES = 7 };

static struct world *world;
static const char *token;
static PGconn *superuser;
static bool all_measured = true;

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

static void
not_measured(const char *what)
{
	printf("  %-44s could not be measured\n", what);
	all_measured = false;
}

static const char *
made(const char *path, const char *body)
{
	const struct answer *a = client_send(world->client, "POST", path, token, body);

	if (a->status != 201) {
		fprintf(stderr, "bench: POST %s: %d %.300s\n", path, a->status, a->body);
		exit(1);
	}
	return keep_printf("%s", document_text(a->json, "id"));
}

/* --- an update -------------------------------------------------------------------------------- */

static bool
run_rounds(struct contest *c, double *ratios)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct contest_run by_pgbench, by_wrk;

		if (!contest_pgbench(c, ROUND_S, &by_pgbench) || !contest_wrk(c, ROUND_S, &by_wrk))
			return false;
		printf("    pgbench %8.0f/s   rowhouse %8.0f/s  cpu us: nginx %5.1f  worker %5.1f  "
		       "postgresql %5.1f\n",
		    by_pgbench.per_s, by_wrk.per_s, by_wrk.nginx_us, by_wrk.worker_us,
		    by_wrk.postgres_us);
		ratios[i] = by_wrk.per_s / by_pgbench.per_s;
	}
	return true;
}

static void
update(void)
{
	static const char what[] = "an audited update of one row";
	const char *urls[POSTS];
	double ratios[ROUNDS];
	struct contest *c;

	for (int i = 0; i < POSTS; i++)
		urls[i] = keep_printf("/api/posts/%s",
		    made("/api/posts",
			keep_printf(
			    "{\"title\":\"t\",\"slug\":\"bench-%d\",\"content\":\"c\"}", i)));
	c = contest_new(world,
	    &(struct contest_options){ .name = "update",
		.method = "PATCH",
		.body = "{\"title\":\"another title\"}",
		.urls = urls,
		.url_count = POSTS,
		.token = token,
		.tenant = "acme",
		.login = "admin@acme.test",
		.connections = WORKERS,
		.clients = CLIENTS });
	if (!contest_log(world, token, false) || c == NULL || !run_rounds(c, ratios)) {
		not_measured(what);
		return;
	}
	printf("  %-44s %.2f of pgbench (goal: at least 0.50)\n", what, median(ratios, ROUNDS));
}

/* --- a cascade -------------------------------------------------------------------------------- */

struct cost {
	double ms, cpu_ms; /* as the client sees it; PostgreSQL's processor time */
};

/* Delete a user with ten posts and so many comments. */
static struct cost
cascade(const char *moderator, int round, int children)
{
	const char *user = made("/api/users",
	    keep_printf("{\"email\":\"%d-%d@bench.test\",\"name\":\"n\"}", round, children));
	struct consumption before, after;
	const struct answer *a;

	sql_run(superuser,
	    keep_printf("INSERT INTO posts (tenant_id, author_id, title, slug, content) SELECT "
			"'" WORLD_ACME "', '%s', 't', '%s' || n, 'c' FROM generate_series(1, 10) "
			"n; INSERT INTO comments (tenant_id, post_id, author_id, content) SELECT "
			"'" WORLD_ACME "', p.id, '%s', 'c' FROM posts p, generate_series(1, %d) "
			"WHERE p.author_id = '%s'",
		user, user, moderator, children / 10, user));
	sql_run(superuser, "ANALYZE posts, comments");
	if (!consumption_read(world, &before))
		return (struct cost){ 0, 0 };
	a = client_send(world->client, "DELETE", keep_printf("/api/users/%s", user), token, NULL);
	if (a->status != 204 || !consumption_read(world, &after))
		return (struct cost){ 0, 0 };
	return (struct cost){ a->took_us / 1e3,
		(double)(after.postgres_ns - before.postgres_ns) / 1e6 };
}

static void
cascades(void)
{
	static const int sizes[] = { 100, 1000, 4000 };
	enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };
	const char *moderator = sql_value(superuser,
	    "SELECT id FROM users WHERE tenant_id = '" WORLD_ACME "' AND email = 'mod@acme.test'");
	double ms[SIZES][CASCADES], cpu[SIZES][CASCADES], mid[SIZES];

	if (!contest_log(world, token, false)) {
		not_measured("a cascade: the server goes on logging statements");
		return;
	}
	/* The first of all knows no statement yet. */
	cascade(moderator, -1, 100);
	for (int round = 0; round < CASCADES; round++)
		for (int s = 0; s < SIZES; s++) {
			struct cost cost = cascade(moderator, round, sizes[s]);

			if (cost.ms <= 0) {
				not_measured("a cascade");
				return;
			}
			ms[s][round] = cost.ms;
			cpu[s][round] = cost.cpu_ms;
		}
	for (int s = 0; s < SIZES; s++) {
		mid[s] = median(cpu[s], CASCADES);
		printf("  delete a user with %4d comments %29.1f ms, %.1f ms of processor time%s\n",
		    sizes[s], median(ms[s], CASCADES), mid[s],
		    sizes[s] == 1000 ? " (goal: at most 60 ms)" : "");
	}
	printf("  %-44s %.2f (1.00: linear)\n", "a child among 4,000 by one among 1,000",
	    (mid[2] - mid[1]) / (sizes[2] - sizes[1]) /
		((mid[1] - mid[0]) / (sizes[1] - sizes[0])));
}

static const struct {
	const char *name;
	void (*run)(void);
} parts[] = {
	{ "update", update },
	{ "cascade", cascades },
};

/* With an argument, that part alone. */
int
main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!contest_tools())
		return 1;
	world = world_new(&(struct world_options){ .roles = CLUSTER_TWO_ROLES,
	    .workers = WORKERS,
	    .settings = "access_token_ttl = 2h\n",
	    .cluster_settings = "shared_buffers = 512MB\nmax_wal_size = 4GB\n" });
	if (world == NULL ||
	    !client_sign_in(world->client, "acme", "admin@acme.test", WORLD_PASSWORD)) {
		world_free(world);
		return 1;
	}
	token = client_token(world->client, "acme");
	superuser = world_superuser(world);
	if (!contest_log(world, token, true))
		not_measured("statements: the server does not log them");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (argc == 1 || strcmp(argv[1], parts[i].name) == 0)
			parts[i].run();
	PQfinish(superuser);
	world_free(world);
	return all_measured ? 0 : 1;
}
