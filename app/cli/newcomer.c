/* SPDX-License-Identifier: BSD-2-Clause */
/* newcomer.c - reading the columns, then INSERT, log entry and the id in one unit */
#include "cli/newcomer.h"

#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"
#include "cli/acting.h"
#include "database/catalogue.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "database/unit.h"
#include "serve/accounts.h"
#include "serve/caching.h"
#include "serve/platform.h"

/* --- what it holds --------------------------------------------------------------------------- */

struct assignment {
	const struct column *column;
	const struct value *value;
};

struct account_row {
	struct arena *arena;
	const struct principals *who;
	struct assignment *list; /* as many as there are columns */
	size_t count;
};

/* By its name in SQL or in JSON. */
static const struct column *
find_column(const struct model *model, const char *name)
{
	for (size_t i = 0; i < model->column_count; i++)
		if (strcmp(model->columns[i].name, name) == 0 ||
		    strcmp(model->columns[i].json, name) == 0)
			return &model->columns[i];
	return NULL;
}

static bool
is_set(const struct account_row *row, const struct column *column)
{
	for (size_t i = 0; i < row->count; i++)
		if (row->list[i].column == column)
			return true;
	return false;
}

static void
assign(struct account_row *row, const struct column *column, const char *text)
{
	row->list[row->count++] =
	    (struct assignment){ column, value_typed(row->arena, column->type, text) };
}

/* Why a column cannot be set by --set; NULL when it can. An id that nothing makes is brought. */
static const char *
objection(const struct account_row *row, const struct column *column)
{
	if (column == NULL)
		return "there is no such column";
	if (column == row->who->login)
		return "say --login";
	if (column == row->who->role)
		return "say --role";
	if (column->hidden)
		return "the column is hidden";
	if (column->generated || column->identity_always)
		return "the database makes its values";
	if (column->role != ROLE_NONE && (column->role != ROLE_ID || column->has_default))
		return "the column is Rowhouse's own";
	if (is_set(row, column))
		return "it was set before";
	return NULL;
}

static void
read_assignment(struct account_row *row, const char *text, struct problem *p)
{
	size_t len = strcspn(text, "=");
	const char *name = arena_copy(row->arena, text, len), *why;
	const struct column *column = find_column(row->who->model, name);

	why = text[len] == '=' ? objection(row, column) : "it takes COLUMN=VALUE";
	if (why != NULL)
		problem_fault(p, arena_printf(row->arena, "--set %s", name), "column", "%s", why);
	else
		assign(row, column, text + len + 1);
}

static void
read_role(struct account_row *row, const char *role, struct problem *p)
{
	const struct column *column = row->who->role;
	struct text labels;

	if (role == NULL)
		return;
	if (column == NULL) {
		problem_fault(p, "--role", "role", "there are no roles here");
		return;
	}
	assign(row, column, role);
	text_init(&labels, row->arena, 1 << 12);
	for (size_t i = 0; column->labels != NULL && column->labels[i] != NULL; i++) {
		if (strcmp(column->labels[i], role) == 0)
			return;
		text_printf(&labels, "%s%s", i > 0 ? ", " : "", column->labels[i]);
	}
	/* Without labels it is text with a CHECK, which PostgreSQL looks at. */
	if (column->labels != NULL)
		problem_fault(p, "--role", "role", "there is no role \"%s\"; there are %s", role,
		    labels.bytes);
}

/* Every column that must have a value and has none, at once. */
static void
check_missing(const struct account_row *row, struct problem *p)
{
	const struct model *model = row->who->model;

	for (size_t i = 0; i < model->column_count; i++) {
		const struct column *c = &model->columns[i];
		bool own = c->role != ROLE_NONE && c->role != ROLE_ID;

		if (!c->not_null || c->has_default || c->generated || own || is_set(row, c))
			continue;
		if (c == row->who->password)
			problem_fault(
			    p, c->name, "required", "nobody can be invited here: give a password");
		else if (c == row->who->role)
			problem_fault(p, c->name, "required", "say --role");
		else
			problem_fault(
			    p, c->name, "required", "it needs a value: --set %s=VALUE", c->name);
	}
}

/* All faults are told together. */
static bool
read_row(struct acting *a, const struct newcomer *n, struct account_row *row, struct problem *p)
{
	const struct principals *who = a->request.catalogue->principals;

	if (who == NULL)
		return problem_raise(p, PROBLEM_NO_MODEL,
		    "no model signs in: SELECT rowhouse.principals(...) in a migration names it");
	*row = (struct account_row){ .arena = a->request.arena, .who = who };
	row->list = arena_array(row->arena, who->model->column_count + 1, sizeof(*row->list));
	assign(row, who->login, n->login);
	if (n->login[0] == '\0')
		problem_fault(p, "--login", "required", "it is empty");
	if (n->password_hash != NULL)
		assign(row, who->password, n->password_hash);
	read_role(row, n->role, p);
	for (size_t i = 0; n->set != NULL && n->set[i] != NULL; i++)
		read_assignment(row, n->set[i], p);
	check_missing(row, p);
	return !problem_raised(p);
}

/* --- its statements --------------------------------------------------------------------------- */

/*	INSERT INTO "public"."users" ("tenant_id", "email", ...) VALUES ($1, $2, ...) */
static bool
add_insert(struct unit *unit, struct acting *a, const struct account_row *row, struct problem *p)
{
	const struct model *model = row->who->model;
	struct sqltext *t = sqltext_new(a->request.arena);

	sqltext_literal(t, "INSERT INTO ");
	sqltext_name(t, model->sql);
	sqltext_literal(t, " (");
	sqltext_name(t, model->tenant->sql);
	for (size_t i = 0; i < row->count; i++) {
		sqltext_literal(t, ", ");
		sqltext_name(t, row->list[i].column->sql);
	}
	sqltext_literal(t, ") VALUES (");
	sqltext_param(t, value_new(a->request.arena, SQLTYPE_UUID, a->request.tenant->id));
	for (size_t i = 0; i < row->count; i++) {
		sqltext_literal(t, ", ");
		sqltext_param(t, row->list[i].value);
	}
	sqltext_literal(t, ")");
	return unit_add_text(unit, t, p);
}

/*	 "public"."users" AS t0 WHERE (t0."tenant_id" = $1) AND (lower(t0."email") = lower($2))
 *	AND (t0."deleted_at" IS NULL)
 *
 * The new row: the login is unique among live ones (principals-login of the lint). */
static void
put_new_row(struct sqltext *t, struct acting *a, const struct account_row *row)
{
	const struct model *model = row->who->model;

	sqltext_name(t, model->sql);
	sqltext_literal(t, " AS t0 WHERE (t0.");
	sqltext_name(t, model->tenant->sql);
	sqltext_literal(t, " = ");
	sqltext_param(t, value_new(a->request.arena, SQLTYPE_UUID, a->request.tenant->id));
	sqltext_literal(t, ") AND (lower(t0.");
	sqltext_name(t, row->who->login->sql);
	sqltext_literal(t, ") = lower(");
	sqltext_param(t, row->list[0].value);
	sqltext_literal(t, "))");
	if (model->deleted_at != NULL) {
		sqltext_literal(t, " AND (t0.");
		sqltext_name(t, model->deleted_at->sql);
		sqltext_literal(t, " IS NULL)");
	}
}

/*	'{}'::jsonb || jsonb_build_object($3,
 *	jsonb_build_object('before', NULL, 'after', t0."email")) || ...
 *
 * Joined, since a function takes 100 arguments. Generated columns are not logged (DESIGN 3.4), nor
 * is the tenant, which is a column of the log. */
static void
put_changes(struct sqltext *t, struct acting *a, const struct model *model)
{
	sqltext_literal(t, "'{}'::jsonb");
	for (size_t i = 0; i < model->column_count; i++) {
		const struct column *c = &model->columns[i];

		if (c->generated || c->role == ROLE_TENANT)
			continue;
		sqltext_literal(t, " || jsonb_build_object(");
		sqltext_param(t, value_new(a->request.arena, SQLTYPE_TEXT, c->json));
		sqltext_literal(t, ", jsonb_build_object('before', NULL, 'after', ");
		if (c->sensitive) {
			sqltext_literal(t, "'[REDACTED]'");
		} else {
			sqltext_literal(t, "t0.");
			sqltext_name(t, c->sql);
		}
		sqltext_literal(t, "))");
	}
}

/*	INSERT INTO rowhouse.audit_log (...) SELECT $1, d.timeline, 'system', 'users.created',
 *	'users', t0."id"::text, {...}, {...}
 *	FROM rowhouse.deployment AS d, "public"."users" AS t0 WHERE ... */
static bool
add_log(struct unit *unit, struct acting *a, const struct account_row *row, struct problem *p)
{
	struct arena *arena = a->request.arena;
	const struct model *model = row->who->model;
	struct sqltext *t = sqltext_new(arena);

	if (!model->audit)
		return true;
	sqltext_literal(t,
	    "INSERT INTO rowhouse.audit_log (tenant_id, timeline, actor_type, action, target_type, "
	    "target_id, changes, metadata) SELECT ");
	sqltext_param(t, value_new(arena, SQLTYPE_UUID, a->request.tenant->id));
	sqltext_literal(t, ", d.timeline, 'system', ");
	sqltext_param(
	    t, value_new(arena, SQLTYPE_TEXT, arena_printf(arena, "%s.created", model->table)));
	sqltext_literal(t, ", ");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, model->table));
	sqltext_literal(t, ", t0.");
	sqltext_name(t, model->id->sql);
	sqltext_literal(t, "::text, ");
	put_changes(t, a, model);
	sqltext_literal(t, ", jsonb_build_object('requestId', ");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, a->request.id));
	sqltext_literal(t, ", 'reason', 'command line') FROM rowhouse.deployment AS d, ");
	put_new_row(t, a, row);
	return unit_add_text(unit, t, p);
}

/*	SELECT t0."id"::text FROM ... */
static bool
add_id(struct unit *unit, struct acting *a, const struct account_row *row, struct problem *p)
{
	struct sqltext *t = sqltext_new(a->request.arena);

	sqltext_literal(t, "SELECT t0.");
	sqltext_name(t, row->who->model->id->sql);
	sqltext_literal(t, "::text FROM ");
	put_new_row(t, a, row);
	return unit_add_text(unit, t, p);
}

/* Taken is told in our words; what else PostgreSQL refuses, in its own. */
bool
newcomer_create(struct acting *a, const struct newcomer *n, const char **id, struct problem *p)
{
	struct unit *unit = unit_new(a->request.arena, UNIT_WRITE);
	struct account_row row;
	struct account taken;

	if (!read_row(a, n, &row, p) ||
	    !accounts_find(&a->request, a->request.tenant, n->login, &taken, p))
		return false;
	if (taken.id != NULL)
		return problem_raise(p, PROBLEM_CONFLICT,
		    "tenant %s has an account with the login \"%s\" already", a->tenant.slug,
		    n->login);
	if (!caching_note(&a->request, unit, row.who->model->table, p) ||
	    !add_insert(unit, a, &row, p) || !add_log(unit, a, &row, p) ||
	    !add_id(unit, a, &row, p) || !request_run(&a->request, unit, p))
		return false;
	*id = result_value(unit_result(unit, unit_count(unit) - 1), 0, 0, NULL);
	return true;
}
