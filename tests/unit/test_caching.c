/* SPDX-License-Identifier: BSD-2-Clause */
/* test_caching.c - one value for whom it is good, computed once, gone when it was written to */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/freshness.h"
#include "base/settings.h"
#include "serve/cache.h"
#include "serve/caching.h"
#include "serve/environment.h"
#include "serve/handler.h"
#include "serve/request.h"

#define ACME   "11111111-1111-7111-8111-111111111111"
#define GLOBEX "22222222-2222-7222-8222-222222222222"

static const struct model_ref *const no_models[] = { NULL };
static const struct cache_rule rule = { "route", 3600, no_models };
static const struct route route = { HTTP_GET, "/x", NULL, 0, NULL, .cache = &rule };
static const struct route without_rule = { HTTP_GET, "/x", NULL, 0, NULL, .cache = NULL };
static const struct tenant acme = { ACME }, globex = { GLOBEX };

/* A host with one worker, and a request that asks it. */
struct host {
	struct arena *arena;
	struct counters counters;
	struct freshness *freshness;
	struct environment environment;
	struct request request;
	_Atomic long *computed; /* shared with children */
	long slow_ms;
};

static void *
shared_memory(size_t bytes)
{
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CU_ASSERT_FATAL(map != MAP_FAILED);
	return map;
}

static void
begin(struct host *h)
{
	memset(h, 0, sizeof(*h));
	h->arena = arena_new(16 << 20);
	h->freshness = shared_memory(sizeof(*h->freshness));
	h->computed = shared_memory(sizeof(*h->computed));
	h->environment.counters = &h->counters;
	h->environment.freshness = h->freshness;
	h->environment.cache = cache_new(h->arena, CACHE_SMALLEST_BYTES);
	CU_ASSERT_PTR_NOT_NULL_FATAL(h->environment.cache);
	h->request = (struct request){ .arena = h->arena,
		.environment = &h->environment,
		.route = &route,
		.tenant = &acme,
		.deadline_ns = clock_now_ns() + 60000000000,
		.principal = {
		    .type = PRINCIPAL_USER, .member = true, .role = "USER", .id = "u1" } };
	freshness_extend(h->freshness, clock_now_ns(), clock_now_ns() + 600000000000);
}

static void
end(struct host *h)
{
	munmap(h->freshness, sizeof(*h->freshness));
	munmap(h->computed, sizeof(*h->computed));
	arena_free(h->arena);
}

/* How often it has been computed, as JSON. */
static const char *
compute(struct request *r, void *context, struct problem *p)
{
	struct host *h = context;
	long n = atomic_fetch_add(h->computed, 1) + 1;

	(void)p;
	if (h->slow_ms > 0)
		nanosleep(&(struct timespec){ 0, h->slow_ms * 1000000 }, NULL);
	return arena_printf(r->arena, "%ld", n);
}

static long
get(struct host *h, const char *name)
{
	struct problem p;
	const char *json;

	problem_init(&p, h->arena);
	json = cache_get_or_compute(&h->request, name, compute, h, &p);
	return json != NULL ? strtol(json, NULL, 10) : -1;
}

static void
test_computed_once(void)
{
	struct host h;

	begin(&h);
	CU_ASSERT_EQUAL(get(&h, "a"), 1);
	CU_ASSERT_EQUAL(get(&h, "a"), 1);
	CU_ASSERT_EQUAL(get(&h, "b"), 2);
	CU_ASSERT_EQUAL(get(&h, "a"), 1);
	CU_ASSERT_EQUAL(counters_read(&h.counters, COUNTER_CACHE_HITS), 2);
	CU_ASSERT_EQUAL(counters_read(&h.counters, COUNTER_CACHE_MISSES), 2);
	CU_ASSERT_TRUE(h.request.used_memory); /* so that the epoch is compared */
	h.request.route = &without_rule;
	CU_ASSERT_EQUAL(get(&h, "a"), 3); /* nobody said how long */
	end(&h);
}

/* Who differs in this asks for another value. */
static void
test_keys(void)
{
	struct host h;
	struct request *r = &h.request;

	begin(&h);
	CU_ASSERT_EQUAL(get(&h, "a"), 1);
	r->tenant = &globex;
	CU_ASSERT_EQUAL(get(&h, "a"), 2);
	r->tenant = &acme;
	r->principal.role = "ADMIN";
	CU_ASSERT_EQUAL(get(&h, "a"), 3);
	r->principal.role = NULL;
	CU_ASSERT_EQUAL(get(&h, "a"), 4);
	r->principal.role = "";
	CU_ASSERT_EQUAL(get(&h, "a"), 5);
	r->principal.role = "USER";
	r->principal.scopes = "posts:read";
	CU_ASSERT_EQUAL(get(&h, "a"), 6);
	r->principal.scopes = NULL;
	r->principal.type = PRINCIPAL_API_KEY;
	CU_ASSERT_EQUAL(get(&h, "a"), 7);
	r->principal.type = PRINCIPAL_USER;
	r->principal.member = false;
	CU_ASSERT_EQUAL(get(&h, "a"), 8);
	r->principal.member = true;
	r->epoch = 1;
	CU_ASSERT_EQUAL(get(&h, "a"), 9);
	r->epoch = 0;
	r->principal.id = "u2"; /* of the same class: no model has rows of one's own here */
	CU_ASSERT_EQUAL(get(&h, "a"), 1);
	end(&h);
}

/* What is heard, and what it makes old of "a" of acme: written by hand from caching.h. */
static const struct {
	const char *payload;
	bool old;
} heard[] = {
	{ ACME " key a", true }, { ACME " key b", false }, { GLOBEX " key a", false },
	{ ACME " model a", false }, { ACME " model posts", false }, { "*", true }, { "", true },
	{ ACME, true }, { ACME " model", true }, { "  ", false }, /* some subject, of nobody */
};

static void
test_heard(void)
{
	for (size_t i = 0; i < COUNT_OF(heard); i++) {
		struct host h;

		begin(&h);
		CU_ASSERT_EQUAL(get(&h, "a"), 1);
		caching_hear(h.freshness, heard[i].payload);
		ASSERT_ROW(heard[i].payload, (get(&h, "a") == 2) == heard[i].old);
		end(&h);
	}
}

/* Without anybody who listens nothing is used, and nothing of before is used again. */
static void
test_lease(void)
{
	struct host h;

	begin(&h);
	CU_ASSERT_EQUAL(get(&h, "a"), 1);
	freshness_end_lease(h.freshness);
	CU_ASSERT_EQUAL(get(&h, "a"), 2);
	CU_ASSERT_EQUAL(get(&h, "a"), 3);
	freshness_extend(h.freshness, clock_now_ns(), clock_now_ns() + 600000000000);
	CU_ASSERT_EQUAL(get(&h, "a"), 4);
	CU_ASSERT_EQUAL(get(&h, "a"), 4);
	h.environment.cache = NULL; /* off */
	CU_ASSERT_EQUAL(get(&h, "a"), 5);
	end(&h);
}

/* As if a unit of this worker wrote while the value was computed. */
static const char *
compute_and_write(struct request *r, void *context, struct problem *p)
{
	struct host *h = context;

	caching_hear(h->freshness, ACME " key a");
	return compute(r, context, p);
}

static void
test_written_meanwhile(void)
{
	struct host h;
	struct problem p;

	begin(&h);
	problem_init(&p, h.arena);
	CU_ASSERT_STRING_EQUAL(
	    cache_get_or_compute(&h.request, "a", compute_and_write, &h, &p), "1");
	CU_ASSERT_EQUAL(get(&h, "a"), 2);
	CU_ASSERT_EQUAL(get(&h, "a"), 2);
	end(&h);
}

/* Eight workers that ask at once: how often it was computed. */
static long
crowd(bool kept)
{
	enum { WORKERS = 8 };
	struct host h;
	long computed;

	begin(&h);
	h.slow_ms = 100;
	if (!kept)
		h.environment.cache = NULL;
	for (unsigned i = 0; i < WORKERS; i++)
		if (fork() == 0) {
			h.environment.slot = i;
			_exit(get(&h, "a") > 0 ? 0 : 1);
		}
	for (unsigned i = 0; i < WORKERS; i++) {
		int status = -1;

		CU_ASSERT(wait(&status) > 0 && status == 0);
	}
	computed = atomic_load(h.computed);
	end(&h);
	return computed;
}

static void
test_crowd(void)
{
	CU_ASSERT_EQUAL(crowd(true), 1);
	CU_ASSERT_EQUAL(crowd(false), 8); /* control */
}

void
suite_caching(void)
{
	static const struct test_row tests[] = {
		{ "computed once", test_computed_once },
		{ "keys", test_keys },
		{ "heard", test_heard },
		{ "lease", test_lease },
		{ "written meanwhile", test_written_meanwhile },
		{ "a crowd", test_crowd },
	};

	unit_suite("caching", tests, COUNT_OF(tests));
}
