/* SPDX-License-Identifier: BSD-2-Clause */
/* soft_delete.c - the third stage: deleted rows vanish
 *
 * The predicate lives in the statement and never in a row security policy, where it would make the
 * delete itself fail (reference/reliability.md 3.1). */
#include "base/arena.h"
#include "base/problem.h"
#include "compiler/query.h"
#include "compiler/stage_types.h"
#include "compiler/stages.h"

static void
hide_deleted(struct query *query)
{
	if (query->model->soft_delete)
		query_null(query, query->model->deleted_at);
	for (struct query *nested = query->nested; nested != NULL; nested = nested->next_nested)
		hide_deleted(nested);
}

struct live_query *
soft_delete_apply(struct audited_query *audited, struct problem *p)
{
	struct live_query *live = ARENA_NEW(audited->query->arena, struct live_query);

	(void)p;
	hide_deleted(audited->query);
	live->query = audited->query;
	return live;
}
