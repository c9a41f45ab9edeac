/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_change.c - which statements a change becomes, in the order in which they must run */
#include <assert.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/problem.h"
#include "compiler/change.h"
#include "compiler/emit_change.h"
#include "compiler/emit_level.h"
#include "compiler/plan.h"
#include "compiler/stage_types.h"
#include "compiler/stages.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "database/unit.h"

static bool
lock_parents(struct plan *plan, const struct change *c, struct problem *p)
{
	for (const struct parent *parent = c->parents; parent != NULL; parent = parent->next)
		if (!emit_lock_parent(plan, c, parent, p))
			return false;
	return true;
}

static bool
lock_stored_parents(struct plan *plan, const struct change *c, struct problem *p)
{
	for (const struct parent *parent = c->stored_parents; parent != NULL; parent = parent->next)
		if (!emit_lock_stored_parent(plan, c, parent, p))
			return false;
	return true;
}

static enum emission
done_if(bool ok)
{
	return ok ? EMISSION_DONE : EMISSION_FAILED;
}

/* What needs the stored row. */
static enum emission
finish_create(struct plan *plan, struct change *c, struct problem *p)
{
	return done_if(lock_stored_parents(plan, c, p) &&
	    (!change_is_logged(c, c->model) || emit_log_created(plan, c, p)));
}

/* Lock parents · INSERT · lock the parents that the row names · log. An id that PostgreSQL makes
 * is needed by the last two, and for it the unit is held. A link that was there already has no new
 * row. */
static enum emission
emit_create(struct plan *plan, struct change *c, struct problem *p)
{
	const struct result *made;

	if (c->progress++ == 0) {
		if (!lock_parents(plan, c, p) || !emit_insert(plan, c, p) ||
		    (c->pair != NULL && !emit_expect_pair(plan, c, p)))
			return EMISSION_FAILED;
		return c->id != NULL ? finish_create(plan, c, p) : EMISSION_HOLD;
	}
	made = unit_result(plan->unit, c->written);
	if (c->pair != NULL && result_rows(made) == 0)
		return EMISSION_DONE;
	c->id = value_typed(c->arena, c->model->id->type, result_value(made, 0, 0, NULL));
	return finish_create(plan, c, p);
}

/* Of a row that is locked: lock what it will point to · log · UPDATE · lock the parents that
 * only the row names. A patch that says nothing changes nothing. */
static enum emission
change_locked(
    struct plan *plan, struct change *c, const struct expectation *expectation, struct problem *p)
{
	if (c->assignments.first == NULL)
		return done_if(emit_look(plan, c, p));
	assignments_touch(&c->assignments, c->arena, c->model);
	return done_if(lock_parents(plan, c, p) &&
	    (!change_is_logged(c, c->model) || emit_log_updated(plan, c, p)) &&
	    emit_update(plan, c, expectation, p) && lock_stored_parents(plan, c, p));
}

/* Lock the row, unless it is several that are locked, and change it. */
static enum emission
emit_patch(
    struct plan *plan, struct change *c, const struct expectation *expectation, struct problem *p)
{
	if (c->lock != CHANGE_LOCKED && !emit_lock_row(plan, c, p))
		return EMISSION_FAILED;
	if (c->lock == CHANGE_LOCKS_ONLY)
		return EMISSION_DONE;
	return change_locked(plan, c, expectation, p);
}

/* Change the row that was found, or make it. */
static enum emission
emit_found(
    struct plan *plan, struct change *c, const struct expectation *expectation, struct problem *p)
{
	struct upsert *u = c->upsert;
	const char *id = result_value(unit_result(plan->unit, c->written), 0, 1, NULL);

	if (id == NULL && u->must_exist) {
		problem_raise(p, PROBLEM_PRECONDITION,
		    "%s has no such row, so none in the version of If-Match", c->model->name);
		return EMISSION_FAILED;
	}
	if (id != NULL && u->must_be_new) {
		problem_raise(
		    p, PROBLEM_PRECONDITION, "this row of %s is there already", c->model->name);
		return EMISSION_FAILED;
	}
	if (id == NULL) {
		u->created = true;
		return emit_create(plan, u->create, p);
	}
	c->id = value_typed(c->arena, c->model->id->type, id);
	return change_locked(plan, c, expectation, p);
}

/*	lock the row of the key, learn whether it is there | change it, or make it
 *
 * The bar is a flush. The INSERT is a plain one: that somebody took the key since is told by its
 * violation, and the request is run again (explain.c). ON CONFLICT DO NOTHING would pass over the
 * other keys as well, which are the client's to hear of. */
static enum emission
emit_upsert(
    struct plan *plan, struct change *c, const struct expectation *expectation, struct problem *p)
{
	if (c->upsert->created)
		return emit_create(plan, c->upsert->create, p);
	if (c->progress++ > 0)
		return emit_found(plan, c, expectation, p);
	c->written = unit_count(plan->unit);
	return emit_lock_key(plan, c, p) ? EMISSION_HOLD : EMISSION_FAILED;
}

enum emission
emit_change(struct plan *plan, const struct tenant_change *scoped,
    const struct expectation *expectation, struct problem *p)
{
	struct change *c = scoped->change;

	/* No conditional write without an expectation. */
	assert((expectation == NULL) == (c->action == ACTION_CREATE));
	switch (c->action) {
	case ACTION_CREATE: return emit_create(plan, c, p);
	case ACTION_UPDATE:
		return c->upsert != NULL ? emit_upsert(plan, c, expectation, p)
					 : emit_patch(plan, c, expectation, p);
	case ACTION_DELETE:
	case ACTION_FORCE: return emit_remove(plan, c, expectation, p);
	case ACTION_RESTORE: return emit_restore(plan, c, p);
	case ACTION_READ:
	case ACTION_HISTORY:
	case ACTION__MAX: break;
	}
	assert(0 && "no write");
	return EMISSION_FAILED;
}
