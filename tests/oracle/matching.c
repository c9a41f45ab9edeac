/* SPDX-License-Identifier: BSD-2-Clause */
/* matching.c - one row after the other, each looked at alone */
#include "oracle/matching.h"

#include <string.h>

#include "oracle/comparing.h"
#include "oracle/pool.h"

/* A later part filters by the same column: that one counts where the fault is FAULT_LAST_ONLY. */
static bool
is_overwritten(const struct evaluation *e, const struct condition *c)
{
	if (e->fault != FAULT_LAST_ONLY || c->kind != CONDITION_COMPARE)
		return false;
	for (const struct condition *later = c->next; later != NULL; later = later->next)
		if (later->kind == CONDITION_COMPARE && later->column == c->column)
			return true;
	return false;
}

static bool
all_match(const struct evaluation *e, const struct model *m, const struct row *row,
    const struct condition *parts)
{
	for (; parts != NULL; parts = parts->next)
		if (!is_overwritten(e, parts) && !row_matches(e, m, row, parts))
			return false;
	return true;
}

static bool
any_matches(const struct evaluation *e, const struct model *m, const struct row *row,
    const struct condition *parts)
{
	if (e->fault == FAULT_OR_AS_AND)
		return all_match(e, m, row, parts);
	for (; parts != NULL; parts = parts->next)
		if (row_matches(e, m, row, parts))
			return true;
	return false;
}

/* Some comparison would be unknown to SQL. For the faults that are about it. */
static bool
is_unknown(const struct evaluation *e, const struct model *m, const struct row *row,
    const struct condition *parts)
{
	for (; parts != NULL; parts = parts->next) {
		const struct cell *v = &row->cells[parts->column];

		if (parts->kind != CONDITION_COMPARE || parts->comparator == OP_NULL ||
		    parts->comparator == OP_NOT_NULL)
			continue;
		if (m->columns[parts->column].type == TYPE_JSON ? json_is_null(e, v, parts->path)
								: v->null)
			return true;
	}
	return false;
}

static bool
none_matches(const struct evaluation *e, const struct model *m, const struct row *row,
    const struct condition *parts)
{
	if (e->fault == FAULT_NOT_DROPS_NULL && is_unknown(e, m, row, parts))
		return false;
	return !all_match(e, m, row, parts);
}

/* Of how many related rows every part is true. */
static size_t
count_matching(const struct evaluation *e, const struct model *target, struct row_list related,
    const struct condition *c)
{
	size_t n = 0;

	for (size_t i = 0; i < related.count; i++)
		n += all_match(e, target, related.rows[i], c->parts) ||
		    (c->kind == CONDITION_EVERY && e->fault == FAULT_EVERY_SKIPS_NULL &&
			is_unknown(e, target, related.rows[i], c->parts));
	return n;
}

/* Each part is true of some related row, but not all of the same one. For FAULT_SOME_APART. */
static bool
match_apart(const struct evaluation *e, const struct model *target, struct row_list related,
    const struct condition *parts)
{
	for (; parts != NULL; parts = parts->next) {
		struct condition alone = *parts;
		struct condition one = { .kind = CONDITION_SOME, .parts = &alone };

		alone.next = NULL;
		if (count_matching(e, target, related, &one) == 0)
			return false;
	}
	return true;
}

static bool
count_matches(const struct evaluation *e, const struct condition *c, size_t count)
{
	return value_matches(e, TYPE_BIGINT, &(struct cell){ .number = (int64_t)count }, c);
}

/* What is asked of the rows that belong to this one. */
static bool
related_match(const struct evaluation *e, const struct model *m, const struct row *row,
    const struct condition *c)
{
	const struct model *target = &models[c->relation->target];
	unsigned way = c->kind == CONDITION_COUNT ? WAY_COUNT : WAY_CONDITION;
	struct row_list related = rows_related(e, m, row, c->relation, way);
	size_t n;

	if (c->kind == CONDITION_COUNT)
		return count_matches(e, c, related.count);
	if (c->kind == CONDITION_SOME && e->fault == FAULT_SOME_APART)
		return match_apart(e, target, related, c->parts);
	n = count_matching(e, target, related, c);
	if (c->kind == CONDITION_EVERY)
		return n == related.count && (n > 0 || e->fault != FAULT_EVERY_OF_NONE);
	return (n > 0) == (c->kind != CONDITION_NONE && c->kind != CONDITION_ABSENT);
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
	case CONDITION_NOT: return none_matches(e, m, row, c->parts);
	case CONDITION_COMPARE:
		if (c->path != NULL)
			return json_matches(e, &row->cells[c->column], c);
		return value_matches(e, m->columns[c->column].type, &row->cells[c->column], c);
	case CONDITION_IS:
	case CONDITION_ABSENT:
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
	for (size_t i = 0; i < m->column_count; i++) {
		if ((m->columns[i].flags & SEARCHABLE) == 0)
			continue;
		if (!row->cells[i].null && text_contains(e, row->cells[i].text, text, true))
			return true;
		if (e->fault == FAULT_SEARCH_ONE)
			return false;
	}
	return false;
}
