/* SPDX-License-Identifier: BSD-2-Clause */
/* tenancy.c - the last stage before emission: whose rows
 *
 * Row security is one wall; the predicate that this stage asks for is the other, and it is what
 * routes a statement on Citus. One value object per unit: the tenant is $n once, however many
 * tables are named. */
#include "base/arena.h"
#include "base/problem.h"
#include "base/tenant.h"
#include "compiler/change.h"
#include "compiler/query.h"
#include "compiler/stage_types.h"
#include "compiler/stages.h"
#include "database/sqltext.h"

static bool
bind(struct query *query, const struct value *tenant, struct problem *p)
{
	switch (query->model->tenancy) {
	case TENANCY_TENANT:
		if (tenant == NULL)
			return problem_raise(p, PROBLEM_TENANT_REQUIRED, "Tenant ID is required");
		query->tenant = tenant;
		break;
	case TENANCY_SHARED: break;
	case TENANCY_UNDECLARED: query_false(query); break;
	}
	for (struct query *nested = query->nested; nested != NULL; nested = nested->next_nested)
		if (!bind(nested, tenant, p))
			return false;
	return true;
}

struct tenant_query *
tenancy_apply(struct live_query *live, const struct tenant *tenant, struct problem *p)
{
	struct query *query = live->query;
	struct tenant_query *scoped = ARENA_NEW(query->arena, struct tenant_query);
	const struct value *value =
	    tenant == NULL ? NULL : value_new(query->arena, SQLTYPE_UUID, tenant->id);

	scoped->query = query;
	return bind(query, value, p) ? scoped : NULL;
}

struct tenant_change *
tenancy_apply_change(struct live_change *live, const struct tenant *tenant, struct problem *p)
{
	struct change *change = live->change;
	struct tenant_change *scoped = ARENA_NEW(change->arena, struct tenant_change);

	/* access has refused every model without rows of tenants */
	if (tenant == NULL)
		return problem_null(p, PROBLEM_TENANT_REQUIRED, "Tenant ID is required");
	change->tenant = value_new(change->arena, SQLTYPE_UUID, tenant->id);
	if (change->upsert != NULL)
		change->upsert->create->tenant = change->tenant;
	scoped->change = change;
	return scoped;
}
