/* SPDX-License-Identifier: BSD-2-Clause */
/* test_arena.c - lifetimes, alignment, the ceiling */
#include "base/arena.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static char order[8];

static void
note(void *letter)
{
	size_t n = strlen(order);

	order[n] = *(char *)letter;
	order[n + 1] = '\0';
}

static void
memory_is_zeroed_and_aligned(void)
{
	struct arena *a = arena_new(1 << 20);

	for (size_t size = 0; size < 2000; size += 7) {
		unsigned char *p = arena_alloc(a, size);

		CU_ASSERT((uintptr_t)p % _Alignof(max_align_t) == 0);
		for (size_t i = 0; i < size; i++)
			CU_ASSERT_FATAL(p[i] == 0);
		memset(p, 0xff, size);
	}
	arena_reset(a);
	/* What was written before the reset is not seen after it. */
	for (int i = 0; i < 100; i++) {
		unsigned char *p = arena_alloc(a, 100);

		for (size_t j = 0; j < 100; j++)
			CU_ASSERT_FATAL(p[j] == 0);
	}
	arena_free(a);
}

static void
allocations_do_not_overlap(void)
{
	struct arena *a = arena_new(8 << 20);
	enum { COUNT = 500 };
	unsigned char *blocks[COUNT];
	size_t sizes[COUNT];

	for (size_t i = 0; i < COUNT; i++) {
		sizes[i] = i * 37 % 12000; /* small ones, and ones that get a chunk of their own */
		blocks[i] = arena_alloc(a, sizes[i]);
		memset(blocks[i], (int)(i % 251), sizes[i]);
	}
	for (size_t i = 0; i < COUNT; i++)
		for (size_t j = 0; j < sizes[i]; j++)
			CU_ASSERT_FATAL(blocks[i][j] == i % 251);
	arena_free(a);
}

static void
deferred_calls_run_last_first(void)
{
	struct arena *a = arena_new(1 << 16);
	char letters[] = "abc";

	order[0] = '\0';
	for (size_t i = 0; i < 3; i++)
		arena_defer(a, note, &letters[i]);
	arena_reset(a);
	CU_ASSERT_STRING_EQUAL(order, "cba");
	arena_reset(a);
	CU_ASSERT_STRING_EQUAL(order, "cba"); /* once only */
	arena_defer(a, note, &letters[0]);
	arena_free(a);
	CU_ASSERT_STRING_EQUAL(order, "cbaa");
}

static void
memory_is_given_back_at_reset(void)
{
	struct arena *a = arena_new(16 << 20);
	size_t before = arena_used(a);

	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < 100; i++)
			(void)arena_alloc(a, 10000);
		CU_ASSERT(arena_used(a) >= 1000000);
		arena_reset(a);
		CU_ASSERT(arena_used(a) == before);
	}
	CU_ASSERT(arena_peak(a) >= 1000000 && arena_peak(a) < 3000000);
	arena_free(a);
}

static void
copies_end_in_nul(void)
{
	struct arena *a = arena_new(1 << 16);

	CU_ASSERT_STRING_EQUAL(arena_copy(a, "abcdef", 3), "abc");
	CU_ASSERT_STRING_EQUAL(arena_copy(a, NULL, 0), "");
	CU_ASSERT_STRING_EQUAL(arena_string(a, "xyz"), "xyz");
	CU_ASSERT_STRING_EQUAL(arena_printf(a, "%s-%d", "n", 12), "n-12");
	arena_free(a);
}

/* Run in a child; the signal that ended it, or 0. */
static int
signal_of(void (*run)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		struct rlimit none = { 0, 0 };

		setrlimit(RLIMIT_CORE, &none);
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(3);
		run();
		_exit(0);
	}
	CU_ASSERT_FATAL(pid > 0 && waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
pass_the_ceiling(void)
{
	struct arena *a = arena_new(1 << 20);

	for (;;)
		(void)arena_alloc(a, 1000);
}

static void
pass_the_ceiling_at_once(void)
{
	(void)arena_alloc(arena_new(1 << 20), (1 << 20) + 1);
}

static void
overflow_an_array(void)
{
	volatile size_t huge = SIZE_MAX / 2;

	(void)arena_array(arena_new(1 << 20), huge, 4);
}

static void
stay_below_the_ceiling(void)
{
	struct arena *a = arena_new(1 << 20);

	for (int i = 0; i < 900; i++)
		(void)arena_alloc(a, 1000);
	arena_free(a);
}

static void
passing_the_ceiling_aborts(void)
{
	CU_ASSERT_EQUAL(signal_of(pass_the_ceiling), SIGABRT);
	CU_ASSERT_EQUAL(signal_of(pass_the_ceiling_at_once), SIGABRT);
	CU_ASSERT_EQUAL(signal_of(overflow_an_array), SIGABRT);
	CU_ASSERT_EQUAL(signal_of(stay_below_the_ceiling), 0);
}

void
suite_arena(void)
{
	static const struct test_row tests[] = {
		{ "memory is zeroed and aligned", memory_is_zeroed_and_aligned },
		{ "allocations do not overlap", allocations_do_not_overlap },
		{ "deferred calls run last first", deferred_calls_run_last_first },
		{ "memory is given back at reset", memory_is_given_back_at_reset },
		{ "copies end in NUL", copies_end_in_nul },
		{ "passing the ceiling aborts", passing_the_ceiling_aborts },
	};

	unit_suite("arena", tests, sizeof(tests) / sizeof(tests[0]));
}
