/* SPDX-License-Identifier: BSD-2-Clause */
/* test_jsonread.c - what RFC 8259 accepts comes in unchanged, and nothing else comes in
 *
 * The rows are written by hand after the RFC, after the names of JSONTestSuite and after the table
 * of what json-c lets pass (reference/reliability.md 2.5). */
#include "formats/jsonread.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "base/text.h"
#include "formats/document.h"
#include "unit.h"

#define ROW(json) (json), sizeof(json) - 1

/* Read and written again without white space; numbers and order as they came. */
static const struct {
	const char *json;
	size_t len;
	const char *again;
} accepted[] = {
	{ ROW("null"), "null" },
	{ ROW("true"), "true" },
	{ ROW("false"), "false" },
	{ ROW("0"), "0" },
	{ ROW("-0"), "-0" },
	{ ROW("42"), "42" },
	{ ROW("\"\""), "\"\"" },
	{ ROW("\"a\""), "\"a\"" },
	{ ROW("[]"), "[]" },
	{ ROW("{}"), "{}" },
	{ ROW(" \t\r\n[ \t\r\n] \t\r\n"), "[]" },
	{ ROW(" { } "), "{}" },
	{ ROW("[null]"), "[null]" },
	{ ROW("[ 1 , 2 , 3 ]"), "[1,2,3]" },
	{ ROW("[[],[[]],{}]"), "[[],[[]],{}]" },
	{ ROW("{\"a\":null}"), "{\"a\":null}" },
	{ ROW("{\"\":0}"), "{\"\":0}" },
	{ ROW("{ \"b\" : 1 , \"a\" : 2 }"), "{\"b\":1,\"a\":2}" },
	{ ROW("{\"a\":{\"a\":{\"a\":[]}}}"), "{\"a\":{\"a\":{\"a\":[]}}}" },
	{ ROW("{\"a\":1,\"A\":2}"), "{\"a\":1,\"A\":2}" },
	{ ROW("{\"a\":[{\"a\":1},{\"a\":2}]}"), "{\"a\":[{\"a\":1},{\"a\":2}]}" },
	{ ROW("{\"a\\u0062\":1,\"ac\":2}"), "{\"ab\":1,\"ac\":2}" },
	{ ROW("[\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\te\"]"), "[\"a\\\"b\\\\c/d\\b\\f\\n\\r\\te\"]" },
	{ ROW("\"\\u0041\\u00e9\\u20AC\""), "\"A\xc3\xa9\xe2\x82\xac\"" },
	{ ROW("\"\\uD83D\\uDE39\""), "\"\xf0\x9f\x98\xb9\"" },
	{ ROW("\"\\udbff\\udfff\""), "\"\xf4\x8f\xbf\xbf\"" },
	{ ROW("\"\\ud800\\udc00\""), "\"\xf0\x90\x80\x80\"" },
	{ ROW("\"\\u0001\\u001f\\u007f\""), "\"\\u0001\\u001f\x7f\"" },
	{ ROW("\"\\uFFFF\\uFDD0\""), "\"\xef\xbf\xbf\xef\xb7\x90\"" },
	{ ROW("\"\\ud7ff\\ue000\""), "\"\xed\x9f\xbf\xee\x80\x80\"" },
	{ ROW("\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8f\xa0\""),
	    "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8f\xa0\"" },
	{ ROW("\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xf4\x8f\xbf\xbf\""),
	    "\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xf4\x8f\xbf\xbf\"" },
	{ ROW("\"\xe2\x80\xa8\xe2\x80\xa9\""), "\"\xe2\x80\xa8\xe2\x80\xa9\"" },
	{ ROW("\"\x7f\""), "\"\x7f\"" },
	{ ROW("\"\xef\xbb\xbf\""), "\"\xef\xbb\xbf\"" }, /* inside a string it is a character */
	{ ROW("\"/*x*/ //\""), "\"/*x*/ //\"" },
	{ ROW("[1.0]"), "[1.0]" },
	{ ROW("[1.50]"), "[1.50]" },
	{ ROW("[1e1]"), "[1e1]" },
	{ ROW("[1E+1]"), "[1E+1]" },
	{ ROW("[1e-1]"), "[1e-1]" },
	{ ROW("[0e0]"), "[0e0]" },
	{ ROW("[0.0e+00]"), "[0.0e+00]" },
	{ ROW("[-1.5E-10]"), "[-1.5E-10]" },
	{ ROW("[1e0000000009999]"), "[1e0000000009999]" },
	{ ROW("[true,false,null]"), "[true,false,null]" },
	{ ROW("[\"a\",1,{\"b\":[]}]\n"), "[\"a\",1,{\"b\":[]}]" },
};

/* The byte is where the fault is told, counted from 0. */
static const struct {
	const char *json;
	size_t len, byte;
	const char *expected; /* what the detail ends in begins with */
} refused[] = {
	/* nothing, or not only a value */
	{ ROW(""), 0, "a value" },
	{ ROW("   "), 3, "a value" },
	{ ROW("\0"), 0, "a value" },
	{ ROW("\xef\xbb\xbf{}"), 0, "no byte order mark" },
	{ ROW("\xff\xfe{\0}\0"), 0, "a value" },
	{ ROW("{}x"), 2, "nothing but white space" },
	{ ROW("{} {}"), 3, "nothing but white space" },
	{ ROW("[]]"), 2, "nothing but white space" },
	{ ROW("{}}"), 2, "nothing but white space" },
	{ ROW("1 2"), 2, "nothing but white space" },
	{ ROW("\"a\"b"), 3, "nothing but white space" },
	{ ROW("{}\0"), 2, "nothing but white space" },
	{ ROW("1\0"), 1, "nothing but white space" },
	{ ROW("[1],"), 3, "nothing but white space" },
	{ ROW("nullx"), 4, "nothing but white space" },
	{ ROW("truefalse"), 4, "nothing but white space" },
	{ ROW("{}\f"), 2, "nothing but white space" },
	{ ROW("[]\v"), 2, "nothing but white space" },
	{ ROW("[]\xc2\xa0"), 2, "nothing but white space" },
	{ ROW("[]\xe2\x81\xa0"), 2, "nothing but white space" },
	{ ROW("[]#"), 2, "nothing but white space" },
	/* words and other languages */
	{ ROW("nul"), 0, "a value" },
	{ ROW("tru"), 0, "a value" },
	{ ROW("fals"), 0, "a value" },
	{ ROW("Null"), 0, "a value" },
	{ ROW("TRUE"), 0, "a value" },
	{ ROW("undefined"), 0, "a value" },
	{ ROW("NaN"), 0, "a value" },
	{ ROW("nan"), 0, "a value" },
	{ ROW("[NaN]"), 1, "a value" },
	{ ROW("Infinity"), 0, "a value" },
	{ ROW("[-Infinity]"), 2, "a digit" },
	{ ROW("[-NaN]"), 2, "a digit" },
	{ ROW("'a'"), 0, "a value" },
	{ ROW("{'a':0}"), 1, "a member's name" },
	{ ROW("{a:0}"), 1, "a member's name" },
	{ ROW("{1:1}"), 1, "a member's name" },
	{ ROW("{null:1}"), 1, "a member's name" },
	{ ROW("/*x*/{}"), 0, "a value" },
	{ ROW("{/*x*/}"), 1, "a member's name" },
	{ ROW("[1/*x*/]"), 2, "',' or ']'" },
	{ ROW("{} //x"), 3, "nothing but white space" },
	{ ROW("[1 //x\n]"), 3, "',' or ']'" },
	{ ROW("<a>"), 0, "a value" },
	{ ROW("a=b"), 0, "a value" },
	{ ROW("\xe2\x80\x9c"
	      "a\xe2\x80\x9d"),
	    0, "a value" },
	{ ROW("*"), 0, "a value" },
	/* arrays */
	{ ROW("["), 1, "a value" },
	{ ROW("]"), 0, "a value" },
	{ ROW("[1"), 2, "',' or ']'" },
	{ ROW("[1,"), 3, "a value" },
	{ ROW("[1,]"), 3, "a value" },
	{ ROW("[1,,2]"), 3, "a value" },
	{ ROW("[,1]"), 1, "a value" },
	{ ROW("[,]"), 1, "a value" },
	{ ROW("[1 2]"), 3, "',' or ']'" },
	{ ROW("[1:2]"), 2, "',' or ']'" },
	{ ROW("[1}"), 2, "',' or ']'" },
	{ ROW("[\"a\"1]"), 4, "',' or ']'" },
	{ ROW("[[]"), 3, "',' or ']'" },
	{ ROW("[3[4]]"), 2, "',' or ']'" },
	{ ROW("[truex]"), 5, "',' or ']'" },
	{ ROW("[\f1]"), 1, "a value" },
	{ ROW("[\0]"), 1, "a value" },
	/* objects */
	{ ROW("{"), 1, "a member's name" },
	{ ROW("}"), 0, "a value" },
	{ ROW("{]"), 1, "a member's name" },
	{ ROW("{,}"), 1, "a member's name" },
	{ ROW("{\"a\""), 4, "':'" },
	{ ROW("{\"a\"}"), 4, "':'" },
	{ ROW("{\"a\",1}"), 4, "':'" },
	{ ROW("{\"a\" 1}"), 5, "':'" },
	{ ROW("{\"a\"=1}"), 4, "':'" },
	{ ROW("{\"a\":"), 5, "a value" },
	{ ROW("{\"a\":}"), 5, "a value" },
	{ ROW("{\"a\"::1}"), 5, "a value" },
	{ ROW("{\"a\":1"), 6, "',' or '}'" },
	{ ROW("{\"a\":1,"), 7, "a member's name" },
	{ ROW("{\"a\":1,}"), 7, "a member's name" },
	{ ROW("{\"a\":1,,\"b\":2}"), 7, "a member's name" },
	{ ROW("{\"a\":1 \"b\":2}"), 7, "',' or '}'" },
	{ ROW("{\"a\":1]"), 6, "',' or '}'" },
	{ ROW("{\"a\":1:2}"), 6, "',' or '}'" },
	{ ROW("{\"a\":\"b\"/**/}"), 8, "',' or '}'" },
	{ ROW("{[]:1}"), 1, "a member's name" },
	{ ROW("{\"a"), 3, "the end of a string" },
	/* names that are there twice, compared as they read */
	{ ROW("{\"a\":1,\"a\":2}"), 7, "a name that the object does not have yet" },
	{ ROW("{\"a\":1,\"a\":1}"), 7, "a name that the object does not have yet" },
	{ ROW("{\"a\":null,\"a\":null}"), 10, "a name that the object does not have yet" },
	{ ROW("{\"a\":1,\"\\u0061\":2}"), 7, "a name that the object does not have yet" },
	{ ROW("{\"\":1,\"\":2}"), 6, "a name that the object does not have yet" },
	{ ROW("[{\"x\":{\"a\":1,\"b\":2,\"a\":3}}]"), 19, "a name that the object" },
	{ ROW("{\"\xc3\xa9\":1,\"\\u00e9\":2}"), 8, "a name that the object does not have yet" },
	{ ROW("{\"\\/\":1,\"/\":2}"), 8, "a name that the object does not have yet" },
	/* strings */
	{ ROW("\""), 1, "the end of a string" },
	{ ROW("\"a"), 2, "the end of a string" },
	{ ROW("[\"a]"), 4, "the end of a string" },
	{ ROW("\"\\"), 2, "one of" },
	{ ROW("\"\\\""), 3, "the end of a string" },
	{ ROW("\"\\x41\""), 2, "one of" },
	{ ROW("\"\\a\""), 2, "one of" },
	{ ROW("\"\\'\""), 2, "one of" },
	{ ROW("\"\\0\""), 2, "one of" },
	{ ROW("\"\\U0041\""), 2, "one of" },
	{ ROW("\"\\\n\""), 2, "one of" },
	{ ROW("\"\\\0\""), 2, "one of" },
	{ ROW("\"\\\xc3\xa9\""), 2, "one of" },
	{ ROW("\"\\u\""), 3, "four hexadecimal digits" },
	{ ROW("\"\\u004\""), 6, "four hexadecimal digits" },
	{ ROW("\"\\u00g1\""), 5, "four hexadecimal digits" },
	{ ROW("\"\\u 041\""), 3, "four hexadecimal digits" },
	{ ROW("\"\\u+041\""), 3, "four hexadecimal digits" },
	{ ROW("\"\\u004"), 6, "four hexadecimal digits" },
	{ ROW("\"\\u0000\""), 1, "a character other than U+0000" },
	{ ROW("{\"a\\u0000b\":1,\"a\":2}"), 3, "a character other than U+0000" },
	{ ROW("\"a\0b\""), 2, "control characters to be escaped" },
	{ ROW("\"\n\""), 1, "control characters to be escaped" },
	{ ROW("\"\t\""), 1, "control characters to be escaped" },
	{ ROW("\"\x1f\""), 1, "control characters to be escaped" },
	{ ROW("{\"a\nb\":1}"), 3, "control characters to be escaped" },
	{ ROW("\"\\ud800\""), 1, "both halves" },
	{ ROW("\"\\udc00\""), 1, "both halves" },
	{ ROW("\"\\ud800a\""), 1, "both halves" },
	{ ROW("\"\\ud800\\n\""), 1, "both halves" },
	{ ROW("\"\\ud800\\u0041\""), 1, "both halves" },
	{ ROW("\"\\ud800\\ud800\""), 1, "both halves" },
	{ ROW("\"\\udc00\\ud800\""), 1, "both halves" },
	{ ROW("\"\\ud800\\udc0\""), 1, "both halves" },
	{ ROW("\"\\ud800\\ue000\""), 1, "both halves" },
	{ ROW("\"\\ud83d"), 1, "both halves" },
	{ ROW("{\"\\udfff\":1}"), 2, "both halves" },
	/* UTF-8 */
	{ ROW("\"\x80\""), 1, "UTF-8" },
	{ ROW("\"\xbf\""), 1, "UTF-8" },
	{ ROW("\"\xc0\xaf\""), 1, "UTF-8" },
	{ ROW("\"\xc1\xbf\""), 1, "UTF-8" },
	{ ROW("\"\xc3\""), 1, "UTF-8" },
	{ ROW("\"\xc3(\""), 1, "UTF-8" },
	{ ROW("\"\xe0\x80\xaf\""), 1, "UTF-8" },
	{ ROW("\"\xe2\x82\""), 1, "UTF-8" },
	{ ROW("\"\xed\xa0\x80\""), 1, "UTF-8" },
	{ ROW("\"\xed\xbf\xbf\""), 1, "UTF-8" },
	{ ROW("\"\xf0\x80\x80\xaf\""), 1, "UTF-8" },
	{ ROW("\"\xf4\x90\x80\x80\""), 1, "UTF-8" },
	{ ROW("\"\xf5\x80\x80\x80\""), 1, "UTF-8" },
	{ ROW("\"\xf8\x88\x80\x80\x80\""), 1, "UTF-8" },
	{ ROW("\"\xfe\""), 1, "UTF-8" },
	{ ROW("\"\xff\""), 1, "UTF-8" },
	{ ROW("\"a\xe9\""), 2, "UTF-8" },
	{ ROW("{\"\xff\":1}"), 2, "UTF-8" },
	{ ROW("[\xff]"), 1, "a value" },
	{ ROW("\"\xc3"), 1, "UTF-8" },
	/* numbers */
	{ ROW("-"), 1, "a digit" },
	{ ROW("+1"), 0, "a value" },
	{ ROW("--1"), 1, "a digit" },
	{ ROW("- 1"), 1, "a digit" },
	{ ROW("01"), 1, "no digit behind a leading zero" },
	{ ROW("-01"), 2, "no digit behind a leading zero" },
	{ ROW("00"), 1, "no digit behind a leading zero" },
	{ ROW("012.5"), 1, "no digit behind a leading zero" },
	{ ROW("1."), 2, "a digit behind the point" },
	{ ROW("[1.]"), 3, "a digit behind the point" },
	{ ROW("1.e1"), 2, "a digit behind the point" },
	{ ROW("-1.a"), 3, "a digit behind the point" },
	{ ROW(".5"), 0, "a value" },
	{ ROW("-.5"), 1, "a digit" },
	{ ROW("1e"), 2, "a digit in the exponent" },
	{ ROW("1e+"), 3, "a digit in the exponent" },
	{ ROW("1e-"), 3, "a digit in the exponent" },
	{ ROW("1eE2"), 2, "a digit in the exponent" },
	{ ROW("1e1.5"), 3, "nothing but white space" },
	{ ROW("1.2.3"), 3, "nothing but white space" },
	{ ROW("0x10"), 1, "nothing but white space" },
	{ ROW("1_000"), 1, "nothing but white space" },
	{ ROW("1,5"), 1, "nothing but white space" },
	{ ROW("[1a]"), 2, "',' or ']'" },
	{ ROW("1n"), 1, "nothing but white space" },
	{ ROW("\xef\xbc\x91"), 0, "a value" }, /* a full-width 1 */
	{ ROW("1e10000"), 2, "an exponent of at most 9999" },
	{ ROW("1e131071"), 2, "an exponent of at most 9999" },
	{ ROW("1E-131071"), 3, "an exponent of at most 9999" },
	{ ROW("1e99999999999999999999999999"), 2, "an exponent of at most 9999" },
	{ ROW("[11111111111111111111111111111111111111111111111111111111111111111]"), 1,
	    "a number of at most 64 characters" },
	{ ROW("[0.111111111111111111111111111111111111111111111111111111111111111]"), 1,
	    "a number of at most 64 characters" },
};

static void
what_is_json_comes_in_unchanged(void)
{
	struct arena *a = arena_new(8 << 20);

	for (size_t i = 0; i < COUNT_OF(accepted); i++) {
		struct json_object *value;
		struct problem p;
		size_t len;

		problem_init(&p, a);
		ASSERT_ROW(accepted[i].json,
		    jsonread_parse(&value, accepted[i].json, accepted[i].len, a, &p));
		if (problem_raised(&p))
			continue;
		ASSERT_ROW(
		    accepted[i].json, strcmp(jsonread_text(value, &len), accepted[i].again) == 0);
		ASSERT_ROW(accepted[i].json, len == strlen(accepted[i].again));
	}
	arena_free(a);
}

static void
what_is_no_json_is_refused_at_its_byte(void)
{
	struct arena *a = arena_new(8 << 20);

	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		struct json_object *value;
		struct problem p;
		char *detail = arena_printf(a, "the JSON is wrong at byte %zu: expected %s",
		    refused[i].byte, refused[i].expected);
		/* Exactly as long as the row, so that a sanitizer sees a byte too many. */
		char *json = arena_alloc(a, refused[i].len);

		memcpy(json, refused[i].json, refused[i].len);
		problem_init(&p, a);
		ASSERT_ROW(refused[i].json, !jsonread_parse(&value, json, refused[i].len, a, &p));
		ASSERT_ROW(refused[i].json, value == NULL && p.code == PROBLEM_MALFORMED);
		ASSERT_ROW(refused[i].json,
		    p.detail != NULL && strncmp(p.detail, detail, strlen(detail)) == 0);
	}
	arena_free(a);
}

/* A cut document is never a document, except where a number was cut. */
static void
what_is_cut_short_is_refused(void)
{
	static const char whole[] =
	    " {\"a\\n\":[1.5e3,\"\\ud83d\\ude39\xc3\xa9\",true,null],\"b\":{}}";
	struct arena *a = arena_new(8 << 20);

	for (size_t len = 0; len < sizeof(whole); len++) {
		struct json_object *value;
		struct problem p;
		char *json = arena_alloc(a, len);

		memcpy(json, whole, len);
		problem_init(&p, a);
		CU_ASSERT_EQUAL(jsonread_parse(&value, json, len, a, &p), len == sizeof(whole) - 1);
	}
	arena_free(a);
}

static void
numbers_keep_their_text(void)
{
	static const char *const rows[] = {
		"123456789012345678901234567890",
		"18446744073709551616",
		"9223372036854775807",
		"-9223372036854775808",
		"9223372036854775808",
		"1e-30",
		"-0",
		"-0.0",
		"0.1",
		"0.10",
		"1E400",
		"1e+9999",
		"1e-9999",
		"3.141592653589793238462643383279502884197169399375105820974944",
		"1234567890123456789012345678901234567890123456789012345678901234",
	};
	struct arena *a = arena_new(1 << 20);

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *json = arena_printf(a, "{\"n\":[%s]}", rows[i]);
		struct json_object *value, *array;
		struct problem p;
		size_t len;

		problem_init(&p, a);
		ASSERT_ROW(rows[i], jsonread_parse(&value, json, strlen(json), a, &p));
		ASSERT_ROW(rows[i], jsonread_find(value, "n", &array));
		ASSERT_ROW(
		    rows[i], strcmp(jsonread_number(document_element(array, 0)), rows[i]) == 0);
		ASSERT_ROW(rows[i], strcmp(jsonread_text(value, &len), json) == 0);
	}
	arena_free(a);
}

static void
kinds_members_and_elements(void)
{
	static const struct {
		const char *key;
		enum jsonread_kind kind;
	} rows[] = {
		{ "z", JSONREAD_NULL },
		{ "y", JSONREAD_BOOL },
		{ "x", JSONREAD_NUMBER },
		{ "w", JSONREAD_STRING },
		{ "v", JSONREAD_OBJECT },
		{ "u", JSONREAD_ARRAY },
	};
	static const char json[] =
	    "{\"z\":null,\"y\":true,\"x\":12,\"w\":\"s\",\"v\":{},\"u\":[false]}";
	struct arena *a = arena_new(1 << 20);
	struct jsonread_member member = { 0 };
	struct json_object *value, *found;
	struct problem p;
	size_t i = 0, len;

	static_assert(COUNT_OF(rows) == JSONREAD__MAX, "a row per kind");
	problem_init(&p, a);
	CU_ASSERT_FATAL(jsonread_parse(&value, json, sizeof(json) - 1, a, &p));
	CU_ASSERT_EQUAL(jsonread_count(value), COUNT_OF(rows));
	for (; jsonread_next(value, &member); i++) {
		ASSERT_ROW(rows[i].key, strcmp(member.key, rows[i].key) == 0);
		ASSERT_ROW(rows[i].key, jsonread_kind(member.value) == rows[i].kind);
		ASSERT_ROW(rows[i].key, jsonread_kind_name(rows[i].kind)[0] != '\0');
	}
	CU_ASSERT_EQUAL(i, COUNT_OF(rows));
	CU_ASSERT(jsonread_find(value, "z", &found) && found == NULL);
	CU_ASSERT(!jsonread_find(value, "a", &found));
	CU_ASSERT(jsonread_find(value, "y", &found) && jsonread_bool(found));
	CU_ASSERT(jsonread_find(value, "w", &found));
	CU_ASSERT_STRING_EQUAL(jsonread_string(found, &len), "s");
	CU_ASSERT(jsonread_find(value, "u", &found) && document_length(found) == 1);
	CU_ASSERT(!jsonread_bool(document_element(found, 0)));
	CU_ASSERT(jsonread_find(value, "v", &found));
	member = (struct jsonread_member){ 0 };
	CU_ASSERT(!jsonread_next(found, &member));
	arena_free(a);
}

void
suite_jsonread(void)
{
	static const struct test_row tests[] = {
		{ "what is JSON comes in unchanged", what_is_json_comes_in_unchanged },
		{ "what is no JSON is refused at its byte",
		    what_is_no_json_is_refused_at_its_byte },
		{ "what is cut short is refused", what_is_cut_short_is_refused },
		{ "numbers keep their text", numbers_keep_their_text },
		{ "kinds, members and elements", kinds_members_and_elements },
	};

	unit_suite("jsonread", tests, COUNT_OF(tests));
}
