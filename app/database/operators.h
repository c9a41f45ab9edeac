/* SPDX-License-Identifier: BSD-2-Clause */
/* operators.h - the comparisons that a query may make */
#ifndef DATABASE_OPERATORS_H
#define DATABASE_OPERATORS_H

struct sqltext;

enum operator{
	OPERATOR_EQ,
	OPERATOR__MAX,
};

/* The operator between its column and its parameter, with spaces. */
void sqltext_operator(struct sqltext *, enum operator);

#endif
