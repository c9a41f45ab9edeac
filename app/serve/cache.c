/* SPDX-License-Identifier: BSD-2-Clause */
/* cache.c - blocks, entries, the lock
 *
 * An index of 0 is none, and entries[0] is nobody's: what a forged index would have changed is
 * changed there (at). Loops over chains are bounded by the number of blocks. */
#include "serve/cache.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"

enum {
	BLOCK_BYTES = 1024, /* an answer of 5 kB wastes a tenth */
	LOCK_MS = 20,       /* thousands of times what anybody who runs keeps it */
	SMALL_PARTS = 4,    /* that the largest value is of a small cache */
};

/* What a worker computes. */
struct claim {
	_Atomic uint64_t what; /* of key and stamp; 0: nothing */
	_Atomic uint32_t turn; /* raised, and woken, when it is done */
};

/* Of a value, under its key. */
struct seal {
	unsigned char bytes[crypto_shorthash_BYTES];
};

/* Of each block; all but next is of a value's first one. */
struct entry {
	uint32_t next;  /* of the same value, or of the free blocks */
	uint32_t chain; /* in its bucket */
	uint32_t newer, older;
	uint32_t len;
	struct seal seal;
	uint64_t stamp;
	int64_t expires_ns;
	struct cache_key key;
};

struct shared {
	pthread_mutex_t lock;
	struct claim claims[LIMIT_WORKERS];
	/* under the lock, like all that lies behind */
	uint32_t fresh; /* so many blocks have been in use */
	uint32_t free, newest, oldest, count;
};

struct cache {
	struct shared *shared;
	size_t mapped;
	/* where in the mapping, and how much; not believed from there */
	uint32_t *buckets;
	struct entry *entries;
	unsigned char (*blocks)[BLOCK_BYTES];
	uint32_t block_count, bucket_count; /* a power of two */
	size_t value_bytes;
	char *copy;
	bool broken; /* something was found that cannot be */
};

static_assert(ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_LLONG_LOCK_FREE == 2,
    "a lock in shared memory would outlive its owner");
static_assert(CACHE_KEY_BYTES >= crypto_shorthash_KEYBYTES, "a seal's key is of the entry's");

/* --- the mapping --------------------------------------------------------------------------- */

static void
unmap(void *cache)
{
	const struct cache *c = cache;

	munmap(c->shared, c->mapped);
}

/* Room for as many blocks as fit, with an entry for each, and up to two buckets. */
static void
divide(struct cache *c, size_t bytes)
{
	const size_t each = BLOCK_BYTES + sizeof(struct entry) + 2 * sizeof(uint32_t);
	size_t blocks = bytes / each;

	c->block_count = blocks < INT32_MAX ? (uint32_t)blocks : INT32_MAX;
	c->bucket_count = 1;
	while (c->bucket_count < c->block_count)
		c->bucket_count *= 2;
	c->value_bytes = bytes / SMALL_PARTS;
	if (c->value_bytes > CACHE_VALUE_BYTES)
		c->value_bytes = CACHE_VALUE_BYTES;
	c->mapped = sizeof(struct shared) + c->bucket_count * sizeof(*c->buckets) +
	    (c->block_count + 1) * (sizeof(*c->entries) + sizeof(*c->blocks));
}

static bool
init_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attributes;
	int error = pthread_mutexattr_init(&attributes);

	if (error == 0 &&
	    (error = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED)) == 0 &&
	    (error = pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST)) == 0)
		error = pthread_mutex_init(lock, &attributes);
	errno = error;
	return error == 0;
}

struct cache *
cache_new(struct arena *arena, size_t bytes)
{
	struct cache *c = ARENA_NEW(arena, struct cache);
	unsigned char *map;

	assert(bytes >= CACHE_SMALLEST_BYTES);
	divide(c, bytes);
	map = mmap(NULL, c->mapped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return NULL;
	c->shared = (struct shared *)(void *)map;
	arena_defer(arena, unmap, c);
	map += sizeof(struct shared);
	c->entries = (struct entry *)(void *)map;
	map += (c->block_count + 1) * sizeof(*c->entries);
	c->blocks = (unsigned char(*)[BLOCK_BYTES])(void *)map;
	map += (c->block_count + 1) * sizeof(*c->blocks);
	c->buckets = (uint32_t *)(void *)map;
	c->copy = arena_alloc(arena, c->value_bytes);
	return init_lock(&c->shared->lock) ? c : NULL; /* the rest is zero: no entry */
}

void *
cache_mapping(struct cache *c, size_t *bytes)
{
	*bytes = c->mapped;
	return c->shared;
}

/* --- the lock ------------------------------------------------------------------------------ */

/* Nothing here rests on what was there before, so it may be cut off and done again. */
static void
empty(struct cache *c)
{
	memset(c->buckets, 0, c->bucket_count * sizeof(*c->buckets));
	c->shared->fresh = c->shared->free = c->shared->count = 0;
	c->shared->newest = c->shared->oldest = 0;
	c->broken = false;
}

static bool
enter(struct cache *c)
{
	int64_t until_ns = clock_now_ns() + LOCK_MS * INT64_C(1000000);
	struct timespec until = { until_ns / 1000000000, until_ns % 1000000000 };
	int error = pthread_mutex_clocklock(&c->shared->lock, CLOCK_MONOTONIC, &until);

	if (error == EOWNERDEAD) {
		empty(c);
		error = pthread_mutex_consistent(&c->shared->lock);
	}
	return error == 0;
}

static void
leave(struct cache *c)
{
	if (c->broken)
		empty(c);
	pthread_mutex_unlock(&c->shared->lock);
}

/* --- blocks -------------------------------------------------------------------------------- */

static struct entry *
at(struct cache *c, uint32_t i)
{
	if (i > 0 && i <= c->block_count)
		return &c->entries[i];
	c->broken = true;
	return &c->entries[0];
}

/* Give a value's blocks back. */
static void
free_blocks(struct cache *c, uint32_t first)
{
	uint32_t last = first;

	for (uint32_t n = 0; at(c, last)->next != 0 && !c->broken; last = at(c, last)->next)
		if (++n > c->block_count)
			c->broken = true;
	at(c, last)->next = c->shared->free;
	c->shared->free = first;
}

/* --- entries ------------------------------------------------------------------------------- */

static uint32_t *
bucket_of(struct cache *c, const struct cache_key *key)
{
	uint32_t hash;

	memcpy(&hash, key->bytes, sizeof(hash));
	return &c->buckets[hash & (c->bucket_count - 1)];
}

/* The link to the entry of a key in its bucket: of 0 when there is none. */
static uint32_t *
find_link(struct cache *c, const struct cache_key *key)
{
	uint32_t *link = bucket_of(c, key);

	for (uint32_t n = 0; *link != 0; link = &at(c, *link)->chain) {
		if (memcmp(at(c, *link)->key.bytes, key->bytes, CACHE_KEY_BYTES) == 0)
			return link;
		if (++n > c->block_count)
			c->broken = true;
		if (c->broken)
			break;
	}
	return link;
}

static void
unlink_age(struct cache *c, const struct entry *e)
{
	if (e->newer != 0)
		at(c, e->newer)->older = e->older;
	else
		c->shared->newest = e->older;
	if (e->older != 0)
		at(c, e->older)->newer = e->newer;
	else
		c->shared->oldest = e->newer;
}

static void
link_newest(struct cache *c, uint32_t i)
{
	struct entry *e = at(c, i);

	e->newer = 0;
	e->older = c->shared->newest;
	if (e->older != 0)
		at(c, e->older)->newer = i;
	else
		c->shared->oldest = i;
	c->shared->newest = i;
}

/* The entry that a link leads to goes. */
static void
remove_at(struct cache *c, uint32_t *link)
{
	uint32_t i = *link;
	const struct entry *e = at(c, i);

	*link = e->chain;
	unlink_age(c, e);
	free_blocks(c, i);
	c->shared->count--;
}

/* A block that nobody has, if need be of the value that was used longest ago. 0: there is none,
 * which cannot be. */
static uint32_t
take_block(struct cache *c)
{
	struct shared *s = c->shared;
	uint32_t i;

	if (s->free == 0 && s->fresh < c->block_count)
		return ++s->fresh;
	if (s->free == 0) {
		const struct entry *oldest = at(c, s->oldest);
		uint32_t *link = find_link(c, &oldest->key);

		if (*link != s->oldest)
			c->broken = true;
		if (!c->broken)
			remove_at(c, link);
	}
	i = s->free;
	s->free = at(c, i)->next;
	return c->broken ? 0 : i;
}

static struct seal
seal_of(const struct cache_key *key, const char *bytes, size_t len)
{
	struct seal seal;

	crypto_shorthash(seal.bytes, (const unsigned char *)bytes, len, key->bytes);
	return seal;
}

/* The value, into the copy. */
static void
copy_out(struct cache *c, uint32_t i, size_t len)
{
	if (len > c->value_bytes)
		c->broken = true;
	for (size_t done = 0; done < len && !c->broken; i = at(c, i)->next) {
		size_t part = len - done < BLOCK_BYTES ? len - done : BLOCK_BYTES;

		at(c, i);
		if (!c->broken)
			memcpy(c->copy + done, c->blocks[i], part);
		done += part;
	}
}

/* The first of the blocks that hold a value; 0 when there are none. */
static uint32_t
copy_in(struct cache *c, const char *bytes, size_t len)
{
	uint32_t first = take_block(c), last = first;

	for (size_t done = 0; last != 0;) {
		size_t part = len - done < BLOCK_BYTES ? len - done : BLOCK_BYTES;

		memcpy(c->blocks[last], bytes + done, part);
		at(c, last)->next = 0;
		if ((done += part) == len)
			return first;
		/* Sole owner of its blocks until it is linked: none of them can be the oldest. */
		last = at(c, last)->next = take_block(c);
	}
	return 0;
}

/* --- asking -------------------------------------------------------------------------------- */

/* What is computed under a stamp is of no use to who asks under another. */
static uint64_t
claim_of(const struct cache_key *key, uint64_t stamp)
{
	uint64_t what;

	memcpy(&what, key->bytes + sizeof(what), sizeof(what));
	return (what ^ stamp) | 1;
}

/* Somebody computes it, or the asker does from now on. */
static void
claim(struct cache *c, uint64_t what, unsigned slot, struct cache_found *found)
{
	struct claim *claims = c->shared->claims;

	for (unsigned i = 0; i < LIMIT_WORKERS; i++) {
		uint32_t turn = atomic_load(&claims[i].turn); /* before it is looked at */

		if (i != slot && atomic_load(&claims[i].what) == what) {
			*found = (struct cache_found){ CACHE_BUSY, .who = i, .turn = turn };
			return;
		}
	}
	cache_release(c, slot);
	atomic_store(&claims[slot].what, what);
	found->answer = CACHE_MISS;
}

/* The entry of a key that is good; 0: none. */
static uint32_t
find_good(struct cache *c, const struct cache_key *key, uint64_t stamp)
{
	uint32_t i = *find_link(c, key);
	const struct entry *e;

	if (i == 0 || c->broken)
		return 0;
	e = at(c, i);
	return e->stamp == stamp && clock_now_ns() < e->expires_ns && !c->broken ? i : 0;
}

/* Whether the copy is what was put: the last line against a mapping that somebody wrote over. */
static bool
is_whole(struct cache *c, const struct cache_key *key, const struct seal *expected, size_t len)
{
	struct seal found = seal_of(key, c->copy, len);

	if (memcmp(&found, expected, sizeof(found)) == 0)
		return true;
	if (enter(c)) {
		c->broken = true;
		leave(c);
	}
	return false;
}

struct cache_found
cache_find(struct cache *c, const struct cache_key *key, uint64_t stamp, unsigned slot)
{
	struct cache_found found = { .answer = CACHE_AWAY };
	struct seal expected;
	uint32_t i;

	assert(slot < LIMIT_WORKERS);
	if (!enter(c))
		return found;
	if ((i = find_good(c, key, stamp)) == 0) {
		claim(c, claim_of(key, stamp), slot, &found);
		leave(c);
		return found;
	}
	found.len = at(c, i)->len;
	found.bytes = c->copy;
	expected = at(c, i)->seal;
	copy_out(c, i, found.len);
	unlink_age(c, at(c, i));
	link_newest(c, i);
	if (!c->broken)
		found.answer = CACHE_HIT;
	leave(c);
	if (found.answer == CACHE_HIT && !is_whole(c, key, &expected, found.len))
		found.answer = CACHE_AWAY;
	return found;
}

/* Put an entry where its key had one; its blocks hold the value already. */
static void
link_entry(struct cache *c, const struct entry *made, uint32_t i)
{
	uint32_t *link = bucket_of(c, &made->key);
	struct entry *e = at(c, i);
	uint32_t next = e->next;

	*e = *made;
	e->next = next;
	e->chain = *link;
	*link = i;
	link_newest(c, i);
	c->shared->count++;
}

void
cache_put(struct cache *c, const struct cache_key *key, const struct cache_terms *terms,
    const char *bytes, size_t len, unsigned slot)
{
	struct entry made = { .len = (uint32_t)len,
		.seal = seal_of(key, bytes, len),
		.stamp = terms->stamp,
		.expires_ns = clock_now_ns() + terms->ttl_ms * INT64_C(1000000),
		.key = *key };
	uint32_t *link, i;

	if (len <= c->value_bytes && enter(c)) {
		link = find_link(c, key);
		/* One with a later stamp was read later. */
		if (*link == 0 || at(c, *link)->stamp <= terms->stamp) {
			if (*link != 0)
				remove_at(c, link);
			if (!c->broken && (i = copy_in(c, bytes, len)) != 0)
				link_entry(c, &made, i);
		}
		leave(c);
	}
	cache_release(c, slot);
}

size_t
cache_count(struct cache *c)
{
	size_t count;

	if (!enter(c))
		return 0;
	count = c->shared->count;
	leave(c);
	return count;
}

/* --- waiting for one another --------------------------------------------------------------- */

static void
futex(_Atomic uint32_t *word, int operation, uint32_t value, const struct timespec *timeout)
{
	/* Whatever it answers: woken, changed, timed out or interrupted, the caller looks again. */
	(void)syscall(SYS_futex, word, operation, value, timeout, NULL, 0);
}

void
cache_release(struct cache *c, unsigned slot)
{
	struct claim *own = &c->shared->claims[slot];

	assert(slot < LIMIT_WORKERS);
	if (atomic_exchange(&own->what, 0) == 0)
		return;
	atomic_fetch_add(&own->turn, 1);
	futex(&own->turn, FUTEX_WAKE, INT_MAX, NULL);
}

void
cache_wait(struct cache *c, const struct cache_found *found, int timeout_ms)
{
	struct timespec timeout = { timeout_ms / 1000, timeout_ms % 1000 * 1000000L };

	assert(found->answer == CACHE_BUSY && found->who < LIMIT_WORKERS && timeout_ms >= 0);
	futex(&c->shared->claims[found->who].turn, FUTEX_WAIT, found->turn, &timeout);
}
