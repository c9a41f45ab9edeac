/* SPDX-License-Identifier: BSD-2-Clause */
/* unit.h - one request is one unit, one unit is one transaction, most units are one round trip
 *
 *	BEGIN [READ ONLY] · context · statements · COMMIT · Sync
 *
 * leave in one flush and are read to the Sync before a byte of the answer leaves (DESIGN 1
 *and 3.1). The context call binds tenant, actor and request to the transaction and refuses when the
 *worker's memory is older than the database's epoch. A unit in memory does no I/O: the compiler
 *fills it, unit_run runs it. */
#ifndef DATABASE_UNIT_H
#define DATABASE_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct arena;
struct pg;
struct pg_rows;
struct pg_failure;
struct principal;
struct problem;
struct result;
struct sqltext;
struct statement;
struct tenant;
struct unit;

enum unit_mode {
	UNIT_READ, /* BEGIN READ ONLY */
	UNIT_WRITE,
};

/* What a transaction sees of others (PostgreSQL's levels; READ UNCOMMITTED is none of them). */
enum isolation {
	ISOLATION_READ_COMMITTED,
	ISOLATION_REPEATABLE_READ,
	ISOLATION_SERIALIZABLE,
	ISOLATION__MAX,
};

/* What the transaction is bound to. */
struct context {
	const struct tenant
	    *tenant; /* NULL: none; a policy then raises, it never shows an empty page */
	const struct principal *principal; /* NULL: the system */
	const char *request_id;
	int64_t epoch;       /* what the worker remembers */
	int64_t deadline_ns; /* monotonic */
};

/* An empty unit. */
struct unit *unit_new(struct arena *, enum unit_mode) __attribute__((returns_nonnull));

/* Append a statement; the first has index 0. */
bool unit_add(struct unit *, const struct statement *, struct problem *) MUST_CHECK;

/* Finish a text and append it. */
bool unit_add_text(struct unit *, struct sqltext *, struct problem *) MUST_CHECK;

/* A statement that runs before all of its own, directly behind the context. Not of a unit that has
 * begun. */
void unit_lead(struct unit *, const struct statement *);

/* How its transaction is isolated; READ COMMITTED unless it is said before the unit begins. */
void unit_isolate(struct unit *, enum isolation);

/* What the layer above knows of the unit; NULL: nothing. */
void unit_keep(struct unit *, void *);
void *unit_kept(const struct unit *);

enum unit_mode unit_mode(const struct unit *);
size_t unit_count(const struct unit *);
size_t unit_sent(const struct unit *); /* of them have run */
const struct statement *unit_statement(const struct unit *, size_t index);

/* Run it. True only when PostgreSQL has answered COMMIT and the Sync; the connection is idle
 * afterwards in any case, or closed. PROBLEM_EPOCH and PROBLEM_RETRY ask the caller to run the
 * request again; PROBLEM_OUTCOME_UNKNOWN says that a write may or may not have happened. */
bool unit_run(struct unit *, struct pg *, const struct context *, struct problem *) MUST_CHECK;

/* As unit_run, of a unit that only reads, but the rows of its last statement are handed over one by
 * one instead of being kept. PROBLEM_EPOCH and PROBLEM_RETRY may then come when some have been. */
bool unit_run_rows(struct unit *, struct pg *, const struct context *, const struct pg_rows *,
    struct problem *) MUST_CHECK;

/* Whether the epoch is still the context's, asked by itself: what a unit without statements would
 * find out, at a third of its cost. False and PROBLEM_EPOCH when it is not. */
bool unit_confirm(struct arena *, struct pg *, const struct context *, struct problem *) MUST_CHECK;

/* Where C must see a result to go on, COMMIT is held back: run what was added so far and keep the
 * transaction open. More may be added then, and held again; unit_run runs the rest and commits.
 * Each call is one flush. After a failure the unit is over, as after unit_run. */
bool unit_hold(struct unit *, struct pg *, const struct context *, struct problem *) MUST_CHECK;
bool unit_is_held(const struct unit *);

/* Roll a held unit back; nothing to do for any other. */
void unit_drop(struct unit *, struct pg *, const struct context *);

/* The rows of a statement that has run. */
const struct result *
unit_result(const struct unit *, size_t index) __attribute__((returns_nonnull));

/* What PostgreSQL said when the last run failed; NULL when it did not fail there. (pg_failure is of
 * the ROLLBACK by then.) */
const struct pg_failure *unit_failure(const struct unit *);

/* The statement that the last run failed in; unit_count() when it was none of the unit's own. */
size_t unit_failed(const struct unit *);

/* Whether it was the leading one. */
bool unit_lead_failed(const struct unit *);

#endif
