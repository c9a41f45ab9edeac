/* SPDX-License-Identifier: BSD-2-Clause */
/* stages.h - the chain as types: access, audit, soft delete, tenancy, emit (DESIGN 1, STYLE 7)
 *
 *	query  -> permitted_query  -> audited_query  -> live_query  -> tenant_query  -> statement
 *	change -> permitted_change -> audited_change -> live_change -> tenant_change -> statements
 *
 * Audit is outermost and sees what the caller meant, soft delete stands in the middle, tenancy next
 *to the database. To forget or swap a stage does not compile. */
#ifndef COMPILER_STAGES_H
#define COMPILER_STAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct change;
struct plan;
struct principal;
struct problem;
struct query;
struct tenant;
struct unit;

struct permitted_query;
struct audited_query;
struct live_query;
struct tenant_query;

struct permitted_change;
struct audited_change;
struct live_change;
struct tenant_change;

/* What the caller says about the log entries of a write (change.h). NULL where nothing is written.
 */
struct audit_intent;

/* How many rows a conditional write must touch; if it touches another number the unit is
 * refused and run again. NULL for reads, where what is found is the answer, and for new rows,
 * which are made or fail. */
struct expectation {
	int64_t rows;
};

/* May they, and whose rows: the model's rules for the action become nothing (all rows), a predicate
 * (their own rows) or a problem: PROBLEM_UNAUTHENTICATED for nobody in particular, else
 * PROBLEM_FORBIDDEN. */
struct permitted_query *
access_apply(struct query *, const struct principal *, struct problem *) MUST_CHECK;

/* Mark what must be logged; reads leave no mark. */
struct audited_query *
audit_apply(struct permitted_query *, const struct audit_intent *, struct problem *) MUST_CHECK;

/* Deleted rows vanish, unless the query asks for them. */
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

/* --- the same for writes -------------------------------------------------------------------- */

/* Each stage takes an upsert's create along: it is judged by the rules of its own action.
 *
 * Who reaches nothing by the action is refused here. What depends on the row (whether it may be
 * read, changed, brought back) becomes facts of the statement that locks it. PROBLEM_METHOD for a
 * model of all tenants. */
struct permitted_change *
access_apply_change(struct change *, const struct principal *, struct problem *) MUST_CHECK;

struct audited_change *audit_apply_change(
    struct permitted_change *, const struct audit_intent *, struct problem *) MUST_CHECK;

/* Deleted rows are not changed, and not pointed to: parents are locked in an order in which a
 * deletion that cascades locks them too. */
struct live_change *soft_delete_apply_change(struct audited_change *, struct problem *) MUST_CHECK;

struct tenant_change *
tenancy_apply_change(struct live_change *, const struct tenant *, struct problem *) MUST_CHECK;

/* What the caller does next. */
enum emission {
	EMISSION_FAILED,
	EMISSION_DONE, /* every statement is in the unit */
	EMISSION_HOLD, /* hold the unit, and call again: what follows depends on results */
};

/* Write the statements of a change into the plan's unit. */
enum emission emit_change(struct plan *, const struct tenant_change *, const struct expectation *,
    struct problem *) MUST_CHECK;

/* Read which row above a deleted one it was deleted with: a statement for each relation by which it
 * may have gone along, whose one column is the id. The change has its tenant. */
bool emit_deleted_with(struct plan *, const struct change *, struct problem *) MUST_CHECK;

/* The stages, once through; NULL and a problem. */
struct tenant_change *compile_change(struct change *, const struct principal *,
    const struct tenant *, const struct audit_intent *, struct problem *) MUST_CHECK;

#endif
