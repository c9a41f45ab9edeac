/* SPDX-License-Identifier: BSD-2-Clause */
/* parts.c - columns, tables and conditions as SQL */
#include "compiler/parts.h"

#include <assert.h>
#include <stddef.h>

#include "compiler/query.h"
#include "database/sqltext.h"

/*	t0."title" */
void
parts_column(struct sqltext *t, const struct query *q, const struct column *column)
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
	parts_column(t, q, column);
	if (zone)
		sqltext_literal(t,
		    " BETWEEN '0001-01-01 00:00:00+00'::timestamptz AND "
		    "'9999-12-31 23:59:59.999+00'::timestamptz THEN to_char(");
	else
		sqltext_literal(t,
		    " BETWEEN '0001-01-01 00:00:00'::timestamp AND "
		    "'9999-12-31 23:59:59.999'::timestamp THEN to_char(");
	parts_column(t, q, column);
	if (zone)
		sqltext_literal(
		    t, " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') ELSE ");
	else
		sqltext_literal(t, ", 'YYYY-MM-DD\"T\"HH24:MI:SS.MS') ELSE ");
	parts_column(t, q, column);
	sqltext_literal(t, "::text END");
}

/* A column as JSON will show it. row_to_json writes numbers, booleans, json and arrays as such and
 * the rest as strings. */
void
parts_shown(struct sqltext *t, const struct query *q, const struct column *column)
{
	if (column->kind == KIND_INSTANT || column->kind == KIND_TIMESTAMP)
		put_instant(t, q, column);
	else
		parts_column(t, q, column);
	sqltext_literal(t, " AS ");
	sqltext_name(t, column->label);
}

static void
put_predicate(struct sqltext *t, const struct query *q, const struct predicate *predicate)
{
	switch (predicate->kind) {
	case PREDICATE_COMPARE:
		sqltext_literal(t, "(");
		parts_column(t, q, predicate->column);
		sqltext_operator(t, predicate->operator);
		sqltext_param(t, predicate->value);
		sqltext_literal(t, ")");
		break;
	case PREDICATE_NULL:
		sqltext_literal(t, "(");
		parts_column(t, q, predicate->column);
		sqltext_literal(t, " IS NULL)");
		break;
	case PREDICATE_FALSE: sqltext_literal(t, "(false)"); break;
	}
}

/*	 FROM "public"."posts" AS t0 */
void
parts_from(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, " FROM ");
	sqltext_name(t, q->model->sql);
	sqltext_literal(t, " AS ");
	sqltext_alias(t, 't', q->number);
}

/*	 WHERE (t0."tenant_id" = $1::uuid) AND (t0."deleted_at" IS NULL) AND ... */
void
parts_where(struct sqltext *t, const struct query *q)
{
	const struct predicate *predicate = q->where;

	/* A tenant's table without its tenant must be impossible, not unlikely. */
	assert((q->model->tenancy == TENANCY_TENANT) == (q->tenant != NULL));
	if (q->tenant != NULL) {
		sqltext_literal(t, " WHERE (");
		parts_column(t, q, q->model->tenant);
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

void
parts_from_where(struct sqltext *t, const struct query *q)
{
	parts_from(t, q);
	parts_where(t, q);
}
