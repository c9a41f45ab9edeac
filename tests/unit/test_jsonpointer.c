/* SPDX-License-Identifier: BSD-2-Clause */
/* test_jsonpointer.c - pointers as fragments of a URI */
#include "formats/jsonpointer.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "unit.h"

static void
pointers_are_fragments(void)
{
	static const struct {
		const char *key, *pointer;
	} rows[] = {
		{ "a", "#/a" },
		{ "", "#/" },
		{ "b/c", "#/b~1c" },
		{ "m~n", "#/m~0n" },
		{ "~1", "#/~01" },
		{ "c%d", "#/c%25d" },
		{ "e^f", "#/e%5Ef" },
		{ "k\"l", "#/k%22l" },
		{ " ", "#/%20" },
		{ "i\\j", "#/i%5Cj" },
		{ "\xc3\xa9", "#/%C3%A9" },
	};
	struct arena *a = arena_new(1 << 20);
	struct jsonpointer one, two, three;
	char *key;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		one = jsonpointer_member(NULL, rows[i].key);
		ASSERT_ROW(rows[i].key, strcmp(jsonpointer_text(&one, a), rows[i].pointer) == 0);
	}
	CU_ASSERT_STRING_EQUAL(jsonpointer_text(NULL, a), "#");
	one = jsonpointer_member(NULL, "a");
	two = jsonpointer_member(&one, "b/c");
	three = jsonpointer_element(&two, 0);
	CU_ASSERT_STRING_EQUAL(jsonpointer_text(&three, a), "#/a/b~1c/0");

	key = arena_alloc(a, 100001);
	memset(key, 'k', 100000);
	two = jsonpointer_member(&one, key);
	three = jsonpointer_element(&two, 7);
	CU_ASSERT_STRING_EQUAL(jsonpointer_text(&three, a), "#/a");
	one = jsonpointer_member(NULL, key);
	CU_ASSERT_STRING_EQUAL(jsonpointer_text(&one, a), "#");
	arena_free(a);
}

void
suite_jsonpointer(void)
{
	static const struct test_row tests[] = {
		{ "pointers are fragments", pointers_are_fragments },
	};

	unit_suite("jsonpointer", tests, COUNT_OF(tests));
}
