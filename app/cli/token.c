/* SPDX-License-Identifier: BSD-2-Clause */
/* token.c - rowhouse token: an access token for a script, or for an operator in a tenant
 *
 * It is of a session of its own without a refresh token, so that it ends with the account's other
 * sessions and lives no longer than it says. An operator's carries both identities, and the
 * tenant's log says that it was made. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/settings.h"
#include "base/text.h"
#include "cli/acting.h"
#include "cli/action.h"
#include "cli/command.h"
#include "database/catalogue.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "database/unit.h"
#include "formats/token.h"
#include "formats/utf8.h"
#include "serve/accounts.h"
#include "serve/entries.h"
#include "serve/keyring.h"
#include "serve/platform.h"
#include "serve/secret.h"

enum { TENANT, LOGIN, TTL, OPERATOR };

enum {
	TTL_MAX_MS = 86400000,         /* what workers take at most (serve/authentication.c) */
	OPERATOR_TTL_MAX_MS = 3600000, /* an operator comes, looks and goes */
	OPERATOR_MAX = 63,             /* struct bearer's */
	SESSION_RANDOM = 16,
};

static const struct option options[] = {
	{ "tenant", required_argument, NULL, OPTION_OWN + TENANT },
	{ "login", required_argument, NULL, OPTION_OWN + LOGIN },
	{ "ttl", required_argument, NULL, OPTION_OWN + TTL },
	{ "as-operator", required_argument, NULL, OPTION_OWN + OPERATOR },
	{ NULL, 0, NULL, 0 },
};

static command_fn run_token;
static action_fn run_only;

const struct command command_token = {
	.name = "token",
	.run = run_token,
	.help = "print an access token for a script or an operator",
	.usage =
	    "usage: rowhouse token --tenant SLUG|ID --login LOGIN [--ttl TIME]\n"
	    "                      [--as-operator NAME]\n"
	    "\n"
	    "Prints an access token of the account, signed with the signing key. It is\n"
	    "good until its time is over or the account's sessions are ended.\n"
	    "\n"
	    "  --ttl TIME          such as 10m, at most 24h; the setting access_token_ttl\n"
	    "                      when it is not given\n"
	    "  --as-operator NAME  act as the account in NAME's name, for at most 1h (10m when\n"
	    "                      --ttl is not given); the tenant's log says so\n",
	.options = options,
	.letters = "",
};

static const struct command_action actions[] = {
	{ NULL, run_only, NULL,
	    ACTION_BIT(TENANT) | ACTION_BIT(LOGIN) | ACTION_BIT(TTL) | ACTION_BIT(OPERATOR),
	    ACTION_BIT(TENANT) | ACTION_BIT(LOGIN) },
};

/* What is asked for. */
struct grant {
	const char *by; /* the operator; NULL: none */
	long ttl_ms;
	char session[2 * SESSION_RANDOM + 1];
};

/* It is shown in logs, and struct bearer has so much room for it. */
static bool
is_name(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	return len > 0 && len <= OPERATOR_MAX && utf8_ok(text, len);
}

static bool
read_grant(struct action_line *l, struct grant *g)
{
	const char *ttl = action_value(l, TTL);
	unsigned char random[SESSION_RANDOM];
	long max;

	g->by = action_value(l, OPERATOR);
	max = g->by != NULL ? OPERATOR_TTL_MAX_MS : TTL_MAX_MS;
	g->ttl_ms = g->by != NULL ? 600000 : l->settings->access_token_ms;
	if (ttl != NULL &&
	    (!settings_duration(ttl, &g->ttl_ms) || g->ttl_ms < 1000 || g->ttl_ms > max)) {
		l->line->exit_code = command_misused(l->line,
		    "--ttl \"%s\": it takes a time such as 10m, from 1s to %ldh", ttl,
		    max / 3600000);
		return false;
	}
	if (g->by != NULL && !is_name(g->by)) {
		l->line->exit_code = command_misused(l->line,
		    "--as-operator takes a name of 1 to %d bytes, without control characters",
		    OPERATOR_MAX);
		return false;
	}
	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(g->session, sizeof(g->session), random, sizeof(random));
	return true;
}

/* --- what the database keeps of it ------------------------------------------------------------ */

static void
put_text(struct sqltext *t, struct acting *a, const char *text)
{
	sqltext_param(t, value_new(a->request.arena, SQLTYPE_TEXT, text));
}

/*	INSERT INTO rowhouse.sessions (tenant_id, id, principal_id, operator, expires_at)
 *	VALUES ($1, $2, $3, $4, now() + $5 * interval '1 millisecond') */
static bool
add_session(struct unit *unit, struct acting *a, const struct grant *g, const char *account,
    struct problem *p)
{
	struct sqltext *t = sqltext_new(a->request.arena);

	sqltext_literal(t,
	    "INSERT INTO rowhouse.sessions (tenant_id, id, principal_id, operator, expires_at) "
	    "VALUES (");
	sqltext_param(t, value_new(a->request.arena, SQLTYPE_UUID, a->request.tenant->id));
	sqltext_literal(t, ", ");
	put_text(t, a, g->session);
	sqltext_literal(t, ", ");
	put_text(t, a, account);
	sqltext_literal(t, ", ");
	put_text(t, a, g->by);
	sqltext_literal(t, ", now() + ");
	sqltext_param(t, value_int(a->request.arena, g->ttl_ms));
	sqltext_literal(t, " * interval '1 millisecond')");
	return unit_add_text(unit, t, p);
}

/* Whether the model is audited or not: this is about the tenant. */
static bool
add_log(struct unit *unit, struct acting *a, const struct grant *g, const char *account,
    struct problem *p)
{
	struct request *r = &a->request;
	const struct entry entry = {
		.action = "operator.token",
		.target_type = r->catalogue->principals->model->table,
		.target_id = account,
		.manual = true,
	};
	const struct entry_fact facts[] = {
		{ "session", value_new(r->arena, SQLTYPE_TEXT, g->session) },
		{ "seconds", value_int(r->arena, g->ttl_ms / 1000) },
	};
	struct sqltext *t;

	r->principal.operator= g->by;
	t = entries_begin(r, r->tenant, &entry);
	sqltext_literal(t, "NULL");
	return entries_add(unit, r, t, facts, COUNT_OF(facts), p);
}

static bool
record(struct acting *a, const struct grant *g, const char *account, struct problem *p)
{
	struct unit *unit = unit_new(a->request.arena, UNIT_WRITE);

	/* The account is live still, and stays so while this is written. */
	return accounts_add_check(unit, &a->request, a->request.tenant, account, p) &&
	    add_session(unit, a, g, account, p) &&
	    (g->by == NULL || add_log(unit, a, g, account, p)) && request_run(&a->request, unit, p);
}

/* --- signing ---------------------------------------------------------------------------------- */

/* The key that signs now. */
static const struct token_key *
signing_key(struct action_line *l, struct acting *a)
{
	const char *path = l->settings->secret_file;
	const struct token_key *key;
	const struct keyring *ring;
	const struct result *rows;
	struct secret *secret;

	if (path[0] == '\0')
		return problem_null(&l->problem, PROBLEM_SETTING,
		    "setting \"secret_file\" is empty: nobody can sign in here");
	if ((secret = secret_read(l->arena, path, &l->problem)) == NULL ||
	    !session_do(&a->session, KEYRING_ROWS, &rows, &l->problem) ||
	    (ring = keyring_load(l->arena, rows, secret, l->settings, &l->problem)) == NULL)
		return NULL;
	if ((key = keyring_signing(ring, clock_wall_ms() / 1000)) == NULL)
		return problem_null(&l->problem, PROBLEM_SETTING,
		    "there is no signing key: `rowhouse key init` makes one");
	return key;
}

static bool
sign(struct action_line *l, struct acting *a, const struct grant *g, const char *account,
    const struct token_key *key, struct text *token)
{
	int64_t now_s = clock_wall_ms() / 1000;
	char id[TOKEN_ID_BYTES];
	struct token_claims claims = {
		.issuer = l->settings->token_issuer,
		.audience = l->settings->token_audience,
		.subject = account,
		.issued_at = now_s,
		.not_before = now_s,
		.expires_at = now_s + g->ttl_ms / 1000,
		.tenant = a->request.tenant->id,
		.session = g->session,
		.operator= g->by,
		.token_id = id,
		.kind = "user",
	};

	token_make_id(id);
	text_init(token, l->arena, LIMIT_TOKEN_BYTES);
	return token_sign(token, &claims, key) ||
	    problem_raise(&l->problem, PROBLEM_SETTING,
		"the token would be too long: shorten token_issuer or token_audience");
}

static bool
check_active(struct action_line *l, const struct acting *a)
{
	return strcmp(a->tenant.status, "active") == 0 ||
	    problem_raise(&l->problem, PROBLEM_CONFLICT,
		"tenant %s is %s and takes no requests; `rowhouse tenant resume` changes that",
		a->tenant.slug, a->tenant.status);
}

static enum command_exit
run_only(struct action_line *l)
{
	const struct token_key *key;
	struct account account;
	struct text token;
	struct acting a;
	struct grant g;

	if (!read_grant(l, &g))
		return l->line->exit_code;
	if (!acting_in_tenant(&a, l->arena, l->settings, action_value(l, TENANT), &l->problem) ||
	    !check_active(l, &a) || (key = signing_key(l, &a)) == NULL ||
	    !acting_account(&a, action_value(l, LOGIN), &account, &l->problem) ||
	    !sign(l, &a, &g, account.id, key, &token) || !record(&a, &g, account.id, &l->problem))
		return command_fail(&l->problem);
	puts(token.bytes);
	return COMMAND_OK;
}

static enum command_exit
run_token(struct command_line *line, int argc, char **argv)
{
	return action_run(line, actions, COUNT_OF(actions), argc, argv);
}
