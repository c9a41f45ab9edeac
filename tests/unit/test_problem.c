/* SPDX-License-Identifier: BSD-2-Clause */
/* test_problem.c - the first problem stays, faults add up, no row of the table is empty */
#include "base/problem.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "unit.h"

static void
the_table_is_whole(void)
{
	for (enum problem_code a = 0; a < PROBLEM__MAX; a++) {
		const struct problem_kind *kind = problem_kind(a);

		CU_ASSERT_FATAL(kind->name != NULL && kind->title != NULL);
		ASSERT_ROW(kind->name, kind->name[0] != '\0' && kind->title[0] != '\0');
		ASSERT_ROW(
		    kind->name, kind->status == 0 || (kind->status >= 400 && kind->status < 600));
		/* RFC 9110, 15.6.4: who says 503 says when to come back. */
		ASSERT_ROW(kind->name, kind->status != 503 || kind->retry_after_s > 0);
		for (enum problem_code b = a + 1; b < PROBLEM__MAX; b++)
			ASSERT_ROW(kind->name, strcmp(kind->name, problem_kind(b)->name) != 0);
	}
}

static void
the_first_problem_stays(void)
{
	struct arena *a = arena_new(1 << 16);
	struct problem p;

	problem_init(&p, a);
	CU_ASSERT(!problem_raised(&p));
	CU_ASSERT(!problem_raise(&p, PROBLEM_NO_ROW, "no %s", "post"));
	CU_ASSERT(!problem_raise(&p, PROBLEM_INTERNAL, "later"));
	CU_ASSERT(problem_null(&p, PROBLEM_BUSY, "later still") == NULL);
	problem_cause(&p, "first cause");
	problem_cause(&p, "second cause");
	CU_ASSERT_EQUAL(p.code, PROBLEM_NO_ROW);
	CU_ASSERT_STRING_EQUAL(p.detail, "no post");
	CU_ASSERT_STRING_EQUAL(p.cause, "first cause");
	CU_ASSERT(!problem_fault(&p, "/query/x", "unknown", "not taken"));
	CU_ASSERT(p.faults == NULL);
	arena_free(a);
}

static void
faults_add_up_in_order(void)
{
	struct arena *a = arena_new(1 << 20);
	struct problem p;
	const struct problem_fault *f;
	unsigned listed = 0;

	problem_init(&p, a);
	CU_ASSERT(!problem_fault(&p, "/query/page", "type", "page takes %s", "a number"));
	CU_ASSERT(!problem_fault(&p, "/query/limit", "range", "too large"));
	CU_ASSERT_EQUAL(p.code, PROBLEM_INVALID);
	CU_ASSERT_FATAL(p.faults != NULL && p.faults->next != NULL && p.faults->next->next == NULL);
	CU_ASSERT_STRING_EQUAL(p.faults->pointer, "/query/page");
	CU_ASSERT_STRING_EQUAL(p.faults->detail, "page takes a number");
	CU_ASSERT_STRING_EQUAL(p.faults->next->code, "range");
	for (int i = 0; i < 1000; i++)
		CU_ASSERT(!problem_fault(&p, "/x", "unknown", "%d", i));
	for (f = p.faults; f != NULL; f = f->next)
		listed++;
	CU_ASSERT_EQUAL(listed, LIMIT_FAULTS);
	CU_ASSERT_EQUAL(p.fault_count, 1002);
	arena_free(a);
}

static void
a_long_detail_is_cut(void)
{
	struct arena *a = arena_new(1 << 16);
	struct problem p;
	char name[5000];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	problem_init(&p, a);
	CU_ASSERT(!problem_raise(&p, PROBLEM_MALFORMED, "%s", name));
	CU_ASSERT_EQUAL(strlen(p.detail), 1023);
	arena_free(a);
}

void
suite_problem(void)
{
	static const struct test_row tests[] = {
		{ "the table is whole", the_table_is_whole },
		{ "the first problem stays", the_first_problem_stays },
		{ "faults add up in order", faults_add_up_in_order },
		{ "a long detail is cut", a_long_detail_is_cut },
	};

	unit_suite("problem", tests, sizeof(tests) / sizeof(tests[0]));
}
