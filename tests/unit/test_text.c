/* SPDX-License-Identifier: BSD-2-Clause */
/* test_text.c - growing, the limit, the sticky failure */
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "unit.h"

static void
text_grows(void)
{
	struct arena *a = arena_new(1 << 20);
	struct text t;
	char expected[10001];

	text_init(&t, a, 100000);
	CU_ASSERT_STRING_EQUAL(t.bytes, "");
	for (size_t i = 0; i < 10000; i++) {
		expected[i] = (char)('a' + i % 26);
		text_byte(&t, expected[i]);
		CU_ASSERT_FATAL(t.len == i + 1 && t.bytes[t.len] == '\0');
	}
	expected[10000] = '\0';
	CU_ASSERT_STRING_EQUAL(t.bytes, expected);
	CU_ASSERT(!t.failed);
	arena_free(a);
}

static void
parts_are_joined(void)
{
	struct arena *a = arena_new(1 << 16);
	struct text t;

	text_init(&t, a, 100);
	text_literal(&t, "a");
	text_string(&t, "bc");
	text_put(&t, "defgh", 2);
	text_int(&t, INT64_MIN);
	text_printf(&t, "|%s|%d", "x", 7);
	CU_ASSERT_STRING_EQUAL(t.bytes, "abcde-9223372036854775808|x|7");
	text_clear(&t);
	CU_ASSERT_STRING_EQUAL(t.bytes, "");
	arena_free(a);
}

static void
the_limit_is_exact_and_failure_stays(void)
{
	struct arena *a = arena_new(1 << 16);
	struct text t;

	text_init(&t, a, 5);
	text_string(&t, "12345");
	CU_ASSERT(!t.failed);
	text_byte(&t, '6');
	CU_ASSERT(t.failed);
	CU_ASSERT_STRING_EQUAL(t.bytes, "12345");
	text_clear(&t);
	CU_ASSERT(!t.failed);
	text_printf(&t, "%s", "123456");
	CU_ASSERT(t.failed);
	text_put(&t, "", 0);
	CU_ASSERT(t.failed);
	CU_ASSERT_STRING_EQUAL(t.bytes, "");
	arena_free(a);
}

static void
pieces_and_shortening(void)
{
	static const struct {
		const char *list;
		const char *pieces[4];
	} rows[] = {
		{ "", { "" } },
		{ "a", { "a" } },
		{ "a,bc", { "a", "bc" } },
		{ ",a,", { "", "a", "" } },
	};
	struct arena *a = arena_new(1 << 20);
	char *hundred = arena_alloc(a, 102);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *at = rows[i].list;
		size_t n = 0;

		while (at != NULL && n < 4) {
			const char *piece = text_piece(&at, ',', a);

			CU_ASSERT_PTR_NOT_NULL_FATAL(rows[i].pieces[n]);
			ASSERT_ROW(rows[i].list, strcmp(piece, rows[i].pieces[n]) == 0);
			n++;
		}
		ASSERT_ROW(rows[i].list, rows[i].pieces[n] == NULL);
	}
	memset(hundred, 'x', 100);
	CU_ASSERT_STRING_EQUAL(text_shortened(hundred, a), hundred);
	memcpy(hundred + 98, "\xc3\xa9\xc3", 3); /* 98 x, a whole character, half of one */
	CU_ASSERT_EQUAL(strlen(text_shortened(hundred, a)), 103);
	memcpy(hundred + 98, "x\xc3\xa9", 3); /* 99 x, and one that would be cut */
	CU_ASSERT_EQUAL(strlen(text_shortened(hundred, a)), 102);
	arena_free(a);
}

void
suite_text(void)
{
	static const struct test_row tests[] = {
		{ "text grows", text_grows },
		{ "parts are joined", parts_are_joined },
		{ "pieces and shortening", pieces_and_shortening },
		{ "the limit is exact and failure stays", the_limit_is_exact_and_failure_stays },
	};

	unit_suite("text", tests, sizeof(tests) / sizeof(tests[0]));
}
