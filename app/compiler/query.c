/* SPDX-License-Identifier: BSD-2-Clause */
/* query.c - making and extending the tree */
#include "compiler/query.h"

#include "base/arena.h"

struct query *
query_new(struct arena *arena, enum action action, enum shape shape, const struct model *model)
{
	struct query *query = ARENA_NEW(arena, struct query);

	query->arena = arena;
	query->action = action;
	query->shape = shape;
	query->model = model;
	return query;
}

/* Conditions are kept newest first; emit prints them in that order, so what a stage adds stands
 * before what the client asked. */
static struct predicate *
add(struct query *query, enum predicate_kind kind, const struct column *column)
{
	struct predicate *predicate = ARENA_NEW(query->arena, struct predicate);

	predicate->kind = kind;
	predicate->column = column;
	predicate->next = query->where;
	query->where = predicate;
	return predicate;
}

void
query_compare(
    struct query *query, const struct column *column, enum operator op, const struct value *value)
{
	struct predicate *predicate = add(query, PREDICATE_COMPARE, column);

	predicate->operator= op;
	predicate->value = value;
}

void
query_null(struct query *query, const struct column *column)
{
	add(query, PREDICATE_NULL, column);
}

void
query_false(struct query *query)
{
	add(query, PREDICATE_FALSE, NULL);
}
