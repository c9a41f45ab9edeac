/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_lock.c - the statements that lock rows and refuse
 *
 * A row is locked by its key alone, whatever its state, so that a client is told why it cannot be
 * changed. refuse() stands over an aggregate and never inside one (limits.md 10.1). */
#include <stddef.h>

#include "base/arena.h"
#include "base/principal.h"
#include "compiler/change.h"
#include "compiler/emit_change.h"
#include "compiler/nested.h"
#include "compiler/plan.h"
#include "database/operators.h"
#include "database/sqltext.h"

/*	(t0."author_id" = $3::uuid) IS TRUE */
static void
put_reach(struct sqltext *t, const struct change *c, enum reach reach)
{
	const struct column *owner = c->model->owner;

	switch (reach) {
	case REACH_NOTHING: sqltext_literal(t, "false"); return;
	case REACH_ALL_ROWS: sqltext_literal(t, "true"); return;
	case REACH_OWN_ROWS: break;
	}
	sqltext_literal(t, "(");
	change_column(t, 0, owner);
	sqltext_operator(t, OPERATOR_EQ);
	sqltext_param(t, value_typed(c->arena, owner->type, c->who->id));
	sqltext_literal(t, ") IS TRUE");
}

static void
put_when_unreached(struct sqltext *t, const struct change *c, enum reach reach, bool readable)
{
	if (reach == REACH_ALL_ROWS)
		return;
	sqltext_literal(t, " WHEN NOT (");
	put_reach(t, c, reach);
	if (readable)
		sqltext_literal(t, ") THEN '404'");
	else
		sqltext_literal(t, ") THEN '403'");
}

/* A deleted row does not exist for whoever may not bring it back; to the others it is in conflict
 * with the request. That comes before the permission: 403 would tell that there is such a row. */
static void
put_when_deleted(struct sqltext *t, const struct change *c)
{
	sqltext_literal(t, " WHEN ");
	change_column(t, 0, c->model->deleted_at);
	sqltext_literal(t, " IS NOT NULL AND NOT (");
	put_reach(t, c, c->restorable);
	sqltext_literal(t, ") THEN '404'");
}

/* Whether the row went along with another: one that cascades to it, and was deleted with it. */
static void
put_when_member(struct sqltext *t, const struct change *c, const struct relation *r)
{
	sqltext_literal(t, " WHEN EXISTS (SELECT FROM ");
	change_table(t, 1, r->target);
	sqltext_literal(t, " WHERE ");
	change_tenant(t, 1, r->target, c->tenant);
	sqltext_literal(t, " AND (");
	change_column(t, 1, r->target->deletion_id);
	sqltext_operator(t, OPERATOR_EQ);
	change_column(t, 0, c->model->deletion_id);
	sqltext_literal(t, ") AND (");
	change_column(t, 1, r->pairs[0].other);
	sqltext_operator(t, OPERATOR_EQ);
	change_column(t, 0, r->pairs[0].own);
	sqltext_literal(t, ")) THEN 'MEM'");
}

/* A row is brought back that is deleted, and was itself what was asked to be. */
static void
put_restorable(struct sqltext *t, const struct change *c)
{
	sqltext_literal(t, " WHEN ");
	change_column(t, 0, c->model->deleted_at);
	sqltext_literal(t, " IS NULL THEN 'LIV'");
	for (size_t i = 0; i < c->model->relation_count; i++) {
		const struct relation *r = &c->model->relations[i];

		if (change_goes_along(r))
			put_when_member(t, c, r);
	}
}

/*	 WHEN NOT EXISTS (SELECT FROM "public"."post_categories" AS t1 WHERE tenant AND
 *	   (t1."post_id" = $3) AND (t1."category_id" = t0."id") AND (t1."deleted_at" IS NULL))
 *	 THEN '404' */
static void
put_when_unlinked(struct sqltext *t, const struct change *c, const struct relation *r)
{
	sqltext_literal(t, " WHEN NOT EXISTS (SELECT FROM ");
	change_table(t, 1, r->through);
	sqltext_literal(t, " WHERE ");
	change_tenant(t, 1, r->through, c->tenant);
	sqltext_literal(t, " AND (");
	change_column(t, 1, r->pairs[0].other);
	sqltext_operator(t, OPERATOR_EQ);
	sqltext_param(t, c->tied->above->id);
	sqltext_literal(t, ") AND (");
	change_column(t, 1, r->far_pairs[0].own);
	sqltext_operator(t, OPERATOR_EQ);
	change_column(t, 0, r->far_pairs[0].other);
	sqltext_literal(t, ")");
	if (r->through->soft_delete) {
		sqltext_literal(t, " AND (");
		change_column(t, 1, r->through->deleted_at);
		sqltext_literal(t, " IS NULL)");
	}
	sqltext_literal(t, ") THEN '404'");
}

/* A row that a nested write takes for one of those that are related to the row above, and is none
 * of them, is not there. */
static void
put_when_untied(struct sqltext *t, const struct change *c)
{
	const struct relation *r = c->tied->relation;

	if (r->kind == RELATION_THROUGH) {
		put_when_unlinked(t, c, r);
		return;
	}
	sqltext_literal(t, " WHEN (");
	change_column(t, 0, r->pairs[0].other);
	sqltext_operator(t, OPERATOR_EQ);
	sqltext_param(t, c->tied->above->id);
	sqltext_literal(t, ") IS NOT TRUE THEN '404'");
}

/*	CASE WHEN NOT (read rule) THEN '404' WHEN deleted, and not for these eyes THEN '404'
 *	     WHEN NOT (rule of the action) THEN '403' WHEN deleted THEN 'DEL'
 *	     WHEN version <> ALL ($n) THEN '412' WHEN false THEN '' END */
static void
put_facts(struct sqltext *t, const struct change *c)
{
	sqltext_literal(t, "CASE");
	if (c->tied != NULL)
		put_when_untied(t, c);
	put_when_unreached(t, c, c->readable, true);
	if (c->model->soft_delete)
		put_when_deleted(t, c);
	put_when_unreached(t, c, c->permitted, false);
	if (c->action == ACTION_RESTORE)
		put_restorable(t, c);
	if (c->live) {
		sqltext_literal(t, " WHEN ");
		change_column(t, 0, c->model->deleted_at);
		sqltext_literal(t, " IS NOT NULL THEN 'DEL'");
	}
	if (c->versions != NULL) {
		sqltext_literal(t, " WHEN ");
		change_column(t, 0, c->model->version);
		sqltext_literal(t, " <> ALL (");
		sqltext_param(t, c->versions);
		sqltext_literal(t, ") THEN '412'");
	}
	sqltext_literal(t, " WHEN false THEN '' END");
}

/*	WITH w AS (SELECT facts AS code FROM "public"."posts" AS t0 WHERE tenant AND key
 *	           FOR NO KEY UPDATE)
 *	SELECT CASE WHEN count(*) = 1 AND max(w.code) IS NULL THEN true
 *	            ELSE rowhouse.refuse(coalesce(max(w.code), '404')) END FROM w
 *
 * An update leaves the key alone, so rows that point to this one may be made meanwhile. To bring a
 * row back, the id of its deletion is column 1. */
bool
emit_lock_row(struct plan *plan, const struct change *c, struct problem *p)
{
	struct step step = { PURPOSE_ROW, c, c->model, NULL };
	struct sqltext *t = sqltext_new(c->arena);

	sqltext_literal(t, "WITH w AS (SELECT ");
	put_facts(t, c);
	sqltext_literal(t, " AS code");
	if (c->action == ACTION_RESTORE) {
		sqltext_literal(t, ", ");
		change_column(t, 0, c->model->deletion_id);
	}
	sqltext_literal(t, " FROM ");
	change_table(t, 0, c->model);
	sqltext_literal(t, " WHERE ");
	change_row(t, c);
	if (c->action == ACTION_UPDATE)
		sqltext_literal(t, " FOR NO KEY UPDATE");
	else
		sqltext_literal(t, " FOR UPDATE");
	sqltext_literal(t,
	    ") SELECT CASE WHEN count(*) = 1 AND max(w.code) IS NULL THEN true "
	    "ELSE rowhouse.refuse(coalesce(max(w.code), '404')) END");
	if (c->action == ACTION_RESTORE) {
		sqltext_literal(t, ", max(w.");
		sqltext_name(t, c->model->deletion_id->sql);
		sqltext_literal(t, "::text)");
	}
	sqltext_literal(t, " FROM w");
	return plan_add(plan, t, &step, p);
}

/*	WITH w AS (SELECT facts AS code, t0."id"::text AS id FROM "public"."posts" AS t0 WHERE key
 *	           FOR NO KEY UPDATE)
 *	SELECT CASE WHEN max(w.code) IS NULL THEN true ELSE rowhouse.refuse(max(w.code)) END,
 *	       max(w.id) FROM w */
bool
emit_lock_key(struct plan *plan, const struct change *c, struct problem *p)
{
	struct step step = { PURPOSE_ROW, c, c->model, NULL };
	struct sqltext *t = sqltext_new(c->arena);

	sqltext_literal(t, "WITH w AS (SELECT ");
	put_facts(t, c);
	sqltext_literal(t, " AS code, ");
	change_column(t, 0, c->model->id);
	sqltext_literal(t, "::text AS id FROM ");
	change_table(t, 0, c->model);
	sqltext_literal(t, " WHERE ");
	change_key(t, c);
	sqltext_literal(t,
	    " FOR NO KEY UPDATE) SELECT CASE WHEN max(w.code) IS NULL THEN true "
	    "ELSE rowhouse.refuse(max(w.code)) END, max(w.id) FROM w");
	return plan_add(plan, t, &step, p);
}

static void
put_equal(
    struct sqltext *t, unsigned number, const struct column *column, const struct value *value)
{
	sqltext_literal(t, " AND (");
	change_column(t, number, column);
	sqltext_operator(t, OPERATOR_EQ);
	sqltext_param(t, value);
	sqltext_literal(t, ")");
}

/*	WITH w AS (SELECT 1 FROM "public"."users" AS t1 WHERE tenant AND (t1."id" = $2::uuid)
 *	           AND (t1."deleted_at" IS NULL) FOR KEY SHARE)
 *	SELECT CASE WHEN count(*) = 1 THEN true ELSE rowhouse.refuse('REF') END FROM w
 *
 * A parent that is being deleted is waited for and then looked at again, so that no live child
 * comes under a deleted one. Nobody changes a shared table while requests are served, and it
 * grants no right to lock. */
bool
emit_lock_parent(
    struct plan *plan, const struct change *c, const struct parent *parent, struct problem *p)
{
	const struct relation *relation = parent->relation;
	const struct model *model = relation->target;
	struct step step = { PURPOSE_PARENT, c, model, relation };
	struct sqltext *t = sqltext_new(c->arena);

	sqltext_literal(t, "WITH w AS (SELECT 1 FROM ");
	change_table(t, 1, model);
	sqltext_literal(t, " WHERE ");
	change_tenant(t, 1, model, c->tenant);
	for (size_t i = 0; i < relation->pair_count; i++)
		put_equal(t, 1, relation->pairs[i].other, parent->values[i]);
	if (model->soft_delete) {
		sqltext_literal(t, " AND (");
		change_column(t, 1, model->deleted_at);
		sqltext_literal(t, " IS NULL)");
	}
	if (parent->readable == REACH_OWN_ROWS)
		put_equal(
		    t, 1, model->owner, value_typed(c->arena, model->owner->type, c->who->id));
	if (parent->readable == REACH_NOTHING)
		sqltext_literal(t, " AND (false)");
	if (model->tenancy == TENANCY_TENANT)
		sqltext_literal(t, " FOR KEY SHARE");
	sqltext_literal(
	    t, ") SELECT CASE WHEN count(*) = 1 THEN true ELSE rowhouse.refuse('REF') END FROM w");
	return plan_add(plan, t, &step, p);
}

/*	(t1."deleted_at" IS NULL) AND (t1."owner_id" = $3::uuid) IS TRUE */
static void
put_pointable(struct sqltext *t, const struct change *c, const struct parent *parent)
{
	const struct model *model = parent->relation->target;

	if (model->soft_delete) {
		sqltext_literal(t, "(");
		change_column(t, 1, model->deleted_at);
		sqltext_literal(t, " IS NULL)");
	} else {
		sqltext_literal(t, "(true)");
	}
	if (parent->readable == REACH_OWN_ROWS) {
		put_equal(
		    t, 1, model->owner, value_typed(c->arena, model->owner->type, c->who->id));
		sqltext_literal(t, " IS TRUE");
	}
	if (parent->readable == REACH_NOTHING)
		sqltext_literal(t, " AND (false)");
}

/*	WITH w AS (SELECT pointable AS ok FROM "public"."boxes" AS t0, "public"."shelves" AS t1
 *	           WHERE row AND tenant AND (t1."hall" = t0."hall") AND (t1."id" = t0."shelf")
 *	           FOR KEY SHARE OF t1)
 *	SELECT CASE WHEN coalesce(bool_and(w.ok), true) THEN true
 *	            ELSE rowhouse.refuse('REF') END FROM w
 *
 * The foreign key has seen to it that there is such a row, unless a column is NULL and there need
 * be none; it has waited for a deletion, too, but does not see that the row is deleted. */
bool
emit_lock_stored_parent(
    struct plan *plan, const struct change *c, const struct parent *parent, struct problem *p)
{
	const struct relation *relation = parent->relation;
	const struct model *model = relation->target;
	struct step step = { PURPOSE_PARENT, c, model, relation };
	struct sqltext *t = sqltext_new(c->arena);

	sqltext_literal(t, "WITH w AS (SELECT ");
	put_pointable(t, c, parent);
	sqltext_literal(t, " AS ok FROM ");
	change_table(t, 0, c->model);
	sqltext_literal(t, ", ");
	change_table(t, 1, model);
	sqltext_literal(t, " WHERE ");
	change_row(t, c);
	sqltext_literal(t, " AND ");
	change_tenant(t, 1, model, c->tenant);
	for (size_t i = 0; i < relation->pair_count; i++) {
		sqltext_literal(t, " AND (");
		change_column(t, 1, relation->pairs[i].other);
		sqltext_operator(t, OPERATOR_EQ);
		change_column(t, 0, relation->pairs[i].own);
		sqltext_literal(t, ")");
	}
	if (model->tenancy == TENANCY_TENANT)
		sqltext_literal(t, " FOR KEY SHARE OF t1");
	sqltext_literal(t,
	    ") SELECT CASE WHEN coalesce(bool_and(w.ok), true) THEN true "
	    "ELSE rowhouse.refuse('REF') END FROM w");
	return plan_add(plan, t, &step, p);
}
