/* SPDX-License-Identifier: BSD-2-Clause */
/* test_http.c - words of HTTP that are read: lists of entity tags */
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

void
suite_http(void)
{
	static const struct test_row tests[] = {
		{ "tags are found in lists", tags_are_found_in_lists },
	};

	unit_suite("http", tests, sizeof(tests) / sizeof(tests[0]));
}
