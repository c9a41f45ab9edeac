/* SPDX-License-Identifier: BSD-2-Clause */
/* test_freshness.c - stamps and notes, step by step, and with writers that are killed */
#include "unit.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/freshness.h"

static void *
shared_memory(size_t bytes)
{
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CU_ASSERT_FATAL(map != MAP_FAILED);
	return map;
}

static struct freshness *
freshness_new(void)
{
	return shared_memory(sizeof(struct freshness));
}

static void
test_stamps(void)
{
	struct freshness *f = freshness_new();
	const uint64_t one[] = { 7 }, two[] = { 7, 8 }, other[] = { 9 };
	uint64_t stamp_one = freshness_stamp(f, one, 1), stamp_two = freshness_stamp(f, two, 2);
	uint64_t stamp_other = freshness_stamp(f, other, 1);

	freshness_raise(f, 8);
	CU_ASSERT_EQUAL(freshness_stamp(f, one, 1), stamp_one);
	CU_ASSERT_NOT_EQUAL(freshness_stamp(f, two, 2), stamp_two);
	stamp_two = freshness_stamp(f, two, 2);
	freshness_raise(f, 8 + FRESHNESS_CELLS); /* the same cell */
	CU_ASSERT_NOT_EQUAL(freshness_stamp(f, two, 2), stamp_two);
	CU_ASSERT_EQUAL(freshness_stamp(f, other, 1), stamp_other);
	freshness_raise_all(f);
	CU_ASSERT_NOT_EQUAL(freshness_stamp(f, one, 1), stamp_one);
	CU_ASSERT_NOT_EQUAL(freshness_stamp(f, other, 1), stamp_other);
	munmap(f, sizeof(*f));
}

/* A reader takes its stamp and reads at one step of a write, and wants to keep at a later one:
 * written by hand, what it may keep so that it is good behind the last step. */
static const struct {
	const char *name;
	int read, keep; /* before step n */
	bool good;
} meetings[] = {
	/* 0 begin 1 COMMIT 2 end 3 */
	{ "all before", 0, 0, false },
	{ "read before, kept before COMMIT", 0, 1, false },
	{ "read before, kept behind COMMIT", 0, 2, false },
	{ "read before, kept behind all", 0, 3, false },
	{ "read and kept before COMMIT", 1, 1, false },
	{ "read before COMMIT, kept behind", 1, 2, false },
	{ "read before COMMIT, kept behind all", 1, 3, false },
	{ "read and kept behind COMMIT", 2, 2, false }, /* true, but nobody can tell */
	{ "read behind COMMIT, kept behind all", 2, 3, false },
	{ "all behind", 3, 3, true },
};

static bool
is_good_after(size_t row)
{
	struct freshness *f = freshness_new();
	const uint64_t subjects[] = { 4711, 12 };
	uint64_t stamp = 0;
	bool kept = false, good;

	for (int step = 0; step <= 3; step++) {
		if (step == meetings[row].read)
			stamp = freshness_stamp(f, subjects, 1);
		if (step == meetings[row].keep)
			kept = !freshness_unsettled(f, subjects, 1) &&
			    freshness_stamp(f, subjects, 1) == stamp;
		if (step == 0)
			freshness_begin_write(f, 5, subjects, COUNT_OF(subjects));
		if (step == 2)
			freshness_end_write(f, 5); /* the worker, or the supervisor for it */
	}
	good = kept && freshness_stamp(f, subjects, 1) == stamp;
	munmap(f, sizeof(*f));
	return good;
}

static void
test_meetings(void)
{
	for (size_t i = 0; i < COUNT_OF(meetings); i++)
		ASSERT_ROW(meetings[i].name, is_good_after(i) == meetings[i].good);
}

static void
test_notes(void)
{
	struct freshness *f = freshness_new();
	uint64_t many[FRESHNESS_NOTES + 1];
	const uint64_t mine[] = { 1 }, theirs[] = { 2 };
	uint64_t stamp;

	freshness_begin_write(f, LIMIT_WORKERS - 1, mine, 1);
	CU_ASSERT_TRUE(freshness_unsettled(f, mine, 1));
	CU_ASSERT_FALSE(freshness_unsettled(f, theirs, 1));
	freshness_end_write(f, LIMIT_WORKERS - 2); /* nothing of this one's */
	CU_ASSERT_TRUE(freshness_unsettled(f, mine, 1));
	freshness_end_write(f, LIMIT_WORKERS - 1);
	CU_ASSERT_FALSE(freshness_unsettled(f, mine, 1));
	stamp = freshness_stamp(f, mine, 1);
	freshness_end_write(f, LIMIT_WORKERS - 1); /* no notes, no raise */
	CU_ASSERT_EQUAL(freshness_stamp(f, mine, 1), stamp);
	/* As many as there are notes, and one more, which stands for everything. */
	for (size_t i = 0; i < COUNT_OF(many); i++)
		many[i] = 100 + i;
	freshness_begin_write(f, 0, many, FRESHNESS_NOTES);
	CU_ASSERT_TRUE(freshness_unsettled(f, &many[FRESHNESS_NOTES - 1], 1));
	CU_ASSERT_FALSE(freshness_unsettled(f, theirs, 1));
	freshness_end_write(f, 0);
	CU_ASSERT_FALSE(freshness_unsettled(f, &many[FRESHNESS_NOTES - 1], 1));
	freshness_begin_write(f, 0, many, COUNT_OF(many));
	CU_ASSERT_TRUE(freshness_unsettled(f, theirs, 1));
	CU_ASSERT_NOT_EQUAL(freshness_stamp(f, mine, 1), stamp);
	freshness_end_write(f, 0);
	CU_ASSERT_FALSE(freshness_unsettled(f, theirs, 1));
	/* What a worker gone wild leaves raises everything and is cleared. */
	stamp = freshness_stamp(f, mine, 1);
	atomic_store(&f->notes[3][0], 0xdeadbeef);
	freshness_end_write(f, 3);
	CU_ASSERT_NOT_EQUAL(freshness_stamp(f, mine, 1), stamp);
	CU_ASSERT_EQUAL(atomic_load(&f->notes[3][0]), 0);
	munmap(f, sizeof(*f));
}

static void
test_lease(void)
{
	struct freshness *f = freshness_new();
	const uint64_t any[] = { 1 };
	uint64_t stamp = freshness_stamp(f, any, 1);

	CU_ASSERT_FALSE(freshness_is_leased(f, 1)); /* nobody listens yet */
	freshness_extend(f, 10, 20);
	CU_ASSERT_TRUE(freshness_is_leased(f, 19));
	CU_ASSERT_FALSE(freshness_is_leased(f, 20));
	CU_ASSERT_NOT_EQUAL(freshness_stamp(f, any, 1), stamp);
	stamp = freshness_stamp(f, any, 1);
	freshness_extend(f, 19, 30); /* in time: all stays */
	CU_ASSERT_EQUAL(freshness_stamp(f, any, 1), stamp);
	freshness_extend(f, 30, 40); /* too late */
	CU_ASSERT_NOT_EQUAL(freshness_stamp(f, any, 1), stamp);
	stamp = freshness_stamp(f, any, 1);
	freshness_end_lease(f);
	CU_ASSERT_FALSE(freshness_is_leased(f, 31));
	CU_ASSERT_NOT_EQUAL(freshness_stamp(f, any, 1), stamp);
	munmap(f, sizeof(*f));
}

/* --- writers that are killed ------------------------------------------------------------------ */

/* A database of one number, and a cache of one value. */
struct world {
	struct freshness freshness;
	_Atomic uint64_t committed, acknowledged;
	_Atomic uint64_t kept, kept_stamp; /* by one reader */
};

static const uint64_t ROWS[] = { 1 };
enum { WRITER = 3 };

static void
write_on(struct world *w, bool naive)
{
	for (;;) {
		uint64_t next = atomic_load(&w->committed) + 1;

		if (!naive)
			freshness_begin_write(&w->freshness, WRITER, ROWS, 1);
		atomic_store(&w->committed, next);
		if (!naive)
			freshness_end_write(&w->freshness, WRITER);
		atomic_store(&w->acknowledged, next);
	}
}

/* One look at the value: how much older it is than what was acknowledged before. */
static uint64_t
read_once(struct world *w)
{
	uint64_t acknowledged = atomic_load(&w->acknowledged);
	uint64_t stamp = freshness_stamp(&w->freshness, ROWS, 1), value;

	if (atomic_load(&w->kept) != 0 && atomic_load(&w->kept_stamp) == stamp) {
		value = atomic_load(&w->kept);
		return value < acknowledged ? acknowledged - value : 0;
	}
	value = atomic_load(&w->committed);
	sched_yield();
	if (!freshness_unsettled(&w->freshness, ROWS, 1) &&
	    freshness_stamp(&w->freshness, ROWS, 1) == stamp) {
		atomic_store(&w->kept, value);
		atomic_store(&w->kept_stamp, stamp);
	}
	return value < acknowledged ? acknowledged - value : 0;
}

/* Writers are killed wherever they are; what they wrote counts as acknowledged once they are known
 * to be dead and their notes are raised. */
static uint64_t
oldest_seen(bool naive)
{
	struct world *w = shared_memory(sizeof(*w));
	uint64_t oldest = 0;

	for (int round = 0; round < 60; round++) {
		uint64_t before = atomic_load(&w->acknowledged);
		pid_t pid = fork();

		if (pid == 0)
			write_on(w, naive);
		while (atomic_load(&w->acknowledged) == before)
			sched_yield();
		for (int look = 0; look < 300; look++) {
			uint64_t age = read_once(w);

			oldest = age > oldest ? age : oldest;
		}
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		if (!naive)
			freshness_end_write(&w->freshness, WRITER);
		atomic_store(&w->acknowledged, atomic_load(&w->committed));
		for (int look = 0; look < 3; look++) {
			uint64_t age = read_once(w);

			oldest = age > oldest ? age : oldest;
		}
	}
	CU_ASSERT(atomic_load(&w->committed) > 60); /* they did write */
	CU_ASSERT_NOT_EQUAL(atomic_load(&w->kept), 0);
	munmap(w, sizeof(*w));
	return oldest;
}

static void
test_killed_writers(void)
{
	CU_ASSERT_EQUAL(oldest_seen(false), 0);
	CU_ASSERT(oldest_seen(true) > 0); /* control: nobody raises */
}

void
suite_freshness(void)
{
	static const struct test_row tests[] = {
		{ "stamps", test_stamps },
		{ "a reader meets a writer", test_meetings },
		{ "notes", test_notes },
		{ "lease", test_lease },
		{ "killed writers", test_killed_writers },
	};

	unit_suite("freshness", tests, COUNT_OF(tests));
}
