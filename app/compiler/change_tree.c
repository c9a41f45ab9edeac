/* SPDX-License-Identifier: BSD-2-Clause */
/* change_tree.c - the order of changes, and walking it as far as ids are known */
#include "compiler/change_tree.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "compiler/change.h"
#include "compiler/nested.h"
#include "compiler/nested_seek.h"
#include "compiler/plan.h"
#include "compiler/stages.h"
#include "database/sqltext.h"
#include "database/unit.h"

/* One change on its way. */
struct member {
	struct member *next;
	struct change *change;
	struct tenant_change *scoped; /* NULL: it did not begin */
	bool done;
};

struct members {
	struct member *first, **last;
};

struct change_tree {
	struct arena *arena;
	const struct change_actor *actor;
	const struct expectation *expectation; /* of rows that the request is about */
	struct members roots;
	struct nested *missing; /* rows that are made since there is none (connectOrCreate) */
	bool unfolded;
	struct members all; /* in the order of their statements, when all is settled */
};

static const struct expectation one_row = { 1 };

static void
append(struct change_tree *tree, struct members *list, struct change *change)
{
	struct member *member = ARENA_NEW(tree->arena, struct member);

	member->change = change;
	*list->last = member;
	list->last = &member->next;
}

struct change_tree *
change_tree_new(
    struct arena *arena, const struct change_actor *actor, const struct expectation *expectation)
{
	struct change_tree *tree = ARENA_NEW(arena, struct change_tree);

	tree->arena = arena;
	tree->actor = actor;
	tree->expectation = expectation;
	tree->roots.last = &tree->roots.first;
	tree->all.last = &tree->all.first;
	return tree;
}

void
change_tree_add(struct change_tree *tree, struct change *change)
{
	append(tree, &tree->roots, change);
}

typedef bool visit_fn(void *, struct change *, struct problem *);

static bool
visit_change(struct change *change, visit_fn *visit, void *context, struct problem *p)
{
	if (change == NULL)
		return true;
	if (!visit(context, change, p))
		return false;
	for (struct nested *n = change->nested; n != NULL; n = n->next)
		if (!visit_change(n->make, visit, context, p) ||
		    !visit_change(n->row, visit, context, p) ||
		    !visit_change(n->join, visit, context, p))
			return false;
	return true;
}

bool
change_tree_visit(struct change_tree *tree, visit_fn *visit, void *context, struct problem *p)
{
	for (struct member *m = tree->roots.first; m != NULL; m = m->next)
		if (!visit_change(m->change, visit, context, p))
			return false;
	return true;
}

/* --- settling ------------------------------------------------------------------------------ */

/* Whether the row comes in front of the one above: that will point to it. */
static bool
is_in_front(const struct nested *n)
{
	return n->relation->kind == RELATION_ONE && n->make != NULL;
}

static const struct expectation *
expected(const struct change_tree *tree, const struct change *change)
{
	if (change->action == ACTION_CREATE)
		return NULL;
	return change->part_of == NULL ? tree->expectation : &one_row;
}

/* The stages; a refusal of a row that the request is not itself about says which one is meant. */
static struct tenant_change *
compile(struct change_tree *tree, struct change *change, struct problem *p)
{
	const struct change_actor *actor = tree->actor;
	struct tenant_change *scoped =
	    compile_change(change, actor->who, actor->tenant, actor->intent, p);

	if (scoped == NULL && change->part_of != NULL)
		problem_locate(p, change->named, "forbidden");
	return scoped;
}

/* Lock the row of a change before anything is written or read under it, if that is not the first
 * thing to happen anyway: whether it may be changed at all is told first, and rows are locked from
 * the top down. */
static bool
lock_first(struct change_tree *tree, struct change *change, struct plan *plan, struct problem *p)
{
	const struct nested *n = change->nested;
	struct tenant_change *scoped;
	struct change *guard;

	while (n != NULL && !is_in_front(n) && !nested_is_sought(n))
		n = n->next;
	if (n == NULL || change->action != ACTION_UPDATE || change->lock == CHANGE_LOCKED)
		return true;
	guard = ARENA_NEW(tree->arena, struct change);
	*guard = *change;
	assignments_init(&guard->assignments);
	guard->links = NULL;
	guard->lock = CHANGE_LOCKS_ONLY;
	change->lock = CHANGE_LOCKED;
	return (scoped = compile(tree, guard, p)) != NULL &&
	    emit_change(plan, scoped, expected(tree, change), p) == EMISSION_DONE;
}

/* What the operations in a change come to, and those within them as far as it is known. */
static enum emission
settle(struct change_tree *tree, struct change *change, struct plan *plan, struct problem *p)
{
	enum emission all = EMISSION_DONE, one = EMISSION_DONE;

	if (change == NULL)
		return EMISSION_DONE;
	if (!lock_first(tree, change, plan, p))
		return EMISSION_FAILED;
	for (struct nested *n = change->nested; n != NULL && one != EMISSION_FAILED; n = n->next) {
		one = nested_settle(n, tree->actor, plan, p);
		if (one == EMISSION_DONE)
			one = settle(tree, n->make, plan, p);
		if (one == EMISSION_DONE)
			one = settle(tree, n->row, plan, p);
		if (one == EMISSION_HOLD)
			all = EMISSION_HOLD;
	}
	return one == EMISSION_FAILED ? one : all;
}

/* --- rows that are missing more than once --------------------------------------------------- */

static bool
is_same_key(const struct nested *a, const struct nested *b)
{
	const struct assignment *one = a->key.first, *two = b->key.first;

	if (a->relation->target != b->relation->target || a->implied || b->implied)
		return false;
	if (a->id != NULL || b->id != NULL)
		return a->id != NULL && b->id != NULL && nested_is_id(a, b->id->bytes);
	while (one != NULL && two != NULL && one->column == two->column &&
	    strcmp(one->value->bytes, two->value->bytes) == 0) {
		one = one->next;
		two = two->next;
	}
	return one == NULL && two == NULL;
}

/* Where several operations ask for the same row that is not there, the first makes it and the
 * others connect it: ten new posts with one new category. Where the row below has the foreign key,
 * it cannot be connected with two. */
static void
share_missing(struct change_tree *tree, struct change *change)
{
	if (change == NULL)
		return;
	for (struct nested *n = change->nested; n != NULL; n = n->next) {
		struct nested *first = tree->missing;

		if (n->verb == NESTED_CONNECT_OR_CREATE && n->make != NULL && n->link != NULL) {
			while (first != NULL && !is_same_key(first, n))
				first = first->next_missing;
			if (first != NULL) {
				n->link->source = first->make;
				n->make = NULL;
			} else {
				n->next_missing = tree->missing;
				tree->missing = n;
			}
		}
		share_missing(tree, n->make);
		share_missing(tree, n->row);
	}
}

/* --- the order ----------------------------------------------------------------------------- */

/* By verb, and those upon rows that are there by their ids; else as they stand in the body. */
static int
compare(const struct nested *a, const struct nested *b)
{
	if (a->verb != b->verb || a->id == NULL || b->id == NULL)
		return a->verb < b->verb ? -1 : a->verb > b->verb;
	return strcmp(a->id->bytes, b->id->bytes);
}

/* The operations of a change in the order in which they are done, behind them NULL. */
static struct nested **
sorted(struct change_tree *tree, const struct change *change)
{
	struct nested **list;
	size_t count = 0;

	for (struct nested *n = change->nested; n != NULL; n = n->next)
		count++;
	list = arena_array(tree->arena, count + 1, sizeof(struct nested *));
	count = 0;
	for (struct nested *n = change->nested; n != NULL; n = n->next) {
		size_t place = count++;

		for (; place > 0 && compare(list[place - 1], n) > 0; place--)
			list[place] = list[place - 1];
		list[place] = n;
	}
	return list;
}

static void
unfold(struct change_tree *tree, struct change *change)
{
	struct nested **list;

	if (change == NULL)
		return;
	list = sorted(tree, change);
	for (struct nested **n = list; *n != NULL; n++)
		if (is_in_front(*n))
			unfold(tree, (*n)->make);
	append(tree, &tree->all, change);
	for (struct nested **n = list; *n != NULL; n++) {
		for (size_t i = 0; i < (*n)->gone_count; i++)
			append(tree, &tree->all, (*n)->gone[i]);
		if (!is_in_front(*n))
			unfold(tree, (*n)->make);
		unfold(tree, (*n)->row);
		unfold(tree, (*n)->join);
	}
}

/* --- the walk ------------------------------------------------------------------------------ */

/* Whether everything that stands before a change is in the unit, and its foreign keys are known. */
static bool
is_ready(const struct change *change)
{
	if (change->behind != NULL && !change->behind->begun)
		return false;
	for (const struct link *link = change->links; link != NULL; link = link->next)
		if (link->source != NULL && (!link->source->begun || link->source->id == NULL))
			return false;
	return true;
}

static void
assign_links(struct change *change)
{
	for (struct link *link = change->links; link != NULL; link = link->next)
		if (!link->idle)
			assignments_add(&change->assignments, change->arena, link->column,
			    ASSIGN_VALUE, link->source != NULL ? link->source->id : link->value);
}

static bool
begin(struct change_tree *tree, struct member *member, struct problem *p)
{
	assign_links(member->change);
	member->scoped = compile(tree, member->change, p);
	member->change->begun = member->scoped != NULL;
	return member->scoped != NULL;
}

/* As far as one member goes. */
static enum emission
emit_member(struct change_tree *tree, struct member *member, struct plan *plan, struct problem *p)
{
	enum emission emission;

	if (member->scoped == NULL && !begin(tree, member, p))
		return EMISSION_FAILED;
	emission = emit_change(plan, member->scoped, expected(tree, member->change), p);
	member->done = emission == EMISSION_DONE;
	return emission;
}

/* Those that wait for a result go on, and whatever can begin begins. */
static enum emission
go_on(struct change_tree *tree, struct plan *plan, struct problem *p)
{
	enum emission all = EMISSION_DONE;

	for (struct member *m = tree->all.first; m != NULL; m = m->next) {
		if (m->done || (m->scoped == NULL && !is_ready(m->change)))
			continue;
		switch (emit_member(tree, m, plan, p)) {
		case EMISSION_FAILED: return EMISSION_FAILED;
		case EMISSION_HOLD: all = EMISSION_HOLD; break;
		case EMISSION_DONE: break;
		}
	}
	return all;
}

static bool
is_done(const struct change_tree *tree)
{
	const struct member *m = tree->all.first;

	while (m != NULL && m->done)
		m = m->next;
	return m == NULL;
}

/* Every change as far as it gets without another result. A shared row may stand behind the first
 * that points to it; else one pass is enough. */
static enum emission
walk(struct change_tree *tree, struct plan *plan, struct problem *p)
{
	enum emission emission;
	size_t before;

	do {
		before = unit_count(plan->unit);
		emission = go_on(tree, plan, p);
	} while (emission == EMISSION_DONE && !is_done(tree) && unit_count(plan->unit) > before);
	assert(emission != EMISSION_DONE || is_done(tree)); /* links go in no circle */
	return emission;
}

enum emission
change_tree_emit(struct change_tree *tree, struct plan *plan, struct problem *p)
{
	bool waiting = false;

	for (struct member *m = tree->roots.first; m != NULL && !tree->unfolded; m = m->next)
		switch (settle(tree, m->change, plan, p)) {
		case EMISSION_FAILED: return EMISSION_FAILED;
		case EMISSION_HOLD: waiting = true; break;
		case EMISSION_DONE: break;
		}
	if (waiting)
		return EMISSION_HOLD;
	for (struct member *m = tree->roots.first; m != NULL && !tree->unfolded; m = m->next)
		share_missing(tree, m->change);
	for (struct member *m = tree->roots.first; m != NULL && !tree->unfolded; m = m->next)
		unfold(tree, m->change);
	tree->unfolded = true;
	return walk(tree, plan, p);
}
