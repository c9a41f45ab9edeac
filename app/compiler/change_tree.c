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
#include "database/sqltext.h"

/* One change on its way. */
struct member {
	struct member *next;
	struct change *change;
	struct tenant_change *scoped; /* NULL: it did not begin */
	bool done;
};

struct change_tree {
	struct arena *arena;
	const struct change_actor *actor;
	const struct expectation *expectation; /* of rows that are there */
	struct member *first, **last;          /* in the order of their statements */
};

static const struct expectation one_row = { 1 };

/* --- the order ----------------------------------------------------------------------------- */

static void
append(struct change_tree *tree, struct change *change)
{
	struct member *member;

	if (change == NULL)
		return;
	member = ARENA_NEW(tree->arena, struct member);
	member->change = change;
	*tree->last = member;
	tree->last = &member->next;
}

/* Whether the row comes in front of the one above: that will point to it. */
static bool
is_in_front(const struct nested *nested)
{
	return nested->relation->kind == RELATION_ONE && nested->verb == NESTED_CREATE;
}

static void
unfold(struct change_tree *tree, struct change *change)
{
	for (const struct nested *n = change->nested; n != NULL; n = n->next)
		if (is_in_front(n))
			unfold(tree, n->row);
	append(tree, change);
	for (const struct nested *n = change->nested; n != NULL; n = n->next) {
		if (n->row != NULL && !is_in_front(n))
			unfold(tree, n->row);
		append(tree, n->join);
	}
}

struct change_tree *
change_tree_new(
    struct arena *arena, const struct change_actor *actor, const struct expectation *expectation)
{
	struct change_tree *tree = ARENA_NEW(arena, struct change_tree);

	tree->arena = arena;
	tree->actor = actor;
	tree->expectation = expectation;
	tree->last = &tree->first;
	return tree;
}

void
change_tree_add(struct change_tree *tree, struct change *change)
{
	unfold(tree, change);
}

bool
change_tree_visit(struct change_tree *tree,
    bool (*visit)(void *context, struct change *, struct problem *), void *context,
    struct problem *p)
{
	for (struct member *m = tree->first; m != NULL; m = m->next)
		if (!visit(context, m->change, p))
			return false;
	return true;
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
		assignments_add(&change->assignments, change->arena, link->column, ASSIGN_VALUE,
		    link->source != NULL ? link->source->id : link->value);
}

/* A refusal of a row that the request is not itself about says which one is meant. */
static void
place_problem(const struct change *change, struct problem *p)
{
	enum problem_code code = p->code;
	const char *detail = p->detail;

	if (change->part_of == NULL || p->faults != NULL)
		return;
	p->code = PROBLEM_NONE;
	p->detail = NULL;
	problem_fault_as(p, code, change->place, "forbidden", "%s", detail);
}

static bool
begin(struct change_tree *tree, struct member *member, struct problem *p)
{
	const struct change_actor *actor = tree->actor;
	struct change *change = member->change;

	assign_links(change);
	member->scoped = compile_change(change, actor->who, actor->tenant, actor->intent, p);
	if (member->scoped == NULL) {
		place_problem(change, p);
		return false;
	}
	change->begun = true;
	return true;
}

static const struct expectation *
expected(const struct change_tree *tree, const struct change *change)
{
	if (change->action == ACTION_CREATE)
		return NULL;
	return change->part_of == NULL ? tree->expectation : &one_row;
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

enum emission
change_tree_emit(struct change_tree *tree, struct plan *plan, struct problem *p)
{
	bool waiting = false;

	for (struct member *m = tree->first; m != NULL; m = m->next) {
		if (m->done || (m->scoped == NULL && !is_ready(m->change)))
			continue;
		switch (emit_member(tree, m, plan, p)) {
		case EMISSION_FAILED: return EMISSION_FAILED;
		case EMISSION_HOLD: waiting = true; break;
		case EMISSION_DONE: break;
		}
	}
	for (const struct member *m = tree->first; m != NULL && !waiting; m = m->next)
		assert(m->done); /* links go from rows to those behind them */
	return waiting ? EMISSION_HOLD : EMISSION_DONE;
}
