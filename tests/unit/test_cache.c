/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cache.c - entries and their ends, forged mappings, processes that die with the lock */
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/compiler.h"
#include "serve/cache.h"

enum { SMALL = CACHE_SMALLEST_BYTES, ARENA = 8 << 20 };

static const struct cache_terms HOUR = { 1, 3600000 };

/* Keys are digests in life; here the bytes of a number, spread. */
static struct cache_key
key_of(unsigned n)
{
	struct cache_key key;

	for (size_t i = 0; i < sizeof(key.bytes); i++)
		key.bytes[i] = (unsigned char)((n * 2654435761u) >> (i % 4 * 8));
	memcpy(key.bytes + 8, &n, sizeof(n));
	return key;
}

static void
put(struct cache *c, unsigned n, const char *text, const struct cache_terms *terms)
{
	struct cache_key key = key_of(n);

	cache_put(c, &key, terms, text, strlen(text), 0);
}

static enum cache_answer
find(struct cache *c, unsigned n, uint64_t stamp)
{
	struct cache_key key = key_of(n);

	return cache_find(c, &key, stamp, 0).answer;
}

/* The text of a hit, or NULL. */
static const char *
text_of(struct cache *c, unsigned n)
{
	static char text[CACHE_VALUE_BYTES + 1];
	struct cache_key key = key_of(n);
	struct cache_found found = cache_find(c, &key, 1, 0);

	if (found.answer != CACHE_HIT)
		return NULL;
	memcpy(text, found.bytes, found.len);
	text[found.len] = '\0';
	return text;
}

static struct cache *
cache_of(struct arena *arena, size_t bytes)
{
	struct cache *c = cache_new(arena, bytes);

	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	return c;
}

static void
test_put_and_find(void)
{
	struct arena *arena = arena_new(ARENA);
	struct cache *c = cache_of(arena, SMALL);

	CU_ASSERT_EQUAL(find(c, 1, 1), CACHE_MISS);
	put(c, 1, "one", &HOUR);
	put(c, 2, "", &HOUR);
	CU_ASSERT_STRING_EQUAL(text_of(c, 1), "one");
	CU_ASSERT_STRING_EQUAL(text_of(c, 2), "");
	put(c, 1, "another", &HOUR);
	CU_ASSERT_STRING_EQUAL(text_of(c, 1), "another");
	CU_ASSERT_EQUAL(cache_count(c), 2);
	arena_free(arena);
}

static void
test_stamps(void)
{
	struct arena *arena = arena_new(ARENA);
	struct cache *c = cache_of(arena, SMALL);

	put(c, 1, "new", &(struct cache_terms){ 5, 3600000 });
	CU_ASSERT_EQUAL(find(c, 1, 4), CACHE_MISS);
	CU_ASSERT_EQUAL(find(c, 1, 6), CACHE_MISS);
	CU_ASSERT_EQUAL(find(c, 1, 5), CACHE_HIT);
	put(c, 1, "read before it", &(struct cache_terms){ 4, 3600000 });
	CU_ASSERT_EQUAL(find(c, 1, 5), CACHE_HIT);
	put(c, 1, "read later", &(struct cache_terms){ 6, 3600000 });
	CU_ASSERT_EQUAL(find(c, 1, 6), CACHE_HIT);
	CU_ASSERT_EQUAL(find(c, 1, 5), CACHE_MISS);
	arena_free(arena);
}

static void
test_time_to_live(void)
{
	enum { TTL_MS = 40 };
	struct arena *arena = arena_new(ARENA);
	struct cache *c = cache_of(arena, SMALL);
	int64_t before = clock_now_ns(), latest_hit = before, now;

	put(c, 1, "short", &(struct cache_terms){ 1, TTL_MS });
	put(c, 2, "none", &(struct cache_terms){ 1, 0 });
	CU_ASSERT_EQUAL(find(c, 2, 1), CACHE_MISS);
	while (now = clock_now_ns(), find(c, 1, 1) == CACHE_HIT && now - before < 10000000000)
		latest_hit = now;
	/* Never longer, and, looked at without a pause, hardly shorter. */
	CU_ASSERT(clock_now_ns() - before >= TTL_MS * INT64_C(1000000));
	CU_ASSERT(latest_hit - before < 10000000000);
	arena_free(arena);
}

static char *
filled(struct arena *arena, char with, size_t len)
{
	char *text = arena_alloc(arena, len + 1);

	memset(text, with, len);
	return text;
}

/* Lengths around the size of a block and of the largest value. */
static void
test_sizes(void)
{
	static const struct {
		const char *name;
		size_t cache, len;
		bool kept;
	} rows[] = {
		{ "a block less one", SMALL, 1023, true },
		{ "a block", SMALL, 1024, true },
		{ "a block and one", SMALL, 1025, true },
		{ "a quarter", SMALL, SMALL / 4, true },
		{ "a quarter and one", SMALL, SMALL / 4 + 1, false },
		{ "the largest", 4 << 20, CACHE_VALUE_BYTES, true },
		{ "the largest and one", 4 << 20, CACHE_VALUE_BYTES + 1, false },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena *arena = arena_new(ARENA);
		struct cache *c = cache_of(arena, rows[i].cache);
		char *text = filled(arena, 'x', rows[i].len);
		const char *found;

		put(c, 1, text, &HOUR);
		found = text_of(c, 1);
		ASSERT_ROW(rows[i].name, (found != NULL) == rows[i].kept);
		if (found != NULL)
			ASSERT_ROW(rows[i].name, strcmp(found, text) == 0);
		arena_free(arena);
	}
}

/* The one that was used longest ago goes; all that are there stay whole. */
static void
test_least_recently_used(void)
{
	enum { ENTRIES = 1000, KEPT_WARM = 3 };
	struct arena *arena = arena_new(ARENA);
	struct cache *c = cache_of(arena, SMALL);
	size_t there = 0;

	for (unsigned n = 0; n < ENTRIES; n++) {
		char text[3000];

		memset(text, 'a' + (int)(n % 26), sizeof(text));
		text[n * 7 % sizeof(text)] = '\0';
		put(c, n, text, &HOUR);
		for (unsigned warm = 0; warm < KEPT_WARM && warm < n; warm++)
			CU_ASSERT_EQUAL(find(c, warm, 1), CACHE_HIT);
	}
	for (unsigned n = 0; n < ENTRIES; n++) {
		const char *text = text_of(c, n);

		if (text == NULL)
			continue;
		there++;
		CU_ASSERT_EQUAL(strlen(text), n * 7 % 3000);
		CU_ASSERT_EQUAL(strspn(text, (char[]){ (char)('a' + n % 26), '\0' }), strlen(text));
	}
	CU_ASSERT_EQUAL(there, cache_count(c));
	/* 64 KiB are some 56 blocks with what belongs to each, and a value took 1 to 3. */
	CU_ASSERT(there >= 56 / 3 && there <= 60);
	CU_ASSERT_EQUAL(find(c, ENTRIES - 1, 1), CACHE_HIT);
	CU_ASSERT_EQUAL(find(c, KEPT_WARM, 1), CACHE_MISS);
	arena_free(arena);
}

static void
test_one_computes(void)
{
	struct arena *arena = arena_new(ARENA);
	struct cache *c = cache_of(arena, SMALL);
	struct cache_key key = key_of(1), other = key_of(2);
	struct cache_found busy;
	int64_t began;

	CU_ASSERT_EQUAL(cache_find(c, &key, 1, 10).answer, CACHE_MISS);
	busy = cache_find(c, &key, 1, 11);
	CU_ASSERT_EQUAL(busy.answer, CACHE_BUSY);
	CU_ASSERT_EQUAL(busy.who, 10);
	CU_ASSERT_EQUAL(cache_find(c, &other, 1, 11).answer, CACHE_MISS); /* of another key */
	CU_ASSERT_EQUAL(cache_find(c, &key, 2, 12).answer, CACHE_MISS);   /* of after a write */
	CU_ASSERT_EQUAL(cache_find(c, &key, 1, 10).answer, CACHE_MISS);   /* its own: again */
	began = clock_now_ns();
	cache_wait(c, &busy, 30); /* its turn has moved: it computes anew */
	busy = cache_find(c, &key, 1, 13);
	CU_ASSERT_EQUAL(busy.answer, CACHE_BUSY);
	cache_wait(c, &busy, 30);
	CU_ASSERT(clock_now_ns() - began >= 30000000);
	cache_release(c, 10); /* it has died */
	began = clock_now_ns();
	cache_wait(c, &busy, 60000);
	CU_ASSERT(clock_now_ns() - began < 30000000000);
	CU_ASSERT_EQUAL(cache_find(c, &key, 1, 13).answer, CACHE_MISS);
	cache_put(c, &key, &HOUR, "done", 4, 13);
	CU_ASSERT_EQUAL(cache_find(c, &key, 1, 11).answer, CACHE_HIT);
	arena_free(arena);
}

/* Who waits is woken by who puts, in another process. */
static void
test_woken(void)
{
	struct arena *arena = arena_new(ARENA);
	struct cache *c = cache_of(arena, SMALL);
	struct cache_key key = key_of(1);
	struct cache_found busy;
	int64_t began = clock_now_ns();
	pid_t pid;

	CU_ASSERT_EQUAL(cache_find(c, &key, 1, 1).answer, CACHE_MISS);
	busy = cache_find(c, &key, 1, 2);
	if ((pid = fork()) == 0) {
		usleep(20000);
		cache_put(c, &key, &HOUR, "done", 4, 1);
		_exit(0);
	}
	cache_wait(c, &busy, 60000);
	CU_ASSERT(clock_now_ns() - began < 30000000000);
	CU_ASSERT_EQUAL(cache_find(c, &key, 1, 2).answer, CACHE_HIT);
	waitpid(pid, NULL, 0);
	arena_free(arena);
}

/* --- what a worker gone wild leaves ----------------------------------------------------------- */

/* Every word behind the lock and the claims is forged in turn, and many at random: the asker stays
 * within the mapping (the sanitizers watch), gets whole values or none, and goes on. */
static void
test_forged(void)
{
	static const uint32_t forged[] = { 0xffffffff, 0x7fffffff, 1, 2, 57, 58, 0 };
	enum { LOCK_AND_CLAIMS = 64 + 512 * 16, HITS = 12 };
	struct arena *arena = arena_new(ARENA);
	struct cache *c = cache_of(arena, SMALL);
	size_t bytes;
	uint32_t *words = cache_mapping(c, &bytes);
	size_t emptied = 0, works = 0;

	for (size_t word = LOCK_AND_CLAIMS / 4; word < bytes / 4; word++) {
		char text[2100];

		for (unsigned n = 0; n < HITS; n++) {
			memset(text, 'a' + (int)n, sizeof(text));
			text[2000 + n] = '\0';
			put(c, n, text, &HOUR);
		}
		words[word] = forged[word % COUNT_OF(forged)];
		for (unsigned n = 0; n < HITS + 60; n++) {
			const char *found = text_of(c, n);

			if (found != NULL && n < HITS)
				CU_ASSERT_EQUAL(strlen(found), 2000 + n);
			if (found != NULL && n < HITS)
				CU_ASSERT_EQUAL(found[1999], (char)('a' + n));
			if (n >= HITS && n % 6 == 0)
				put(c, n, "more", &HOUR);
		}
		emptied += cache_count(c) < HITS;
		put(c, 1, "again", &HOUR); /* the first may find what was forged, and empty all */
		if (text_of(c, 1) == NULL)
			put(c, 1, "again", &HOUR);
		works += text_of(c, 1) != NULL && strcmp(text_of(c, 1), "again") == 0;
		cache_release(c, 0);
	}
	CU_ASSERT_EQUAL(works, bytes / 4 - LOCK_AND_CLAIMS / 4);
	CU_ASSERT(emptied > 100); /* it was noticed */
	arena_free(arena);
}

/* --- deaths ----------------------------------------------------------------------------------- */

enum { PROCESSES = 8, ROUNDS = 30, LONG = 16000 };

/* A value says what it must be: all of it is one letter, as many as the letter's number. */
static void
hammer(struct cache *c, unsigned slot)
{
	static char text[LONG];

	for (unsigned n = slot;; n = n * 1103515245 + 12345) {
		unsigned which = n / 65536 % 26;
		struct cache_key key = key_of(which);

		memset(text, 'a' + (int)which, sizeof(text));
		cache_put(c, &key, &HOUR, text, LONG - which * 100, slot);
		cache_find(c, &key, 1, slot);
	}
}

/* Values that are not whole. */
static size_t
torn(struct cache *c)
{
	size_t bad = 0;

	for (unsigned which = 0; which < 26; which++) {
		const char *text = text_of(c, which);
		const char letter[] = { (char)('a' + which), '\0' };

		if (text != NULL &&
		    (strlen(text) != LONG - which * 100 || strspn(text, letter) != strlen(text)))
			bad++;
	}
	return bad;
}

static void
pause_ms(long ms)
{
	nanosleep(&(struct timespec){ 0, ms * 1000000 }, NULL);
}

/* Killed wherever they are, they leave no lock and no half value. */
static void
test_deaths(void)
{
	struct arena *arena = arena_new(ARENA);
	struct cache *c = cache_of(arena, 1 << 20);
	size_t died_inside = 0;

	for (int round = 0; round < ROUNDS; round++) {
		pid_t pids[PROCESSES];

		for (unsigned i = 0; i < PROCESSES; i++)
			if ((pids[i] = fork()) == 0)
				hammer(c, i + 1);
		while (cache_count(c) < 5)
			pause_ms(1);
		pause_ms(1 + round % 5);
		for (unsigned i = 0; i < PROCESSES; i++)
			kill(pids[i], SIGKILL);
		for (unsigned i = 0; i < PROCESSES; i++) {
			waitpid(pids[i], NULL, 0);
			cache_release(c, i + 1);
		}
		CU_ASSERT_NOT_EQUAL(find(c, 99, 1), CACHE_AWAY);
		died_inside += cache_count(c) == 0;
		CU_ASSERT_EQUAL(torn(c), 0);
	}
	CU_ASSERT(died_inside > 0); /* else nothing was tried */
	arena_free(arena);
}

/* Control: the same deaths with a lock that is not robust, and without the rule that who finds a
 * dead owner empties. */
struct naive {
	pthread_mutex_t lock;
	char value[LONG];
};

static bool
naive_is_stuck(struct naive *naive)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += 1;
	if (pthread_mutex_clocklock(&naive->lock, CLOCK_MONOTONIC, &until) != 0)
		return true;
	pthread_mutex_unlock(&naive->lock);
	return false;
}

static void
test_deaths_control(void)
{
	struct naive *naive =
	    mmap(NULL, sizeof(*naive), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attributes;
	bool stuck = false;

	CU_ASSERT_FATAL(naive != MAP_FAILED);
	CU_ASSERT_EQUAL(pthread_mutexattr_init(&attributes), 0);
	CU_ASSERT_EQUAL(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED), 0);
	CU_ASSERT_EQUAL(pthread_mutex_init(&naive->lock, &attributes), 0);
	for (int round = 0; round < 10 * ROUNDS && !stuck; round++) {
		pid_t pids[PROCESSES];

		for (unsigned i = 0; i < PROCESSES; i++)
			if ((pids[i] = fork()) == 0)
				for (;;) {
					pthread_mutex_lock(&naive->lock);
					memset(naive->value, (int)i, sizeof(naive->value));
					pthread_mutex_unlock(&naive->lock);
				}
		pause_ms(1 + round % 5);
		for (unsigned i = 0; i < PROCESSES; i++)
			kill(pids[i], SIGKILL);
		for (unsigned i = 0; i < PROCESSES; i++)
			waitpid(pids[i], NULL, 0);
		stuck = naive_is_stuck(naive);
	}
	CU_ASSERT_TRUE(stuck);
	munmap(naive, sizeof(*naive));
}

/* One that is stopped with the lock in its hand costs the others the cache, not the answer. */
static void
test_stopped(void)
{
	struct arena *arena = arena_new(ARENA);
	struct cache *c = cache_of(arena, 1 << 20);
	bool met = false;

	for (int round = 0; round < 2000 && !met; round++) {
		pid_t pid = fork();
		int64_t began;

		if (pid == 0)
			hammer(c, 1);
		pause_ms(1);
		kill(pid, SIGSTOP);
		waitpid(pid, NULL, WUNTRACED);
		began = clock_now_ns();
		met = find(c, 1, 1) == CACHE_AWAY;
		CU_ASSERT(clock_now_ns() - began < 5000000000);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		CU_ASSERT_NOT_EQUAL(find(c, 1, 1), CACHE_AWAY);
	}
	CU_ASSERT_TRUE(met);
	arena_free(arena);
}

void
suite_cache(void)
{
	static const struct test_row tests[] = {
		{ "put and find", test_put_and_find },
		{ "stamps", test_stamps },
		{ "time to live", test_time_to_live },
		{ "sizes", test_sizes },
		{ "least recently used", test_least_recently_used },
		{ "one computes", test_one_computes },
		{ "woken", test_woken },
		{ "forged", test_forged },
		{ "deaths", test_deaths },
		{ "deaths: a lock that is not robust", test_deaths_control },
		{ "stopped", test_stopped },
	};

	unit_suite("cache", tests, COUNT_OF(tests));
}
