/* SPDX-License-Identifier: BSD-2-Clause */
/* test_principal.c - what scopes reach */
#include "base/principal.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

static const struct {
	const char *scopes, *model;
	bool writing, reached;
} rows[] = {
	{ NULL, "posts", true, true }, /* a user has none: the role decides */
	{ "", "posts", false, false },
	{ "posts:read", "posts", false, true },
	{ "posts:read", "posts", true, false },
	{ "posts:write", "posts", true, true },
	{ "posts:write", "posts", false, true }, /* writing implies reading */
	{ "posts:read", "post", false, false },
	{ "post:read", "posts", false, false },
	{ "*:read", "posts", false, true },
	{ "*:read", "posts", true, false },
	{ "*:write", "order-items", true, true },
	{ "comments:read posts:read", "posts", false, true },
	{ "comments:read posts:read", "users", false, false },
	{ "posts", "posts", false, false },
	{ "posts:", "posts", false, false },
	{ "posts:reader", "posts", false, false },
	{ "posts:readposts:write", "posts", true, false },
	{ " posts:read", "posts", false, true },
	{ "**:read", "posts", false, false },
};

static void
scopes_reach_what_they_name(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct principal who = { .type = PRINCIPAL_API_KEY, .scopes = rows[i].scopes };

		ASSERT_ROW(rows[i].scopes != NULL ? rows[i].scopes : "(none)",
		    principal_in_scope(&who, rows[i].model, rows[i].writing) == rows[i].reached);
	}
}

static void
types_have_words(void)
{
	CU_ASSERT_STRING_EQUAL(principal_type_word(PRINCIPAL_ANONYMOUS), "anonymous");
	CU_ASSERT_STRING_EQUAL(principal_type_word(PRINCIPAL_USER), "user");
	CU_ASSERT_STRING_EQUAL(principal_type_word(PRINCIPAL_API_KEY), "api_key");
	CU_ASSERT_STRING_EQUAL(principal_type_word(PRINCIPAL_SYSTEM), "system");
}

void
suite_principal(void)
{
	static const struct test_row tests[] = {
		{ "scopes reach what they name", scopes_reach_what_they_name },
		{ "types have words", types_have_words },
	};

	unit_suite("principal", tests, sizeof(tests) / sizeof(tests[0]));
}
