/* SPDX-License-Identifier: BSD-2-Clause */
/* scoreboard.h - what supervisor and workers know of each other
 *
 * One anonymous shared mapping, made by the supervisor before it forks. A slot has one writer at a
 * time: the worker in it, or the supervisor while nobody is in it; anybody reads. All of it is
 * lock-free, so a worker killed between any two instructions leaves nothing locked.
 *
 * Workers can write all of it, and workers read what strangers send. So the supervisor believes
 * nothing in here that it acts upon with its own rights: the pids that it signals are in its own
 * memory (supervisor.c). */
#ifndef PROCESS_SCOREBOARD_H
#define PROCESS_SCOREBOARD_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/compiler.h"
#include "base/counters.h"
#include "base/freshness.h"
#include "base/gate.h"
#include "base/limits.h"

enum worker_state {
	WORKER_FREE,       /* nobody is in the slot */
	WORKER_STARTING,   /* forked, not serving yet */
	WORKER_CONNECTING, /* serving, without a usable database: every answer is a 503 */
	WORKER_IDLE,       /* waits for a request */
	WORKER_BUSY,       /* has one */
	WORKER_DRAINING,   /* answers what waits, then ends */
	WORKER_GONE,       /* has ended; its slot is being cleared */
	WORKER__MAX,
};

struct slot {
	alignas(CACHE_LINE_BYTES) _Atomic uint32_t state; /* only slot_enter assigns */
	_Atomic uint32_t generation;                      /* the settings it was started with */
	_Atomic int32_t pid;
	_Atomic int64_t started_wall_ms;
	_Atomic uint64_t requests;           /* of this worker; the counters are the slot's */
	_Atomic int64_t request_started_ns;  /* of the monotonic clock; 0 between requests */
	_Atomic int64_t request_deadline_ns; /* who passes it is killed; 0: none */
	/* Not cleared when a worker ends, so that its figures stay in every sum. */
	alignas(CACHE_LINE_BYTES) struct counters counters;
};

struct scoreboard {
	alignas(
	    CACHE_LINE_BYTES) _Atomic bool served_once; /* a worker of this supervisor was ready */
	_Atomic bool closing;        /* the supervisor is stopping; the door is closed */
	_Atomic bool emptied;        /* after that, a worker found nothing waiting */
	_Atomic uint32_t generation; /* of the settings; raised by a reload */
	uint32_t slot_count;         /* slots that are looked at */
	struct gate gates[GATE__MAX];
	struct freshness freshness;
	struct slot slots[LIMIT_WORKERS]; /* pages of slots that nobody enters are never made */
};

/* A new mapping, shared with all processes forked later. NULL with errno: there is no memory. */
struct scoreboard *scoreboard_new(unsigned slot_count) MUST_CHECK;
void scoreboard_free(struct scoreboard *);

/* The one function that assigns a state; a step that the table forbids is our own mistake. */
void slot_enter(struct slot *, enum worker_state);
enum worker_state slot_state(const struct slot *);
const char *worker_state_name(enum worker_state) __attribute__((returns_nonnull));
bool worker_state_may_follow(enum worker_state from, enum worker_state to);

/* A worker is about to be forked into a free slot. */
void scoreboard_occupy(struct scoreboard *, unsigned slot);

/* Its worker has ended: give back what it held, and free the slot. */
void scoreboard_vacate(struct scoreboard *, unsigned slot);

/* A counter over all slots, former workers included. */
uint64_t scoreboard_sum(const struct scoreboard *, enum counter);

/* How many slots are in a state. */
unsigned scoreboard_count(const struct scoreboard *, enum worker_state);

#endif
