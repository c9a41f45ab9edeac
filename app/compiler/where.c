/* SPDX-License-Identifier: BSD-2-Clause */
/* where.c - a condition is a subject, an operator and parameters
 *
 * The shape of a text depends on what is compared, never on the values: a list is one parameter
 * however long it is. The drawing above each function is the SQL it writes. */
#include "compiler/where.h"

#include <stddef.h>

#include "compiler/emit_groups.h"
#include "compiler/parts.h"
#include "compiler/query.h"
#include "database/sqltext.h"

/* --- what is compared ------------------------------------------------------------------------- */

/*	(t0."meta" #>> $2::text[]) */
static void
put_at_path(struct sqltext *t, const struct query *q, const struct predicate *predicate)
{
	sqltext_literal(t, "(");
	parts_column(t, q, predicate->column);
	sqltext_literal(t, " #>> ");
	sqltext_param(t, predicate->path);
	sqltext_literal(t, ")");
}

/*	(CASE WHEN jsonb_typeof(t0."meta" #> $2::text[]) = 'number' THEN ... END) */
static void
put_if_typed(struct sqltext *t, const struct query *q, const struct predicate *predicate)
{
	sqltext_literal(t, "(CASE WHEN jsonb_typeof(");
	parts_column(t, q, predicate->column);
	sqltext_literal(t, " #> ");
	sqltext_param(t, predicate->path);
	if (predicate->subject == SUBJECT_NUMBER)
		sqltext_literal(t, ") = 'number' THEN ");
	else
		sqltext_literal(t, ") = 'string' THEN ");
	put_at_path(t, q, predicate);
	if (predicate->subject == SUBJECT_NUMBER)
		sqltext_literal(t, "::numeric END)");
	else
		sqltext_literal(t, " END COLLATE \"C\")");
}

void
where_count(struct sqltext *t, const struct query *nested)
{
	sqltext_literal(t, "(SELECT count(*)");
	parts_from_where(t, nested);
	sqltext_literal(t, ")");
}

void
where_value(struct sqltext *t, const struct query *nested, const struct column *column)
{
	if (nested->shape == SHAPE_COUNT) {
		where_count(t, nested);
		return;
	}
	sqltext_literal(t, "(SELECT ");
	if (nested->nested != NULL)
		where_value(t, nested->nested, column);
	else
		parts_column(t, nested, column);
	parts_from_where(t, nested);
	sqltext_literal(t, ")");
}

static void
put_subject(struct sqltext *t, const struct query *q, const struct predicate *predicate)
{
	switch (predicate->subject) {
	case SUBJECT_COLUMN: parts_column(t, q, predicate->column); break;
	case SUBJECT_TEXT: put_at_path(t, q, predicate); break;
	case SUBJECT_NUMBER:
	case SUBJECT_STRING: put_if_typed(t, q, predicate); break;
	case SUBJECT_AGGREGATE: emit_aggregate(t, q, predicate->aggregate); break;
	case SUBJECT_COUNT: where_count(t, predicate->nested); break;
	}
}

/* --- conditions ------------------------------------------------------------------------------- */

/*	(t0."rank" >= $3::integer), (t0."rank" BETWEEN $3::integer AND $4::integer) */
static void
put_comparison(struct sqltext *t, const struct query *q, const struct predicate *predicate)
{
	enum operator op = predicate->operator;

	sqltext_literal(t, "(");
	sqltext_operator_begin(t, op);
	put_subject(t, q, predicate);
	sqltext_operator(t, op);
	if (predicate->value != NULL)
		sqltext_param(t, predicate->value);
	if (predicate->high != NULL) {
		sqltext_literal(t, " AND ");
		sqltext_param(t, predicate->high);
	}
	sqltext_operator_end(t, op);
	sqltext_literal(t, ")");
}

/*	(t0."search_vector" @@ websearch_to_tsquery('pg_catalog.simple'::regconfig, $2::text)) */
static void
put_match(struct sqltext *t, const struct query *q, const struct predicate *predicate)
{
	sqltext_literal(t, "(");
	parts_column(t, q, predicate->column);
	sqltext_literal(t, " @@ websearch_to_tsquery('pg_catalog.simple'::regconfig, ");
	sqltext_param(t, predicate->value);
	sqltext_literal(t, "))");
}

static void
put_members(struct sqltext *t, const struct query *q, const struct predicate *group)
{
	if (group->members == NULL)
		sqltext_literal(t, "true");
	for (const struct predicate *m = group->members; m != NULL; m = m->next) {
		where_put(t, q, m);
		if (m->next == NULL)
			break;
		if (group->kind == PREDICATE_ANY)
			sqltext_literal(t, " OR ");
		else
			sqltext_literal(t, " AND ");
	}
}

/*	EXISTS (SELECT FROM ... WHERE ...) */
static void
put_test(struct sqltext *t, const struct query *nested)
{
	sqltext_literal(t, "EXISTS (SELECT");
	parts_from_where(t, nested);
	sqltext_literal(t, ")");
}

void
where_put(struct sqltext *t, const struct query *q, const struct predicate *predicate)
{
	switch (predicate->kind) {
	case PREDICATE_COMPARE: put_comparison(t, q, predicate); break;
	case PREDICATE_MATCH: put_match(t, q, predicate); break;
	case PREDICATE_FALSE: sqltext_literal(t, "(false)"); break;
	case PREDICATE_ALL:
	case PREDICATE_ANY:
		sqltext_literal(t, "(");
		put_members(t, q, predicate);
		sqltext_literal(t, ")");
		break;
	case PREDICATE_NOT: /* unknown is not true: a row is in one of the two */
		sqltext_literal(t, "((");
		put_members(t, q, predicate);
		sqltext_literal(t, ") IS NOT TRUE)");
		break;
	case PREDICATE_EXISTS:
		sqltext_literal(t, "(");
		put_test(t, predicate->nested);
		sqltext_literal(t, ")");
		break;
	case PREDICATE_EXISTS_NOT:
		sqltext_literal(t, "(NOT ");
		put_test(t, predicate->nested);
		sqltext_literal(t, ")");
		break;
	}
}
