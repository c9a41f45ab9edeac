/* SPDX-License-Identifier: BSD-2-Clause */
/* compile.c - the chain, once through */
#include <stddef.h>

#include "compiler/stages.h"

bool
compile_query(struct unit *unit, struct query *query, const struct principal *who,
    const struct tenant *tenant, const struct audit_intent *intent,
    const struct expectation *expectation, struct problem *p)
{
	struct permitted_query *permitted = access_apply(query, who, p);
	struct audited_query *audited =
	    permitted == NULL ? NULL : audit_apply(permitted, intent, p);
	struct live_query *live = audited == NULL ? NULL : soft_delete_apply(audited, p);
	struct tenant_query *scoped = live == NULL ? NULL : tenancy_apply(live, tenant, p);

	return scoped != NULL && emit_unit(unit, scoped, expectation, p);
}

struct tenant_change *
compile_change(struct change *change, const struct principal *who, const struct tenant *tenant,
    const struct audit_intent *intent, struct problem *p)
{
	struct permitted_change *permitted = access_apply_change(change, who, p);
	struct audited_change *audited =
	    permitted == NULL ? NULL : audit_apply_change(permitted, intent, p);
	struct live_change *live = audited == NULL ? NULL : soft_delete_apply_change(audited, p);

	return live == NULL ? NULL : tenancy_apply_change(live, tenant, p);
}
