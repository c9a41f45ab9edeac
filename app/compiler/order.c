/* SPDX-License-Identifier: BSD-2-Clause */
/* order.c - sort keys from text */
#include "compiler/order.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/problem.h"
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
has_key(const struct query *query, const struct column *column)
{
	for (size_t i = 0; i < query->sort_count; i++)
		if (query->sort[i].column == column)
			return true;
	return false;
}

bool
order_add(struct query *query, const char *text, const char *pointer, struct problem *p)
{
	size_t len = strcspn(text, ":");
	const char *name = arena_copy(query->arena, text, len);
	const struct column *column = model_column(query->model, name);
	struct sort_key key = { column, false };

	if (column == NULL || !column->sortable)
		return problem_fault(p, pointer, "not_sortable",
		    "column \"%s\" is not sortable; sortable columns: %s", name,
		    model_sortable(query->model, query->arena));
	if (text[len] == ':' && !find_direction(text + len + 1, &key.descending))
		return problem_fault(p, pointer, "direction",
		    "\"%s\" is not a direction; use %s:ASC or %s:DESC", text + len + 1, name, name);
	if (has_key(query, column))
		return problem_fault(
		    p, pointer, "duplicate", "column \"%s\" is sorted by twice", name);
	if (query->sort_count == LIMIT_SORT_KEYS)
		return problem_fault(
		    p, pointer, "too_many", "at most %d sort keys are taken", LIMIT_SORT_KEYS);
	query->sort[query->sort_count++] = key;
	return true;
}

void
order_finish(struct query *query)
{
	const struct model *model = query->model;
	bool descending;

	if (query->sort_count == 0)
		for (size_t i = 0; i < model->default_sort_count && i < LIMIT_SORT_KEYS; i++)
			query->sort[query->sort_count++] = model->default_sort[i];
	if (has_key(query, model->id))
		return;
	descending = query->sort_count > 0 && query->sort[query->sort_count - 1].descending;
	assert(query->sort_count < COUNT_OF(query->sort));
	query->sort[query->sort_count++] = (struct sort_key){ model->id, descending };
	query->tie_breaker = true;
}
