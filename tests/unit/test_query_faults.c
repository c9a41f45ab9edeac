/* SPDX-License-Identifier: BSD-2-Clause */
/* test_query_faults.c - a wrong query is a 400 that points at what is wrong: query_faults.txt */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/principal.h"
#include "base/problem.h"
#include "base/tenant.h"
#include "golden.h"
#include "unit.h"

enum { ROWS = 300 };

/* Cut at the next separator, which becomes a NUL; *at is left behind it. */
static char *
cut(char **at, const char *separators)
{
	char *word = *at, *end = word + strcspn(word, separators);

	*at = *end == '\0' ? end : end + 1;
	*end = '\0';
	return word;
}

/* The target has one fault, at the pointer and of the code. */
static void
check_row(struct arena *a, const struct catalogue *catalogue, const char *target,
    const char *pointer, const char *code)
{
	struct problem p;
	const struct problem_fault *fault;
	const struct unit *unit;

	problem_init(&p, a);
	unit = golden_compile(a, catalogue, target, golden_principal("admin"), &golden_tenant, &p);
	ASSERT_ROW(target, unit == NULL);
	ASSERT_ROW(target, problem_kind(p.code)->status == 400);
	ASSERT_ROW(target, p.fault_count == 1);
	if ((fault = p.faults) == NULL)
		return;
	if (strcmp(fault->pointer, pointer) != 0 || strcmp(fault->code, code) != 0)
		fprintf(stderr, "\n%s: %s %s\n", target, fault->pointer, fault->code);
	ASSERT_ROW(target, strcmp(fault->pointer, pointer) == 0);
	ASSERT_ROW(target, strcmp(fault->code, code) == 0);
	ASSERT_ROW(target, fault->detail != NULL && fault->detail[0] != '\0');
}

static void
each_has_its_pointer(void)
{
	struct arena *a = arena_new(64 << 20), *scratch = arena_new(64 << 20);
	const struct catalogue *catalogue = golden_catalogue_of(a, "blog");
	char *at = golden_file(a, arena_printf(a, "%s/../unit/query_faults.txt", golden_folder(a)));
	unsigned rows = 0;

	CU_ASSERT_FATAL(at != NULL);
	while (*at != '\0') {
		char *line = cut(&at, "\n"), *rest = line, *target, *pointer;

		if (line[0] == '#')
			continue;
		target = cut(&rest, "\t");
		pointer = cut(&rest, "\t");
		check_row(scratch, catalogue, target, pointer, rest);
		arena_reset(scratch);
		rows++;
	}
	CU_ASSERT(rows >= ROWS);
	arena_free(scratch);
	arena_free(a);
}

/* The control: the table's requests are wrong, and these, next to them, are not. */
static void
what_is_right_has_none(void)
{
	static const char *const targets[] = { "/posts?page=1&limit=100", "/posts?sortBy=title:asc",
		"/posts?filter.rank=$btw:1,2&filter.title=$eq:", "/posts?filter.author=$null",
		"/posts?include=comments(limit:100).author.comments.author",
		"/posts/aggregate?count&groupBy=status&having.sum.price=1",
		"/posts?or.1.or.1.or.1.or.1.or.1.or.1.or.1.or.1.filter.title=x",
		"/posts?withDeleted=true&distinct=title" };
	struct arena *a = arena_new(64 << 20);
	const struct catalogue *catalogue = golden_catalogue_of(a, "blog");

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		const struct unit *unit;
		struct problem p;

		problem_init(&p, a);
		unit = golden_compile(
		    a, catalogue, targets[i], golden_principal("admin"), &golden_tenant, &p);
		ASSERT_ROW(targets[i], unit != NULL);
	}
	arena_free(a);
}

void
suite_query_faults(void)
{
	static const struct test_row tests[] = {
		{ "each has its pointer", each_has_its_pointer },
		{ "what is right has none", what_is_right_has_none },
	};

	unit_suite("query_faults", tests, sizeof(tests) / sizeof(tests[0]));
}
