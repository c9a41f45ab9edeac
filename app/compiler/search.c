/* SPDX-License-Identifier: BSD-2-Clause */
/* search.c - one text against several columns
 *
 * ILIKE is not leakproof, so under row security no index serves it: the tenant's rows are scanned,
 * within the statement's budget (reference/reliability.md 3.2). */
#include "compiler/search.h"

#include <string.h>

#include "base/problem.h"
#include "compiler/comparison.h"
#include "compiler/query.h"

static bool
is_searchable(const struct column *column)
{
	return column->searchable && !column->hidden;
}

static bool
has_searchable(const struct model *model)
{
	for (size_t i = 0; i < model->column_count; i++)
		if (is_searchable(&model->columns[i]))
			return true;
	return false;
}

bool
search_add(struct query *query, const char *text, const char *pointer, struct problem *p)
{
	const struct model *model = query->model;
	const struct value *pattern = comparison_pattern(text, query->arena);
	struct predicate *any;

	if (!has_searchable(model))
		return problem_fault(
		    p, pointer, "not_searchable", "%s has no searchable column", model->name);
	if (text[0] == '\0')
		return true;
	any = predicate_add(&query->asked, PREDICATE_ANY, query->arena);
	for (size_t i = 0; i < model->column_count; i++) {
		struct predicate *one;

		if (!is_searchable(&model->columns[i]))
			continue;
		one = predicate_add(any, PREDICATE_COMPARE, query->arena);
		one->column = &model->columns[i];
		one->operator= OPERATOR_ILIKE;
		one->value = pattern;
	}
	return true;
}
