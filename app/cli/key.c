/* SPDX-License-Identifier: BSD-2-Clause */
/* key.c - rowhouse key: the keys that sign tokens, and those of machines
 *
 * Signing keys belong to the installation and are changed by the owner; API keys belong to a tenant
 * and are made as a request would make them (serve/apikeys.c). */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/settings.h"
#include "cli/acting.h"
#include "cli/action.h"
#include "cli/command.h"
#include "cli/table.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "serve/apikeys.h"
#include "serve/keyring.h"
#include "serve/secret.h"

enum { TENANT, NAME, SCOPE, ROLE, EXPIRES, JSON, NOW, LOST };
enum { NAME_MAX_CHARACTERS = 100 /* api_keys_name_check */ };

static const struct option options[] = {
	{ "tenant", required_argument, NULL, OPTION_OWN + TENANT },
	{ "name", required_argument, NULL, OPTION_OWN + NAME },
	{ "scope", required_argument, NULL, OPTION_OWN + SCOPE },
	{ "role", required_argument, NULL, OPTION_OWN + ROLE },
	{ "expires", required_argument, NULL, OPTION_OWN + EXPIRES },
	{ "json", no_argument, NULL, OPTION_OWN + JSON },
	{ "now", no_argument, NULL, OPTION_OWN + NOW },
	{ "lost", no_argument, NULL, OPTION_OWN + LOST },
	{ NULL, 0, NULL, 0 },
};

static command_fn run_key;
static action_fn run_init, run_rotate, run_signing, run_create, run_list, run_revoke;

const struct command command_key = {
	.name = "key",
	.run = run_key,
	.help = "make, list and revoke keys that sign tokens, and API keys",
	.usage =
	    "usage: rowhouse key init\n"
	    "       rowhouse key rotate [--now | --lost]\n"
	    "       rowhouse key signing [--json]\n"
	    "       rowhouse key create --tenant SLUG|ID --name NAME --scope SCOPE...\n"
	    "                           [--role ROLE] [--expires TIME]\n"
	    "       rowhouse key list --tenant SLUG|ID [--json]\n"
	    "       rowhouse key revoke --tenant SLUG|ID [--] KEY-ID\n"
	    "\n"
	    "  init     make the file of the setting \"secret_file\" and the first signing key,\n"
	    "           where they are not there yet\n"
	    "  rotate   publish a new key, and sign with it when everybody knows it; tokens of\n"
	    "           the former live out their time\n"
	    "  signing  list the keys that sign tokens, and those that did\n"
	    "  create   make an API key and print it, once\n"
	    "  list     a tenant's API keys\n"
	    "  revoke   end one, from the next request on; an id may begin with -, hence the --\n"
	    "\n"
	    "  --scope SCOPE   MODEL:read or MODEL:write; * is every model; may be repeated\n"
	    "  --role ROLE     act with this role; without it, as a member\n"
	    "  --expires TIME  such as 90d or 12h; without it, never\n"
	    "  --now           sign with the new key at once\n"
	    "  --lost          the secret file is lost: what it sealed ends at once, tokens too\n"
	    "  --json          for programs\n",
	.options = options,
	.letters = "",
};

#define OF_TENANT ACTION_BIT(TENANT)
static const struct command_action actions[] = {
	{ "init", run_init, NULL, 0, 0 },
	{ "rotate", run_rotate, NULL, ACTION_BIT(NOW) | ACTION_BIT(LOST), 0 },
	{ "signing", run_signing, NULL, ACTION_BIT(JSON), 0 },
	{ "create", run_create, NULL,
	    OF_TENANT | ACTION_BIT(NAME) | ACTION_BIT(SCOPE) | ACTION_BIT(ROLE) |
		ACTION_BIT(EXPIRES),
	    OF_TENANT | ACTION_BIT(NAME) | ACTION_BIT(SCOPE) },
	{ "list", run_list, NULL, OF_TENANT | ACTION_BIT(JSON), OF_TENANT },
	{ "revoke", run_revoke, "key's id", OF_TENANT, OF_TENANT },
};

/* --- signing keys ----------------------------------------------------------------------------- */

/* The secret of the setting, made when it is not there and may be. */
static struct secret *
read_secret(struct action_line *l, bool may_make)
{
	const char *path = l->settings->secret_file;
	bool missing = access(path, F_OK) != 0 && errno == ENOENT;

	if (path[0] == '\0')
		return problem_null(&l->problem, PROBLEM_SETTING,
		    "setting \"secret_file\" is empty: name the file that shall hold the secret, "
		    "such as /etc/rowhouse/secret");
	if (missing && !may_make)
		return problem_null(&l->problem, PROBLEM_SETTING,
		    "setting \"secret_file\": there is no %s, but the database has keys that were "
		    "sealed with it\ncopy it from the host that has it; when it is lost, `rowhouse "
		    "key rotate --lost` ends\nwhat it sealed",
		    path);
	if (missing) {
		if (!secret_create(path, &l->problem))
			return NULL;
		printf("made %s\n", path);
	}
	return secret_read(l->arena, path, &l->problem);
}

/* The keys that there are, opened with the secret. */
static bool
open_keys(struct action_line *l, const struct result *rows, const struct secret *secret,
    const struct keyring **ring)
{
	struct problem said;

	problem_init(&said, l->arena);
	if ((*ring = keyring_load(l->arena, rows, secret, l->settings, &said)) != NULL)
		return true;
	return problem_raise(&l->problem, PROBLEM_SETTING,
	    "setting \"secret_file\": %s: %s\nput back the file that it was sealed with; when that "
	    "is lost, `rowhouse key rotate --lost`\nends what it sealed",
	    l->settings->secret_file, said.cause != NULL ? said.cause : said.detail);
}

/* A change of the signing keys, which nobody else changes meanwhile. */
struct change {
	struct session session;
	struct secret *secret;
	const struct token_key *signing; /* now; NULL: none, or it was lost */
};

static bool
begin_change(struct action_line *l, struct change *c, bool lost)
{
	const struct keyring *ring;
	const struct result *rows;

	c->signing = NULL;
	if (!acting_as_owner(&c->session, l->arena, l->settings, &l->problem) ||
	    !session_do(&c->session, "LOCK TABLE rowhouse.signing_keys IN SHARE ROW EXCLUSIVE MODE",
		NULL, &l->problem) ||
	    !session_do(&c->session, KEYRING_ROWS, &rows, &l->problem) ||
	    (c->secret = read_secret(l, lost || result_rows(rows) == 0)) == NULL)
		return false;
	if (lost)
		return true;
	if (!open_keys(l, rows, c->secret, &ring))
		return false;
	c->signing = keyring_signing(ring, clock_wall_ms() / 1000);
	return true;
}

/*	INSERT INTO rowhouse.signing_keys AS k (kid, public_key, sealed_seed, signs_from)
 *	VALUES ($1, decode($2, 'hex'), decode($3, 'hex'), now() + $4 * interval '1 second')
 *	RETURNING k.kid, to_char(k.signs_from ...) */
static bool
insert_key(struct change *c, int lead_s, const struct result **made, struct problem *p)
{
	char public_hex[2 * TOKEN_PUBLIC_BYTES + 1], sealed[KEYRING_SEALED_TEXT_BYTES];
	struct arena *arena = c->session.arena;
	struct sqltext *t = sqltext_new(arena);
	struct token_key pair;

	keyring_make(c->secret, &pair, sealed);
	sodium_bin2hex(public_hex, sizeof(public_hex), pair.public_bytes, TOKEN_PUBLIC_BYTES);
	sqltext_literal(t,
	    "INSERT INTO rowhouse.signing_keys AS k (kid, public_key, sealed_seed, signs_from) "
	    "VALUES (");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, arena_string(arena, pair.kid)));
	token_key_forget(&pair);
	sqltext_literal(t, ", decode(");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, public_hex));
	sqltext_literal(t, ", 'hex'), decode(");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, sealed));
	sqltext_literal(t, ", 'hex'), now() + ");
	sqltext_param(t, value_int(arena, lead_s));
	sqltext_literal(t,
	    " * interval '1 second') RETURNING k.kid, to_char(k.signs_from AT TIME ZONE 'UTC', "
	    "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')");
	return session_run(&c->session, t, made, p);
}

/* A new key that signs from lead_s on; whoever signs now is told. */
static enum command_exit
make_key(struct action_line *l, struct change *c, int lead_s)
{
	const struct result *made;

	if (!insert_key(c, lead_s, &made, &l->problem) || !acting_finish(&c->session, &l->problem))
		return command_fail(&l->problem);
	if (lead_s == 0)
		printf("%s signs from now on\n", result_value(made, 0, 0, NULL));
	else
		printf("%s is published, and signs from %s on; %s until then\n",
		    result_value(made, 0, 0, NULL), result_value(made, 0, 1, NULL),
		    c->signing->kid);
	return COMMAND_OK;
}

static enum command_exit
run_init(struct action_line *l)
{
	struct change c;

	if (!begin_change(l, &c, false))
		return command_fail(&l->problem);
	if (c.signing == NULL)
		return make_key(l, &c, 0);
	printf("nothing to do: %s signs\n", c.signing->kid);
	return COMMAND_OK;
}

/* All keys sign no more from then on; lost ones are not even loaded. One whose time had not come
 * when it was retired never signs. */
static bool
retire_keys(struct change *c, int lead_s, bool lost, struct problem *p)
{
	struct sqltext *t = sqltext_new(c->session.arena);

	if (lost)
		return session_do(&c->session,
		    "UPDATE rowhouse.signing_keys AS k SET retired_at = '-infinity'", NULL, p);
	sqltext_literal(
	    t, "UPDATE rowhouse.signing_keys AS k SET retired_at = least(k.retired_at, now() + ");
	sqltext_param(t, value_int(c->session.arena, lead_s));
	sqltext_literal(
	    t, " * interval '1 second') WHERE k.retired_at IS NULL OR k.retired_at > now()");
	return session_run(&c->session, t, NULL, p);
}

static enum command_exit
run_rotate(struct action_line *l)
{
	bool lost = action_given(l, LOST);
	enum command_exit exit_code;
	struct change c;
	int lead_s;

	if (!begin_change(l, &c, lost))
		return command_fail(&l->problem);
	lead_s = c.signing == NULL || action_given(l, NOW) ? 0 : KEYRING_LEAD_S;
	if (!retire_keys(&c, lead_s, lost, &l->problem))
		return command_fail(&l->problem);
	exit_code = make_key(l, &c, lead_s);
	if (exit_code == COMMAND_OK && lost)
		puts("restart `rowhouse serve` on every host, with this secret_file");
	return exit_code;
}

static enum command_exit
run_signing(struct action_line *l)
{
	static const struct table_column columns[] = { { "kid", "KID" }, { "createdAt", "CREATED" },
		{ "signsFrom", "SIGNS FROM" }, { "retiredAt", "RETIRED" } };
	const struct result *rows;
	struct session s;

	/* A lost key was retired before all times. */
	if (!session_open(&s, l->arena, l->settings, l->settings->database, &l->problem) ||
	    !session_do(&s,
		"SELECT coalesce(json_agg(json_build_object('kid', k.kid, 'createdAt', "
		"to_char(k.created_at AT TIME ZONE 'UTC', f.iso), 'signsFrom', "
		"to_char(k.signs_from AT TIME ZONE 'UTC', f.iso), 'retiredAt', "
		"CASE WHEN k.retired_at = '-infinity' THEN 'lost' ELSE "
		"to_char(k.retired_at AT TIME ZONE 'UTC', f.iso) END) "
		"ORDER BY k.signs_from, k.created_at, k.kid), '[]'::json) "
		"FROM rowhouse.signing_keys AS k, "
		"(VALUES ('YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')) AS f(iso)",
		&rows, &l->problem))
		return command_fail(&l->problem);
	return table_print(l->arena, result_value(rows, 0, 0, NULL), columns, COUNT_OF(columns),
	    action_given(l, JSON));
}

/* --- API keys --------------------------------------------------------------------------------- */

static size_t
characters(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* When a key made now expires, in RFC 3339. */
static bool
read_expiry(struct action_line *l, const char **out)
{
	const char *text = action_value(l, EXPIRES);
	char *stamp = arena_alloc(l->arena, CLOCK_STAMP_BYTES);
	long ms;

	*out = NULL;
	if (text == NULL)
		return true;
	/* A hundred years, for the stamp has four digits. */
	if (!settings_duration(text, &ms) || ms <= 0 || ms > 36500L * 86400000) {
		l->line->exit_code = command_misused(
		    l->line, "--expires \"%s\": it takes a time such as 90d or 12h", text);
		return false;
	}
	clock_stamp(clock_wall_ms() + ms, stamp);
	*out = stamp;
	return true;
}

static enum command_exit
run_create(struct action_line *l)
{
	struct apikey_request wanted = { action_value(l, NAME), l->given[SCOPE],
		action_value(l, ROLE), NULL };
	const char *text, *id;
	struct acting a;

	if (!read_expiry(l, &wanted.expires_at))
		return l->line->exit_code;
	if (wanted.name[0] == '\0' || characters(wanted.name) > NAME_MAX_CHARACTERS)
		return command_misused(
		    l->line, "--name has 1 to %d characters", NAME_MAX_CHARACTERS);
	if (!acting_in_tenant(&a, l->arena, l->settings, action_value(l, TENANT), &l->problem) ||
	    !apikeys_create(&a.request, &wanted, &text, &id, &l->problem))
		return command_fail(&l->problem);
	puts(text);
	return COMMAND_OK;
}

static enum command_exit
run_list(struct action_line *l)
{
	static const struct table_column columns[] = { { "id", "ID" }, { "scopes", "SCOPES" },
		{ "role", "ROLE" }, { "expiresAt", "EXPIRES" }, { "lastUsedAt", "LAST USED" },
		{ "revokedAt", "REVOKED" }, { "name", "NAME" } };
	const struct result *rows;
	struct acting a;

	if (!acting_in_tenant(&a, l->arena, l->settings, action_value(l, TENANT), &l->problem) ||
	    (rows = apikeys_list(&a.request, &l->problem)) == NULL)
		return command_fail(&l->problem);
	return table_print(l->arena, result_value(rows, 0, 0, NULL), columns, COUNT_OF(columns),
	    action_given(l, JSON));
}

static enum command_exit
run_revoke(struct action_line *l)
{
	struct problem said;
	struct acting a;

	problem_init(&said, l->arena);
	if (!acting_in_tenant(&a, l->arena, l->settings, action_value(l, TENANT), &l->problem))
		return command_fail(&l->problem);
	if (apikeys_revoke(&a.request, l->operand, &said)) {
		printf("%s is revoked\n", l->operand);
		return COMMAND_OK;
	}
	if (said.code == PROBLEM_NO_ROW)
		problem_raise(&l->problem, PROBLEM_NO_ROW,
		    "tenant %s has no live key \"%s\"; `rowhouse key list` shows them",
		    a.tenant.slug, l->operand);
	return command_fail(problem_raised(&l->problem) ? &l->problem : &said);
}

static enum command_exit
run_key(struct command_line *line, int argc, char **argv)
{
	return action_run(line, actions, COUNT_OF(actions), argc, argv);
}
