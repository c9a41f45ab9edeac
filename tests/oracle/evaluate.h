/* SPDX-License-Identifier: BSD-2-Clause */
/* evaluate.h - the answer that a query must have
 *
 * The rules stand in DESIGN 4, in rows P1-P22 and W39-W44 of reference/nestarc-features.md, and in
 * rowhouse-query(7). They are written out once more here, over rows in memory and in the plainest
 * way: look at each row, then sort, then cut. */
#ifndef ORACLE_EVALUATE_H
#define ORACLE_EVALUATE_H

#include "oracle/asked.h"
#include "oracle/faults.h"

struct json_object;

struct answered {
	int status;
	struct json_object *data; /* of a page an array, of a row the row; NULL: not 200 */
	size_t total;             /* of a page: rows on all pages */
};

/* data is put by the caller. */
struct answered evaluate(const struct rows *, enum fault, const struct asked *, struct pool *);

#endif
