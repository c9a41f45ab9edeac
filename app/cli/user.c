/* SPDX-License-Identifier: BSD-2-Clause */
/* user.c - rowhouse user: accounts of the model that signs in */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/settings.h"
#include "cli/acting.h"
#include "cli/action.h"
#include "cli/command.h"
#include "cli/newcomer.h"
#include "cli/prompt.h"
#include "cli/table.h"
#include "compiler/kinds.h"
#include "compiler/validators.h"
#include "database/catalogue.h"
#include "database/pg.h"
#include "database/unit.h"
#include "formats/password.h"
#include "serve/accounts.h"
#include "serve/platform.h"
#include "serve/sessions.h"

enum { TENANT, LOGIN, ROLE, SET, STDIN, NONE, SESSION, JSON };

static const struct option options[] = {
	{ "tenant", required_argument, NULL, OPTION_OWN + TENANT },
	{ "login", required_argument, NULL, OPTION_OWN + LOGIN },
	{ "role", required_argument, NULL, OPTION_OWN + ROLE },
	{ "set", required_argument, NULL, OPTION_OWN + SET },
	{ "password-stdin", no_argument, NULL, OPTION_OWN + STDIN },
	{ "no-password", no_argument, NULL, OPTION_OWN + NONE },
	{ "session", required_argument, NULL, OPTION_OWN + SESSION },
	{ "json", no_argument, NULL, OPTION_OWN + JSON },
	{ NULL, 0, NULL, 0 },
};

static command_fn run_user;
static action_fn run_create, run_password, run_sessions, run_sign_out;

const struct command command_user = {
	.name = "user",
	.run = run_user,
	.help = "make accounts, set their passwords, end their sessions",
	.usage = "usage: rowhouse user create --tenant SLUG|ID --login LOGIN [--role ROLE]\n"
		 "                            [--set COLUMN=VALUE]...\n"
		 "                            [--password-stdin | --no-password]\n"
		 "       rowhouse user password --tenant SLUG|ID --login LOGIN [--password-stdin]\n"
		 "       rowhouse user sessions --tenant SLUG|ID --login LOGIN [--json]\n"
		 "       rowhouse user sign-out --tenant SLUG|ID --login LOGIN [--session ID]\n"
		 "\n"
		 "  create    make an account and print its id; without a password it is invited:\n"
		 "            it exists and cannot sign in\n"
		 "  password  set a password, and end all sessions of the account\n"
		 "  sessions  list those that are live\n"
		 "  sign-out  end all of them, or one, from the next request on\n"
		 "\n"
		 "A password is asked for on the terminal, when there is one.\n"
		 "\n"
		 "  --login LOGIN       what the account signs in with\n"
		 "  --role ROLE         without it, what the column's default says\n"
		 "  --set COLUMN=VALUE  another column of the account; may be repeated\n"
		 "  --password-stdin    the password is the first line of standard input\n"
		 "  --no-password       do not ask for one\n"
		 "  --session ID        this one only\n"
		 "  --json              for programs\n",
	.options = options,
	.letters = "",
};

#define WHOSE (ACTION_BIT(TENANT) | ACTION_BIT(LOGIN))
static const struct command_action actions[] = {
	{ "create", run_create, NULL,
	    WHOSE | ACTION_BIT(ROLE) | ACTION_BIT(SET) | ACTION_BIT(STDIN) | ACTION_BIT(NONE),
	    WHOSE },
	{ "password", run_password, NULL, WHOSE | ACTION_BIT(STDIN), WHOSE },
	{ "sessions", run_sessions, NULL, WHOSE | ACTION_BIT(JSON), WHOSE },
	{ "sign-out", run_sign_out, NULL, WHOSE | ACTION_BIT(SESSION), WHOSE },
};

/* --- passwords -------------------------------------------------------------------------------- */

/* Whether it may become somebody's password. */
static bool
check_password(const struct acting *a, const char *password, struct problem *p)
{
	const struct principals *who = a->request.catalogue->principals;
	struct objection wrong;

	return who == NULL || validators_accept_password(who, password, p->arena, &wrong) ||
	    problem_raise(p, PROBLEM_INVALID, "a password is %s", wrong.expected);
}

/* From where the line says; NULL: none. */
static bool
read_password(
    struct action_line *l, const struct acting *a, const char *question, const char **password)
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
	return *password == NULL || check_password(a, *password, &l->problem);
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

static enum command_exit
run_create(struct action_line *l)
{
	struct newcomer newcomer = {
		.login = action_value(l, LOGIN), .role = action_value(l, ROLE), .set = l->given[SET]
	};
	const char *password, *id;
	struct acting a;

	if (action_given(l, STDIN) && action_given(l, NONE))
		return command_misused(l->line, "one of --password-stdin and --no-password");
	/* The database is asked first, so that nobody types a password for nothing. */
	if (!acting_in_tenant(&a, l->arena, l->settings, action_value(l, TENANT), &l->problem) ||
	    !read_password(l, &a, "Password (none: invite)", &password) ||
	    !hash_password(l, password, &newcomer.password_hash) ||
	    !newcomer_create(&a, &newcomer, &id, &l->problem))
		return command_fail(&l->problem);
	puts(id);
	return COMMAND_OK;
}

static bool
find_account(struct action_line *l, struct acting *a, struct account *account)
{
	return acting_in_tenant(a, l->arena, l->settings, action_value(l, TENANT), &l->problem) &&
	    acting_account(a, action_value(l, LOGIN), account, &l->problem);
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
	if (!find_account(l, &a, &account) || !read_password(l, &a, "New password", &password))
		return command_fail(&l->problem);
	if (password == NULL && !check_password(&a, "", &l->problem))
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

/* --- sessions --------------------------------------------------------------------------------- */

static enum command_exit
run_sessions(struct action_line *l)
{
	static const struct table_column columns[] = { { "id", "ID" }, { "createdAt", "CREATED" },
		{ "refreshedAt", "REFRESHED" }, { "expiresAt", "EXPIRES" },
		{ "operator", "OPERATOR" } };
	const struct result *rows;
	struct account account;
	struct acting a;

	if (!find_account(l, &a, &account) ||
	    (rows = sessions_list(&a.request, account.id, &l->problem)) == NULL)
		return command_fail(&l->problem);
	return table_print(l->arena, result_value(rows, 0, 0, NULL), columns, COUNT_OF(columns),
	    action_given(l, JSON));
}

static enum command_exit
run_sign_out(struct action_line *l)
{
	const char *login = action_value(l, LOGIN), *session = action_value(l, SESSION), *ended;
	struct account account;
	struct problem said;
	struct acting a;

	problem_init(&said, l->arena);
	if (!find_account(l, &a, &account))
		return command_fail(&l->problem);
	if ((ended = sessions_sign_out(&a.request, account.id, session, &said)) != NULL)
		printf("%s: %s session%s ended\n", login, ended,
		    strcmp(ended, "1") == 0 ? " has" : "s have");
	else if (said.code != PROBLEM_NO_ROW)
		return command_fail(&said);
	else if (session == NULL)
		printf("%s has no sessions\n", login);
	else
		problem_raise(&l->problem, PROBLEM_NO_ROW,
		    "%s has no live session \"%s\"; `rowhouse user sessions` lists them", login,
		    session);
	return problem_raised(&l->problem) ? command_fail(&l->problem) : COMMAND_OK;
}

static enum command_exit
run_user(struct command_line *line, int argc, char **argv)
{
	return action_run(line, actions, COUNT_OF(actions), argc, argv);
}
