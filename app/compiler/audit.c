/* SPDX-License-Identifier: BSD-2-Clause */
/* audit.c - the second stage: what must be logged
 *
 * It stands outside soft delete, so that a mark says what the caller meant (posts.deleted),
 * whatever statement that becomes. */
#include <assert.h>

#include "base/arena.h"
#include "base/problem.h"
#include "compiler/change.h"
#include "compiler/query.h"
#include "compiler/stage_types.h"
#include "compiler/stages.h"

struct audited_query *
audit_apply(struct permitted_query *permitted, const struct audit_intent *intent, struct problem *p)
{
	struct audited_query *audited = ARENA_NEW(permitted->query->arena, struct audited_query);

	/* Reads are not logged. A write cannot come here: no shape of the tree expresses one. */
	assert(permitted->query->action == ACTION_READ && intent == NULL);
	(void)p;
	audited->query = permitted->query;
	return audited;
}

struct audited_change *
audit_apply_change(
    struct permitted_change *permitted, const struct audit_intent *intent, struct problem *p)
{
	struct change *change = permitted->change;
	struct audited_change *audited = ARENA_NEW(change->arena, struct audited_change);

	assert(intent != NULL);
	(void)p;
	change->intent = intent;
	if (change->upsert != NULL)
		change->upsert->create->intent = intent;
	audited->change = change;
	return audited;
}
