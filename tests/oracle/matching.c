/* SPDX-License-Identifier: BSD-2-Clause */
/* matching.c - one row after the other, each looked at alone */
#include "oracle/matching.h"

#include <string.h>

#include "oracle/pool.h"

/* --- which rows there are --------------------------------------------------------------------- */

static bool
is_visible(const struct evaluation *e, const struct model *m, const struct row *row)
{
	if (row->tenant != SHARED && row->tenant != e->tenant && e->fault != FAULT_TENANT_LEAK)
		return false;
	if (row->deleted && e->fault != FAULT_DELETED_SHOWN)
		return false;
	if (m->owner == NULL || e->asker == ASKER_ADMIN || e->fault == FAULT_OWNER_IGNORED)
		return true;
	return strcmp(row->cells[model_column(m, m->owner)].text,
		   e->rows->people[e->tenant][e->asker]) == 0;
}

struct evaluation
evaluation_of(
    const struct rows *rows, enum fault fault, const struct asked *asked, struct pool *pool)
{
	struct evaluation e = { rows, fault, asked->tenant, asked->asker, pool, { { 0 } } };

	for (int number = 0; number < MODEL__MAX; number++) {
		struct row_list *list = &e.visible[number];

		list->rows = pool_alloc(pool, rows->count[number] * sizeof(*list->rows));
		for (size_t i = 0; i < rows->count[number]; i++)
			if (is_visible(&e, &models[number], &rows->of[number][i]))
				list->rows[list->count++] = &rows->of[number][i];
	}
	return e;
}

/* Rows of a list that have the value in this column; NULL has no equal. */
static struct row_list
rows_with(const struct evaluation *e, struct row_list list, enum type type, size_t column,
    const struct cell *value)
{
	struct row_list with = { pool_alloc(e->pool, list.count * sizeof(*with.rows)), 0 };

	for (size_t i = 0; i < list.count && !value->null; i++)
		if (cell_equal(type, value, &list.rows[i]->cells[column]))
			with.rows[with.count++] = list.rows[i];
	return with;
}

/* Through the join table: a row of it that may be seen has both ids. */
static struct row_list
rows_linked(const struct evaluation *e, const struct row *row, const struct relation *relation)
{
	const struct model *through = &models[ARTICLE_LABELS], *target = &models[relation->target];
	size_t near = model_column(through, relation->other);
	size_t far = model_column(through, relation->far);
	struct row_list all = e->visible[relation->target];
	struct row_list linked = { pool_alloc(e->pool, all.count * sizeof(*linked.rows)), 0 };
	struct row_list links = rows_with(
	    e, e->visible[ARTICLE_LABELS], through->columns[near].type, near, &row->cells[0]);

	for (size_t i = 0; i < all.count; i++)
		if (rows_with(e, links, target->columns[0].type, far, &all.rows[i]->cells[0])
			.count > 0)
			linked.rows[linked.count++] = all.rows[i];
	return linked;
}

struct row_list
rows_related(const struct evaluation *e, const struct model *m, const struct row *row,
    const struct relation *relation)
{
	size_t own = model_column(m, relation->own);

	if (relation->kind == TO_MANY_THROUGH)
		return rows_linked(e, row, relation);
	return rows_with(e, e->visible[relation->target], m->columns[own].type,
	    model_column(&models[relation->target], relation->other), &row->cells[own]);
}

/* --- what is true of a row -------------------------------------------------------------------- */

int
compare_values(
    const struct evaluation *e, enum type type, const struct cell *a, const struct cell *b)
{
	if (type == TYPE_NUMERIC && e->fault == FAULT_NUMERIC_AS_DOUBLE)
		return ((double)a->number > (double)b->number) -
		    ((double)a->number < (double)b->number);
	if (type == TYPE_INSTANT && e->fault == FAULT_INSTANT_CUT)
		return (a->number / US_PER_MS > b->number / US_PER_MS) -
		    (a->number / US_PER_MS < b->number / US_PER_MS);
	if (type == TYPE_TEXT && e->fault == FAULT_TEXT_FOLDED)
		return strcmp(text_folded(e->pool, a->text), text_folded(e->pool, b->text));
	return cell_compare(type, a, b);
}

static bool
contains(const struct evaluation *e, const char *text, const char *part, bool folded)
{
	return folded ? strstr(text_folded(e->pool, text), text_folded(e->pool, part)) != NULL
		      : strstr(text, part) != NULL;
}

static bool
has(const struct cell *list, const struct cell *element)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->texts[i], element->text) == 0)
			return true;
	return false;
}

/* Of how many operands it is true that the list has them. */
static size_t
has_of(const struct cell *list, const struct condition *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->operand_count; i++)
		n += has(list, &c->operands[i]);
	return n;
}

static bool
is_among(
    const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	for (size_t i = 0; i < c->operand_count; i++)
		if (compare_values(e, type, v, &c->operands[i]) == 0)
			return true;
	return false;
}

static bool
never(const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	(void)e;
	(void)type;
	(void)v;
	(void)c;
	return false;
}

static bool
always(const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	(void)e;
	(void)type;
	(void)v;
	(void)c;
	return true;
}

static bool
equals(const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	return compare_values(e, type, v, &c->operands[0]) == 0;
}

static bool
differs(const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	return compare_values(e, type, v, &c->operands[0]) != 0;
}

static bool
is_greater(
    const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	return compare_values(e, type, v, &c->operands[0]) > 0;
}

static bool
is_not_less(
    const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	return compare_values(e, type, v, &c->operands[0]) >= 0;
}

static bool
is_less(const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	return compare_values(e, type, v, &c->operands[0]) < 0;
}

static bool
is_not_greater(
    const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	return compare_values(e, type, v, &c->operands[0]) <= 0;
}

static bool
is_not_among(
    const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	return !is_among(e, type, v, c);
}

static bool
is_between(
    const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	return is_not_less(e, type, v, c) && compare_values(e, type, v, &c->operands[1]) <= 0;
}

static bool
contains_folded(
    const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	(void)type;
	return contains(e, v->text, c->operands[0].text, true);
}

static bool
contains_exactly(
    const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	(void)type;
	return contains(e, v->text, c->operands[0].text, false);
}

static bool
starts(const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	(void)e;
	(void)type;
	return strncmp(v->text, c->operands[0].text, strlen(c->operands[0].text)) == 0;
}

static bool
ends(const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	size_t len = strlen(v->text), end_len = strlen(c->operands[0].text);

	(void)e;
	(void)type;
	return len >= end_len && strcmp(v->text + len - end_len, c->operands[0].text) == 0;
}

static bool
has_some(
    const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	(void)e;
	(void)type;
	return has_of(v, c) > 0;
}

static bool
has_every(
    const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	(void)e;
	(void)type;
	return has_of(v, c) == c->operand_count;
}

static bool
is_empty(
    const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	(void)e;
	(void)type;
	(void)c;
	return v->count == 0;
}

static const struct {
	bool (*holds)(
	    const struct evaluation *, enum type, const struct cell *, const struct condition *);
	bool of_null; /* what it says of NULL */
} comparators[OP__MAX] = {
	[OP_EQ] = { equals, false },
	[OP_NE] = { differs, true },
	[OP_GT] = { is_greater, false },
	[OP_GTE] = { is_not_less, false },
	[OP_LT] = { is_less, false },
	[OP_LTE] = { is_not_greater, false },
	[OP_IN] = { is_among, false },
	[OP_NIN] = { is_not_among, true },
	[OP_ILIKE] = { contains_folded, false },
	[OP_BTW] = { is_between, false },
	[OP_NULL] = { never, true },
	[OP_NOT_NULL] = { always, false },
	[OP_LIKE] = { contains_exactly, false },
	[OP_STARTS] = { starts, false },
	[OP_ENDS] = { ends, false },
	[OP_CONTAINS] = { contains_exactly, false },
	[OP_HAS] = { has_some, false },
	[OP_HAS_SOME] = { has_some, false },
	[OP_HAS_EVERY] = { has_every, false },
	[OP_IS_EMPTY] = { is_empty, false },
};

static bool
value_matches(
    const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	return v->null ? comparators[c->comparator].of_null
		       : comparators[c->comparator].holds(e, type, v, c);
}

static bool
all_match(const struct evaluation *e, const struct model *m, const struct row *row,
    const struct condition *parts)
{
	for (; parts != NULL; parts = parts->next)
		if (!row_matches(e, m, row, parts))
			return false;
	return true;
}

static bool
any_matches(const struct evaluation *e, const struct model *m, const struct row *row,
    const struct condition *parts)
{
	for (; parts != NULL; parts = parts->next)
		if (row_matches(e, m, row, parts))
			return true;
	return false;
}

/* What is asked of the rows that belong to this one. */
static bool
related_match(const struct evaluation *e, const struct model *m, const struct row *row,
    const struct condition *c)
{
	struct row_list related = rows_related(e, m, row, c->relation);
	size_t n = 0;

	for (size_t i = 0; i < related.count; i++)
		n += all_match(e, &models[c->relation->target], related.rows[i], c->parts);
	if (c->kind == CONDITION_COUNT)
		return value_matches(e, TYPE_BIGINT, &(struct cell){ .number = (int64_t)n }, c);
	if (c->kind == CONDITION_EVERY)
		return n == related.count;
	return (n > 0) == (c->kind != CONDITION_NONE);
}

bool
row_matches(const struct evaluation *e, const struct model *m, const struct row *row,
    const struct condition *c)
{
	if (c == NULL)
		return true;
	switch (c->kind) {
	case CONDITION_ALL: return all_match(e, m, row, c->parts);
	case CONDITION_ANY: return any_matches(e, m, row, c->parts);
	case CONDITION_NOT: return !all_match(e, m, row, c->parts);
	case CONDITION_COMPARE:
		return value_matches(e, m->columns[c->column].type, &row->cells[c->column], c);
	case CONDITION_IS:
	case CONDITION_SOME:
	case CONDITION_EVERY:
	case CONDITION_NONE:
	case CONDITION_COUNT: break;
	}
	return related_match(e, m, row, c);
}

bool
row_is_found(
    const struct evaluation *e, const struct model *m, const struct row *row, const char *text)
{
	if (text == NULL)
		return true;
	for (size_t i = 0; i < m->column_count; i++)
		if ((m->columns[i].flags & SEARCHABLE) != 0 && !row->cells[i].null &&
		    contains(e, row->cells[i].text, text, true))
			return true;
	return false;
}
