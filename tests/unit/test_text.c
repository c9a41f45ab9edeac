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

/* Whatever room is left when it comes: less, as much, and more than it takes. */
static void
printf_finds_room(void)
{
	static char filler[1100], expected[1200];

	memset(filler, 'x', sizeof(filler) - 1);
	for (size_t before = 0; before < 600; before++)
		for (size_t len = 0; len < 300; len += 37) {
			struct arena *a = arena_new(1 << 16);
			struct text t;

			text_init(&t, a, before + len + 2);
			text_put(&t, filler, before);
			text_printf(&t, "<%.*s>", (int)len, filler);
			snprintf(expected, sizeof(expected), "%.*s<%.*s>", (int)before, filler,
			    (int)len, filler);
			CU_ASSERT_STRING_EQUAL(t.bytes, expected);
			CU_ASSERT(!t.failed && t.len == strlen(expected));
			text_printf(&t, "%d", 1);
			CU_ASSERT(t.failed);
			CU_ASSERT_STRING_EQUAL(t.bytes, expected);
			arena_free(a);
		}
}

static void
digits_are_whole(void)
{
	static const struct {
		int64_t number;
		const char *digits;
	} rows[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ -7, "-7" },
		{ 10, "10" },
		{ 9999999999, "9999999999" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};
	char digits[TEXT_DIGITS];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CU_ASSERT_EQUAL(text_digits(digits, rows[i].number), strlen(rows[i].digits));
		CU_ASSERT_STRING_EQUAL(digits, rows[i].digits);
	}
}

void
suite_text(void)
{
	static const struct test_row tests[] = {
		{ "text grows", text_grows },
		{ "parts are joined", parts_are_joined },
		{ "pieces and shortening", pieces_and_shortening },
		{ "the limit is exact and failure stays", the_limit_is_exact_and_failure_stays },
		{ "printf finds room", printf_finds_room },
		{ "digits are whole", digits_are_whole },
	};

	unit_suite("text", tests, sizeof(tests) / sizeof(tests[0]));
}
