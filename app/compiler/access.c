/* SPDX-License-Identifier: BSD-2-Clause */
/* access.c - the first stage: may they, and which rows */
#include <string.h>

#include "base/arena.h"
#include "base/principal.h"
#include "base/problem.h"
#include "compiler/query.h"
#include "compiler/stage_types.h"
#include "compiler/stages.h"
#include "database/sqltext.h"

enum verdict { VERDICT_NO, VERDICT_OWN_ROWS, VERDICT_ALL_ROWS };

/* What one rule grants. Each but `anyone` also needs membership: a role counts in its own tenant
 * only. */
static enum verdict
judge(const struct rule *rule, const struct model *model, const struct principal *who)
{
	if (rule->kind == RULE_ANYONE)
		return VERDICT_ALL_ROWS;
	if (!who->member)
		return VERDICT_NO;
	switch (rule->kind) {
	case RULE_ANYONE:
	case RULE_MEMBER: return VERDICT_ALL_ROWS;
	case RULE_ROLE:
		return who->role != NULL && strcmp(rule->role, who->role) == 0 ? VERDICT_ALL_ROWS
									       : VERDICT_NO;
	case RULE_OWNER:
		/* A machine owns nothing: its id is no key of the principal model. */
		return who->type == PRINCIPAL_USER && who->id != NULL && model->owner != NULL
		    ? VERDICT_OWN_ROWS
		    : VERDICT_NO;
	}
	return VERDICT_NO;
}

static bool
is_writing(enum action action)
{
	return action != ACTION_READ && action != ACTION_HISTORY;
}

struct permitted_query *
access_apply(struct query *query, const struct principal *who, struct problem *p)
{
	struct permitted_query *permitted = ARENA_NEW(query->arena, struct permitted_query);
	enum verdict best = VERDICT_NO;

	for (const struct rule *r = query->model->access[query->action]; r != NULL; r = r->next) {
		enum verdict verdict = judge(r, query->model, who);

		if (verdict > best)
			best = verdict;
	}
	if (!principal_in_scope(who, query->model->name, is_writing(query->action)))
		return problem_null(
		    p, PROBLEM_FORBIDDEN, "the key's scopes do not reach %s", query->model->name);
	if (best == VERDICT_NO && who->type == PRINCIPAL_ANONYMOUS)
		return problem_null(
		    p, PROBLEM_UNAUTHENTICATED, "sign in to use %s", query->model->name);
	if (best == VERDICT_NO)
		return problem_null(p, PROBLEM_FORBIDDEN, "your role does not permit this on %s",
		    query->model->name);
	if (best == VERDICT_OWN_ROWS)
		query_compare(query, query->model->owner, OPERATOR_EQ,
		    value_typed(query->arena, query->model->owner->type, who->id));
	permitted->query = query;
	return permitted;
}
