/* SPDX-License-Identifier: BSD-2-Clause */
/* plans.h - how PostgreSQL runs the statements of a unit in a worker
 *
 * A worker prepares a statement and runs it by its generic plan (plan_cache_mode of its role): one
 * plan for all values. A bare EXPLAIN would plan for the values at hand, so it is the prepared
 * statement that is explained, in the tenant's context. */
#ifndef CLI_PLANS_H
#define CLI_PLANS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct acting;
struct problem;
struct result;
struct unit;

struct plans {
	const struct unit *unit; /* has run */
	size_t first;            /* of its statements: the plan of the first one */
};

/* The plans of all statements. run: run them, too, with their values, and tell what that cost. */
bool plans_make(
    struct plans *, struct acting *, const struct unit *, bool run, struct problem *) MUST_CHECK;

/* Of a statement by its index: a row per line. */
const struct result *
plans_of(const struct plans *, size_t statement) __attribute__((returns_nonnull));

#endif
