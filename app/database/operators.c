/* SPDX-License-Identifier: BSD-2-Clause */
/* operators.c - the table of operators */
#include "database/operators.h"

#include <assert.h>
#include <string.h>

#include "base/compiler.h"
#include "database/sqltext.h"

static const struct {
	const char *sql;
} operators[] = {
	[OPERATOR_EQ] = { " = " },
};
static_assert(COUNT_OF(operators) == OPERATOR__MAX, "a row per operator");

void
sqltext_operator(struct sqltext *t, enum operator op)
{
	assert(op < OPERATOR__MAX);
	sqltext_literal_(t, operators[op].sql, strlen(operators[op].sql));
}
