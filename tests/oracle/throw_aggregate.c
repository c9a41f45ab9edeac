/* SPDX-License-Identifier: BSD-2-Clause */
/* throw_aggregate.c - random aggregates */
#include "oracle/aggregate.h"
#include "oracle/dice.h"
#include "oracle/pool.h"

#define ANY(d, array) ((array)[dice_below((d), sizeof(array) / sizeof((array)[0]))])

enum { TRIES = 8 };

static bool
is_number(enum type type)
{
	return type == TYPE_INT || type == TYPE_NUMERIC;
}

static bool
is_ordered(enum type type)
{
	return type != TYPE_UUID && type != TYPE_BOOL && type < TYPE_TEXTS;
}

/* Sums and averages of integers and numeric, ends of whatever has an order. */
static bool
throw_value(struct dice *d, const struct model *m, struct aggregate_value *v)
{
	enum type type;

	v->function = (enum aggregate_function)dice_below(d, AGGREGATE__MAX);
	v->column = 0;
	if (v->function == AGGREGATE_COUNT)
		return true;
	v->column = dice_below(d, m->column_count);
	type = m->columns[v->column].type;
	if ((m->columns[v->column].flags & (SORTABLE | FILTERABLE)) == 0)
		return false;
	return v->function == AGGREGATE_SUM || v->function == AGGREGATE_AVG ? is_number(type)
									    : is_ordered(type);
}

/* One that groups are compared by. */
static bool
throw_comparable(struct dice *d, const struct model *m, struct aggregate_value *v)
{
	return throw_value(d, m, v) && v->function != AGGREGATE_AVG &&
	    (v->function != AGGREGATE_SUM || m->columns[v->column].type == TYPE_INT);
}

static bool
is_shown(const struct aggregate *a, const struct aggregate_value *v)
{
	for (size_t i = 0; i < a->value_count; i++)
		if (a->values[i].function == v->function && a->values[i].column == v->column)
			return true;
	return false;
}

static void
throw_having(const struct rows *rows, struct dice *d, struct pool *p, const struct model *m,
    struct aggregate *a)
{
	static const enum comparator comparators[] = { OP_EQ, OP_NE, OP_GT, OP_GTE, OP_LT, OP_LTE };
	struct having *h = &a->havings[a->having_count];
	struct condition *c = &h->comparison;
	bool small;

	if (!throw_comparable(d, m, &h->value))
		return;
	c->comparator = ANY(d, comparators);
	c->operand_count = 1;
	small = h->value.function == AGGREGATE_COUNT || h->value.function == AGGREGATE_SUM;
	if (small)
		c->operands[0].number = dice_between(d, 0, 8);
	else
		c->operands[0] = rows_pick(rows, p, d, m, h->value.column);
	c->spelled[0] =
	    cell_text(p, small ? TYPE_BIGINT : m->columns[h->value.column].type, &c->operands[0]);
	a->having_count++;
}

/* By values, and by group columns, each once. */
static void
throw_sort(struct dice *d, const struct model *m, struct aggregate *a)
{
	struct group_sort *s = &a->sorts[a->sort_count];

	s->descending = dice_percent(d, 50);
	s->by_column = dice_percent(d, 40);
	s->column = dice_below(d, m->column_count);
	if (s->by_column ? (a->groups & 1U << s->column) == 0 : !throw_comparable(d, m, &s->value))
		return;
	for (size_t i = 0; i < a->sort_count; i++)
		if (a->sorts[i].by_column == s->by_column &&
		    (s->by_column ? a->sorts[i].column == s->column
				  : a->sorts[i].value.function == s->value.function &&
				a->sorts[i].value.column == s->value.column))
			return;
	a->sort_count++;
}

static void
throw_groups(struct dice *d, const struct model *m, struct aggregate *a)
{
	for (int i = 0; i < TRIES; i++) {
		size_t column = dice_below(d, m->column_count);

		if ((m->columns[column].flags & (SORTABLE | FILTERABLE)) != 0 &&
		    m->columns[column].type < TYPE_TEXTS && (a->groups == 0 || dice_percent(d, 20)))
			a->groups |= 1U << column;
	}
}

const struct aggregate *
aggregate_throw(const struct rows *rows, struct dice *d, struct pool *p, const struct model *m)
{
	struct aggregate *a = pool_alloc(p, sizeof(*a));

	for (size_t wanted = 1 + dice_below(d, VALUES); wanted > 0; wanted--) {
		struct aggregate_value v;

		if (throw_value(d, m, &v) && !is_shown(a, &v))
			a->values[a->value_count++] = v;
	}
	if (a->value_count == 0)
		a->value_count = 1; /* the first is a count */
	if (m->nulls == NULLS_LARGEST && dice_percent(d, 70))
		throw_groups(d, m, a);
	if (a->groups == 0)
		return a;
	for (size_t i = dice_below(d, HAVINGS + 1); i > 0; i--)
		throw_having(rows, d, p, m, a);
	for (size_t i = dice_below(d, SORTS); i > 0; i--)
		throw_sort(d, m, a);
	return a;
}
