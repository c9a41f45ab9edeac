/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cursor.c - a cursor opens where it was made, and nowhere else */
#include "formats/cursor.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "unit.h"

static const unsigned char key[CURSOR_KEY_BYTES] = "0123456789abcdef0123456789abcde";
static const unsigned char binding[CURSOR_BINDING_BYTES] = "posts by createdAt";
static const char *const values[] = { "2026-03-29 01:04:05.067123+00", NULL, "", "\xc3\xa9 \"'|",
	"0199a000-0000-7000-8000-00000000000a" };
enum { VALUES = sizeof(values) / sizeof(values[0]) };

static char *
seal(struct arena *a, const unsigned char *with, const unsigned char *bound)
{
	struct text out;

	text_init(&out, a, 1 << 16);
	cursor_seal(&out, with, bound, values, VALUES);
	return out.bytes;
}

static void
values_come_back(void)
{
	struct arena *a = arena_new(1 << 20);
	const char *text = seal(a, key, binding);
	const char *const *opened = cursor_open(a, key, binding, text, VALUES);

	CU_ASSERT_FATAL(opened != NULL);
	for (size_t i = 0; i < VALUES; i++)
		CU_ASSERT(values[i] == NULL
			? opened[i] == NULL
			: opened[i] != NULL && strcmp(opened[i], values[i]) == 0);
	/* Links and tags of an unchanged page stay the same. */
	CU_ASSERT_STRING_EQUAL(seal(a, key, binding), text);
	/* Nothing of the values can be read. */
	CU_ASSERT(strstr(text, "2026") == NULL);
	arena_free(a);
}

static void
elsewhere_it_does_not_open(void)
{
	static const unsigned char other_key[CURSOR_KEY_BYTES] = "1123456789abcdef0123456789abcde";
	static const unsigned char other[CURSOR_BINDING_BYTES] = "posts by title";
	struct arena *a = arena_new(1 << 20);
	const char *text = seal(a, key, binding);

	CU_ASSERT(cursor_open(a, other_key, binding, text, VALUES) == NULL);
	CU_ASSERT(cursor_open(a, key, other, text, VALUES) == NULL);
	CU_ASSERT(cursor_open(a, key, binding, text, VALUES - 1) == NULL);
	CU_ASSERT(cursor_open(a, key, binding, text, VALUES + 1) == NULL);
	CU_ASSERT(strcmp(seal(a, key, other), text) != 0);
	CU_ASSERT(strcmp(seal(a, other_key, binding), text) != 0);
	arena_free(a);
}

/* Every digit changed to every other, every length but its own. */
static void
no_digit_may_change(void)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ \x80";
	struct arena *a = arena_new(64 << 20);
	char *text = seal(a, key, binding);
	size_t len = strlen(text);
	unsigned opened = 0, tried = 0;

	for (size_t i = 0; i < len; i++) {
		char right = text[i];

		for (size_t d = 0; digits[d] != '\0'; d++) {
			if (digits[d] == right)
				continue;
			text[i] = digits[d];
			opened += cursor_open(a, key, binding, text, VALUES) != NULL;
			tried++;
		}
		text[i] = '\0';
		opened += cursor_open(a, key, binding, text, VALUES) != NULL;
		text[i] = right;
	}
	CU_ASSERT_EQUAL(opened, 0);
	CU_ASSERT(tried > 10000);
	CU_ASSERT(cursor_open(a, key, binding, arena_printf(a, "%sA", text), VALUES) == NULL);
	/* The control: put together again it opens. */
	CU_ASSERT(cursor_open(a, key, binding, text, VALUES) != NULL);
	arena_free(a);
}

void
suite_cursor(void)
{
	static const struct test_row tests[] = {
		{ "values come back", values_come_back },
		{ "elsewhere it does not open", elsewhere_it_does_not_open },
		{ "no digit may change", no_digit_may_change },
	};

	unit_suite("cursor", tests, sizeof(tests) / sizeof(tests[0]));
}
