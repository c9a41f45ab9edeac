/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_read.c - the statement of a read
 *
 * JSON is built by json functions, never jsonb, which reorders keys and costs more (limits.md 2).
 * The drawing above each function is the SQL it writes. */
#include "compiler/emit_read.h"

#include <assert.h>

#include "compiler/cells.h"
#include "compiler/emit_groups.h"
#include "compiler/emit_rows.h"
#include "compiler/emit_total.h"
#include "compiler/fields.h"
#include "compiler/parts.h"
#include "compiler/query.h"
#include "compiler/ranges.h"
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
	fields_lateral(t, q);
	parts_where(t, q);
}

/*	SELECT (SELECT count(*) FROM ... WHERE ...),
 *	       (SELECT coalesce(json_agg(r), '[]'::json)
 *	          FROM (SELECT columns FROM ... WHERE ... ORDER BY ... LIMIT $n OFFSET $m) AS r)
 *
 * One statement is one snapshot: total and page agree. */
static void
put_page(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, "SELECT (");
	emit_total(t, q);
	sqltext_literal(t, "), (SELECT coalesce(json_agg(r), '[]'::json) FROM (SELECT ");
	fields_put(t, q);
	if (fields_has_nested(q)) {
		ranges_page_as_table(t, q);
		fields_order(t, q);
	} else {
		ranges_page(t, q);
	}
	sqltext_literal(t, ") AS r)");
}

/*	SELECT row_to_json(r) FROM ... AS t0 CROSS JOIN LATERAL (SELECT columns) AS r WHERE ...
 *	 ORDER BY ... */
static void
put_objects(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, "SELECT row_to_json(r)");
	ranges_all_with_fields(t, q);
	fields_order(t, q);
}

/*	SELECT t0."id" AS "id", to_json(t0."tags"), ... FROM ... WHERE ... ORDER BY ...
 *	 FOR NO KEY UPDATE
 *
 * Rows are locked in their order, behind the sort; who waited for one looks at it again. */
static void
put_cells(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, "SELECT ");
	cells_put(t, q);
	ranges_all(t, q);
	fields_order(t, q);
	if (q->locked)
		sqltext_literal(t, " FOR NO KEY UPDATE");
}

/*	SELECT t0."id"::text, t0."post_id"::text FROM ... WHERE ... ORDER BY t0."id" LIMIT $3
 *	FOR NO KEY UPDATE OF t0
 *
 * Locked in the order of ids, as cascades lock. A row that somebody else held is looked at again,
 * and is not among them when it fits no more. */
static void
put_keys(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, "SELECT ");
	parts_column(t, q, q->keys[0]);
	sqltext_literal(t, "::text");
	if (q->keys[1] != NULL) {
		sqltext_literal(t, ", ");
		parts_column(t, q, q->keys[1]);
		sqltext_literal(t, "::text");
	}
	parts_from_where(t, q);
	sqltext_literal(t, " ORDER BY ");
	parts_column(t, q, q->model->id);
	if (q->limit != NULL) {
		sqltext_literal(t, " LIMIT ");
		sqltext_param(t, q->limit);
	}
	switch (q->locking) {
	case LOCKING_NONE: return;
	case LOCKING_POINT: sqltext_literal(t, " FOR KEY SHARE OF "); break;
	case LOCKING_CHANGE: sqltext_literal(t, " FOR NO KEY UPDATE OF "); break;
	case LOCKING_DELETE: sqltext_literal(t, " FOR UPDATE OF "); break;
	}
	sqltext_alias(t, 't', q->number);
}

void
emit_read(struct sqltext *t, const struct query *q)
{
	assert(q->outer == NULL);
	switch (q->shape) {
	case SHAPE_ROW: put_row(t, q); break;
	case SHAPE_PAGE: put_page(t, q); break;
	case SHAPE_ROWS: emit_rows(t, q); break;
	case SHAPE_GROUPS:
	case SHAPE_TOTALS: emit_groups(t, q); break;
	case SHAPE_OBJECTS: put_objects(t, q); break;
	case SHAPE_CELLS: put_cells(t, q); break;
	case SHAPE_KEYS: put_keys(t, q); break;
	case SHAPE_LIST:
	case SHAPE_TEST:
	case SHAPE_COUNT:
	case SHAPE_VALUE:
	case SHAPE_LINK: break; /* only within another */
	}
}
