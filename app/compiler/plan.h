/* SPDX-License-Identifier: BSD-2-Clause */
/* plan.h - what each statement of a write is for
 *
 * A unit knows texts and results. When one of its statements fails, the plan says what it wanted,
 * so that the failure can be told in the client's words (explain.h). */
#ifndef COMPILER_PLAN_H
#define COMPILER_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct arena;
struct change;
struct model;
struct problem;
struct relation;
struct sqltext;
struct unit;

enum purpose {
	PURPOSE_NONE,     /* not of a write */
	PURPOSE_ROW,      /* lock a row and look whether it may be changed */
	PURPOSE_PARENT,   /* lock what a row will point to */
	PURPOSE_LEVEL,    /* lock the rows that go along */
	PURPOSE_LOG,      /* write the entry */
	PURPOSE_WRITE,    /* write the row */
	PURPOSE_RESTRICT, /* look whether a row that stays points to one that goes */
	PURPOSE_MEMBER,   /* look whether a deleted row went along with another */
	PURPOSE__MAX,
};

struct step {
	enum purpose purpose;
	const struct change *change;
	const struct model *model;       /* the one whose rows it touches */
	const struct relation *relation; /* PARENT, RESTRICT, MEMBER: the one followed */
};

struct plan {
	struct unit *unit;
	struct arena *arena;
	struct step *steps; /* by the number of the statement in the unit */
	size_t size;
};

/* For a unit without statements yet, or with other ones. */
void plan_init(struct plan *, struct arena *, struct unit *);

/* Append a statement to the unit, with what it is for. */
bool plan_add(struct plan *, struct sqltext *, const struct step *, struct problem *) MUST_CHECK;

/* Where the log entries of the next statement begin among those of the unit. */
int64_t plan_ordinal(const struct plan *);

/* What a statement of the unit is for; PURPOSE_NONE for those that the plan did not add. */
const struct step *
plan_step(const struct plan *, size_t statement) __attribute__((returns_nonnull));

#endif
