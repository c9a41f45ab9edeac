/* SPDX-License-Identifier: BSD-2-Clause */
/* emit.c - the tree as SQL
 *
 * One canonical form: predicates parenthesised, every name quoted, every table qualified and with
 * its own alias and its own tenant predicate (reference/scaling.md 3). JSON is built by json
 * functions, never jsonb, which reorders keys and costs more (limits.md 2). The drawing above each
 * function is the SQL it writes. */
#include <assert.h>
#include <stddef.h>

#include "base/problem.h"
#include "compiler/query.h"
#include "compiler/stage_types.h"
#include "compiler/stages.h"
#include "database/sqltext.h"
#include "database/unit.h"

/*	t0."title" */
static void
put_column(struct sqltext *t, const struct query *q, const struct column *column)
{
	sqltext_alias(t, 't', q->number);
	sqltext_literal(t, ".");
	sqltext_name(t, column->sql);
}

/*	CASE WHEN t0.c BETWEEN '0001-...' AND '9999-...' THEN to_char(t0.c AT TIME ZONE 'UTC',
 * '...') ELSE t0.c::text END
 *
 * RFC 3339 has four-digit years; infinity and years before 1 leave as PostgreSQL writes them. */
static void
put_instant(struct sqltext *t, const struct query *q, const struct column *column)
{
	bool zone = column->kind == KIND_INSTANT;

	sqltext_literal(t, "CASE WHEN ");
	put_column(t, q, column);
	if (zone)
		sqltext_literal(t,
		    " BETWEEN '0001-01-01 00:00:00+00'::timestamptz AND "
		    "'9999-12-31 23:59:59.999+00'::timestamptz THEN to_char(");
	else
		sqltext_literal(t,
		    " BETWEEN '0001-01-01 00:00:00'::timestamp AND "
		    "'9999-12-31 23:59:59.999'::timestamp THEN to_char(");
	put_column(t, q, column);
	if (zone)
		sqltext_literal(
		    t, " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') ELSE ");
	else
		sqltext_literal(t, ", 'YYYY-MM-DD\"T\"HH24:MI:SS.MS') ELSE ");
	put_column(t, q, column);
	sqltext_literal(t, "::text END");
}

/* A column as JSON will show it. row_to_json writes numbers, booleans, json and arrays as such and
 * the rest as strings. */
static void
put_shown(struct sqltext *t, const struct query *q, const struct column *column)
{
	if (column->kind == KIND_INSTANT || column->kind == KIND_TIMESTAMP)
		put_instant(t, q, column);
	else
		put_column(t, q, column);
	sqltext_literal(t, " AS ");
	sqltext_name(t, column->label);
}

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
		put_shown(t, q, &q->model->columns[i]);
		first = false;
	}
}

static void
put_predicate(struct sqltext *t, const struct query *q, const struct predicate *predicate)
{
	switch (predicate->kind) {
	case PREDICATE_COMPARE:
		sqltext_literal(t, "(");
		put_column(t, q, predicate->column);
		sqltext_operator(t, predicate->operator);
		sqltext_param(t, predicate->value);
		sqltext_literal(t, ")");
		break;
	case PREDICATE_NULL:
		sqltext_literal(t, "(");
		put_column(t, q, predicate->column);
		sqltext_literal(t, " IS NULL)");
		break;
	case PREDICATE_FALSE: sqltext_literal(t, "(false)"); break;
	}
}

/*	 FROM "public"."posts" AS t0 WHERE (t0."tenant_id" = $1::uuid) AND (t0."deleted_at" IS NULL)
 * AND ... */
static void
put_from_where(struct sqltext *t, const struct query *q)
{
	const struct predicate *predicate = q->where;

	/* A tenant's table without its tenant must be impossible, not unlikely. */
	assert((q->model->tenancy == TENANCY_TENANT) == (q->tenant != NULL));
	sqltext_literal(t, " FROM ");
	sqltext_name(t, q->model->sql);
	sqltext_literal(t, " AS ");
	sqltext_alias(t, 't', q->number);
	if (q->tenant != NULL) {
		sqltext_literal(t, " WHERE (");
		put_column(t, q, q->model->tenant);
		sqltext_operator(t, OPERATOR_EQ);
		sqltext_param(t, q->tenant);
		sqltext_literal(t, ")");
	} else {
		sqltext_literal(t, " WHERE (true)");
	}
	for (; predicate != NULL; predicate = predicate->next) {
		sqltext_literal(t, " AND ");
		put_predicate(t, q, predicate);
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
		put_column(t, q, q->sort[i].column);
		if (q->sort[i].descending)
			sqltext_literal(t, " DESC");
		put_nulls(t, q, q->sort[i].column);
	}
}

/*	SELECT row_to_json(r) FROM (SELECT columns FROM ... WHERE ...) AS r */
static void
put_row(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, "SELECT row_to_json(r) FROM (SELECT ");
	put_shown_columns(t, q);
	put_from_where(t, q);
	sqltext_literal(t, ") AS r");
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
	put_from_where(t, q);
	sqltext_literal(t, "), (SELECT coalesce(json_agg(r), '[]'::json) FROM (SELECT ");
	put_shown_columns(t, q);
	put_from_where(t, q);
	put_order(t, q);
	sqltext_literal(t, " LIMIT ");
	sqltext_param(t, q->limit);
	sqltext_literal(t, " OFFSET ");
	sqltext_param(t, q->offset);
	sqltext_literal(t, ") AS r)");
}

bool
emit_unit(struct unit *unit, const struct tenant_query *scoped,
    const struct expectation *expectation, struct problem *p)
{
	const struct query *q = scoped->query;
	struct sqltext *t = sqltext_new(q->arena);

	/* No conditional write without an expectation; a read has none. */
	assert(q->action == ACTION_READ && expectation == NULL);
	switch (q->shape) {
	case SHAPE_ROW: put_row(t, q); break;
	case SHAPE_PAGE: put_page(t, q); break;
	}
	return unit_add_text(unit, t, p);
}
