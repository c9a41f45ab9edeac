/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_read.c - the statement of a read
 *
 * JSON is built by json functions, never jsonb, which reorders keys and costs more (limits.md 2).
 * The drawing above each function is the SQL it writes. */
#include "compiler/emit_read.h"

#include "compiler/parts.h"
#include "compiler/query.h"
#include "database/sqltext.h"

/* The tenant is the request's own, and of a row that is shown nothing was deleted. */
static bool
is_shown(const struct column *column)
{
	switch (column->role) {
	case ROLE_TENANT:
	case ROLE_DELETED_AT:
	case ROLE_DELETED_BY:
	case ROLE_DELETION_ID: return false;
	case ROLE_NONE:
	case ROLE_ID:
	case ROLE_CREATED_AT:
	case ROLE_UPDATED_AT:
	case ROLE_VERSION:
	case ROLE__MAX: break;
	}
	return !column->hidden;
}

/*	t0."id" AS "id", t0."title" AS "title", ... */
static void
put_shown_columns(struct sqltext *t, const struct query *q)
{
	bool first = true;

	for (size_t i = 0; i < q->model->column_count; i++) {
		if (!is_shown(&q->model->columns[i]))
			continue;
		if (!first)
			sqltext_literal(t, ", ");
		parts_shown(t, q, &q->model->columns[i]);
		first = false;
	}
}

static void
put_nulls(struct sqltext *t, const struct query *q, const struct column *column)
{
	/* On a NOT NULL column the words would change nothing but keep an index from being used. */
	if (column->not_null)
		return;
	switch (q->model->nulls) {
	case NULLS_STANDARD: break;
	case NULLS_FIRST: sqltext_literal(t, " NULLS FIRST"); break;
	case NULLS_LAST: sqltext_literal(t, " NULLS LAST"); break;
	}
}

/*	 ORDER BY t0."created_at" DESC, t0."id" DESC */
static void
put_order(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, " ORDER BY ");
	for (size_t i = 0; i < q->sort_count; i++) {
		if (i > 0)
			sqltext_literal(t, ", ");
		parts_column(t, q, q->sort[i].column);
		if (q->sort[i].descending)
			sqltext_literal(t, " DESC");
		put_nulls(t, q, q->sort[i].column);
	}
}

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
	put_shown_columns(t, q);
	sqltext_literal(t, ") AS r");
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
	sqltext_literal(t, "SELECT (SELECT count(*)");
	parts_from_where(t, q);
	sqltext_literal(t, "), (SELECT coalesce(json_agg(r), '[]'::json) FROM (SELECT ");
	put_shown_columns(t, q);
	parts_from_where(t, q);
	put_order(t, q);
	sqltext_literal(t, " LIMIT ");
	sqltext_param(t, q->limit);
	sqltext_literal(t, " OFFSET ");
	sqltext_param(t, q->offset);
	sqltext_literal(t, ") AS r)");
}

void
emit_read(struct sqltext *t, const struct query *q)
{
	switch (q->shape) {
	case SHAPE_ROW: put_row(t, q); break;
	case SHAPE_PAGE: put_page(t, q); break;
	}
}
