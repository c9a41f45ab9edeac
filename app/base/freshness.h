/* SPDX-License-Identifier: BSD-2-Clause */
/* freshness.h - what tells that a kept value is old
 *
 * What a value was made of, its subjects (the rows of a model of one tenant; a name that a handler
 * gave), hash to cells of numbers that only grow. A stamp is the sum of the cells of several
 * subjects and of the one for everything, so equal stamps mean that none of them moved between.
 * Subjects that share a cell cost a value that need not have gone, never an old one.
 *
 * A writer notes its cells, raises them, sends COMMIT, and when that is answered raises them again
 * and takes the notes away. A value that was read before the first raise is old by it; between the
 * two nobody can tell, so nothing is kept while a note stands; what is read after the second is
 * new. The notes of a worker that dies between are raised by the supervisor (DESIGN 6).
 *
 * Writes on other hosts come as notifications from PostgreSQL. Whoever listens to them (process/
 * subscriber.h) proves it by a lease: without one nothing may be kept or used.
 *
 * It lies in the shared mapping (process/scoreboard.h). Nothing is ever locked. */
#ifndef BASE_FRESHNESS_H
#define BASE_FRESHNESS_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/limits.h"

enum {
	FRESHNESS_CELLS = 4096, /* 32 KiB; some 1 in 4000 writes is another subject's too */
	FRESHNESS_NOTES = 16,   /* of one worker; a unit of more subjects raises everything */
};

struct freshness {
	alignas(64) _Atomic uint64_t everything;
	_Atomic int64_t lease_ns; /* of the monotonic clock */
	_Atomic uint64_t cells[FRESHNESS_CELLS];
	_Atomic uint32_t notes[LIMIT_WORKERS][FRESHNESS_NOTES]; /* cell + 1; 0: none */
};

/* The sum of subjects, which are hashes. Take it before the query whose rows are to be kept. */
uint64_t freshness_stamp(const struct freshness *, const uint64_t *subjects, size_t count);

/* Whether a write to one of them is under way, of any worker: then what was read is of no use. */
bool freshness_unsettled(const struct freshness *, const uint64_t *subjects, size_t count);

/* COMMIT of a unit that wrote to subjects is about to be sent by the worker in a slot. */
void
freshness_begin_write(struct freshness *, unsigned slot, const uint64_t *subjects, size_t count);

/* It was answered, or never will be. Also what is done for a worker that has ended; nothing for one
 * that has no notes. */
void freshness_end_write(struct freshness *, unsigned slot);

/* Somebody else wrote to a subject, or nobody knows to which. */
void freshness_raise(struct freshness *, uint64_t subject);
void freshness_raise_all(struct freshness *);

/* Notifications are known to have been heard up to now, and will be until lease_ns. A lease that
 * had run out leaves nothing of before. */
void freshness_extend(struct freshness *, int64_t now_ns, int64_t lease_ns);

/* Nobody listens any more. */
void freshness_end_lease(struct freshness *);
bool freshness_is_leased(const struct freshness *, int64_t now_ns);

#endif
