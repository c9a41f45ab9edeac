/* SPDX-License-Identifier: BSD-2-Clause */
/* test_values.c - which texts and members of a body are values, what PostgreSQL gets of them, and
 * which are faults
 *
 * By hand; tests/integration/test_values.c asks PostgreSQL about the same kinds. */
#include "compiler/values.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "database/catalogue.h"
#include "database/sqltext.h"
#include "formats/jsonpointer.h"
#include "formats/jsonread.h"
#include "formats/textformat.h"
#include "unit.h"

#define TEN  "1234567890"
#define UUID "0199a000-0000-7000-8000-00000000000"
#define SAME "\1" /* PostgreSQL gets the text itself */

static const char *const labels[] = { "USER", "ADMIN", "two words", "", NULL };

/* Columns called c. */
static const struct column uuid = { .json = "c", .kind = KIND_UUID };
static const struct column boolean = { .json = "c", .kind = KIND_BOOL };
static const struct column int2 = { .json = "c", .kind = KIND_INT, .smallint = true };
static const struct column int4 = { .json = "c", .kind = KIND_INT, .integer = true };
static const struct column int8 = { .json = "c", .kind = KIND_INT };
static const struct column secret = { .json = "c", .kind = KIND_INT, .sensitive = true };
static const struct column numeric = { .json = "c", .kind = KIND_NUMERIC };
static const struct column price = {
	.json = "c", .kind = KIND_NUMERIC, .precision = 5, .scale = 2
};
static const struct column tiny = { .json = "c", .kind = KIND_NUMERIC, .precision = 2, .scale = 4 };
static const struct column coarse = {
	.json = "c", .kind = KIND_NUMERIC, .precision = 2, .scale = -3
};
static const struct column float4 = { .json = "c", .kind = KIND_FLOAT, .real = true };
static const struct column float8 = { .json = "c", .kind = KIND_FLOAT };
static const struct column text = { .json = "c", .kind = KIND_TEXT };
static const struct column name = { .json = "c", .kind = KIND_TEXT, .max_length = 3 };
static const struct column needed = { .json = "c", .kind = KIND_TEXT, .not_null = true };
static const struct column role = { .json = "c", .kind = KIND_ENUM, .labels = labels };
static const struct column instant = { .json = "c", .kind = KIND_INSTANT };
static const struct column timestamp = { .json = "c", .kind = KIND_TIMESTAMP };
static const struct column date = { .json = "c", .kind = KIND_DATE };
static const struct column jsonb = { .json = "c", .kind = KIND_JSON };
static const struct column needed_jsonb = { .json = "c", .kind = KIND_JSON, .not_null = true };
static const struct column inet = { .json = "c", .kind = KIND_OTHER };
static const struct column regclass = { .json = "c", .kind = KIND_OPAQUE };

/* With rules. */
static const struct bound zero = { "0", { 0 } };
static const struct bound one = { "1", { .digits = "1", .count = 1, .point = 1 } };
static const struct bound two = { "2", { .digits = "2", .count = 1, .point = 1 } };
static const struct bound half = { "0.5", { .digits = "5", .count = 1, .point = 0 } };
static const struct validation one_to_two = { .min = &one, .max = &two };
static const struct validation at_least_one = { .min = &one };
static const struct validation zero_to_half = { .min = &zero, .max = &half };
static const struct column short_text = {
	.json = "c", .kind = KIND_TEXT, .max_length = 3, .validation = &one_to_two
};
static const struct column some_text = {
	.json = "c", .kind = KIND_TEXT, .validation = &at_least_one
};
static const struct column small_int = { .json = "c", .kind = KIND_INT, .validation = &one_to_two };
static const struct column rate = {
	.json = "c", .kind = KIND_NUMERIC, .validation = &zero_to_half
};
static const struct column ratio = { .json = "c", .kind = KIND_FLOAT, .validation = &zero_to_half };

/* And arrays. */
static const struct column a_name = {
	.json = "an element of c", .kind = KIND_TEXT, .max_length = 3
};
static const struct column a_number = {
	.json = "an element of c", .kind = KIND_INT, .integer = true
};
static const struct column a_document = { .json = "an element of c", .kind = KIND_JSON };
static const struct column tags = { .json = "c", .kind = KIND_ARRAY, .element = &a_name };
static const struct column needed_tags = {
	.json = "c", .kind = KIND_ARRAY, .element = &a_name, .not_null = true
};
static const struct column few_tags = {
	.json = "c", .kind = KIND_ARRAY, .element = &a_name, .validation = &one_to_two
};
static const struct column numbers = { .json = "c", .kind = KIND_ARRAY, .element = &a_number };
static const struct column documents = { .json = "c", .kind = KIND_ARRAY, .element = &a_document };

/* bytes NULL: refused with the code. */
static const struct {
	const struct column *column;
	const char *text, *bytes, *code;
} rows[] = {
	{ &uuid, UUID "1", SAME, NULL },
	{ &uuid, "0199A000-0000-7000-8000-00000000000F", SAME, NULL },
	{ &uuid, "00000000-0000-0000-0000-000000000000", SAME, NULL },
	{ &uuid, "0199a00000007000800000000000000001", NULL, "type" },
	{ &uuid, "{" UUID "1}", NULL, "type" },
	{ &uuid, UUID "g", NULL, "type" },
	{ &uuid, UUID, NULL, "type" },
	{ &uuid, UUID "11", NULL, "type" },
	{ &uuid, UUID "1 ", NULL, "type" },
	{ &uuid, "0199a000_0000_7000_8000_000000000001", NULL, "type" },
	{ &uuid, "", NULL, "type" },

	{ &boolean, "true", SAME, NULL },
	{ &boolean, "false", SAME, NULL },
	{ &boolean, "TRUE", NULL, "type" },
	{ &boolean, "t", NULL, "type" },
	{ &boolean, "yes", NULL, "type" },
	{ &boolean, "1", NULL, "type" },
	{ &boolean, "on", NULL, "type" },
	{ &boolean, "true ", NULL, "type" },
	{ &boolean, "", NULL, "type" },

	{ &int8, "0", SAME, NULL },
	{ &int8, "-1", SAME, NULL },
	{ &int8, "9223372036854775807", SAME, NULL },
	{ &int8, "9223372036854775808", NULL, "range" },
	{ &int8, "-9223372036854775808", SAME, NULL },
	{ &int8, "-9223372036854775809", NULL, "range" },
	{ &int8, "99999999999999999999999999999999", NULL, "range" },
	{ &int8, TEN TEN TEN TEN TEN TEN "12345", NULL, "type" },
	{ &int8, "007", NULL, "type" },
	{ &int8, "00", NULL, "type" },
	{ &int8, "-0", NULL, "type" },
	{ &int8, "+1", NULL, "type" },
	{ &int8, " 1", NULL, "type" },
	{ &int8, "1 ", NULL, "type" },
	{ &int8, "1e3", NULL, "type" },
	{ &int8, "1E3", NULL, "type" },
	{ &int8, "1.0", NULL, "type" },
	{ &int8, "1.5", NULL, "type" },
	{ &int8, "0x10", NULL, "type" },
	{ &int8, "1_000", NULL, "type" },
	{ &int8, "--1", NULL, "type" },
	{ &int8, "-", NULL, "type" },
	{ &int8, "", NULL, "type" },
	{ &int8, "\xd9\xa1", NULL, "type" }, /* a digit, in Arabic */
	{ &int4, "2147483647", SAME, NULL },
	{ &int4, "2147483648", NULL, "range" },
	{ &int4, "-2147483648", SAME, NULL },
	{ &int4, "-2147483649", NULL, "range" },
	{ &int4, "9223372036854775808", NULL, "range" },
	{ &int2, "32767", SAME, NULL },
	{ &int2, "32768", NULL, "range" },
	{ &int2, "-32768", SAME, NULL },
	{ &int2, "-32769", NULL, "range" },

	{ &numeric, "0", SAME, NULL },
	{ &numeric, "-0", SAME, NULL },
	{ &numeric, "12.50", SAME, NULL },
	{ &numeric, "-0.001", SAME, NULL },
	{ &numeric, "1e3", SAME, NULL },
	{ &numeric, "1E-3", SAME, NULL },
	{ &numeric, "1.5e+10", SAME, NULL },
	{ &numeric, "123456789012345678901234567890.12", SAME, NULL },
	{ &numeric, "1e9999", SAME, NULL },
	{ &numeric, "1e10000", NULL, "type" },
	{ &numeric, TEN TEN TEN TEN TEN TEN "12345", NULL, "type" },
	{ &numeric, "NaN", NULL, "type" },
	{ &numeric, "Infinity", NULL, "type" },
	{ &numeric, "-inf", NULL, "type" },
	{ &numeric, ".5", NULL, "type" },
	{ &numeric, "5.", NULL, "type" },
	{ &numeric, "+5", NULL, "type" },
	{ &numeric, "05", NULL, "type" },
	{ &numeric, "1,5", NULL, "type" },
	{ &numeric, " 5", NULL, "type" },
	{ &numeric, "1e", NULL, "type" },
	{ &numeric, "", NULL, "type" },
	{ &price, "1e9", SAME, NULL }, /* equal to no price, and no error in a filter */
	{ &price, "1.23456", SAME, NULL },

	{ &float8, "0", SAME, NULL },
	{ &float8, "-0.0", SAME, NULL },
	{ &float8, "0e-400", SAME, NULL },
	{ &float8, "1.5", SAME, NULL },
	{ &float8, "1.7976931348623157e308", SAME, NULL },
	{ &float8, "1.7976931348623159e308", NULL, "range" },
	{ &float8, "-1e309", NULL, "range" },
	{ &float8, "4.9e-324", SAME, NULL },
	{ &float8, "1e-400", NULL, "range" },
	{ &float8, "NaN", NULL, "type" },
	{ &float8, "Infinity", NULL, "type" },
	{ &float8, "0x1p3", NULL, "type" },
	{ &float8, "1.5f", NULL, "type" },
	{ &float8, "", NULL, "type" },
	{ &float4, "3.4028235e38", SAME, NULL },
	{ &float4, "3.5e38", NULL, "range" },
	{ &float4, "1e-45", SAME, NULL },
	{ &float4, "1e-46", NULL, "range" },
	{ &float4, "-1e300", NULL, "range" },

	{ &text, "DE", SAME, NULL },
	{ &text, "", SAME, NULL },
	{ &text, "NULL", SAME, NULL },
	{ &text, "'; DROP TABLE users; --", SAME, NULL },
	{ &text, "\xf0\x9f\x8f\xa0", SAME, NULL },
	{ &name, "longer than three", SAME, NULL }, /* equal to none, and no error in a filter */

	{ &role, "USER", SAME, NULL },
	{ &role, "two words", SAME, NULL },
	{ &role, "", SAME, NULL },
	{ &role, "user", NULL, "enum" },
	{ &role, "USER ", NULL, "enum" },
	{ &role, "OWNER", NULL, "enum" },

	{ &instant, "2024-05-17T09:30:00Z", "2024-05-17T09:30:00.000000Z", NULL },
	{ &instant, "2024-05-17t09:30:00.5z", "2024-05-17T09:30:00.500000Z", NULL },
	{ &instant, "2024-05-17T09:30:00+23:00", "2024-05-16T10:30:00.000000Z", NULL },
	{ &instant, "2024-05-17", "2024-05-17T00:00:00.000000Z", NULL },
	{ &instant, "2024-05-17T09:30:00", NULL, "type" },
	{ &instant, "2024-05-17 09:30:00Z", NULL, "type" },
	{ &instant, "2024-05-17T09:30:00 02:00", NULL, "type" },
	{ &instant, "now", NULL, "type" },
	{ &instant, "infinity", NULL, "type" },
	{ &instant, "epoch", NULL, "type" },
	{ &instant, "1715938200", NULL, "type" },
	{ &instant, "", NULL, "type" },
	{ &instant, "2023-02-29T00:00:00Z", NULL, "range" },
	{ &instant, "2024-05-17T25:00:00Z", NULL, "range" },
	{ &instant, "2016-12-31T23:59:60Z", NULL, "range" },
	{ &instant, "0001-01-01T00:00:00+00:01", NULL, "range" },
	{ &timestamp, "2024-05-17T09:30:00", "2024-05-17T09:30:00.000000", NULL },
	{ &timestamp, "2024-05-17", "2024-05-17T00:00:00.000000", NULL },
	{ &timestamp, "2024-05-17T09:30:00Z", NULL, "type" },
	{ &timestamp, "2024-05-17T09:30:00+02:00", NULL, "type" },
	{ &timestamp, "tomorrow", NULL, "type" },
	{ &timestamp, "2024-05-17T24:00:00", NULL, "range" },
	{ &date, "2024-02-29", SAME, NULL },
	{ &date, "2023-02-29", NULL, "range" },
	{ &date, "0000-01-01", NULL, "range" },
	{ &date, "2024-05-17T00:00:00Z", NULL, "type" },
	{ &date, "17.05.2024", NULL, "type" },
	{ &date, "05/17/2024", NULL, "type" },
	{ &date, "20240517", NULL, "type" },
	{ &date, "J2460448", NULL, "type" },
	{ &date, "today", NULL, "type" },
	{ &date, "", NULL, "type" },

	{ &jsonb, "{}", NULL, "type" },
	{ &tags, "{a}", NULL, "type" },
	{ &inet, "10.0.0.0/8", SAME, NULL },
	{ &inet, "not an address", SAME, NULL }, /* PostgreSQL refuses it, with class 22 */
	{ &regclass, "pg_authid", NULL, "type" },
};

/* A row's text, or what it becomes. */
static const char *
expected_bytes(size_t row)
{
	return rows[row].bytes != NULL && strcmp(rows[row].bytes, SAME) == 0 ? rows[row].text
									     : rows[row].bytes;
}

static void
texts_are_read_or_refused(void)
{
	struct arena *a = arena_new(1 << 20);

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *bytes = expected_bytes(i);
		const struct value *value;
		struct problem p;

		problem_init(&p, a);
		value = value_read(rows[i].column, rows[i].text, "/query/filter.c", a, &p);
		ASSERT_ROW(rows[i].text, (value != NULL) == (bytes != NULL));
		if (value != NULL) {
			ASSERT_ROW(rows[i].text, bytes != NULL && strcmp(value->bytes, bytes) == 0);
			ASSERT_ROW(rows[i].text, value->type == rows[i].column->type);
			ASSERT_ROW(rows[i].text, !problem_raised(&p));
			continue;
		}
		ASSERT_ROW(rows[i].text, p.code == PROBLEM_INVALID && p.fault_count == 1);
		ASSERT_ROW(rows[i].text, strcmp(p.faults->pointer, "/query/filter.c") == 0);
		ASSERT_ROW(
		    rows[i].text, bytes == NULL && strcmp(p.faults->code, rows[i].code) == 0);
	}
	arena_free(a);
}

static void
a_key_is_not_empty(void)
{
	struct arena *a = arena_new(1 << 20);
	struct problem p;

	problem_init(&p, a);
	CU_ASSERT(value_read_key(&text, "", "/path/id", a, &p) == NULL);
	CU_ASSERT_EQUAL(p.fault_count, 1);
	CU_ASSERT_STRING_EQUAL(p.faults->code, "empty");
	problem_init(&p, a);
	CU_ASSERT(value_read_key(&text, "DE", "/path/id", a, &p) != NULL);
	CU_ASSERT(value_read_key(&int8, "007", "/path/id", a, &p) == NULL);
	CU_ASSERT_STRING_EQUAL(p.faults->detail, "c is a whole number, not \"007\"");
	arena_free(a);
}

/* What would be right, what was sent (but not of a sensitive column), and a long text cut between
 * two characters. */
static const struct {
	const struct column *column;
	const char *text, *detail;
} details[] = {
	{ &boolean, "yes", "c is true or false, not \"yes\"" },
	{ &int2, "32768", "c is a whole number from -32768 to 32767, not \"32768\"" },
	{ &secret, "hunter2", "c is a whole number" },
	{ &role, "user", "c is one of USER, ADMIN, two words, , not \"user\"" },
	{ &date, "today", "c is a date, such as 2024-05-17, not \"today\"" },
	{ &date, "2023-02-29",
	    "c is a day of the calendar, from 0001-01-01 to 9999-12-31, not \"2023-02-29\"" },
	{ &boolean, TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN,
	    "c is true or false, not \"" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "\"" },
	{ &boolean, TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "1",
	    "c is true or false, not \"" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "...\"" },
	{ &boolean, TEN TEN TEN TEN TEN TEN TEN TEN TEN "123456789\xc3\xa9",
	    "c is true or false, not \"" TEN TEN TEN TEN TEN TEN TEN TEN TEN "123456789...\"" },
	{ &boolean, TEN TEN TEN TEN TEN TEN TEN TEN TEN "1234567\xf0\x9f\x8f\xa0",
	    "c is true or false, not \"" TEN TEN TEN TEN TEN TEN TEN TEN TEN "1234567...\"" },
};

static void
details_say_what_is_right(void)
{
	struct arena *a = arena_new(1 << 20);

	for (size_t i = 0; i < COUNT_OF(details); i++) {
		struct problem p;

		problem_init(&p, a);
		ASSERT_ROW(details[i].text,
		    value_read(details[i].column, details[i].text, "/query/c", a, &p) == NULL);
		CU_ASSERT_STRING_EQUAL(p.faults->detail, details[i].detail);
	}
	arena_free(a);
}

static void
lists_are_one_parameter(void)
{
	static const char *const texts[] = { "a", "", "NULL", "{", "\"", "\\", "a,b", " ", "\n",
		"\xc3\xa9", NULL },
				 *const none[] = { NULL }, *const integers[] = { "1", "-2", NULL },
				 *const wrong[] = { "1", "x", "2", "1e3", NULL };
	struct arena *a = arena_new(1 << 20);
	struct sqltext *sql = sqltext_new(a); /* any pointers: the types are only carried along */
	const struct sqlname *list = (const void *)sql, *own = (const void *)a;
	struct column column = { .json = "c", .kind = KIND_TEXT, .array_type = list };
	struct column array = { .json = "c", .kind = KIND_ARRAY, .type = own, .element = &int4 };
	const struct value *value;
	struct problem p;

	problem_init(&p, a);
	value = value_list(&column, texts, "/query/c", a, &p);
	CU_ASSERT_FATAL(value != NULL);
	CU_ASSERT(value->type == list);
	CU_ASSERT_STRING_EQUAL(value->bytes,
	    "{\"a\",\"\",\"NULL\",\"{\",\"\\\"\",\"\\\\\",\"a,b\",\" \",\"\n\",\"\xc3\xa9\"}");
	value = value_list(&column, none, "/query/c", a, &p);
	CU_ASSERT(value != NULL && strcmp(value->bytes, "{}") == 0);
	value = value_list(&array, integers, "/query/c", a, &p);
	CU_ASSERT_FATAL(value != NULL);
	CU_ASSERT(value->type == own);
	CU_ASSERT_STRING_EQUAL(value->bytes, "{\"1\",\"-2\"}");
	CU_ASSERT(value_list(&array, wrong, "/query/c", a, &p) == NULL);
	CU_ASSERT_EQUAL(p.fault_count, 2); /* each, not the first */
	arena_free(a);
}

static void
a_null_in_an_array_is_null(void)
{
	static const char *const elements[] = { "a", NULL, "NULL" };
	struct arena *a = arena_new(1 << 20);

	CU_ASSERT_STRING_EQUAL(value_array(a, NULL, elements, 3)->bytes, "{\"a\",NULL,\"NULL\"}");
	CU_ASSERT_STRING_EQUAL(value_array(a, NULL, elements, 0)->bytes, "{}");
	arena_free(a);
}

/* bytes NULL: refused, with "code pointer" of each fault. */
#define NULL_VALUE "\2"
static const struct {
	const struct column *column;
	const char *json, *bytes, *faults;
} members[] = {
	{ &uuid, "\"" UUID "1\"", UUID "1", NULL },
	{ &uuid, "\"\"", NULL, "type #/c" },
	{ &uuid, "1", NULL, "type #/c" },
	{ &uuid, "null", NULL_VALUE, NULL },
	{ &boolean, "true", "true", NULL },
	{ &boolean, "false", "false", NULL },
	{ &boolean, "\"true\"", NULL, "type #/c" },
	{ &boolean, "1", NULL, "type #/c" },
	{ &boolean, "0", NULL, "type #/c" },
	{ &boolean, "[]", NULL, "type #/c" },

	{ &int4, "0", "0", NULL },
	{ &int4, "-0", "0", NULL },
	{ &int4, "-1", "-1", NULL },
	{ &int4, "1.0", "1", NULL },
	{ &int4, "1e3", "1000", NULL },
	{ &int4, "1.5e1", "15", NULL },
	{ &int4, "12000e-3", "12", NULL },
	{ &int4, "-0.0e0", "0", NULL },
	{ &int4, "2147483647", "2147483647", NULL },
	{ &int4, "2147483648", NULL, "range #/c" },
	{ &int4, "-2147483649", NULL, "range #/c" },
	{ &int4, "1e30", NULL, "range #/c" },
	{ &int4, "0.5", NULL, "type #/c" },
	{ &int4, "1e-3", NULL, "type #/c" },
	{ &int4, "\"1\"", NULL, "type #/c" },
	{ &int4, "true", NULL, "type #/c" },
	{ &int4, "[1]", NULL, "type #/c" },
	{ &int4, "{}", NULL, "type #/c" },
	{ &int2, "32767", "32767", NULL },
	{ &int2, "3.2768e4", NULL, "range #/c" },
	{ &int2, "\"1\"", NULL, "type #/c" },
	{ &int8, "9007199254740993", "9007199254740993", NULL },
	{ &int8, "9223372036854775807", "9223372036854775807", NULL },
	{ &int8, "9223372036854775808", NULL, "range #/c" },
	{ &int8, "\"9223372036854775807\"", "9223372036854775807", NULL },
	{ &int8, "\"-9223372036854775808\"", "-9223372036854775808", NULL },
	{ &int8, "\"9223372036854775808\"", NULL, "range #/c" },
	{ &int8, "\"1.0\"", NULL, "type #/c" },
	{ &int8, "\"007\"", NULL, "type #/c" },
	{ &int8, "\"\"", NULL, "type #/c" },

	{ &numeric, "12.50", "12.50", NULL },
	{ &numeric, "1e-30", "1e-30", NULL },
	{ &numeric, "123456789012345678901234567890", "123456789012345678901234567890", NULL },
	{ &numeric, "\"123456789012345678901234567890.5\"", "123456789012345678901234567890.5",
	    NULL },
	{ &numeric, "\"NaN\"", NULL, "type #/c" },
	{ &numeric, "\"\"", NULL, "type #/c" },
	{ &numeric, "true", NULL, "type #/c" },
	{ &price, "999.99", "999.99", NULL },
	{ &price, "999.994", "999.994", NULL }, /* PostgreSQL rounds it */
	{ &price, "999.995", NULL, "range #/c" },
	{ &price, "-999.995", NULL, "range #/c" },
	{ &price, "1000", NULL, "range #/c" },
	{ &price, "1e3", NULL, "range #/c" },
	{ &price, "\"1000.00\"", NULL, "range #/c" },
	{ &price, "0.000001", "0.000001", NULL },
	{ &tiny, "0.0099", "0.0099", NULL },
	{ &tiny, "0.01", NULL, "range #/c" },
	{ &coarse, "99000", "99000", NULL },
	{ &coarse, "99500", NULL, "range #/c" },

	{ &float8, "1.5e-7", "1.5e-7", NULL },
	{ &float8, "1e309", NULL, "range #/c" },
	{ &float8, "1e-400", NULL, "range #/c" },
	{ &float8, "\"1.5\"", NULL, "type #/c" },
	{ &float4, "1e39", NULL, "range #/c" },

	{ &text, "\"\"", "", NULL },
	{ &text, "\"a\\u00e9\\n\"", "a\xc3\xa9\n", NULL },
	{ &text, "1", NULL, "type #/c" },
	{ &text, "null", NULL_VALUE, NULL },
	{ &name, "\"abc\"", "abc", NULL },
	{ &name, "\"abcd\"", NULL, "length #/c" },
	{ &name, "\"\xc3\xa9\xc3\xa9\xc3\xa9\"", "\xc3\xa9\xc3\xa9\xc3\xa9", NULL },
	{ &name, "\"\xf0\x9f\x8f\xa0\xf0\x9f\x8f\xa0\xf0\x9f\x8f\xa0\xf0\x9f\x8f\xa0\"", NULL,
	    "length #/c" },
	{ &name, "\"e\\u0301e\\u0301\"", NULL, "length #/c" }, /* code points, not what one sees */
	{ &name, "\"ab  \"", NULL, "length #/c" }, /* PostgreSQL would cut the blanks silently */
	{ &needed, "null", NULL, "required #/c" },
	{ &needed, "\"\"", "", NULL },

	{ &role, "\"ADMIN\"", "ADMIN", NULL },
	{ &role, "\"admin\"", NULL, "enum #/c" },
	{ &role, "0", NULL, "type #/c" },
	{ &instant, "\"2024-05-17T09:30:00+02:00\"", "2024-05-17T07:30:00.000000Z", NULL },
	{ &instant, "\"2024-05-17T09:30:00\"", NULL, "type #/c" },
	{ &instant, "\"2023-02-29\"", NULL, "range #/c" },
	{ &instant, "1715938200", NULL, "type #/c" },
	{ &date, "\"2024-02-29\"", "2024-02-29", NULL },
	{ &date, "\"today\"", NULL, "type #/c" },
	{ &inet, "\"10.0.0.1\"", "10.0.0.1", NULL },
	{ &inet, "10", NULL, "type #/c" },
	{ &regclass, "\"pg_authid\"", NULL, "type #/c" },
	{ &regclass, "1259", NULL, "type #/c" },

	{ &jsonb, "{\"a\":[1,2.50,1e400,null]}", "{\"a\":[1,2.50,1e400,null]}", NULL },
	{ &jsonb, "\"x\"", "\"x\"", NULL },
	{ &jsonb, "1.0", "1.0", NULL },
	{ &jsonb, "true", "true", NULL },
	{ &jsonb, "[]", "[]", NULL },
	{ &jsonb, "[null]", "[null]", NULL },
	{ &jsonb, "null", NULL_VALUE, NULL },
	{ &needed_jsonb, "null", NULL, "required #/c" },

	{ &tags, "[]", "{}", NULL },
	{ &tags, "[\"a\",\"\",null,\"{,}\"]", "{\"a\",\"\",NULL,\"{,}\"}", NULL },
	{ &tags, "[\"\\\"\",\"\\\\\"]", "{\"\\\"\",\"\\\\\"}", NULL },
	{ &tags, "null", NULL_VALUE, NULL },
	{ &tags, "\"a\"", NULL, "type #/c" },
	{ &tags, "{}", NULL, "type #/c" },
	{ &tags, "[[\"a\"]]", NULL, "type #/c/0" },
	{ &tags, "[\"abcd\",\"a\",1,{},true]", NULL,
	    "length #/c/0 type #/c/2 type #/c/3 type #/c/4" },
	{ &numbers, "[1,1.0,1e1,null]", "{\"1\",\"1\",\"10\",NULL}", NULL },
	{ &numbers, "[\"1\",2147483648]", NULL, "type #/c/0 range #/c/1" },
	{ &documents, "[{\"a\":1},[1],\"x\"]", "{\"{\\\"a\\\":1}\",\"[1]\",\"\\\"x\\\"\"}", NULL },
	{ &needed_tags, "null", NULL, "required #/c" },

	{ &short_text, "\"a\"", "a", NULL },
	{ &short_text, "\"\xc3\xa9\xc3\xa9\"", "\xc3\xa9\xc3\xa9", NULL },
	{ &short_text, "\"\"", NULL, "length #/c" },
	{ &short_text, "\"abc\"", NULL, "length #/c" },
	{ &short_text, "null", NULL_VALUE, NULL },
	{ &some_text, "\"" TEN TEN TEN "\"", TEN TEN TEN, NULL },
	{ &small_int, "1", "1", NULL },
	{ &small_int, "2.0", "2", NULL },
	{ &small_int, "0", NULL, "range #/c" },
	{ &small_int, "-1", NULL, "range #/c" },
	{ &small_int, "3", NULL, "range #/c" },
	{ &small_int, "\"2\"", "2", NULL },
	{ &small_int, "\"3\"", NULL, "range #/c" },
	{ &rate, "0", "0", NULL },
	{ &rate, "-0", "-0", NULL },
	{ &rate, "0.50", "0.50", NULL },
	{ &rate, "5e-1", "5e-1", NULL },
	{ &rate, "0.500000000000000000000000000001", NULL, "range #/c" },
	{ &rate, "-1e-30", NULL, "range #/c" },
	{ &ratio, "0.25", "0.25", NULL },
	{ &ratio, "0.75", NULL, "range #/c" },
	{ &few_tags, "[\"a\"]", "{\"a\"}", NULL },
	{ &few_tags, "[null,null]", "{NULL,NULL}", NULL },
	{ &few_tags, "[]", NULL, "length #/c" },
	{ &few_tags, "[\"a\",\"b\",\"c\"]", NULL, "length #/c" },
	{ &few_tags, "[\"a\",1,\"abcd\"]", NULL, "length #/c type #/c/1 length #/c/2" },
	{ &few_tags, "null", NULL_VALUE, NULL },
	{ &needed_tags, "[null]", "{NULL}", NULL },
};

/* "code pointer" of each fault. */
static const char *
listed(const struct problem *p, struct arena *a)
{
	const char *all = "";

	for (const struct problem_fault *f = p->faults; f != NULL; f = f->next)
		all = arena_printf(
		    a, "%s%s%s %s", all, all[0] == '\0' ? "" : " ", f->code, f->pointer);
	return all;
}

static void
members_are_read_or_refused(void)
{
	struct arena *a = arena_new(1 << 20);
	const struct jsonpointer pointer = jsonpointer_member(NULL, "c");

	for (size_t i = 0; i < COUNT_OF(members); i++) {
		const char *bytes = members[i].bytes;
		const struct value *value;
		struct json_object *member;
		struct problem p;

		problem_init(&p, a);
		ASSERT_ROW(members[i].json,
		    jsonread_parse(&member, members[i].json, strlen(members[i].json), a, &p));
		value = value_from_json(members[i].column, member, &pointer, a, &p);
		ASSERT_ROW(members[i].json, (value != NULL) == (bytes != NULL));
		if (value == NULL)
			ASSERT_ROW(members[i].json,
			    bytes == NULL && strcmp(listed(&p, a), members[i].faults) == 0);
		else if (bytes != NULL && strcmp(bytes, NULL_VALUE) == 0)
			ASSERT_ROW(members[i].json, value->bytes == NULL);
		else
			ASSERT_ROW(members[i].json,
			    bytes != NULL && value->bytes != NULL &&
				strcmp(value->bytes, bytes) == 0);
	}
	arena_free(a);
}

static const struct {
	const struct column *column;
	const char *json, *detail;
} member_details[] = {
	{ &int4, "\"1\"", "c is a number, not a string" },
	{ &numeric, "[]", "c is a number, not an array" },
	{ &boolean, "1", "c is a boolean, not a number" },
	{ &tags, "1", "c is an array, not a number" },
	{ &tags, "[1]", "an element of c is a string, not a number" },
	{ &tags, "[\"abcd\"]", "an element of c is text of at most 3 characters, not \"abcd\"" },
	{ &price, "1e3", "c is a number under 1e3 in absolute value, not \"1e3\"" },
	{ &needed, "null", "c must not be null" },
	{ &some_text, "\"\"", "c is text of at least 1 characters, not \"\"" },
	{ &small_int, "3", "c is a number of at most 2, not \"3\"" },
	{ &rate, "-0.1", "c is a number of at least 0, not \"-0.1\"" },
	{ &few_tags, "[]", "c is an array of at least 1 elements, not of 0" },
	{ &secret, "0.5", "c is a whole number" },
};

/* Formats are test_textformat.c's; here, that they are asked, of writes alone. */
static void
formats_are_asked_of_writes(void)
{
	struct arena *a = arena_new(1 << 20);
	const struct validation email = { .format = textformat_find("email"), .max = &two };
	const struct column column = { .json = "c", .kind = KIND_TEXT, .validation = &email };
	const struct jsonpointer pointer = jsonpointer_member(NULL, "c");
	struct json_object *member;
	struct problem p;

	problem_init(&p, a);
	CU_ASSERT(value_read(&column, "mia", "/query/c", a, &p) != NULL);
	CU_ASSERT_FATAL(jsonread_parse(&member, "\"mia\"", 5, a, &p));
	CU_ASSERT(value_from_json(&column, member, &pointer, a, &p) == NULL);
	CU_ASSERT_STRING_EQUAL(listed(&p, a), "email #/c");
	CU_ASSERT_STRING_EQUAL(
	    p.faults->detail, "c is an e-mail address, such as mia@example.org, not \"mia\"");
	problem_init(&p, a);
	CU_ASSERT_FATAL(jsonread_parse(&member, "\"x@example.org\"", 15, a, &p));
	CU_ASSERT(value_from_json(&column, member, &pointer, a, &p) == NULL);
	CU_ASSERT_STRING_EQUAL(listed(&p, a), "length #/c");
	arena_free(a);
}

static void
details_of_members_say_what_is_right(void)
{
	struct arena *a = arena_new(1 << 20);
	const struct jsonpointer pointer = jsonpointer_member(NULL, "c");

	for (size_t i = 0; i < COUNT_OF(member_details); i++) {
		const char *source = member_details[i].json;
		struct json_object *member;
		struct problem p;

		problem_init(&p, a);
		ASSERT_ROW(source, jsonread_parse(&member, source, strlen(source), a, &p));
		ASSERT_ROW(source,
		    value_from_json(member_details[i].column, member, &pointer, a, &p) == NULL);
		CU_ASSERT_STRING_EQUAL(p.faults->detail, member_details[i].detail);
	}
	arena_free(a);
}

void
suite_values(void)
{
	static const struct test_row tests[] = {
		{ "texts are read or refused", texts_are_read_or_refused },
		{ "a key is not empty", a_key_is_not_empty },
		{ "details say what is right", details_say_what_is_right },
		{ "lists are one parameter", lists_are_one_parameter },
		{ "a NULL in an array is NULL", a_null_in_an_array_is_null },
		{ "members are read or refused", members_are_read_or_refused },
		{ "formats are asked of writes", formats_are_asked_of_writes },
		{ "details of members say what is right", details_of_members_say_what_is_right },
	};

	unit_suite("values", tests, COUNT_OF(tests));
}
