/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_read.c - the statement of a read
 *
 * JSON is built by json functions, never jsonb, which reorders keys and costs more (limits.md 2).
 * The drawing above each function is the SQL it writes. */
#include "compiler/emit_read.h"

#include <assert.h>

#include "compiler/emit_rows.h"
#include "compiler/fields.h"
#include "compiler/parts.h"
#include "compiler/query.h"
#include "database/sqltext.h"

/*	SELECT row_to_json(r), t0."version" FROM ... AS t0
 *	  CROSS JOIN LATERAL (SELECT columns) AS r WHERE ...
 *
 * The sub-select has no table of its own, so the planner folds it in. */
static void
put_row(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, "SELECT row_to_json(r)");
	if (q->model->version != NULL && !q->model->version->hidden) {
		sqltext_literal(t, ", ");
		parts_column(t, q, q->model->version);
	}
	parts_from(t, q);
	sqltext_literal(t, " CROSS JOIN LATERAL (SELECT ");
	fields_put(t, q);
	sqltext_literal(t, ") AS r");
	parts_where(t, q);
}

/*	 FROM ... WHERE ... ORDER BY ... LIMIT $n OFFSET $m */
static void
put_page_range(struct sqltext *t, const struct query *q)
{
	parts_from_where(t, q);
	fields_order(t, q);
	sqltext_literal(t, " LIMIT ");
	sqltext_param(t, q->limit);
	sqltext_literal(t, " OFFSET ");
	sqltext_param(t, q->offset);
}

/*	 FROM (SELECT t0.* FROM ... WHERE ... ORDER BY ... LIMIT $n OFFSET $m) AS t0 ORDER BY ...
 *
 * The rows of the page first, then what belongs to each: else the includes of all rows that are
 * passed over would be made as well. */
static void
put_page_rows(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, " FROM (SELECT ");
	sqltext_alias(t, 't', q->number);
	sqltext_literal(t, ".*");
	put_page_range(t, q);
	sqltext_literal(t, ") AS ");
	sqltext_alias(t, 't', q->number);
	fields_order(t, q);
}

/*	SELECT (SELECT count(*) FROM ... WHERE ...),
 *	       (SELECT coalesce(json_agg(r), '[]'::json)
 *	          FROM (SELECT columns FROM ... WHERE ... ORDER BY ... LIMIT $n OFFSET $m) AS r)
 *
 * One statement is one snapshot: total and page agree. */
static void
put_page(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, "SELECT (SELECT count(*)");
	parts_from_where(t, q);
	sqltext_literal(t, "), (SELECT coalesce(json_agg(r), '[]'::json) FROM (SELECT ");
	fields_put(t, q);
	if (fields_has_nested(q))
		put_page_rows(t, q);
	else
		put_page_range(t, q);
	sqltext_literal(t, ") AS r)");
}

void
emit_read(struct sqltext *t, const struct query *q)
{
	assert(q->outer == NULL);
	switch (q->shape) {
	case SHAPE_ROW: put_row(t, q); break;
	case SHAPE_PAGE: put_page(t, q); break;
	case SHAPE_ROWS: emit_rows(t, q); break;
	case SHAPE_LIST:
	case SHAPE_TEST:
	case SHAPE_COUNT:
	case SHAPE_LINK: break; /* only within another */
	}
}
