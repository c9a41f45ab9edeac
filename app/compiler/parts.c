/* SPDX-License-Identifier: BSD-2-Clause */
/* parts.c - columns, tables and conditions as SQL */
#include "compiler/parts.h"

#include <assert.h>
#include <stddef.h>

#include "compiler/query.h"
#include "compiler/where.h"
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

/* "public"."posts" AS t0 */
static void
put_table(struct sqltext *t, const struct query *q)
{
	sqltext_name(t, q->model->sql);
	sqltext_literal(t, " AS ");
	sqltext_alias(t, 't', q->number);
}

/*	(t0."tenant_id" = $1::uuid) AND (t0."deleted_at" IS NULL) AND ... */
static void
put_stages(struct sqltext *t, const struct query *q)
{
	/* A tenant's table without its tenant must be impossible, not unlikely. */
	assert((q->model->tenancy == TENANCY_TENANT) == (q->tenant != NULL));
	if (q->tenant != NULL) {
		sqltext_literal(t, "(");
		parts_column(t, q, q->model->tenant);
		sqltext_operator(t, OPERATOR_EQ);
		sqltext_param(t, q->tenant);
		sqltext_literal(t, ")");
	} else {
		sqltext_literal(t, "(true)");
	}
	for (const struct predicate *w = q->where; w != NULL; w = w->next) {
		sqltext_literal(t, " AND ");
		where_put(t, q, w);
	}
}

/*	 AND (t1."author_id" = t0."id") */
static void
put_pairs(struct sqltext *t, const struct column_pair *pairs, size_t count, const struct query *own,
    const struct query *other)
{
	for (size_t i = 0; i < count; i++) {
		sqltext_literal(t, " AND (");
		parts_column(t, other, pairs[i].other);
		sqltext_operator(t, OPERATOR_EQ);
		parts_column(t, own, pairs[i].own);
		sqltext_literal(t, ")");
	}
}

static void
put_asked(struct sqltext *t, const struct query *q)
{
	if (q->asked.kind == PREDICATE_NOT) {
		sqltext_literal(t, " AND ");
		where_put(t, q, &q->asked);
		return;
	}
	for (const struct predicate *w = q->asked.members; w != NULL; w = w->next) {
		sqltext_literal(t, " AND ");
		where_put(t, q, w);
	}
}

/*	 FROM "public"."posts" AS t0
 *
 * Through a join table, that one as well. */
void
parts_from(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, " FROM ");
	put_table(t, q);
	if (q->link != NULL) {
		sqltext_literal(t, ", ");
		put_table(t, q->link);
	}
}

/*	 WHERE (t0."tenant_id" = $1::uuid) AND (t0."deleted_at" IS NULL) AND ...
 *
 * Nested: the pairs of the relation, too; a join table has its own conditions. */
void
parts_where(struct sqltext *t, const struct query *q)
{
	const struct relation *r = q->relation;
	const struct query *near = q->link != NULL ? q->link : q;

	sqltext_literal(t, " WHERE ");
	put_stages(t, q);
	if (q->link != NULL) {
		sqltext_literal(t, " AND ");
		put_stages(t, q->link);
		put_pairs(t, r->far_pairs, r->far_pair_count, q->link, q);
	}
	if (r != NULL)
		put_pairs(t, r->pairs, r->pair_count, q->outer, near);
	put_asked(t, q);
}

void
parts_from_where(struct sqltext *t, const struct query *q)
{
	parts_from(t, q);
	parts_where(t, q);
}
