/* SPDX-License-Identifier: BSD-2-Clause */
/* caching.h - answers that are kept, and the writes that make them old
 *
 * A row of the table of routes that says `cache` is answered from the cache (cache.h) of the host
 * where it can be. What it keeps is of one tenant, one class of principals (who may read the same
 * rows) and one epoch, and as old as the rows of its models at most: every unit that writes to one
 * of them says so to the workers of this host before its COMMIT is sent and again behind it, and to
 * other hosts by a notification that commits with it.
 *
 * A hit still compares the epoch with the database's, as every answer out of memory does
 * (service.c), so what was revoked a moment ago sees nothing. */
#ifndef SERVE_CACHING_H
#define SERVE_CACHING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct freshness;
struct plan;
struct problem;
struct request;
struct response;
struct route_table;
struct unit;

#define CACHING_CHANNEL "rowhouse_cache"

/* Whether any route has a rule. */
bool caching_is_declared(const struct route_table *);

/* Run the handler of a route with a rule, or answer what it has answered before. */
bool caching_answer(struct request *, struct response *, struct problem *) MUST_CHECK;

/* The unit writes to rows of a model's table: before its COMMIT is sent. Nothing where no route
 * declares it. */
bool caching_note(struct request *, struct unit *, const char *table, struct problem *) MUST_CHECK;

/* The same of all that a plan writes. */
bool caching_note_plan(struct request *, const struct plan *, struct problem *) MUST_CHECK;

/* Around a flush that ends in COMMIT. */
void caching_begin_commit(struct request *);
void caching_end_commit(struct request *);

/* What another host, or this one, has sent on the channel: "TENANT model TABLE", "TENANT key NAME";
 * whatever else it is makes everything old. */
void caching_hear(struct freshness *, const char *payload);

#endif
