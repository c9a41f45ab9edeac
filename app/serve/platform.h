/* SPDX-License-Identifier: BSD-2-Clause */
/* platform.h - what the platform's own handlers include
 *
 * They serve any model and the platform's own tables, so they see the whole of a request and build
 * queries and units themselves. Who writes business code includes handler.h instead. */
#ifndef SERVE_PLATFORM_H
#define SERVE_PLATFORM_H

#include "base/arena.h"
#include "base/problem.h"
#include "compiler/query.h"
#include "database/catalogue.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "database/unit.h"
#include "serve/request.h"
#include "serve/response.h"
#include "serve/router.h"

/* The model of a {model} segment; PROBLEM_NO_MODEL when nobody registered it. */
const struct model *request_model(struct request *, const char *name, struct problem *) MUST_CHECK;

/* Run one query as a unit of its own, through access, audit, soft delete and tenancy. The unit with
 * all its results, or the rows of its first statement; NULL and a problem. */
const struct unit *request_read_unit(struct request *, struct query *, struct problem *) MUST_CHECK;
const struct result *
request_read_query(struct request *, struct query *, struct problem *) MUST_CHECK;

/* Run a unit that only reads, and hand over the rows of its last statement one by one
 * (unit_run_rows). */
bool request_run_rows(
    struct request *, struct unit *, const struct pg_rows *, struct problem *) MUST_CHECK;

/* Run a unit of statements on the platform's own tables, as the request's principal: for its
 * tenant, for another one, or for none. */
bool request_run(struct request *, struct unit *, struct problem *) MUST_CHECK;
bool request_run_for(
    struct request *, const struct tenant *, struct unit *, struct problem *) MUST_CHECK;
bool request_run_bare(struct request *, struct unit *, struct problem *) MUST_CHECK;

/* Run what a unit has so far and hold its COMMIT back (unit_hold); request_run ends it. */
bool request_hold(struct request *, struct unit *, struct problem *) MUST_CHECK;

/* Whether what the worker remembers is still true, without a unit; else PROBLEM_EPOCH. */
bool request_confirm(struct request *, struct problem *) MUST_CHECK;

/* What serve/idempotency.c does to a unit that it holds. */
bool request_commit(struct request *, struct unit *, struct problem *) MUST_CHECK;
void request_drop(struct request *, struct unit *);

#endif
