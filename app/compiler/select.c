/* SPDX-License-Identifier: BSD-2-Clause */
/* select.c - from names to the columns and includes of a query */
#include "compiler/select.h"

#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"
#include "compiler/include.h"
#include "compiler/query.h"

/* From now on only what is named is shown. */
static void
begin_choice(struct query *query)
{
	if (query->chosen != NULL)
		return;
	query->chosen =
	    arena_array(query->arena, query->model->column_count, sizeof(*query->chosen));
	query->link_shown = false;
}

static bool
choose_column(struct query *query, const struct column *column)
{
	if (!column_is_visible(column))
		return false;
	query->chosen[column - query->model->columns] = true;
	return true;
}

/* A name that is neither a column nor a relation. */
static bool
choose_other(
    struct query *query, const char *name, const char *rest, const char *pointer, struct problem *p)
{
	if (strcmp(name, "_count") == 0)
		return include_count(query, rest, pointer, p);
	if (strcmp(name, "_link") == 0 && query->link != NULL && rest == NULL) {
		query->link_shown = true;
		return true;
	}
	return problem_fault(p, pointer, "unknown",
	    "%s has no column or relation \"%s\"; columns: %s; relations: %s", query->model->name,
	    text_shortened(name, query->arena), model_columns(query->model, query->arena),
	    model_relations(query->model, query->arena));
}

/* One path, down through its relations. */
static bool
add_path(struct query *query, const char *path, const char *pointer, struct problem *p)
{
	for (;;) {
		const char *rest = path, *name = text_piece(&rest, '.', query->arena);
		const struct column *column = model_column(query->model, name);
		const struct relation *relation = model_relation(query->model, name);

		begin_choice(query);
		if (rest == NULL && column != NULL && choose_column(query, column))
			return true;
		if (relation == NULL)
			return choose_other(query, name, rest, pointer, p);
		query = include_relation(query, relation, pointer, p);
		if (query == NULL || rest == NULL)
			return query != NULL;
		path = rest;
	}
}

bool
select_add(struct query *query, const char *text, const char *pointer, struct problem *p)
{
	bool ok = true;

	while (text != NULL)
		ok &= add_path(query, text_piece(&text, ',', query->arena), pointer, p);
	return ok;
}
