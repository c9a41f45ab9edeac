/* SPDX-License-Identifier: BSD-2-Clause */
/* test_jsontext.c - written JSON is JSON, byte for byte */
#include "formats/jsontext.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "unit.h"

static void
values_nest_with_commas(void)
{
	struct arena *a = arena_new(1 << 16);
	struct text t;
	struct jsontext j;

	text_init(&t, a, 10000);
	jsontext_init(&j, &t);
	jsontext_begin_object(&j);
	jsontext_key(&j, "a");
	jsontext_begin_array(&j);
	jsontext_end_array(&j);
	jsontext_key(&j, "b");
	jsontext_begin_array(&j);
	jsontext_int(&j, INT64_MIN);
	jsontext_bool(&j, true);
	jsontext_bool(&j, false);
	jsontext_null(&j);
	jsontext_string(&j, NULL);
	jsontext_begin_object(&j);
	jsontext_end_object(&j);
	jsontext_raw(&j, "{\"x\":1}", 7);
	jsontext_end_array(&j);
	jsontext_key(&j, "c\"");
	jsontext_string(&j, "");
	jsontext_end_object(&j);
	jsontext_done(&j);
	CU_ASSERT_STRING_EQUAL(t.bytes,
	    "{\"a\":[],\"b\":[-9223372036854775808,true,false,null,null,{},{\"x\":1}],"
	    "\"c\\\"\":\"\"}");
	arena_free(a);
}

static const struct {
	const char *in, *out;
} strings[] = {
	{ "plain", "\"plain\"" },
	{ "q\"b\\s/", "\"q\\\"b\\\\s/\"" },
	{ "\n\r\t\x01\x1f", "\"\\u000a\\u000d\\u0009\\u0001\\u001f\"" },
	{ "\x7f", "\"\x7f\"" },
	{ "caf\xc3\xa9 \xf0\x9f\x8f\xa0", "\"caf\xc3\xa9 \xf0\x9f\x8f\xa0\"" },
};

static void
strings_are_escaped(void)
{
	struct arena *a = arena_new(1 << 16);

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		struct text t;
		struct jsontext j;

		text_init(&t, a, 10000);
		jsontext_init(&j, &t);
		jsontext_string(&j, strings[i].in);
		ASSERT_ROW(strings[i].in, strcmp(t.bytes, strings[i].out) == 0);
	}
	arena_free(a);
}

void
suite_jsontext(void)
{
	static const struct test_row tests[] = {
		{ "values nest with commas", values_nest_with_commas },
		{ "strings are escaped", strings_are_escaped },
	};

	unit_suite("jsontext", tests, sizeof(tests) / sizeof(tests[0]));
}
