/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_change.h - the parts that statements of writes share; for the files that emit them
 *
 * Lock, log, write (DESIGN 3.4): emit_lock.c, emit_log.c and emit_write.c each write one kind of
 * statement, emit_change.c puts them in the order in which they must run. In every text t0 is the
 * row that is changed and has its own tenant predicate, as each other table has. */
#ifndef COMPILER_EMIT_CHANGE_H
#define COMPILER_EMIT_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct assignments;
struct assignment;
struct change;
struct column;
struct expectation;
struct model;
struct parent;
struct plan;
struct problem;
struct sqltext;
struct value;

/* t0."title" */
void change_column(struct sqltext *, unsigned number, const struct column *);

/* "public"."posts" AS t0 */
void change_table(struct sqltext *, unsigned number, const struct model *);

/* (t0."tenant_id" = $1::uuid), or (true) for a table that all tenants share */
void
change_tenant(struct sqltext *, unsigned number, const struct model *, const struct value *tenant);

/* The row of the change, or its rows: tenant and key, whatever their state. */
void change_row(struct sqltext *, const struct change *);

/* The row of an upsert's key, in its tenant; a deleted one only where it holds its value. */
void change_key(struct sqltext *, const struct change *);

/* What a column becomes, as an expression of its base type: a cast to the full type would cut a
 * value silently (limits.md 10.2). */
void change_expression(struct sqltext *, unsigned number, const struct assignment *);

/*	 SET "title" = $3::varchar, "version" = CAST(t0."version" + $4::int8 AS int8), ... */
void change_set(struct sqltext *, unsigned number, const struct assignments *);

/* Lock the row of the change and refuse with the first of the facts that fails. */
bool emit_lock_row(struct plan *, const struct change *, struct problem *) MUST_CHECK;

/* Lock the row of an upsert's key, where there is one: column 1 is its id, or NULL. */
bool emit_lock_key(struct plan *, const struct change *, struct problem *) MUST_CHECK;

/* Lock one row that the changed one will point to; refuse when it is not there to be pointed to. */
bool emit_lock_parent(
    struct plan *, const struct change *, const struct parent *, struct problem *) MUST_CHECK;

/* The same behind the write, where only the row that was written says what it points to. */
bool emit_lock_stored_parent(
    struct plan *, const struct change *, const struct parent *, struct problem *) MUST_CHECK;

/* The log entry of a new row, from the row itself: behind the INSERT. */
bool emit_log_created(struct plan *, const struct change *, struct problem *) MUST_CHECK;

/* The log entry of a change to a row that is locked: before the write. */
bool emit_log_updated(struct plan *, const struct change *, struct problem *) MUST_CHECK;

/* The writes. Id and version of the row become columns 0 and 1 of the result, whose statement
 * change->written names; emit_look reads them alone. */
bool emit_insert(struct plan *, struct change *, struct problem *) MUST_CHECK;
bool emit_expect_pair(struct plan *, const struct change *, struct problem *) MUST_CHECK;
bool emit_update(
    struct plan *, struct change *, const struct expectation *, struct problem *) MUST_CHECK;
bool emit_look(struct plan *, struct change *, struct problem *) MUST_CHECK;

#endif
