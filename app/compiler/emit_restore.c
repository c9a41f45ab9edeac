/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_restore.c - bringing a deletion group back, exactly
 *
 *	lock the row, learn which deletion it went with | lock each model's rows of that deletion ·
 *	lock what they point to · log and write them, the deepest first
 *
 * The bar is a flush: the group is known by the id of its deletion, which every row of it
 * carries. */
#include <stddef.h>

#include "base/arena.h"
#include "compiler/change.h"
#include "compiler/emit_change.h"
#include "compiler/emit_level.h"
#include "compiler/plan.h"
#include "database/operators.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "database/unit.h"

/*	WITH w AS (SELECT (t9."deleted_at" IS NULL) OR (t9."deletion_id" = $2::uuid) IS TRUE AS ok
 *	             FROM "public"."comments" AS t2, "public"."users" AS t9 WHERE tenant AND group
 *	                  AND tenant AND (t9."id" = t2."author_id") FOR KEY SHARE OF t9)
 *	SELECT CASE WHEN coalesce(bool_and(w.ok), true) THEN true
 *	            ELSE rowhouse.refuse('PAR') END FROM w */
static bool
emit_parents(struct plan *plan, const struct change *c, const struct level *level,
    const struct relation *relation, struct problem *p)
{
	enum { PARENT = 999 }; /* alias: behind those of all levels */
	const struct model *model = relation->target;
	struct step step = { PURPOSE_PARENT, c, level->model, relation };
	struct sqltext *t = sqltext_new(c->arena);

	sqltext_literal(t, "WITH w AS (SELECT (");
	change_column(t, PARENT, model->deleted_at);
	sqltext_literal(t, " IS NULL)");
	if (model->deletion_id != NULL) {
		sqltext_literal(t, " OR (");
		change_column(t, PARENT, model->deletion_id);
		sqltext_operator(t, OPERATOR_EQ);
		sqltext_param(t, level->group);
		sqltext_literal(t, ") IS TRUE");
	}
	sqltext_literal(t, " AS ok FROM ");
	change_table(t, level->number, level->model);
	sqltext_literal(t, ", ");
	change_table(t, PARENT, model);
	sqltext_literal(t, " WHERE ");
	level_where(t, c, level);
	sqltext_literal(t, " AND ");
	change_tenant(t, PARENT, model, c->tenant);
	for (size_t i = 0; i < relation->pair_count; i++) {
		sqltext_literal(t, " AND (");
		change_column(t, PARENT, relation->pairs[i].other);
		sqltext_operator(t, OPERATOR_EQ);
		change_column(t, level->number, relation->pairs[i].own);
		sqltext_literal(t, ")");
	}
	if (model->tenancy == TENANCY_TENANT) {
		sqltext_literal(t, " FOR KEY SHARE OF ");
		sqltext_alias(t, 't', PARENT);
	}
	sqltext_literal(t,
	    ") SELECT CASE WHEN coalesce(bool_and(w.ok), true) THEN true "
	    "ELSE rowhouse.refuse('PAR') END FROM w");
	return plan_add(plan, t, &step, p);
}

static bool
lock_parents(
    struct plan *plan, const struct change *c, const struct level *level, struct problem *p)
{
	for (size_t i = 0; i < level->model->relation_count; i++) {
		const struct relation *r = &level->model->relations[i];

		if (r->kind == RELATION_ONE && r->target->soft_delete &&
		    !emit_parents(plan, c, level, r, p))
			return false;
	}
	return true;
}

static struct assignments *
restoration_of(const struct change *c, const struct model *model)
{
	struct assignments *list = ARENA_NEW(c->arena, struct assignments);
	const struct column *const columns[] = { model->deleted_at, model->deleted_by,
		model->deletion_id };

	assignments_init(list);
	for (size_t i = 0; i < COUNT_OF(columns); i++)
		assignments_add(list, c->arena, columns[i], ASSIGN_VALUE,
		    value_typed(c->arena, columns[i]->type, NULL));
	assignments_touch(list, c->arena, model);
	return list;
}

static bool
restore_level(
    struct plan *plan, const struct change *c, const struct level *level, struct problem *p)
{
	struct level_tale tale = { "restored", restoration_of(c, level->model) };

	return (!change_is_logged(c, level->model) || emit_log_level(plan, c, level, &tale, p)) &&
	    emit_update_level(plan, c, level, tale.list, p);
}

/* One level of each model is enough: the rows are known by their deletion. */
static bool
is_first_of_model(const struct change *c, size_t i)
{
	return i == 0 || c->levels[i].model != c->levels[i - 1].model;
}

static bool
restore_group(struct plan *plan, struct change *c, struct problem *p)
{
	bool ok = true;

	for (size_t i = 0; ok && i < c->level_count; i++)
		ok = !is_first_of_model(c, i) || emit_lock_level(plan, c, &c->levels[i], false, p);
	for (size_t i = 0; ok && i < c->level_count; i++)
		ok = !is_first_of_model(c, i) || lock_parents(plan, c, &c->levels[i], p);
	for (size_t i = c->level_count; ok && i-- > 0;)
		ok = !is_first_of_model(c, i) || restore_level(plan, c, &c->levels[i], p);
	return ok && emit_look(plan, c, p);
}

enum emission
emit_restore(struct plan *plan, struct change *c, struct problem *p)
{
	const char *group;

	if (c->progress++ == 0) {
		c->written = unit_count(plan->unit);
		return emit_lock_row(plan, c, p) ? EMISSION_HOLD : EMISSION_FAILED;
	}
	group = result_value(unit_result(plan->unit, c->written), 0, 1, NULL);
	for (size_t i = 0; i < c->level_count; i++)
		c->levels[i].group = value_new(c->arena, SQLTYPE_UUID, group);
	return restore_group(plan, c, p) ? EMISSION_DONE : EMISSION_FAILED;
}

/*	SELECT t1."id"::text FROM "public"."comments" AS t0, "public"."posts" AS t1 WHERE row AND
 *	tenant AND (t1."id" = t0."post_id") AND (t1."deletion_id" = t0."deletion_id") */
static bool
emit_above(
    struct plan *plan, const struct change *c, const struct relation *relation, struct problem *p)
{
	const struct model *model = relation->target;
	struct step step = { PURPOSE_MEMBER, c, c->model, relation };
	struct sqltext *t = sqltext_new(c->arena);

	sqltext_literal(t, "SELECT ");
	change_column(t, 1, model->id);
	sqltext_literal(t, "::text FROM ");
	change_table(t, 0, c->model);
	sqltext_literal(t, ", ");
	change_table(t, 1, model);
	sqltext_literal(t, " WHERE ");
	change_row(t, c);
	sqltext_literal(t, " AND ");
	change_tenant(t, 1, model, c->tenant);
	sqltext_literal(t, " AND (");
	change_column(t, 1, relation->pairs[0].other);
	sqltext_operator(t, OPERATOR_EQ);
	change_column(t, 0, relation->pairs[0].own);
	sqltext_literal(t, ") AND (");
	change_column(t, 1, model->deletion_id);
	sqltext_operator(t, OPERATOR_EQ);
	change_column(t, 0, c->model->deletion_id);
	sqltext_literal(t, ")");
	return plan_add(plan, t, &step, p);
}

bool
emit_deleted_with(struct plan *plan, const struct change *c, struct problem *p)
{
	for (size_t i = 0; i < c->model->relation_count; i++)
		if (change_goes_along(&c->model->relations[i]) &&
		    !emit_above(plan, c, &c->model->relations[i], p))
			return false;
	return true;
}
