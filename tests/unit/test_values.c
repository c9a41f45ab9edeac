/* SPDX-License-Identifier: BSD-2-Clause */
/* test_values.c - which texts are values, what PostgreSQL gets of them, and which are faults
 *
 * By hand; tests/integration/test_values.c asks PostgreSQL about the same kinds. */
#include "compiler/values.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "database/catalogue.h"
#include "database/sqltext.h"
#include "unit.h"

#define TEN  "1234567890"
#define UUID "0199a000-0000-7000-8000-00000000000"
#define SAME "\1" /* PostgreSQL gets the text itself */

static const char *const labels[] = { "USER", "ADMIN", "two words", "", NULL };

static const struct column
    uuid = { .json = "c", .kind = KIND_UUID },
    boolean = { .json = "c", .kind = KIND_BOOL },
    int2 = { .json = "c", .kind = KIND_INT, .smallint = true },
    int4 = { .json = "c", .kind = KIND_INT, .integer = true },
    int8 = { .json = "c", .kind = KIND_INT }, numeric = { .json = "c", .kind = KIND_NUMERIC },
    price = { .json = "c", .kind = KIND_NUMERIC, .precision = 5, .scale = 2 },
    float4 = { .json = "c", .kind = KIND_FLOAT, .real = true },
    float8 = { .json = "c", .kind = KIND_FLOAT }, text = { .json = "c", .kind = KIND_TEXT },
    name = { .json = "c", .kind = KIND_TEXT, .max_length = 3 },
    role = { .json = "c", .kind = KIND_ENUM, .labels = labels },
    instant = { .json = "c", .kind = KIND_INSTANT },
    timestamp = { .json = "c", .kind = KIND_TIMESTAMP }, date = { .json = "c", .kind = KIND_DATE },
    json = { .json = "c", .kind = KIND_JSON }, array = { .json = "c", .kind = KIND_ARRAY },
    inet = { .json = "c", .kind = KIND_OTHER }, regclass = { .json = "c", .kind = KIND_OPAQUE },
    secret = { .json = "c", .kind = KIND_INT, .sensitive = true };

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

	{ &json, "{}", NULL, "type" },
	{ &array, "{a}", NULL, "type" },
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
				 *const none[] = { NULL }, *const numbers[] = { "1", "-2", NULL },
				 *const wrong[] = { "1", "x", "2", "1e3", NULL };
	struct arena *a = arena_new(1 << 20);
	struct sqltext *sql = sqltext_new(a); /* any pointers: the types are only carried along */
	const struct sqlname *list = (const void *)sql, *own = (const void *)a;
	struct column column = { .json = "c", .kind = KIND_TEXT, .array_type = list };
	struct column tags = { .json = "c", .kind = KIND_ARRAY, .type = own, .element = &int4 };
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
	value = value_list(&tags, numbers, "/query/c", a, &p);
	CU_ASSERT_FATAL(value != NULL);
	CU_ASSERT(value->type == own);
	CU_ASSERT_STRING_EQUAL(value->bytes, "{\"1\",\"-2\"}");
	CU_ASSERT(value_list(&tags, wrong, "/query/c", a, &p) == NULL);
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

void
suite_values(void)
{
	static const struct test_row tests[] = {
		{ "texts are read or refused", texts_are_read_or_refused },
		{ "a key is not empty", a_key_is_not_empty },
		{ "details say what is right", details_say_what_is_right },
		{ "lists are one parameter", lists_are_one_parameter },
		{ "a NULL in an array is NULL", a_null_in_an_array_is_null },
	};

	unit_suite("values", tests, COUNT_OF(tests));
}
