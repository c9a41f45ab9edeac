/* SPDX-License-Identifier: BSD-2-Clause */
/* throw.c - random queries
 *
 * Every part of the grammar comes up in some share of them, and combined with every other. */
#include "oracle/asked.h"
#include "oracle/dice.h"
#include "oracle/pool.h"

#define ANY(d, array) ((array)[dice_below((d), sizeof(array) / sizeof((array)[0]))])

/* Where there is more to see more is asked. */
static const enum model_number asked_models[] = { REGIONS, WRITERS, WRITERS, WRITERS, CARDS,
	ARTICLES, ARTICLES, ARTICLES, ARTICLES, REPLIES, REPLIES, LABELS, ARTICLE_LABELS, DIARIES };

enum { ROW_PERCENT = 8, PAGE_PERCENT = 40, LIMIT_PERCENT = 60, PAGES = 5 };

static bool
is_sorted_by(const struct asked *a, size_t column)
{
	for (size_t i = 0; i < a->sort_count; i++)
		if (a->sorts[i].counted == NULL && a->sorts[i].column == column)
			return true;
	return false;
}

/* Up to three keys, so that ties of the first are seen to be broken by the second. */
static void
throw_sorts(struct asked *a, struct dice *d)
{
	size_t wanted = dice_below(d, 4);

	while (wanted-- > 0) {
		size_t column = dice_below(d, a->model->column_count);

		if ((a->model->columns[column].flags & SORTABLE) != 0 && !is_sorted_by(a, column))
			a->sorts[a->sort_count++] =
			    (struct sort){ NULL, column, dice_percent(d, 50) };
	}
}

/* Limits that fit the data: small ones, so that a page ends within ties. */
static void
throw_page(struct asked *a, struct dice *d)
{
	if (dice_percent(d, LIMIT_PERCENT))
		a->limit = dice_percent(d, 80) ? dice_between(d, 1, 12)
					       : dice_between(d, 1, a->model->max_limit);
	if (dice_percent(d, PAGE_PERCENT))
		a->page = dice_between(d, 1, PAGES);
}

const struct asked *
asked_throw(const struct rows *rows, struct dice *d, struct pool *p)
{
	struct asked *a = pool_alloc(p, sizeof(*a));

	a->model = &models[ANY(d, asked_models)];
	a->tenant = (int)dice_below(d, TENANTS);
	a->asker = (enum asker)dice_below(d, ASKERS);
	if (dice_percent(d, ROW_PERCENT)) {
		a->shape = ASKED_ROW;
		a->id = rows_pick(rows, p, d, a->model, 0);
		return a;
	}
	a->shape = ASKED_PAGE;
	throw_page(a, d);
	throw_sorts(a, d);
	return a;
}
