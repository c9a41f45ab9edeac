/* SPDX-License-Identifier: BSD-2-Clause */
/* scoreboard.c - the shared mapping, the table of worker states */
#include "process/scoreboard.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"

#define BIT(state) (1u << (state))

/* From a state (row) to which. A worker can end from every state, so WORKER_GONE is in every row:
 * also in that of a free slot, for a worker that went wild may have written anything here. */
static const struct {
	const char *name;
	unsigned next;
} states[] = {
	[WORKER_FREE] = { "free", BIT(WORKER_STARTING) | BIT(WORKER_GONE) },
	[WORKER_STARTING] = { "starting",
	    BIT(WORKER_CONNECTING) | BIT(WORKER_IDLE) | BIT(WORKER_DRAINING) | BIT(WORKER_GONE) },
	[WORKER_CONNECTING] = { "connecting",
	    BIT(WORKER_IDLE) | BIT(WORKER_BUSY) | BIT(WORKER_DRAINING) | BIT(WORKER_GONE) },
	[WORKER_IDLE] = { "idle",
	    BIT(WORKER_CONNECTING) | BIT(WORKER_BUSY) | BIT(WORKER_DRAINING) | BIT(WORKER_GONE) },
	[WORKER_BUSY] = { "busy",
	    BIT(WORKER_CONNECTING) | BIT(WORKER_IDLE) | BIT(WORKER_DRAINING) | BIT(WORKER_GONE) },
	[WORKER_DRAINING] = { "draining", BIT(WORKER_GONE) },
	[WORKER_GONE] = { "gone", BIT(WORKER_FREE) | BIT(WORKER_GONE) },
};
static_assert(COUNT_OF(states) == WORKER__MAX, "a row per worker state");
static_assert(
    ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_SHORT_LOCK_FREE == 2 && ATOMIC_BOOL_LOCK_FREE == 2,
    "a lock in shared memory would outlive its owner");

struct scoreboard *
scoreboard_new(unsigned slot_count)
{
	struct scoreboard *board;

	assert(slot_count > 0 && slot_count <= LIMIT_WORKERS);
	board =
	    mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED)
		return NULL;
	board->slot_count = slot_count; /* the rest is zero: free slots, closed gates */
	return board;
}

void
scoreboard_free(struct scoreboard *board)
{
	if (board != NULL)
		munmap(board, sizeof(*board));
}

bool
worker_state_may_follow(enum worker_state from, enum worker_state to)
{
	assert(from < WORKER__MAX && to < WORKER__MAX);
	return (states[from].next & BIT(to)) != 0;
}

const char *
worker_state_name(enum worker_state state)
{
	assert(state < WORKER__MAX);
	return states[state].name;
}

enum worker_state
slot_state(const struct slot *slot)
{
	uint32_t state = atomic_load_explicit(&slot->state, memory_order_acquire);

	return state < WORKER__MAX ? (enum worker_state)state : WORKER_GONE;
}

void
slot_enter(struct slot *slot, enum worker_state next)
{
	enum worker_state now = slot_state(slot);

	if (now == next && next != WORKER_GONE)
		return;
	assert(worker_state_may_follow(now, next));
	atomic_store_explicit(&slot->state, (uint32_t)next, memory_order_release);
}

void
scoreboard_occupy(struct scoreboard *board, unsigned index)
{
	struct slot *slot = &board->slots[index];

	assert(index < LIMIT_WORKERS);
	slot_enter(slot, WORKER_STARTING);
	atomic_store(&slot->generation, atomic_load(&board->generation));
	atomic_store(&slot->pid, 0);
	atomic_store(&slot->started_wall_ms, clock_wall_ms());
	atomic_store(&slot->requests, 0);
	atomic_store(&slot->request_started_ns, 0);
	atomic_store(&slot->request_deadline_ns, 0);
}

void
scoreboard_vacate(struct scoreboard *board, unsigned index)
{
	struct slot *slot = &board->slots[index];

	assert(index < LIMIT_WORKERS);
	slot_enter(slot, WORKER_GONE);
	for (size_t g = 0; g < GATE__MAX; g++)
		gate_give_back(&board->gates[g], index);
	freshness_end_write(&board->freshness, index);
	atomic_store(&slot->pid, 0);
	atomic_store(&slot->request_started_ns, 0);
	atomic_store(&slot->request_deadline_ns, 0);
	slot_enter(slot, WORKER_FREE);
}

static uint32_t
slots_of(const struct scoreboard *board)
{
	return board->slot_count < LIMIT_WORKERS ? board->slot_count : LIMIT_WORKERS;
}

uint64_t
scoreboard_sum(const struct scoreboard *board, enum counter which)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < slots_of(board); i++)
		sum += counters_read(&board->slots[i].counters, which);
	return sum;
}

unsigned
scoreboard_count(const struct scoreboard *board, enum worker_state state)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < slots_of(board); i++)
		if (slot_state(&board->slots[i]) == state)
			count++;
	return count;
}
