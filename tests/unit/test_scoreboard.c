/* SPDX-License-Identifier: BSD-2-Clause */
/* test_scoreboard.c - states, sums and gates, also across processes that die */
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/scoreboard.h"

/* Written by hand, from the comments in scoreboard.h: who may follow whom. */
static const struct {
	const char *from, *to;
} allowed[] = {
	{ "free", "starting" },
	{ "free", "gone" },
	{ "starting", "connecting" },
	{ "starting", "idle" },
	{ "starting", "draining" },
	{ "starting", "gone" },
	{ "connecting", "idle" },
	{ "connecting", "busy" },
	{ "connecting", "draining" },
	{ "connecting", "gone" },
	{ "idle", "connecting" },
	{ "idle", "busy" },
	{ "idle", "draining" },
	{ "idle", "gone" },
	{ "busy", "connecting" },
	{ "busy", "idle" },
	{ "busy", "draining" },
	{ "busy", "gone" },
	{ "draining", "gone" },
	{ "gone", "free" },
	{ "gone", "gone" },
};

static bool
is_allowed(const char *from, const char *to)
{
	for (size_t i = 0; i < COUNT_OF(allowed); i++)
		if (strcmp(allowed[i].from, from) == 0 && strcmp(allowed[i].to, to) == 0)
			return true;
	return false;
}

static void
test_states(void)
{
	for (int from = 0; from < WORKER__MAX; from++)
		for (int to = 0; to < WORKER__MAX; to++) {
			const char *a = worker_state_name((enum worker_state)from);
			const char *b = worker_state_name((enum worker_state)to);
			bool may =
			    worker_state_may_follow((enum worker_state)from, (enum worker_state)to);

			if (may != is_allowed(a, b))
				fprintf(stderr, "row %s -> %s\n", a, b);
			CU_ASSERT_EQUAL(may, is_allowed(a, b));
		}
}

/* A forbidden step ends the process that takes it. */
static void
test_forbidden_step(void)
{
	struct scoreboard *board = scoreboard_new(1);
	int status = 0;
	pid_t pid;

	CU_ASSERT_PTR_NOT_NULL_FATAL(board);
	if ((pid = fork()) == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(1);
		slot_enter(&board->slots[0], WORKER_BUSY);
		_exit(0);
	}
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	scoreboard_free(board);
}

static void
test_slot_life(void)
{
	struct scoreboard *board = scoreboard_new(3);
	struct slot *slot;

	CU_ASSERT_PTR_NOT_NULL_FATAL(board);
	slot = &board->slots[1];
	CU_ASSERT_EQUAL(scoreboard_count(board, WORKER_FREE), 3);
	scoreboard_occupy(board, 1);
	CU_ASSERT_EQUAL(slot_state(slot), WORKER_STARTING);
	slot_enter(slot, WORKER_IDLE);
	slot_enter(slot, WORKER_IDLE); /* to stay is no step */
	slot_enter(slot, WORKER_BUSY);
	CU_ASSERT_EQUAL(scoreboard_count(board, WORKER_BUSY), 1);
	atomic_store(&slot->requests, 7);
	atomic_store(&slot->request_deadline_ns, 1);
	scoreboard_vacate(board, 1);
	CU_ASSERT_EQUAL(slot_state(slot), WORKER_FREE);
	CU_ASSERT_EQUAL(atomic_load(&slot->request_deadline_ns), 0);
	scoreboard_occupy(board, 1);
	CU_ASSERT_EQUAL(atomic_load(&slot->requests), 0);
	/* A worker gone wild leaves anything; the slot is usable again all the same. */
	atomic_store(&slot->state, 0xdeadbeef);
	scoreboard_vacate(board, 1);
	CU_ASSERT_EQUAL(slot_state(slot), WORKER_FREE);
	scoreboard_free(board);
}

static void
test_sums(void)
{
	struct scoreboard *board = scoreboard_new(4);

	CU_ASSERT_PTR_NOT_NULL_FATAL(board);
	for (unsigned i = 0; i < 4; i++) {
		pid_t pid;

		scoreboard_occupy(board, i);
		if ((pid = fork()) == 0) {
			counters_add(&board->slots[i].counters, COUNTER_REQUESTS, i + 1);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
		scoreboard_vacate(board, i);
	}
	CU_ASSERT_EQUAL(
	    scoreboard_sum(board, COUNTER_REQUESTS), 10); /* of workers that are no more */
	scoreboard_occupy(board, 2);
	counters_add(&board->slots[2].counters, COUNTER_REQUESTS, 5);
	CU_ASSERT_EQUAL(scoreboard_sum(board, COUNTER_REQUESTS), 15);
	CU_ASSERT_EQUAL(scoreboard_sum(board, COUNTER_UNITS), 0);
	scoreboard_free(board);
}

static void
test_gate_limit(void)
{
	struct scoreboard *board = scoreboard_new(4);
	struct gate *gate;

	CU_ASSERT_PTR_NOT_NULL_FATAL(board);
	gate = &board->gates[GATE_LOGINS];
	CU_ASSERT_FALSE(gate_enter(gate, 0)); /* closed until it has a limit */
	gate_init(gate, 2);
	CU_ASSERT_TRUE(gate_enter(gate, 0));
	CU_ASSERT_TRUE(gate_enter(gate, 3));
	CU_ASSERT_FALSE(gate_enter(gate, 1));
	CU_ASSERT_EQUAL(gate_taken(gate), 2);
	CU_ASSERT_EQUAL(gate_held(gate, 3), 1);
	gate_leave(gate, 0);
	CU_ASSERT_TRUE(gate_enter(gate, 1));
	CU_ASSERT_EQUAL(gate_taken(&board->gates[GATE_EXPORTS]), 0);
	scoreboard_free(board);
}

/* Processes enter and leave, and are killed wherever they happen to be: the limit is never passed,
 * and when the slots are vacated nothing is taken. */
static void
test_gate_deaths(void)
{
	enum { PROCESSES = 8, PLACES = 3, ROUNDS = 40 };
	struct scoreboard *board = scoreboard_new(PROCESSES);
	pid_t pids[PROCESSES];
	struct gate *gate;
	unsigned inside_most = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(board);
	gate = &board->gates[GATE_EXPORTS];
	gate_init(gate, PLACES);
	for (int round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < PROCESSES; i++) {
			scoreboard_occupy(board, i);
			if ((pids[i] = fork()) == 0)
				for (;;)
					if (gate_enter(gate, i)) {
						/* The counter counts who is inside. */
						counters_add(
						    &board->slots[0].counters, COUNTER_LOGINS, 1);
						counters_add(&board->slots[0].counters,
						    COUNTER_LOGINS, (uint64_t)-1);
						gate_leave(gate, i);
					}
		}
		for (int look = 0; look < 200; look++) {
			unsigned taken = gate_taken(gate);

			inside_most = taken > inside_most ? taken : inside_most;
		}
		usleep(1000);
		for (unsigned i = 0; i < PROCESSES; i++) {
			kill(pids[i], SIGKILL);
			waitpid(pids[i], NULL, 0);
			scoreboard_vacate(board, i);
			CU_ASSERT_EQUAL(gate_held(gate, i), 0);
		}
		CU_ASSERT_EQUAL(gate_taken(gate), 0);
	}
	CU_ASSERT(inside_most <= PLACES);
	scoreboard_free(board);
}

void
suite_scoreboard(void)
{
	static const struct test_row tests[] = {
		{ "states", test_states },
		{ "forbidden step", test_forbidden_step },
		{ "slot life", test_slot_life },
		{ "sums", test_sums },
		{ "gate limit", test_gate_limit },
		{ "gate deaths", test_gate_deaths },
	};

	unit_suite("scoreboard", tests, COUNT_OF(tests));
}
