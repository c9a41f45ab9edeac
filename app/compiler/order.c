/* SPDX-License-Identifier: BSD-2-Clause */
/* order.c - sort keys from text */
#include "compiler/order.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"
#include "compiler/query.h"

static const struct {
	const char *word;
	bool descending;
} directions[] = {
	{ "ASC", false },
	{ "DESC", true },
};

static bool
find_direction(const char *word, bool *descending)
{
	for (size_t i = 0; i < COUNT_OF(directions); i++)
		if (strcasecmp(directions[i].word, word) == 0) {
			*descending = directions[i].descending;
			return true;
		}
	return false;
}

bool
order_read(const char *text, const char **name, bool *descending, struct arena *arena,
    const char *pointer, struct problem *p)
{
	size_t len = strcspn(text, ":");
	const char *column = arena_copy(arena, text, len);

	*name = column;
	*descending = false;
	if (text[len] == '\0' || find_direction(text + len + 1, descending))
		return true;
	column = text_shortened(column, arena);
	return problem_fault(p, pointer, "direction",
	    "\"%s\" is not a direction; use %s:ASC or %s:DESC",
	    text_shortened(text + len + 1, arena), column, column);
}

static bool
has_key(const struct query *query, const struct sort_key *key)
{
	for (size_t i = 0; i < query->sort_count; i++) {
		const struct sort_key *other = &query->sort[i];

		if (other->column == key->column &&
		    (key->counted == NULL || other->counted->relation == key->counted->relation))
			return true;
	}
	return false;
}

/* comments._count: how many related rows there are. */
static bool
find_count(struct query *query, const char *name, struct sort_key *key, const char *pointer,
    struct problem *p)
{
	size_t len = strcspn(name, ".");
	const struct relation *relation =
	    model_relation(query->model, arena_copy(query->arena, name, len));

	if (relation == NULL || !relation_is_many(relation) || strcmp(name + len, "._count") != 0)
		return problem_fault(p, pointer, "not_sortable",
		    "column \"%s\" is not sortable; sortable columns: %s; or RELATION._count",
		    text_shortened(name, query->arena), model_sortable(query->model, query->arena));
	key->column = &column_count;
	key->name = name;
	key->counted = query_nest(query, SHAPE_COUNT, relation, pointer, p);
	return key->counted != NULL;
}

bool
order_add(struct query *query, const char *text, const char *pointer, struct problem *p)
{
	struct sort_key key = { 0 };
	const char *name;

	if (query->sort_count == LIMIT_SORT_KEYS)
		return problem_fault(
		    p, pointer, "too_many", "at most %d sort keys are taken", LIMIT_SORT_KEYS);
	if (!order_read(text, &name, &key.descending, query->arena, pointer, p))
		return false;
	key.column = model_column(query->model, name);
	if ((key.column == NULL || !key.column->sortable) &&
	    !find_count(query, name, &key, pointer, p))
		return false;
	if (has_key(query, &key))
		return problem_fault(p, pointer, "duplicate", "\"%s\" is sorted by twice", name);
	query->sort[query->sort_count++] = key;
	return true;
}

bool
order_is_comparable(const struct column *column)
{
	static const unsigned equality = 1U << OPERATOR_EQ | 1U << OPERATOR_IN;

	return column_is_visible(column) && column->kind != KIND_JSON &&
	    (column->sortable || (column->operators & equality) != 0);
}

static bool
add_distinct(struct query *query, const char *name, const char *pointer, struct problem *p)
{
	const struct column *column = model_column(query->model, name);

	if (column == NULL || !order_is_comparable(column))
		return problem_fault(p, pointer, "not_comparable",
		    "column \"%s\" cannot be distinct; those can that are sortable or "
		    "filterable by $eq or $in",
		    text_shortened(name, query->arena));
	for (size_t i = 0; i < query->distinct_count; i++)
		if (query->distinct[i] == column)
			return problem_fault(
			    p, pointer, "duplicate", "\"%s\" is named twice", name);
	if (query->distinct_count == COUNT_OF(query->distinct))
		return problem_fault(
		    p, pointer, "too_many", "at most %d columns are taken", LIMIT_SORT_KEYS);
	query->distinct[query->distinct_count++] = column;
	return true;
}

bool
order_add_distinct(struct query *query, const char *text, const char *pointer, struct problem *p)
{
	bool ok = true;

	while (text != NULL)
		ok &= add_distinct(query, text_piece(&text, ',', query->arena), pointer, p);
	return ok;
}

void
order_finish(struct query *query)
{
	const struct model *model = query->model;
	struct sort_key last = { .column = model->id };

	if (query->sort_count == 0)
		for (size_t i = 0; i < model->default_sort_count && i < LIMIT_SORT_KEYS; i++)
			query->sort[query->sort_count++] = model->default_sort[i];
	if (has_key(query, &last))
		return;
	last.descending = query->sort_count > 0 && query->sort[query->sort_count - 1].descending;
	assert(query->sort_count < COUNT_OF(query->sort));
	query->sort[query->sort_count++] = last;
	query->tie_breaker = true;
}
