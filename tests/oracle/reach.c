/* SPDX-License-Identifier: BSD-2-Clause */
/* reach.c - visible rows, and equal values in two columns */
#include "oracle/reach.h"

#include <string.h>

#include "oracle/pool.h"

static bool
is_visible(
    const struct evaluation *e, const struct model *m, const struct row *row, unsigned relaxed)
{
	if (row->tenant != SHARED && row->tenant != e->tenant && (relaxed & RELAX_TENANT) == 0)
		return false;
	if (row->deleted && (relaxed & RELAX_DELETED) == 0)
		return false;
	if (m->owner == NULL || e->asker == ASKER_ADMIN || (relaxed & RELAX_OWNER) != 0)
		return true;
	return strcmp(row->cells[model_column(m, m->owner)].text,
		   e->rows->people[e->tenant][e->asker]) == 0;
}

static struct row_list
list_visible(const struct evaluation *e, size_t number, unsigned relaxed)
{
	size_t count = e->rows->count[number];
	struct row_list list = { pool_alloc(e->pool, count * sizeof(*list.rows)), 0 };

	for (size_t i = 0; i < count; i++)
		if (is_visible(e, &models[number], &e->rows->of[number][i], relaxed))
			list.rows[list.count++] = &e->rows->of[number][i];
	return list;
}

struct evaluation
evaluation_of(
    const struct rows *rows, enum fault fault, const struct asked *asked, struct pool *pool)
{
	struct evaluation e = { rows, fault, asked->tenant, asked->asker, pool, { { 0 } },
		{ { 0 } } };
	unsigned relaxed = fault_relaxes(fault);

	if (fault == FAULT_DELETED_FOLLOWED && asked->deleted == DELETED_LEFT_OUT)
		relaxed = 0;

	for (size_t number = 0; number < MODEL__MAX; number++) {
		e.visible[number] = list_visible(&e, number, 0);
		e.leaking[number] =
		    relaxed == 0 ? e.visible[number] : list_visible(&e, number, relaxed);
	}
	return e;
}

struct row_list
rows_of(const struct evaluation *e, const struct model *m, unsigned way)
{
	return (fault_ways(e->fault) & way) != 0 ? e->leaking[m - models] : e->visible[m - models];
}

bool
rows_asked(const struct evaluation *e, const struct asked *asked, struct row_list *list)
{
	size_t number = (size_t)(asked->model - models);
	unsigned leaks = (fault_ways(e->fault) & WAY_LIST) != 0 ? fault_relaxes(e->fault) : 0;
	struct row_list all;

	*list = rows_of(e, asked->model, WAY_LIST);
	if (asked->deleted == DELETED_LEFT_OUT)
		return true;
	if (asked->model->owner == NULL && e->asker != ASKER_ADMIN)
		return false;
	all = list_visible(e, number, RELAX_DELETED | leaks);
	*list = (struct row_list){ pool_alloc(e->pool, all.count * sizeof(*all.rows)), 0 };
	for (size_t i = 0; i < all.count; i++)
		if (asked->deleted == DELETED_TOO || all.rows[i]->deleted ||
		    e->fault == FAULT_ONLY_DELETED)
			list->rows[list->count++] = all.rows[i];
	return true;
}

/* Rows of a list that have the value in this column; NULL has no equal. */
static struct row_list
rows_with(const struct evaluation *e, struct row_list list, enum type type, size_t column,
    const struct cell *value)
{
	struct row_list with = { pool_alloc(e->pool, list.count * sizeof(*with.rows)), 0 };

	for (size_t i = 0; i < list.count && !value->null; i++)
		if (cell_equal(type, value, &list.rows[i]->cells[column]))
			with.rows[with.count++] = list.rows[i];
	return with;
}

/* Rows of the join table that have the row's id. */
static struct row_list
links_of(const struct evaluation *e, const struct row *row, const struct relation *relation)
{
	const struct model *through = &models[ARTICLE_LABELS];
	size_t near = model_column(through, relation->other);

	return rows_with(
	    e, rows_of(e, through, WAY_LINK), through->columns[near].type, near, &row->cells[0]);
}

/* The one of these links that leads to the other row. */
static const struct row *
find_link(struct row_list links, const struct relation *relation, const struct row *other)
{
	size_t far = model_column(&models[ARTICLE_LABELS], relation->far);
	enum type type = models[relation->target].columns[0].type;

	for (size_t i = 0; i < links.count; i++)
		if (cell_equal(type, &links.rows[i]->cells[far], &other->cells[0]))
			return links.rows[i];
	return NULL;
}

const struct row *
row_link(const struct evaluation *e, const struct row *row, const struct relation *relation,
    const struct row *other)
{
	return find_link(links_of(e, row, relation), relation, other);
}

static struct row_list
rows_linked(const struct evaluation *e, const struct row *row, const struct relation *relation,
    struct row_list all)
{
	struct row_list linked = { pool_alloc(e->pool, all.count * sizeof(*linked.rows)), 0 };
	struct row_list links = links_of(e, row, relation);

	for (size_t i = 0; i < all.count; i++)
		if (find_link(links, relation, all.rows[i]) != NULL)
			linked.rows[linked.count++] = all.rows[i];
	return linked;
}

struct row_list
rows_related(const struct evaluation *e, const struct model *m, const struct row *row,
    const struct relation *relation, unsigned way)
{
	const struct model *target = &models[relation->target];
	struct row_list all = rows_of(e, target, way);
	size_t own = model_column(m, relation->own);

	if (relation->kind == TO_MANY_THROUGH)
		return rows_linked(e, row, relation, all);
	return rows_with(
	    e, all, m->columns[own].type, model_column(target, relation->other), &row->cells[own]);
}
