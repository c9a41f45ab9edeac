/* SPDX-License-Identifier: BSD-2-Clause */
/* test_auth.c - signing in, who one is then, and what of an account counts at once */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/asking.h"
#include "support/document.h"
#include "support/jwt.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/suite.h"

enum { REPEATS = 16, MAX_BYTES = 6000 };

#define NOBODY "33333333-3333-7333-8333-333333333333"

static void
login_gives_tokens(void)
{
	static const char *const tenants[] = { "acme", WORLD_ACME };
	struct jwt_key key = jwt_key_of(world, superuser);

	for (size_t i = 0; i < SUITE_COUNT(tenants); i++) {
		const struct answer *a =
		    post("/api/auth/login", login_body(tenants[i], ACME_USER, WORLD_PASSWORD));
		struct session s = session_of(a, tenants[i]);
		struct jwt_claims claims;

		if (a->status != 200)
			continue;
		claims = jwt_claims_of(s.access);
		CHECK_INT(document_count(a->json, ""), 4, "%s", tenants[i]);
		CHECK_TEXT(document_text(a->json, "tokenType"), "Bearer", "%s", tenants[i]);
		CHECK_INT(document_int(a->json, "expiresIn"), 600, "%s", tenants[i]);
		CHECK_TEXT(answer_header(a, "Cache-Control"), "no-store", "%s", tenants[i]);
		CHECK_TEXT(jwt_part(s.access, 0), jwt_header(&key), "the header");
		CHECK_TEXT(claims.subject, account_id(WORLD_ACME, ACME_USER), "sub");
		CHECK_TEXT(claims.tenant, WORLD_ACME, "tid");
		CHECK(strstr(jwt_part(s.access, 1), "MODERATOR") == NULL &&
			strstr(jwt_part(s.access, 1), "USER") == NULL,
		    "no role: %s", jwt_part(s.access, 1));
		CHECK(strncmp(s.refresh, "rh", 2) == 0 &&
			strstr(s.refresh, "11111111111171118111111111111111") != NULL,
		    "a refresh token carries its tenant");
		CHECK_INT(get_as(s.access, ASKING_PATH)->status, 200, "it is good");
	}
	/* The tenant may come from the request. */
	{
		const char *const headers[] = { "Content-Type: application/json",
			"X-Tenant-Id: " WORLD_ACME, NULL };

		session_of(client_request(world->client, "POST", "/api/auth/login", headers,
			       login_body(NULL, ACME_USER, WORLD_PASSWORD)),
		    "the header's tenant");
	}
}

static void
login_is_case_insensitive(void)
{
	static const char *const logins[] = { "USER@ACME.TEST", "User@Acme.Test",
		"user@acme.TEST" };

	for (size_t i = 0; i < SUITE_COUNT(logins); i++) {
		struct session s = sign_in_with("acme", logins[i], WORLD_PASSWORD);

		CHECK_TEXT(jwt_claims_of(s.access).subject, account_id(WORLD_ACME, ACME_USER), "%s",
		    logins[i]);
	}
	check_problem(post("/api/auth/login", login_body("acme", ACME_USER, "Rowhouse-Demo")), 401,
	    "invalid_credentials", "passwords are not");
}

static void
wrong_sign_ins_answer_alike(void)
{
	static const char *const may_differ[] = { "Date", "X-Request-Id", NULL };
	const char *deleted = sql_value(superuser,
	    "SELECT email FROM users d WHERE tenant_id = '" WORLD_ACME
	    "' AND deleted_at IS NOT NULL AND password_hash IS NOT NULL AND NOT EXISTS "
	    "(SELECT FROM "
	    "users l WHERE l.tenant_id = d.tenant_id AND lower(l.email) = lower(d.email) AND "
	    "l.deleted_at IS NULL) LIMIT 1");
	const char *invited = sql_value(superuser,
	    "SELECT email FROM users WHERE tenant_id = '" WORLD_ACME
	    "' AND deleted_at IS NULL AND password_hash IS NULL LIMIT 1");
	const struct {
		const char *what, *tenant, *login, *password;
	} rows[] = {
		{ "a wrong password", "acme", ACME_USER, CANARY "wrong" },
		{ "an unknown login", "acme", "nobody@acme.test", WORLD_PASSWORD },
		{ "another tenant's login", "acme", "user@globex.test", WORLD_PASSWORD },
		{ "an unknown slug", "nowhere", ACME_USER, WORLD_PASSWORD },
		{ "an unknown id", NOBODY, ACME_USER, WORLD_PASSWORD },
		{ "nobody's id", "00000000-0000-0000-0000-000000000000", ACME_USER,
		    WORLD_PASSWORD },
		{ "a suspended tenant", "globex", "user@globex.test", WORLD_PASSWORD },
		{ "a suspended tenant's id", WORLD_GLOBEX, "user@globex.test", WORLD_PASSWORD },
		{ "a deleted account", "acme", deleted, WORLD_PASSWORD },
		{ "an account without a password", "acme", invited, WORLD_PASSWORD },
		{ "the hash for a password", "acme", ACME_USER,
		    sql_value(superuser,
			"SELECT password_hash FROM users WHERE email = 'user@acme.test'") },
	};
	const struct answer *first = NULL;

	CHECK(deleted != NULL && invited != NULL, "the sample has them");
	CHECK(sql_run(
		  superuser, "SELECT rowhouse.tenant_set_status('" WORLD_GLOBEX "', 'suspended')"),
	    "suspend");
	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const struct answer *a = post(
		    "/api/auth/login", login_body(rows[i].tenant, rows[i].login, rows[i].password));

		remember(rows[i].password[0] == 'c' ? rows[i].password : "");
		check_problem(a, 401, "invalid_credentials", rows[i].what);
		if (first == NULL) {
			first = a;
			continue;
		}
		CHECK_TEXT(without(a->body, document_text(a->json, "requestId")),
		    without(first->body, document_text(first->json, "requestId")), "%s",
		    rows[i].what);
		CHECK_TEXT(answer_headers_but(a, may_differ), answer_headers_but(first, may_differ),
		    "%s", rows[i].what);
	}
	CHECK(sql_run(superuser, "SELECT rowhouse.tenant_set_status('" WORLD_GLOBEX "', 'active')"),
	    "resume");
	sign_in("user@globex.test");
}

static void
bad_bodies_are_refused(void)
{
	static const struct {
		const char *path, *body, *pointer; /* pointer NULL: malformed */
	} rows[] = {
		{ "/api/auth/login", "", NULL },
		{ "/api/auth/login", "{", NULL },
		{ "/api/auth/login", "{\"login\":\"a\",\"login\":\"b\",\"password\":\"c\"}", NULL },
		{ "/api/auth/login", "[]", "" },
		{ "/api/auth/login", "{\"tenant\":\"acme\",\"password\":\"x\"}", "#/login" },
		{ "/api/auth/login", "{\"tenant\":\"acme\",\"login\":\"x\"}", "#/password" },
		{ "/api/auth/login", "{\"tenant\":\"acme\",\"login\":\"\",\"password\":\"x\"}",
		    "#/login" },
		{ "/api/auth/login", "{\"tenant\":\"acme\",\"login\":7,\"password\":\"x\"}",
		    "#/login" },
		{ "/api/auth/login", "{\"tenant\":\"acme\",\"login\":\"a\",\"password\":null}",
		    "#/password" },
		{ "/api/auth/login",
		    "{\"tenant\":\"acme\",\"login\":\"a\",\"password\":\"b\",\"role\":\"ADMIN\"}",
		    "#/role" },
		{ "/api/auth/login",
		    "{\"tenant\":\"not a slug\",\"login\":\"a\",\"password\":\"b\"}", "#/tenant" },
		{ "/api/auth/login", "{\"tenant\":{\"id\":1},\"login\":\"a\",\"password\":\"b\"}",
		    "#/tenant" },
		{ "/api/auth/login", "{\"login\":\"a\",\"password\":\"b\"}", "#/tenant" },
		{ "/api/auth/refresh", "{}", "#/refreshToken" },
		{ "/api/auth/refresh", "{\"refreshToken\":[\"x\"]}", "#/refreshToken" },
		{ "/api/auth/logout", "{\"token\":\"x\"}", "#/refreshToken" },
	};

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const struct answer *a = post(rows[i].path, rows[i].body);

		check_problem(
		    a, 400, rows[i].pointer == NULL ? "malformed" : "invalid", rows[i].body);
		if (rows[i].pointer != NULL && rows[i].pointer[0] != '\0')
			CHECK_TEXT(document_text(a->json, "errors.0.pointer"), rows[i].pointer,
			    "%s: %s", rows[i].body, a->body);
	}
	{
		const char *const plain[] = { "Content-Type: text/plain", NULL };
		const char *const form[] = { "Content-Type: application/x-www-form-urlencoded",
			NULL };
		const char *body = login_body("acme", ACME_USER, WORLD_PASSWORD);

		check_problem(client_request(world->client, "POST", "/api/auth/login", plain, body),
		    415, "media_type", "text");
		check_problem(client_request(world->client, "POST", "/api/auth/login", form, body),
		    415, "media_type", "a form");
	}
	{
		char *long_login = keep_alloc(MAX_BYTES);

		memset(long_login, 'a', MAX_BYTES - 1);
		check_problem(post("/api/auth/login", login_body("acme", long_login, "x")), 400,
		    "invalid", "a long login");
		check_problem(post("/api/auth/login", login_body("acme", "x", long_login)), 400,
		    "invalid", "a long password");
	}
	check_problem(get_as(NULL, "/api/auth/login"), 405, "method", "GET");
	CHECK_TEXT(answer_header(get_as(NULL, "/api/auth/login"), "Allow"), "POST, OPTIONS", "GET");
	CHECK_TEXT(
	    answer_header(client_send(world->client, "PUT", "/api/auth/keys", NULL, "{}"), "Allow"),
	    "GET, HEAD, POST, OPTIONS", "PUT");
}

/* Hashes of another cost become ones of ours at the next sign-in, once, and the log says so. */
static void
old_hashes_are_renewed(void)
{
	static const char hash[] =
	    "SELECT password_hash FROM users WHERE email = 'mod@globex.test'";
	static const char rows[] =
	    "SELECT count(*) FROM rowhouse.audit_log WHERE target_id = (SELECT "
	    "id::text FROM users WHERE email = 'mod@globex.test') AND metadata->>"
	    "'reason' = 'rehash'";
	const char *before = sql_value(superuser, hash), *after;

	CHECK(strncmp(before, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0, "%s", before);
	sign_in("mod@globex.test");
	after = sql_value(superuser, hash);
	CHECK(strncmp(after, "$argon2id$v=19$m=64,t=1,p=1$", 28) == 0, "%s", after);
	sign_in("mod@globex.test");
	CHECK_TEXT(sql_value(superuser, hash), after, "not again");
	CHECK_TEXT(sql_value(superuser, rows), "1", "it is in the log");
}

static void
a_password_is_changed(void)
{
	static const char mine[] = "mod@acme.test", wanted[] = CANARY "new";
	struct session here = sign_in(mine), there = sign_in(mine), other = sign_in(ACME_USER);
	const char *saved =
	    sql_value(superuser, "SELECT password_hash FROM users WHERE email = 'mod@acme.test'");
	const char *version =
	    sql_value(superuser, "SELECT version FROM users WHERE email = 'mod@acme.test'");
	const struct answer *a;

	/* Faults change nothing. */
	check_problem(
	    change_password(NULL, WORLD_PASSWORD, wanted), 401, "unauthenticated", "nobody");
	check_problem(change_password(here.access, CANARY "bad", wanted), 401,
	    "invalid_credentials", "a guess");
	a = change_password(here.access, WORLD_PASSWORD, "eleven long");
	check_problem(a, 400, "invalid", "11 bytes");
	CHECK_TEXT(document_text(a->json, "errors.0.pointer"), "#/new", "%s", a->body);
	a = change_password(here.access, WORLD_PASSWORD, WORLD_PASSWORD);
	check_problem(a, 400, "invalid", "the same");
	CHECK_TEXT(document_text(a->json, "errors.0.pointer"), "#/new", "%s", a->body);
	CHECK_TEXT(
	    sql_value(superuser, "SELECT password_hash FROM users WHERE email = 'mod@acme.test'"),
	    saved, "unchanged");
	all_answer(there.access, 200, "nothing has ended");

	a = change_password(here.access, WORLD_PASSWORD, wanted);
	CHECK_INT(a->status, 204, "%s", a->body);
	all_answer(there.access, 401, "other sessions end at once");
	check_problem(refresh(there.refresh), 401, "unauthenticated", "their refresh tokens too");
	all_answer(here.access, 200, "this one goes on");
	session_of(refresh(here.refresh), "and can be refreshed");
	all_answer(other.access, 200, "other accounts go on");
	check_problem(post("/api/auth/login", login_body("acme", mine, WORLD_PASSWORD)), 401,
	    "invalid_credentials", "the former password");
	sign_in_with("acme", mine, wanted);
	CHECK_TEXT(sql_value(superuser,
		       keep_printf("SELECT version - %s FROM users WHERE email = 'mod@acme.test'",
			   version)),
	    "1", "one more version");
	CHECK_TEXT(sql_value(superuser,
		       "SELECT changes->'passwordHash' FROM rowhouse.audit_log WHERE "
		       "metadata->>'reason' = "
		       "'password' AND tenant_id = '" WORLD_ACME "'"),
	    "{\"after\": \"[REDACTED]\", \"before\": \"[REDACTED]\"}", "the log tells, not what");
	/* 12 bytes are enough. */
	here = sign_in_with("acme", mine, wanted);
	CHECK_INT(change_password(here.access, wanted, "twelve bytes")->status, 204, "12 bytes");
	raise_epoch_after(keep_printf(
	    "UPDATE users SET password_hash = '%s' WHERE email = 'mod@acme.test'", saved));
}

static void
check_me(const char *token, const char *const *wanted, const char *what)
{
	static const char *const members[] = { "type", "id", "role", "tenantId", "scopes",
		"operator" };
	const struct answer *a = get_as(token, "/api/auth/me");

	CHECK_INT(a->status, 200, "%s: %.300s", what, a->body);
	CHECK_INT(document_count(a->json, ""), SUITE_COUNT(members), "%s: %.300s", what, a->body);
	for (size_t i = 0; i < SUITE_COUNT(members); i++)
		CHECK_TEXT(
		    document_text(a->json, members[i]), wanted[i], "%s: %s", what, members[i]);
}

static void
me_tells_who_one_is(void)
{
	const char *admin = sign_in("admin@acme.test").access, *id, *key;
	const char *user = account_id(WORLD_ACME, ACME_USER);
	const char *as_user[] = { "user", user, "USER", WORLD_ACME, "null", "null" };
	const char *as_operator[] = { "user", user, "USER", WORLD_ACME, "null", "olga" };
	const char *as_key[] = { "api_key", NULL, "null", WORLD_ACME, "posts:read comments:write",
		"null" };
	const char *as_mod[] = { "api_key", NULL, "MODERATOR", WORLD_ACME, "*:read", "null" };

	check_me(sign_in(ACME_USER).access, as_user, "a user");
	check_me(cli_token("acme", ACME_USER, NULL), as_user, "a script's token");
	check_me(cli_token("acme", ACME_USER, "olga"), as_operator, "an operator's token");
	key =
	    make_key(admin, "{\"name\":\"k\",\"scopes\":[\"posts:read\",\"comments:write\"]}", &id);
	as_key[1] = id;
	check_me(key, as_key, "an API key");
	key =
	    make_key(admin, "{\"name\":\"k\",\"scopes\":[\"*:read\"],\"role\":\"MODERATOR\"}", &id);
	as_mod[1] = id;
	check_me(key, as_mod, "an API key with a role");
	check_problem(get_as(NULL, "/api/auth/me"), 401, "unauthenticated", "nobody, of nowhere");
}

static void
an_operator_acts_as_an_account(void)
{
	const char *token = cli_token("acme", ACME_USER, "olga");

	all_answer(token, 200, "as the account");
	check_problem(get_as(token, "/api/auth/keys"), 403, "forbidden", "with no more rights");
	check_problem(change_password(token, WORLD_PASSWORD, CANARY "operator"), 403, "forbidden",
	    "not the password");
	CHECK(strstr(program_log(world->program), "\"operator\":\"olga\"") != NULL,
	    "the log names both");
}

static void
a_suspended_tenant_is_shut(void)
{
	struct session s = sign_in("admin@globex.test"), other = sign_in(ACME_USER);
	const char *key = make_key(s.access, "{\"name\":\"k\",\"scopes\":[\"*:read\"]}", NULL);
	const struct outcome *o;

	all_answer(s.access, 200, "before");
	all_answer(key, 200, "before");
	o = program_run(world->program, "tenant", "suspend", "globex", NULL);
	CHECK_INT(o->exit_code, 0, "rowhouse tenant suspend: %s", o->output);
	all_answer(s.access, 403, "a token");
	all_answer(key, 403, "a key");
	check_problem(get_as(s.access, "/api/auth/me"), 403, "tenant_unknown", "me");
	check_problem(get_as(s.access, "/api/auth/keys"), 403, "tenant_unknown", "keys");
	check_problem(refresh(s.refresh), 401, "unauthenticated", "refresh");
	check_problem(
	    post("/api/auth/login", login_body("globex", "user@globex.test", WORLD_PASSWORD)), 401,
	    "invalid_credentials", "login");
	all_answer(other.access, 200, "acme goes on");
	o = program_run(world->program, "tenant", "resume", "globex", NULL);
	CHECK_INT(o->exit_code, 0, "rowhouse tenant resume: %s", o->output);
	all_answer(s.access, 200, "resumed");
	all_answer(key, 200, "resumed");
}

/* As somebody does in psql, who has never heard of an epoch. */
static void
plain_sql(const char *sql)
{
	CHECK(sql_run(superuser, sql), "%s", sql);
}

static void
a_deleted_account_is_out(void)
{
	const char *login = sql_value(superuser,
	    "SELECT email FROM users WHERE tenant_id = '" WORLD_ACME
	    "' AND deleted_at IS NULL AND password_hash IS NOT NULL AND "
	    "email !~ '^(admin|mod|user)@' "
	    "ORDER BY id LIMIT 1");
	struct session s = sign_in(login);
	const char *id = account_id(WORLD_ACME, login);

	all_answer(s.access, 200, "before");
	plain_sql(
	    keep_printf("UPDATE users SET deleted_at = now(), deletion_id = id, deleted_by = NULL "
			"WHERE tenant_id = '" WORLD_ACME "' AND id = '%s'",
		id));
	all_answer(s.access, 401, "its token");
	check_problem(refresh(s.refresh), 401, "unauthenticated", "its refresh token");
	check_problem(post("/api/auth/login", login_body("acme", login, WORLD_PASSWORD)), 401,
	    "invalid_credentials", "its login");
	plain_sql(keep_printf("UPDATE users SET deleted_at = NULL, deletion_id = NULL "
			      "WHERE tenant_id = '" WORLD_ACME "' AND id = '%s'",
	    id));
	all_answer(s.access, 200, "restored");
	session_of(refresh(s.refresh), "restored");
}

/* Roles are read from the database, not from the token. */
static void
a_role_counts_at_once(void)
{
	const char *token = sign_in(ACME_USER).access;

	for (int i = 0; i < REPEATS; i++)
		CHECK_INT(get_as(token, "/api/auth/keys")->status, 403, "a USER");
	plain_sql("UPDATE users SET role = 'ADMIN' WHERE email = 'user@acme.test'");
	for (int i = 0; i < REPEATS; i++)
		CHECK_INT(get_as(token, "/api/auth/keys")->status, 200, "an ADMIN");
	CHECK_TEXT(document_text(get_as(token, "/api/auth/me")->json, "role"), "ADMIN", "me");
	plain_sql("UPDATE users SET role = 'USER' WHERE email = 'user@acme.test'");
	for (int i = 0; i < REPEATS; i++)
		CHECK_INT(get_as(token, "/api/auth/keys")->status, 403, "a USER again");
}

/* Without secret_file nobody signs in, and nothing falls over. */
static void
without_a_secret_nobody_signs_in(void)
{
	struct session s = sign_in(ACME_USER);
	const char *key = make_key(sign_in("admin@acme.test").access,
	    "{\"name\":\"k\",\"scopes\":[\"posts:read\"]}", NULL);

	if (!CHECK(world_restart(world, "secret_file = \"\""), "restart"))
		return;
	check_problem(post("/api/auth/login", login_body("acme", ACME_USER, WORLD_PASSWORD)), 404,
	    "no_route", "login");
	check_problem(refresh(s.refresh), 404, "no_route", "refresh");
	all_answer(s.access, 401, "tokens");
	all_answer(key, 200, "API keys do without");
	CHECK(
	    world_restart(world, keep_printf("secret_file = %s", world->secret_file)), "as it was");
	all_answer(s.access, 200, "tokens again");
}

static bool
begin(void)
{
	return asking_begin("");
}

static const struct suite_test tests[] = {
	{ "login gives tokens", login_gives_tokens },
	{ "login is case-insensitive", login_is_case_insensitive },
	{ "wrong sign-ins answer alike", wrong_sign_ins_answer_alike },
	{ "bad bodies are refused", bad_bodies_are_refused },
	{ "old hashes are renewed", old_hashes_are_renewed },
	{ "a password is changed", a_password_is_changed },
	{ "me tells who one is", me_tells_who_one_is },
	{ "an operator acts as an account", an_operator_acts_as_an_account },
	{ "a suspended tenant is shut", a_suspended_tenant_is_shut },
	{ "a deleted account is out", a_deleted_account_is_out },
	{ "a role counts at once", a_role_counts_at_once },
	{ "without a secret nobody signs in", without_a_secret_nobody_signs_in },
	{ "no secret is kept", no_secret_is_kept },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "auth", begin, asking_end, tests, SUITE_COUNT(tests) });
}
