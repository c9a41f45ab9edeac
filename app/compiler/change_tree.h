/* SPDX-License-Identifier: BSD-2-Clause */
/* change_tree.h - a change and all that is nested in it, into the statements of one unit
 *
 * Each row goes through all stages by itself, once its foreign keys are known. What a row will
 * point to stands before it, what points to it behind: a new post in front of its comments, a new
 * author in front of the post. Ids that are made in C are known at once, so all of it is one flush;
 * for ids that PostgreSQL makes the unit is held once per level, and so it is where it must be read
 * which rows are meant.
 *
 *	struct change_tree *tree = change_tree_new(arena, &actor, &one);
 *	change_tree_add(tree, change);
 *	while ((emission = change_tree_emit(tree, &plan, p)) == EMISSION_HOLD)
 *		hold the unit;
 */
#ifndef COMPILER_CHANGE_TREE_H
#define COMPILER_CHANGE_TREE_H

#include <stdbool.h>

#include "base/compiler.h"
#include "compiler/stages.h"

struct arena;
struct change;
struct change_tree;

/* For whom the stages are passed. */
struct change_actor {
	const struct principal *who;
	const struct tenant *tenant; /* NULL: none */
	const struct audit_intent *intent;
};

/* Without changes yet. Actor and expectation, which is of the rows that the request is about and
 * NULL where they are new, outlive it. */
struct change_tree *change_tree_new(struct arena *, const struct change_actor *,
    const struct expectation *) __attribute__((returns_nonnull));

/* A row that the request is about, as it was read (change_read.h), and all that is nested in it. */
void change_tree_add(struct change_tree *, struct change *);

/* Call visit for each change, until one returns false, which is then what is returned. */
bool change_tree_visit(struct change_tree *,
    bool (*visit)(void *context, struct change *, struct problem *), void *context,
    struct problem *) MUST_CHECK;

/* Write statements into the plan's unit, as emit_change does. */
enum emission change_tree_emit(struct change_tree *, struct plan *, struct problem *) MUST_CHECK;

#endif
