/* SPDX-License-Identifier: BSD-2-Clause */
/* test_csv.c - cells and rows */
#include "formats/csv.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/text.h"
#include "unit.h"

static void
cells(void)
{
	static const struct {
		const char *cell, *wanted;
	} rows[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "a,b", "\"a,b\"" },
		{ "say \"hi\"", "\"say \"\"hi\"\"\"" },
		{ "two\nlines", "\"two\nlines\"" },
		{ "\r", "\"\r\"" },
		{ "=1+1", "'=1+1" },
		{ "+1", "'+1" },
		{ "@SUM(A1)", "'@SUM(A1)" },
		{ "-A1", "'-A1" },
		{ " =1", "' =1" },
		{ "\t=1", "'\t=1" },
		{ "\n=HYPERLINK(\"x\")", "\"'\n=HYPERLINK(\"\"x\"\")\"" },
		{ "-", "'-" },
		{ "-5", "-5" },
		{ "-5.25", "-5.25" },
		{ "-1e-07", "-1e-07" },
		{ "-1e", "'-1e" },
		{ "-1+cmd", "'-1+cmd" },
		{ "-5 ", "'-5 " },
		{ "a=b", "a=b" },
		{ "\xe2\x82\xac", "\xe2\x82\xac" },
	};
	struct arena *arena = arena_new(1 << 20);

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct text out;
		struct csv csv;

		text_init(&out, arena, 1000);
		csv_init(&csv, &out);
		csv_cell(&csv, rows[i].cell, strlen(rows[i].cell));
		ASSERT_ROW(rows[i].cell, strcmp(out.bytes, rows[i].wanted) == 0);
	}
	arena_free(arena);
}

static void
rows_end_in_cr_lf(void)
{
	struct arena *arena = arena_new(1 << 20);
	struct text out;
	struct csv csv;

	text_init(&out, arena, 1000);
	csv_init(&csv, &out);
	csv_cell(&csv, "a", 1);
	csv_cell(&csv, NULL, 0);
	csv_cell(&csv, "b", 1);
	csv_end_row(&csv);
	csv_cell(&csv, "c", 1);
	csv_end_row(&csv);
	CU_ASSERT_STRING_EQUAL(out.bytes, "a,,b\r\nc\r\n");
	arena_free(arena);
}

void
suite_csv(void)
{
	static const struct test_row tests[] = {
		{ "cells", cells },
		{ "rows end in CR LF", rows_end_in_cr_lf },
	};

	unit_suite("csv", tests, sizeof(tests) / sizeof(tests[0]));
}
