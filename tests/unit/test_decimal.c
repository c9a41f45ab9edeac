/* SPDX-License-Identifier: BSD-2-Clause */
/* test_decimal.c - numbers by hand: their digits, their integers, their order, what holds them */
#include "formats/decimal.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define TEN "1234567890"

/* digits NULL: no number. */
static const struct {
	const char *text;
	bool negative;
	const char *digits;
	long point;
} numbers[] = {
	{ "0", false, "", 0 },
	{ "-0", false, "", 0 },
	{ "0.000e5", false, "", 0 },
	{ "1", false, "1", 1 },
	{ "-1", true, "1", 1 },
	{ "100", false, "1", 3 },
	{ "100.00", false, "1", 3 },
	{ "1e2", false, "1", 3 },
	{ "1E+2", false, "1", 3 },
	{ "0.01e4", false, "1", 3 },
	{ "12.50", false, "125", 2 },
	{ "0.5", false, "5", 0 },
	{ "0.0050", false, "5", -2 },
	{ "5e-3", false, "5", -2 },
	{ "1e9999", false, "1", 10000 },
	{ "1e-9999", false, "1", -9998 },
	{ "1e0000009", false, "1", 10 },
	{ TEN TEN TEN TEN TEN TEN "1234", false, TEN TEN TEN TEN TEN TEN "1234", 64 },
	{ TEN TEN TEN TEN TEN TEN "12345", false, NULL, 0 },
	{ "1e10000", false, NULL, 0 },
	{ "1e-10000", false, NULL, 0 },
	{ "1e99999999999999999999999999", false, NULL, 0 },
	{ "", false, NULL, 0 },
	{ "-", false, NULL, 0 },
	{ "+1", false, NULL, 0 },
	{ "--1", false, NULL, 0 },
	{ "01", false, NULL, 0 },
	{ "-01", false, NULL, 0 },
	{ "00", false, NULL, 0 },
	{ "1.", false, NULL, 0 },
	{ ".5", false, NULL, 0 },
	{ "1.e5", false, NULL, 0 },
	{ "1e", false, NULL, 0 },
	{ "1e+", false, NULL, 0 },
	{ "1e1.5", false, NULL, 0 },
	{ "1 ", false, NULL, 0 },
	{ " 1", false, NULL, 0 },
	{ "1_000", false, NULL, 0 },
	{ "1,5", false, NULL, 0 },
	{ "0x10", false, NULL, 0 },
	{ "NaN", false, NULL, 0 },
	{ "Infinity", false, NULL, 0 },
};

static void
numbers_are_their_digits(void)
{
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		const char *digits = numbers[i].digits;
		struct decimal d;
		bool ok = decimal_read(&d, numbers[i].text);

		ASSERT_ROW(numbers[i].text, ok == (digits != NULL));
		if (!ok || digits == NULL)
			continue;
		ASSERT_ROW(numbers[i].text, d.negative == numbers[i].negative);
		ASSERT_ROW(numbers[i].text,
		    d.count == strlen(digits) && memcmp(d.digits, digits, d.count) == 0);
		ASSERT_ROW(numbers[i].text, d.point == numbers[i].point);
	}
}

static const struct {
	const char *text;
	bool whole;
	int64_t integer;
} integers[] = {
	{ "0", true, 0 },
	{ "-0.0", true, 0 },
	{ "1.0", true, 1 },
	{ "1e3", true, 1000 },
	{ "1.5e1", true, 15 },
	{ "-120", true, -120 },
	{ "9223372036854775807", true, INT64_MAX },
	{ "-9223372036854775808", true, INT64_MIN },
	{ "9223372036854775807000e-3", true, INT64_MAX },
	{ "1e18", true, INT64_C(1000000000000000000) },
	{ "9223372036854775808", false, 0 },
	{ "-9223372036854775809", false, 0 },
	{ "1e19", false, 0 },
	{ "99999999999999999999", false, 0 },
	{ "1e9999", false, 0 },
	{ "1e-9999", false, 0 },
	{ "0.5", false, 0 },
	{ "1.5", false, 0 },
	{ "9223372036854775807.1", false, 0 },
};

static void
integers_are_exact_or_none(void)
{
	for (size_t i = 0; i < COUNT_OF(integers); i++) {
		struct decimal d;
		int64_t integer = 0;

		ASSERT_ROW(integers[i].text, decimal_read(&d, integers[i].text));
		ASSERT_ROW(integers[i].text, decimal_integer(&d, &integer) == integers[i].whole);
		ASSERT_ROW(integers[i].text, integer == integers[i].integer);
	}
}

/* As PostgreSQL 15 answers `SELECT text::numeric(precision, scale)`; test_values.c of the
 * integration suites asks it about many more. */
static const struct {
	const char *text;
	int precision, scale;
	bool fits;
} columns[] = {
	{ "999.99", 5, 2, true },
	{ "-999.99", 5, 2, true },
	{ "999.994", 5, 2, true },
	{ "999.995", 5, 2, false },
	{ "-999.995", 5, 2, false },
	{ "1000", 5, 2, false },
	{ "1e3", 5, 2, false },
	{ "9.99995", 5, 2, true },
	{ "998.999", 5, 2, true },
	{ "0", 1, 0, true },
	{ "9.4", 1, 0, true },
	{ "9.5", 1, 0, false },
	{ "0.0099", 2, 4, true },
	{ "0.00994", 2, 4, true },
	{ "0.00995", 2, 4, false },
	{ "0.01", 2, 4, false },
	{ "1e-9999", 2, 4, true },
	{ "99499", 2, -3, true },
	{ "99500", 2, -3, false },
	{ "1e9999", 1000, 0, false },
};

static void
columns_hold_what_they_round_to(void)
{
	for (size_t i = 0; i < COUNT_OF(columns); i++) {
		struct decimal d;

		ASSERT_ROW(columns[i].text, decimal_read(&d, columns[i].text));
		ASSERT_ROW(columns[i].text,
		    decimal_fits(&d, columns[i].precision, columns[i].scale) == columns[i].fits);
	}
}

/* In order; the two of a line are equal. */
static const char *const ladder[][2] = {
	{ "-1e9999", "-10e9998" },
	{ "-100.5", "-1.005e2" },
	{ "-100", "-1e2" },
	{ "-0.1", "-1e-1" },
	{ "-1e-9999", "-0.1e-9998" },
	{ "0", "-0" },
	{ "1e-9999", "0.1e-9998" },
	{ "0.09", "9e-2" },
	{ "0.1", "0.10" },
	{ "0.11", "11e-2" },
	{ "1", "1.0" },
	{ "9007199254740992", "9007199254740992.0" },
	{ "9007199254740993", "90071992547409930e-1" },
	{ "1e9999", "10e9998" },
};

static void
numbers_have_their_order(void)
{
	for (size_t i = 0; i < COUNT_OF(ladder); i++)
		for (size_t j = 0; j < COUNT_OF(ladder); j++) {
			struct decimal a, b;
			int order, wanted = (i > j) - (i < j);

			ASSERT_ROW(ladder[i][0], decimal_read(&a, ladder[i][0]));
			ASSERT_ROW(ladder[j][1], decimal_read(&b, ladder[j][1]));
			order = decimal_compare(&a, &b);
			ASSERT_ROW(ladder[i][0], (order > 0) - (order < 0) == wanted);
		}
}

void
suite_decimal(void)
{
	static const struct test_row tests[] = {
		{ "numbers are their digits", numbers_are_their_digits },
		{ "integers are exact or none", integers_are_exact_or_none },
		{ "columns hold what they round to", columns_hold_what_they_round_to },
		{ "numbers have their order", numbers_have_their_order },
	};

	unit_suite("decimal", tests, COUNT_OF(tests));
}
