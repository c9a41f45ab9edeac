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
	    !read_password(l, "Password (none: invite)", &password) ||
	    !hash_password(l, password, &newcomer.password_hash) ||
	    !newcomer_create(&a, &newcomer, &id, &l->problem))
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
