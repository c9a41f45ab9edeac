/* SPDX-License-Identifier: BSD-2-Clause */
/* operators.c - the table of operators */
#include "database/operators.h"

#include <assert.h>
#include <string.h>

#include "database/sqltext.h"

static const struct {
	const char *word;
	enum operands operands;
	const char *before, *between, *after; /* subject and parameter; NULL: nothing */
} operators[] = {
	[OPERATOR_EQ] = { "$eq", OPERANDS_ONE, NULL, " = ", NULL },
	[OPERATOR_NE] = { "$ne", OPERANDS_ONE, NULL, " IS DISTINCT FROM ", NULL },
	[OPERATOR_GT] = { "$gt", OPERANDS_ONE, NULL, " > ", NULL },
	[OPERATOR_GTE] = { "$gte", OPERANDS_ONE, NULL, " >= ", NULL },
	[OPERATOR_LT] = { "$lt", OPERANDS_ONE, NULL, " < ", NULL },
	[OPERATOR_LTE] = { "$lte", OPERANDS_ONE, NULL, " <= ", NULL },
	[OPERATOR_IN] = { "$in", OPERANDS_LIST, NULL, " = ANY (", ")" },
	[OPERATOR_NIN] = { "$nin", OPERANDS_LIST, "(", " = ANY (", ")) IS NOT TRUE" },
	[OPERATOR_ILIKE] = { "$ilike", OPERANDS_ONE, NULL, " ILIKE ", NULL },
	[OPERATOR_BTW] = { "$btw", OPERANDS_TWO, NULL, " BETWEEN ", NULL },
	[OPERATOR_NULL] = { "$null", OPERANDS_NONE, NULL, " IS NULL", NULL },
	[OPERATOR_NOT_NULL] = { "$not:null", OPERANDS_NONE, NULL, " IS NOT NULL", NULL },
	[OPERATOR_LIKE] = { "$like", OPERANDS_ONE, NULL, " LIKE ", NULL },
	[OPERATOR_STARTS] = { "$starts", OPERANDS_ONE, NULL, " ^@ ", NULL },
	[OPERATOR_ENDS] = { "$ends", OPERANDS_ONE, NULL, " LIKE ", NULL },
	[OPERATOR_CONTAINS] = { "$contains", OPERANDS_ONE, NULL, " LIKE ", NULL },
	[OPERATOR_HAS] = { "$has", OPERANDS_ONE, NULL, " @> ", NULL },
	[OPERATOR_HAS_SOME] = { "$hasSome", OPERANDS_LIST, NULL, " && ", NULL },
	[OPERATOR_HAS_EVERY] = { "$hasEvery", OPERANDS_LIST, NULL, " @> ", NULL },
	[OPERATOR_IS_EMPTY] = { "$isEmpty", OPERANDS_NONE, "cardinality(", ") = 0", NULL },
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

static void
put(struct sqltext *t, const char *piece)
{
	if (piece != NULL)
		sqltext_literal_(t, piece, strlen(piece));
}

void
sqltext_operator(struct sqltext *t, enum operator op)
{
	assert(op < OPERATOR__MAX);
	put(t, operators[op].between);
}

void
sqltext_operator_begin(struct sqltext *t, enum operator op)
{
	assert(op < OPERATOR__MAX);
	put(t, operators[op].before);
}

void
sqltext_operator_end(struct sqltext *t, enum operator op)
{
	assert(op < OPERATOR__MAX);
	put(t, operators[op].after);
}
