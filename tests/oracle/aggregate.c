/* SPDX-License-Identifier: BSD-2-Clause */
/* aggregate.c - groups, their values and their order */
#include "oracle/aggregate.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/comparing.h"
#include "oracle/listing.h"
#include "oracle/pool.h"

__extension__ typedef __int128 wide;

static const char *const words[AGGREGATE__MAX] = {
	[AGGREGATE_COUNT] = "count",
	[AGGREGATE_SUM] = "sum",
	[AGGREGATE_AVG] = "avg",
	[AGGREGATE_MIN] = "min",
	[AGGREGATE_MAX] = "max",
};

const char *
aggregate_word(enum aggregate_function function)
{
	return words[function];
}

/* --- values ----------------------------------------------------------------------------------- */

/* The sum of a column and of how many values it is. */
static wide
sum_of(struct row_list rows, size_t column, size_t *count)
{
	wide sum = 0;

	*count = 0;
	for (size_t i = 0; i < rows.count; i++)
		if (!rows.rows[i]->cells[column].null) {
			sum += rows.rows[i]->cells[column].number;
			++*count;
		}
	return sum;
}

/* The smallest or the largest; NULL when there is none. */
static struct cell
end_of(const struct evaluation *e, const struct model *m, struct row_list rows, size_t column,
    bool largest)
{
	struct cell found = { .null = true };

	for (size_t i = 0; i < rows.count; i++) {
		const struct cell *c = &rows.rows[i]->cells[column];

		if (!c->null &&
		    (found.null ||
			(compare_values(e, m->columns[column].type, c, &found) > 0) == largest))
			found = *c;
	}
	return found;
}

/* A value that is compared and ordered by: no average, and of sums only those of integers. */
static struct cell
value_of(const struct evaluation *e, const struct model *m, struct row_list rows,
    const struct aggregate_value *v)
{
	size_t count;

	if (v->function == AGGREGATE_COUNT)
		return (struct cell){ .number = (int64_t)rows.count };
	if (v->function == AGGREGATE_SUM) {
		wide sum = sum_of(rows, v->column, &count);

		return (struct cell){ .null = count == 0, .number = (int64_t)sum };
	}
	return end_of(e, m, rows, v->column, v->function == AGGREGATE_MAX);
}

static enum type
value_type(const struct model *m, const struct aggregate_value *v)
{
	return v->function == AGGREGATE_COUNT || v->function == AGGREGATE_SUM
	    ? TYPE_BIGINT
	    : m->columns[v->column].type;
}

/* Sums of numeric are wider than any integer: digit by digit. */
static struct json_object *
show_sum(struct pool *p, enum type type, wide sum)
{
	wide size = sum < 0 ? -sum : sum;
	const char *text;

	if (type == TYPE_INT)
		return json_object_new_int64((int64_t)sum);
	text = pool_printf(p, "%s%lld.%04lld", sum < 0 ? "-" : "",
	    (long long)(size / NUMERIC_SCALE), (long long)(size % NUMERIC_SCALE));
	return json_object_new_double_s(strtod(text, NULL), text);
}

static struct json_object *
show_average(struct pool *p, long double average)
{
	return json_object_new_string(pool_printf(p, "%.9e", (double)average));
}

static struct json_object *
show_value(const struct evaluation *e, const struct model *m, struct row_list rows,
    const struct aggregate_value *v)
{
	enum type type = m->columns[v->column].type;
	struct cell cell;
	size_t count;
	wide sum;

	if (v->function == AGGREGATE_MIN || v->function == AGGREGATE_MAX) {
		cell = value_of(e, m, rows, v);
		return cell_shown(e->pool, type, &cell);
	}
	sum = sum_of(rows, v->column, &count);
	if (count == 0)
		return NULL;
	if (v->function == AGGREGATE_SUM)
		return show_sum(e->pool, type, sum);
	if (e->fault == FAULT_AVG_OF_ROWS)
		count = rows.count;
	return show_average(e->pool,
	    (long double)sum / (long double)count / (type == TYPE_NUMERIC ? NUMERIC_SCALE : 1));
}

static void
show_values(const struct evaluation *e, const struct model *m, const struct aggregate *a,
    struct row_list rows, struct json_object *shown)
{
	for (size_t i = 0; i < a->value_count; i++) {
		const struct aggregate_value *v = &a->values[i];
		struct json_object *members = NULL;

		if (v->function == AGGREGATE_COUNT) {
			json_object_object_add(
			    shown, "count", json_object_new_int64((int64_t)rows.count));
			continue;
		}
		if (!json_object_object_get_ex(shown, words[v->function], &members))
			json_object_object_add(
			    shown, words[v->function], members = json_object_new_object());
		json_object_object_add(
		    members, m->columns[v->column].name, show_value(e, m, rows, v));
	}
}

/* --- groups ----------------------------------------------------------------------------------- */

struct grouping {
	const struct evaluation *evaluation;
	const struct model *model;
	const struct aggregate *aggregate;
	struct row_list *groups;
	size_t count;
};

static struct row_list *
find_group(struct grouping *g, const struct row *row, size_t room)
{
	for (size_t i = 0; i < g->count; i++)
		if (rows_equal_in(g->model, g->aggregate->groups, g->groups[i].rows[0], row) &&
		    (g->evaluation->fault != FAULT_GROUP_NULLS ||
			!row_has_null_in(g->model, g->aggregate->groups, row)))
			return &g->groups[i];
	g->groups[g->count].rows = pool_alloc(g->evaluation->pool, room * sizeof(*g->groups->rows));
	return &g->groups[g->count++];
}

static bool
is_wanted(const struct grouping *g, const struct row_list *group)
{
	for (size_t i = 0; i < g->aggregate->having_count; i++) {
		const struct having *h = &g->aggregate->havings[i];
		struct cell v = value_of(g->evaluation, g->model, *group, &h->value);

		if (g->evaluation->fault != FAULT_HAVING_IGNORED &&
		    !value_matches(
			g->evaluation, value_type(g->model, &h->value), &v, &h->comparison))
			return false;
	}
	return true;
}

/* NULLs as largest: models where they are not have no groups thrown. */
static int
compare_cells(const struct grouping *g, enum type type, const struct cell *a, const struct cell *b)
{
	if (a->null || b->null)
		return (int)a->null - (int)b->null;
	return compare_values(g->evaluation, type, a, b);
}

static int
compare_by(const struct grouping *g, const struct group_sort *s, const struct row_list *a,
    const struct row_list *b)
{
	struct cell x, y;

	if (s->by_column)
		return compare_cells(g, g->model->columns[s->column].type,
		    &a->rows[0]->cells[s->column], &b->rows[0]->cells[s->column]);
	x = value_of(g->evaluation, g->model, *a, &s->value);
	y = value_of(g->evaluation, g->model, *b, &s->value);
	return compare_cells(g, value_type(g->model, &s->value), &x, &y);
}

/* What was asked, then the group columns, so that no two groups are equal. */
static int
compare_groups(const void *a, const void *b, void *argument)
{
	const struct grouping *g = argument;

	for (size_t i = 0; i < g->aggregate->sort_count; i++) {
		const struct group_sort *s = &g->aggregate->sorts[i];
		int order = compare_by(g, s, a, b);

		if (order != 0)
			return s->descending ? -order : order;
	}
	for (size_t i = 0; i < g->model->column_count; i++) {
		struct group_sort s = { .by_column = true, .column = i };
		int order = (g->aggregate->groups & 1U << i) != 0 ? compare_by(g, &s, a, b) : 0;

		if (order != 0)
			return order;
	}
	return 0;
}

static struct json_object *
show_group(const struct grouping *g, const struct row_list *group)
{
	struct json_object *shown = json_object_new_object(), *columns = json_object_new_object();

	for (size_t i = 0; i < g->model->column_count; i++)
		if ((g->aggregate->groups & 1U << i) != 0)
			json_object_object_add(columns, g->model->columns[i].name,
			    cell_shown(g->evaluation->pool, g->model->columns[i].type,
				&group->rows[0]->cells[i]));
	json_object_object_add(shown, "group", columns);
	show_values(g->evaluation, g->model, g->aggregate, *group, shown);
	return shown;
}

struct json_object *
aggregate_shown(const struct evaluation *e, const struct model *m, const struct aggregate *a,
    struct row_list rows, size_t first, size_t end, size_t *total)
{
	struct grouping g = { e, m, a, NULL, 0 };
	struct json_object *shown;
	size_t kept = 0;

	*total = 0;
	if (a->groups == 0) {
		shown = json_object_new_object();
		show_values(e, m, a, rows, shown);
		return shown;
	}
	g.groups = pool_alloc(e->pool, (rows.count + 1) * sizeof(*g.groups));
	for (size_t i = 0; i < rows.count; i++) {
		struct row_list *group = find_group(&g, rows.rows[i], rows.count);

		group->rows[group->count++] = rows.rows[i];
	}
	for (size_t i = 0; i < g.count; i++)
		if (is_wanted(&g, &g.groups[i]))
			g.groups[kept++] = g.groups[i];
	qsort_r(g.groups, kept, sizeof(*g.groups), compare_groups, &g);
	shown = json_object_new_array();
	for (size_t i = first; i < kept && i < end; i++)
		json_object_array_add(shown, show_group(&g, &g.groups[i]));
	*total = kept;
	return shown;
}

/* --- averages --------------------------------------------------------------------------------- */

static void
round_members(struct json_object *averages)
{
	char text[64];

	json_object_object_foreach(averages, name, value)
	{
		if (value == NULL)
			continue;
		snprintf(text, sizeof(text), "%.9e", strtod(json_object_get_string(value), NULL));
		json_object_object_add(averages, name, json_object_new_string(text));
	}
}

void
aggregate_round(struct json_object *answer)
{
	struct json_object *averages = NULL;
	size_t count =
	    json_object_is_type(answer, json_type_array) ? json_object_array_length(answer) : 0;

	for (size_t i = 0; i < count; i++)
		aggregate_round(json_object_array_get_idx(answer, i));
	if (count == 0 && json_object_object_get_ex(answer, "avg", &averages))
		round_members(averages);
}
