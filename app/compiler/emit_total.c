/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_total.c - counting rows, or asking the planner
 *
 * Counting reads every row that is counted. An estimate counts a bounded number of them, so that
 * the totals of small lists are right, and asks for the planner's figure in the same flush: EXPLAIN
 * takes parameters like any other statement, and plans with their values. */
#include "compiler/emit_total.h"

#include "base/limits.h"
#include "compiler/parts.h"
#include "compiler/query.h"
#include "compiler/ranges.h"
#include "database/sqltext.h"

/*	 FROM ... WHERE ...
 *	 DISTINCT t0."a" FROM ... WHERE ... */
static void
put_counted(struct sqltext *t, const struct query *q)
{
	if (q->distinct_count > 0) {
		sqltext_literal(t, " DISTINCT ");
		ranges_distinct(t, q);
	}
	parts_from_where(t, q);
}

/*	SELECT count(*) FROM ... WHERE ...
 *	SELECT count(*) FROM (SELECT DISTINCT t0."a" FROM ... WHERE ...) AS c
 *	SELECT count(*) FROM (SELECT FROM ... WHERE ... LIMIT $n) AS c */
void
emit_total(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, "SELECT count(*)");
	if (q->counting == COUNTING_EXACT && q->distinct_count == 0) {
		parts_from_where(t, q);
		return;
	}
	sqltext_literal(t, " FROM (SELECT");
	put_counted(t, q);
	if (q->counting != COUNTING_EXACT) {
		sqltext_literal(t, " LIMIT ");
		sqltext_param(t, value_int(q->arena, LIMIT_COUNTED + 1));
	}
	sqltext_literal(t, ") AS c");
}

/*	EXPLAIN (FORMAT JSON) SELECT FROM ... WHERE ... */
void
emit_estimate(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, "EXPLAIN (FORMAT JSON) SELECT");
	put_counted(t, q);
}
