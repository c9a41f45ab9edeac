/* SPDX-License-Identifier: BSD-2-Clause */
/* test_new_accounts.c - accounts made by POST, and what becomes of their passwords */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "support/asking.h"
#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/writing.h"

#define PASSWORD CANARY "of-the-new-one"
enum { INVALID = 400 };
#define PATH_BASE "/api/users"

/* The body of a new account; what stands in it besides: ,"role":"ADMIN". */
static const char *
account(const char *name, const char *password, const char *more)
{
	return keep_printf("{\"email\":\"%s@acme.test\",\"name\":\"%s\",\"password\":\"%s\"%s}",
	    name, name, remember(password), more);
}

static const char *
stored_hash(const char *name)
{
	return look("SELECT password_hash FROM users WHERE tenant_id = '" WORLD_ACME
		    "' AND email = '%s@acme.test' AND deleted_at IS NULL",
	    name);
}

static const char *
accounts_of(const char *name)
{
	return look("SELECT count(*) FROM users WHERE email = '%s@acme.test'", name);
}

static void
check_sign_in(const char *name, const char *password, int status)
{
	const struct answer *a = post(
	    "/api/auth/login", login_body("acme", keep_printf("%s@acme.test", name), password));

	CHECK_INT(a->status, status, "%s signs in: %.300s", name, a->body);
}

static void
a_new_account_signs_in(void)
{
	const struct answer *a =
	    ask_for(201, "POST", PATH_BASE, as_admin, account("ann", PASSWORD, ""));
	const char *hash = stored_hash("ann"), *id;

	id = keep_printf("%s", document_text(a->json, "id"));
	CHECK(strncmp(hash, "$argon2id$", 10) == 0 &&
		crypto_pwhash_str_verify(hash, PASSWORD, strlen(PASSWORD)) == 0,
	    "stored: %s", hash);
	CHECK(
	    strstr(a->body, "assword") == NULL && strstr(a->body, "argon2") == NULL, "%s", a->body);
	CHECK_TEXT(look("SELECT changes->'passwordHash' FROM rowhouse.audit_log WHERE target_id = "
			"'%s'",
		       id),
	    "{\"after\": \"[REDACTED]\", \"before\": null}", "the log tells, not what");
	CHECK_TEXT(story("users", id), "created", "one entry: it is one unit");
	CHECK_TEXT(look("SELECT version FROM users WHERE id = '%s'", id), "1", "one write");
	check_sign_in("ann", PASSWORD, 200);
	check_sign_in("ann", CANARY "of-another", 401);
	CHECK(strcmp(stored_hash("ann"), hash) == 0, "at the cost of the settings: not renewed");
}

static void
an_account_may_have_none(void)
{
	static const char *const bodies[] = { "{\"email\":\"bob@acme.test\",\"name\":\"bob\"}",
		"{\"email\":\"bea@acme.test\",\"name\":\"bea\",\"password\":null}" };
	static const char *const names[] = { "bob", "bea" };

	for (size_t i = 0; i < SUITE_COUNT(bodies); i++) {
		ask_for(201, "POST", PATH_BASE, as_admin, bodies[i]);
		CHECK_TEXT(stored_hash(names[i]), "(null)", "%s", names[i]);
		check_sign_in(names[i], WORLD_PASSWORD, 401);
	}
}

static void
all_faults_come_at_once(void)
{
	static const struct {
		const char *password, *code;
	} rows[] = {
		{ "\"eleven char\"", "length" },
		{ "\"\"", "length" },
		{ "123456789012", "type" },
		{ "true", "type" },
		{ "{}", "type" },
		{ "[\"long enough as it is\"]", "type" },
	};
	const struct answer *a;
	char long_one[1026];

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		a = ask("POST", PATH_BASE, as_admin, NULL,
		    keep_printf(
			"{\"email\":\"carl\",\"name\":\"\",\"password\":%s}", rows[i].password));
		check_fault(a, INVALID, "#/password", rows[i].code, rows[i].password);
		check_fault(a, INVALID, "#/email", "email", rows[i].password);
		check_fault(a, INVALID, "#/name", "length", rows[i].password);
		CHECK_INT(document_count(a->json, "errors"), 3, "%s", a->body);
		CHECK(strstr(a->body, "eleven char") == NULL &&
			strstr(a->body, "long enough") == NULL,
		    "not quoted: %s", a->body);
	}
	memset(long_one, 'x', sizeof(long_one) - 1);
	long_one[sizeof(long_one) - 1] = '\0';
	check_fault(ask("POST", PATH_BASE, as_admin, NULL, account("carl", long_one, "")), INVALID,
	    "#/password", "length", "1025 bytes");
	check_fault(ask("POST", PATH_BASE, as_admin, NULL,
			account("carl", PASSWORD, ",\"passwordHash\":\"$argon2id$x\"")),
	    INVALID, "#/passwordHash", "unknown", "the hash itself");
	CHECK_TEXT(accounts_of("carl"), "0", "none was made");
	long_one[1024] = '\0';
	ask_for(201, "POST", PATH_BASE, as_admin, account("carl", long_one, ""));
	check_sign_in("carl", long_one, 200);
	check_problem(ask("POST", PATH_BASE, as_user, NULL, account("dora", PASSWORD, "")), 403,
	    "forbidden", "only who may make accounts");
	check_problem(ask("POST", PATH_BASE, as_admin, NULL, account("ann", PASSWORD, "")), 409,
	    "conflict", "the login is taken");
}

static void
of_many_one_has_a_password(void)
{
	const char *jill = account("jill", PASSWORD, ""), *kurt = account("kurt", PASSWORD, "");
	static const char lea[] = "{\"email\":\"lea@acme.test\",\"name\":\"lea\"}";
	const struct answer *a;

	a = ask("POST", PATH_BASE, as_admin, NULL, keep_printf("[%s,%s,%s]", jill, lea, kurt));
	check_fault(a, INVALID, "#/2/password", "limit", "two passwords");
	CHECK_INT(document_count(a->json, "errors"), 1, "%s", a->body);
	CHECK_TEXT(accounts_of("lea"), "0", "none was made");
	ask_for(201, "POST", PATH_BASE, as_admin, keep_printf("[%s,%s]", lea, kurt));
	CHECK_TEXT(stored_hash("lea"), "(null)", "invited");
	check_sign_in("kurt", PASSWORD, 200);
	check_sign_in("lea", PASSWORD, 401);
}

/* The same where it is made along with something else. */
static void
a_nested_account_signs_in(void)
{
	const char *posts = "/api/posts";
	const struct answer *a;

	a = ask("POST", posts, as_admin, NULL,
	    keep_printf("{\"title\":\"t\",\"slug\":\"by-moe\",\"content\":\"c\",\"author\":"
			"{\"create\":%s}}",
		account("moe", "short", "")));
	check_fault(a, INVALID, "#/author/create/password", "length", "too short");
	a = ask_for(201, "POST", posts, as_admin,
	    keep_printf("{\"title\":\"t\",\"slug\":\"by-moe\",\"content\":\"c\",\"author\":"
			"{\"create\":%s}}",
		account("moe", PASSWORD, "")));
	CHECK(strstr(a->body, "assword") == NULL, "%s", a->body);
	check_sign_in("moe", PASSWORD, 200);
}

/* What the registration asks for binds every way to a new password. */
static void
the_registration_has_rules(void)
{
	struct session s;

	raise_epoch_after("UPDATE rowhouse.models SET validate = jsonb_set(validate, '{password}', "
			  "'{\"min\": 40, \"max\": 50}') WHERE table_name = 'users'");
	check_fault(ask("POST", PATH_BASE, as_admin, NULL, account("emil", PASSWORD, "")), INVALID,
	    "#/password", "length", "too short");
	check_fault(ask("POST", PATH_BASE, as_admin, NULL,
			account("emil", PASSWORD "-a-long-way-to-go-on", "")),
	    INVALID, "#/password", "length", "too long");
	s = sign_in_with("acme", "ann@acme.test", PASSWORD);
	check_fault(change_password(s.access, PASSWORD, CANARY "short"), INVALID, "#/new", "length",
	    "a change");
	CHECK_TEXT(accounts_of("emil"), "0", "none was made");
	/* Each of these characters is two bytes. */
	ask_for(201, "POST", PATH_BASE, as_admin,
	    account("emil",
		CANARY "\303\244\303\244\303\244\303\244\303\244\303\244\303\244"
		       "\303\244\303\244\303\244\303\244\303\244\303\244\303\244"
		       "\303\244\303\244\303\244\303\244\303\244",
		""));
	raise_epoch_after("UPDATE rowhouse.models SET validate = jsonb_set(validate, '{password}', "
			  "'{\"min\": 12}') WHERE table_name = 'users'");
}

/* Only who knows it changes it. */
static void
nobody_patches_a_password(void)
{
	const char *path = keep_printf(PATH_BASE "/%s", account_id(WORLD_ACME, "ann@acme.test"));
	const char *body = keep_printf("{\"name\":\"Anne\",\"password\":\"%s\"}", CANARY "patched");
	const char *const who[] = { as_admin,
		sign_in_with("acme", "ann@acme.test", PASSWORD).access };
	const char *hash = stored_hash("ann");

	for (size_t i = 0; i < SUITE_COUNT(who); i++)
		check_fault(ask("PATCH", path, who[i], NULL, body), INVALID, "#/password",
		    "read_only", i == 0 ? "an ADMIN" : "the account itself");
	CHECK_TEXT(stored_hash("ann"), hash, "unchanged");
	CHECK_TEXT(look("SELECT name FROM users WHERE email = 'ann@acme.test'"), "ann",
	    "nothing else either");
	remember(CANARY "patched");
}

/* The hash that the table of keys would hold if anybody could compute it: BLAKE2b over the lengths
 * and bytes of query string and body. */
static const char *
bare_hash(const char *body)
{
	unsigned char bytes[crypto_generichash_BYTES];
	char hex[2 * sizeof(bytes) + 1];
	const size_t lengths[] = { 0, strlen(body) };
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, sizeof(bytes));
	crypto_generichash_update(&state, (const unsigned char *)&lengths[0], sizeof(lengths[0]));
	crypto_generichash_update(&state, (const unsigned char *)&lengths[1], sizeof(lengths[1]));
	crypto_generichash_update(&state, (const unsigned char *)body, lengths[1]);
	crypto_generichash_final(&state, bytes, sizeof(bytes));
	return keep_printf("%s", sodium_bin2hex(hex, sizeof(hex), bytes, sizeof(bytes)));
}

static void
a_keyed_request_keeps_no_password(void)
{
	const char *body = account("fred", PASSWORD, ""), *hash;
	const struct answer *first, *again;

	first = ask("POST", PATH_BASE, as_admin, "Idempotency-Key: fred", body);
	CHECK_INT(first->status, 201, "%.300s", first->body);
	hash = stored_hash("fred");
	again = ask("POST", PATH_BASE, as_admin, "Idempotency-Key: fred", body);
	CHECK_INT(again->status, 201, "%.300s", again->body);
	CHECK_TEXT(again->body, first->body, "the same answer");
	CHECK_TEXT(answer_header(again, "Idempotency-Replayed"), "true", "replayed");
	CHECK_TEXT(stored_hash("fred"), hash, "one account, hashed once");
	check_problem(ask("POST", PATH_BASE, as_admin, "Idempotency-Key: fred",
			  account("fred", PASSWORD "x", "")),
	    422, "idempotency_key_reused", "another password is another body");
	check_sign_in("fred", PASSWORD, 200);
	CHECK_TEXT(look("SELECT count(*) FROM rowhouse.idempotency_keys k WHERE k.key = 'fred'"),
	    "1", "the key is there");
	CHECK_TEXT(look("SELECT count(*) FROM rowhouse.idempotency_keys k WHERE k.key = 'fred' AND "
			"k.request_hash = '%s'",
		       bare_hash(body)),
	    "0", "its hash cannot be tried without the secret");
}

/* The hashes of all new accounts, where nobody may look for them. */
static void
no_hash_is_kept(void)
{
	static const char *const names[] = { "ann", "carl", "emil", "fred" };

	for (size_t i = 0; i < SUITE_COUNT(names); i++) {
		const char *hash = stored_hash(names[i]);

		CHECK(strncmp(hash, "$argon2id$", 10) == 0, "%s: %s", names[i], hash);
		CHECK_INT(count_in_log(hash), 0, "in the program's log");
		CHECK_TEXT(look("SELECT count(*) FROM rowhouse.audit_log a WHERE strpos(a::text, "
				"'%s') > 0",
			       hash),
		    "0", "in the log of changes");
		CHECK_TEXT(look("SELECT count(*) FROM rowhouse.idempotency_keys k WHERE "
				"strpos(k::text, '%s') > 0",
			       hash),
		    "0", "in a stored answer");
	}
}

/* Without secret_file nobody signs in, and there are no passwords to be taken. */
static void
without_a_secret_there_are_none(void)
{
	const char *key = make_key(
	    as_admin, "{\"name\":\"k\",\"scopes\":[\"*:write\"],\"role\":\"ADMIN\"}", NULL);

	if (!CHECK(world_restart(world, "secret_file = \"\""), "restart"))
		return;
	check_fault(ask("POST", PATH_BASE, key, NULL, account("gina", PASSWORD, "")), INVALID,
	    "#/password", "unavailable", "with a password");
	CHECK_TEXT(accounts_of("gina"), "0", "none was made");
	ask_for(201, "POST", PATH_BASE, key, "{\"email\":\"gina@acme.test\",\"name\":\"gina\"}");
	CHECK(world_restart(world, keep_printf("secret_file = %s", world->secret_file)), "back");
}

/* More than may hash are told to come again, and make no account. */
static void
a_flood_is_bounded(void)
{
	const struct load_sample *samples;
	size_t count, in = 0, later = 0;
	struct load *flood;
	const char *made;

	if (!CHECK(world_restart(world,
		       "login_workers = 1\npassword_passes = 60\n"
		       "password_memory = 4m"),
		"restart"))
		return;
	flood = load_start(&(struct load_options){ .base_url = webserver_url(world->webserver),
	    .path = PATH_BASE,
	    .header = bearer_header(as_admin),
	    .body = account("hans", PASSWORD, ""),
	    .clients = 8 });
	CHECK(load_wait(flood, 40, 20000), "they are answered");
	samples = load_stop(flood, &count);
	for (size_t i = 0; i < count; i++) {
		in += samples[i].status == 201 || samples[i].status == 409;
		later += samples[i].status == 429 && samples[i].retry_after;
	}
	made = accounts_of("hans");
	CHECK(in > 0 && later > 0 && in + later == count, "%zu of %zu in, %zu to come back", in,
	    count, later);
	CHECK_TEXT(made, "1", "one account");
	/* The gate is free again. */
	ask_for(201, "POST", PATH_BASE, as_admin, account("ida", PASSWORD, ""));
	check_sign_in("ida", PASSWORD, 200);
}

/* An access token; NULL when the sign-in failed, which was said. */
static const char *
token_of(const char *login)
{
	const char *token;

	if (!client_sign_in(world->client, "acme", login, WORLD_PASSWORD))
		return NULL;
	token = keep_printf("%s", client_token(world->client, "acme"));
	client_forget(world->client);
	return remember(token);
}

static bool
begin(void)
{
	return asking_begin("") && (as_admin = token_of("admin@acme.test")) != NULL &&
	    (as_user = token_of(ACME_USER)) != NULL;
}

static const struct suite_test tests[] = {
	{ "a new account signs in", a_new_account_signs_in },
	{ "an account may have none", an_account_may_have_none },
	{ "all faults come at once", all_faults_come_at_once },
	{ "of many one has a password", of_many_one_has_a_password },
	{ "a nested account signs in", a_nested_account_signs_in },
	{ "the registration has rules", the_registration_has_rules },
	{ "nobody patches a password", nobody_patches_a_password },
	{ "a keyed request keeps no password", a_keyed_request_keeps_no_password },
	{ "no hash is kept", no_hash_is_kept },
	{ "without a secret there are none", without_a_secret_there_are_none },
	{ "no secret is kept", no_secret_is_kept },
	{ "a flood is bounded", a_flood_is_bounded },
};

int
main(int argc, char **argv)
{
	return suite_main(argc, argv,
	    &(struct suite){ "new_accounts", begin, asking_end, tests, SUITE_COUNT(tests) });
}
