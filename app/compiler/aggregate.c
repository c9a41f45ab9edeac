/* SPDX-License-Identifier: BSD-2-Clause */
/* aggregate.c - from parameters to groups and their values */
#include "compiler/aggregate.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"
#include "compiler/comparison.h"
#include "compiler/order.h"

static const unsigned numbers = 1U << KIND_INT | 1U << KIND_NUMERIC | 1U << KIND_FLOAT;
static const unsigned ordered = 1U << KIND_INT | 1U << KIND_NUMERIC | 1U << KIND_FLOAT |
    1U << KIND_TEXT | 1U << KIND_ENUM | 1U << KIND_INSTANT | 1U << KIND_TIMESTAMP | 1U << KIND_DATE;

static const struct {
	const char *word;
	const unsigned *kinds;        /* of the columns that it takes; NULL: it takes none */
	const struct column *compare; /* what having compares it as; NULL: as the column */
} functions[] = {
	[AGGREGATE_COUNT] = { "count", NULL, &column_count },
	[AGGREGATE_SUM] = { "sum", &numbers, &column_number },
	[AGGREGATE_AVG] = { "avg", &numbers, &column_number },
	[AGGREGATE_MIN] = { "min", &ordered, NULL },
	[AGGREGATE_MAX] = { "max", &ordered, NULL },
};
static_assert(COUNT_OF(functions) == AGGREGATE__MAX, "a row per function");

static const char having_prefix[] = "having.";

/* A parameter, or a part of one. */
struct reading {
	struct query *query;
	const char *pointer;
	struct problem *problem;
};

void
aggregate_begin(struct query *query)
{
	query->grouping = ARENA_NEW(query->arena, struct grouping);
	predicate_open(&query->grouping->having, PREDICATE_ALL);
}

/* AGGREGATE__MAX when there is none of this name. */
static enum aggregate_function
find_function(const char *word)
{
	size_t i = 0;

	while (i < COUNT_OF(functions) && strcmp(functions[i].word, word) != 0)
		i++;
	return (enum aggregate_function)i;
}

bool
aggregate_is(const char *name)
{
	return strcmp(name, "groupBy") == 0 ||
	    strncmp(name, having_prefix, strlen(having_prefix)) == 0 ||
	    find_function(name) != AGGREGATE__MAX;
}

bool
aggregate_takes(enum aggregate_function function, const struct column *column)
{
	return functions[function].kinds != NULL && column_is_visible(column) &&
	    (*functions[function].kinds & 1U << column->kind) != 0;
}

/* --- values ----------------------------------------------------------------------------------- */

static const struct column *
find_column(const struct reading *r, enum aggregate_function function, const char *name)
{
	const struct column *column = model_column(r->query->model, name);

	if (column != NULL && aggregate_takes(function, column))
		return column;
	problem_fault(r->problem, r->pointer, "not_aggregable",
	    functions[function].kinds == &numbers
		? "there is no number \"%s\" in %s for %s"
		: "there is no number, text, enum or time \"%s\" in %s for %s",
	    text_shortened(name, r->query->arena), r->query->model->name, functions[function].word);
	return NULL;
}

/* The value, made when it is not there yet; it is shown only when its parameter asks for it. */
static struct aggregate *
get_value(const struct reading *r, enum aggregate_function function, const struct column *column)
{
	struct grouping *g = r->query->grouping;
	struct aggregate *value;

	for (size_t i = 0; i < g->value_count; i++)
		if (g->values[i].function == function && g->values[i].column == column)
			return &g->values[i];
	if (g->value_count == COUNT_OF(g->values)) {
		problem_fault(r->problem, r->pointer, "too_many", "at most %d values are taken",
		    LIMIT_AGGREGATES);
		return NULL;
	}
	value = &g->values[g->value_count++];
	value->function = function;
	value->column = column;
	return value;
}

/* "count", "sum.price" */
static struct aggregate *
read_value(const struct reading *r, const char *text)
{
	size_t len = strcspn(text, ".");
	enum aggregate_function function = find_function(arena_copy(r->query->arena, text, len));
	const struct column *column = NULL;

	if (function == AGGREGATE__MAX ||
	    (functions[function].kinds == NULL) != (text[len] == '\0')) {
		problem_fault(r->problem, r->pointer, "value",
		    "\"%s\" is no value of a group; there are count, sum.COLUMN, avg.COLUMN, "
		    "min.COLUMN and max.COLUMN",
		    text_shortened(text, r->query->arena));
		return NULL;
	}
	if (text[len] != '\0' && (column = find_column(r, function, text + len + 1)) == NULL)
		return NULL;
	return get_value(r, function, column);
}

static bool
show(const struct reading *r, enum aggregate_function function, const struct column *column)
{
	struct aggregate *value = get_value(r, function, column);

	if (value == NULL)
		return false;
	if (value->shown)
		return problem_fault(r->problem, r->pointer, "duplicate", "%s is asked for twice",
		    column != NULL ? column->json : "count");
	value->shown = true;
	return true;
}

/* --- parameters ------------------------------------------------------------------------------- */

static bool
add_group(const struct reading *r, const char *name)
{
	struct grouping *g = r->query->grouping;
	const struct column *column = model_column(r->query->model, name);

	if (column == NULL || !order_is_comparable(column))
		return problem_fault(r->problem, r->pointer, "not_comparable",
		    "column \"%s\" makes no groups; those do that are sortable or filterable by "
		    "$eq or $in",
		    text_shortened(name, r->query->arena));
	for (size_t i = 0; i < g->column_count; i++)
		if (g->columns[i] == column)
			return problem_fault(
			    r->problem, r->pointer, "duplicate", "\"%s\" is named twice", name);
	if (g->column_count == COUNT_OF(g->columns))
		return problem_fault(r->problem, r->pointer, "too_many",
		    "at most %d columns are taken", LIMIT_SORT_KEYS);
	g->columns[g->column_count++] = column;
	return true;
}

static bool
add_having(const struct reading *r, const char *text, const char *comparison)
{
	struct aggregate *value = read_value(r, text);
	struct comparand of = { NULL, text, column_count.operators };
	struct predicate *predicate;

	if (value == NULL)
		return false;
	of.column = functions[value->function].compare;
	if (of.column == NULL)
		of.column = value->column;
	predicate = predicate_add(&r->query->grouping->having, PREDICATE_COMPARE, r->query->arena);
	predicate->subject = SUBJECT_AGGREGATE;
	predicate->aggregate = value;
	return comparison_read(predicate, &of, comparison, r->pointer, r->query->arena, r->problem);
}

/* Of a list of columns each is a group, or a value of the function. */
static bool
add_columns(const struct reading *r, enum aggregate_function function, const char *text)
{
	bool ok = true;

	while (text != NULL) {
		const char *name = text_piece(&text, ',', r->query->arena);
		const struct column *column;

		if (function == AGGREGATE__MAX)
			ok &= add_group(r, name);
		else
			ok &= (column = find_column(r, function, name)) != NULL &&
			    show(r, function, column);
	}
	return ok;
}

bool
aggregate_add(struct query *query, const char *name, const char *value, const char *pointer,
    struct problem *p)
{
	struct reading r = { query, pointer, p };
	enum aggregate_function function = find_function(name);

	assert(aggregate_is(name));
	if (strncmp(name, having_prefix, strlen(having_prefix)) == 0)
		return add_having(&r, name + strlen(having_prefix), value);
	if (function != AGGREGATE_COUNT)
		return add_columns(&r, function, value);
	if (value[0] != '\0')
		return problem_fault(p, pointer, "value", "count takes no value");
	return show(&r, function, NULL);
}

/* --- order ------------------------------------------------------------------------------------ */

static bool
has_key(const struct query *query, size_t place)
{
	for (size_t i = 0; i < query->sort_count; i++)
		if (query->grouping->order[i] == place)
			return true;
	return false;
}

static bool
add_key(const struct reading *r, size_t place, const char *name, bool descending)
{
	struct query *query = r->query;

	if (has_key(query, place))
		return problem_fault(
		    r->problem, r->pointer, "duplicate", "\"%s\" is sorted by twice", name);
	if (query->sort_count == LIMIT_SORT_KEYS)
		return problem_fault(r->problem, r->pointer, "too_many",
		    "at most %d sort keys are taken", LIMIT_SORT_KEYS);
	query->grouping->order[query->sort_count] = place;
	query->sort[query->sort_count++] =
	    (struct sort_key){ .column = &column_count, .name = name, .descending = descending };
	return true;
}

bool
aggregate_sort(struct query *query, const char *text, const char *pointer, struct problem *p)
{
	struct reading r = { query, pointer, p };
	struct grouping *g = query->grouping;
	const struct aggregate *value;
	const char *name;
	bool descending;

	if (!order_read(text, &name, &descending, query->arena, pointer, p))
		return false;
	for (size_t i = 0; i < g->column_count; i++)
		if (strcmp(g->columns[i]->json, name) == 0)
			return add_key(&r, LIMIT_AGGREGATES + i, name, descending);
	value = read_value(&r, name);
	return value != NULL && add_key(&r, (size_t)(value - g->values), name, descending);
}

/* Groups differ in their columns, so these in the end make every order whole. */
static void
complete_order(struct query *query)
{
	struct grouping *g = query->grouping;

	for (size_t i = 0; i < g->column_count; i++) {
		if (has_key(query, LIMIT_AGGREGATES + i))
			continue;
		assert(query->sort_count < COUNT_OF(query->sort));
		g->order[query->sort_count] = LIMIT_AGGREGATES + i;
		query->sort[query->sort_count++] = (struct sort_key){ .column = g->columns[i] };
	}
}

bool
aggregate_finish(struct query *query, struct problem *p)
{
	const struct grouping *g = query->grouping;
	bool shown = g->column_count > 0;

	for (size_t i = 0; i < g->value_count; i++)
		shown |= g->values[i].shown;
	if (!shown)
		return problem_fault(p, "/query", "missing",
		    "nothing is asked for; there are count, sum=, avg=, min=, max= and groupBy=");
	if (g->column_count == 0 && (g->having.members != NULL || query->sort_count > 0))
		return problem_fault(p, "/query/groupBy", "missing",
		    "having. and sortBy are about groups: say groupBy=");
	query->shape = g->column_count > 0 ? SHAPE_GROUPS : SHAPE_TOTALS;
	complete_order(query);
	return true;
}
