/* SPDX-License-Identifier: BSD-2-Clause */
/* check.c - rowhouse check: is this database safe to serve?
 *
 * It connects as the workers do and asks the same rowhouse.lint() that they ask at their start, so
 * that what passes here starts there. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/settings.h"
#include "cli/command.h"
#include "cli/findings.h"
#include "cli/folders.h"
#include "cli/session.h"
#include "database/migrations.h"
#include "database/pg.h"
#include "database/sqltext.h"

enum { OPTION_JSON = OPTION_OWN };

static const struct option options[] = {
	{ "json", no_argument, NULL, OPTION_JSON },
	{ NULL, 0, NULL, 0 },
};

static command_fn run_check;

const struct command command_check = {
	.name = "check",
	.run = run_check,
	.help = "find what makes the database unsafe to serve",
	.usage =
	    "usage: rowhouse check [--json]\n"
	    "\n"
	    "Asks the database, as the workers do, for everything that could show one tenant's\n"
	    "rows to another or lose a log entry, and compares the migrations with their files\n"
	    "and the settings with the database.\n"
	    "Each finding comes with its remedy. The exit status is 1 when one is an error.\n"
	    "\n"
	    "  --json   for programs\n",
	.options = options,
	.letters = "",
};

/* A database that nobody has migrated has no lint to ask. */
static bool
has_lint(struct session *session, bool *has, struct problem *p)
{
	struct sqltext *t = sqltext_new(session->arena);

	sqltext_literal(t,
	    "SELECT pg_catalog.to_regnamespace('rowhouse') IS NOT NULL AND "
	    "EXISTS (SELECT FROM pg_catalog.pg_proc WHERE proname = 'lint' AND "
	    "pronamespace = pg_catalog.to_regnamespace('rowhouse'))");
	return session_is(session, t, has, p);
}

static bool
ask_lint(struct session *session, struct findings *found, struct problem *p)
{
	const struct result *result;

	if (!session_do(session,
		"SELECT severity::text, code::text, object::text, finding::text, remedy::text "
		"FROM rowhouse.lint()",
		&result, p))
		return false;
	for (size_t i = 0; i < result_rows(result); i++) {
		struct finding finding = { result_value(result, i, 0, NULL),
			result_value(result, i, 1, NULL), result_value(result, i, 2, NULL),
			result_value(result, i, 3, NULL), result_value(result, i, 4, NULL) };

		/* Columns may be NULL where a check has nothing to say; the printing may not. */
		if (finding.severity == NULL)
			finding.severity = "error";
		if (finding.code == NULL)
			finding.code = "unknown";
		if (finding.object == NULL)
			finding.object = "database";
		if (finding.finding == NULL)
			finding.finding = "";
		findings_add(found, &finding);
	}
	return true;
}

/* What the database was set up for, and what the settings say.
 *
 *	SELECT d.owner_role, d.app_role FROM rowhouse.deployment AS d
 *	WHERE d.app_role <> $1 OR d.owner_role <> $2 */
static bool
compare_roles(struct session *session, const struct settings *settings, struct findings *found,
    struct problem *p)
{
	const char *app = settings->app_role;
	const char *owner = settings->owner_role[0] != '\0' ? settings->owner_role : app;
	struct sqltext *t = sqltext_new(session->arena);
	const struct result *rows;

	sqltext_literal(t,
	    "SELECT d.owner_role, d.app_role FROM rowhouse.deployment AS d WHERE d.app_role <> ");
	sqltext_param(t, value_new(session->arena, SQLTYPE_TEXT, app));
	sqltext_literal(t, " OR d.owner_role <> ");
	sqltext_param(t, value_new(session->arena, SQLTYPE_TEXT, owner));
	if (!session_run(session, t, &rows, p))
		return false;
	if (result_rows(rows) > 0)
		findings_add(found,
		    &(struct finding){ "error", "deployment-roles", "rowhouse.deployment",
			arena_printf(session->arena,
			    "the database was set up for owner \"%s\" and application role \"%s\", "
			    "and the settings name \"%s\" and \"%s\"",
			    result_value(rows, 0, 0, NULL), result_value(rows, 0, 1, NULL), owner,
			    app),
			"set owner_role and app_role to those of the database; owner_role is empty "
			"where they are one" });
	return true;
}

/* Until an account with a hash of another cost signs in, the time of a wrong password tells that it
 * exists: nobody's hash has the cost of the settings.
 *
 *	SELECT coalesce(sum(c.accounts), 0) FROM rowhouse.password_costs() AS c
 *	WHERE c.cost <> $1 */
static bool
count_costs(struct session *session, const struct settings *settings, struct findings *found,
    struct problem *p)
{
	const char *cost = arena_printf(session->arena, "m=%ld,t=%ld,p=1",
	    settings->password_bytes / 1024, settings->password_passes);
	struct sqltext *t = sqltext_new(session->arena);
	const struct result *rows;
	const char *accounts;

	sqltext_literal(t,
	    "SELECT coalesce(sum(c.accounts), 0) FROM rowhouse.password_costs() AS c WHERE c.cost "
	    "<> ");
	sqltext_param(t, value_new(session->arena, SQLTYPE_TEXT, cost));
	if (!session_run(session, t, &rows, p))
		return false;
	accounts = result_value(rows, 0, 0, NULL);
	if (strcmp(accounts, "0") != 0)
		findings_add(found,
		    &(struct finding){ "warning", "password-cost", "password_passes",
			arena_printf(session->arena,
			    "passwords of %s accounts are hashed at another cost than %s, and the "
			    "time of a wrong guess tells that these accounts exist",
			    accounts, cost),
			"each is hashed anew when its owner signs in; until then it is so" });
	return true;
}

static bool
look(struct session *session, const struct settings *settings, struct migrations *migrations,
    struct findings *found, struct problem *p)
{
	size_t warnings;
	bool lint;

	if (!has_lint(session, &lint, p))
		return false;
	if (lint && !ask_lint(session, found, p))
		return false;
	if (!lint)
		findings_add(found,
		    &(struct finding){ "error", "not-migrated", "database",
			"has no rowhouse.lint(): Rowhouse's own migrations have not run",
			"run `rowhouse migrate`" });
	if (!migrations_load(migrations, session->pg, session->arena, p))
		return false;
	findings_add_faults(found, migrations);
	warnings = findings_count(found, "warning");
	findings_add_pending(found, migrations);
	/* What comes next asks for functions of the last migration. */
	return findings_count(found, "error") > 0 || findings_count(found, "warning") > warnings ||
	    (compare_roles(session, settings, found, p) &&
		count_costs(session, settings, found, p));
}

static enum command_exit
tell(const struct findings *found, bool json)
{
	size_t errors = findings_count(found, "error"), warnings = findings_count(found, "warning");

	if (json) {
		command_print_json(findings_json(found));
	} else {
		findings_print(found, stdout);
		printf("%zu error%s, %zu warning%s\n", errors, errors == 1 ? "" : "s", warnings,
		    warnings == 1 ? "" : "s");
	}
	return errors == 0 ? COMMAND_OK : COMMAND_FAILED;
}

static enum command_exit
run_check(struct command_line *line, int argc, char **argv)
{
	const struct settings *settings;
	struct migrations *migrations;
	struct folders folders = { 0 };
	struct session session;
	struct findings found;
	bool json = false;
	struct problem p;
	int option;

	while ((option = command_option(line, argc, argv)) != OPTION_END) {
		if (option != OPTION_JSON)
			return line->exit_code;
		json = true;
	}
	if (optind < argc)
		return command_misused(line, "it takes no \"%s\"", argv[optind]);
	if ((settings = command_settings(line, NULL)) == NULL)
		return line->exit_code;
	problem_init(&p, line->arena);
	findings_init(&found, line->arena);
	if (!folders_split(&folders, line->arena, settings->migrations, &p) ||
	    (migrations = migrations_read(line->arena, folders.list, folders.count, &p)) == NULL ||
	    !session_open(&session, line->arena, settings, settings->database, &p) ||
	    !look(&session, settings, migrations, &found, &p))
		return command_fail(&p);
	return tell(&found, json);
}
