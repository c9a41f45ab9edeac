/* SPDX-License-Identifier: BSD-2-Clause */
/* throw.c - random queries
 *
 * Every part of the grammar comes up in some share of them, and combined with every other. */
#include "oracle/aggregate.h"
#include "oracle/csv.h"
#include "oracle/dice.h"
#include "oracle/pool.h"

#define ANY(d, array) ((array)[dice_below((d), sizeof(array) / sizeof((array)[0]))])

enum {
	ROW_PERCENT = 8,
	PAGE_PERCENT = 30,
	LIMIT_PERCENT = 60,
	PAGES = 4,
	WHERE_PERCENT = 60,
	COUNT_GIVEN_PERCENT = 25,
	WHOLE_PERCENT = 9,
	BODY_PERCENT = 10,
	WALK_PERCENT = 15,
	DISTINCT_PERCENT = 8,
	DELETED_PERCENT = 10,
	AGGREGATE_PERCENT = 12,
	SEARCH_PERCENT = 10,
	RELATED_SORT_PERCENT = 15,
	SELECT_PERCENT = 20,
	INCLUDE_PERCENT = 35, /* of the relations of the first row; of its rows fewer */
	COUNT_PERCENT = 12,
	INCLUDE_DEPTH = 2,
};

/* Where there is more to see more is asked. */
static const enum model_number asked_models[] = { REGIONS, WRITERS, WRITERS, WRITERS, CARDS,
	ARTICLES, ARTICLES, ARTICLES, ARTICLES, REPLIES, REPLIES, LABELS, ARTICLE_LABELS, DIARIES };

static const char *const counts[] = { "exact", "estimated", "none" };
static const char *const sought[] = { "alp", "ALPHA", "%", "_", "a_b", "100%", "\xc3\x89l", "\\",
	"a,b", " ", "'", "zz", "a+b&c=d" };

static bool
is_sorted_by(const struct listed *l, const struct sort *s)
{
	for (size_t i = 0; i < l->sort_count; i++)
		if (l->sorts[i].counted == s->counted && l->sorts[i].of == s->of &&
		    l->sorts[i].column == s->column)
			return true;
	return false;
}

/* Up to three keys, so that ties of the first are seen to be broken by the second. */
void
sorts_throw(struct listed *l, struct dice *d, const struct model *m)
{
	for (size_t wanted = dice_below(d, 4); wanted > 0; wanted--) {
		struct sort s = { .descending = dice_percent(d, 50) };
		const struct relation *r = &m->relations[dice_below(d, m->relation_count)];
		const struct model *of = m;

		if (dice_percent(d, RELATED_SORT_PERCENT) && r->target < MODEL__MAX) {
			s.counted = r->kind < TO_MANY ? NULL : r;
			s.of = r->kind < TO_MANY ? r : NULL;
			of = r->kind < TO_MANY ? &models[r->target] : m;
		}
		if (s.counted == NULL) {
			s.column = dice_below(d, of->column_count);
			if ((of->columns[s.column].flags & SORTABLE) == 0)
				continue;
		}
		if (!is_sorted_by(l, &s))
			l->sorts[l->sort_count++] = s;
	}
}

/* --- what is shown ---------------------------------------------------------------------------- */

struct throwing {
	const struct rows *rows;
	struct dice *dice;
	struct pool *pool;
};

static struct view
throw_view(struct throwing *, const struct model *, bool may_choose, unsigned depth, bool through);

static struct include *
throw_include(struct throwing *t, const struct relation *relation, bool may_choose, unsigned depth)
{
	const struct model *target = &models[relation->target];
	struct include *i = pool_alloc(t->pool, sizeof(*i));

	i->relation = relation;
	if (relation->kind >= TO_MANY) {
		if (dice_percent(t->dice, 50))
			i->listed.limit = dice_between(t->dice, 1, 6);
		if (dice_percent(t->dice, 50))
			sorts_throw(&i->listed, t->dice, target);
		if (dice_percent(t->dice, 30))
			i->listed.where = condition_throw(t->rows, t->dice, t->pool, target);
	}
	i->view = throw_view(t, target, may_choose, depth + 1, relation->kind == TO_MANY_THROUGH);
	return i;
}

/* A row of which columns are chosen may hang on one of which columns are, too, and on no other. */
static struct view
throw_view(struct throwing *t, const struct model *m, bool may_choose, unsigned depth, bool through)
{
	struct view v = { .chosen = may_choose &&
		    dice_percent(t->dice, depth > 0 ? 50 : SELECT_PERCENT) };
	struct include **end = &v.includes;
	unsigned percent = INCLUDE_PERCENT >> depth;

	for (size_t i = 0; i < m->relation_count; i++) {
		if (m->relations[i].kind >= TO_MANY && dice_percent(t->dice, COUNT_PERCENT))
			v.counts |= 1U << i;
		if (depth < INCLUDE_DEPTH && dice_percent(t->dice, percent)) {
			*end = throw_include(t, &m->relations[i], v.chosen, depth);
			end = &(*end)->next;
		}
	}
	if (!v.chosen)
		return v;
	v.link = through && dice_percent(t->dice, 50);
	for (size_t i = 0; i < m->column_count; i++)
		if ((m->columns[i].flags & HIDDEN) == 0 && dice_percent(t->dice, 40))
			v.columns |= 1U << i;
	if (v.columns == 0)
		v.columns = 1;
	return v;
}

/* --- whole queries ---------------------------------------------------------------------------- */

/* There and back, or some way; a cursor knows no order by other tables. */
static void
throw_walk(struct asked *a, struct dice *d)
{
	static const char *const walks[] = { "aaaa", "bbbb", "aab", "aabba", "bba", "abab", "a",
		"b" };

	for (size_t i = 0; i < a->listed.sort_count; i++)
		if (a->listed.sorts[i].counted != NULL || a->listed.sorts[i].of != NULL)
			return;
	a->walk = ANY(d, walks);
	a->page = 0;
}

/* One or two columns that have few values. */
static unsigned
throw_distinct(struct dice *d, const struct model *m)
{
	unsigned columns = 0;

	for (int i = 0; i < 6; i++) {
		size_t column = dice_below(d, m->column_count);

		if ((m->columns[column].flags & (SORTABLE | FILTERABLE)) != 0 &&
		    m->columns[column].type < TYPE_TEXTS && (columns == 0 || dice_percent(d, 20)))
			columns |= 1U << column;
	}
	return columns;
}

/* Limits that fit the data: small ones, so that a page ends within ties. */
static void
throw_page(struct asked *a, struct dice *d)
{
	if (dice_percent(d, LIMIT_PERCENT))
		a->listed.limit = dice_percent(d, 80) ? dice_between(d, 1, 12)
						      : dice_between(d, 1, a->model->max_limit);
	if (dice_percent(d, PAGE_PERCENT))
		a->page = dice_between(d, 1, PAGES);
}

static bool
is_searchable(const struct model *m)
{
	for (size_t i = 0; i < m->column_count; i++)
		if ((m->columns[i].flags & SEARCHABLE) != 0)
			return true;
	return false;
}

/* Values of all rows, or a page of groups. */
static void
throw_aggregate(struct asked *a, const struct rows *rows, struct dice *d, struct pool *p)
{
	a->shape = ASKED_AGGREGATE;
	a->view = (struct view){ 0 };
	a->aggregate = aggregate_throw(rows, d, p, a->model);
	if (a->aggregate->groups != 0)
		throw_page(a, d);
}

bool
asked_is_list(const struct asked *a)
{
	return (a->shape == ASKED_PAGE && !a->whole) ||
	    (a->shape == ASKED_AGGREGATE && a->aggregate->groups != 0);
}

long
asked_limit(const struct asked *a)
{
	return a->listed.limit > 0 ? a->listed.limit : a->model->default_limit;
}

const struct asked *
asked_throw(const struct rows *rows, struct dice *d, struct pool *p)
{
	struct asked *a = pool_alloc(p, sizeof(*a));
	struct throwing t = { rows, d, p };

	a->model = &models[ANY(d, asked_models)];
	a->tenant = (int)dice_below(d, TENANTS);
	a->asker = (enum asker)dice_below(d, ASKERS);
	if (dice_percent(d, 50))
		a->view = throw_view(&t, a->model, true, 0, false);
	if (a->model->soft_delete && dice_percent(d, DELETED_PERCENT))
		a->deleted = dice_percent(d, 50) ? DELETED_TOO : DELETED_ONLY;
	if (dice_percent(d, ROW_PERCENT)) {
		a->shape = ASKED_ROW;
		a->id = rows_pick(rows, p, d, a->model, 0);
		return a;
	}
	a->shape = ASKED_PAGE;
	if (is_searchable(a->model) && dice_percent(d, SEARCH_PERCENT))
		a->search = ANY(d, sought);
	if (dice_percent(d, WHERE_PERCENT))
		a->listed.where = condition_throw(rows, d, p, a->model);
	if (dice_percent(d, AGGREGATE_PERCENT)) {
		throw_aggregate(a, rows, d, p);
		return a;
	}
	sorts_throw(&a->listed, d, a->model);
	if (dice_percent(d, WHOLE_PERCENT)) {
		a->whole = true;
		a->csv = csv_fits(&a->view) && dice_percent(d, 60);
		if (dice_percent(d, DISTINCT_PERCENT))
			a->distinct = throw_distinct(d, a->model);
		return a;
	}
	throw_page(a, d);
	if (dice_percent(d, COUNT_GIVEN_PERCENT))
		a->count = ANY(d, counts);
	a->body = dice_percent(d, BODY_PERCENT);
	if (!a->body && dice_percent(d, WALK_PERCENT))
		throw_walk(a, d);
	else if (dice_percent(d, DISTINCT_PERCENT))
		a->distinct = throw_distinct(d, a->model);
	return a;
}
