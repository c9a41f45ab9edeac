/* SPDX-License-Identifier: BSD-2-Clause */
/* user.c - rowhouse user: accounts of the model that signs in
 *
 * A row of that model is written with its log entry in one unit, in the tenant's context and as the
 * application role, as a request would. Names of columns come from the catalogue, values are
 * parameters, and PostgreSQL is left to judge what a column's type takes. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/settings.h"
#include "base/text.h"
#include "cli/acting.h"
#include "cli/action.h"
#include "cli/command.h"
#include "cli/prompt.h"
#include "database/catalogue.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "database/unit.h"
#include "formats/password.h"
#include "serve/accounts.h"
#include "serve/handler.h"
#include "serve/sessions.h"

enum { TENANT, LOGIN, ROLE, SET, STDIN, NONE };

static const struct option options[] = {
	{ "tenant", required_argument, NULL, OPTION_OWN + TENANT },
	{ "login", required_argument, NULL, OPTION_OWN + LOGIN },
	{ "role", required_argument, NULL, OPTION_OWN + ROLE },
	{ "set", required_argument, NULL, OPTION_OWN + SET },
	{ "password-stdin", no_argument, NULL, OPTION_OWN + STDIN },
	{ "no-password", no_argument, NULL, OPTION_OWN + NONE },
	{ NULL, 0, NULL, 0 },
};

static command_fn run_user;
static action_fn run_create, run_password;

const struct command command_user = {
	.name = "user",
	.run = run_user,
	.help = "make accounts and set their passwords",
	.usage = "usage: rowhouse user create --tenant SLUG|ID --login LOGIN [--role ROLE]\n"
		 "                            [--set COLUMN=VALUE]...\n"
		 "                            [--password-stdin | --no-password]\n"
		 "       rowhouse user password --tenant SLUG|ID --login LOGIN [--password-stdin]\n"
		 "\n"
		 "  create    make an account and print its id; without a password it is invited:\n"
		 "            it exists and cannot sign in\n"
		 "  password  set a password, and end all sessions of the account\n"
		 "\n"
		 "A password is asked for on the terminal, when there is one.\n"
		 "\n"
		 "  --login LOGIN       what the account signs in with\n"
		 "  --role ROLE         without it, what the column's default says\n"
		 "  --set COLUMN=VALUE  another column of the account; may be repeated\n"
		 "  --password-stdin    the password is the first line of standard input\n"
		 "  --no-password       do not ask for one\n",
	.options = options,
	.letters = "",
};

#define WHOSE (ACTION_BIT(TENANT) | ACTION_BIT(LOGIN))
static const struct command_action actions[] = {
	{ "create", run_create, NULL,
	    WHOSE | ACTION_BIT(ROLE) | ACTION_BIT(SET) | ACTION_BIT(STDIN) | ACTION_BIT(NONE),
	    WHOSE },
	{ "password", run_password, NULL, WHOSE | ACTION_BIT(STDIN), WHOSE },
};

/* --- passwords -------------------------------------------------------------------------------- */

/* From where the line says; NULL: none. */
static bool
read_password(struct action_line *l, const char *question, const char **password)
{
	*password = NULL;
	if (action_given(l, STDIN)) {
		if (!prompt_standard_input(l->arena, password, &l->problem))
			return false;
	} else if (!action_given(l, NONE) && prompt_is_possible()) {
		if (!prompt_new_password(l->arena, question, password, &l->problem))
			return false;
		if (**password == '\0')
			*password = NULL;
	}
	return *password == NULL || prompt_check(*password, &l->problem);
}

/* Argon2id at the settings' cost. */
static bool
hash_password(struct action_line *l, const char *password, const char **hash)
{
	struct password_cost cost = { (unsigned long long)l->settings->password_passes,
		(size_t)l->settings->password_bytes };
	char *made = arena_alloc(l->arena, PASSWORD_HASH_BYTES);
	struct password_policy policy;

	*hash = NULL;
	if (password == NULL)
		return true;
	*hash = made;
	return (password_init(&policy, cost) &&
		   password_hash(&policy, password, strlen(password), made)) ||
	    problem_raise(&l->problem, PROBLEM_SETTING,
		"could not hash the password: settings \"password_passes\" and "
		"\"password_memory\" are out of bounds, or there is no memory");
}

/* --- what a new account holds ----------------------------------------------------------------- */

struct assignment {
	const struct column *column;
	const struct value *value;
};

struct account_row {
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
assign(struct account_row *row, struct arena *arena, const struct column *column, const char *text)
{
	row->list[row->count++] =
	    (struct assignment){ column, value_typed(arena, column->type, text) };
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
read_assignment(struct action_line *l, struct account_row *row, const char *text)
{
	size_t len = strcspn(text, "=");
	const char *name = arena_copy(l->arena, text, len), *why;
	const struct column *column = find_column(row->who->model, name);

	why = text[len] == '=' ? objection(row, column) : "it takes COLUMN=VALUE";
	if (why != NULL)
		problem_fault(
		    &l->problem, arena_printf(l->arena, "--set %s", name), "column", "%s", why);
	else
		assign(row, l->arena, column, text + len + 1);
}

static void
read_role(struct action_line *l, struct account_row *row)
{
	const struct column *column = row->who->role;
	const char *role = action_value(l, ROLE);
	struct text labels;

	if (role == NULL)
		return;
	if (column == NULL) {
		problem_fault(&l->problem, "--role", "role", "there are no roles here");
		return;
	}
	assign(row, l->arena, column, role);
	text_init(&labels, l->arena, 1 << 12);
	for (size_t i = 0; column->labels != NULL && column->labels[i] != NULL; i++) {
		if (strcmp(column->labels[i], role) == 0)
			return;
		text_printf(&labels, "%s%s", i > 0 ? ", " : "", column->labels[i]);
	}
	/* Without labels it is text with a CHECK, which PostgreSQL looks at. */
	if (column->labels != NULL)
		problem_fault(&l->problem, "--role", "role",
		    "there is no role \"%s\"; there are %s", role, labels.bytes);
}

/* Every column that must have a value and has none, at once. */
static void
check_missing(struct action_line *l, const struct account_row *row)
{
	const struct model *model = row->who->model;

	for (size_t i = 0; i < model->column_count; i++) {
		const struct column *c = &model->columns[i];
		bool own = c->role != ROLE_NONE && c->role != ROLE_ID;

		if (!c->not_null || c->has_default || c->generated || own || is_set(row, c))
			continue;
		if (c == row->who->password)
			problem_fault(&l->problem, c->name, "required",
			    "nobody can be invited here: give a password");
		else if (c == row->who->role)
			problem_fault(&l->problem, c->name, "required", "say --role");
		else
			problem_fault(&l->problem, c->name, "required",
			    "it needs a value: --set %s=VALUE", c->name);
	}
}

/* All faults are told together. */
static bool
read_row(struct action_line *l, struct acting *a, const char *hash, struct account_row *row)
{
	const struct principals *who = a->request.catalogue->principals;

	if (who == NULL)
		return problem_raise(&l->problem, PROBLEM_NO_MODEL,
		    "no model signs in: SELECT rowhouse.principals(...) in a migration names it");
	row->who = who;
	row->count = 0;
	row->list = arena_array(l->arena, who->model->column_count + 1, sizeof(*row->list));
	assign(row, l->arena, who->login, action_value(l, LOGIN));
	if (action_value(l, LOGIN)[0] == '\0')
		problem_fault(&l->problem, "--login", "required", "it is empty");
	if (hash != NULL)
		assign(row, l->arena, who->password, hash);
	read_role(l, row);
	for (size_t i = 0; action_given(l, SET) && l->given[SET][i] != NULL; i++)
		read_assignment(l, row, l->given[SET][i]);
	check_missing(l, row);
	return !problem_raised(&l->problem);
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
		sqltext_param(t, value_new(a->request.arena, SQLTYPE_TEXT, c->name));
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
	sqltext_literal(t, ", jsonb_build_object('request', ");
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
static bool
create(struct acting *a, const struct account_row *row, const char **id, struct problem *p)
{
	struct unit *unit = unit_new(a->request.arena, UNIT_WRITE);
	struct account taken;
	const struct result *rows;

	if (!accounts_find(&a->request, a->request.tenant, row->list[0].value->bytes, &taken, p))
		return false;
	if (taken.id != NULL)
		return problem_raise(p, PROBLEM_CONFLICT,
		    "tenant %s has an account with the login \"%s\" already", a->tenant.slug,
		    row->list[0].value->bytes);
	if (!add_insert(unit, a, row, p) || !add_log(unit, a, row, p) || !add_id(unit, a, row, p) ||
	    !request_run(&a->request, unit, p))
		return false;
	rows = unit_result(unit, unit_count(unit) - 1);
	*id = result_value(rows, 0, 0, NULL);
	return true;
}

static enum command_exit
run_create(struct action_line *l)
{
	const char *password, *hash, *id;
	struct account_row row = { 0 };
	struct acting a;

	if (action_given(l, STDIN) && action_given(l, NONE))
		return command_misused(l->line, "one of --password-stdin and --no-password");
	/* The database is asked first, so that nobody types a password for nothing. */
	if (!acting_in_tenant(&a, l->arena, l->settings, action_value(l, TENANT), &l->problem) ||
	    !read_password(l, "Password (none: invite)", &password) ||
	    !hash_password(l, password, &hash) || !read_row(l, &a, hash, &row) ||
	    !create(&a, &row, &id, &l->problem))
		return command_fail(&l->problem);
	puts(id);
	return COMMAND_OK;
}

static enum command_exit
run_password(struct action_line *l)
{
	const char *password, *hash;
	struct account account;
	struct unit *unit;
	struct acting a;

	if (!action_given(l, STDIN) && !prompt_is_possible())
		return command_misused(
		    l->line, "there is no terminal to ask: --password-stdin reads standard input");
	if (!acting_in_tenant(&a, l->arena, l->settings, action_value(l, TENANT), &l->problem) ||
	    !acting_account(&a, action_value(l, LOGIN), &account, &l->problem) ||
	    !read_password(l, "New password", &password))
		return command_fail(&l->problem);
	if (password == NULL && !prompt_check("", &l->problem))
		return command_fail(&l->problem);
	unit = unit_new(l->arena, UNIT_WRITE);
	if (!hash_password(l, password, &hash) ||
	    !accounts_add_password(unit, &a.request, a.request.tenant, account.id, hash,
		"command line", &l->problem) ||
	    !sessions_add_end_others(
		unit, &a.request, a.request.tenant, account.id, NULL, &l->problem) ||
	    !request_run(&a.request, unit, &l->problem))
		return command_fail(&l->problem);
	printf("%s has a new password; its sessions have ended\n", action_value(l, LOGIN));
	return COMMAND_OK;
}

static enum command_exit
run_user(struct command_line *line, int argc, char **argv)
{
	return action_run(line, actions, COUNT_OF(actions), argc, argv);
}
