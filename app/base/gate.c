/* SPDX-License-Identifier: BSD-2-Clause */
/* gate.c - places and their owners, by compare-and-swap */
#include "base/gate.h"

#include <assert.h>

static_assert(LIMIT_WORKERS < UINT16_MAX, "a gate's place holds slot + 1");

void
gate_init(struct gate *gate, unsigned limit)
{
	assert(limit <= LIMIT_WORKERS);
	gate->limit = limit;
}

bool
gate_enter(struct gate *gate, unsigned slot)
{
	for (uint32_t i = 0; i < gate->limit; i++) {
		uint16_t nobody = 0;

		if (atomic_load_explicit(&gate->owners[i], memory_order_relaxed) == 0 &&
		    atomic_compare_exchange_strong(&gate->owners[i], &nobody, (uint16_t)(slot + 1)))
			return true;
	}
	return false;
}

void
gate_leave(struct gate *gate, unsigned slot)
{
	for (uint32_t i = 0; i < gate->limit; i++) {
		uint16_t owner = (uint16_t)(slot + 1);

		if (atomic_compare_exchange_strong(&gate->owners[i], &owner, 0))
			return;
	}
	assert(0 && "left a gate without having entered it");
}

/* The supervisor does this, so neither the limit nor the count in shared memory is believed. */
void
gate_give_back(struct gate *gate, unsigned slot)
{
	for (size_t i = 0; i < LIMIT_WORKERS; i++) {
		uint16_t owner = (uint16_t)(slot + 1);

		atomic_compare_exchange_strong(&gate->owners[i], &owner, 0);
	}
}

/* The places of one owner, or of any when owner is 0. */
static unsigned
places(const struct gate *gate, uint16_t owner)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < gate->limit; i++) {
		uint16_t found = atomic_load_explicit(&gate->owners[i], memory_order_relaxed);

		if (found != 0 && (owner == 0 || found == owner))
			count++;
	}
	return count;
}

unsigned
gate_taken(const struct gate *gate)
{
	return places(gate, 0);
}

unsigned
gate_held(const struct gate *gate, unsigned slot)
{
	return places(gate, (uint16_t)(slot + 1));
}
