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

/* How much a change says of a foreign key. */
enum told {
	TOLD_NOTHING, /* what the row points to stays, or it points to nothing */
	TOLD_DEFAULT, /* the client names no column, defaults do */
	TOLD_PART,
	TOLD_WHOLE,
};

/* One NULL is enough to point to nothing (MATCH SIMPLE). A new row has NULL where nothing is said
 * and nothing is the default; one that is there keeps what it has. */
static enum told
what_is_told(const struct change *c, const struct relation *r)
{
	bool is_new = c->action == ACTION_CREATE;
	size_t given = 0, whole = 0;

	for (size_t i = 0; i < r->pair_count; i++) {
		const struct column *own = r->pairs[i].own;
		const struct assignment *a = assignments_find(&c->assignments, own);

		if (a == NULL && is_new && !own->has_default)
			return TOLD_NOTHING;
		if (a != NULL && a->how == ASSIGN_VALUE && a->value->bytes == NULL)
			return TOLD_NOTHING;
		given += a != NULL;
		whole += a != NULL && a->how == ASSIGN_VALUE;
	}
	if (given == 0)
		return is_new ? TOLD_DEFAULT : TOLD_NOTHING;
	return whole == r->pair_count ? TOLD_WHOLE : TOLD_PART;
}

static const struct value *const *
key_values(const struct change *c, const struct relation *r)
{
	const struct value **values = arena_array(c->arena, r->pair_count, sizeof(struct value *));

	for (size_t i = 0; i < r->pair_count; i++)
		values[i] = assignments_find(&c->assignments, r->pairs[i].own)->value;
	return values;
}

/* One's own row is pointed to by right: a key that makes its user the owner. */
static bool
points_to_oneself(const struct change *c, const struct relation *r, const struct value *value)
{
	return c->model->owner != NULL && r->pair_count == 1 &&
	    r->pairs[0].own == c->model->owner && c->who->id != NULL &&
	    strcmp(value->bytes, c->who->id) == 0;
}

/* What a default names is not the client's choice, and tells it nothing. */
static enum reach
reach_of(const struct change *c, const struct parent *parent, enum told told)
{
	const struct relation *r = parent->relation;

	if (told == TOLD_DEFAULT ||
	    (told == TOLD_WHOLE && points_to_oneself(c, r, parent->values[0])))
		return REACH_ALL_ROWS;
	return access_reach(r->target, ACTION_READ, c->who);
}

/* Whether the key leads to a row that this unit makes or has locked itself. */
static bool
points_to_own_part(const struct change *c, const struct relation *r)
{
	for (size_t i = 0; i < r->pair_count; i++) {
		const struct link *link = change_link(c, r->pairs[i].own);

		if (link != NULL && link->source != NULL)
			return true;
	}
	return false;
}

/* What the changed row will point to. Where the parent cannot be deleted and everybody may read it,
 * the foreign key alone is enough. */
static void
find_parents(struct change *c)
{
	for (size_t i = 0; i < c->model->relation_count; i++) {
		const struct relation *r = &c->model->relations[i];
		struct parent *parent;
		enum told told;

		if (r->kind != RELATION_ONE || points_to_own_part(c, r) ||
		    (told = what_is_told(c, r)) == TOLD_NOTHING)
			continue;
		parent = ARENA_NEW(c->arena, struct parent);
		parent->relation = r;
		parent->values = told == TOLD_WHOLE ? key_values(c, r) : NULL;
		parent->readable = reach_of(c, parent, told);
		if (r->target->soft_delete || parent->readable != REACH_ALL_ROWS)
			insert_parent(
			    told == TOLD_WHOLE ? &c->parents : &c->stored_parents, parent);
	}
}

/* --- what goes along ----------------------------------------------------------------------- */

enum {
	LEVELS_MAX =
	    256 /* ways down; a registration that has more of them is none that was meant */
};

static const struct relation *
cascade_to_itself(const struct model *model)
{
	for (size_t i = 0; i < model->relation_count; i++)
		if (model->relations[i].cascade && model->relations[i].target == model)
			return &model->relations[i];
	return NULL;
}

/* All ways down from a level, depth first; false when there are too many. */
static bool
walk_down(struct level *levels, size_t *count, size_t from)
{
	const struct model *model = levels[from].model;

	for (size_t i = 0; i < model->relation_count; i++) {
		const struct relation *r = &model->relations[i];

		if (!r->cascade || r->target == model)
			continue;
		if (*count == LEVELS_MAX)
			return false;
		levels[*count] = (struct level){ .above = &levels[from],
			.relation = r,
			.model = r->target,
			.self = cascade_to_itself(r->target) };
		if (!walk_down(levels, count, (*count)++))
			return false;
	}
	return true;
}

/* Into an order in which every level stands behind all models that cascade to its own. Pointers to
 * the level above are moved along. */
static void
sort_levels(struct change *c, const struct level *found, size_t count)
{
	size_t *place = arena_array(c->arena, count, sizeof(*place));
	bool *taken = arena_array(c->arena, count, sizeof(*taken));

	c->levels = arena_array(c->arena, count, sizeof(*c->levels));
	while (c->level_count < count) {
		size_t next = 0;

		for (; next < count; next++) {
			size_t other = 0;

			while (other < count &&
			    (taken[other] || other == next ||
				found[other].model == found[next].model ||
				!cascades_to(found[other].model, found[next].model)))
				other++;
			if (!taken[next] && other == count)
				break;
		}
		/* All levels of that model, now that nothing cascades to it any more. */
		for (size_t i = next; i < count; i++) {
			if (taken[i] || found[i].model != found[next].model)
				continue;
			taken[i] = true;
			place[i] = c->level_count;
			c->levels[c->level_count] = found[i];
			c->levels[c->level_count].number = (unsigned)c->level_count;
			c->level_count++;
		}
	}
	for (size_t i = 0; i < count; i++)
		if (found[i].above != NULL)
			c->levels[place[i]].above = &c->levels[place[found[i].above - found]];
}

static bool
find_levels(struct change *c, struct problem *p)
{
	struct level *found = arena_array(c->arena, LEVELS_MAX, sizeof(*found));
	size_t count = 1;

	found[0] = (struct level){ .model = c->model, .self = cascade_to_itself(c->model) };
	if (!walk_down(found, &count, 0))
		return problem_raise(p, PROBLEM_TOO_LARGE,
		    "deleting a row of %s takes more than %d ways down", c->model->name,
		    LEVELS_MAX);
	sort_levels(c, found, count);
	return true;
}

struct live_change *
soft_delete_apply_change(struct audited_change *audited, struct problem *p)
{
	struct change *change = audited->change;
	struct live_change *live = ARENA_NEW(change->arena, struct live_change);
	bool soft = change->model->soft_delete;

	change->live = soft && change->action != ACTION_CREATE &&
	    change->action != ACTION_RESTORE && !change->with_deleted;
	change->physical = change->action == ACTION_FORCE || !soft;
	switch (change->action) {
	case ACTION_CREATE: find_parents(change); break;
	case ACTION_UPDATE:
		find_parents(change);
		if (change->upsert != NULL)
			find_parents(change->upsert->create);
		break;
	case ACTION_DELETE:
	case ACTION_FORCE:
	case ACTION_RESTORE:
		if (!find_levels(change, p))
			return NULL;
		break;
	case ACTION_READ:
	case ACTION_HISTORY:
	case ACTION__MAX: break;
	}
	live->change = change;
	return live;
}
