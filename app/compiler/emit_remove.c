/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_remove.c - a deletion: lock from the top down, then log and write from the bottom up
 *
 *	lock the row · lock each level · log and write each level, the deepest first · look
 *	whether anything that stays points to what has gone
 *
 * in one flush. Only a model that cascades to its own rows has no depth that is known beforehand:
 * its rows are locked one flush per generation, until one has none, and are known by name from then
 * on. */
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/principal.h"
#include "compiler/change.h"
#include "compiler/emit_change.h"
#include "compiler/emit_level.h"
#include "compiler/plan.h"
#include "compiler/values.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "database/unit.h"
#include "formats/uuid.h"

/* --- rows by name -------------------------------------------------------------------------- */

/* Names of rows, gathered over generations. */
struct names {
	const char **ids, **deletion_ids;
	size_t count;
};

static const struct value *
id_array(struct arena *a, const struct model *model, const char *const *ids, size_t count)
{
	assert(model->id->array_type != NULL);
	return value_array(a, model->id->array_type, ids, count);
}

static const struct value *
uuid_array(struct arena *a, const char *const *ids, size_t count)
{
	return value_new(a, SQLTYPE_UUID_ARRAY, value_array(a, NULL, ids, count)->bytes);
}

static void
name_rows(struct level *level, struct arena *a, const struct names *names)
{
	level->ids = id_array(a, level->model, names->ids, names->count);
	level->deletion_ids = uuid_array(a, names->deletion_ids, names->count);
}

/* The names that a lock has given, behind those that there are. */
static struct names
more_names(struct arena *a, const struct names *known, const struct result *rows)
{
	size_t count = known->count + result_rows(rows);
	struct names all = { arena_array(a, count + 1, sizeof(char *)),
		arena_array(a, count + 1, sizeof(char *)), count };

	for (size_t i = 0; i < count; i++) {
		bool old = i < known->count;

		all.ids[i] = old ? known->ids[i] : result_value(rows, i - known->count, 0, NULL);
		all.deletion_ids[i] =
		    old ? known->deletion_ids[i] : result_value(rows, i - known->count, 1, NULL);
	}
	return all;
}

/* --- locking ------------------------------------------------------------------------------- */

/* What is being locked of a model that cascades to itself. */
struct generations {
	struct names names;   /* all so far */
	struct level parents; /* those of the last generation, by name */
	struct level children;
	size_t statement;
};

static bool
lock_children(struct plan *plan, struct change *c, struct generations *g, struct problem *p)
{
	g->children = (struct level){ .above = &g->parents,
		.relation = c->level->self,
		.model = c->level->model,
		.number = c->level->number,
		.except = id_array(c->arena, c->level->model, g->names.ids, g->names.count) };
	g->statement = unit_count(plan->unit);
	return emit_lock_level(plan, c, &g->children, true, p);
}

/* A generation was locked: its names, and the next one. True when there is none any more. */
static bool
take_generation(struct plan *plan, struct change *c)
{
	struct generations *g = c->generations;
	const struct result *rows = unit_result(plan->unit, g->statement);
	struct names none = { NULL, NULL, 0 }, fresh = more_names(c->arena, &none, rows);

	/* A circle of rows comes back to one that is known; that ends it. */
	g->names = more_names(c->arena, &g->names, rows);
	g->parents = *c->level;
	name_rows(&g->parents, c->arena, &fresh);
	if (fresh.count > 0)
		return false;
	name_rows(c->level, c->arena, &g->names);
	return true;
}

/* Lock this level and those behind it, up to one whose names are needed. */
static enum emission
lock_levels(struct plan *plan, struct change *c, struct problem *p)
{
	for (; c->level < c->levels + c->level_count; c->level++) {
		struct generations *g;

		if (c->level->self == NULL) {
			if (c->level->ids == NULL && !emit_lock_level(plan, c, c->level, false, p))
				return EMISSION_FAILED;
			continue;
		}
		c->generations = g = ARENA_NEW(c->arena, struct generations);
		g->statement = unit_count(plan->unit);
		if (!emit_lock_level(plan, c, c->level, true, p))
			return EMISSION_FAILED;
		return EMISSION_HOLD;
	}
	return EMISSION_DONE;
}

static enum emission
go_on(struct plan *plan, struct change *c, struct problem *p)
{
	if (!take_generation(plan, c))
		return lock_children(plan, c, c->generations, p) ? EMISSION_HOLD : EMISSION_FAILED;
	c->generations = NULL;
	c->level++;
	return lock_levels(plan, c, p);
}

/* --- writing ------------------------------------------------------------------------------- */

static struct assignments *
deletion_of(const struct change *c, const struct model *model)
{
	struct assignments *list = ARENA_NEW(c->arena, struct assignments);

	assignments_init(list);
	assignments_add(list, c->arena, model->deleted_at, ASSIGN_NOW, NULL);
	assignments_add(list, c->arena, model->deleted_by, ASSIGN_VALUE,
	    value_new(c->arena, SQLTYPE_TEXT, c->who->id));
	assignments_add(list, c->arena, model->deletion_id, ASSIGN_DELETION, NULL);
	assignments_touch(list, c->arena, model);
	return list;
}

static bool
write_level(struct plan *plan, const struct change *c, const struct level *level, struct problem *p)
{
	struct level_tale tale = { c->action == ACTION_FORCE ? "purged" : "deleted", NULL };

	if (!c->physical)
		tale.list = deletion_of(c, level->model);
	if (change_is_logged(c, level->model) && !emit_log_level(plan, c, level, &tale, p))
		return false;
	return c->physical ? emit_delete_level(plan, c, level, p)
			   : emit_update_level(plan, c, level, tale.list, p);
}

/* Each model once: its levels stand together. */
static bool
is_first_of_model(const struct change *c, size_t i)
{
	return i == 0 || c->levels[i].model != c->levels[i - 1].model;
}

static bool
restrict_level(
    struct plan *plan, const struct change *c, const struct level *level, struct problem *p)
{
	const struct model *model = level->model;

	for (size_t i = 0; i < model->relation_count; i++) {
		const struct relation *r = &model->relations[i];

		if ((r->kind == RELATION_ONLY || r->kind == RELATION_MANY) &&
		    r->target->tenancy == TENANCY_TENANT && !emit_restrict(plan, c, level, r, p))
			return false;
	}
	return true;
}

static bool
write_levels(struct plan *plan, const struct change *c, struct problem *p)
{
	for (size_t i = c->level_count; i-- > 0;)
		if (!write_level(plan, c, &c->levels[i], p))
			return false;
	/* A row that is gone for good is watched over by its foreign keys. */
	for (size_t i = 0; i < c->level_count && !c->physical; i++)
		if (is_first_of_model(c, i) && !restrict_level(plan, c, &c->levels[i], p))
			return false;
	return true;
}

/* The row of the change, which is locked by it, or its rows, each the root of a deletion of its
 * own. */
static bool
name_roots(struct plan *plan, struct change *c, struct problem *p)
{
	const char *const *keys = c->keys != NULL ? c->keys : &c->id->bytes;
	size_t count = c->keys != NULL ? c->key_count : 1;
	struct names roots = { arena_array(c->arena, count, sizeof(char *)),
		arena_array(c->arena, count, sizeof(char *)), count };

	if (c->keys == NULL && !emit_lock_row(plan, c, p))
		return false;
	for (size_t i = 0; i < count; i++) {
		roots.ids[i] = keys[i];
		roots.deletion_ids[i] = uuid_v7(c->arena);
	}
	name_rows(&c->levels[0], c->arena, &roots);
	return true;
}

enum emission
emit_remove(
    struct plan *plan, struct change *c, const struct expectation *expectation, struct problem *p)
{
	enum emission emission;

	assert(expectation->rows == (c->keys == NULL ? 1 : (int64_t)c->key_count));
	if (c->progress++ == 0) {
		if (!name_roots(plan, c, p))
			return EMISSION_FAILED;
		c->level = c->levels;
		emission = lock_levels(plan, c, p);
	} else {
		emission = go_on(plan, c, p);
	}
	if (emission == EMISSION_DONE && !write_levels(plan, c, p))
		return EMISSION_FAILED;
	return emission;
}
