/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_read.c - the statement of a read
 *
 * JSON is built by json functions, never jsonb, which reorders keys and costs more (limits.md 2).
 * The drawing above each function is the SQL it writes. */
#include "compiler/emit_read.h"

#include <assert.h>

#include "compiler/emit_groups.h"
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
	fields_lateral(t, q);
	parts_where(t, q);
}

static void
put_distinct(struct sqltext *t, const struct query *q)
{
	for (size_t i = 0; i < q->distinct_count; i++) {
		if (i > 0)
			sqltext_literal(t, ", ");
		parts_column(t, q, q->distinct[i]);
	}
}

/*	 FROM (SELECT DISTINCT ON (t0."a") t0.* FROM ... WHERE ... ORDER BY t0."a", keys) AS t0
 *
 * Of rows that are equal there, the first of the order. */
static void
put_distinct_rows(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, " FROM (SELECT DISTINCT ON (");
	put_distinct(t, q);
	sqltext_literal(t, ") ");
	sqltext_alias(t, 't', q->number);
	sqltext_literal(t, ".*");
	parts_from_where(t, q);
	sqltext_literal(t, " ORDER BY ");
	put_distinct(t, q);
	sqltext_literal(t, ", ");
	fields_sort_keys(t, q);
	sqltext_literal(t, ") AS ");
	sqltext_alias(t, 't', q->number);
}

/*	SELECT count(*) FROM ... WHERE ...
 *	SELECT count(*) FROM (SELECT DISTINCT t0."a" FROM ... WHERE ...) AS d */
static void
put_total(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, "SELECT count(*)");
	if (q->distinct_count > 0) {
		sqltext_literal(t, " FROM (SELECT DISTINCT ");
		put_distinct(t, q);
	}
	parts_from_where(t, q);
	if (q->distinct_count > 0)
		sqltext_literal(t, ") AS d");
}

/*	 FROM ... WHERE ... ORDER BY ... LIMIT $n OFFSET $m */
static void
put_page_range(struct sqltext *t, const struct query *q)
{
	if (q->distinct_count > 0)
		put_distinct_rows(t, q);
	else
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
	sqltext_literal(t, "SELECT (");
	put_total(t, q);
	sqltext_literal(t, "), (SELECT coalesce(json_agg(r), '[]'::json) FROM (SELECT ");
	fields_put(t, q);
	if (fields_has_nested(q))
		put_page_rows(t, q);
	else
		put_page_range(t, q);
	sqltext_literal(t, ") AS r)");
}

/*	SELECT row_to_json(r) FROM ... AS t0 CROSS JOIN LATERAL (SELECT columns) AS r WHERE ...
 *	 ORDER BY ... */
static void
put_objects(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, "SELECT row_to_json(r)");
	parts_from(t, q);
	fields_lateral(t, q);
	parts_where(t, q);
	fields_order(t, q);
}

/* A column as JSON shows it, without JSON's quotes. */
static void
put_cell(struct sqltext *t, const struct query *q, const struct column *column)
{
	if (column->kind == KIND_ARRAY) {
		sqltext_literal(t, "to_json(");
		parts_column(t, q, column);
		sqltext_literal(t, ")");
	} else if (column->kind == KIND_BOOL) {
		parts_column(t, q, column);
		sqltext_literal(t, "::text");
	} else {
		parts_shown(t, q, column);
	}
}

/*	SELECT t0."id" AS "id", to_json(t0."tags"), ... FROM ... WHERE ... ORDER BY ... */
static void
put_cells(struct sqltext *t, const struct query *q)
{
	bool first = true;

	assert(!fields_has_nested(q));
	sqltext_literal(t, "SELECT ");
	for (size_t i = 0; i < q->model->column_count; i++) {
		if (!fields_is_shown(q, i))
			continue;
		if (!first)
			sqltext_literal(t, ", ");
		put_cell(t, q, &q->model->columns[i]);
		first = false;
	}
	parts_from_where(t, q);
	fields_order(t, q);
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
	case SHAPE_LIST:
	case SHAPE_TEST:
	case SHAPE_COUNT:
	case SHAPE_VALUE:
	case SHAPE_LINK: break; /* only within another */
	}
}
