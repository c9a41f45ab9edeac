/* SPDX-License-Identifier: BSD-2-Clause */
/* search.c - one text against several columns
 *
 * Registered as substring, a model is searched by ILIKE. That is not leakproof, so under row
 * security no index serves it: the tenant's rows are scanned, within the statement's budget
 * (reference/reliability.md 3.2). Registered as fulltext, it has a column of words, which an index
 * serves where a superuser has marked their comparison leakproof. */
#include "compiler/search.h"

#include <string.h>

#include "base/problem.h"
#include "compiler/comparison.h"
#include "compiler/query.h"
#include "database/sqltext.h"

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

/* Any text is a query of words: "quoted ones" together, or, and - before what must not be there. */
static void
add_words(struct query *query, const char *text)
{
	struct predicate *match = predicate_add(&query->asked, PREDICATE_MATCH, query->arena);

	match->column = query->model->search;
	match->value = value_new(query->arena, SQLTYPE_TEXT, text);
}

/* One parameter for all columns. */
static void
add_substring(struct query *query, const char *text)
{
	const struct model *model = query->model;
	const struct value *pattern = comparison_pattern(text, query->arena);
	struct predicate *any = predicate_add(&query->asked, PREDICATE_ANY, query->arena), *one;

	for (size_t i = 0; i < model->column_count; i++) {
		if (!is_searchable(&model->columns[i]))
			continue;
		one = predicate_add(any, PREDICATE_COMPARE, query->arena);
		one->column = &model->columns[i];
		one->operator= OPERATOR_ILIKE;
		one->value = pattern;
	}
}

bool
search_add(struct query *query, const char *text, const char *pointer, struct problem *p)
{
	const struct model *model = query->model;

	if (!has_searchable(model))
		return problem_fault(
		    p, pointer, "not_searchable", "%s has no searchable column", model->name);
	if (text[0] == '\0')
		return true;
	if (model->search != NULL)
		add_words(query, text);
	else
		add_substring(query, text);
	return true;
}
