/* SPDX-License-Identifier: BSD-2-Clause */
/* filter.h - filter.author.name=$ilike:x, and groups of such conditions
 *
 *	name      = *( ("or" | "and" | "not") "." group "." ) "filter." path
 *	path      = column | json-column "." key *("." key)
 *	          | to-one "." path | to-one
 *	          | to-many "." ("$some" | "$every" | "$none") "." path
 *	          | to-many "._count"
 *
 * Conditions are joined by AND; those that name the same group are joined as it says: by OR, by
 * AND, or not all of them at once. A name of a group is any word without a dot. Conditions behind
 * the same relation and quantifier, in the same group but of "or", are about the same row. */
#ifndef COMPILER_FILTER_H
#define COMPILER_FILTER_H

#include <stdbool.h>

#include "base/compiler.h"

struct problem;
struct query;

/* Whether a parameter of this name is a condition. */
bool filter_is(const char *name);

/* Add the condition. False and a fault at pointer when there is no such column or relation, or it
 * is not filterable so. */
bool filter_add(struct query *, const char *name, const char *value, const char *pointer,
    struct problem *) MUST_CHECK;

#endif
