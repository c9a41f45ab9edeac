/* SPDX-License-Identifier: BSD-2-Clause */
/* query.c - making and extending the tree */
#include "compiler/query.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"

static struct query *
make(struct arena *arena, enum action action, enum shape shape, const struct model *model)
{
	struct query *query = ARENA_NEW(arena, struct query);

	query->arena = arena;
	query->action = action;
	query->shape = shape;
	query->model = model;
	query->last_nested = &query->nested;
	predicate_open(&query->asked, PREDICATE_ALL);
	return query;
}

static const char *const countings[] = {
	[COUNTING_EXACT] = "exact",
	[COUNTING_ESTIMATED] = "estimated",
	[COUNTING_NONE] = "none",
};
static_assert(COUNT_OF(countings) == COUNTING__MAX, "a word per way to count");

bool
counting_find(const char *word, enum counting *counting)
{
	for (size_t i = 0; i < COUNT_OF(countings); i++)
		if (strcmp(countings[i], word) == 0) {
			*counting = (enum counting)i;
			return true;
		}
	return false;
}

struct query *
query_new(struct arena *arena, enum action action, enum shape shape, const struct model *model)
{
	struct query *query = make(arena, action, shape, model);

	query->bounds = ARENA_NEW(arena, struct query_bounds);
	query->bounds->numbers = 1; /* its own is 0 */
	return query;
}

void
query_bound(struct query *query, long max_depth, long max_nested)
{
	assert(query->outer == NULL && query->nested == NULL);
	query->bounds->max_depth = (unsigned)max_depth;
	query->bounds->max_nested = (unsigned)max_nested;
}

static struct query *
nest(struct query *outer, enum shape shape, const struct relation *relation,
    const struct model *model)
{
	struct query *query = make(outer->arena, ACTION_READ, shape, model);

	query->bounds = outer->bounds;
	query->number = outer->bounds->numbers++;
	query->outer = outer;
	query->relation = relation;
	query->depth = outer->depth + 1;
	query->link_shown = true;
	*outer->last_nested = query;
	outer->last_nested = &query->next_nested;
	return query;
}

struct query *
query_nest(struct query *outer, enum shape shape, const struct relation *relation,
    const char *pointer, struct problem *p)
{
	struct query_bounds *bounds = outer->bounds;
	struct query *query;

	if (outer->depth >= bounds->max_depth) {
		problem_fault(p, pointer, "too_deep", "at most %u relations are followed in a row",
		    bounds->max_depth);
		return NULL;
	}
	if (bounds->nested >= bounds->max_nested) {
		problem_fault(p, pointer, "too_many",
		    "at most %u relations are followed in one request", bounds->max_nested);
		return NULL;
	}
	bounds->nested++;
	query = nest(outer, shape, relation, relation->target);
	if (relation->through != NULL)
		query->link = nest(query, SHAPE_LINK, relation, relation->through);
	return query;
}

/* Conditions of the stages are kept newest first; emit prints them in that order, before what the
 * client asked. */
static struct predicate *
add(struct query *query, enum predicate_kind kind)
{
	struct predicate *predicate = ARENA_NEW(query->arena, struct predicate);

	predicate_open(predicate, kind);
	predicate->next = query->where;
	query->where = predicate;
	return predicate;
}

void
query_compare(
    struct query *query, const struct column *column, enum operator op, const struct value *value)
{
	struct predicate *predicate = add(query, PREDICATE_COMPARE);

	predicate->column = column;
	predicate->operator= op;
	predicate->value = value;
}

void
query_null(struct query *query, const struct column *column)
{
	query_compare(query, column, OPERATOR_NULL, NULL);
}

void
query_false(struct query *query)
{
	add(query, PREDICATE_FALSE);
}

struct predicate *
query_group(struct query *query, enum predicate_kind kind)
{
	return add(query, kind);
}

void
predicate_open(struct predicate *group, enum predicate_kind kind)
{
	group->kind = kind;
	group->last_member = &group->members;
}

struct predicate *
predicate_add(struct predicate *group, enum predicate_kind kind, struct arena *arena)
{
	struct predicate *predicate = ARENA_NEW(arena, struct predicate);

	predicate_open(predicate, kind);
	*group->last_member = predicate;
	group->last_member = &predicate->next;
	return predicate;
}
