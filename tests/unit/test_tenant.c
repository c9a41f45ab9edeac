/* SPDX-License-Identifier: BSD-2-Clause */
/* test_tenant.c - what may name a tenant */
#include "base/tenant.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

/* 63 characters, the most that a slug has. */
#define LONGEST "abcdefghijklmnopqrstuvwxyz0123456789-abcdefghijklmnopqrstuvwxyz"

static void
ids_are_dashed_uuids(void)
{
	static const struct {
		const char *text, *id; /* NULL: it is none */
	} rows[] = {
		{ "11111111-1111-7111-8111-111111111111", "11111111-1111-7111-8111-111111111111" },
		{ "ABCDEFAB-CDEF-7abc-8DEF-ABCDEFabcdef", "abcdefab-cdef-7abc-8def-abcdefabcdef" },
		{ "00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000" },
		{ "", NULL },
		{ "11111111-1111-7111-8111-11111111111", NULL },
		{ "11111111-1111-7111-8111-1111111111111", NULL },
		{ "1111111-11111-7111-8111-111111111111", NULL },
		{ "11111111-1111-7111-8111-11111111111g", NULL },
		{ "11111111-1111-7111-8111-11111111111-", NULL },
		{ "111111111111171118111111111111111111", NULL },
		{ "11111111111171118111111111111111", NULL },
		{ "{1111111-1111-7111-8111-11111111111}", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char id[TENANT_ID_BYTES] = "";
		bool ok = tenant_read_id(rows[i].text, id);

		ASSERT_ROW(rows[i].text, ok == (rows[i].id != NULL));
		ASSERT_ROW(rows[i].text, !ok || strcmp(id, rows[i].id) == 0);
	}
}

static void
slugs_do_not_read_as_ids(void)
{
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{ "acme", true },
		{ "a", true },
		{ "0", true },
		{ "acme-2", true },
		{ "a--b", true },
		{ LONGEST, true },
		{ LONGEST "a", false },
		{ "", false },
		{ "-", false },
		{ "-acme", false },
		{ "acme-", false },
		{ "Acme", false },
		{ "acme_2", false },
		{ "acme.test", false },
		{ "acme ltd", false },
		{ "\303\251", false },
		/* From 25 digits and dashes on it was meant for an id. */
		{ "11111111-1111-7111-8111-1", false },
		{ "1111111111111111111111111", false },
		{ "111111111111111111111111", true },
		{ "11111111-1111-7111-8111-111111111111", false },
		{ "11111111-1111-7111-8111-11111111111", false },
		{ "11111111-1111-7111-8111-1111111111111", false },
		{ "1111111-1111-7111-8111-111111111111", false },
		{ "abcdefabcdef7abc8defabcdefabcdef", false },
		{ "11111111-1111-7111-8111-11111111111g", true },
		{ "dead-beef", true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ASSERT_ROW(rows[i].text, tenant_is_slug(rows[i].text) == rows[i].ok);
}

void
suite_tenant(void)
{
	static const struct test_row tests[] = {
		{ "ids are dashed uuids", ids_are_dashed_uuids },
		{ "slugs do not read as ids", slugs_do_not_read_as_ids },
	};

	unit_suite("tenant", tests, sizeof(tests) / sizeof(tests[0]));
}
