/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_groups.c - the statement of an aggregate
 *
 * The groups come first, as rows g of columns g0, g1, ... (what they are equal in) and a0, a1, ...
 * (their values); JSON is made of those that are shown. */
#include "compiler/emit_groups.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include "compiler/aggregate.h"
#include "compiler/parts.h"
#include "compiler/query.h"
#include "compiler/where.h"
#include "database/sqltext.h"

static void
put_comma(struct sqltext *t, bool *first)
{
	if (!*first)
		sqltext_literal(t, ", ");
	*first = false;
}

void
emit_aggregate(struct sqltext *t, const struct query *q, const struct aggregate *value)
{
	switch (value->function) {
	case AGGREGATE_COUNT:
	case AGGREGATE__MAX: sqltext_literal(t, "count(*)"); return;
	case AGGREGATE_SUM: sqltext_literal(t, "sum("); break;
	case AGGREGATE_AVG: sqltext_literal(t, "avg("); break;
	case AGGREGATE_MIN: sqltext_literal(t, "min("); break;
	case AGGREGATE_MAX: sqltext_literal(t, "max("); break;
	}
	parts_column(t, q, value->column);
	sqltext_literal(t, ")");
}

static void
put_group_columns(struct sqltext *t, const struct query *q)
{
	for (size_t i = 0; i < q->grouping->column_count; i++) {
		if (i > 0)
			sqltext_literal(t, ", ");
		parts_column(t, q, q->grouping->columns[i]);
	}
}

static void
put_having(struct sqltext *t, const struct query *q)
{
	const struct predicate *p = q->grouping->having.members;

	for (bool first = true; p != NULL; p = p->next, first = false) {
		if (first)
			sqltext_literal(t, " HAVING ");
		else
			sqltext_literal(t, " AND ");
		where_put(t, q, p);
	}
}

/*	 FROM ... WHERE ... GROUP BY t0."status" HAVING (count(*) >= $2::int8)
 *	 FROM ... WHERE EXISTS (...) HAVING count(*) >= 0
 *
 * The second is always true. Where all values are min and max PostgreSQL looks for them by indexes,
 * and over conditions with sub-selects it may forget one of these (15.18: XX000, "subplan was not
 * initialized"); it does not look where any other aggregate is wanted. */
static void
put_grouped(struct sqltext *t, const struct query *q)
{
	parts_from_where(t, q);
	if (q->grouping->column_count == 0) {
		if (q->nested != NULL)
			sqltext_literal(t, " HAVING count(*) >= 0");
		return;
	}
	sqltext_literal(t, " GROUP BY ");
	put_group_columns(t, q);
	put_having(t, q);
}

/*	 FROM (SELECT t0."status" AS g0, count(*) AS a0, sum(t0."price") AS a1 ...) AS g */
static void
put_groups(struct sqltext *t, const struct query *q)
{
	const struct grouping *g = q->grouping;
	bool first = true;

	sqltext_literal(t, " FROM (SELECT ");
	for (size_t i = 0; i < g->column_count; i++) {
		put_comma(t, &first);
		parts_column(t, q, g->columns[i]);
		sqltext_literal(t, " AS ");
		sqltext_alias(t, 'g', (unsigned)i);
	}
	for (size_t i = 0; i < g->value_count; i++) {
		put_comma(t, &first);
		emit_aggregate(t, q, &g->values[i]);
		sqltext_literal(t, " AS ");
		sqltext_alias(t, 'a', (unsigned)i);
	}
	put_grouped(t, q);
	sqltext_literal(t, ") AS g");
}

/* --- JSON ------------------------------------------------------------------------------------- */

/*	g.a1 AS "price" */
static void
put_renamed(struct sqltext *t, char letter, size_t i, const struct column *column, bool *first)
{
	put_comma(t, first);
	sqltext_literal(t, "g.");
	sqltext_alias(t, letter, (unsigned)i);
	sqltext_literal(t, " AS ");
	sqltext_name(t, column->sql);
}

static bool
is_shown(const struct aggregate *value, enum aggregate_function function)
{
	return value->shown && value->function == function;
}

/*	(SELECT row_to_json(o) FROM (SELECT t0."price" AS "price", ...
 *	   FROM (SELECT g.a1 AS "price", ...) AS t0) AS o)
 *
 * Under the name of its column and the alias of its table each is shown as in a row. */
static void
put_values(struct sqltext *t, const struct query *q, enum aggregate_function function)
{
	const struct grouping *g = q->grouping;
	bool first = true;

	sqltext_literal(t, "(SELECT row_to_json(o) FROM (SELECT ");
	for (size_t i = 0; i < g->value_count; i++)
		if (is_shown(&g->values[i], function)) {
			put_comma(t, &first);
			parts_shown(t, q, g->values[i].column);
		}
	sqltext_literal(t, " FROM (SELECT ");
	first = true;
	for (size_t i = 0; i < g->value_count; i++)
		if (is_shown(&g->values[i], function))
			put_renamed(t, 'a', i, g->values[i].column, &first);
	sqltext_literal(t, ") AS ");
	sqltext_alias(t, 't', q->number);
	sqltext_literal(t, ") AS o)");
}

/*	(SELECT row_to_json(o) FROM (SELECT t0."status" AS "status"
 *	   FROM (SELECT g.g0 AS "status") AS t0) AS o) AS "group" */
static void
put_group(struct sqltext *t, const struct query *q)
{
	const struct grouping *g = q->grouping;
	bool first = true;

	sqltext_literal(t, "(SELECT row_to_json(o) FROM (SELECT ");
	for (size_t i = 0; i < g->column_count; i++) {
		put_comma(t, &first);
		parts_shown(t, q, g->columns[i]);
	}
	sqltext_literal(t, " FROM (SELECT ");
	first = true;
	for (size_t i = 0; i < g->column_count; i++)
		put_renamed(t, 'g', i, g->columns[i], &first);
	sqltext_literal(t, ") AS ");
	sqltext_alias(t, 't', q->number);
	sqltext_literal(t, ") AS o) AS \"group\"");
}

/* A function's values under its word; nothing when none is shown. */
static void
put_function(
    struct sqltext *t, const struct query *q, enum aggregate_function function, bool *first)
{
	const struct grouping *g = q->grouping;
	size_t i = 0;

	while (i < g->value_count && !is_shown(&g->values[i], function))
		i++;
	if (i == g->value_count)
		return;
	put_comma(t, first);
	if (function != AGGREGATE_COUNT) {
		put_values(t, q, function);
	} else {
		sqltext_literal(t, "g.");
		sqltext_alias(t, 'a', (unsigned)i);
	}
	switch (function) {
	case AGGREGATE_COUNT: sqltext_literal(t, " AS \"count\""); break;
	case AGGREGATE_SUM: sqltext_literal(t, " AS \"sum\""); break;
	case AGGREGATE_AVG: sqltext_literal(t, " AS \"avg\""); break;
	case AGGREGATE_MIN: sqltext_literal(t, " AS \"min\""); break;
	case AGGREGATE_MAX: sqltext_literal(t, " AS \"max\""); break;
	case AGGREGATE__MAX: break;
	}
}

static void
put_fields(struct sqltext *t, const struct query *q)
{
	bool first = true;

	if (q->grouping->column_count > 0) {
		put_comma(t, &first);
		put_group(t, q);
	}
	for (unsigned f = 0; f < AGGREGATE__MAX; f++)
		put_function(t, q, (enum aggregate_function)f, &first);
}

/*	 ORDER BY g.a0 DESC, g.g0 LIMIT $n OFFSET $m */
static void
put_order_and_limit(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, " ORDER BY ");
	for (size_t i = 0; i < q->sort_count; i++) {
		size_t place = q->grouping->order[i];

		if (i > 0)
			sqltext_literal(t, ", ");
		sqltext_literal(t, "g.");
		if (place >= LIMIT_AGGREGATES)
			sqltext_alias(t, 'g', (unsigned)(place - LIMIT_AGGREGATES));
		else
			sqltext_alias(t, 'a', (unsigned)place);
		if (q->sort[i].descending)
			sqltext_literal(t, " DESC");
	}
	sqltext_literal(t, " LIMIT ");
	sqltext_param(t, q->limit);
	sqltext_literal(t, " OFFSET ");
	sqltext_param(t, q->offset);
}

/*	SELECT row_to_json(r) FROM (SELECT fields FROM groups) AS r
 *
 *	SELECT (SELECT count(*) FROM (SELECT FROM ... GROUP BY ...) AS n),
 *	       (SELECT coalesce(json_agg(r), '[]'::json)
 *	          FROM (SELECT fields FROM groups ORDER BY ... LIMIT $n OFFSET $m) AS r) */
void
emit_groups(struct sqltext *t, const struct query *q)
{
	if (q->shape == SHAPE_TOTALS) {
		sqltext_literal(t, "SELECT row_to_json(r) FROM (SELECT ");
		put_fields(t, q);
		put_groups(t, q);
		sqltext_literal(t, ") AS r");
		return;
	}
	assert(q->shape == SHAPE_GROUPS);
	sqltext_literal(t, "SELECT (SELECT count(*) FROM (SELECT");
	put_grouped(t, q);
	sqltext_literal(t, ") AS n), (SELECT coalesce(json_agg(r), '[]'::json) FROM (SELECT ");
	put_fields(t, q);
	put_groups(t, q);
	put_order_and_limit(t, q);
	sqltext_literal(t, ") AS r)");
}
