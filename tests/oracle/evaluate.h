/* SPDX-License-Identifier: BSD-2-Clause */
/* evaluate.h - the answer that a query must have
 *
 * The rules stand in DESIGN 4, in rows P1-P22 and W39-W44 of reference/nestarc-features.md, and in
 * rowhouse-query(7). They are written out once more here, over rows in memory and in the plainest
 * way: look at each row, then sort, then cut. */
#ifndef ORACLE_EVALUATE_H
#define ORACLE_EVALUATE_H

#include "oracle/asked.h"

struct json_object;

/* Mistakes that a program could make. An evaluator that makes one on purpose must be told apart
 * from the right one by few queries; otherwise the comparison would not see a program that does. */
enum fault {
	FAULT_NONE,
	FAULT_TENANT_LEAK,        /* rows of the other tenant */
	FAULT_DELETED_SHOWN,      /* deleted rows in lists and by id */
	FAULT_OWNER_IGNORED,      /* rows that belong to somebody else */
	FAULT_TIES_REVERSED,      /* the tie-breaker the other way round */
	FAULT_NULLS_SMALLEST,     /* NULLs first where the model says nothing */
	FAULT_NULL_SORT_IGNORED,  /* NULLs as largest where the model says otherwise */
	FAULT_NUMERIC_AS_DOUBLE,  /* 99999999999999.9998 is 99999999999999.9999 */
	FAULT_INSTANT_CUT,        /* compared by milliseconds, as shown */
	FAULT_TEXT_FOLDED,        /* sorted whatever the case */
	FAULT_DIRECTION_OF_FIRST, /* all keys in the direction of the first */
	FAULT_PAGE_OFF_BY_ONE,    /* the first row of a later page is left out */
	FAULT_TOTAL_WITH_DELETED, /* deleted rows are counted, though not shown */
	FAULT_DEFAULT_SORT,       /* no sortBy, no order but the key's */
	FAULT__MAX,
};

const char *fault_name(enum fault) __attribute__((returns_nonnull));

struct answered {
	int status;
	struct json_object *data; /* of a page an array, of a row the row; NULL: not 200 */
	size_t total;             /* of a page: rows on all pages */
};

/* data is put by the caller. */
struct answered evaluate(const struct rows *, enum fault, const struct asked *, struct pool *);

#endif
