/* SPDX-License-Identifier: BSD-2-Clause */
/* soft_delete.c - the third stage: deleted rows vanish, unless they were asked for
 *
 * The predicate lives in the statement and never in a row security policy, where it would make the
 * delete itself fail (reference/reliability.md 3.1). */
#include <string.h>

#include "base/arena.h"
#include "base/principal.h"
#include "base/problem.h"
#include "compiler/change.h"
#include "compiler/query.h"
#include "compiler/stage_types.h"
#include "compiler/stages.h"
#include "database/sqltext.h"

static void
choose_rows(struct query *query)
{
	if (query->model->soft_delete && query->deleted == DELETED_HIDDEN)
		query_null(query, query->model->deleted_at);
	if (query->model->soft_delete && query->deleted == DELETED_ONLY)
		query_compare(query, query->model->deleted_at, OPERATOR_NOT_NULL, NULL);
	for (struct query *nested = query->nested; nested != NULL; nested = nested->next_nested)
		choose_rows(nested);
}

struct live_query *
soft_delete_apply(struct audited_query *audited, struct problem *p)
{
	struct live_query *live = ARENA_NEW(audited->query->arena, struct live_query);

	(void)p;
	choose_rows(audited->query);
	live->query = audited->query;
	return live;
}

/* --- writes -------------------------------------------------------------------------------- */

/* Whether deleting a row of one model takes rows of another along, at any depth. The registration
 * admits no circle but a model that points to itself. */
static bool
cascades_to(const struct model *from, const struct model *to)
{
	for (size_t i = 0; i < from->relation_count; i++) {
		const struct relation *r = &from->relations[i];

		if (r->cascade && r->target != from &&
		    (r->target == to || cascades_to(r->target, to)))
			return true;
	}
	return false;
}

/* In front of the first whose rows go along with this one's: a deletion locks from the top
 * down, and who locks in another order waits for it in a circle. */
static void
insert_parent(struct parent **list, struct parent *parent)
{
	while (*list != NULL && !cascades_to(parent->relation->target, (*list)->relation->target))
		list = &(*list)->next;
	parent->next = *list;
	*list = parent;
}

/* One's own row is pointed to by right: a key that makes its user the owner. */
static bool
points_to_oneself(const struct change *c, const struct relation *r, const struct value *value)
{
	return c->model->owner != NULL && r->pair_count == 1 &&
	    r->pairs[0].own == c->model->owner && c->who->id != NULL &&
	    strcmp(value->bytes, c->who->id) == 0;
}

/* The values of a foreign key that this change gives; NULL where it gives none, or points to
 * nothing (MATCH SIMPLE: one NULL is enough). */
static const struct value *const *
key_values(const struct change *c, const struct relation *r)
{
	const struct value **values = arena_array(c->arena, r->pair_count, sizeof(struct value *));

	for (size_t i = 0; i < r->pair_count; i++) {
		const struct assignment *a = assignments_find(&c->assignments, r->pairs[i].own);

		if (a == NULL || a->how != ASSIGN_VALUE || a->value->bytes == NULL)
			return NULL;
		values[i] = a->value;
	}
	return values;
}

/* What the changed row will point to. Where the parent cannot be deleted and everybody may read it,
 * the foreign key alone is enough. */
static void
find_parents(struct change *c)
{
	for (size_t i = 0; i < c->model->relation_count; i++) {
		const struct relation *r = &c->model->relations[i];
		const struct value *const *values;
		struct parent *parent;

		if (r->kind != RELATION_ONE || (values = key_values(c, r)) == NULL)
			continue;
		parent = ARENA_NEW(c->arena, struct parent);
		parent->relation = r;
		parent->values = values;
		parent->readable = points_to_oneself(c, r, values[0])
		    ? REACH_ALL_ROWS
		    : access_reach(r->target, ACTION_READ, c->who);
		if (r->target->soft_delete || parent->readable != REACH_ALL_ROWS)
			insert_parent(&c->parents, parent);
	}
}

struct live_change *
soft_delete_apply_change(struct audited_change *audited, struct problem *p)
{
	struct change *change = audited->change;
	struct live_change *live = ARENA_NEW(change->arena, struct live_change);

	(void)p;
	change->live = change->model->soft_delete && change->action != ACTION_CREATE;
	find_parents(change);
	live->change = change;
	return live;
}
