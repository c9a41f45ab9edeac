/* SPDX-License-Identifier: BSD-2-Clause */
/* entries.h - entries of the audit log about what is no query: accounts, keys, sessions
 *
 * A unit writes its entry beside the change, so that both commit or neither. Who acted is the
 * request's principal. Nothing here looks at values: the caller leaves secrets out.
 *
 *	struct sqltext *t = entries_begin(r, tenant, &entry);
 *
 *	sqltext_literal(t, "NULL");		the changes, as an expression
 *	return entries_add(unit, r, t, facts, count, p); */
#ifndef SERVE_ENTRIES_H
#define SERVE_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct problem;
struct request;
struct sqltext;
struct tenant;
struct unit;
struct value;

struct entry {
	const char *action;      /* "api_keys.created" */
	const char *target_type; /* a table; those of the platform with their schema */
	const char *target_id;
	bool manual;                 /* written for its own sake, and not because a row changes */
	const char *result, *reason; /* NULL: it was done */
	int64_t ordinal;             /* of the entry within its unit, behind smaller ones */
};

/* For the metadata, beside the request's id. */
struct entry_fact {
	const char *name;
	const struct value *value;
};

/* An entry up to its changes, which the caller writes: an expression of type jsonb, which may name
 * no table but in a sub-select of its own. */
struct sqltext *entries_begin(struct request *, const struct tenant *, const struct entry *)
    __attribute__((returns_nonnull));

/* End it, and add it to a write unit. */
bool entries_add(struct unit *, struct request *, struct sqltext *, const struct entry_fact *,
    size_t count, struct problem *) MUST_CHECK;

#endif
