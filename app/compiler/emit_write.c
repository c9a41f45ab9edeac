/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_write.c - the writes themselves */
#include <assert.h>
#include <stddef.h>

#include "base/arena.h"
#include "compiler/change.h"
#include "compiler/emit_change.h"
#include "compiler/plan.h"
#include "compiler/stages.h"
#include "database/operators.h"
#include "database/sqltext.h"
#include "database/unit.h"

/*	t0."id", t0."version": columns 0 and 1 of the result */
static void
put_written(struct sqltext *t, const struct model *model)
{
	change_column(t, 0, model->id);
	sqltext_literal(t, ", ");
	change_column(t, 0, model->version);
}

/*	 ON CONFLICT ("tenant_id", "post_id", "category_id") WHERE "deleted_at" IS NULL
 *	 DO NOTHING */
static void
put_conflict(struct sqltext *t, const struct change *c)
{
	sqltext_literal(t, " ON CONFLICT (");
	sqltext_name(t, c->model->tenant->sql);
	for (size_t i = 0; i < c->pair->column_count; i++) {
		sqltext_literal(t, ", ");
		sqltext_name(t, c->pair->columns[i]->sql);
	}
	sqltext_literal(t, ")");
	if (c->pair->live_only) {
		sqltext_literal(t, " WHERE ");
		sqltext_name(t, c->model->deleted_at->sql);
		sqltext_literal(t, " IS NULL");
	}
	sqltext_literal(t, " DO NOTHING");
}

/*	INSERT INTO "public"."posts" AS t0 ("tenant_id", "id", "title") VALUES ($1, $2, $3)
 *	RETURNING t0."id", t0."version"
 *
 * It makes one row or fails, so it needs no expectation; a link that may be there already has its
 * own (emit_expect_pair). */
bool
emit_insert(struct plan *plan, struct change *c, struct problem *p)
{
	struct step step = { PURPOSE_WRITE, c, c->model, NULL };
	struct sqltext *t = sqltext_new(c->arena);

	assert(c->password == NULL); /* hashed, or lost */
	sqltext_literal(t, "INSERT INTO ");
	change_table(t, 0, c->model);
	sqltext_literal(t, " (");
	sqltext_name(t, c->model->tenant->sql);
	if (c->id != NULL) {
		sqltext_literal(t, ", ");
		sqltext_name(t, c->model->id->sql);
	}
	for (const struct assignment *a = c->assignments.first; a != NULL; a = a->next) {
		sqltext_literal(t, ", ");
		sqltext_name(t, a->column->sql);
	}
	sqltext_literal(t, ") VALUES (");
	sqltext_param(t, c->tenant);
	if (c->id != NULL) {
		sqltext_literal(t, ", ");
		sqltext_param(t, c->id);
	}
	for (const struct assignment *a = c->assignments.first; a != NULL; a = a->next) {
		sqltext_literal(t, ", ");
		change_expression(t, 0, a);
	}
	sqltext_literal(t, ")");
	if (c->pair != NULL)
		put_conflict(t, c);
	sqltext_literal(t, " RETURNING ");
	put_written(t, c->model);
	c->written = unit_count(plan->unit);
	return plan_add(plan, t, &step, p);
}

/*	WITH w AS (SELECT 1 FROM "public"."post_categories" AS t0 WHERE tenant AND
 *	           (t0."post_id" = $2) AND (t0."category_id" = $3) AND (t0."deleted_at" IS NULL))
 *	SELECT CASE WHEN count(*) = 1 THEN true ELSE rowhouse.refuse('RUN') END FROM w
 *
 * The link that stood in the way may have been removed by somebody who committed meanwhile. */
bool
emit_expect_pair(struct plan *plan, const struct change *c, struct problem *p)
{
	struct step step = { PURPOSE_WRITE, c, c->model, NULL };
	struct sqltext *t = sqltext_new(c->arena);

	sqltext_literal(t, "WITH w AS (SELECT 1 FROM ");
	change_table(t, 0, c->model);
	sqltext_literal(t, " WHERE ");
	change_tenant(t, 0, c->model, c->tenant);
	for (size_t i = 0; i < c->pair->column_count; i++) {
		sqltext_literal(t, " AND (");
		change_column(t, 0, c->pair->columns[i]);
		sqltext_operator(t, OPERATOR_EQ);
		change_expression(t, 0, assignments_find(&c->assignments, c->pair->columns[i]));
		sqltext_literal(t, ")");
	}
	if (c->pair->live_only) {
		sqltext_literal(t, " AND (");
		change_column(t, 0, c->model->deleted_at);
		sqltext_literal(t, " IS NULL)");
	}
	sqltext_literal(
	    t, ") SELECT CASE WHEN count(*) = 1 THEN true ELSE rowhouse.refuse('RUN') END FROM w");
	return plan_add(plan, t, &step, p);
}

/*	"title" = $3::varchar, "version" = CAST(t0."version" + $4::int8 AS int8), ... */
void
change_set(struct sqltext *t, unsigned number, const struct assignments *list)
{
	sqltext_literal(t, " SET ");
	for (const struct assignment *a = list->first; a != NULL; a = a->next) {
		sqltext_name(t, a->column->sql);
		sqltext_literal(t, " = ");
		change_expression(t, number, a);
		if (a->next != NULL)
			sqltext_literal(t, ", ");
	}
}

/*	WITH w AS (UPDATE "public"."posts" AS t0 SET ... WHERE row RETURNING t0."id", t0."version")
 *	SELECT max(w."id"::text), max(w."version"),
 *	       CASE WHEN count(*) = $5 THEN true ELSE rowhouse.refuse('RUN') END FROM w
 *
 * The row is locked, so another count is our own mistake; better to run again than to believe
 * it. */
bool
emit_update(
    struct plan *plan, struct change *c, const struct expectation *expectation, struct problem *p)
{
	struct step step = { PURPOSE_WRITE, c, c->model, NULL };
	struct sqltext *t = sqltext_new(c->arena);

	assert(expectation != NULL);
	sqltext_literal(t, "WITH w AS (UPDATE ");
	change_table(t, 0, c->model);
	change_set(t, 0, &c->assignments);
	sqltext_literal(t, " WHERE ");
	change_row(t, c);
	sqltext_literal(t, " RETURNING ");
	put_written(t, c->model);
	sqltext_literal(t, ") SELECT max(w.");
	sqltext_name(t, c->model->id->sql);
	sqltext_literal(t, "::text), max(w.");
	sqltext_name(t, c->model->version->sql);
	sqltext_literal(t, "), CASE WHEN count(*) = ");
	sqltext_param(t, value_int(c->arena, expectation->rows));
	sqltext_literal(t, " THEN true ELSE rowhouse.refuse('RUN') END FROM w");
	c->written = unit_count(plan->unit);
	return plan_add(plan, t, &step, p);
}

/*	SELECT t0."id", t0."version" FROM "public"."posts" AS t0 WHERE row */
bool
emit_look(struct plan *plan, struct change *c, struct problem *p)
{
	struct step step = { PURPOSE_WRITE, c, c->model, NULL };
	struct sqltext *t = sqltext_new(c->arena);

	sqltext_literal(t, "SELECT ");
	put_written(t, c->model);
	sqltext_literal(t, " FROM ");
	change_table(t, 0, c->model);
	sqltext_literal(t, " WHERE ");
	change_row(t, c);
	c->written = unit_count(plan->unit);
	return plan_add(plan, t, &step, p);
}
