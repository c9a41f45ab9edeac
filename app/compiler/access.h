/* SPDX-License-Identifier: BSD-2-Clause */
/* access.h - what the rules of a model let somebody reach
 *
 * The stage (stages.h) turns it into a predicate or a problem. Who serves rows that are no query,
 * the log of a model above all, asks here. */
#ifndef COMPILER_ACCESS_H
#define COMPILER_ACCESS_H

#include <stdbool.h>

#include "database/catalogue.h"

struct principal;
struct problem;

enum reach { REACH_NOTHING, REACH_OWN_ROWS, REACH_ALL_ROWS };

/* By the rules for the action and by the principal's scopes. REACH_OWN_ROWS only where the model
 * has an owner and the principal is a user with an id. */
enum reach access_reach(const struct model *, enum action, const struct principal *);

/* The problem of who reaches nothing: PROBLEM_UNAUTHENTICATED for nobody in particular, else
 * PROBLEM_FORBIDDEN. Always false. */
bool access_refuse(const struct model *, enum action, const struct principal *, struct problem *);

/* Whether somebody may do this to any row at all, before a body is looked at; the stage asks again.
 * PROBLEM_METHOD for a model that all tenants share. */
bool access_may_begin(
    const struct model *, enum action, const struct principal *, struct problem *) MUST_CHECK;

#endif
