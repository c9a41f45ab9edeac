/* SPDX-License-Identifier: BSD-2-Clause */
/* test_http.c - words of HTTP that are read: lists of entity tags and of types */
#include "formats/http.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

static void
tags_are_found_in_lists(void)
{
	static const struct {
		const char *list, *etag;
		bool listed;
	} rows[] = {
		{ "\"v1\"", "\"v1\"", true },
		{ "\"v1\"", "\"v2\"", false },
		{ "\"v1\"", "\"v11\"", false },
		{ "\"v11\"", "\"v1\"", false },
		{ "W/\"v1\"", "\"v1\"", true },
		{ "w/\"v1\"", "\"v1\"", false }, /* case-sensitive (RFC 9110, 8.8.3) */
		{ "\"a\", \"b\",W/\"c\"", "\"c\"", true },
		{ "\"a\" ,\t\"b\"", "\"b\"", true },
		{ " , ,\"a\"", "\"a\"", true }, /* empty elements are taken (5.6.1.2) */
		{ "\"a,\\\"", "\"a,\\\"",
		    true }, /* neither comma nor backslash is special within */
		{ "\"a,b\"", "\"b\"", false },
		{ "*", "\"a\"", true },
		{ " * ", "\"a\"", true },
		{ "*, \"b\"", "\"a\"", false },
		{ "\"*\"", "\"a\"", false },
		{ "", "\"a\"", false },
		{ "a", "\"a\"", false },
		{ "\"a", "\"a\"", false },
		{ "\"b\"\"a\"", "\"a\"", false },
		{ "\"b\"; \"a\"", "\"a\"", false },
		{ "x, \"a\"", "\"a\"", false },
		{ "\"\"", "\"\"", true },
		{ "W/", "\"\"", false },
		{ "\"", "\"\"", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ASSERT_ROW(
		    rows[i].list, http_etag_listed(rows[i].list, rows[i].etag) == rows[i].listed);
}

static void
types_are_weighed(void)
{
	static const struct {
		const char *accept, *type;
		unsigned quality;
	} rows[] = {
		{ "text/csv", "text/csv", 1000 },
		{ "TEXT/CSV", "text/csv", 1000 },
		{ "text/csvx", "text/csv", 0 },
		{ "text/*", "text/csv", 1000 },
		{ "text/*", "application/json", 0 },
		{ "*/*;q=0.3", "application/json", 300 },
		{ "text/csv;q=0.25", "text/csv", 250 },
		{ "text/csv ; charset=utf-8 ; q=0.5", "text/csv", 500 },
		{ "text/csv;q=0", "text/csv", 0 },
		{ "text/csv;q=1.0", "text/csv", 1000 },
		{ "text/csv;q=0.1239", "text/csv", 123 },
		{ "text/csv;q=9", "text/csv", 1000 },
		/* The most specific range decides, wherever it stands (RFC 9110, 12.5.1). */
		{ "*/*;q=0.1, text/*;q=0.2, text/csv;q=0.3", "text/csv", 300 },
		{ "text/csv;q=0, text/*, */*", "text/csv", 0 },
		{ "text/*;q=0.2, */*;q=0.9", "text/csv", 200 },
		{ "", "text/csv", 0 },
		{ ",,", "text/csv", 0 },
		{ "*", "text/csv", 0 },
		{ "text/csv;charset=x", "text/csv", 1000 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ASSERT_ROW(
		    rows[i].accept, http_quality(rows[i].accept, rows[i].type) == rows[i].quality);
}

void
suite_http(void)
{
	static const struct test_row tests[] = {
		{ "tags are found in lists", tags_are_found_in_lists },
		{ "types are weighed", types_are_weighed },
	};

	unit_suite("http", tests, sizeof(tests) / sizeof(tests[0]));
}
