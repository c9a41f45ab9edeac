/* SPDX-License-Identifier: BSD-2-Clause */
/* cells.c - finding, naming and emitting cells */
#include "compiler/cells.h"

#include "base/arena.h"
#include "compiler/fields.h"
#include "compiler/parts.h"
#include "compiler/query.h"
#include "compiler/where.h"
#include "database/sqltext.h"

/* Into out, or only how many they are. */
static size_t
collect(const struct query *q, struct cell *out)
{
	size_t n = 0;

	if (q->shape == SHAPE_COUNT) {
		if (out != NULL)
			out[n] = (struct cell){ q, NULL };
		return 1;
	}
	for (size_t i = 0; i < q->model->column_count; i++) {
		if (!fields_is_shown(q, i))
			continue;
		if (out != NULL)
			out[n] = (struct cell){ q, &q->model->columns[i] };
		n++;
	}
	for (const struct query *within = q->nested; within != NULL; within = within->next_nested)
		if (within->shown)
			n += collect(within, out != NULL ? out + n : NULL);
	return n;
}

const struct cell *
cells_of(const struct query *q, size_t *count)
{
	struct cell *cells;

	*count = collect(q, NULL);
	cells = arena_array(q->arena, *count, sizeof(*cells));
	collect(q, cells);
	return cells;
}

const char *
cells_name(const struct cell *cell, struct arena *arena)
{
	const struct query *q = cell->query;
	const char *name = cell->column != NULL
	    ? cell->column->json
	    : arena_printf(arena, "%s.%s", column_count.json, q->relation->json);

	if (cell->column == NULL)
		q = q->outer;
	for (; q->outer != NULL; q = q->outer)
		name = arena_printf(arena, "%s.%s", q->relation->json, name);
	return name;
}

const struct query *
cells_misfit(const struct query *q)
{
	const struct query *found = NULL;

	for (const struct query *n = q->nested; n != NULL && found == NULL; n = n->next_nested)
		if (n->shown)
			found = n->shape == SHAPE_LIST ? n : cells_misfit(n);
	return found;
}

/* A column as JSON shows it, without JSON's quotes. */
static void
put_value(struct sqltext *t, const struct query *q, const struct column *column)
{
	if (column->kind == KIND_ARRAY) {
		sqltext_literal(t, "to_json(");
		parts_column(t, q, column);
		sqltext_literal(t, ")");
	} else if (column->kind == KIND_BOOL) {
		parts_column(t, q, column);
		sqltext_literal(t, "::text");
	} else {
		parts_shown(t, q, column);
	}
}

/*	(SELECT (SELECT t2."website" AS "website" FROM ... WHERE ...) FROM ... WHERE ...) */
static void
put_cell(struct sqltext *t, const struct cell *cell)
{
	const struct query *row = cell->column != NULL ? cell->query : cell->query->outer;

	for (const struct query *q = row; q->outer != NULL; q = q->outer)
		sqltext_literal(t, "(SELECT ");
	if (cell->column != NULL)
		put_value(t, row, cell->column);
	else
		where_count(t, cell->query);
	for (const struct query *q = row; q->outer != NULL; q = q->outer) {
		parts_from_where(t, q);
		sqltext_literal(t, ")");
	}
}

void
cells_put(struct sqltext *t, const struct query *q)
{
	size_t count;
	const struct cell *cells = cells_of(q, &count);

	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			sqltext_literal(t, ", ");
		put_cell(t, &cells[i]);
	}
}
