/* SPDX-License-Identifier: BSD-2-Clause */
/* entries.c - one INSERT for all of them */
#include "serve/entries.h"

#include "base/principal.h"
#include "base/tenant.h"
#include "serve/platform.h"

static void
put_text(struct sqltext *t, struct request *r, const char *text)
{
	sqltext_param(t, value_new(r->arena, SQLTYPE_TEXT, text));
}

/*	INSERT INTO rowhouse.audit_log (tenant_id, timeline, actor_type, actor_id, actor_ip,
 *	operator_id, action, target_type, target_id, source, result, reason, ordinal, changes,
 *	metadata) SELECT $1, d.timeline, $2, $3, $4::inet, $5, $6, $7, $8, $9, $10, $11, $12, */
struct sqltext *
entries_begin(struct request *r, const struct tenant *tenant, const struct entry *entry)
{
	const struct principal *actor = &r->principal;
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t,
	    "INSERT INTO rowhouse.audit_log (tenant_id, timeline, actor_type, actor_id, actor_ip, "
	    "operator_id, action, target_type, target_id, source, result, reason, ordinal, "
	    "changes, metadata) SELECT ");
	sqltext_param(t, value_new(r->arena, SQLTYPE_UUID, tenant->id));
	sqltext_literal(t, ", d.timeline, ");
	put_text(t, r, principal_type_word(actor->type));
	sqltext_literal(t, ", ");
	put_text(t, r, actor->id);
	sqltext_literal(t, ", ");
	put_text(t, r, actor->ip);
	sqltext_literal(t, "::inet, ");
	put_text(t, r, actor->operator);
	sqltext_literal(t, ", ");
	put_text(t, r, entry->action);
	sqltext_literal(t, ", ");
	put_text(t, r, entry->target_type);
	sqltext_literal(t, ", ");
	put_text(t, r, entry->target_id);
	sqltext_literal(t, ", ");
	put_text(t, r, entry->manual ? "manual" : "auto");
	sqltext_literal(t, ", ");
	put_text(t, r, entry->result != NULL ? entry->result : "ok");
	sqltext_literal(t, ", ");
	put_text(t, r, entry->reason);
	sqltext_literal(t, ", ");
	sqltext_param(t, value_int(r->arena, entry->ordinal));
	sqltext_literal(t, ", ");
	return t;
}

/*	, jsonb_build_object('requestId', $10, $11, $12, ...) FROM rowhouse.deployment AS d */
bool
entries_add(struct unit *unit, struct request *r, struct sqltext *t, const struct entry_fact *facts,
    size_t count, struct problem *p)
{
	sqltext_literal(t, ", jsonb_build_object('requestId', ");
	put_text(t, r, r->id);
	for (size_t i = 0; i < count; i++) {
		sqltext_literal(t, ", ");
		put_text(t, r, facts[i].name);
		sqltext_literal(t, ", ");
		sqltext_param(t, facts[i].value);
	}
	sqltext_literal(t, ") FROM rowhouse.deployment AS d");
	return unit_add_text(unit, t, p);
}
