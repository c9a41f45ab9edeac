/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_level.c - locking and writing the rows that go along */
#include "compiler/emit_level.h"

#include <assert.h>
#include <stddef.h>

#include "base/arena.h"
#include "compiler/change.h"
#include "compiler/emit_change.h"
#include "compiler/plan.h"
#include "database/operators.h"
#include "database/sqltext.h"

/* --- which rows ---------------------------------------------------------------------------- */

/* Deleted rows go along with a physical deletion only, and are what is brought back. */
static bool
is_live(const struct change *c, const struct level *level)
{
	return !c->physical && level->group == NULL;
}

static void
put_live(struct sqltext *t, const struct change *c, const struct level *level)
{
	if (!is_live(c, level))
		return;
	sqltext_literal(t, " AND (");
	change_column(t, level->number, level->model->deleted_at);
	sqltext_literal(t, " IS NULL)");
}

/*	"public"."posts" AS t1, unnest($2::uuid[], $3::uuid[]) AS k(id, deletion_id) */
void
level_from(struct sqltext *t, const struct level *level)
{
	assert(level->group == NULL);
	for (; level->ids == NULL; level = level->above)
		if (level->above->ids == NULL) {
			change_table(t, level->above->number, level->above->model);
			sqltext_literal(t, ", ");
		}
	sqltext_literal(t, "unnest(");
	sqltext_param(t, level->ids);
	sqltext_literal(t, ", ");
	sqltext_param(t, level->deletion_ids);
	sqltext_literal(t, ") AS k(id, deletion_id)");
}

/*	 AND (t1."id" = t2."post_id"), or k.id where the parents are known by name */
static void
put_link(struct sqltext *t, const struct level *level)
{
	sqltext_literal(t, " AND (");
	if (level->above->ids != NULL)
		sqltext_literal(t, "k.id");
	else
		change_column(t, level->above->number, level->relation->pairs[0].own);
	sqltext_operator(t, OPERATOR_EQ);
	change_column(t, level->number, level->relation->pairs[0].other);
	sqltext_literal(t, ")");
}

/*	tenant AND (t2."deleted_at" IS NULL) AND (t1."id" = t2."post_id") AND tenant AND
 *	(t1."deleted_at" IS NULL) AND (k.id = t1."author_id") */
void
level_where(struct sqltext *t, const struct change *c, const struct level *level)
{
	change_tenant(t, level->number, level->model, c->tenant);
	put_live(t, c, level);
	if (level->except != NULL) {
		sqltext_literal(t, " AND (");
		change_column(t, level->number, level->model->id);
		sqltext_literal(t, " <> ALL (");
		sqltext_param(t, level->except);
		sqltext_literal(t, "))");
	}
	if (level->group != NULL) {
		sqltext_literal(t, " AND (");
		change_column(t, level->number, level->model->deletion_id);
		sqltext_operator(t, OPERATOR_EQ);
		sqltext_param(t, level->group);
		sqltext_literal(t, ")");
		return;
	}
	for (; level->ids == NULL; level = level->above) {
		put_link(t, level);
		if (level->above->ids != NULL)
			return;
		sqltext_literal(t, " AND ");
		change_tenant(t, level->above->number, level->above->model, c->tenant);
		put_live(t, c, level->above);
	}
	sqltext_literal(t, " AND (k.id = ");
	change_column(t, level->number, level->model->id);
	sqltext_literal(t, ")");
}

/* --- statements ---------------------------------------------------------------------------- */

/*	WITH w AS (SELECT 1 FROM ... WHERE ... ORDER BY t2."id" FOR UPDATE OF t2)
 *	SELECT count(*) FROM w
 *
 * A statement of its own, so that its snapshot is newer than the locks before it: children that
 * were made while it waited for their parent are seen (limits.md 4). */
bool
emit_lock_level(struct plan *plan, const struct change *c, const struct level *level, bool named,
    struct problem *p)
{
	struct step step = { PURPOSE_LEVEL, c, level->model, level->relation };
	struct sqltext *t = sqltext_new(c->arena);

	sqltext_literal(t, "WITH w AS (SELECT ");
	if (named) {
		change_column(t, level->number, level->model->id);
		sqltext_literal(t, "::text AS id, k.deletion_id::text AS deletion_id");
	} else {
		sqltext_literal(t, "1");
	}
	sqltext_literal(t, " FROM ");
	change_table(t, level->number, level->model);
	if (level->group == NULL) {
		sqltext_literal(t, ", ");
		level_from(t, level);
	}
	sqltext_literal(t, " WHERE ");
	level_where(t, c, level);
	sqltext_literal(t, " ORDER BY ");
	change_column(t, level->number, level->model->id);
	sqltext_literal(t, " FOR UPDATE OF ");
	sqltext_alias(t, 't', level->number);
	if (named)
		sqltext_literal(t, ") SELECT w.id, w.deletion_id FROM w");
	else
		sqltext_literal(t, ") SELECT count(*) FROM w");
	return plan_add(plan, t, &step, p);
}

/* The end of a write. The row that was asked for, and its like, must each be written. How many go
 * along only PostgreSQL knows: that none stays behind is what emit_restrict expects. */
static void
put_expectation(struct sqltext *t, const struct level *level)
{
	if (level->above != NULL || level->ids == NULL) {
		sqltext_literal(t, " RETURNING 1) SELECT count(*) FROM w");
		return;
	}
	sqltext_literal(t, " RETURNING 1) SELECT CASE WHEN count(*) = cardinality(");
	sqltext_param(t, level->ids);
	sqltext_literal(t, ") THEN true ELSE rowhouse.refuse('RUN') END FROM w");
}

/*	WITH w AS (UPDATE "public"."comments" AS t2 SET ... FROM what leads to it WHERE ...
 *	           RETURNING 1) SELECT ... */
bool
emit_update_level(struct plan *plan, const struct change *c, const struct level *level,
    const struct assignments *list, struct problem *p)
{
	struct step step = { PURPOSE_WRITE, c, level->model, level->relation };
	struct sqltext *t = sqltext_new(c->arena);

	sqltext_literal(t, "WITH w AS (UPDATE ");
	change_table(t, level->number, level->model);
	change_set(t, level->number, list);
	if (level->group == NULL) {
		sqltext_literal(t, " FROM ");
		level_from(t, level);
	}
	sqltext_literal(t, " WHERE ");
	level_where(t, c, level);
	put_expectation(t, level);
	return plan_add(plan, t, &step, p);
}

/*	WITH w AS (DELETE FROM "public"."comments" AS t2 USING ... WHERE ... RETURNING 1)
 *	SELECT ... */
bool
emit_delete_level(
    struct plan *plan, const struct change *c, const struct level *level, struct problem *p)
{
	struct step step = { PURPOSE_WRITE, c, level->model, level->relation };
	struct sqltext *t = sqltext_new(c->arena);

	sqltext_literal(t, "WITH w AS (DELETE FROM ");
	change_table(t, level->number, level->model);
	sqltext_literal(t, " USING ");
	level_from(t, level);
	sqltext_literal(t, " WHERE ");
	level_where(t, c, level);
	put_expectation(t, level);
	return plan_add(plan, t, &step, p);
}

/*	WITH w AS (SELECT 1 FROM "public"."orders" AS t1, "public"."users" AS t0 WHERE tenant AND
 *	           tenant AND (t0."deletion_id" = ANY ($3::uuid[])) AND (t0."id" = t1."user_id")
 *	           AND (t1."deleted_at" IS NULL) LIMIT 1)
 *	SELECT CASE WHEN count(*) = 0 THEN true ELSE rowhouse.refuse('RST') END FROM w
 *
 * Looked at behind the writes, when what goes along has gone. */
bool
emit_restrict(struct plan *plan, const struct change *c, const struct level *level,
    const struct relation *relation, struct problem *p)
{
	enum { PARENT, CHILD }; /* aliases */
	const struct model *child = relation->target;
	struct step step = { PURPOSE_RESTRICT, c, level->model, relation };
	struct sqltext *t = sqltext_new(c->arena);

	sqltext_literal(t, "WITH w AS (SELECT 1 FROM ");
	change_table(t, CHILD, child);
	sqltext_literal(t, ", ");
	change_table(t, PARENT, level->model);
	sqltext_literal(t, " WHERE ");
	change_tenant(t, CHILD, child, c->tenant);
	sqltext_literal(t, " AND ");
	change_tenant(t, PARENT, level->model, c->tenant);
	sqltext_literal(t, " AND (");
	change_column(t, PARENT, level->model->deletion_id);
	sqltext_literal(t, " = ANY (");
	sqltext_param(t, c->levels[0].deletion_ids);
	sqltext_literal(t, "))");
	for (size_t i = 0; i < relation->pair_count; i++) {
		sqltext_literal(t, " AND (");
		change_column(t, PARENT, relation->pairs[i].own);
		sqltext_operator(t, OPERATOR_EQ);
		change_column(t, CHILD, relation->pairs[i].other);
		sqltext_literal(t, ")");
	}
	if (child->soft_delete) {
		sqltext_literal(t, " AND (");
		change_column(t, CHILD, child->deleted_at);
		sqltext_literal(t, " IS NULL)");
	}
	sqltext_literal(t,
	    " LIMIT 1) SELECT CASE WHEN count(*) = 0 THEN true ELSE rowhouse.refuse('RST') END "
	    "FROM w");
	return plan_add(plan, t, &step, p);
}
