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
	key->counted = query_nest(query, SHAPE_COUNT, relation, pointer, p);
	return key->counted != NULL;
}

bool
order_add(struct query *query, const char *text, const char *pointer, struct problem *p)
{
	size_t len = strcspn(text, ":");
	const char *name = arena_copy(query->arena, text, len);
	struct sort_key key = { .column = model_column(query->model, name) };

	if (query->sort_count == LIMIT_SORT_KEYS)
		return problem_fault(
		    p, pointer, "too_many", "at most %d sort keys are taken", LIMIT_SORT_KEYS);
	if ((key.column == NULL || !key.column->sortable) &&
	    !find_count(query, name, &key, pointer, p))
		return false;
	if (text[len] == ':' && !find_direction(text + len + 1, &key.descending))
		return problem_fault(p, pointer, "direction",
		    "\"%s\" is not a direction; use %s:ASC or %s:DESC",
		    text_shortened(text + len + 1, query->arena), name, name);
	if (has_key(query, &key))
		return problem_fault(p, pointer, "duplicate", "\"%s\" is sorted by twice", name);
	query->sort[query->sort_count++] = key;
	return true;
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
