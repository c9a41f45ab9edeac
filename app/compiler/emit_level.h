/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_level.h - the statements about rows that go along with another; for the files that emit
 *
 * The rows of a level are found anew by each statement: by their ids, by the deletion they went
 * with, or by the foreign keys that lead to them. Once they are locked, and what leads to them is,
 * each statement finds the same: nobody else makes, moves or brings back a child of a locked
 * parent (DESIGN 3.6). */
#ifndef COMPILER_EMIT_LEVEL_H
#define COMPILER_EMIT_LEVEL_H

#include <stdbool.h>

#include "base/compiler.h"
#include "compiler/stages.h"

struct assignments;
struct change;
struct level;
struct plan;
struct problem;
struct relation;
struct sqltext;

/* What an entry tells: the word, and the assignments; list NULL: the row is gone. */
struct level_tale {
	const char *action;
	const struct assignments *list;
};

/* The tables that lead to a level's rows, of which there is none when they are known by their
 * group; and the condition. */
void level_from(struct sqltext *, const struct level *);
void level_where(struct sqltext *, const struct change *, const struct level *);

/* Lock the rows of a level, in the order of their ids. With named the result is their ids and those
 * of their deletions, as text. */
bool emit_lock_level(struct plan *, const struct change *, const struct level *, bool named,
    struct problem *) MUST_CHECK;

bool emit_log_level(struct plan *, const struct change *, const struct level *,
    const struct level_tale *, struct problem *) MUST_CHECK;
bool emit_update_level(struct plan *, const struct change *, const struct level *,
    const struct assignments *, struct problem *) MUST_CHECK;
bool emit_delete_level(
    struct plan *, const struct change *, const struct level *, struct problem *) MUST_CHECK;

/* Refuse when a live row still points to one of the level's. */
bool emit_restrict(struct plan *, const struct change *, const struct level *,
    const struct relation *, struct problem *) MUST_CHECK;

/* ACTION_DELETE and ACTION_FORCE; ACTION_RESTORE. */
enum emission emit_remove(
    struct plan *, struct change *, const struct expectation *, struct problem *) MUST_CHECK;
enum emission emit_restore(struct plan *, struct change *, struct problem *) MUST_CHECK;

#endif
