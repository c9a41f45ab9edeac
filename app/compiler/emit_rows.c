/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_rows.c - keyset pages: rows from a place in an order on
 *
 * "Behind the place" is a condition on several keys. Written as one OR, no index serves it; so it
 * becomes branches, each a range of one index, joined by UNION ALL (limits.md 10.3). With the place
 * (v0, v1, ... vm) the rows behind it are, for each key i,
 *
 *	equal in keys 0 .. i-1, and key i greater than vi	(less, where the order descends)
 *	equal in keys 0 .. i-1, and key i NULL		where NULLs come behind values
 *	equal in keys 0 .. i-1, and key i not NULL	where vi is NULL and NULLs come first
 *
 * and the first kind of all keys from some i on is one row comparison when these run in one
 * direction and none of their values is NULL. That is the whole condition in the common case.
 *
 * Each branch has the full order and the limit, so that it reads no more rows than are shown. */
#include "compiler/emit_rows.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include "compiler/fields.h"
#include "compiler/parts.h"
#include "compiler/query.h"
#include "compiler/ranges.h"
#include "database/sqltext.h"

struct branch {
	enum branch_kind {
		BRANCH_BEHIND, /* (key equal, ... key last - 1) behind their values */
		BRANCH_NULL,   /* key equal IS NULL */
		BRANCH_VALUE,  /* key equal IS NOT NULL */
	} kind;
	size_t equal; /* keys before this one equal their values */
	size_t last;
};

enum { BRANCHES = 2 * (LIMIT_SORT_KEYS + 1) };

/* Whether a key's values descend as they are read. */
static bool
descends(const struct query *q, size_t key)
{
	return q->sort[key].descending != q->backward;
}

/* Whether a key's NULLs are read before its values. */
static bool
nulls_first(const struct query *q, size_t key)
{
	switch (q->model->nulls) {
	case NULLS_FIRST: return !q->backward;
	case NULLS_LAST: return q->backward;
	case NULLS_STANDARD: break;
	}
	return descends(q, key); /* as the largest value */
}

/* PostgreSQL's own place of NULLs, which an index can serve in both directions. */
static bool
nulls_as_largest(const struct query *q, size_t key)
{
	return q->sort[key].column->not_null || nulls_first(q, key) == descends(q, key);
}

/* The first key of the row comparison. */
static size_t
run_begin(const struct query *q)
{
	size_t i = q->sort_count - 1;

	while (i > 0 && descends(q, i - 1) == descends(q, i) && q->position[i - 1]->bytes != NULL)
		i--;
	return i;
}

static size_t
branches_from_start(const struct query *q, struct branch *out)
{
	if (nulls_as_largest(q, 0))
		return 0;
	out[0] = (struct branch){ BRANCH_VALUE, 0, 0 };
	out[1] = (struct branch){ BRANCH_NULL, 0, 0 };
	return 2;
}

/* The branches, at most BRANCHES; none when there is no condition. */
static size_t
find_branches(const struct query *q, struct branch *out)
{
	size_t run, n = 0;

	if (q->position == NULL)
		return branches_from_start(q, out);
	run = run_begin(q);
	for (size_t i = 0; i < q->sort_count; i++) {
		bool is_null = q->position[i]->bytes == NULL;

		if (!is_null && i <= run)
			out[n++] =
			    (struct branch){ BRANCH_BEHIND, i, i == run ? q->sort_count : i + 1 };
		if (is_null && nulls_first(q, i))
			out[n++] = (struct branch){ BRANCH_VALUE, i, 0 };
		if (!is_null && !q->sort[i].column->not_null && !nulls_first(q, i))
			out[n++] = (struct branch){ BRANCH_NULL, i, 0 };
	}
	assert(n > 0 && n <= BRANCHES); /* the last key is never NULL */
	return n;
}

/*	(t0."a", t0."id"), or their values; one alone has no parentheses */
static void
put_tuple(struct sqltext *t, const struct query *q, const struct branch *b, bool values)
{
	bool several = b->last - b->equal > 1;

	if (several)
		sqltext_literal(t, "(");
	for (size_t i = b->equal; i < b->last; i++) {
		if (i > b->equal)
			sqltext_literal(t, ", ");
		if (values)
			sqltext_param(t, q->position[i]);
		else
			parts_column(t, q, q->sort[i].column);
	}
	if (several)
		sqltext_literal(t, ")");
}

static void
put_is_null(struct sqltext *t, const struct query *q, size_t key, bool is_null)
{
	sqltext_literal(t, " AND (");
	parts_column(t, q, q->sort[key].column);
	if (is_null)
		sqltext_literal(t, " IS NULL)");
	else
		sqltext_literal(t, " IS NOT NULL)");
}

static void
put_equal(struct sqltext *t, const struct query *q, size_t key)
{
	if (q->position[key]->bytes == NULL) {
		put_is_null(t, q, key, true);
		return;
	}
	sqltext_literal(t, " AND (");
	parts_column(t, q, q->sort[key].column);
	sqltext_operator(t, OPERATOR_EQ);
	sqltext_param(t, q->position[key]);
	sqltext_literal(t, ")");
}

/*	 AND (t0."a" = $2::int4) AND ((t0."b", t0."id") < ($3::text, $4::uuid)) */
static void
put_condition(struct sqltext *t, const struct query *q, const struct branch *b)
{
	for (size_t i = 0; i < b->equal; i++)
		put_equal(t, q, i);
	if (b->kind != BRANCH_BEHIND) {
		put_is_null(t, q, b->equal, b->kind == BRANCH_NULL);
		return;
	}
	sqltext_literal(t, " AND (");
	put_tuple(t, q, b, false);
	sqltext_operator(t, descends(q, b->equal) ? OPERATOR_LT : OPERATOR_GT);
	put_tuple(t, q, b, true);
	sqltext_literal(t, ")");
}

/*	 ORDER BY t0."a", t0."b" DESC NULLS LAST, t0."id" LIMIT $5::int8
 *
 * Of the first `bound` keys the NULLs are either all or none of the rows: saying where they go
 * would only keep an index from being used. */
static void
put_order_and_limit(struct sqltext *t, const struct query *q, size_t bound)
{
	sqltext_literal(t, " ORDER BY ");
	for (size_t i = 0; i < q->sort_count; i++) {
		if (i > 0)
			sqltext_literal(t, ", ");
		parts_column(t, q, q->sort[i].column);
		if (descends(q, i))
			sqltext_literal(t, " DESC");
		if (i < bound || nulls_as_largest(q, i))
			continue;
		if (nulls_first(q, i))
			sqltext_literal(t, " NULLS FIRST");
		else
			sqltext_literal(t, " NULLS LAST");
	}
	sqltext_literal(t, " LIMIT ");
	sqltext_param(t, q->limit);
}

/*	SELECT row_to_json(r), t0."a"::text, t0."id"::text */
static void
put_select(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, "SELECT row_to_json(r)");
	for (size_t i = 0; i < q->sort_count; i++) {
		sqltext_literal(t, ", ");
		parts_column(t, q, q->sort[i].column);
		sqltext_literal(t, "::text");
	}
}

/*	SELECT row_to_json(r), keys FROM ... AS t0 CROSS JOIN LATERAL (SELECT columns) AS r
 *	 WHERE ... AND condition ORDER BY ... LIMIT $n */
static void
put_one_range(struct sqltext *t, const struct query *q, const struct branch *b)
{
	parts_from(t, q);
	fields_lateral(t, q);
	parts_where(t, q);
	if (b != NULL)
		put_condition(t, q, b);
	put_order_and_limit(t, q, b != NULL ? b->equal + 1 : 0);
}

/*	SELECT row_to_json(r), keys
 *	  FROM ((SELECT t0.* FROM ... AS t0 WHERE ... AND condition ORDER BY ... LIMIT $n)
 *	        UNION ALL (SELECT ...)) AS t0
 *	 CROSS JOIN LATERAL (SELECT columns) AS r ORDER BY ... LIMIT $n
 *
 * The union takes the table's place and its alias, so that what is shown is written once. */
static void
put_union(struct sqltext *t, const struct query *q, const struct branch *branches, size_t count)
{
	sqltext_literal(t, " FROM (");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			sqltext_literal(t, " UNION ALL ");
		sqltext_literal(t, "(SELECT ");
		sqltext_alias(t, 't', q->number);
		sqltext_literal(t, ".*");
		parts_from_where(t, q);
		put_condition(t, q, &branches[i]);
		put_order_and_limit(t, q, branches[i].equal + 1);
		sqltext_literal(t, ")");
	}
	sqltext_literal(t, ") AS ");
	sqltext_alias(t, 't', q->number);
	fields_lateral(t, q);
	put_order_and_limit(t, q, 0);
}

/*	SELECT row_to_json(r) FROM (SELECT t0.* FROM ... WHERE ... ORDER BY ... LIMIT $n OFFSET $m)
 *	    AS t0 CROSS JOIN LATERAL (SELECT columns) AS r ORDER BY ... */
static void
put_passed_over(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, "SELECT row_to_json(r)");
	ranges_page_as_table(t, q);
	fields_lateral(t, q);
	fields_order(t, q);
}

void
emit_rows(struct sqltext *t, const struct query *q)
{
	struct branch branches[BRANCHES];
	size_t count;

	assert(q->offset != NULL ? q->position == NULL : q->distinct_count == 0);
	if (q->offset != NULL) {
		put_passed_over(t, q);
		return;
	}
	count = find_branches(q, branches);
	put_select(t, q);
	if (count > 1)
		put_union(t, q, branches, count);
	else
		put_one_range(t, q, count == 1 ? branches : NULL);
}
