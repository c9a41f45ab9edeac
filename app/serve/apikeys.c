/* SPDX-License-Identifier: BSD-2-Clause */
/* apikeys.c - statements on rowhouse.api_keys */
#include "serve/apikeys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/tenant.h"
#include "base/text.h"
#include "serve/entries.h"
#include "serve/environment.h"
#include "serve/platform.h"
#include "serve/remembered.h"

/* A change of what was not there: {"before": null, "after": column}. */
#define FROM_NULL(column) "jsonb_build_object('before', NULL, 'after', " column ")"

static const struct value *
text_value(struct request *r, const char *text)
{
	return value_new(r->arena, SQLTYPE_TEXT, text);
}

/* --- what a key may be --------------------------------------------------------------------- */

/* model:read or model:write, where the model is registered, or *. */
static bool
scope_ok(const struct request *r, const char *scope)
{
	size_t len = strcspn(scope, ":");

	if (strcmp(scope + len, ":read") != 0 && strcmp(scope + len, ":write") != 0)
		return false;
	return (len == 1 && scope[0] == '*') ||
	    catalogue_model(r->catalogue, arena_copy(r->arena, scope, len)) != NULL;
}

static void
check_scopes(const struct request *r, const char *const *scopes, struct problem *p)
{
	for (size_t i = 0; scopes[i] != NULL; i++)
		if (!scope_ok(r, scopes[i]))
			problem_fault(p, arena_printf(r->arena, "#/scopes/%zu", i), "scope",
			    "a scope is model:read or model:write, where the model is a "
			    "registered one or *");
}

static void
check_role(const struct request *r, const char *role, struct problem *p)
{
	const struct principals *who = r->catalogue->principals;

	if (role == NULL)
		return;
	if (who == NULL || who->roles == NULL) {
		problem_fault(p, "#/role", "role", "there are no roles here");
		return;
	}
	for (size_t i = 0; who->roles[i] != NULL; i++)
		if (strcmp(who->roles[i], role) == 0)
			return;
	problem_fault(p, "#/role", "role", "there is no such role");
}

/* {"posts:read","*:write"}: scopes were checked, so nothing in them needs quoting but the whole. */
static const char *
array_text(struct arena *arena, const char *const *scopes)
{
	struct text t;

	text_init(&t, arena, 1 << 16);
	text_byte(&t, '{');
	for (size_t i = 0; scopes[i] != NULL; i++)
		text_printf(&t, "%s\"%s\"", i > 0 ? "," : "", scopes[i]);
	text_byte(&t, '}');
	return t.bytes;
}

/*	INSERT INTO rowhouse.api_keys (tenant_id, id, name, secret_hash, scopes, role, created_by,
 *	expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8::timestamptz) */
static bool
add_insert(struct unit *unit, struct request *r, const struct apikey_request *wanted,
    const struct credential *c, struct problem *p)
{
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t,
	    "INSERT INTO rowhouse.api_keys (tenant_id, id, name, secret_hash, scopes, role, "
	    "created_by, expires_at) VALUES (");
	sqltext_param(t, value_new(r->arena, SQLTYPE_UUID, r->tenant->id));
	sqltext_literal(t, ", ");
	sqltext_param(t, text_value(r, c->id));
	sqltext_literal(t, ", ");
	sqltext_param(t, text_value(r, wanted->name));
	sqltext_literal(t, ", ");
	sqltext_param(t, text_value(r, c->hash));
	sqltext_literal(t, ", ");
	sqltext_param(
	    t, value_new(r->arena, SQLTYPE_TEXT_ARRAY, array_text(r->arena, wanted->scopes)));
	sqltext_literal(t, ", ");
	sqltext_param(t, text_value(r, wanted->role));
	sqltext_literal(t, ", ");
	sqltext_param(t, text_value(r, r->principal.id));
	sqltext_literal(t, ", ");
	sqltext_param(t, text_value(r, wanted->expires_at));
	sqltext_literal(t, "::timestamptz)");
	return unit_add_text(unit, t, p);
}

/* An entry with what the key may do, from its row:
 *
 *	(SELECT jsonb_build_object('name', {"before": null, "after": k.name}, ...)
 *	FROM rowhouse.api_keys AS k WHERE k.tenant_id = $1 AND k.id = $2) */
static bool
add_created(struct unit *unit, struct request *r, const char *id, struct problem *p)
{
	const struct entry entry = {
		.action = "api_keys.created", .target_type = "rowhouse.api_keys", .target_id = id
	};
	struct sqltext *t = entries_begin(r, r->tenant, &entry);

	sqltext_literal(t, "(SELECT jsonb_build_object(");
	sqltext_literal(t, "'name', " FROM_NULL("k.name"));
	sqltext_literal(t, ", 'scopes', " FROM_NULL("k.scopes"));
	sqltext_literal(t, ", 'role', " FROM_NULL("k.role"));
	sqltext_literal(t, ", 'expiresAt', " FROM_NULL("k.expires_at"));
	sqltext_literal(t, ") FROM rowhouse.api_keys AS k WHERE k.tenant_id = ");
	sqltext_param(t, value_new(r->arena, SQLTYPE_UUID, r->tenant->id));
	sqltext_literal(t, " AND k.id = ");
	sqltext_param(t, text_value(r, id));
	sqltext_literal(t, ")");
	return entries_add(unit, r, t, NULL, 0, p);
}

bool
apikeys_create(struct request *r, const struct apikey_request *wanted, const char **text,
    const char **id, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_WRITE);
	struct credential *c = ARENA_NEW(r->arena, struct credential);
	char *secret = arena_alloc(r->arena, CREDENTIAL_TEXT_BYTES);

	check_scopes(r, wanted->scopes, p);
	check_role(r, wanted->role, p);
	if (problem_raised(p))
		return false;
	credential_make(c, CREDENTIAL_API_KEY, r->tenant, secret);
	*text = secret;
	*id = c->id;
	if (!add_insert(unit, r, wanted, c, p) || !add_created(unit, r, c->id, p))
		return false;
	if (request_run(r, unit, p))
		return true;
	if (p->code == PROBLEM_VALUE) {
		problem_init(p, r->arena);
		problem_fault(
		    p, "#/expiresAt", "type", "it is no instant such as 2027-01-31T00:00:00Z");
	}
	return false;
}

const struct result *
apikeys_list(struct request *r, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_READ);
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(
	    t, "SELECT coalesce(json_agg(json_build_object('id', k.id, 'name', k.name, ");
	sqltext_literal(t, "'scopes', k.scopes, 'role', k.role, 'createdBy', k.created_by");
	sqltext_literal(t, ", 'createdAt', " SQLTEXT_INSTANT("k.created_at"));
	sqltext_literal(t, ", 'expiresAt', " SQLTEXT_INSTANT("k.expires_at"));
	sqltext_literal(t, ", 'revokedAt', " SQLTEXT_INSTANT("k.revoked_at"));
	sqltext_literal(t, ", 'lastUsedAt', " SQLTEXT_INSTANT("k.last_used_at"));
	sqltext_literal(t, ") ORDER BY k.created_at, k.id), '[]'::json) ");
	sqltext_literal(t, "FROM rowhouse.api_keys AS k WHERE k.tenant_id = ");
	sqltext_param(t, value_new(r->arena, SQLTYPE_UUID, r->tenant->id));
	return unit_add_text(unit, t, p) && request_run(r, unit, p) ? unit_result(unit, 0) : NULL;
}

/*	WITH w AS (UPDATE rowhouse.api_keys AS k SET revoked_at = now() WHERE ... AND k.revoked_at
 *	IS NULL RETURNING 1) SELECT CASE WHEN count(*) = 1 THEN true
 *	ELSE rowhouse.refuse('404') END FROM w */
static bool
add_revoke(struct unit *unit, struct request *r, const char *id, struct problem *p)
{
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t,
	    "WITH w AS (UPDATE rowhouse.api_keys AS k SET revoked_at = now() WHERE k.tenant_id = ");
	sqltext_param(t, value_new(r->arena, SQLTYPE_UUID, r->tenant->id));
	sqltext_literal(t, " AND k.id = ");
	sqltext_param(t, text_value(r, id));
	sqltext_literal(t,
	    " AND k.revoked_at IS NULL RETURNING 1) SELECT CASE WHEN count(*) = 1 THEN true "
	    "ELSE rowhouse.refuse('404') END FROM w");
	return unit_add_text(unit, t, p);
}

bool
apikeys_revoke(struct request *r, const char *id, struct problem *p)
{
	const struct entry entry = {
		.action = "api_keys.revoked", .target_type = "rowhouse.api_keys", .target_id = id
	};
	struct unit *unit = unit_new(r->arena, UNIT_WRITE);
	struct sqltext *log, *epoch = sqltext_new(r->arena);

	log = entries_begin(r, r->tenant, &entry);
	sqltext_literal(
	    log, "jsonb_build_object('revokedAt', " FROM_NULL("now()::timestamptz(3)") ")");
	sqltext_literal(epoch, "SELECT rowhouse.raise_epoch()");
	return add_revoke(unit, r, id, p) && entries_add(unit, r, log, NULL, 0, p) &&
	    unit_add_text(unit, epoch, p) && request_run(r, unit, p);
}

/* --- using one ----------------------------------------------------------------------------- */

/*	SELECT k.secret_hash, k.role, array_to_string(k.scopes, ' '), expiry in seconds, whether its
 *	use is due to be noted FROM rowhouse.api_keys AS k WHERE ... live */
static bool
look_up(
    struct request *r, const struct credential *c, const struct result **rows, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_READ);
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t,
	    "SELECT k.secret_hash, k.role, array_to_string(k.scopes, ' '), "
	    "coalesce(extract(epoch FROM k.expires_at)::int8, 9223372036854775807), "
	    "coalesce(k.last_used_at < now() - interval '1 minute', true) "
	    "FROM rowhouse.api_keys AS k WHERE k.tenant_id = ");
	sqltext_param(t, value_new(r->arena, SQLTYPE_UUID, c->tenant.id));
	sqltext_literal(t, " AND k.id = ");
	sqltext_param(t, text_value(r, c->id));
	sqltext_literal(
	    t, " AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())");
	if (!unit_add_text(unit, t, p) || !request_run_for(r, &c->tenant, unit, p))
		return false;
	*rows = unit_result(unit, 0);
	return true;
}

/* Sampled: what is remembered is not noted, and here at most once a minute over all workers. */
static bool
note_use(struct request *r, const struct credential *c, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_WRITE);
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(
	    t, "UPDATE rowhouse.api_keys AS k SET last_used_at = now() WHERE k.tenant_id = ");
	sqltext_param(t, value_new(r->arena, SQLTYPE_UUID, c->tenant.id));
	sqltext_literal(t, " AND k.id = ");
	sqltext_param(t, text_value(r, c->id));
	sqltext_literal(t, " AND coalesce(k.last_used_at < now() - interval '1 minute', true)");
	return unit_add_text(unit, t, p) && request_run_for(r, &c->tenant, unit, p);
}

static bool
fits(char *out, size_t size, const char *text)
{
	return snprintf(out, size, "%s", text != NULL ? text : "") < (int)size;
}

bool
apikeys_use(struct request *r, const struct credential *c, struct bearer *bearer, struct problem *p)
{
	const struct result *rows;

	memset(bearer, 0, sizeof(*bearer));
	if (!look_up(r, c, &rows, p))
		return false;
	if (result_rows(rows) == 0 || !credential_matches(c, result_value(rows, 0, 0, NULL)))
		return problem_raise(p, PROBLEM_UNAUTHENTICATED, "the API key is not good");
	bearer->tenant = c->tenant;
	bearer->type = PRINCIPAL_API_KEY;
	bearer->scoped = true;
	bearer->expires_s = strtoll(result_value(rows, 0, 3, NULL), NULL, 10);
	if (!fits(bearer->id, sizeof(bearer->id), c->id) ||
	    !fits(bearer->role, sizeof(bearer->role), result_value(rows, 0, 1, NULL)) ||
	    !fits(bearer->scopes, sizeof(bearer->scopes), result_value(rows, 0, 2, NULL)))
		return problem_raise(p, PROBLEM_FORBIDDEN, "the API key has too many scopes");
	return strcmp(result_value(rows, 0, 4, NULL), "t") != 0 || note_use(r, c, p);
}
