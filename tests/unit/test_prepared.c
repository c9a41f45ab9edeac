/* SPDX-License-Identifier: BSD-2-Clause */
/* test_prepared.c - which prepared statement goes for which */
#include "database/prepared.h"

#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/limits.h"
#include "database/sqltext.h"
#include "unit.h"

/* A text of len bytes that begins with its number. */
static struct prepared_text
text(struct arena *a, unsigned number, size_t len)
{
	char *bytes = arena_alloc(a, len + 1);

	memset(bytes, 'x', len);
	memcpy(bytes, &number, sizeof(number));
	return prepared_text_of(&(struct statement){ .text = bytes, .text_len = len });
}

static struct prepared *
find(struct prepared_cache *c, struct prepared_text text)
{
	return prepared_find(c, &text);
}

static struct prepared *
add(struct prepared_cache *c, struct prepared_text text)
{
	return prepared_add(c, &text);
}

/* A run of one statement, as pg.c does it, up to its answer: the number of victims. */
static size_t
run(struct prepared_cache *c, struct prepared_text s, struct prepared **victim)
{
	size_t count;
	struct prepared *e;

	prepared_begin(c);
	count = prepared_make_room(c, &s, 1, victim);
	if ((e = find(c, s)) == NULL && (e = add(c, s)) != NULL)
		e->confirmed = true;
	return count;
}

static void
a_text_is_prepared_once(void)
{
	struct arena *a = arena_new(8 << 20);
	struct prepared_cache *c = ARENA_NEW(a, struct prepared_cache);
	struct prepared *victim[LIMIT_PREPARED_COUNT], *e;

	CU_ASSERT(find(c, text(a, 1, 20)) == NULL);
	CU_ASSERT_EQUAL(run(c, text(a, 1, 20), victim), 0);
	CU_ASSERT_EQUAL(run(c, text(a, 1, 20), victim), 0);
	CU_ASSERT_EQUAL(c->bytes, 20);
	CU_ASSERT_FATAL((e = find(c, text(a, 1, 20))) != NULL);
	CU_ASSERT_STRING_EQUAL(e->name, "s1");
	CU_ASSERT(find(c, text(a, 2, 20)) == NULL);
	CU_ASSERT(find(c, text(a, 1, 21)) == NULL);
	/* Refused or deallocated, it comes under another name. */
	prepared_drop(c, e);
	CU_ASSERT_EQUAL(c->bytes, 0);
	CU_ASSERT_STRING_EQUAL(add(c, text(a, 1, 20))->name, "s2");
	prepared_forget(c);
	CU_ASSERT_EQUAL(c->bytes, 0);
	CU_ASSERT_STRING_EQUAL(add(c, text(a, 1, 20))->name, "s3");
	arena_free(a);
}

static void
the_oldest_goes_when_there_are_too_many(void)
{
	struct arena *a = arena_new(8 << 20);
	struct prepared_cache *c = ARENA_NEW(a, struct prepared_cache);
	struct prepared *victim[LIMIT_PREPARED_COUNT];

	for (unsigned i = 1; i <= LIMIT_PREPARED_COUNT; i++)
		CU_ASSERT_EQUAL(run(c, text(a, i, 10), victim), 0);
	CU_ASSERT(add(c, text(a, 999, 10)) == NULL);
	/* The first is used again: now the second is the oldest. */
	CU_ASSERT_EQUAL(run(c, text(a, 1, 10), victim), 0);
	CU_ASSERT_EQUAL(run(c, text(a, 1000, 10), victim), 1);
	CU_ASSERT_STRING_EQUAL(victim[0]->name, "s2");
	/* Until PostgreSQL has dropped it there is no place, and it goes once only. */
	CU_ASSERT(find(c, text(a, 1000, 10)) == NULL);
	prepared_drop(c, victim[0]);
	CU_ASSERT_EQUAL(run(c, text(a, 1000, 10), victim), 0);
	CU_ASSERT(find(c, text(a, 1000, 10)) != NULL);
	arena_free(a);
}

static void
the_oldest_go_when_they_are_too_long(void)
{
	enum { LEN = LIMIT_PREPARED_TEXT_BYTES / 4 };
	struct arena *a = arena_new(8 << 20);
	struct prepared_cache *c = ARENA_NEW(a, struct prepared_cache);
	const struct prepared_text two[] = { text(a, 5, LEN), text(a, 6, LEN) };
	struct prepared *victims[LIMIT_PREPARED_COUNT];

	for (unsigned i = 1; i <= 4; i++)
		CU_ASSERT_EQUAL(run(c, text(a, i, LEN), victims), 0);
	CU_ASSERT_EQUAL(c->bytes, LIMIT_PREPARED_TEXT_BYTES);
	prepared_begin(c);
	CU_ASSERT_EQUAL(prepared_make_room(c, two, 2, victims), 2);
	CU_ASSERT_STRING_EQUAL(victims[0]->name, "s1");
	CU_ASSERT_STRING_EQUAL(victims[1]->name, "s2");
	arena_free(a);
}

/* Long texts take the place of short ones, one in each run. */
static void
what_is_kept_does_not_grow(void)
{
	enum { SHORT = 280, LONG = 4000, RUNS = 1000 };
	struct arena *a = arena_new(16 << 20);
	struct prepared_cache *c = ARENA_NEW(a, struct prepared_cache);
	struct prepared *victims[LIMIT_PREPARED_COUNT];
	unsigned over = 0;

	for (unsigned i = 1; i <= RUNS; i++) {
		size_t gone = run(c, text(a, i, i <= RUNS / 2 ? SHORT : LONG), victims);

		for (size_t v = 0; v < gone; v++)
			prepared_drop(c, victims[v]);
		if (c->bytes > LIMIT_PREPARED_TEXT_BYTES)
			over++;
	}
	CU_ASSERT_EQUAL(over, 0);
	ASSERT_ROW("and it is used", c->bytes > LIMIT_PREPARED_TEXT_BYTES - 2 * LONG);
	arena_free(a);
}

/* A run that is more than the cache can hold empties it, and no more. */
static void
a_run_may_push_out_all(void)
{
	enum { LEN = LIMIT_PREPARED_TEXT_BYTES / 4 };
	struct arena *a = arena_new(8 << 20);
	struct prepared_cache *c = ARENA_NEW(a, struct prepared_cache);
	const struct prepared_text five[] = { text(a, 1001, LEN), text(a, 1002, LEN),
		text(a, 1003, LEN), text(a, 1004, LEN), text(a, 1005, LEN) };
	struct prepared *victims[LIMIT_PREPARED_COUNT + 1];

	for (unsigned i = 1; i <= LIMIT_PREPARED_COUNT; i++)
		CU_ASSERT_EQUAL(run(c, text(a, i, 10), victims), 0);
	victims[LIMIT_PREPARED_COUNT] = c->entries;
	prepared_begin(c);
	CU_ASSERT_EQUAL(prepared_make_room(c, five, 5, victims), LIMIT_PREPARED_COUNT);
	CU_ASSERT(victims[LIMIT_PREPARED_COUNT] == c->entries);
	arena_free(a);
}

/* What this run uses stays, and so does what PostgreSQL has not confirmed. */
static void
what_is_in_use_stays(void)
{
	struct arena *a = arena_new(8 << 20);
	struct prepared_cache *c = ARENA_NEW(a, struct prepared_cache);
	const struct prepared_text run_of_two[] = { text(a, 1, 10), text(a, 1000, 10) };
	struct prepared *victims[LIMIT_PREPARED_COUNT];

	for (unsigned i = 1; i <= LIMIT_PREPARED_COUNT; i++)
		CU_ASSERT_EQUAL(run(c, text(a, i, 10), victims), 0);
	c->entries[1].confirmed = false;
	prepared_begin(c);
	CU_ASSERT_EQUAL(prepared_make_room(c, run_of_two, 2, victims), 1);
	CU_ASSERT_STRING_EQUAL(victims[0]->name, "s3");
	arena_free(a);
}

void
suite_prepared(void)
{
	static const struct test_row tests[] = {
		{ "a text is prepared once", a_text_is_prepared_once },
		{ "the oldest goes when there are too many",
		    the_oldest_goes_when_there_are_too_many },
		{ "the oldest go when they are too long", the_oldest_go_when_they_are_too_long },
		{ "what is kept does not grow", what_is_kept_does_not_grow },
		{ "a run may push out all", a_run_may_push_out_all },
		{ "what is in use stays", what_is_in_use_stays },
	};

	unit_suite("prepared", tests, COUNT_OF(tests));
}
