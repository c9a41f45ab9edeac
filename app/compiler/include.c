/* SPDX-License-Identifier: BSD-2-Clause */
/* include.c - from the text of an include to queries within the query */
#include "compiler/include.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"
#include "compiler/filter.h"
#include "compiler/order.h"
#include "compiler/query.h"
#include "database/sqltext.h"

/* Where reading has come to. */
struct reading {
	struct arena *arena;
	const char *at;
	const char *pointer;
	struct problem *problem;
};

/* --- what is included ------------------------------------------------------------------------- */

static struct query *
find_shown(struct query *query, const struct relation *relation, bool count)
{
	for (struct query *n = query->nested; n != NULL; n = n->next_nested)
		if (n->shown && n->relation == relation && (n->shape == SHAPE_COUNT) == count)
			return n;
	return NULL;
}

static struct query *
show(struct query *query, enum shape shape, const struct relation *relation, const char *pointer,
    struct problem *p)
{
	struct query *nested = find_shown(query, relation, shape == SHAPE_COUNT);

	if (nested == NULL && (nested = query_nest(query, shape, relation, pointer, p)) != NULL)
		nested->shown = true;
	return nested;
}

struct query *
include_relation(
    struct query *query, const struct relation *relation, const char *pointer, struct problem *p)
{
	enum shape shape = relation_is_many(relation) ? SHAPE_LIST : SHAPE_ROW;

	return show(query, shape, relation, pointer, p);
}

static bool
count_all(struct query *query, const char *pointer, struct problem *p)
{
	const struct model *model = query->model;

	for (size_t i = 0; i < model->relation_count; i++) {
		const struct relation *relation = &model->relations[i];

		if (relation_is_many(relation) &&
		    model_relation(model, relation->json) == relation &&
		    show(query, SHAPE_COUNT, relation, pointer, p) == NULL)
			return false;
	}
	return true;
}

bool
include_count(struct query *query, const char *name, const char *pointer, struct problem *p)
{
	const struct relation *relation;

	if (name == NULL)
		return count_all(query, pointer, p);
	relation = model_relation(query->model, name);
	if (relation == NULL || !relation_is_many(relation))
		return problem_fault(p, pointer, "not_countable",
		    "%s has no relation \"%s\" to many rows; relations: %s", query->model->name,
		    text_shortened(name, query->arena),
		    model_relations(query->model, query->arena));
	return show(query, SHAPE_COUNT, relation, pointer, p) != NULL;
}

/* --- options ---------------------------------------------------------------------------------- */

static bool
set_limit(struct query *query, const char *value, struct reading *r)
{
	long max = query->model->max_limit, n;
	char *end;

	errno = 0;
	n = strtol(value, &end, 10);
	if (query->limit != NULL)
		return problem_fault(r->problem, r->pointer, "duplicate", "%s has two limits",
		    query->relation->json);
	if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 || n < 1 || n > max)
		return problem_fault(r->problem, r->pointer, "range",
		    "the limit of %s lies between 1 and %ld", query->relation->json, max);
	query->limit = value_int(query->arena, n);
	return true;
}

static bool
add_sort(struct query *query, const char *value, struct reading *r)
{
	return order_add(query, value, r->pointer, r->problem);
}

static const struct {
	const char *name;
	bool (*set)(struct query *, const char *value, struct reading *);
} options[] = {
	{ "limit", set_limit },
	{ "sortBy", add_sort },
};

static bool
add_option(struct query *query, const char *option, struct reading *r)
{
	size_t len = strcspn(option, ":");
	const char *name = arena_copy(r->arena, option, len);
	const char *value = option[len] == ':' ? option + len + 1 : "";

	if (filter_is(name))
		return filter_add(query, name, value, r->pointer, r->problem);
	for (size_t i = 0; i < COUNT_OF(options); i++)
		if (strcmp(options[i].name, name) == 0)
			return options[i].set(query, value, r);
	return problem_fault(r->problem, r->pointer, "option",
	    "\"%s\" is no option of an include; known are limit:N, sortBy:COLUMN:DIRECTION and "
	    "filter.COLUMN:COMPARISON",
	    text_shortened(name, r->arena));
}

/* One option up to its comma or parenthesis, without its backslashes; NULL when none closes it. */
static const char *
read_option(struct reading *r)
{
	char *option = arena_alloc(r->arena, strlen(r->at) + 1), *out = option;

	for (; *r->at != '\0' && *r->at != ',' && *r->at != ')'; r->at++) {
		if (*r->at == '\\' && r->at[1] != '\0')
			r->at++;
		*out++ = *r->at;
	}
	return *r->at == '\0' ? NULL : option;
}

/* Behind the opening parenthesis, up to behind the closing one. */
static bool
read_options(struct query *query, struct reading *r)
{
	bool ok = true;

	if (query->shape != SHAPE_LIST)
		return problem_fault(r->problem, r->pointer, "option",
		    "\"%s\" is one row and takes no options", query->relation->json);
	do {
		const char *option = (r->at++, read_option(r));

		if (option == NULL)
			return problem_fault(r->problem, r->pointer, "syntax",
			    "a parenthesis of the include is not closed");
		ok &= add_option(query, option, r);
	} while (*r->at == ',');
	r->at++;
	return ok;
}

/* --- items ------------------------------------------------------------------------------------ */

static const char *
read_name(struct reading *r)
{
	size_t len = strcspn(r->at, ".,()");
	const char *name = arena_copy(r->arena, r->at, len);

	r->at += len;
	return name;
}

static bool
add_count(struct query *query, struct reading *r)
{
	const char *name = NULL;

	if (*r->at == '.') {
		r->at++;
		name = read_name(r);
	}
	return include_count(query, name, r->pointer, r->problem);
}

/* author, comments(limit:5).author, comments._count: up to the comma behind it. */
static bool
add_item(struct query *query, struct reading *r)
{
	for (;;) {
		const char *name = read_name(r);
		const struct relation *relation = model_relation(query->model, name);

		if (strcmp(name, "_count") == 0)
			return add_count(query, r);
		if (relation == NULL)
			return problem_fault(r->problem, r->pointer, "unknown",
			    "%s has no relation \"%s\"; relations: %s", query->model->name,
			    text_shortened(name, r->arena),
			    model_relations(query->model, r->arena));
		query = include_relation(query, relation, r->pointer, r->problem);
		if (query == NULL || (*r->at == '(' && !read_options(query, r)))
			return false;
		if (*r->at != '.')
			return true;
		r->at++;
	}
}

bool
include_add(struct query *query, const char *text, const char *pointer, struct problem *p)
{
	struct reading reading = { query->arena, text, pointer, p };

	for (;;) {
		if (!add_item(query, &reading))
			return false;
		if (*reading.at == '\0')
			return true;
		if (*reading.at++ != ',')
			return problem_fault(p, pointer, "syntax",
			    "items of an include are separated by commas; this is left: \"%s\"",
			    text_shortened(reading.at - 1, query->arena));
	}
}

void
include_finish(struct query *query)
{
	for (struct query *n = query->nested; n != NULL; n = n->next_nested) {
		if (n->shape == SHAPE_LIST) {
			order_finish(n);
			if (n->limit == NULL)
				n->limit = value_int(n->arena, n->model->default_limit);
		}
		include_finish(n);
	}
}
