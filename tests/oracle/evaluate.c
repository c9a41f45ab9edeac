/* SPDX-License-Identifier: BSD-2-Clause */
/* evaluate.c - whole answers */
#include "oracle/evaluate.h"

#include <json-c/json.h>

#include "oracle/aggregate.h"
#include "oracle/csv.h"
#include "oracle/listing.h"
#include "oracle/matching.h"
#include "oracle/pool.h"

/* A row of a request, which has the members of deletion where deleted ones were asked for. */
static struct json_object *
show_asked(const struct evaluation *e, const struct asked *asked, const struct row *row)
{
	struct json_object *shown;

	if (asked->csv)
		return csv_shown(e, asked, row);
	shown = row_shown(e, asked->model, row, &asked->view, NULL);
	if (asked->deleted == DELETED_LEFT_OUT || asked->view.chosen)
		return shown;
	json_object_object_add(
	    shown, "deletedAt", row->deleted ? json_object_new_string(DELETED_AT) : NULL);
	json_object_object_add(shown, "deletedBy", NULL);
	json_object_object_add(shown, "deletionId", NULL);
	return shown;
}

static struct answered
answer_row(const struct evaluation *e, const struct asked *asked)
{
	enum type type = asked->model->columns[0].type;
	struct row_list rows;

	if (!rows_asked(e, asked, &rows))
		return (struct answered){ 403, NULL, 0 };
	for (size_t i = 0; i < rows.count; i++)
		if (cell_equal(type, &rows.rows[i]->cells[0], &asked->id))
			return (struct answered){ 200, show_asked(e, asked, rows.rows[i]), 1 };
	return (struct answered){ 404, NULL, 0 };
}

/* No row that is included under a condition: FAULT_INCLUDE_FILTER drops the row it would be in. */
static bool
is_dropped(const struct evaluation *e, const struct asked *asked, const struct row *row)
{
	if (e->fault != FAULT_INCLUDE_FILTER)
		return false;
	for (const struct include *i = asked->view.includes; i != NULL; i = i->next)
		if (i->listed.where != NULL &&
		    rows_listed(e, &models[i->relation->target],
			rows_related(e, asked->model, row, i->relation, WAY_INCLUDE), &i->listed)
			    .count == 0)
			return true;
	return false;
}

/* The first of each that are equal in the columns; all without columns. */
static struct row_list
rows_distinct(const struct evaluation *e, const struct asked *asked, struct row_list all)
{
	struct row_list found = { pool_alloc(e->pool, all.count * sizeof(*found.rows)), 0 };

	for (size_t i = 0; i < all.count; i++) {
		size_t k = asked->distinct != 0 ? 0 : found.count;

		while (k < found.count &&
		    !rows_equal_in(asked->model, asked->distinct, found.rows[k], all.rows[i]))
			k++;
		if (k == found.count)
			found.rows[found.count++] = all.rows[i];
		else if (e->fault == FAULT_DISTINCT_LAST)
			found.rows[k] = all.rows[i];
	}
	return found;
}

/* The rows that the query asks for, of all pages, in order; false when it may not. */
static bool
select_rows(const struct evaluation *e, const struct asked *asked, struct row_list *list)
{
	struct row_list all, found;

	if (!rows_asked(e, asked, &all))
		return false;
	found = (struct row_list){ pool_alloc(e->pool, all.count * sizeof(*found.rows)), 0 };
	for (size_t i = 0; i < all.count; i++)
		if (row_is_found(e, asked->model, all.rows[i], asked->search) &&
		    !is_dropped(e, asked, all.rows[i]))
			found.rows[found.count++] = all.rows[i];
	*list = rows_listed(e, asked->model, found, &asked->listed);
	return true;
}

/* What a faulty cursor makes of the rows behind the one it was made of. */
static bool
is_lost(const struct evaluation *e, const struct asked *asked, struct row_list rows, size_t i)
{
	if (asked->walk == NULL || asked->first == 0)
		return false;
	if (e->fault == FAULT_CURSOR_TIES)
		return rows_tie(
		    e, asked->model, &asked->listed, rows.rows[asked->first - 1], rows.rows[i]);
	return e->fault == FAULT_CURSOR_NULLS &&
	    row_has_null_key(asked->model, &asked->listed, rows.rows[i]);
}

static struct answered
answer_page(const struct evaluation *e, const struct asked *asked)
{
	struct row_list all, rows;
	struct answered a = { .status = 200 };
	size_t limit = (size_t)asked_limit(asked);
	size_t first = asked->page > 0 ? (size_t)(asked->page - 1) * limit : 0, end = first + limit;

	if (!select_rows(e, asked, &all))
		return (struct answered){ 403, NULL, 0 };
	rows = rows_distinct(e, asked, all);
	a.data = json_object_new_array();
	a.total = e->fault == FAULT_DISTINCT_TOTAL ? all.count : rows.count;
	if (asked->walk != NULL) {
		first = asked->first;
		end = asked->end;
	}
	if (asked->whole && e->fault != FAULT_WHOLE_AS_PAGE)
		end = rows.count;
	if (e->fault == FAULT_PAGE_OFF_BY_ONE && first > 0)
		first++;
	for (size_t i = first; i < rows.count && i < end; i++)
		if (!is_lost(e, asked, rows, i))
			json_object_array_add(a.data, show_asked(e, asked, rows.rows[i]));
	return a;
}

static struct answered
answer_aggregate(const struct evaluation *e, const struct asked *asked)
{
	struct answered a = { .status = 200 };
	size_t limit = (size_t)asked_limit(asked);
	size_t first = asked->page > 0 ? (size_t)(asked->page - 1) * limit : 0;
	struct row_list rows;

	if (!select_rows(e, asked, &rows))
		return (struct answered){ 403, NULL, 0 };
	a.data = aggregate_shown(
	    e, asked->model, asked->aggregate, rows, first, first + limit, &a.total);
	return a;
}

struct answered
evaluate(const struct rows *rows, enum fault fault, const struct asked *asked, struct pool *pool)
{
	struct evaluation e = evaluation_of(rows, fault, asked, pool);
	struct answered a = asked->shape == ASKED_ROW ? answer_row(&e, asked)
	    : asked->shape == ASKED_AGGREGATE         ? answer_aggregate(&e, asked)
						      : answer_page(&e, asked);
	struct row_list all;

	if (fault == FAULT_TOTAL_WITH_DELETED && a.data != NULL && asked->shape == ASKED_PAGE) {
		e = evaluation_of(rows, FAULT_DELETED_SHOWN, asked, pool);
		if (select_rows(&e, asked, &all))
			a.total = rows_distinct(&e, asked, all).count;
	}
	return a;
}
