/* SPDX-License-Identifier: BSD-2-Clause */
/* stages.h - the chain as types: access, audit, soft delete, tenancy, emit (DESIGN 1, STYLE 7)
 *
 *	query -> permitted_query -> audited_query -> live_query -> tenant_query -> statement
 *
 * Audit is outermost and sees what the caller meant, soft delete stands in the middle, tenancy next
 *to the database. To forget or swap a stage does not compile. */
#ifndef COMPILER_STAGES_H
#define COMPILER_STAGES_H

#include <stdbool.h>

#include "base/compiler.h"

struct principal;
struct problem;
struct query;
struct tenant;
struct unit;

struct permitted_query;
struct audited_query;
struct live_query;
struct tenant_query;

/* What the caller says about the log entry of a write. NULL where nothing is written. */
struct audit_intent;

/* How many rows a write must touch. NULL for reads: what is found is the answer. */
struct expectation;

/* May they, and whose rows: the model's rules for the action become nothing (all rows), a predicate
 * (their own rows) or a problem: PROBLEM_UNAUTHENTICATED for nobody in particular, else
 * PROBLEM_FORBIDDEN. */
struct permitted_query *
access_apply(struct query *, const struct principal *, struct problem *) MUST_CHECK;

/* Mark what must be logged; reads leave no mark. */
struct audited_query *
audit_apply(struct permitted_query *, const struct audit_intent *, struct problem *) MUST_CHECK;

/* Deleted rows vanish. */
struct live_query *soft_delete_apply(struct audited_query *, struct problem *) MUST_CHECK;

/* Whose rows: every reference to a tenant's table gets its own tenant predicate; a model that never
 * declared its tenancy compiles to false. */
struct tenant_query *
tenancy_apply(struct live_query *, const struct tenant *, struct problem *) MUST_CHECK;

/* Write the statements of a query into a unit, in the order they must run. */
bool emit_unit(struct unit *, const struct tenant_query *, const struct expectation *,
    struct problem *) MUST_CHECK;

/* The whole chain. */
bool compile_query(struct unit *, struct query *, const struct principal *, const struct tenant *,
    const struct audit_intent *, const struct expectation *, struct problem *) MUST_CHECK;

#endif
