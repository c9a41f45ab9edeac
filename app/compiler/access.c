/* SPDX-License-Identifier: BSD-2-Clause */
/* access.c - the first stage: may they, and which rows */
#include <string.h>

#include "base/arena.h"
#include "base/principal.h"
#include "base/problem.h"
#include "compiler/access.h"
#include "compiler/change.h"
#include "compiler/query.h"
#include "compiler/stage_types.h"
#include "compiler/stages.h"
#include "database/sqltext.h"

/* What one rule grants. Each but `anyone` also needs membership: a role counts in its own tenant
 * only. */
static enum reach
judge(const struct rule *rule, const struct model *model, const struct principal *who)
{
	if (rule->kind == RULE_ANYONE)
		return REACH_ALL_ROWS;
	if (!who->member)
		return REACH_NOTHING;
	switch (rule->kind) {
	case RULE_ANYONE:
	case RULE_MEMBER: return REACH_ALL_ROWS;
	case RULE_ROLE:
		return who->role != NULL && strcmp(rule->role, who->role) == 0 ? REACH_ALL_ROWS
									       : REACH_NOTHING;
	case RULE_OWNER:
		/* A machine owns nothing: its id is no key of the principal model. */
		return who->type == PRINCIPAL_USER && who->id != NULL && model->owner != NULL
		    ? REACH_OWN_ROWS
		    : REACH_NOTHING;
	}
	return REACH_NOTHING;
}

static bool
is_in_scope(const struct model *model, enum action action, const struct principal *who)
{
	bool writing = action != ACTION_READ && action != ACTION_HISTORY;

	return principal_in_scope(who, model->name, writing);
}

enum reach
access_reach(const struct model *model, enum action action, const struct principal *who)
{
	enum reach best = REACH_NOTHING;

	if (!is_in_scope(model, action, who))
		return REACH_NOTHING;
	for (const struct rule *r = model->access[action]; r != NULL; r = r->next) {
		enum reach reach = judge(r, model, who);

		if (reach > best)
			best = reach;
	}
	return best;
}

bool
access_refuse(
    const struct model *model, enum action action, const struct principal *who, struct problem *p)
{
	if (!is_in_scope(model, action, who))
		return problem_raise(
		    p, PROBLEM_FORBIDDEN, "the key's scopes do not reach %s", model->name);
	if (who->type == PRINCIPAL_ANONYMOUS)
		return problem_raise(p, PROBLEM_UNAUTHENTICATED, "sign in to use %s", model->name);
	return problem_raise(
	    p, PROBLEM_FORBIDDEN, "your role does not permit this on %s", model->name);
}

/* The queries within are judged alike, each by the rules of its own model: what cannot be read
 * cannot be learnt by including, filtering, sorting or counting either. */
static bool
permit(struct query *query, const struct principal *who, struct problem *p)
{
	const struct model *model = query->model;

	switch (
	    query->authority != NULL ? REACH_ALL_ROWS : access_reach(model, query->action, who)) {
	case REACH_NOTHING: return access_refuse(model, query->action, who, p);
	case REACH_OWN_ROWS:
		query_compare(query, model->owner, OPERATOR_EQ,
		    value_typed(query->arena, model->owner->type, who->id));
		break;
	case REACH_ALL_ROWS: break;
	}
	for (struct query *nested = query->nested; nested != NULL; nested = nested->next_nested)
		if (!permit(nested, who, p))
			return false;
	return true;
}

/* Deleted rows are seen by whoever may restore them: of the own ones by an owner. */
static bool
permit_deleted(struct query *query, const struct principal *who, struct problem *p)
{
	const struct model *model = query->model;
	struct predicate *live_or_own, *live, *own;

	switch (access_reach(model, ACTION_RESTORE, who)) {
	case REACH_NOTHING: return access_refuse(model, ACTION_RESTORE, who, p);
	case REACH_OWN_ROWS: break;
	case REACH_ALL_ROWS: return true;
	}
	live_or_own = query_group(query, PREDICATE_ANY);
	live = predicate_add(live_or_own, PREDICATE_COMPARE, query->arena);
	live->column = model->deleted_at;
	live->operator= OPERATOR_NULL;
	own = predicate_add(live_or_own, PREDICATE_COMPARE, query->arena);
	own->column = model->owner;
	own->operator= OPERATOR_EQ;
	own->value = value_typed(query->arena, model->owner->type, who->id);
	return true;
}

struct permitted_query *
access_apply(struct query *query, const struct principal *who, struct problem *p)
{
	struct permitted_query *permitted = ARENA_NEW(query->arena, struct permitted_query);

	permitted->query = query;
	if (!permit(query, who, p) ||
	    (query->deleted != DELETED_HIDDEN && !permit_deleted(query, who, p)))
		return NULL;
	return permitted;
}

static bool
is_of_tenants(const struct model *model, struct problem *p)
{
	if (model->tenancy == TENANCY_TENANT)
		return true;
	p->allow = "GET, HEAD, OPTIONS";
	return problem_raise(
	    p, PROBLEM_METHOD, "%s is read-only: all tenants share it", model->name);
}

bool
access_may_begin(
    const struct model *model, enum action action, const struct principal *who, struct problem *p)
{
	return is_of_tenants(model, p) &&
	    (access_reach(model, action, who) != REACH_NOTHING ||
		access_refuse(model, action, who, p));
}

/* A rule "owner" for create: the row's owner is who makes it. */
static bool
makes_own_row(const struct change *change, const struct principal *who)
{
	const struct assignment *owner =
	    assignments_find(&change->assignments, change->model->owner);

	return owner != NULL && owner->value->bytes != NULL &&
	    strcmp(owner->value->bytes, who->id) == 0;
}

/* Who may change a row by authority reaches it too. */
static enum reach
reach_of(const struct change *change, enum action action, const struct principal *who)
{
	return change->authority != NULL ? REACH_ALL_ROWS
					 : access_reach(change->model, action, who);
}

struct permitted_change *
access_apply_change(struct change *change, const struct principal *who, struct problem *p)
{
	struct permitted_change *permitted = ARENA_NEW(change->arena, struct permitted_change);
	const struct model *model = change->model;

	if (!(change->authority != NULL ? is_of_tenants(model, p)
					: access_may_begin(model, change->action, who, p)))
		return NULL;
	change->who = who;
	change->permitted = reach_of(change, change->action, who);
	change->readable = reach_of(change, ACTION_READ, who);
	change->restorable = access_reach(model, ACTION_RESTORE, who);
	if (change->action == ACTION_CREATE && change->permitted == REACH_OWN_ROWS &&
	    !makes_own_row(change, who)) {
		access_refuse(model, change->action, who, p);
		return NULL;
	}
	if (change->upsert != NULL && access_apply_change(change->upsert->create, who, p) == NULL)
		return NULL;
	permitted->change = change;
	return permitted;
}
