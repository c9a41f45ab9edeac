/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sqltext.c - text and parameters side by side; run-time text does not compile */
#include "database/sqltext.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "database/sqlstate.h"
#include "unit.h"

static void
values_become_parameters(void)
{
	struct arena *a = arena_new(1 << 20);
	struct sqltext *t = sqltext_new(a);
	struct value *tenant = value_new(a, SQLTYPE_UUID, "11111111-1111-7111-8111-111111111111");
	struct value *evil = value_new(a, SQLTYPE_TEXT, "'; DROP TABLE users; --");
	struct problem p;
	const struct statement *s;

	problem_init(&p, a);
	sqltext_literal(t, "SELECT ");
	sqltext_param(t, tenant);
	sqltext_literal(t, ", ");
	sqltext_param(t, evil);
	sqltext_literal(t, ", ");
	sqltext_param(t, tenant);
	sqltext_literal(t, ", ");
	sqltext_param(t, value_int(a, INT64_MIN));
	sqltext_literal(t, ", ");
	sqltext_param(t, value_new(a, SQLTYPE_BOOL, NULL));
	sqltext_literal(t, " FROM x AS ");
	sqltext_alias(t, 't', 12);
	s = sqltext_statement(t, &p);
	CU_ASSERT_FATAL(s != NULL);
	CU_ASSERT_STRING_EQUAL(
	    s->text, "SELECT $1::uuid, $2::text, $1::uuid, $3::int8, $4::bool FROM x AS t12");
	CU_ASSERT_EQUAL(s->text_len, strlen(s->text));
	CU_ASSERT_EQUAL(s->param_count, 4);
	CU_ASSERT_STRING_EQUAL(s->params[1], "'; DROP TABLE users; --");
	CU_ASSERT_STRING_EQUAL(s->params[2], "-9223372036854775808");
	CU_ASSERT(s->params[3] == NULL);
	arena_free(a);
}

static void
many_parameters_are_numbered(void)
{
	struct arena *a = arena_new(4 << 20);
	struct sqltext *t = sqltext_new(a);
	struct problem p;
	const struct statement *s;

	problem_init(&p, a);
	for (int i = 0; i < 1000; i++)
		sqltext_param(t, value_int(a, i));
	s = sqltext_statement(t, &p);
	CU_ASSERT_FATAL(s != NULL);
	CU_ASSERT_EQUAL(s->param_count, 1000);
	CU_ASSERT_STRING_EQUAL(s->params[999], "999");
	CU_ASSERT_STRING_EQUAL(s->text + s->text_len - 11, "$1000::int8");
	arena_free(a);
}

static void
the_text_is_bounded(void)
{
	struct arena *a = arena_new(16 << 20);
	struct sqltext *t = sqltext_new(a);
	struct problem p;

	problem_init(&p, a);
	for (int i = 0; i <= LIMIT_STATEMENT_TEXT_BYTES / 16; i++)
		sqltext_literal(t, "0123456789abcdef");
	CU_ASSERT(sqltext_statement(t, &p) == NULL);
	CU_ASSERT_EQUAL(p.code, PROBLEM_TOO_LARGE);
	arena_free(a);
}

void
suite_sqltext(void)
{
	static const struct test_row tests[] = {
		{ "values become parameters", values_become_parameters },
		{ "many parameters are numbered", many_parameters_are_numbered },
		{ "the text is bounded", the_text_is_bounded },
	};

	unit_suite("sqltext", tests, sizeof(tests) / sizeof(tests[0]));
}

static const struct {
	const char *state;
	enum problem_code code;
} states[] = {
	{ "RHEPO", PROBLEM_EPOCH },
	{ "RH404", PROBLEM_NO_ROW },
	{ "RH403", PROBLEM_FORBIDDEN },
	{ "23505", PROBLEM_CONFLICT },
	{ "23503", PROBLEM_CONFLICT },
	{ "23502", PROBLEM_VALUE },
	{ "23514", PROBLEM_VALUE },
	{ "22P02", PROBLEM_VALUE },
	{ "54000", PROBLEM_VALUE },
	{ "40001", PROBLEM_RETRY },
	{ "40P01", PROBLEM_RETRY },
	{ "55P03", PROBLEM_BUSY },
	{ "57014", PROBLEM_BUSY },
	{ "57P01", PROBLEM_UNAVAILABLE },
	{ "08006", PROBLEM_UNAVAILABLE },
	{ "53300", PROBLEM_UNAVAILABLE },
	{ "42501", PROBLEM_INTERNAL },
	{ "42704", PROBLEM_INTERNAL },
	{ "XX000", PROBLEM_INTERNAL },
	{ "25P02", PROBLEM_INTERNAL },
	{ "P0001", PROBLEM_INTERNAL },
};

static void
states_have_their_problem(void)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		ASSERT_ROW(states[i].state, sqlstate_problem(states[i].state) == states[i].code);
}

void
suite_sqlstate(void)
{
	static const struct test_row tests[] = {
		{ "states have their problem", states_have_their_problem },
	};

	unit_suite("sqlstate", tests, sizeof(tests) / sizeof(tests[0]));
}
