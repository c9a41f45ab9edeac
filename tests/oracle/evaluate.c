/* SPDX-License-Identifier: BSD-2-Clause */
/* evaluate.c - order, page and what is shown */
#include "oracle/evaluate.h"

#include <assert.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/matching.h"
#include "oracle/pool.h"

static const char *const fault_names[FAULT__MAX] = {
	[FAULT_NONE] = "none",
	[FAULT_TENANT_LEAK] = "rows of the other tenant",
	[FAULT_DELETED_SHOWN] = "deleted rows are shown",
	[FAULT_OWNER_IGNORED] = "rows of another owner",
	[FAULT_TIES_REVERSED] = "ties reversed",
	[FAULT_NULLS_SMALLEST] = "NULLs as smallest",
	[FAULT_NULL_SORT_IGNORED] = "null_sort ignored",
	[FAULT_NUMERIC_AS_DOUBLE] = "numeric as double",
	[FAULT_INSTANT_CUT] = "instants cut to milliseconds",
	[FAULT_TEXT_FOLDED] = "text sorted whatever its case",
	[FAULT_DIRECTION_OF_FIRST] = "every key in the direction of the first",
	[FAULT_PAGE_OFF_BY_ONE] = "the first row of a later page left out",
	[FAULT_TOTAL_WITH_DELETED] = "deleted rows counted",
	[FAULT_DEFAULT_SORT] = "default sort forgotten",
};

const char *
fault_name(enum fault fault)
{
	return fault_names[fault];
}

/* --- order ------------------------------------------------------------------------------------ */

struct order {
	const struct evaluation *evaluation;
	const struct model *model;
	struct sort keys[SORTS + 1];
	size_t count;
};

static void
add_key(struct order *o, size_t column, bool descending)
{
	assert(o->count < SORTS + 1);
	o->keys[o->count++] = (struct sort){ NULL, column, descending };
}

static bool
has_id(const struct order *o)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->keys[i].counted == NULL && o->keys[i].column == 0)
			return true;
	return false;
}

/* What was asked, or else the model's; behind it the id, in the direction of the last key, so that
 * no two rows are equal (W39). */
static struct order
order_of(const struct evaluation *e, const struct model *m, const struct asked *asked)
{
	struct order o = { .evaluation = e, .model = m };

	for (size_t i = 0; i < asked->sort_count; i++)
		o.keys[o.count++] = asked->sorts[i];
	for (size_t i = 0; i < 2 && asked->sort_count == 0 && m->sort[i].column != NULL; i++)
		if (e->fault != FAULT_DEFAULT_SORT)
			add_key(&o, model_column(m, m->sort[i].column), m->sort[i].descending);
	if (!has_id(&o))
		add_key(&o, 0,
		    (o.count > 0 && o.keys[o.count - 1].descending) !=
			(e->fault == FAULT_TIES_REVERSED));
	for (size_t i = 1; i < o.count && e->fault == FAULT_DIRECTION_OF_FIRST; i++)
		o.keys[i].descending = o.keys[0].descending;
	return o;
}

/* NULLs are the largest values, unless the model has them first or last. */
static bool
nulls_come_first(const struct order *o, const struct sort *key)
{
	enum fault fault = o->evaluation->fault;

	if (fault == FAULT_NULLS_SMALLEST && o->model->nulls == NULLS_LARGEST)
		return !key->descending;
	if (o->model->nulls == NULLS_LARGEST || fault == FAULT_NULL_SORT_IGNORED)
		return key->descending;
	return o->model->nulls == NULLS_FIRST;
}

static int
compare_by_key(
    const struct order *o, const struct sort *key, const struct row *a, const struct row *b)
{
	const struct cell *x = &a->cells[key->column], *y = &b->cells[key->column];
	int order;

	if (key->counted != NULL) {
		size_t first = rows_related(o->evaluation, o->model, a, key->counted).count;
		size_t second = rows_related(o->evaluation, o->model, b, key->counted).count;

		order = (first > second) - (first < second);
	} else if (x->null || y->null) {
		if (x->null && y->null)
			return 0;
		return x->null == nulls_come_first(o, key) ? -1 : 1;
	} else {
		order = compare_values(o->evaluation, o->model->columns[key->column].type, x, y);
	}
	return key->descending ? -order : order;
}

static int
compare_rows(const void *a, const void *b, void *argument)
{
	const struct order *o = argument;

	for (size_t i = 0; i < o->count; i++) {
		int order = compare_by_key(
		    o, &o->keys[i], *(const struct row *const *)a, *(const struct row *const *)b);

		if (order != 0)
			return order;
	}
	return 0;
}

/* --- what is shown ---------------------------------------------------------------------------- */

static struct json_object *
show_texts(const struct cell *c)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < c->count; i++)
		json_object_array_add(list, json_object_new_string(c->texts[i]));
	return list;
}

static struct json_object *
show_cell(struct pool *p, enum type type, const struct cell *c)
{
	if (c->null)
		return NULL;
	switch (type) {
	case TYPE_INT:
	case TYPE_BIGINT: return json_object_new_int64(c->number);
	case TYPE_NUMERIC:
		return json_object_new_double_s(
		    (double)c->number / NUMERIC_SCALE, cell_text(p, type, c));
	case TYPE_BOOL: return json_object_new_boolean(c->number != 0);
	case TYPE_INSTANT:
	case TYPE_INSTANT_MS: return json_object_new_string(instant_shown(p, c->number));
	case TYPE_TEXTS: return show_texts(c);
	case TYPE_JSON: return json_tokener_parse(c->text);
	case TYPE_UUID:
	case TYPE_TEXT:
	case TYPE_ENUM:
	case TYPE_DATE:
	case TYPE__MAX: break;
	}
	return json_object_new_string(cell_text(p, type, c));
}

static struct json_object *
show_row(const struct evaluation *e, const struct model *m, const struct row *row)
{
	struct json_object *shown = json_object_new_object();

	for (size_t i = 0; i < m->column_count; i++)
		if ((m->columns[i].flags & HIDDEN) == 0)
			json_object_object_add(shown, m->columns[i].name,
			    show_cell(e->pool, m->columns[i].type, &row->cells[i]));
	return shown;
}

/* --- answers ---------------------------------------------------------------------------------- */

static struct answered
answer_row(const struct evaluation *e, const struct asked *asked)
{
	const struct model *m = asked->model;
	struct row_list rows = e->visible[m - models];

	for (size_t i = 0; i < rows.count; i++)
		if (cell_equal(m->columns[0].type, &rows.rows[i]->cells[0], &asked->id))
			return (struct answered){ 200, show_row(e, m, rows.rows[i]), 1 };
	return (struct answered){ 404, NULL, 0 };
}

/* The rows that the query asks for, of all pages, in order. */
static struct row_list
select_rows(const struct evaluation *e, const struct asked *asked)
{
	const struct model *m = asked->model;
	struct row_list all = e->visible[m - models];
	struct row_list selected = { pool_alloc(e->pool, all.count * sizeof(*all.rows)), 0 };
	struct order order = order_of(e, m, asked);

	for (size_t i = 0; i < all.count; i++)
		if (row_matches(e, m, all.rows[i], asked->where) &&
		    row_is_found(e, m, all.rows[i], asked->search))
			selected.rows[selected.count++] = all.rows[i];
	qsort_r(selected.rows, selected.count, sizeof(*selected.rows), compare_rows, &order);
	return selected;
}

static struct answered
answer_page(const struct evaluation *e, const struct asked *asked)
{
	struct row_list rows = select_rows(e, asked);
	struct answered a = { 200, json_object_new_array(), rows.count };
	size_t limit = (size_t)(asked->limit > 0 ? asked->limit : asked->model->default_limit);
	size_t page = (size_t)(asked->page > 0 ? asked->page : 1);
	size_t first = (page - 1) * limit;

	if (e->fault == FAULT_PAGE_OFF_BY_ONE && page > 1)
		first++;
	for (size_t i = first; i < rows.count && i < (page - 1) * limit + limit; i++)
		json_object_array_add(a.data, show_row(e, asked->model, rows.rows[i]));
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
