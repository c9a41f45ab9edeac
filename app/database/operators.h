/* SPDX-License-Identifier: BSD-2-Clause */
/* operators.h - the comparisons that a query may make, by the words of the grammar
 *
 * The words are those of the nestarc pagination package (reference/nestarc-features.md, P rows) and
 * eight of ours; sql/platform/0007_model_shapes.sql has the same list for the registration. */
#ifndef DATABASE_OPERATORS_H
#define DATABASE_OPERATORS_H

#include <stdbool.h>

#include "base/compiler.h"

struct sqltext;

enum operator{
	OPERATOR_EQ,
	OPERATOR_NE, /* keeps rows where the column is NULL, as does NIN */
	OPERATOR_GT,
	OPERATOR_GTE,
	OPERATOR_LT,
	OPERATOR_LTE,
	OPERATOR_IN,
	OPERATOR_NIN,
	OPERATOR_ILIKE, /* contains, any case */
	OPERATOR_BTW,   /* both ends included */
	OPERATOR_NULL,
	OPERATOR_NOT_NULL,
	OPERATOR_LIKE, /* contains, case matters; as do the next three */
	OPERATOR_STARTS,
	OPERATOR_ENDS,
	OPERATOR_CONTAINS,
	OPERATOR_HAS, /* of arrays, from here on */
	OPERATOR_HAS_SOME,
	OPERATOR_HAS_EVERY,
	OPERATOR_IS_EMPTY,
	OPERATOR__MAX,
};

/* What an operator takes behind its word. */
enum operands {
	OPERANDS_NONE,
	OPERANDS_ONE,
	OPERANDS_TWO,
	OPERANDS_LIST, /* one or more */
};

/* By its word, "$eq"; false when there is none. */
bool operator_find(const char *word, enum operator*) MUST_CHECK;

const char *operator_word(enum operator) __attribute__((returns_nonnull));
enum operands operator_operands(enum operator);

/* What stands before what is compared, between it and the parameter (or behind it, when there is
 * none), and behind the parameter. The second parameter of OPERATOR_BTW follows the first one and
 * AND. */
void sqltext_operator_begin(struct sqltext *, enum operator);
void sqltext_operator(struct sqltext *, enum operator);
void sqltext_operator_end(struct sqltext *, enum operator);

#endif
