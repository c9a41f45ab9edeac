/* SPDX-License-Identifier: BSD-2-Clause */
/* order.c - which rows a list has, and in which order */
#include <stdlib.h>

#include "oracle/comparing.h"
#include "oracle/listing.h"
#include "oracle/matching.h"
#include "oracle/pool.h"

struct order {
	const struct evaluation *evaluation;
	const struct model *model;
	struct sort keys[SORTS + 1];
	size_t count;
};

/* By a column of the row itself. */
static bool
is_own(const struct sort *key)
{
	return key->counted == NULL && key->of == NULL;
}

static bool
has_id(const struct order *o)
{
	for (size_t i = 0; i < o->count; i++)
		if (is_own(&o->keys[i]) && o->keys[i].column == 0)
			return true;
	return false;
}

static struct order
order_of(const struct evaluation *e, const struct model *m, const struct listed *listed)
{
	struct order o = { .evaluation = e, .model = m };

	for (size_t i = 0; i < listed->sort_count; i++)
		o.keys[o.count++] = listed->sorts[i];
	for (size_t i = 0; i < 2 && listed->sort_count == 0 && m->sort[i].column != NULL; i++)
		if (e->fault != FAULT_DEFAULT_SORT)
			o.keys[o.count++] =
			    (struct sort){ .column = model_column(m, m->sort[i].column),
				    .descending = m->sort[i].descending };
	if (!has_id(&o)) {
		bool descending = o.count > 0 && o.keys[o.count - 1].descending;

		o.keys[o.count++] =
		    (struct sort){ .descending = descending != (e->fault == FAULT_TIES_REVERSED) };
	}
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
compare_counts(
    const struct order *o, const struct sort *key, const struct row *a, const struct row *b)
{
	size_t first = rows_related(o->evaluation, o->model, a, key->counted, WAY_COUNT).count;
	size_t second = rows_related(o->evaluation, o->model, b, key->counted, WAY_COUNT).count;

	return (first > second) - (first < second);
}

/* What a row is sorted by: of its own, or of the one related row, where there is one. */
static const struct cell *
cell_of(const struct order *o, const struct sort *key, const struct row *row)
{
	static const struct cell missing = { .null = true };
	struct row_list related;

	if (key->of == NULL)
		return &row->cells[key->column];
	related = rows_related(o->evaluation, o->model, row, key->of, WAY_SORT);
	return related.count == 0 ? &missing : &related.rows[0]->cells[key->column];
}

static int
compare_cells(
    const struct order *o, const struct sort *key, const struct cell *x, const struct cell *y)
{
	const struct model *m = key->of != NULL ? &models[key->of->target] : o->model;
	int order;

	if (x->null || y->null)
		return x->null && y->null ? 0 : x->null == nulls_come_first(o, key) ? -1 : 1;
	order = compare_values(o->evaluation, m->columns[key->column].type, x, y);
	return key->descending ? -order : order;
}

static int
compare_by_key(
    const struct order *o, const struct sort *key, const struct row *a, const struct row *b)
{
	int order;

	if (key->counted == NULL)
		return compare_cells(o, key, cell_of(o, key, a), cell_of(o, key, b));
	order = compare_counts(o, key, a, b);
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

bool
rows_tie(const struct evaluation *e, const struct model *m, const struct listed *listed,
    const struct row *a, const struct row *b)
{
	struct order order = order_of(e, m, listed);

	for (size_t i = 0; i < order.count; i++)
		if ((!is_own(&order.keys[i]) || order.keys[i].column != 0) &&
		    compare_by_key(&order, &order.keys[i], a, b) != 0)
			return false;
	return true;
}

bool
rows_equal_in(const struct model *m, unsigned columns, const struct row *a, const struct row *b)
{
	for (size_t i = 0; i < m->column_count; i++)
		if ((columns & 1U << i) != 0 &&
		    !cell_equal(m->columns[i].type, &a->cells[i], &b->cells[i]))
			return false;
	return true;
}

bool
row_has_null_in(const struct model *m, unsigned columns, const struct row *row)
{
	for (size_t i = 0; i < m->column_count; i++)
		if ((columns & 1U << i) != 0 && row->cells[i].null)
			return true;
	return false;
}

bool
row_has_null_key(const struct model *m, const struct listed *listed, const struct row *row)
{
	for (size_t i = 0; i < listed->sort_count; i++)
		if (is_own(&listed->sorts[i]) && row->cells[listed->sorts[i].column].null)
			return true;
	for (size_t i = 0; i < 2 && listed->sort_count == 0 && m->sort[i].column != NULL; i++)
		if (row->cells[model_column(m, m->sort[i].column)].null)
			return true;
	return false;
}

static bool
has_rows_to_sort_by(const struct order *o, const struct row *row)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->keys[i].of != NULL &&
		    rows_related(o->evaluation, o->model, row, o->keys[i].of, WAY_SORT).count == 0)
			return false;
	return true;
}

struct row_list
rows_listed(const struct evaluation *e, const struct model *m, struct row_list all,
    const struct listed *listed)
{
	struct row_list list = { pool_alloc(e->pool, all.count * sizeof(*list.rows)), 0 };
	struct order order = order_of(e, m, listed);

	for (size_t i = 0; i < all.count; i++)
		if (row_matches(e, m, all.rows[i], listed->where) &&
		    (e->fault != FAULT_SORT_JOINS || has_rows_to_sort_by(&order, all.rows[i])))
			list.rows[list.count++] = all.rows[i];
	qsort_r(list.rows, list.count, sizeof(*list.rows), compare_rows, &order);
	return list;
}
