/* SPDX-License-Identifier: BSD-2-Clause */
/* test_accounts_cli.c - tenant, user, key and token, as a sysadmin uses them beside a running
 * service, in both role modes
 *
 * Passwords, keys and tokens of this suite are canaries: the last test looks for them where nobody
 * may find them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/sandbox.h"
#include "support/suite.h"
#include "support/world.h"

enum { RUN_MS = 60000, MODES = 2 };

#define FIRST_PASSWORD  "canary-first-password"
#define SECOND_PASSWORD "canary-second-password"

static struct world *worlds[MODES]; /* by enum cluster_roles */
static const char *const mode_names[] = { "two roles", "single role" };

static bool
begin(void)
{
	for (size_t mode = 0; mode < MODES; mode++)
		if ((worlds[mode] = world_new(&(struct world_options){
			 .roles = (enum cluster_roles)mode, .workers = 2 })) == NULL)
			return false;
	return true;
}

static void
end(void)
{
	for (size_t mode = 0; mode < MODES; mode++)
		world_free(worlds[mode]);
}

/* --- running it ------------------------------------------------------------------------------- */

/* `rowhouse COMMAND LINE`, as a shell reads it; input is its standard input. */
static const struct outcome *
run_with(const struct world *w, const char *input, const char *line)
{
	const char *script = keep_printf("printf '%s' | %s --config %s %s", input,
	    sandbox_program(), program_conf(w->program), line);
	const char *const argv[] = { "sh", "-c", script, NULL };

	return process_run(&(struct process_options){ .argv = argv }, RUN_MS);
}

/* Its output without the last newline, when it went well. */
static const char *
says(const struct world *w, const char *line)
{
	const struct outcome *o = run_with(w, "", line);

	CHECK_INT(o->exit_code, 0, "%s: %s", line, o->output);
	return keep_copy(o->output, strcspn(o->output, "\n"));
}

static const struct answer *
get_as(const struct world *w, const char *bearer, const char *path)
{
	const char *const headers[] = { keep_printf("Authorization: Bearer %s", bearer), NULL };

	return client_request(w->client, "GET", path, headers, NULL);
}

static int
status_as(const struct world *w, const char *bearer)
{
	return get_as(w, bearer, "/api/auth/me")->status;
}

static int
sign_in_status(const struct world *w, const char *tenant, const char *login, const char *password,
    const char **token)
{
	static const char *const headers[] = { "Content-Type: application/json", NULL };
	const struct answer *a = client_request(w->client, "POST", "/api/auth/login", headers,
	    keep_printf("{\"tenant\":\"%s\",\"login\":\"%s\",\"password\":\"%s\"}", tenant, login,
		password));

	*token = document_text(a->json, "accessToken");
	return a->status;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void
wrong_lines_are_refused(void)
{
	static const struct {
		int exit_code;
		const char *line, *words;
	} rows[] = {
		{ 2, "tenant", "say what to do" },
		{ 2, "tenant liszt", "did you mean \"list\"" },
		{ 2, "tenant list --nope", "no option" },
		{ 2, "tenant list more", "no further argument" },
		{ 2, "tenant create", "takes a slug" },
		{ 2, "tenant create 'No Slug'", "a slug is" },
		{ 2, "tenant create 33333333-3333-7333-8333-33333333333", "no slug reads" },
		{ 1, "tenant create acme", "already a tenant" },
		{ 1, "tenant suspend nobody", "tenant list" },
		{ 2, "user create --tenant acme", "needs --login" },
		{ 2, "user password --tenant acme --login user@acme.test", "--password-stdin" },
		{ 2, "user sessions --tenant acme", "needs --login" },
		{ 2, "user sessions --tenant acme --login x --session y", "takes no --session" },
		{ 1, "user sign-out --tenant acme --login nobody@acme.test", "no live account" },
		{ 1, "user create --tenant acme --login USER@acme.test --set name=X", "already" },
		{ 2, "key create --tenant acme --name x", "needs --scope" },
		{ 2, "key create --tenant acme --name x --scope posts:read --expires soon",
		    "--expires" },
		{ 1, "key create --tenant acme --name x --scope poets:read", "a scope is" },
		{ 1, "key create --tenant acme --name x --scope posts:read --role KING", "role" },
		{ 1, "key revoke --tenant acme nokey", "key list" },
		{ 2, "token --tenant acme", "needs --login" },
		{ 1, "token --tenant acme --login nobody@acme.test", "no live account" },
		{ 1, "token --tenant acme --login user@globex.test", "no live account" },
		{ 2, "token --tenant acme --login user@acme.test --ttl 25h", "24h" },
		{ 2, "token --tenant acme --login user@acme.test --as-operator x --ttl 61m", "1h" },
		{ 0, "token --help", "usage: rowhouse token" },
	};

	for (size_t mode = 0; mode < MODES; mode++)
		for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
			const struct outcome *o = run_with(worlds[mode], "", rows[i].line);

			CHECK_INT(o->exit_code, rows[i].exit_code, "%s: %s: %s", mode_names[mode],
			    rows[i].line, o->output);
			CHECK(strstr(o->output, rows[i].words) != NULL, "%s: %s: %s",
			    mode_names[mode], rows[i].line, o->output);
		}
}

/* Every fault of a new account in one answer, and nothing is written. */
static void
all_faults_of_an_account_are_told(void)
{
	static const char *const words[] = { "--role", "--set nope", "--set tenant_id",
		"--set passwordHash", "--set email", "--set version", "name: it needs a value" };

	for (size_t mode = 0; mode < MODES; mode++) {
		const struct outcome *o = run_with(worlds[mode], "",
		    "user create --tenant acme --login f@x.test --role KING --set nope=1 "
		    "--set tenant_id=1 --set passwordHash=x --set email=x --set version=7");

		CHECK_INT(o->exit_code, 1, "%s: %s", mode_names[mode], o->output);
		for (size_t i = 0; i < SUITE_COUNT(words); i++)
			CHECK(strstr(o->output, words[i]) != NULL, "%s lacks %s: %s",
			    mode_names[mode], words[i], o->output);
		CHECK_TEXT(world_value(
			       worlds[mode], "SELECT count(*) FROM users WHERE email = 'f@x.test'"),
		    "0", "%s", mode_names[mode]);
	}
}

static void
check_account_log(const struct world *w, const char *mode, const char *id)
{
	CHECK_TEXT(
	    world_value(w,
		keep_printf("SELECT string_agg(concat_ws(' ', actor_type, actor_id, action, "
			    "source, changes->'passwordHash'->>'after'), '; ' ORDER BY xid, "
			    "ordinal) FROM rowhouse.audit_log WHERE target_type = 'users' AND "
			    "target_id = '%s' AND metadata ? 'requestId'",
		    id)),
	    "system users.created auto [REDACTED]; system users.updated auto [REDACTED]", "%s",
	    mode);
	CHECK_TEXT(world_value(w,
		       keep_printf("SELECT changes->'name'->>'after' FROM rowhouse.audit_log WHERE "
				   "action = 'users.created' AND target_id = '%s'",
			   id)),
	    "Ann = Lee", "%s", mode);
}

/* A tenant, an account with a password, another password: the first and its tokens are over. */
static void
an_account_lives(void)
{
	for (size_t mode = 0; mode < MODES; mode++) {
		const struct world *w = worlds[mode];
		const struct outcome *o;
		const char *token, *ignored, *id;

		says(w,
		    "tenant create newcomers --name 'New Comers' "
		    "--id 33333333-3333-7333-8333-333333333333");
		o = run_with(w, FIRST_PASSWORD "\\n",
		    "user create --tenant newcomers --login Ann@x.test --role ADMIN "
		    "--set 'name=Ann = Lee' --password-stdin");
		CHECK_INT(o->exit_code, 0, "%s: %s", mode_names[mode], o->output);
		id = keep_copy(o->output, strcspn(o->output, "\n"));
		CHECK_INT(sign_in_status(w, "newcomers", "ann@x.test", FIRST_PASSWORD, &token), 200,
		    "%s", mode_names[mode]);
		CHECK_INT(status_as(w, token), 200, "%s", mode_names[mode]);
		o = run_with(w, SECOND_PASSWORD,
		    "user password --tenant newcomers --login ann@X.test --password-stdin");
		CHECK_INT(o->exit_code, 0, "%s: %s", mode_names[mode], o->output);
		CHECK_INT(status_as(w, token), 401, "%s: after the change", mode_names[mode]);
		CHECK_INT(sign_in_status(w, "newcomers", "ann@x.test", FIRST_PASSWORD, &ignored),
		    401, "%s: the old one", mode_names[mode]);
		CHECK_INT(sign_in_status(w, "newcomers", "ann@x.test", SECOND_PASSWORD, &ignored),
		    200, "%s: the new one", mode_names[mode]);
		check_account_log(w, mode_names[mode], id);
	}
}

static void
the_invited_cannot_sign_in(void)
{
	for (size_t mode = 0; mode < MODES; mode++) {
		const struct world *w = worlds[mode];
		const char *ignored;

		says(
		    w, "user create --tenant acme --login inv@x.test --set name=Inv --no-password");
		CHECK_INT(sign_in_status(w, "acme", "inv@x.test", "no-password-was-set", &ignored),
		    401, "%s", mode_names[mode]);
		CHECK_INT(run_with(w, "short\\n",
			      "user create --tenant acme --login s@x.test --set name=S "
			      "--password-stdin")
			      ->exit_code,
		    1, "%s: short", mode_names[mode]);
	}
}

static void
suspension_acts_on_the_next_request(void)
{
	for (size_t mode = 0; mode < MODES; mode++) {
		const struct world *w = worlds[mode];
		const char *token = says(w, "token --tenant globex --login user@globex.test");

		CHECK_INT(status_as(w, token), 200, "%s", mode_names[mode]);
		CHECK_TEXT(says(w, "tenant suspend " WORLD_GLOBEX), "globex is suspended", "%s",
		    mode_names[mode]);
		CHECK_INT(status_as(w, token), 403, "%s: suspended", mode_names[mode]);
		CHECK_INT(
		    run_with(w, "", "token --tenant globex --login user@globex.test")->exit_code, 1,
		    "%s: no token", mode_names[mode]);
		CHECK_TEXT(
		    says(w, "tenant resume globex"), "globex is active", "%s", mode_names[mode]);
		CHECK_INT(status_as(w, token), 200, "%s: resumed", mode_names[mode]);
	}
}

static void
keys_live_and_die(void)
{
	for (size_t mode = 0; mode < MODES; mode++) {
		const struct world *w = worlds[mode];
		const char *key = says(w,
		    "key create --tenant acme --name robot --scope "
		    "posts:read --scope comments:read --expires 1d");
		const char *id;

		CHECK(strncmp(key, "rhk_", 4) == 0 && strchr(key, ' ') == NULL, "%s: %.4s",
		    mode_names[mode], key);
		CHECK_INT(
		    get_as(w, key, "/api/posts?limit=1")->status, 200, "%s", mode_names[mode]);
		id = world_value(w, "SELECT id FROM rowhouse.api_keys WHERE name = 'robot'");
		CHECK(strstr(run_with(w, "", "key list --tenant acme --json")->output, id) != NULL,
		    "%s: not in the list", mode_names[mode]);
		CHECK(strstr(run_with(w, "", "key list --tenant globex")->output, id) == NULL,
		    "%s: in another tenant's list", mode_names[mode]);
		CHECK_INT(run_with(w, "", keep_printf("key revoke --tenant globex -- %s", id))
			      ->exit_code != 0,
		    1, "%s: by another tenant", mode_names[mode]);
		CHECK_INT(get_as(w, key, "/api/posts?limit=1")->status, 200, "%s: still good",
		    mode_names[mode]);
		says(w, keep_printf("key revoke --tenant acme -- %s", id));
		CHECK_INT(get_as(w, key, "/api/posts?limit=1")->status, 401, "%s: revoked",
		    mode_names[mode]);
	}
}

static void
rotation_keeps_old_tokens(void)
{
	for (size_t mode = 0; mode < MODES; mode++) {
		const struct world *w = worlds[mode];
		const char *old = says(w, "token --tenant acme --login user@acme.test");
		const struct answer *jwks;

		says(w, "key rotate --now");
		CHECK_INT(status_as(w, old), 200, "%s: the old token", mode_names[mode]);
		CHECK_INT(
		    status_as(w, says(w, "token --tenant acme --login user@acme.test --ttl 1m")),
		    200, "%s: the new one", mode_names[mode]);
		/* Either worker may answer; both must have heard of it. */
		jwks = client_request(w->client, "GET", "/.well-known/jwks.json", NULL, NULL);
		CHECK_INT(jwks->status, 200, "%s", mode_names[mode]);
		CHECK(
		    document_has(jwks->json, "keys.1.kid"), "%s: %s", mode_names[mode], jwks->body);
		CHECK_TEXT(world_value(w,
			       "SELECT count(*) FROM rowhouse.signing_keys WHERE retired_at "
			       "IS NULL"),
		    "1", "%s", mode_names[mode]);
	}
}

static void
operators_carry_both_names(void)
{
	for (size_t mode = 0; mode < MODES; mode++) {
		const struct world *w = worlds[mode];
		const char *token = says(w,
		    "token --tenant acme --login mod@acme.test --as-operator carol@ops --ttl 1m");
		const struct answer *me = get_as(w, token, "/api/auth/me");

		CHECK_INT(me->status, 200, "%s", mode_names[mode]);
		CHECK_TEXT(
		    document_text(me->json, "operator"), "carol@ops", "%s", mode_names[mode]);
		CHECK_TEXT(document_text(me->json, "role"), "MODERATOR", "%s", mode_names[mode]);
		CHECK_TEXT(world_value(w,
			       "SELECT concat_ws(' ', a.tenant_id, a.actor_type, a.operator_id, "
			       "a.source, s.operator) FROM rowhouse.audit_log AS a JOIN "
			       "rowhouse.sessions AS s ON s.tenant_id = a.tenant_id AND s.id = "
			       "a.metadata->>'session' WHERE a.action = 'operator.token'"),
		    WORLD_ACME " system carol@ops manual carol@ops", "%s", mode_names[mode]);
	}
}

/* A secret file that is not the one the keys were sealed with is told, not worked around. */
static void
a_lost_secret_is_told(void)
{
	for (size_t mode = 0; mode < MODES; mode++) {
		const struct world *w = worlds[mode];
		const char *file = keep_printf("%s/another-secret", w->folder);
		const char *set =
		    keep_printf("env ROWHOUSE_SET_SECRET_FILE=%s %s", file, sandbox_program());
		const char *const init[] = { "sh", "-c",
			keep_printf("%s key init --config %s", set, program_conf(w->program)),
			NULL };
		const char *const lost[] = { "sh", "-c",
			keep_printf("%s key rotate --lost --config %s && %s key init --config %s",
			    set, program_conf(w->program), set, program_conf(w->program)),
			NULL };
		const struct outcome *o =
		    process_run(&(struct process_options){ .argv = init }, RUN_MS);
		struct stat st;

		CHECK_INT(o->exit_code, 78, "%s: %s", mode_names[mode], o->output);
		CHECK(strstr(o->output, "--lost") != NULL, "%s: %s", mode_names[mode], o->output);
		CHECK(stat(file, &st) != 0, "%s: it was made", mode_names[mode]);
		o = process_run(&(struct process_options){ .argv = lost }, RUN_MS);
		CHECK_INT(o->exit_code, 0, "%s: %s", mode_names[mode], o->output);
		CHECK(strstr(o->output, "nothing to do") != NULL, "%s: %s", mode_names[mode],
		    o->output);
		CHECK(stat(file, &st) == 0 && (st.st_mode & 0777) == 0600, "%s: mode %o",
		    mode_names[mode], (unsigned)st.st_mode & 0777);
	}
}

static void
secrets_are_nowhere(void)
{
	static const char *const canaries[] = { FIRST_PASSWORD, SECOND_PASSWORD };

	for (size_t mode = 0; mode < MODES; mode++)
		for (size_t i = 0; i < SUITE_COUNT(canaries); i++) {
			CHECK(strstr(program_log(worlds[mode]->program), canaries[i]) == NULL,
			    "%s: in the log", mode_names[mode]);
			CHECK_TEXT(world_value(worlds[mode],
				       keep_printf("SELECT count(*) FROM rowhouse.audit_log AS a "
						   "WHERE a::text LIKE '%%%s%%' OR a::text LIKE "
						   "'%%$argon2%%'",
					   canaries[i])),
			    "0", "%s: in the audit log", mode_names[mode]);
		}
}

static const struct suite_test tests[] = {
	{ "wrong lines are refused", wrong_lines_are_refused },
	{ "all faults of an account are told", all_faults_of_an_account_are_told },
	{ "an account lives", an_account_lives },
	{ "the invited cannot sign in", the_invited_cannot_sign_in },
	{ "suspension acts on the next request", suspension_acts_on_the_next_request },
	{ "keys live and die", keys_live_and_die },
	{ "rotation keeps old tokens", rotation_keeps_old_tokens },
	{ "operators carry both names", operators_carry_both_names },
	{ "a lost secret is told", a_lost_secret_is_told },
	{ "secrets are nowhere", secrets_are_nowhere },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "accounts_cli", begin, end, tests, SUITE_COUNT(tests) });
}
