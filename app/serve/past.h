/* SPDX-License-Identifier: BSD-2-Clause */
/* past.h - a row as it was
 *
 * The row as it stands is taken, and what the log says was changed since is put back: for each
 * column the `before` of the earliest change after the instant. So nothing is needed of the time
 * before it, and pruning what is older costs nothing. Changes of one row are in the order of its
 * versions; each counts from the start of its transaction, to the millisecond, as `at` in the log.
 * Where the log does not reach the instant without a gap, there is no answer rather than a wrong
 * one. Generated columns are not logged and left out; hidden ones never leave, sensitive ones are
 * [REDACTED]. */
#ifndef SERVE_PAST_H
#define SERVE_PAST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct model;
struct problem;
struct request;
struct text;
struct unit;
struct value;

/* A statement for whether a row is there, deleted or not, or the log tells of one: t or f. With
 * own, only a row that is there and the principal's counts. */
bool past_add_exists(struct unit *, struct request *, const struct model *, const struct value *id,
    bool own, struct problem *) MUST_CHECK;

struct past_question {
	const struct model *model;
	const struct value *id;
	const char *instant;
	bool own; /* only if the principal owned it then */
};

/* What the database found, and what it means; apart, so that it can be tested. */
struct past_facts {
	bool exists;          /* there is a row, deleted or not */
	bool logged;          /* and at least one entry */
	int64_t version;      /* of the row; where there is none, of its last entry */
	int64_t known;        /* the newest version at the instant, by the log; 0: none is told */
	int64_t undone;       /* entries after it */
	int64_t earliest;     /* version of the earliest of those */
	int64_t creations;    /* in the whole log of the row */
	bool creation_undone; /* it was created after the instant */
	bool known_is_end;    /* it had been purged by then */
	bool old_enough;      /* what was put together was last updated at or before the instant */
	bool deleted;         /* it is soft-deleted in that state */
	bool owned;           /* it is the principal's in that state */
};

enum past { PAST_SHOWN, PAST_ABSENT, PAST_UNKNOWN };

enum past past_judge(const struct past_facts *);

/* The row as JSON; PROBLEM_NO_ROW where there was none, PROBLEM_NO_HISTORY where nobody knows. */
bool past_read(
    struct request *, const struct past_question *, struct text *out, struct problem *) MUST_CHECK;

#endif
