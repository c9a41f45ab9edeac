/* SPDX-License-Identifier: BSD-2-Clause */
/* test_jsonread_bounds.c - how deep, how wide and how long JSON may be */
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "base/text.h"
#include "formats/jsonread.h"
#include "unit.h"

static bool
parses(struct arena *a, const struct text *t)
{
	struct json_object *value;
	struct problem p;
	bool ok;

	CU_ASSERT_FATAL(!t->failed);
	problem_init(&p, a);
	ok = jsonread_parse(&value, t->bytes, t->len, a, &p);
	CU_ASSERT(ok || p.code == PROBLEM_MALFORMED);
	return ok;
}

static void
put_repeated(struct text *t, const char *string, int times)
{
	while (times-- > 0)
		text_string(t, string);
}

static void
depth_is_bounded(void)
{
	static const int depths[] = { 1, LIMIT_JSON_DEPTH, LIMIT_JSON_DEPTH + 1, 100000 };
	struct arena *a = arena_new(64 << 20);
	struct text t;

	text_init(&t, a, 8 << 20);
	for (size_t i = 0; i < COUNT_OF(depths); i++) {
		text_clear(&t);
		put_repeated(&t, "[", depths[i]);
		put_repeated(&t, "]", depths[i]);
		CU_ASSERT_EQUAL(parses(a, &t), depths[i] <= LIMIT_JSON_DEPTH);
		text_clear(&t);
		put_repeated(&t, "{\"a\":", depths[i]);
		text_byte(&t, '1');
		put_repeated(&t, "}", depths[i]);
		CU_ASSERT_EQUAL(parses(a, &t), depths[i] <= LIMIT_JSON_DEPTH);
	}
	/* Depth is what is open, not what there was. */
	text_clear(&t);
	text_byte(&t, '[');
	put_repeated(&t, "[{}],", 1000);
	text_string(&t, "0]");
	CU_ASSERT(parses(a, &t));
	arena_free(a);
}

static void
width_is_bounded(void)
{
	struct arena *a = arena_new(64 << 20);
	struct text t;

	text_init(&t, a, 8 << 20);
	for (int keys = LIMIT_JSON_KEYS; keys <= LIMIT_JSON_KEYS + 1; keys++) {
		text_clear(&t);
		text_string(&t, "{\"k0\":0");
		for (int i = 1; i < keys; i++)
			text_printf(&t, ",\"k%d\":%d", i, i);
		text_byte(&t, '}');
		CU_ASSERT_EQUAL(parses(a, &t), keys == LIMIT_JSON_KEYS);
	}
	for (int values = LIMIT_JSON_VALUES; values <= LIMIT_JSON_VALUES + 1; values++) {
		text_clear(&t);
		text_byte(&t, '['); /* the array is a value itself */
		put_repeated(&t, "{},", values - 2);
		text_string(&t, "{}]");
		CU_ASSERT_EQUAL(parses(a, &t), values == LIMIT_JSON_VALUES);
	}
	for (int spare = 0; spare <= 1; spare++) {
		int full = LIMIT_JSON_EXPONENT_SUM / LIMIT_JSON_EXPONENT;

		text_clear(&t);
		text_byte(&t, '[');
		put_repeated(&t, "1e9999,", full);
		text_printf(&t, "1e-%d]", LIMIT_JSON_EXPONENT_SUM % LIMIT_JSON_EXPONENT + spare);
		CU_ASSERT_EQUAL(parses(a, &t), spare == 0);
	}
	arena_free(a);
}

static void
a_long_string_is_one_string(void)
{
	struct arena *a = arena_new(64 << 20);
	struct json_object *value;
	struct problem p;
	struct text t;
	size_t len;

	text_init(&t, a, 8 << 20);
	text_byte(&t, '"');
	put_repeated(&t, "\\u20ac\\n", 100000);
	text_byte(&t, '"');
	problem_init(&p, a);
	CU_ASSERT_FATAL(jsonread_parse(&value, t.bytes, t.len, a, &p));
	CU_ASSERT_EQUAL(strlen(jsonread_string(value, &len)), 400000);
	CU_ASSERT_EQUAL(len, 400000);
	arena_free(a);
}

void
suite_jsonread_bounds(void)
{
	static const struct test_row tests[] = {
		{ "depth is bounded", depth_is_bounded },
		{ "width is bounded", width_is_bounded },
		{ "a long string is one string", a_long_string_is_one_string },
	};

	unit_suite("jsonread_bounds", tests, COUNT_OF(tests));
}
