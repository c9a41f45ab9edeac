/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_query.c - any target has an outcome, and no byte of it gets into a statement
 *
 * The input is a target of tests/golden/blog.json. Either there is a problem that a client may see,
 * or a statement whose text two compilations agree about, in which each table has its tenant; the
 * mark below, wherever it stood in the target, is in no statement. srcdir is in the environment. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/principal.h"
#include "base/problem.h"
#include "base/tenant.h"
#include "database/sqltext.h"
#include "database/unit.h"
#include "unit/golden.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char mark[] = "zqxj";

static size_t
occurrences(const char *text, const char *needle)
{
	size_t n = 0;

	while ((text = strstr(text, needle)) != NULL) {
		n++;
		text++;
	}
	return n;
}

/* Tables of tenants are named as often as their tenants are. */
static void
check_statement(const struct statement *s)
{
	size_t tables = occurrences(s->text, "\"public\".\"");
	size_t shared = occurrences(s->text, "\"public\".\"countries\"");

	assert(strlen(s->text) == s->text_len);
	assert(strstr(s->text, mark) == NULL);
	assert(occurrences(s->text, ".\"tenant_id\" = $") == tables - shared);
}

static void
try(struct arena *arena, const struct catalogue *catalogue, const char *target)
{
	const struct principal *who = golden_principal("admin");
	struct unit *unit, *again;
	struct problem p;

	problem_init(&p, arena);
	unit = golden_compile(arena, catalogue, target, who, &golden_tenant, &p);
	assert((unit == NULL) == problem_raised(&p));
	if (unit == NULL) {
		assert(problem_kind(p.code)->status >= 400 && problem_kind(p.code)->status < 500);
		return;
	}
	again = golden_compile(arena, catalogue, target, who, &golden_tenant, &p);
	assert(again != NULL && unit_count(again) == unit_count(unit));
	for (size_t i = 0; i < unit_count(unit); i++) {
		check_statement(unit_statement(unit, i));
		assert(strcmp(unit_statement(unit, i)->text, unit_statement(again, i)->text) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena, *scratch;
	static const struct catalogue *catalogue;

	if (arena == NULL) {
		arena = arena_new(LIMIT_ARENA_BYTES);
		scratch = arena_new(LIMIT_ARENA_BYTES);
		catalogue = golden_catalogue_of(arena, "blog");
	}
	if (size > 0 && data[0] == '/' && memchr(data, '\0', size) == NULL)
		try(scratch, catalogue, arena_copy(scratch, (const char *)data, size));
	arena_reset(scratch);
	return 0;
}
