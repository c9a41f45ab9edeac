/* SPDX-License-Identifier: BSD-2-Clause */
/* writing.h - the write unit of a request
 *
 *	writing_begin(&w, r, p) && writing_add(&w, change, &one, p) &&
 *	    writing_show(&w, change, &shown, p) && writing_commit(&w, p)
 *
 * Everything is sent in one flush by writing_commit, unless a change needs a result to go on, for
 * which writing_add holds the unit. A failure leaves no transaction open and is told in the
 * client's words. */
#ifndef SERVE_WRITING_H
#define SERVE_WRITING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "compiler/change.h"
#include "compiler/plan.h"

struct expectation;
struct problem;
struct request;
struct result;
struct unit;

struct writing {
	struct request *request;
	struct unit *unit;
	struct plan plan;
	struct audit_intent intent;
	unsigned hashes; /* of passwords; no request makes more than one */
};

/* No statement yet. A fault when the request says of itself what cannot be logged. */
bool writing_begin(struct writing *, struct request *, struct problem *) MUST_CHECK;

/* Send a change, and those nested in it, through all stages into the unit; the password of a new
 * row is hashed before. */
bool writing_add(
    struct writing *, struct change *, const struct expectation *, struct problem *) MUST_CHECK;

/* The same of several that do not need each other: where results are needed to go on, all of them
 * wait for the same flush. */
bool writing_add_all(struct writing *, struct change *const *, size_t count,
    const struct expectation *, struct problem *) MUST_CHECK;

/* The change that the request is about, in whose statement the unit failed; NULL when it did not
 * fail in one. */
const struct change *writing_failed(const struct writing *);

/* Read the changed row as GET would show it, in the same unit; *statement is where. It is
 * WRITING_HIDDEN where the principal may read no row of the model. */
#define WRITING_HIDDEN ((size_t)-1)
bool writing_show(
    struct writing *, const struct change *, size_t *statement, struct problem *) MUST_CHECK;

/* Run what the unit has so far, and hold its COMMIT back. */
bool writing_hold(struct writing *, struct problem *) MUST_CHECK;

bool writing_commit(struct writing *, struct problem *) MUST_CHECK;

/* The row that writing_show read, as JSON, once committed; NULL where the principal may not read
 * it. */
const char *writing_row(const struct writing *, size_t statement, size_t *len);

/* Key and version of what a change wrote, as text, once committed. */
const char *writing_id(const struct writing *, const struct change *);
const char *writing_version(const struct writing *, const struct change *);

#endif
