/* SPDX-License-Identifier: BSD-2-Clause */
/* test_tokens.c - access tokens, broken in every way; those that break are made by support/jwt.c */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/asking.h"
#include "support/document.h"
#include "support/fastcgi.h"
#include "support/jwt.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/suite.h"

enum { RANDOM_TOKENS = 10000 };

#define NOBODY     "33333333-3333-7333-8333-333333333333"
#define SHARED_KEY "a shared secret of more than 32 bytes"

static char
neighbour(char c, size_t by)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *place = strchr(alphabet, c);

	return place == NULL ? 'A' : alphabet[((size_t)(place - alphabet)) ^ by];
}

/* Each byte, by its lowest bit (which the last byte of a part does not need) and by its highest. */
static void
every_byte_of_a_token_matters(void)
{
	const char *token = sign_in(ACME_USER).access;
	size_t len = strlen(token);

	for (size_t i = 0; i < len; i++)
		for (size_t by = 1; by <= 32; by += 31) {
			char *changed = keep_copy(token, len);

			changed[i] = neighbour(token[i], by);
			if (!CHECK_INT(get_as(changed, ASKING_PATH)->status, 401, "byte %zu: %s", i,
				changed))
				return;
		}
	for (size_t i = 0; i < len; i += 7)
		CHECK_INT(get_as(keep_copy(token, i + 1 == len ? i : i + 1), ASKING_PATH)->status,
		    401, "cut after %zu", i);
	CHECK_INT(get_as(keep_printf("%sA", token), ASKING_PATH)->status, 401, "one more byte");
	CHECK_INT(get_as(keep_printf("%s=", token), ASKING_PATH)->status, 401, "padding");
	CHECK_INT(get_as(keep_printf("%s.", token), ASKING_PATH)->status, 401, "a fourth part");
	all_answer(token, 200, "untouched it is good");
}

/* A token with the claims changed, signed by the service's own key. */
static const char *
minted(const struct jwt_claims *claims, const struct jwt_key *key)
{
	return remember(jwt_eddsa(jwt_header(key), jwt_payload(claims), key));
}

static void
claims_are_checked(void)
{
	struct jwt_key key = jwt_key_of(world, superuser);
	const char *token = sign_in(ACME_USER).access;
	const char *other_sid = jwt_claims_of(sign_in("user@globex.test").access).session;
	const struct jwt_claims good = jwt_claims_of(token);
	int64_t now = good.issued_at;
	struct jwt_claims c;

#define CLAIMS(wanted, what, ...)                                                                  \
	c = good;                                                                                  \
	__VA_ARGS__;                                                                               \
	CHECK_INT(get_as(minted(&c, &key), ASKING_PATH)->status, wanted, "%s: %s", what,           \
	    jwt_payload(&c))
	CLAIMS(200, "as it should be", );
	CLAIMS(200, "more claims", c.more = ",\"x\":{\"y\":[1]}");
	CLAIMS(200, "20 s late, within the skew", c.issued_at = c.not_before = now - 600,
	    c.expires_at = now - 20);
	CLAIMS(401, "expired", c.issued_at = c.not_before = now - 600, c.expires_at = now - 60);
	CLAIMS(401, "expired long ago", c.issued_at = c.not_before = 1000, c.expires_at = 1600);
	CLAIMS(401, "not yet", c.not_before = now + 120);
	CLAIMS(401, "issued in the future", c.issued_at = now + 120);
	CLAIMS(401, "all in the future", c.issued_at = c.not_before = now + 4000,
	    c.expires_at = now + 4600);
	CLAIMS(401, "too long a life", c.expires_at = now + 86401);
	CLAIMS(401, "no end", c.expires_at = INT64_MIN);
	CLAIMS(401, "no beginning", c.issued_at = INT64_MIN);
	CLAIMS(401, "ends before it begins", c.expires_at = now - 1);
	CLAIMS(401, "a negative end", c.expires_at = -1);
	CLAIMS(401, "an end in text", c.expires_at = INT64_MIN, c.more = ",\"exp\":\"9999999999\"");
	CLAIMS(401, "an end of 1e12", c.expires_at = INT64_MIN, c.more = ",\"exp\":1e12");
	CLAIMS(401, "two ends", c.more = ",\"exp\":9999999999");
	CLAIMS(401, "another issuer", c.issuer = "somebody");
	CLAIMS(401, "no issuer", c.issuer = NULL);
	CLAIMS(401, "another audience", c.audience = "other");
	CLAIMS(401, "no audience", c.audience = NULL);
	CLAIMS(401, "no subject", c.subject = NULL);
	CLAIMS(401, "an empty subject", c.subject = "");
	CLAIMS(401, "no such account", c.subject = "019b7f02-0f00-7004-8000-ffffffffffff");
	CLAIMS(401, "a subject that is no key", c.subject = "x' OR true --");
	CLAIMS(401, "two subjects", c.more = ",\"sub\":\"x\"");
	CLAIMS(401, "no tenant", c.tenant = NULL);
	CLAIMS(401, "a tenant that is no id", c.tenant = "acme");
	CLAIMS(401, "the account in another tenant", c.tenant = WORLD_GLOBEX);
	CLAIMS(401, "a tenant that nobody is", c.tenant = NOBODY);
	CLAIMS(401, "no such session", c.session = "00000000000000000000000000000000");
	CLAIMS(401, "another tenant's session", c.session = other_sid);
	CLAIMS(401, "two tenants", c.more = ",\"tid\":\"" WORLD_GLOBEX "\"");
#undef CLAIMS
}

static void
headers_are_checked(void)
{
	struct jwt_key key = jwt_key_of(world, superuser), forged = jwt_key_new(),
		       copy = jwt_key_new();
	const char *token = sign_in(ACME_USER).access, *shared = SHARED_KEY;
	struct jwt_claims claims = jwt_claims_of(token);
	const char *payload = jwt_payload(&claims), *k = key.kid;
	const char *plain = keep_printf("{\"alg\":\"none\",\"kid\":\"%s\",\"typ\":\"JWT\"}", k);
	const char *hs = keep_printf("{\"alg\":\"HS256\",\"kid\":\"%s\",\"typ\":\"JWT\"}", k);
	const char *jwk = jwt_encode(forged.public_bytes, 32);
	char public_text[65];

	copy.kid = k;
	sodium_bin2hex(public_text, sizeof(public_text), key.public_bytes, 32);
	{
		const struct {
			const char *what, *token;
		} rows[] = {
			{ "none", jwt_unsigned(plain, payload) },
			{ "none with a signature", jwt_eddsa(plain, payload, &key) },
			{ "None", jwt_unsigned("{\"alg\":\"None\",\"typ\":\"JWT\"}", payload) },
			{ "HS256 with the public key",
			    jwt_hs256(hs, payload, key.public_bytes, 32) },
			{ "HS256 with its text", jwt_hs256(hs, payload, public_text, 64) },
			{ "HS256 with the JWKS's text",
			    jwt_hs256(hs, payload, jwt_encode(key.public_bytes, 32), 43) },
			{ "HS256 with a secret that is not configured",
			    jwt_hs256("{\"alg\":\"HS256\",\"kid\":\"shared\",\"typ\":\"JWT\"}",
				payload, shared, strlen(shared)) },
			{ "HS256 without a secret",
			    jwt_hs256("{\"alg\":\"HS256\",\"kid\":\"shared\",\"typ\":\"JWT\"}",
				payload, "", 0) },
			{ "EdDSA of an unknown key",
			    jwt_eddsa(jwt_header(&forged), payload, &forged) },
			{ "EdDSA of another key under our kid",
			    jwt_eddsa(jwt_header(&copy), payload, &copy) },
			{ "no kid",
			    jwt_eddsa("{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}", payload, &key) },
			{ "an empty kid",
			    jwt_eddsa("{\"alg\":\"EdDSA\",\"kid\":\"\",\"typ\":\"JWT\"}", payload,
				&key) },
			{ "a kid of another type",
			    jwt_eddsa(
				"{\"alg\":\"EdDSA\",\"kid\":[1],\"typ\":\"JWT\"}", payload, &key) },
			{ "a kid with SQL",
			    jwt_eddsa("{\"alg\":\"EdDSA\",\"kid\":\"' OR 1=1 --\",\"typ\":\"JWT\"}",
				payload, &key) },
			{ "no alg",
			    jwt_eddsa(keep_printf("{\"kid\":\"%s\",\"typ\":\"JWT\"}", k), payload,
				&key) },
			{ "eddsa",
			    jwt_eddsa(keep_printf("{\"alg\":\"eddsa\",\"kid\":\"%s\"}", k), payload,
				&key) },
			{ "two algs",
			    jwt_eddsa(keep_printf(
					  "{\"alg\":\"EdDSA\",\"alg\":\"none\",\"kid\":\"%s\"}", k),
				payload, &key) },
			{ "a key brought along",
			    jwt_eddsa(
				keep_printf(
				    "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"%s\",\"jwk\":{"
				    "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}}",
				    k, jwk),
				payload, &forged) },
			{ "crit",
			    jwt_eddsa(keep_printf(
					  "{\"alg\":\"EdDSA\",\"kid\":\"%s\",\"crit\":[\"x\"]}", k),
				payload, &key) },
			{ "another type",
			    jwt_eddsa(
				keep_printf(
				    "{\"alg\":\"EdDSA\",\"kid\":\"%s\",\"typ\":\"at+jwt\"}", k),
				payload, &key) },
			{ "a header that is no JSON", jwt_eddsa("alg=EdDSA", payload, &key) },
			{ "a header that is no object", jwt_eddsa("\"EdDSA\"", payload, &key) },
			{ "a payload that is no JSON",
			    jwt_eddsa(jwt_header(&key), "sub=admin", &key) },
			{ "a payload that is no object", jwt_eddsa(jwt_header(&key), "[]", &key) },
			{ "an empty payload", jwt_eddsa(jwt_header(&key), "", &key) },
			{ "a payload cut short",
			    jwt_eddsa(
				jwt_header(&key), keep_copy(payload, strlen(payload) - 1), &key) },
			{ "a payload and more",
			    jwt_eddsa(jwt_header(&key), keep_printf("%s{}", payload), &key) },
			{ "three dots", "..." },
			{ "two dots", ".." },
			{ "a dot", "." },
			{ "words", "not a token at all" },
			{ "a long one",
			    jwt_eddsa(jwt_header(&key),
				keep_printf("{\"pad\":\"%0*d\",%s", 4200, 0, payload + 1), &key) },
		};
		const struct answer *first = NULL;

		for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
			const struct answer *a = get_as(rows[i].token, ASKING_PATH);

			check_problem(a, 401, "unauthenticated", rows[i].what);
			first = first != NULL ? first : a;
			CHECK_TEXT(without(a->body, document_text(a->json, "requestId")),
			    without(first->body, document_text(first->json, "requestId")), "%s",
			    rows[i].what);
		}
	}
	CHECK_INT(
	    get_as(jwt_eddsa(keep_printf("{\"kid\":\"%s\",\"typ\":\"jwt\",\"alg\":\"EdDSA\"}", k),
		       payload, &key),
		ASKING_PATH)
		->status,
	    200, "the control: members in another order");
}

/* Past nginx: a parameter of the web server besides the token's own. */
static void
check_raw(const char *token, const char *param, int status, const char *what)
{
	const char *const params[] = { param, NULL };
	int fd = fastcgi_connect(program_socket(world->program));
	struct fastcgi_answer a;

	CHECK(fd >= 0 && fastcgi_send_with(fd, ASKING_PATH, token, params), "%s", what);
	a = fastcgi_receive(fd, 5000);
	CHECK_INT(a.status, status, "%s: %.300s", what, a.text);
}

static void
authorization_is_read_strictly(void)
{
	const struct answer *a;
	const char *token = sign_in(ACME_USER).access, *globex = sign_in("user@globex.test").access;
	const struct {
		const char *first, *second;
		int status;
		const char *code;
	} rows[] = {
		/* nginx refuses these itself; behind another server Rowhouse does. */
		{ bearer_header(token), bearer_header(token), 400, "malformed" },
		{ bearer_header(token), bearer_header(globex), 400, "malformed" },
		{ bearer_header(token), "Authorization: Basic dXNlcjpwYXNz", 400, "malformed" },
		{ keep_printf("Authorization: bearer %s", token), NULL, 200, NULL },
		{ keep_printf("authorization: BEARER  %s", token), NULL, 200, NULL },
		{ "Authorization: Basic dXNlcjpwYXNz", NULL, 401, "unauthenticated" },
		{ keep_printf("Authorization: %s", token), NULL, 401, "unauthenticated" },
		{ keep_printf("Authorization: Token %s", token), NULL, 401, "unauthenticated" },
		{ keep_printf("Authorization: Bearer%s", token), NULL, 401, "unauthenticated" },
		{ "Authorization: Bearer", NULL, 401, "unauthenticated" },
		{ keep_printf("Authorization: Bearer %s, Bearer %s", token, globex), NULL, 401,
		    "unauthenticated" },
		{ keep_printf("Authorization: Bearer %s x", token), NULL, 401, "unauthenticated" },
		{ keep_printf("Cookie: Authorization=Bearer %s", token), NULL, 403,
		    "tenant_required" },
	};

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const char *const headers[] = { rows[i].first, rows[i].second, NULL };

		a = client_request(world->client, "GET", ASKING_PATH, headers, NULL);
		if (rows[i].code != NULL)
			check_problem(a, rows[i].status, rows[i].code, keep_printf("row %zu", i));
		else
			CHECK_INT(a->status, rows[i].status, "row %zu: %.200s", i, a->body);
	}
	check_raw(token, NULL, 200, "alone");
	check_raw(token, keep_printf("HTTP_AUTHORIZATION=Bearer %s", token), 400, "the same twice");
	check_raw(token, keep_printf("HTTP_AUTHORIZATION=Bearer %s", globex), 400, "two tokens");
	check_raw(token, keep_printf("REDIRECT_HTTP_AUTHORIZATION=Bearer %s", token), 200,
	    "passed on under a second name");
	check_raw(token, keep_printf("REDIRECT_HTTP_AUTHORIZATION=Bearer %s", globex), 400,
	    "another under the second name");
	check_raw(NULL, keep_printf("REDIRECT_HTTP_AUTHORIZATION=Bearer %s", token), 200,
	    "under the second name alone");
	check_raw(NULL, NULL, 403, "none");
	/* Not one that the logs are searched for: nginx keeps what stands in a URI. */
	a = post("/api/auth/login", login_body("acme", ACME_USER, WORLD_PASSWORD));
	CHECK(get_as(NULL,
		  keep_printf(
		      "%s&access_token=%s", ASKING_PATH, document_text(a->json, "accessToken")))
		    ->status >= 400,
	    "not in the query string");
	check_problem(get_as(sign_in(ACME_USER).refresh, ASKING_PATH), 401, "unauthenticated",
	    "a refresh token is no access token");
}

static void
shared_secrets_when_configured(void)
{
	static const char hs[] = "{\"alg\":\"HS256\",\"kid\":\"shared\",\"typ\":\"JWT\"}";
	struct jwt_key key = jwt_key_of(world, superuser);
	struct jwt_claims claims = jwt_claims_of(sign_in(ACME_USER).access);
	const char *payload, *ours = keep_printf("{\"alg\":\"HS256\",\"kid\":\"%s\"}", key.kid);

	remember(SHARED_KEY);
	claims.session = NULL; /* of somebody else's making: no session of ours */
	payload = jwt_payload(&claims);
	if (!CHECK(world_restart(world, "shared_token_secret = \"" SHARED_KEY "\""), "restart"))
		return;
	all_answer(
	    remember(jwt_hs256(hs, payload, SHARED_KEY, strlen(SHARED_KEY))), 200, "HS256, shared");
	CHECK_INT(
	    get_as(jwt_hs256(hs, payload, SHARED_KEY "x", strlen(SHARED_KEY) + 1), ASKING_PATH)
		->status,
	    401, "another secret");
	CHECK_INT(get_as(jwt_hs256(hs, payload, key.public_bytes, 32), ASKING_PATH)->status, 401,
	    "the public key");
	CHECK_INT(
	    get_as(jwt_hs256(ours, payload, SHARED_KEY, strlen(SHARED_KEY)), ASKING_PATH)->status,
	    401, "under the kid of an Ed25519 key");
	CHECK_INT(
	    get_as(jwt_eddsa("{\"alg\":\"EdDSA\",\"kid\":\"shared\"}", payload, &key), ASKING_PATH)
		->status,
	    401, "EdDSA under the shared kid");
	claims.expires_at = claims.issued_at - 60;
	claims.issued_at = claims.not_before = claims.expires_at - 600;
	CHECK_INT(
	    get_as(jwt_hs256(hs, jwt_payload(&claims), SHARED_KEY, strlen(SHARED_KEY)), ASKING_PATH)
		->status,
	    401, "expired");
	CHECK(
	    strstr(client_request(world->client, "GET", "/.well-known/jwks.json", NULL, NULL)->body,
		"shared") == NULL,
	    "it is not published");
	CHECK(world_restart(world, "shared_token_secret = \"\""), "restart");
	CHECK_INT(
	    get_as(jwt_hs256(hs, payload, SHARED_KEY, strlen(SHARED_KEY)), ASKING_PATH)->status,
	    401, "not configured any more");
}

static const char *
published(size_t i, const char *member)
{
	const struct answer *a =
	    client_request(world->client, "GET", "/.well-known/jwks.json", NULL, NULL);

	CHECK_INT(a->status, 200, "%.300s", a->body);
	return keep_printf("%s", document_text(a->json, keep_printf("keys.%zu.%s", i, member)));
}

static void
keys_are_rotated(void)
{
	struct jwt_key before = jwt_key_of(world, superuser), after;
	struct session old = sign_in(ACME_USER), new;
	const struct outcome *o;

	CHECK_TEXT(published(0, "kid"), before.kid, "kid");
	CHECK_TEXT(published(0, "x"), jwt_encode(before.public_bytes, 32), "x");
	CHECK_TEXT(published(0, "kty"), "OKP", "kty");
	CHECK_TEXT(published(0, "crv"), "Ed25519", "crv");
	CHECK_TEXT(published(0, "d"), "", "nothing secret");
	CHECK_TEXT(published(1, "kid"), "", "one key");
	o = program_run(world->program, "key", "rotate", "--now", NULL);
	if (!CHECK_INT(o->exit_code, 0, "rowhouse key rotate --now: %s", o->output))
		return;
	all_answer(old.access, 200, "a token of the former key");
	new = sign_in(ACME_USER);
	after = jwt_key_of(world, superuser);
	CHECK(strcmp(after.kid, before.kid) != 0, "another kid: %s", after.kid);
	CHECK_TEXT(jwt_part(new.access, 0), jwt_header(&after), "the new one signs");
	CHECK_TEXT(jwt_part(session_of(refresh(old.refresh), "refresh").access, 0),
	    jwt_header(&after), "refreshed tokens too");
	all_answer(new.access, 200, "a token of the new key");
	CHECK(strcmp(published(1, "kid"), "") != 0 && strcmp(published(2, "kid"), "") == 0,
	    "two keys");
	raise_epoch_after(
	    keep_printf("UPDATE rowhouse.signing_keys SET retired_at = now() - interval '2 days' "
			"WHERE kid = '%s'",
		before.kid));
	all_answer(old.access, 401, "two days after its retirement");
	CHECK_TEXT(published(0, "kid"), after.kid, "the new one alone");
	CHECK_TEXT(published(1, "kid"), "", "the new one alone");
	all_answer(new.access, 200, "which goes on");
}

static bool
signs(void *kid)
{
	return strstr(jwt_part(sign_in(ACME_USER).access, 0), kid) != NULL;
}

/* Others keep the published keys for as long as we say: so long a new one waits. Its time comes by
 * the clock; here the times are moved instead. */
static void
a_new_key_is_published_before_it_signs(void)
{
	static const char move[] =
	    "UPDATE rowhouse.signing_keys SET signs_from = signs_from - interval '%s', "
	    "retired_at = retired_at - interval '%s' WHERE signs_from > now() OR retired_at > "
	    "now()";
	static const char wait[] =
	    "SELECT extract(epoch FROM signs_from - now())::int8 FROM rowhouse.signing_keys "
	    "ORDER BY signs_from DESC LIMIT 1";
	struct jwt_key before = jwt_key_of(world, superuser);
	struct session old = sign_in(ACME_USER);
	const struct answer *jwks;
	const struct outcome *o;
	char *next;
	long max_age, waits;

	o = program_run(world->program, "key", "rotate", NULL);
	if (!CHECK_INT(o->exit_code, 0, "rowhouse key rotate: %s", o->output))
		return;
	jwks = client_request(world->client, "GET", "/.well-known/jwks.json", NULL, NULL);
	next = keep_printf("%s", published(document_count(jwks->json, "keys") - 1, "kid"));
	CHECK(strstr(o->output, next) != NULL && strcmp(next, before.kid) != 0,
	    "the new one is published: %s", jwks->body);
	max_age = strtol(strstr(answer_header(jwks, "Cache-Control"), "max-age=") + 8, NULL, 10);
	waits = strtol(sql_value(superuser, wait), NULL, 10);
	CHECK(max_age > 0 && waits >= max_age && waits <= 600, "%ld s to %ld s", max_age, waits);
	CHECK(signs(keep_printf("%s", before.kid)), "the former one signs meanwhile");
	o = program_run(world->program, "key", "init", NULL);
	CHECK(o->exit_code == 0 && strstr(o->output, before.kid) != NULL, "%s", o->output);

	/* In two seconds it is its time, and workers look at the clock. */
	raise_epoch_after(keep_printf(move, "328 s", "328 s"));
	CHECK(wait_until(signs, next, 10000), "its time has come");
	all_answer(old.access, 200, "tokens of the former one live out their time");
	for (int i = 0; i < 2; i++) {
		o = program_run(world->program, "key", "rotate", NULL);
		CHECK_INT(o->exit_code, 0, "again, before its time: %s", o->output);
		CHECK(signs(next), "one signs at any time");
	}
	/* Whoever cannot wait. */
	o = program_run(world->program, "key", "rotate", "--now", NULL);
	CHECK_INT(o->exit_code, 0, "rowhouse key rotate --now: %s", o->output);
	next = keep_printf("%s", jwt_key_of(world, superuser).kid);
	CHECK(strstr(o->output, next) != NULL && signs(next), "%s: %s", next, o->output);
	CHECK_TEXT(sql_value(superuser,
		       "SELECT count(*) FROM rowhouse.signing_keys WHERE retired_at IS NULL OR "
		       "retired_at > now()"),
	    "1", "and no other ever again");
	all_answer(old.access, 200, "whose tokens live out their time");
}

static const char *
random_token(const char *token, const char *key, size_t i)
{
	static const char url[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
	size_t len = 1 + randombytes_uniform(i % 20 == 0 ? 4000 : 500);
	char *text;

	switch (i % 5) {
	case 0: /* any bytes that a header may hold */
		text = keep_alloc(len + 1);
		for (size_t k = 0; k < len; k++)
			text[k] = (char)(0x21 + randombytes_uniform(0xff - 0x21));
		for (size_t k = 0; k < len; k++)
			text[k] = text[k] == 0x7f ? 'x' : text[k];
		return text;
	case 1: /* what a token is made of */
		text = keep_alloc(len + 1);
		for (size_t k = 0; k < len; k++)
			text[k] = url[randombytes_uniform(sizeof(url) - 1)];
		return text;
	case 2: /* a real one with some bytes changed */
	case 3: /* a real key with some bytes changed */
		text = keep_printf("%s", i % 5 == 2 ? token : key);
		for (size_t k = 0; k < 1 + i % 7; k++)
			text[randombytes_uniform((uint32_t)strlen(text))] =
			    url[randombytes_uniform(sizeof(url) - 1)];
		return strcmp(text, i % 5 == 2 ? token : key) == 0 ? "same" : text;
	default: /* three parts of random JSON-like bytes, signed by nobody */
		return jwt_eddsa(
		    keep_printf("{\"alg\":\"EdDSA\",\"kid\":\"%u\"}", randombytes_uniform(9)),
		    keep_printf("{\"exp\":%u,\"x\":[[[[%zu", randombytes_uniform(1u << 31), i),
		    &(struct jwt_key){ .kid = "x" });
	}
}

static int
compare_pids(const void *a, const void *b)
{
	const pid_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
random_tokens_crash_nothing(void)
{
	const char *token = sign_in(ACME_USER).access;
	const char *key = make_key(sign_in("admin@acme.test").access,
	    "{\"name\":\"k\",\"scopes\":[\"posts:read\"]}", NULL);
	pid_t before[ASKING_WORKERS], after[ASKING_WORKERS];
	size_t bad = 0;

	CHECK(program_wait_workers(world->program, ASKING_WORKERS, 0, 10000),
	    "all workers are there");
	CHECK_INT(
	    program_workers(world->program, before, ASKING_WORKERS), ASKING_WORKERS, "before");
	for (size_t i = 0; i < RANDOM_TOKENS; i++) {
		const char *text = random_token(token, key, i);
		const struct answer *a = get_as(text, ASKING_PATH);

		bad += a->error != CURLE_OK || a->status != 401;
		if (bad > 0 && bad <= 5)
			CHECK(a->error == CURLE_OK && a->status == 401, "token %zu: %d, %d: %s", i,
			    (int)a->error, a->status, text);
	}
	CHECK_INT(bad, 0, "of %d", RANDOM_TOKENS);
	CHECK_INT(program_workers(world->program, after, ASKING_WORKERS), ASKING_WORKERS, "after");
	qsort(before, ASKING_WORKERS, sizeof(*before), compare_pids);
	qsort(after, ASKING_WORKERS, sizeof(*after), compare_pids);
	for (size_t i = 0; i < ASKING_WORKERS; i++)
		CHECK_INT(after[i], before[i], "the same workers");
	all_answer(token, 200, "they go on");
}

static bool
begin(void)
{
	return asking_begin("");
}

static const struct suite_test tests[] = {
	{ "every byte of a token matters", every_byte_of_a_token_matters },
	{ "claims are checked", claims_are_checked },
	{ "headers of tokens are checked", headers_are_checked },
	{ "Authorization is read strictly", authorization_is_read_strictly },
	{ "shared secrets, when configured", shared_secrets_when_configured },
	{ "signing keys are rotated", keys_are_rotated },
	{ "a new key is published before it signs", a_new_key_is_published_before_it_signs },
	{ "no secret is kept", no_secret_is_kept },
	{ "10,000 random tokens crash nothing", random_tokens_crash_nothing },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "tokens", begin, asking_end, tests, SUITE_COUNT(tests) });
}
