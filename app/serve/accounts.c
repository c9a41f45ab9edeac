/* SPDX-License-Identifier: BSD-2-Clause */
/* accounts.c - statements on the principal model */
#include "serve/accounts.h"

#include <stddef.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/tenant.h"
#include "database/catalogue.h"
#include "serve/caching.h"
#include "serve/entries.h"
#include "serve/platform.h"

/*	t0."email" */
static void
put_column(struct sqltext *t, const struct column *column)
{
	sqltext_literal(t, "t0.");
	sqltext_name(t, column->sql);
}

/*	 FROM "public"."users" AS t0 WHERE (t0."tenant_id" = $1::uuid) AND (t0."deleted_at" IS NULL)
 */
static void
put_live_rows(struct sqltext *t, const struct model *model, const struct value *tenant)
{
	sqltext_literal(t, " FROM ");
	sqltext_name(t, model->sql);
	sqltext_literal(t, " AS t0 WHERE (");
	put_column(t, model->tenant);
	sqltext_literal(t, " = ");
	sqltext_param(t, tenant);
	sqltext_literal(t, ")");
	if (model->deleted_at != NULL) {
		sqltext_literal(t, " AND (");
		put_column(t, model->deleted_at);
		sqltext_literal(t, " IS NULL)");
	}
}

static void
put_key(struct sqltext *t, const struct model *model, const struct value *id)
{
	sqltext_literal(t, " AND (");
	put_column(t, model->id);
	sqltext_literal(t, " = ");
	sqltext_param(t, id);
	sqltext_literal(t, ")");
}

/* The principal model; a problem when nobody registered one. */
static const struct principals *
principals_of(const struct request *r, struct problem *p)
{
	if (r->catalogue->principals == NULL)
		return problem_null(
		    p, PROBLEM_NO_ROUTE, "no model signs in: rowhouse.principals() names it");
	return r->catalogue->principals;
}

/*	SELECT t0."id"::text, t0."password_hash", t0."role"::text FROM ... */
static struct sqltext *
begin_select(struct request *r, const struct tenant *tenant, struct problem *p)
{
	const struct principals *who = principals_of(r, p);
	struct sqltext *t = sqltext_new(r->arena);

	if (who == NULL)
		return NULL;
	sqltext_literal(t, "SELECT ");
	put_column(t, who->model->id);
	sqltext_literal(t, "::text, ");
	put_column(t, who->password);
	if (who->role != NULL) {
		sqltext_literal(t, ", ");
		put_column(t, who->role);
		sqltext_literal(t, "::text");
	} else {
		sqltext_literal(t, ", NULL::text");
	}
	put_live_rows(t, who->model, value_new(r->arena, SQLTYPE_UUID, tenant->id));
	return t;
}

static bool
run_select(struct request *r, const struct tenant *tenant, struct sqltext *t,
    struct account *account, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_READ);
	const struct result *rows;

	*account = (struct account){ NULL, NULL, NULL };
	if (!unit_add_text(unit, t, p) || !request_run_for(r, tenant, unit, p))
		return false;
	rows = unit_result(unit, 0);
	if (result_rows(rows) == 0)
		return true;
	account->id = result_value(rows, 0, 0, NULL);
	account->password_hash = result_value(rows, 0, 1, NULL);
	account->role = result_value(rows, 0, 2, NULL);
	return true;
}

bool
accounts_find(struct request *r, const struct tenant *tenant, const char *login,
    struct account *account, struct problem *p)
{
	struct sqltext *t = begin_select(r, tenant, p);

	if (t == NULL)
		return false;
	sqltext_literal(t, " AND (lower(");
	put_column(t, r->catalogue->principals->login);
	sqltext_literal(t, ") = lower(");
	sqltext_param(t, value_new(r->arena, SQLTYPE_TEXT, login));
	sqltext_literal(t, "))");
	return run_select(r, tenant, t, account, p);
}

bool
accounts_get(struct request *r, const struct tenant *tenant, const char *id,
    struct account *account, struct problem *p)
{
	struct sqltext *t = begin_select(r, tenant, p);
	const struct model *model;

	if (t == NULL)
		return false;
	model = r->catalogue->principals->model;
	put_key(t, model, value_typed(r->arena, model->id->type, id));
	return run_select(r, tenant, t, account, p);
}

/*	WITH w AS (SELECT t0."role"::text AS role FROM ... FOR UPDATE)
 *	SELECT CASE WHEN count(*) = 1 THEN true ELSE rowhouse.refuse('401') END, max(w.role) FROM w
 */
bool
accounts_add_check(struct unit *unit, struct request *r, const struct tenant *tenant,
    const char *id, struct problem *p)
{
	const struct principals *who = principals_of(r, p);
	struct sqltext *t;

	if (who == NULL)
		return false;
	t = sqltext_new(r->arena);
	sqltext_literal(t, "WITH w AS (SELECT ");
	if (who->role != NULL)
		put_column(t, who->role);
	else
		sqltext_literal(t, "NULL");
	sqltext_literal(t, "::text AS role");
	put_live_rows(t, who->model, value_new(r->arena, SQLTYPE_UUID, tenant->id));
	put_key(t, who->model, value_typed(r->arena, who->model->id->type, id));
	sqltext_literal(t,
	    " FOR UPDATE) SELECT CASE WHEN count(*) = 1 THEN true "
	    "ELSE rowhouse.refuse('401') END, max(w.role) FROM w");
	return unit_add_text(unit, t, p);
}

/* An entry with the changes
 *
 *	(SELECT jsonb_build_object('passwordHash', {"before": "[REDACTED]", "after": "[REDACTED]"},
 *	'version', ..., 'updatedAt', ...) FROM "public"."users" AS t0 WHERE ...)
 *
 * The row is locked by accounts_add_check, which stands in front of it in every unit. */
static bool
add_log(struct unit *unit, struct request *r, const struct principals *who,
    const struct tenant *tenant, const struct value *id, const char *reason, struct problem *p)
{
	const struct model *model = who->model;
	const struct entry entry = {
		.action = arena_printf(r->arena, "%s.updated", model->table),
		.target_type = model->table,
		.target_id = id->bytes,
	};
	const struct entry_fact why = { "reason", value_new(r->arena, SQLTYPE_TEXT, reason) };
	struct sqltext *t = entries_begin(r, tenant, &entry);

	sqltext_literal(t, "(SELECT jsonb_build_object(");
	sqltext_param(t, value_new(r->arena, SQLTYPE_TEXT, who->password->json));
	sqltext_literal(t,
	    ", '{\"before\": \"[REDACTED]\", \"after\": \"[REDACTED]\"}'::jsonb, 'version', "
	    "jsonb_build_object('before', t0.version, 'after', t0.version + 1), 'updatedAt', "
	    "jsonb_build_object('before', t0.updated_at, 'after', now()::timestamptz(3)))");
	put_live_rows(t, model, value_new(r->arena, SQLTYPE_UUID, tenant->id));
	put_key(t, model, id);
	sqltext_literal(t, ")");
	return entries_add(unit, r, t, &why, 1, p);
}

/*	WITH w AS (UPDATE "public"."users" AS t0 SET "password_hash" = $1, version = ..., updated_at
 *	= ... WHERE ... RETURNING 1) SELECT CASE WHEN count(*) = 1 THEN true
 *	ELSE rowhouse.refuse('401') END FROM w */
static bool
add_write(struct unit *unit, struct request *r, const struct principals *who,
    const struct value *tenant, const struct value *id, const char *hash, struct problem *p)
{
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t, "WITH w AS (UPDATE ");
	sqltext_name(t, who->model->sql);
	sqltext_literal(t, " AS t0 SET ");
	sqltext_name(t, who->password->sql);
	sqltext_literal(t, " = ");
	sqltext_param(t, value_typed(r->arena, who->password->type, hash));
	sqltext_literal(t, ", version = t0.version + 1, updated_at = now() WHERE (");
	put_column(t, who->model->tenant);
	sqltext_literal(t, " = ");
	sqltext_param(t, tenant);
	sqltext_literal(t, ")");
	put_key(t, who->model, id);
	sqltext_literal(t,
	    " RETURNING 1) SELECT CASE WHEN count(*) = 1 THEN true "
	    "ELSE rowhouse.refuse('401') END FROM w");
	return unit_add_text(unit, t, p);
}

bool
accounts_add_password(struct unit *unit, struct request *r, const struct tenant *tenant,
    const char *id, const char *hash, const char *reason, struct problem *p)
{
	const struct principals *who = principals_of(r, p);
	const struct value *owner, *key;

	if (who == NULL)
		return false;
	owner = value_new(r->arena, SQLTYPE_UUID, tenant->id);
	key = value_typed(r->arena, who->model->id->type, id);
	return accounts_add_check(unit, r, tenant, id, p) &&
	    (!who->model->audit || add_log(unit, r, who, tenant, key, reason, p)) &&
	    add_write(unit, r, who, owner, key, hash, p) &&
	    caching_note(r, unit, who->model->table, p);
}
