/* SPDX-License-Identifier: BSD-2-Clause */
/* cache.h - values that all workers of a host share
 *
 * One anonymous mapping, made by the supervisor before it forks, of fixed size: blocks of a
 * kilobyte, chained into entries, the one used longest ago given up first. What an entry is worth
 * is told by its stamp (base/freshness.h) and its time to live.
 *
 * One robust lock is held for the time of a copy (50 to 90 ns for 5 kB, limits.md 8). Whoever gets
 * it from a dead owner empties everything: the owner may have been in the middle of any chain, and
 * a cache can be lost. It is waited for a moment only, so a worker that is stopped with the lock in
 * its hand costs the others the cache and not the answer. The supervisor never takes it.
 *
 * Workers can write all of it, so nothing that is read here is believed: an index or a length that
 * cannot be empties the cache, and no forged one is followed out of the mapping. */
#ifndef SERVE_CACHE_H
#define SERVE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/limits.h"

struct arena;
struct cache; /* the own handle of a process; the mapping is shared with all forked later */

enum {
	CACHE_KEY_BYTES = 32,
	CACHE_SMALLEST_BYTES = LIMIT_CACHE_SMALLEST,
	CACHE_VALUE_BYTES = 256 << 10, /* the largest value; of a small cache a quarter of it */
};

/* A digest: evenly distributed, and nobody finds two texts of one. */
struct cache_key {
	unsigned char bytes[CACHE_KEY_BYTES];
};

enum cache_answer {
	CACHE_HIT,
	CACHE_MISS, /* nobody has it: the asker is taken to compute it, until cache_put or
		     * cache_release */
	CACHE_BUSY, /* somebody is computing it */
	CACHE_AWAY, /* the lock could not be had */
};

struct cache_found {
	enum cache_answer answer;
	const char *bytes; /* CACHE_HIT: the process's own copy, until it asks again */
	size_t len;
	unsigned who; /* CACHE_BUSY: for cache_wait */
	uint32_t turn;
};

/* A mapping of that many bytes, at least CACHE_SMALLEST_BYTES. NULL with errno: there is no memory.
 * It goes with the arena. */
struct cache *cache_new(struct arena *, size_t bytes) MUST_CHECK;

/* Look for a key with a stamp; an entry of another stamp, or one that has outlived its time, is
 * none. The worker in a slot computes one value at a time: a miss ends the one before. */
struct cache_found
cache_find(struct cache *, const struct cache_key *, uint64_t stamp, unsigned slot);

/* What an entry lives by. */
struct cache_terms {
	uint64_t stamp; /* of before its query */
	int64_t ttl_ms;
};

/* Keep a value, in the place of what the key had; one that is too large is not kept. What the
 * worker in the slot was computing is done. */
void cache_put(struct cache *, const struct cache_key *, const struct cache_terms *,
    const char *bytes, size_t len, unsigned slot);

/* The worker in the slot computes nothing any more, also because it has ended. Takes no lock. */
void cache_release(struct cache *, unsigned slot);

/* Wait until the one that was busy is done, but not for longer than that. */
void cache_wait(struct cache *, const struct cache_found *, int timeout_ms);

/* Entries there are, fresh or not; 0 too when the lock could not be had. */
size_t cache_count(struct cache *);

/* The mapping, for tests that forge it. */
void *cache_mapping(struct cache *, size_t *bytes);

#endif
