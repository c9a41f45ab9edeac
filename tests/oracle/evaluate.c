/* SPDX-License-Identifier: BSD-2-Clause */
/* evaluate.c - whole answers */
#include "oracle/evaluate.h"

#include <json-c/json.h>

#include "oracle/listing.h"
#include "oracle/matching.h"
#include "oracle/pool.h"

static struct answered
answer_row(const struct evaluation *e, const struct asked *asked)
{
	const struct model *m = asked->model;
	struct row_list rows = rows_of(e, m, WAY_LIST);

	for (size_t i = 0; i < rows.count; i++)
		if (cell_equal(m->columns[0].type, &rows.rows[i]->cells[0], &asked->id))
			return (struct answered){ 200,
				row_shown(e, m, rows.rows[i], &asked->view, NULL), 1 };
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

/* The rows that the query asks for, of all pages, in order. */
static struct row_list
select_rows(const struct evaluation *e, const struct asked *asked)
{
	struct row_list all = rows_of(e, asked->model, WAY_LIST);
	struct row_list found = { pool_alloc(e->pool, all.count * sizeof(*found.rows)), 0 };

	for (size_t i = 0; i < all.count; i++)
		if (row_is_found(e, asked->model, all.rows[i], asked->search) &&
		    !is_dropped(e, asked, all.rows[i]))
			found.rows[found.count++] = all.rows[i];
	return rows_listed(e, asked->model, found, &asked->listed);
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
	struct row_list rows = select_rows(e, asked);
	struct answered a = { 200, json_object_new_array(), rows.count };
	size_t limit = (size_t)asked_limit(asked);
	size_t first = asked->page > 0 ? (size_t)(asked->page - 1) * limit : 0, end = first + limit;

	if (asked->walk != NULL) {
		first = asked->first;
		end = asked->end;
	}
	if (e->fault == FAULT_PAGE_OFF_BY_ONE && first > 0)
		first++;
	for (size_t i = first; i < rows.count && i < end; i++)
		if (!is_lost(e, asked, rows, i))
			json_object_array_add(
			    a.data, row_shown(e, asked->model, rows.rows[i], &asked->view, NULL));
	return a;
}

struct answered
evaluate(const struct rows *rows, enum fault fault, const struct asked *asked, struct pool *pool)
{
	struct evaluation e = evaluation_of(rows, fault, asked, pool);
	struct answered a =
	    asked->shape == ASKED_ROW ? answer_row(&e, asked) : answer_page(&e, asked);

	if (fault == FAULT_TOTAL_WITH_DELETED && asked->shape == ASKED_PAGE) {
		e = evaluation_of(rows, FAULT_DELETED_SHOWN, asked, pool);
		a.total = select_rows(&e, asked).count;
	}
	return a;
}
