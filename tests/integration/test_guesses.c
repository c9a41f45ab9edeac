/* SPDX-License-Identifier: BSD-2-Clause */
/* test_guesses.c - wrong passwords are counted by account and by address, and whose that is */
#include <ctype.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/asking.h"
#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"

static const struct answer *
guess(const char *tenant, const char *login, const char *password, const char *from)
{
	const char *const headers[] = { "Content-Type: application/json",
		from != NULL ? keep_printf("X-Forwarded-For: %s", from) : NULL, NULL };

	return client_request(
	    world->client, "POST", "/api/auth/login", headers, login_body(tenant, login, password));
}

static void
check_limited(const struct answer *a, const char *what)
{
	check_problem(a, 429, "rate_limited", what);
	CHECK(answer_header(a, "Retry-After") != NULL && atoi(answer_header(a, "Retry-After")) >= 1,
	    "%s: Retry-After", what);
}

static bool
user_can_sign_in(void *argument)
{
	(void)argument;
	return guess("acme", ACME_USER, WORLD_PASSWORD, NULL)->status == 200;
}

static void
guesses_are_limited(void)
{
	static const struct {
		const char *tenant, *login, *what;
	} rows[] = {
		{ "acme", ACME_USER, "an account" },
		{ "acme", "nobody@acme.test", "no account" },
		{ "nowhere", ACME_USER, "no tenant" },
	};

	if (!CHECK(world_restart(world,
		       "login_guesses = 3\naddress_guesses = 1000\nlogin_window = 4s\n"
		       "trusted_proxies = "
		       "127.0.0.1"),
		"restart"))
		return;
	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		for (int n = 0; n < 3; n++)
			check_problem(guess(rows[i].tenant,
					  n == 1 ? rows[i].login
						 : keep_printf("%c%s", toupper(rows[i].login[0]),
						       rows[i].login + 1),
					  CANARY "guess", NULL),
			    401, "invalid_credentials", rows[i].what);
		check_limited(
		    guess(rows[i].tenant, rows[i].login, CANARY "guess", NULL), rows[i].what);
		check_limited(guess(rows[i].tenant, rows[i].login, WORLD_PASSWORD, NULL),
		    "the right one, too");
		check_limited(guess(rows[i].tenant, rows[i].login, WORLD_PASSWORD, "192.0.2.9"),
		    "from elsewhere, too");
	}
	CHECK_INT(
	    guess("acme", "mod@acme.test", WORLD_PASSWORD, NULL)->status, 200, "another account");
	CHECK_INT(guess("globex", "user@globex.test", WORLD_PASSWORD, NULL)->status, 200,
	    "another tenant");
	CHECK(wait_until(user_can_sign_in, NULL, 10000), "after the window");
	/* Signing in begins the account's count anew. */
	for (int n = 0; n < 4; n++) {
		for (int k = 0; k < 2; k++)
			check_problem(guess("acme", ACME_USER, CANARY "guess", NULL), 401,
			    "invalid_credentials", "two wrong ones");
		CHECK_INT(guess("acme", ACME_USER, WORLD_PASSWORD, NULL)->status, 200,
		    "and the right one");
	}
	/* The password of one's own is guessed at no better rate. */
	{
		const char *token = sign_in(ACME_USER).access;

		for (int n = 0; n < 3; n++)
			check_problem(change_password(token, CANARY "guess", CANARY "never"), 401,
			    "invalid_credentials", "a guess with a token");
		check_limited(
		    change_password(token, WORLD_PASSWORD, CANARY "never"), "with a token");
	}
}

static void
guesses_are_limited_by_address(void)
{
	if (!CHECK(world_restart(world,
		       "login_guesses = 1000\naddress_guesses = 5\nlogin_window = 1m\n"
		       "trusted_proxies = "
		       "127.0.0.1"),
		"restart"))
		return;
	CHECK(sql_run(superuser, "DELETE FROM rowhouse.guesses"), "forget");
	for (int n = 0; n < 5; n++)
		check_problem(
		    guess("acme", keep_printf("n%d@acme.test", n), CANARY "guess", "192.0.2.1"),
		    401, "invalid_credentials", "five accounts");
	check_limited(
	    guess("acme", ACME_USER, WORLD_PASSWORD, "192.0.2.1"), "any account from there");
	check_limited(guess("globex", "user@globex.test", WORLD_PASSWORD, "192.0.2.1"),
	    "any tenant from there");
	check_limited(guess("acme", ACME_USER, WORLD_PASSWORD, "192.0.2.7, 192.0.2.1"),
	    "whatever a client puts in front");
	CHECK_INT(
	    guess("acme", ACME_USER, WORLD_PASSWORD, "192.0.2.2")->status, 200, "from elsewhere");
	check_limited(guess("acme", ACME_USER, WORLD_PASSWORD, "192.0.2.1"),
	    "one right password elsewhere changes nothing there");
	CHECK_TEXT(sql_value(superuser,
		       "SELECT count(*) FROM rowhouse.guesses WHERE subject !~ '^[0-9a-f]{64}$'"),
	    "0", "subjects are hashes");
	CHECK(sql_run(superuser, "DELETE FROM rowhouse.guesses"), "forget");
	CHECK(world_restart(world,
		  "login_guesses = 100000\naddress_guesses = 100000\nlogin_window = 15m\n"
		  "trusted_proxies ="),
	    "as it was");
}

static const char *
remote_of(const char *forwarded, const char *id)
{
	const char *const headers[] = { bearer_header(client_token(world->client, "acme")),
		keep_printf("X-Request-Id: %s", id),
		forwarded != NULL ? keep_printf("X-Forwarded-For: %s", forwarded) : NULL, NULL };
	const char *log, *at;
	struct json_object *line;
	const char *remote;

	CHECK_INT(client_request(world->client, "GET", ASKING_PATH, headers, NULL)->status, 200,
	    "%s", id);
	log = program_log(world->program);
	for (at = log; (at = strstr(at, keep_printf("\"%s\"", id))) != NULL; at++) {
		const char *begin = at;

		while (begin > log && begin[-1] != '\n')
			begin--;
		line = json_tokener_parse(keep_copy(begin, strcspn(begin, "\n")));
		if (strcmp(document_text(line, "event"), "request") != 0) {
			json_object_put(line);
			continue;
		}
		remote = keep_printf("%s", document_text(line, "remote"));
		json_object_put(line);
		return remote;
	}
	return "not in the log";
}

static void
proxies_are_trusted_by_name(void)
{
	if (!CHECK(client_sign_in(world->client, "acme", ACME_USER, WORLD_PASSWORD), "sign in"))
		return;
	remember(client_token(world->client, "acme"));
	remember(client_refresh_token(world->client, "acme"));
	CHECK_TEXT(remote_of(NULL, "remote.0"), "127.0.0.1", "nothing forwarded");
	CHECK_TEXT(remote_of("192.0.2.1", "remote.1"), "127.0.0.1", "nobody is trusted");
	if (!CHECK(world_restart(world, "trusted_proxies = 127.0.0.1, 10.0.0.7"), "restart"))
		return;
	CHECK_TEXT(remote_of(NULL, "remote.2"), "127.0.0.1", "nothing forwarded");
	CHECK_TEXT(remote_of("192.0.2.1", "remote.3"), "192.0.2.1", "one hop");
	CHECK_TEXT(
	    remote_of("6.6.6.6, 192.0.2.1", "remote.4"), "192.0.2.1", "a client's own writing");
	CHECK_TEXT(
	    remote_of("6.6.6.6,192.0.2.1, 10.0.0.7", "remote.5"), "192.0.2.1", "two proxies");
	CHECK_TEXT(
	    remote_of("192.0.2.1, 10.0.0.8", "remote.6"), "10.0.0.8", "a proxy that is not ours");
	CHECK_TEXT(remote_of("10.0.0.7", "remote.7"), "10.0.0.7", "proxies alone");
	CHECK_TEXT(remote_of("2001:db8::1", "remote.8"), "2001:db8::1", "IPv6");
	/* What is no address is none, and an audit row does not fail on it. */
	CHECK_TEXT(remote_of("<script>", "remote.9"), "127.0.0.1", "what is no address");
	CHECK_TEXT(remote_of("nonsense, 10.0.0.7", "remote.10"), "10.0.0.7", "what is no address");
	CHECK_TEXT(remote_of("", "remote.11"), "127.0.0.1", "empty");
	CHECK_TEXT(remote_of(",,", "remote.12"), "127.0.0.1", "commas");
	CHECK_INT(guess("acme", "mod@acme.test", WORLD_PASSWORD, "not an address")->status, 200,
	    "a sign-in from no address");
	sql_run(superuser,
	    "UPDATE users SET password_hash = (SELECT password_hash FROM users u WHERE "
	    "u.tenant_id = users.tenant_id AND password_hash LIKE '%m=19456%' LIMIT 1) "
	    "WHERE email = 'mod@acme.test'");
	CHECK_INT(guess("acme", "mod@acme.test", WORLD_PASSWORD, "1.2.3, nonsense'")->status, 200,
	    "a sign-in that writes the log, from no address");
	client_forget(world->client);
	CHECK(world_restart(world, "trusted_proxies ="), "as it was");
}

static bool
begin(void)
{
	return asking_begin("");
}

static const struct suite_test tests[] = {
	{ "guesses are limited per account", guesses_are_limited },
	{ "guesses are limited per address", guesses_are_limited_by_address },
	{ "proxies are trusted by name", proxies_are_trusted_by_name },
	{ "no secret is kept", no_secret_is_kept },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "guesses", begin, asking_end, tests, SUITE_COUNT(tests) });
}
