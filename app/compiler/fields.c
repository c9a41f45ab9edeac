/* SPDX-License-Identifier: BSD-2-Clause */
/* fields.c - the columns of a row, and what hangs on it
 *
 * An include is a sub-select over the row it belongs to: one statement whatever is included, and
 * each row costs its own few index lookups, however the planner sees the whole. A join that says
 * the same (LEFT JOIN LATERAL) is taken apart into joins over whole tables where the estimates are
 * wrong, and measures slower (reference/limits.md 2). */
#include "compiler/fields.h"

#include <assert.h>
#include <stddef.h>

#include "compiler/parts.h"
#include "compiler/query.h"
#include "compiler/where.h"
#include "database/sqltext.h"

/* When and by whom a row was deleted is shown where it may have been. */
bool
fields_is_shown(const struct query *q, size_t i)
{
	const struct column *column = &q->model->columns[i];

	if (q->chosen != NULL)
		return q->chosen[i];
	switch (column->role) {
	case ROLE_DELETED_AT:
	case ROLE_DELETED_BY:
	case ROLE_DELETION_ID: return q->deleted != DELETED_HIDDEN && column_is_visible(column);
	case ROLE_NONE:
	case ROLE_TENANT:
	case ROLE_ID:
	case ROLE_CREATED_AT:
	case ROLE_UPDATED_AT:
	case ROLE_VERSION:
	case ROLE_SEARCH:
	case ROLE__MAX: break;
	}
	return column_is_visible(column);
}

/* Between two fields. */
static void
put_comma(struct sqltext *t, bool *first)
{
	if (!*first)
		sqltext_literal(t, ", ");
	*first = false;
}

/*	t0."id" AS "id", t0."title" AS "title", ... */
static void
put_columns(struct sqltext *t, const struct query *q, bool *first)
{
	for (size_t i = 0; i < q->model->column_count; i++) {
		if (!fields_is_shown(q, i))
			continue;
		put_comma(t, first);
		parts_shown(t, q, &q->model->columns[i]);
	}
}

/*	r1 */
static void
put_row_alias(struct sqltext *t, const struct query *q)
{
	sqltext_alias(t, 'r', q->number);
}

/*	(SELECT row_to_json(r1) FROM (SELECT fields FROM ... WHERE ...) AS r1) AS "author"
 *	(SELECT coalesce(json_agg(r1), '[]'::json)
 *	   FROM (SELECT fields FROM ... WHERE ... ORDER BY ... LIMIT $n) AS r1) AS "comments" */
static void
put_include(struct sqltext *t, const struct query *q)
{
	if (q->shape == SHAPE_LIST)
		sqltext_literal(t, "(SELECT coalesce(json_agg(");
	else
		sqltext_literal(t, "(SELECT row_to_json(");
	put_row_alias(t, q);
	if (q->shape == SHAPE_LIST)
		sqltext_literal(t, "), '[]'::json) FROM (SELECT ");
	else
		sqltext_literal(t, ") FROM (SELECT ");
	fields_put(t, q);
	parts_from_where(t, q);
	if (q->shape == SHAPE_LIST) {
		fields_order(t, q);
		sqltext_literal(t, " LIMIT ");
		sqltext_param(t, q->limit);
	}
	sqltext_literal(t, ") AS ");
	put_row_alias(t, q);
	sqltext_literal(t, ") AS ");
	sqltext_name(t, q->relation->label);
}

static bool
is_include(const struct query *q)
{
	return q->shown && q->shape != SHAPE_COUNT;
}

static bool
is_count(const struct query *q)
{
	return q->shown && q->shape == SHAPE_COUNT;
}

static void
put_includes(struct sqltext *t, const struct query *q, bool *first)
{
	for (const struct query *n = q->nested; n != NULL; n = n->next_nested) {
		if (!is_include(n))
			continue;
		put_comma(t, first);
		put_include(t, n);
	}
}

/*	(SELECT row_to_json(c) FROM (SELECT (SELECT count(*) ...) AS "comments", ...) AS c)
 *	  AS "_count" */
static void
put_counts(struct sqltext *t, const struct query *q, bool *first)
{
	bool inner = true;

	for (const struct query *n = q->nested; n != NULL; n = n->next_nested) {
		if (!is_count(n))
			continue;
		if (inner) {
			put_comma(t, first);
			sqltext_literal(t, "(SELECT row_to_json(c) FROM (SELECT ");
		}
		put_comma(t, &inner);
		where_count(t, n);
		sqltext_literal(t, " AS ");
		sqltext_name(t, n->relation->label);
	}
	if (!inner)
		sqltext_literal(t, ") AS c) AS \"_count\"");
}

/* Whether a column of the join table only says which rows are linked. */
static bool
is_key(const struct relation *relation, const struct column *column)
{
	for (size_t i = 0; i < relation->pair_count; i++)
		if (relation->pairs[i].other == column)
			return true;
	for (size_t i = 0; i < relation->far_pair_count; i++)
		if (relation->far_pairs[i].own == column)
			return true;
	return false;
}

/*	(SELECT row_to_json(l) FROM (SELECT t2."assigned_at" AS "assignedAt", ...) AS l) AS "_link"
 */
static void
put_link(struct sqltext *t, const struct query *link, bool *first)
{
	bool inner = true;

	put_comma(t, first);
	sqltext_literal(t, "(SELECT row_to_json(l) FROM (SELECT ");
	for (size_t i = 0; i < link->model->column_count; i++) {
		const struct column *column = &link->model->columns[i];

		if (!fields_is_shown(link, i) || is_key(link->relation, column))
			continue;
		put_comma(t, &inner);
		parts_shown(t, link, column);
	}
	sqltext_literal(t, ") AS l) AS \"_link\"");
}

void
fields_put(struct sqltext *t, const struct query *q)
{
	bool first = true;

	put_columns(t, q, &first);
	put_includes(t, q, &first);
	put_counts(t, q, &first);
	if (q->link != NULL && q->link_shown)
		put_link(t, q->link, &first);
}

void
fields_lateral(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, " CROSS JOIN LATERAL (SELECT ");
	fields_put(t, q);
	sqltext_literal(t, ") AS r");
}

bool
fields_has_nested(const struct query *q)
{
	for (const struct query *n = q->nested; n != NULL; n = n->next_nested)
		if (n->shown)
			return true;
	return false;
}

/* A related row may be missing. */
static bool
is_nullable(const struct sort_key *key)
{
	return !key->column->not_null ||
	    (key->related != NULL && key->related->shape == SHAPE_VALUE);
}

static void
put_nulls(struct sqltext *t, const struct query *q, const struct sort_key *key)
{
	/* Where there is none the words would change nothing but keep an index from being used. */
	if (!is_nullable(key))
		return;
	switch (q->model->nulls) {
	case NULLS_STANDARD: break;
	case NULLS_FIRST: sqltext_literal(t, " NULLS FIRST"); break;
	case NULLS_LAST: sqltext_literal(t, " NULLS LAST"); break;
	}
}

/*	 ORDER BY t0."created_at" DESC, t0."id" DESC */
void
fields_order(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, " ORDER BY ");
	fields_sort_keys(t, q);
}

void
fields_sort_keys(struct sqltext *t, const struct query *q)
{
	for (size_t i = 0; i < q->sort_count; i++) {
		const struct sort_key *key = &q->sort[i];

		if (i > 0)
			sqltext_literal(t, ", ");
		if (key->related != NULL)
			where_value(t, key->related, key->column);
		else
			parts_column(t, q, key->column);
		if (key->descending)
			sqltext_literal(t, " DESC");
		put_nulls(t, q, key);
	}
}
