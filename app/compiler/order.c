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

/* Over the same relations, or over none. */
static bool
is_same_way(const struct query *a, const struct query *b)
{
	while (a != NULL && b != NULL && a->relation == b->relation) {
		a = a->nested;
		b = b->nested;
	}
	return a == b;
}

static bool
has_key(const struct query *query, const struct sort_key *key)
{
	for (size_t i = 0; i < query->sort_count; i++)
		if (query->sort[i].column == key->column &&
		    is_same_way(query->sort[i].related, key->related))
			return true;
	return false;
}

static bool
refuse_key(const struct query *query, const char *path, const char *pointer, struct problem *p)
{
	return problem_fault(p, pointer, "not_sortable",
	    "column \"%s\" is not sortable; sortable columns of %s: %s; or RELATION.COLUMN of one "
	    "related row, RELATION._count of many; relations: %s",
	    text_shortened(path, query->arena), query->model->name,
	    model_sortable(query->model, query->arena),
	    model_relations(query->model, query->arena));
}

/* title, author.name, comments._count: the column of the last segment, and the queries within that
 * the others are. */
static bool
find_key(struct query *query, const char *path, struct sort_key *key, const char *pointer,
    struct problem *p)
{
	for (const char *at = path;;) {
		const char *rest = at, *name = text_piece(&rest, '.', query->arena);
		const struct column *column = model_column(query->model, name);
		const struct relation *relation = model_relation(query->model, name);
		bool counts = rest != NULL && strcmp(rest, column_count.json) == 0;

		if (rest == NULL && column != NULL && column->sortable) {
			key->column = column;
			return true;
		}
		if (relation == NULL || rest == NULL || relation_is_many(relation) != counts)
			return refuse_key(query, path, pointer, p);
		query = query_nest(query, counts ? SHAPE_COUNT : SHAPE_VALUE, relation, pointer, p);
		if (query == NULL)
			return false;
		if (key->related == NULL)
			key->related = query;
		key->column = &column_count;
		if (counts)
			return true;
		at = rest;
	}
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
	if (!find_key(query, name, &key, pointer, p))
		return false;
	key.name = key.related != NULL ? name : NULL;
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
