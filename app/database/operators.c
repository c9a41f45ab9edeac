/* SPDX-License-Identifier: BSD-2-Clause */
/* operators.c - the table of operators */
#include "database/operators.h"

#include <assert.h>
#include <string.h>

#include "database/sqltext.h"

static const struct {
	const char *word;
	enum operands operands;
	const char *sql; /* between a column and one parameter; NULL: more than that is written */
} operators[] = {
	[OPERATOR_EQ] = { "$eq", OPERANDS_ONE, " = " },
	[OPERATOR_NE] = { "$ne", OPERANDS_ONE, " IS DISTINCT FROM " },
	[OPERATOR_GT] = { "$gt", OPERANDS_ONE, " > " },
	[OPERATOR_GTE] = { "$gte", OPERANDS_ONE, " >= " },
	[OPERATOR_LT] = { "$lt", OPERANDS_ONE, " < " },
	[OPERATOR_LTE] = { "$lte", OPERANDS_ONE, " <= " },
	[OPERATOR_IN] = { "$in", OPERANDS_LIST, NULL },
	[OPERATOR_NIN] = { "$nin", OPERANDS_LIST, NULL },
	[OPERATOR_ILIKE] = { "$ilike", OPERANDS_ONE, NULL },
	[OPERATOR_BTW] = { "$btw", OPERANDS_TWO, NULL },
	[OPERATOR_NULL] = { "$null", OPERANDS_NONE, NULL },
	[OPERATOR_NOT_NULL] = { "$not:null", OPERANDS_NONE, NULL },
	[OPERATOR_LIKE] = { "$like", OPERANDS_ONE, NULL },
	[OPERATOR_STARTS] = { "$starts", OPERANDS_ONE, NULL },
	[OPERATOR_ENDS] = { "$ends", OPERANDS_ONE, NULL },
	[OPERATOR_CONTAINS] = { "$contains", OPERANDS_ONE, NULL },
	[OPERATOR_HAS] = { "$has", OPERANDS_ONE, NULL },
	[OPERATOR_HAS_SOME] = { "$hasSome", OPERANDS_LIST, NULL },
	[OPERATOR_HAS_EVERY] = { "$hasEvery", OPERANDS_LIST, NULL },
	[OPERATOR_IS_EMPTY] = { "$isEmpty", OPERANDS_NONE, NULL },
};
static_assert(COUNT_OF(operators) == OPERATOR__MAX, "a row per operator");

bool
operator_find(const char *word, enum operator* op)
{
	for (size_t i = 0; i < COUNT_OF(operators); i++)
		if (strcmp(operators[i].word, word) == 0) {
			*op = (enum operator)i;
			return true;
		}
	return false;
}

const char *operator_word(enum operator op)
{
	assert(op < OPERATOR__MAX);
	return operators[op].word;
}

enum operands operator_operands(enum operator op)
{
	assert(op < OPERATOR__MAX);
	return operators[op].operands;
}

void
sqltext_operator(struct sqltext *t, enum operator op)
{
	assert(op < OPERATOR__MAX && operators[op].sql != NULL);
	sqltext_literal_(t, operators[op].sql, strlen(operators[op].sql));
}
