/* SPDX-License-Identifier: BSD-2-Clause */
/* test_values.c - which texts are keys, and which are faults */
#include "compiler/values.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "database/catalogue.h"
#include "database/sqltext.h"
#include "unit.h"

static const struct {
	enum kind kind;
	bool integer, smallint;
	const char *text;
	bool ok;
} rows[] = {
	{ KIND_UUID, false, false, "0199a000-0000-7000-8000-000000000001", true },
	{ KIND_UUID, false, false, "0199A000-0000-7000-8000-00000000000F", true },
	{ KIND_UUID, false, false, "0199a00000007000800000000000000001", false },
	{ KIND_UUID, false, false, "{0199a000-0000-7000-8000-000000000001}", false },
	{ KIND_UUID, false, false, "0199a000-0000-7000-8000-00000000000g", false },
	{ KIND_UUID, false, false, "0199a000-0000-7000-8000-0000000000011", false },
	{ KIND_UUID, false, false, "", false },
	{ KIND_INT, false, false, "0", true },
	{ KIND_INT, false, false, "-1", true },
	{ KIND_INT, false, false, "9223372036854775807", true },
	{ KIND_INT, false, false, "9223372036854775808", false },
	{ KIND_INT, false, false, "-9223372036854775808", true },
	{ KIND_INT, false, false, "-9223372036854775809", false },
	{ KIND_INT, false, false, "007", false },
	{ KIND_INT, false, false, "-0", false },
	{ KIND_INT, false, false, "+1", false },
	{ KIND_INT, false, false, " 1", false },
	{ KIND_INT, false, false, "1e3", false },
	{ KIND_INT, false, false, "1.0", false },
	{ KIND_INT, false, false, "", false },
	{ KIND_INT, true, false, "2147483647", true },
	{ KIND_INT, true, false, "2147483648", false },
	{ KIND_INT, true, false, "-2147483648", true },
	{ KIND_INT, true, false, "-2147483649", false },
	{ KIND_INT, false, true, "32767", true },
	{ KIND_INT, false, true, "32768", false },
	{ KIND_TEXT, false, false, "DE", true },
	{ KIND_TEXT, false, false, "'; DROP TABLE users; --", true },
	{ KIND_TEXT, false, false, "", false },
};

static void
keys_are_read_or_refused(void)
{
	struct arena *a = arena_new(1 << 20);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct column column = { .json = "id",
			.kind = rows[i].kind,
			.integer = rows[i].integer,
			.smallint = rows[i].smallint };
		struct problem p;
		const struct value *value;

		problem_init(&p, a);
		value = value_read(&column, rows[i].text, "/path/id", a, &p);
		ASSERT_ROW(rows[i].text, (value != NULL) == rows[i].ok);
		if (value != NULL) {
			ASSERT_ROW(rows[i].text, strcmp(value->bytes, rows[i].text) == 0);
			continue;
		}
		ASSERT_ROW(rows[i].text, p.code == PROBLEM_INVALID && p.fault_count == 1);
		ASSERT_ROW(rows[i].text, strcmp(p.faults->pointer, "/path/id") == 0);
	}
	arena_free(a);
}

void
suite_values(void)
{
	static const struct test_row tests[] = {
		{ "keys are read or refused", keys_are_read_or_refused },
	};

	unit_suite("values", tests, sizeof(tests) / sizeof(tests[0]));
}
