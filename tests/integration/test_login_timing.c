/* SPDX-License-Identifier: BSD-2-Clause */
/* test_login_timing.c - the time of a refused sign-in does not tell why; a flood is bounded
 *
 * At the cost as shipped. Kinds of refusals are asked in turn, so that whatever else the machine
 * does falls on all alike, and compared by their medians. The controls are accounts whose hash is
 * cheaper than the one that is spent on nobody, which is what leaving that one out looks like. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/world.h"

enum { ROUNDS = 41, KINDS_MAX = 8 };

/* Medians further apart than this are told apart. Half the memory is a ratio of 2; medians of the
 * same thing, asked in turn, were within 1.05 of each other. */
static const double BOUND = 1.25;

static struct world *world;
static PGconn *superuser;

struct kind {
	const char *what, *tenant, *login, *body; /* body: sent as it is, where set */
	int status;
	double samples[ROUNDS];
};

static bool
begin(void)
{
	world = world_new(&(struct world_options){
	    .roles = CLUSTER_TWO_ROLES, .workers = 4, .real_hashing = true });
	if (world == NULL || sodium_init() < 0)
		return false;
	superuser = world_superuser(world);
	return true;
}

static void
end(void)
{
	if (superuser != NULL)
		PQfinish(superuser);
	world_free(world);
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(const struct kind *kind)
{
	double sorted[ROUNDS];

	memcpy(sorted, kind->samples, sizeof(sorted));
	qsort(sorted, ROUNDS, sizeof(*sorted), compare);
	return sorted[ROUNDS / 2];
}

/* Ask all kinds in turn, each time from another one on; the first round only warms up. */
static void
measure(struct kind *kinds, size_t count)
{
	for (int round = -1; round < ROUNDS; round++)
		for (size_t i = 0; i < count; i++) {
			struct kind *kind = &kinds[(i + (size_t)(round + 1)) % count];
			const char *body = kind->body != NULL
			    ? kind->body
			    : login_body(kind->tenant, kind->login, "not the password");
			const struct answer *a =
			    client_send(world->client, "POST", "/api/auth/login", NULL, body);

			CHECK_INT(a->status, kind->status, "%s: %.200s", kind->what, a->body);
			if (round >= 0)
				kind->samples[round] = a->took_us;
		}
	printf("\n");
	for (size_t i = 0; i < count; i++)
		printf("    %-32s median %8.0f us\n", kinds[i].what, median(&kinds[i]));
}

static bool
told_apart(const struct kind *a, const struct kind *b)
{
	double ratio = median(a) / median(b);

	return ratio > BOUND || ratio < 1 / BOUND;
}

static const char *
login_of(const char *which)
{
	return sql_value(superuser,
	    keep_printf("SELECT email FROM users d WHERE tenant_id = '" WORLD_ACME
			"' AND %s AND NOT EXISTS "
			"(SELECT FROM users l WHERE l.tenant_id = d.tenant_id AND l.id <> d.id AND "
			"lower(l.email) = lower(d.email)) ORDER BY id LIMIT 1",
		which));
}

static void
refusals_take_the_same_time(void)
{
	struct kind kinds[] = {
		{ .what = "wrong password",
		    .tenant = "acme",
		    .login = "user@acme.test",
		    .status = 401 },
		{ .what = "unknown login",
		    .tenant = "acme",
		    .login = "nobody@acme.test",
		    .status = 401 },
		{ .what = "unknown tenant",
		    .tenant = "nowhere",
		    .login = "user@acme.test",
		    .status = 401 },
		{ .what = "suspended tenant",
		    .tenant = "globex",
		    .login = "user@globex.test",
		    .status = 401 },
		{ .what = "deleted account",
		    .tenant = "acme",
		    .login = login_of("deleted_at IS NOT NULL AND password_hash IS NOT NULL"),
		    .status = 401 },
		{ .what = "account without a password",
		    .tenant = "acme",
		    .login = login_of("deleted_at IS NULL AND password_hash IS NULL"),
		    .status = 401 },
	};

	CHECK(sql_run(
		  superuser, "SELECT rowhouse.tenant_set_status('" WORLD_GLOBEX "', 'suspended')"),
	    "suspend");
	measure(kinds, SUITE_COUNT(kinds));
	for (size_t i = 1; i < SUITE_COUNT(kinds); i++)
		CHECK(!told_apart(&kinds[i], &kinds[0]), "%s: %.0f us, %s: %.0f us", kinds[i].what,
		    median(&kinds[i]), kinds[0].what, median(&kinds[0]));
	CHECK(median(&kinds[0]) > 5000, "a hash as shipped takes its time: %.0f us",
	    median(&kinds[0]));
	CHECK(sql_run(superuser, "SELECT rowhouse.tenant_set_status('" WORLD_GLOBEX "', 'active')"),
	    "resume");
}

/* Give an account a hash of another cost. */
static void
set_hash(const char *login, unsigned long long passes, size_t bytes)
{
	char hash[crypto_pwhash_STRBYTES];

	if (crypto_pwhash_str(hash, "something", 9, passes, bytes) != 0)
		abort();
	CHECK(sql_run(superuser,
		  keep_printf(
		      "UPDATE users SET password_hash = '%s' WHERE email = '%s'", hash, login)),
	    "%s", login);
}

/* What a service would show that spends less, or nothing, on who does not exist. */
static void
the_controls_are_told_apart(void)
{
	struct kind kinds[] = {
		{ .what = "unknown login",
		    .tenant = "acme",
		    .login = "nobody@acme.test",
		    .status = 401 },
		{ .what = "control: next to no hash",
		    .tenant = "acme",
		    .login = "user@acme.test",
		    .status = 401 },
		{ .what = "control: half the memory",
		    .tenant = "acme",
		    .login = "mod@acme.test",
		    .status = 401 },
		{ .what = "control: refused before hashing",
		    .body = "{\"login\":1}",
		    .status = 400 },
	};

	set_hash("user@acme.test", 1, 8 << 10);
	set_hash("mod@acme.test", 2, 19 << 19);
	measure(kinds, SUITE_COUNT(kinds));
	for (size_t i = 1; i < SUITE_COUNT(kinds); i++)
		CHECK(told_apart(&kinds[i], &kinds[0]), "%s: %.0f us, %s: %.0f us", kinds[i].what,
		    median(&kinds[i]), kinds[0].what, median(&kinds[0]));
}

/* More sign-ins than may hash: the rest is told to come back, and nobody else waits. */
static void
a_flood_is_bounded(void)
{
	struct load *flood, *reads;
	const struct load_sample *samples;
	size_t count, in = 0, later = 0;
	int64_t begun, ended;

	if (!CHECK(client_sign_in(world->client, "acme", "admin@acme.test", WORLD_PASSWORD),
		"sign in"))
		return;
	flood = load_start(&(struct load_options){ .base_url = webserver_url(world->webserver),
	    .path = "/api/auth/login",
	    .body = login_body("acme", "admin@acme.test", WORLD_PASSWORD),
	    .clients = 8 });
	begun = now_ms();
	reads = load_start(&(struct load_options){ .base_url = webserver_url(world->webserver),
	    .path = "/api/products/7",
	    .header = bearer_header(client_token(world->client, "acme")),
	    .clients = 2 });
	CHECK(load_wait(reads, 500, 20000), "reads go on");
	CHECK(load_wait(flood, 40, 20000), "sign-ins are answered");
	pause_ms(1000);
	samples = load_stop(flood, &count);
	ended = now_ms();
	for (size_t i = 0; i < count; i++) {
		in += samples[i].status == 200;
		later += samples[i].status == 429;
		CHECK(samples[i].status == 200 ||
			(samples[i].status == 429 && samples[i].retry_after),
		    "%d", samples[i].status);
	}
	printf("\n    %zu sign-ins in %lld ms: %zu let in, %zu told to come back\n", count,
	    (long long)(ended - begun), in, later);
	CHECK(in > 0, "some are let in");
	CHECK(later > 0, "some are told to come back");
	samples = load_stop(reads, &count);
	for (size_t i = 0; i < count; i++)
		CHECK(samples[i].status == 200 && samples[i].took_us < 1e6, "a read: %d, %.0f us",
		    samples[i].status, samples[i].took_us);
}

static const struct suite_test tests[] = {
	{ "refusals take the same time", refusals_take_the_same_time },
	{ "the controls are told apart", the_controls_are_told_apart },
	{ "a flood is bounded", a_flood_is_bounded },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "login_timing", begin, end, tests, SUITE_COUNT(tests) });
}
