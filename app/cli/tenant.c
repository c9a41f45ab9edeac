/* SPDX-License-Identifier: BSD-2-Clause */
/* tenant.c - rowhouse tenant: who shares this database */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/settings.h"
#include "base/tenant.h"
#include "cli/acting.h"
#include "cli/action.h"
#include "cli/command.h"
#include "cli/table.h"
#include "cli/tenant_data.h"
#include "database/pg.h"
#include "database/sqltext.h"

enum { NAME, ID, JSON, CONFIRM };

static const struct option options[] = {
	{ "name", required_argument, NULL, OPTION_OWN + NAME },
	{ "id", required_argument, NULL, OPTION_OWN + ID },
	{ "json", no_argument, NULL, OPTION_OWN + JSON },
	{ "confirm", required_argument, NULL, OPTION_OWN + CONFIRM },
	{ NULL, 0, NULL, 0 },
};

static command_fn run_tenant;
static action_fn run_create, run_list, run_suspend, run_resume, run_delete;

const struct command command_tenant = {
	.name = "tenant",
	.run = run_tenant,
	.help = "make, list, suspend, export and delete tenants",
	.usage =
	    "usage: rowhouse tenant create SLUG [--name NAME] [--id UUID]\n"
	    "       rowhouse tenant list [--json]\n"
	    "       rowhouse tenant suspend SLUG|ID\n"
	    "       rowhouse tenant resume SLUG|ID\n"
	    "       rowhouse tenant export SLUG|ID\n"
	    "       rowhouse tenant delete [--confirm SLUG] SLUG|ID\n"
	    "\n"
	    "  create   make a tenant and print its id; SLUG is 1 to 63 of a-z, 0-9 and -\n"
	    "  list     all of them, by slug\n"
	    "  suspend  refuse its requests and sign-ins from the next request on\n"
	    "  resume   take them again\n"
	    "  export   print all its rows and its log as lines of JSON\n"
	    "  delete   remove all its rows, and it; asks first, goes on where it was stopped\n"
	    "\n"
	    "  --name NAME  for people; the slug when it is not given\n"
	    "  --id UUID    its id, instead of a new one\n"
	    "  --json       for programs\n"
	    "  --confirm SLUG  the tenant's slug, where nobody can be asked\n",
	.options = options,
	.letters = "",
};

static const struct command_action actions[] = {
	{ "create", run_create, "slug", ACTION_BIT(NAME) | ACTION_BIT(ID), 0 },
	{ "list", run_list, NULL, ACTION_BIT(JSON), 0 },
	{ "suspend", run_suspend, "slug or id", 0, 0 },
	{ "resume", run_resume, "slug or id", 0, 0 },
	{ "export", tenant_export, "slug or id", 0, 0 },
	{ "delete", run_delete, "slug or id", ACTION_BIT(CONFIRM), 0 },
};

/*	SELECT rowhouse.tenant_create($1, $2, $3) */
static bool
create(struct session *s, struct action_line *l, const char **id, struct problem *p)
{
	const char *name = action_value(l, NAME);
	struct sqltext *t = sqltext_new(l->arena);
	const struct result *rows;

	sqltext_literal(t, "SELECT rowhouse.tenant_create(");
	sqltext_param(t, value_new(l->arena, SQLTYPE_TEXT, l->operand));
	sqltext_literal(t, ", ");
	sqltext_param(t, value_new(l->arena, SQLTYPE_TEXT, name != NULL ? name : l->operand));
	sqltext_literal(t, ", ");
	sqltext_param(t, value_new(l->arena, SQLTYPE_UUID, action_value(l, ID)));
	sqltext_literal(t, ")");
	if (!acting_as_owner(s, l->arena, l->settings, p) || !session_run(s, t, &rows, p))
		return false;
	*id = result_value(rows, 0, 0, NULL);
	return session_commit(s, p); /* tenant_create has raised the epoch */
}

static enum command_exit
run_create(struct action_line *l)
{
	struct problem said;
	struct session s;
	const char *id;

	if (!tenant_is_slug(l->operand))
		return command_misused(l->line,
		    "a slug is 1 to 63 of a-z, 0-9 and -, with a - neither first nor last; "
		    "no slug reads as a uuid");
	problem_init(&said, l->arena);
	if (create(&s, l, &id, &said)) {
		puts(id);
		return COMMAND_OK;
	}
	if (said.code == PROBLEM_CONFLICT)
		problem_raise(&l->problem, PROBLEM_CONFLICT,
		    "there is already a tenant with the slug \"%s\"%s", l->operand,
		    action_given(l, ID) ? " or that id" : "");
	return command_fail(problem_raised(&l->problem) ? &l->problem : &said);
}

static enum command_exit
run_list(struct action_line *l)
{
	static const struct table_column columns[] = { { "slug", "SLUG" }, { "id", "ID" },
		{ "status", "STATUS" }, { "createdAt", "CREATED" }, { "name", "NAME" } };
	const struct result *rows;
	struct session s;

	/* As the workers see them. */
	if (!session_open(&s, l->arena, l->settings, l->settings->database, &l->problem) ||
	    !session_do(&s,
		"SELECT coalesce(json_agg(json_build_object('id', t.id, 'slug', t.slug, 'name', "
		"t.name, 'status', t.status, 'createdAt', to_char(t.created_at AT TIME ZONE 'UTC', "
		"'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')) ORDER BY t.slug), '[]'::json) "
		"FROM rowhouse.tenants AS t",
		&rows, &l->problem))
		return command_fail(&l->problem);
	return table_print(l->arena, result_value(rows, 0, 0, NULL), columns, COUNT_OF(columns),
	    action_given(l, JSON));
}

/*	SELECT rowhouse.tenant_set_status($1, $2) */
static bool
set_status(
    struct action_line *l, const char *status, struct acting_tenant *found, struct problem *p)
{
	struct sqltext *t = sqltext_new(l->arena);
	struct session s;

	if (!acting_as_owner(&s, l->arena, l->settings, p) ||
	    !acting_find_tenant(&s, l->operand, found, p))
		return false;
	if (strcmp(found->status, "deleting") == 0)
		return problem_raise(
		    p, PROBLEM_CONFLICT, "tenant %s is being deleted", found->slug);
	if (strcmp(found->status, status) == 0)
		return true;
	sqltext_literal(t, "SELECT rowhouse.tenant_set_status(");
	sqltext_param(t, value_new(l->arena, SQLTYPE_UUID, found->tenant.id));
	sqltext_literal(t, ", ");
	sqltext_param(t, value_new(l->arena, SQLTYPE_TEXT, status));
	sqltext_literal(t, ")");
	return session_run(&s, t, NULL, p) && session_commit(&s, p);
}

static enum command_exit
become(struct action_line *l, const char *status)
{
	struct acting_tenant found;

	if (!set_status(l, status, &found, &l->problem))
		return command_fail(&l->problem);
	printf("%s is %s\n", found.slug, status);
	return COMMAND_OK;
}

static enum command_exit
run_suspend(struct action_line *l)
{
	return become(l, "suspended");
}

static enum command_exit
run_resume(struct action_line *l)
{
	return become(l, "active");
}

static enum command_exit
run_delete(struct action_line *l)
{
	return tenant_delete(l, action_value(l, CONFIRM));
}

static enum command_exit
run_tenant(struct command_line *line, int argc, char **argv)
{
	return action_run(line, actions, COUNT_OF(actions), argc, argv);
}
