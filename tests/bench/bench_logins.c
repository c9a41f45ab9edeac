/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_logins.c - what sign-ins cost the others, and what a token costs at its first use
 *
 * Reads by key over kept connections, with and without 20 sign-ins a second at the cost as
 * shipped, in turns, so that both see the same machine. Prints figures and judges none
 * (`make bench`). */
#include <stdio.h>
#include <stdlib.h>

#include "support/jwt.h"
#include "support/keep.h"
#include "support/world.h"

enum {
	ROUNDS = 7,
	ROUND_MS = 3000,
	READERS = 2,
	LOGIN_CLIENTS = 4,
	LOGIN_INTERVAL_MS = 200, /* of each of them: 20 a second */
	TOKENS = 500,
};

static struct world *world;

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
quantile(double *values, size_t count, double q)
{
	qsort(values, count, sizeof(*values), compare);
	return count == 0 ? 0 : values[(size_t)(q * (double)(count - 1))];
}

/* --- reads beside sign-ins -------------------------------------------------------------------- */

struct round {
	double p50, p99, per_s;
	size_t let_in, told_later, failed;
};

static struct load *
start_logins(void)
{
	return load_start(&(struct load_options){ .base_url = webserver_url(world->webserver),
	    .path = "/api/auth/login",
	    .body = login_body("acme", "mod@acme.test", WORLD_PASSWORD),
	    .clients = LOGIN_CLIENTS,
	    .interval_ms = LOGIN_INTERVAL_MS });
}

static struct round
run(bool with_logins)
{
	struct round round = { 0 };
	struct load *reads, *logins = with_logins ? start_logins() : NULL;
	const struct load_sample *samples;
	double *times;
	size_t count;

	reads = load_start(&(struct load_options){ .base_url = webserver_url(world->webserver),
	    .path = "/api/products/7",
	    .header = bearer_header(client_token(world->client, "acme")),
	    .clients = READERS });
	pause_ms(ROUND_MS);
	samples = load_stop(reads, &count);
	times = keep_alloc((count + 1) * sizeof(*times));
	for (size_t i = 0; i < count; i++) {
		times[i] = samples[i].took_us;
		round.failed += samples[i].status != 200;
	}
	round.p50 = quantile(times, count, 0.5);
	round.p99 = quantile(times, count, 0.99);
	round.per_s = (double)count * 1000 / ROUND_MS;
	if (logins == NULL)
		return round;
	samples = load_stop(logins, &count);
	for (size_t i = 0; i < count; i++) {
		round.let_in += samples[i].status == 200;
		round.told_later += samples[i].status == 429;
	}
	return round;
}

static void
reads_beside_logins(void)
{
	double p50[2][ROUNDS], p99[2][ROUNDS];

	printf("reads by key, %d clients, kept connections to nginx; %d s per round\n", READERS,
	    ROUND_MS / 1000);
	printf(
	    "  round  sign-ins/s   reads/s   p50 us   p99 us   let in  told later  failed reads\n");
	run(false);
	for (int i = 0; i < ROUNDS; i++)
		for (int with = 0; with < 2; with++) {
			struct round r = run(with == 1);

			p50[with][i] = r.p50;
			p99[with][i] = r.p99;
			printf("  %5d  %10d  %8.0f  %7.0f  %7.0f  %7zu  %10zu  %12zu\n", i + 1,
			    with * LOGIN_CLIENTS * 1000 / LOGIN_INTERVAL_MS, r.per_s, r.p50, r.p99,
			    r.let_in, r.told_later, r.failed);
		}
	printf("  median of rounds: p50 %.0f us without, %.0f with: ratio %.2f\n",
	    quantile(p50[0], ROUNDS, 0.5), quantile(p50[1], ROUNDS, 0.5),
	    quantile(p50[1], ROUNDS, 0.5) / quantile(p50[0], ROUNDS, 0.5));
	printf(
	    "                    p99 %.0f us without, %.0f with: ratio %.2f (issue 3: within 2)\n",
	    quantile(p99[0], ROUNDS, 0.5), quantile(p99[1], ROUNDS, 0.5),
	    quantile(p99[1], ROUNDS, 0.5) / quantile(p99[0], ROUNDS, 0.5));
}

/* --- first use of a token --------------------------------------------------------------------- */

/* One worker, so that the second use finds what the first remembered. */
static void
first_and_repeated_use(void)
{
	PGconn *superuser = world_superuser(world);
	struct jwt_key key = jwt_key_of(world, superuser);
	struct jwt_claims claims = jwt_claims_of(client_token(world->client, "acme"));
	double first[TOKENS], again[TOKENS];

	PQfinish(superuser);
	if (!world_restart(world, "workers = 1"))
		exit(1);
	for (int i = 0; i < TOKENS; i++) {
		const char *token;

		claims.more = keep_printf(",\"jti\":\"%d\"", i);
		token = jwt_eddsa(jwt_header(&key), jwt_payload(&claims), &key);
		first[i] =
		    client_send(world->client, "GET", "/api/products/7", token, NULL)->took_us;
		again[i] =
		    client_send(world->client, "GET", "/api/products/7", token, NULL)->took_us;
	}
	printf("one worker, a read by key with each of %d tokens, twice\n", TOKENS);
	printf("  first use  p50 %.0f us  p99 %.0f us\n", quantile(first, TOKENS, 0.5),
	    quantile(first, TOKENS, 0.99));
	printf("  again      p50 %.0f us  p99 %.0f us\n", quantile(again, TOKENS, 0.5),
	    quantile(again, TOKENS, 0.99));
}

int
main(void)
{
	world =
	    world_new(&(struct world_options){ .roles = CLUSTER_TWO_ROLES, .real_hashing = true });
	if (world == NULL ||
	    !client_sign_in(world->client, "acme", "user@acme.test", WORLD_PASSWORD)) {
		world_free(world);
		return 1;
	}
	reads_beside_logins();
	first_and_repeated_use();
	world_free(world);
	return 0;
}
