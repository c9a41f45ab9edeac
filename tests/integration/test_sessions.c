/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sessions.c - staying signed in, and what ends that */
#include <stdio.h>
#include <string.h>

#include "support/asking.h"
#include "support/document.h"
#include "support/jwt.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/suite.h"

enum { LONGEST_TOKEN = 4096 };

static void
refresh_is_good_once(void)
{
	struct session first = sign_in(ACME_USER), other = sign_in(ACME_USER), second, third;
	size_t said = count_in_log("\"refresh_reuse\"");

	second = session_of(refresh(first.refresh), "first use");
	CHECK(strcmp(second.refresh, first.refresh) != 0, "another one");
	CHECK_TEXT(jwt_claims_of(second.access).session, jwt_claims_of(first.access).session,
	    "one family");
	third = session_of(refresh(second.refresh), "the next");
	all_answer(first.access, 200, "the first access token lives out its time");
	all_answer(third.access, 200, "the third");
	CHECK_INT(count_in_log("\"refresh_reuse\""), said, "nothing to tell yet");
	check_problem(refresh(second.refresh), 401, "unauthenticated", "a used one");
	all_answer(first.access, 401, "the family ends: first");
	all_answer(third.access, 401, "the family ends: third");
	check_problem(refresh(third.refresh), 401, "unauthenticated", "the family's newest");
	CHECK_INT(count_in_log("\"refresh_reuse\""), said + 1, "the log tells of it, once");
	all_answer(other.access, 200, "another session of the account goes on");
	session_of(refresh(other.refresh), "and can be refreshed");
	CHECK_TEXT(sql_value(superuser,
		       keep_printf("SELECT revoked_why FROM rowhouse.sessions WHERE id = '%s'",
			   jwt_claims_of(first.access).session)),
	    "reuse", "why");
}

/* The end of a family is an entry of its tenant's log, once. Whoever has a used token can send it
 * as often as they like: after the first time that moves nobody's epoch. */
static void
reuse_is_logged_once(void)
{
	struct session first = sign_in(ACME_USER);
	const char *session = jwt_claims_of(first.access).session, *epoch;
	const char *entries =
	    keep_printf("SELECT string_agg(concat_ws(' ', actor_type, host(actor_ip), action, "
			"target_type, changes->'revokedWhy'->>'after', metadata->>'principal'), "
			"E'\\n') FROM rowhouse.audit_log WHERE tenant_id = '" WORLD_ACME
			"' AND target_id = '%s'",
		session);
	const char *wanted = keep_printf("anonymous 127.0.0.1 sessions.reused rowhouse.sessions "
					 "reuse %s",
	    account_id(WORLD_ACME, ACME_USER));
	size_t said = count_in_log("\"refresh_reuse\"");

	session_of(refresh(first.refresh), "first use");
	CHECK_TEXT(sql_value(superuser, entries), NULL, "nothing to tell yet");
	check_problem(refresh(first.refresh), 401, "unauthenticated", "second use");
	CHECK_TEXT(sql_value(superuser, entries), wanted, "logged");
	epoch = sql_value(superuser, "SELECT number FROM rowhouse.epoch");
	for (int i = 0; i < 3; i++)
		check_problem(refresh(first.refresh), 401, "unauthenticated", "again");
	CHECK_TEXT(sql_value(superuser, entries), wanted, "once");
	CHECK_TEXT(sql_value(superuser, "SELECT number FROM rowhouse.epoch"), epoch,
	    "no one is "
	    "woken");
	CHECK_INT(count_in_log("\"refresh_reuse\""), said + 1, "nor told of it again");
}

/* Refreshed twice within a second, a session has the same claims and times. */
static void
no_two_access_tokens_are_equal(void)
{
	enum { TRIES = 100 };
	struct session last = sign_in(ACME_USER), next;
	bool within_a_second = false;

	for (int i = 0; i < TRIES && !within_a_second; i++, last = next) {
		const char *was = jwt_part(last.access, 1), *is, *when;

		next = session_of(refresh(last.refresh), "refresh");
		if (next.access == NULL)
			return;
		is = jwt_part(next.access, 1);
		when = strstr(was, "\"iat\":");
		within_a_second = when != NULL && strstr(is, when) != NULL;
		if (!within_a_second)
			continue;
		CHECK(strcmp(next.access, last.access) != 0, "%s twice", is);
		CHECK(strstr(is, "\"jti\":\"") != NULL &&
			strspn(strstr(is, "\"jti\":\"") + 7,
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
			    22,
		    "128 bits of it: %s", is);
	}
	CHECK(within_a_second, "%d refreshes take less than %d s", TRIES, TRIES);
}

/* The same token at the same moment from two and from four clients: one wins, and the family
 * ends. */
static void
concurrent_refreshes_have_one_winner(void)
{
	enum { ROUNDS = 12 };

	for (int round = 0; round < ROUNDS; round++) {
		struct session s = sign_in(ACME_USER);
		int clients = round % 2 == 0 ? 2 : 4;
		size_t count, won = 0;
		struct load *l =
		    load_start(&(struct load_options){ .base_url = webserver_url(world->webserver),
			.path = "/api/auth/refresh",
			.body = refresh_body(s.refresh),
			.clients = clients,
			.requests = 1,
			.new_connections = true });
		const struct load_sample *samples;

		load_wait(l, (size_t)clients, 10000);
		samples = load_stop(l, &count);
		for (size_t i = 0; i < count; i++) {
			won += samples[i].status == 200;
			CHECK(samples[i].status == 200 || samples[i].status == 401, "round %d: %d",
			    round, samples[i].status);
		}
		CHECK_INT(won, 1, "round %d: of %d clients", round, clients);
		all_answer(s.access, 401, "the family ends");
	}
}

static void
bad_refresh_tokens_are_refused(void)
{
	struct session s = sign_in(ACME_USER), expired = sign_in(ACME_USER);
	struct session gone = sign_in("user@globex.test");
	size_t len = strlen(s.refresh);
	const char *tenant = "11111111111171118111111111111111", *at = strstr(s.refresh, tenant);
	const char *const bad[] = { "rhr_", keep_printf("%s ", s.refresh),
		keep_printf("%.*s", (int)len - 1, s.refresh), keep_printf("%sA", s.refresh),
		keep_printf("%.*s22222222222272228222222222222222%s", (int)(at - s.refresh),
		    s.refresh, at + strlen(tenant)),
		keep_printf("%.*s33333333333373338333333333333333%s", (int)(at - s.refresh),
		    s.refresh, at + strlen(tenant)),
		keep_printf("rhk%s", s.refresh + 3), s.access };
	char *endless = keep_alloc(LONGEST_TOKEN + 2);
	const struct answer *first = refresh("x");

	for (size_t i = 0; i < SUITE_COUNT(bad); i++) {
		const struct answer *a = refresh(bad[i]);

		check_problem(a, 401, "unauthenticated", bad[i]);
		CHECK_TEXT(without(a->body, document_text(a->json, "requestId")),
		    without(first->body, document_text(first->json, "requestId")), "%s", bad[i]);
	}
	memset(endless, 'a', LONGEST_TOKEN);
	check_problem(refresh(endless), 401, "unauthenticated", "as long as a token may be");
	memset(endless, 'a', LONGEST_TOKEN + 1);
	check_problem(refresh(endless), 400, "invalid", "longer than any token");
	/* Each byte of it matters. */
	for (size_t i = 0; i < len; i++) {
		char *changed = keep_copy(s.refresh, len);

		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		if (!CHECK_INT(refresh(changed)->status, 401, "byte %zu of %s", i, s.refresh))
			break;
	}
	session_of(refresh(s.refresh), "all of which left it unused");
	CHECK(sql_run(superuser,
		  keep_printf(
		      "UPDATE rowhouse.sessions SET expires_at = now() - interval '1 second' WHERE "
		      "id = '%s'",
		      jwt_claims_of(expired.access).session)),
	    "expire");
	check_problem(refresh(expired.refresh), 401, "unauthenticated", "an expired session");
	CHECK_TEXT(
	    sql_value(superuser,
		keep_printf(
		    "SELECT coalesce(revoked_why, 'not') FROM rowhouse.sessions WHERE id = '%s'",
		    jwt_claims_of(expired.access).session)),
	    "not", "that is no reuse");
	CHECK(sql_run(
		  superuser, "SELECT rowhouse.tenant_set_status('" WORLD_GLOBEX "', 'suspended')"),
	    "suspend");
	check_problem(refresh(gone.refresh), 401, "unauthenticated", "of a suspended tenant");
	CHECK(sql_run(superuser, "SELECT rowhouse.tenant_set_status('" WORLD_GLOBEX "', 'active')"),
	    "resume");
	session_of(refresh(gone.refresh), "of a resumed one");
}

static void
logout_ends_the_refresh_token(void)
{
	struct session s = sign_in(ACME_USER), next = session_of(refresh(s.refresh), "refresh");
	const struct answer *a = post("/api/auth/logout", refresh_body(next.refresh));

	CHECK_INT(a->status, 204, "%s", a->body);
	CHECK_INT(a->body_len, 0, "%s", a->body);
	check_problem(refresh(next.refresh), 401, "unauthenticated", "after the logout");
	all_answer(next.access, 200, "the access token lives out its time");
	CHECK_INT(post("/api/auth/logout", refresh_body(next.refresh))->status, 204, "again");
	check_problem(post("/api/auth/logout", refresh_body("nonsense")), 401, "unauthenticated",
	    "what is no token");
	CHECK_INT(post("/api/auth/logout",
		      refresh_body("rhr_11111111111171118111111111111111_AAAAAAAAAAAAAAAAAAAAAA_"
				   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))
		      ->status,
	    204, "one that nobody has");
	CHECK_TEXT(sql_value(superuser,
		       keep_printf("SELECT revoked_why FROM rowhouse.sessions WHERE id = '%s'",
			   jwt_claims_of(s.access).session)),
	    "logout", "why");
}

static const struct outcome *
user_command(const char *action, const char *login, const char *option, const char *value)
{
	return program_run(world->program, "user", action, "--tenant", "acme", "--login", login,
	    option, value, NULL);
}

static const char *
sid(struct session s)
{
	return jwt_claims_of(s.access).session;
}

/* Who has lost a telephone: one session, or all of an account, end with the next request. */
static void
an_operator_ends_sessions(void)
{
	struct session lost = sign_in("mod@acme.test"), kept = sign_in("mod@acme.test");
	struct session other = sign_in(ACME_USER);
	const char *script = remember(cli_token("acme", "mod@acme.test", "olga"));
	const struct outcome *o = user_command("sessions", "MOD@acme.test", "--json", NULL);

	CHECK_INT(o->exit_code, 0, "user sessions: %s", o->output);
	CHECK(strstr(o->output, sid(lost)) != NULL && strstr(o->output, sid(kept)) != NULL,
	    "both: %s", o->output);
	CHECK(strstr(o->output, sid(other)) == NULL, "nobody else's: %s", o->output);
	CHECK(strstr(o->output, "\"olga\"") != NULL, "and who acts as it: %s", o->output);

	o = user_command("sign-out", "mod@acme.test", "--session", sid(other));
	CHECK(o->exit_code == 1 && strstr(o->output, "user sessions") != NULL,
	    "another account's: %d: %s", o->exit_code, o->output);
	all_answer(other.access, 200, "which goes on");
	o = user_command("sign-out", "mod@acme.test", "--session", sid(lost));
	CHECK_INT(o->exit_code, 0, "user sign-out: %s", o->output);
	all_answer(lost.access, 401, "from the next request on");
	check_problem(refresh(lost.refresh), 401, "unauthenticated", "its refresh token");
	all_answer(kept.access, 200, "the other one goes on");
	o = user_command("sign-out", "mod@acme.test", "--session", sid(lost));
	CHECK_INT(o->exit_code, 1, "it has ended: %s", o->output);

	o = user_command("sign-out", "mod@acme.test", NULL, NULL);
	CHECK(o->exit_code == 0 && strstr(o->output, "2 sessions") != NULL, "the rest: %s",
	    o->output);
	all_answer(kept.access, 401, "all of them");
	all_answer(script, 401, "also what `rowhouse token` made");
	all_answer(other.access, 200, "other accounts go on");
	o = user_command("sessions", "mod@acme.test", "--json", NULL);
	CHECK(o->exit_code == 0 && strstr(o->output, "[]") != NULL, "none is left: %s", o->output);
	all_answer(sign_in("mod@acme.test").access, 200, "and it can sign in again");
	CHECK_TEXT(sql_value(superuser,
		       "SELECT string_agg(concat_ws(' ', actor_type, target_type, "
		       "metadata->>'sessions'), ', ' ORDER BY xid) FROM rowhouse.audit_log "
		       "WHERE action = 'sessions.revoked'"),
	    "system rowhouse.sessions, system users all", "the log says so");
	CHECK_TEXT(sql_value(superuser,
		       keep_printf("SELECT string_agg(DISTINCT revoked_why, ' ') FROM "
				   "rowhouse.sessions WHERE id IN ('%s', '%s')",
			   sid(lost), sid(kept))),
	    "operator", "and the sessions why");
}

static bool
begin(void)
{
	return asking_begin("");
}

static const struct suite_test tests[] = {
	{ "a refresh token is good once", refresh_is_good_once },
	{ "reuse is logged once", reuse_is_logged_once },
	{ "no two access tokens are equal", no_two_access_tokens_are_equal },
	{ "concurrent refreshes have one winner", concurrent_refreshes_have_one_winner },
	{ "bad refresh tokens are refused", bad_refresh_tokens_are_refused },
	{ "logout ends the refresh token", logout_ends_the_refresh_token },
	{ "an operator ends sessions", an_operator_ends_sessions },
	{ "no secret is kept", no_secret_is_kept },
};

int
main(int argc, char **argv)
{
	return suite_main(argc, argv,
	    &(struct suite){ "sessions", begin, asking_end, tests, SUITE_COUNT(tests) });
}
