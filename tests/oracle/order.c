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

static bool
has_id(const struct order *o)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->keys[i].counted == NULL && o->keys[i].column == 0)
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
			o.keys[o.count++] = (struct sort){ NULL, model_column(m, m->sort[i].column),
				m->sort[i].descending };
	if (!has_id(&o)) {
		bool descending = o.count > 0 && o.keys[o.count - 1].descending;

		o.keys[o.count++] =
		    (struct sort){ NULL, 0, descending != (e->fault == FAULT_TIES_REVERSED) };
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

static int
compare_by_key(
    const struct order *o, const struct sort *key, const struct row *a, const struct row *b)
{
	const struct cell *x = &a->cells[key->column], *y = &b->cells[key->column];
	int order;

	if (key->counted != NULL) {
		order = compare_counts(o, key, a, b);
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

bool
rows_tie(const struct evaluation *e, const struct model *m, const struct listed *listed,
    const struct row *a, const struct row *b)
{
	struct order order = order_of(e, m, listed);

	for (size_t i = 0; i < order.count; i++)
		if ((order.keys[i].counted != NULL || order.keys[i].column != 0) &&
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
		if (listed->sorts[i].counted == NULL && row->cells[listed->sorts[i].column].null)
			return true;
	for (size_t i = 0; i < 2 && listed->sort_count == 0 && m->sort[i].column != NULL; i++)
		if (row->cells[model_column(m, m->sort[i].column)].null)
			return true;
	return false;
}

struct row_list
rows_listed(const struct evaluation *e, const struct model *m, struct row_list all,
    const struct listed *listed)
{
	struct row_list list = { pool_alloc(e->pool, all.count * sizeof(*list.rows)), 0 };
	struct order order = order_of(e, m, listed);

	for (size_t i = 0; i < all.count; i++)
		if (row_matches(e, m, all.rows[i], listed->where))
			list.rows[list.count++] = all.rows[i];
	qsort_r(list.rows, list.count, sizeof(*list.rows), compare_rows, &order);
	return list;
}
