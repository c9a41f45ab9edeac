/* SPDX-License-Identifier: BSD-2-Clause */
/* gate.h - at most so many workers at a time may do something expensive
 *
 * A gate lies in memory that all workers share (process/scoreboard.h). Each place holds who has it,
 * so taking a place and noting its owner are one instruction, and a dead worker's places are found
 * and given back. Nothing is ever locked. */
#ifndef BASE_GATE_H
#define BASE_GATE_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/limits.h"

enum { CACHE_LINE_BYTES = 64 }; /* two writers never share one */

enum gate_name {
	GATE_LOGINS,  /* password hashing */
	GATE_EXPORTS, /* answers of unbounded length */
	GATE__MAX,
};

struct gate {
	alignas(CACHE_LINE_BYTES) uint32_t limit; /* places in use; set before workers start */
	_Atomic uint16_t owners[LIMIT_WORKERS];   /* slot + 1; 0: free */
};

/* Places are set once, before workers start; limit is at most LIMIT_WORKERS. */
void gate_init(struct gate *, unsigned limit);

/* Take a place for the worker in a slot; false when all are taken. Never waits. */
bool gate_enter(struct gate *, unsigned slot) MUST_CHECK;

/* Give one of its places back; that it holds one is asserted. */
void gate_leave(struct gate *, unsigned slot);

/* Give back all that a worker held which has ended. */
void gate_give_back(struct gate *, unsigned slot);

/* Places taken now, by all workers or by one. */
unsigned gate_taken(const struct gate *);
unsigned gate_held(const struct gate *, unsigned slot);

#endif
