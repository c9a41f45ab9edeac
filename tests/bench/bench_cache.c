/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_cache.c - what an answer out of the cache costs, next to the same answer computed
 *
 * Processor time of one GET /api/posts/popular with one connection per request between nginx and a
 * worker, as shipped: bearer token, log line. Both kinds in turn, several times; each figure is the
 * median of the rounds, the ratio the median of the rounds' ratios. A hit still asks the database
 * one thing, the epoch, so PostgreSQL is in it. Printed next to the goal of issue 6 and not
 * judged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/contest.h"
#include "support/keep.h"
#include "support/world.h"

enum { ROUNDS = 3, ROUND_S = 2, CLIENTS = 8, WORKERS = 4, GOAL_US = 75, KINDS = 2 };

static const struct {
	const char *name, *settings;
} kinds[KINDS] = { { "kept", "cache_bytes = 8m\n" }, { "computed", "cache_bytes = 0\n" } };

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), compare);
	return values[ROUNDS / 2];
}

static bool
measure(struct world *w, size_t kind, struct contest_run *run)
{
	static const char *const urls[] = { "/api/posts/popular" };
	struct contest *contest;

	if (!world_restart(w, kinds[kind].settings))
		return false;
	contest = contest_new(w,
	    &(struct contest_options){ .name = keep_printf("cache-%s", kinds[kind].name),
		.urls = urls,
		.url_count = 1,
		.token = client_token(w->client, "acme"),
		.tenant = "acme",
		.login = "user@acme.test",
		.clients = CLIENTS });
	return contest != NULL && contest_wrk(contest, 1, run) &&
	    contest_wrk(contest, ROUND_S, run);
}

static bool
measure_all(struct world *w)
{
	double all[KINDS][ROUNDS], ratios[ROUNDS];
	struct contest_run run;

	printf("GET /api/posts/popular, %d clients, processor us of one request\n", CLIENTS);
	printf("  round  answer       per s   nginx  worker  postgres     all\n");
	for (int i = 0; i < ROUNDS; i++) {
		for (size_t kind = 0; kind < KINDS; kind++) {
			if (!measure(w, kind, &run))
				return false;
			all[kind][i] = run.nginx_us + run.worker_us + run.postgres_us;
			printf("  %5d  %-9s  %8.0f  %6.1f  %6.1f  %8.1f  %6.1f\n", i + 1,
			    kinds[kind].name, run.per_s, run.nginx_us, run.worker_us,
			    run.postgres_us, all[kind][i]);
		}
		ratios[i] = all[0][i] / all[1][i];
	}
	printf("  median of rounds: kept %.1f us (goal %d), computed %.1f us, ratio %.3f\n",
	    median(all[0]), GOAL_US, median(all[1]), median(ratios));
	return true;
}

int
main(void)
{
	struct world *w = world_new(&(struct world_options){
	    .roles = CLUSTER_TWO_ROLES, .workers = WORKERS, .settings = "handlers = on\n" });
	bool ok = w != NULL && contest_tools() &&
	    client_sign_in(w->client, "acme", "user@acme.test", WORLD_PASSWORD) && measure_all(w);

	world_free(w);
	return ok ? 0 : 1;
}
