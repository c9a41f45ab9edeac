/* SPDX-License-Identifier: BSD-2-Clause */
/* counters.h - what a worker counts
 *
 * One block per worker lies in the shared mapping (process/scoreboard.h): the worker alone writes
 * it, a reader sums all blocks. Relaxed atomics: each figure is right by itself, not to the others.
 */
#ifndef BASE_COUNTERS_H
#define BASE_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

enum counter {
	COUNTER_REQUESTS,
	COUNTER_STATUS_2XX,
	COUNTER_STATUS_3XX,
	COUNTER_STATUS_4XX,
	COUNTER_STATUS_5XX,
	COUNTER_UNITS,        /* units sent to PostgreSQL */
	COUNTER_UNIT_FLUSHES, /* round trips they took */
	COUNTER_UNIT_RETRIES, /* run again: epoch, 40001, 40P01 */
	COUNTER_PREPARES,     /* statements prepared */
	COUNTER_CONNECTS,     /* connections made */
	COUNTER_CONNECT_FAILURES,
	COUNTER_REFRESHES,  /* catalogue loaded */
	COUNTER_UNREADABLE, /* connections that brought no readable request */
	COUNTER_AUDIT_ROWS,
	COUNTER_LOGINS,
	COUNTER_LOGIN_FAILURES,
	COUNTER_EXPORT_ROWS,
	COUNTER_CACHE_HITS,
	COUNTER_CACHE_MISSES,
	COUNTER__MAX,
};

struct counters {
	_Atomic uint64_t values[COUNTER__MAX];
};

static inline void
counters_add(struct counters *counters, enum counter which, uint64_t n)
{
	atomic_fetch_add_explicit(&counters->values[which], n, memory_order_relaxed);
}

static inline uint64_t
counters_read(const struct counters *counters, enum counter which)
{
	return atomic_load_explicit(&counters->values[which], memory_order_relaxed);
}

#endif
