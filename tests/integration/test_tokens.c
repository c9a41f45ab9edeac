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

#define NOBODY "33333333-3333-7333-8333-333333333333"

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

#define CLAIMS(wanted, what, ...)                                                                  \
	c = good;                                                                                  \
	__VA_ARGS__;                                                                               \
	CHECK_INT(get_as(minted(&c, &key), ASKING_PATH)->status, wanted, "%s: %s", what,           \
	    jwt_payload(&c))

static void
times_are_checked(void)
{
	struct jwt_key key = jwt_key_of(world, superuser);
	const struct jwt_claims good = jwt_claims_of(sign_in(ACME_USER).access);
	int64_t now = good.issued_at;
	struct jwt_claims c;

	CLAIMS(200, "as it should be", );
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
}

static void
names_are_checked(void)
{
	struct jwt_key key = jwt_key_of(world, superuser);
	const struct jwt_claims good = jwt_claims_of(sign_in(ACME_USER).access);
	const char *other_sid = jwt_claims_of(sign_in("user@globex.test").access).session;
	struct jwt_claims c;

	CLAIMS(200, "more claims", c.more = ",\"x\":{\"y\":[1]}");
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
}
#undef CLAIMS

/* --- what is no token of ours ---------------------------------------------------------------- */

#define SHARED "{\"alg\":\"HS256\",\"kid\":\"shared\",\"typ\":\"JWT\"}"

struct forgery {
	const char *what, *token;
};

/* Each is refused, and all are answered alike. */
static void
refuse_all(const struct forgery *rows, size_t count)
{
	const struct answer *first = get_as(rows[0].token, ASKING_PATH);

	for (size_t i = 0; i < count; i++) {
		const struct answer *a = get_as(rows[i].token, ASKING_PATH);

		check_problem(a, 401, "unauthenticated", rows[i].what);
		CHECK_TEXT(without(a->body, document_text(a->json, "requestId")),
		    without(first->body, document_text(first->json, "requestId")), "%s",
		    rows[i].what);
	}
}

/* Good claims, of a session of its own. */
static const char *
good_payload(void)
{
	struct jwt_claims claims = jwt_claims_of(sign_in(ACME_USER).access);

	return jwt_payload(&claims);
}

static void
algorithms_are_the_keys(void)
{
	struct jwt_key key = jwt_key_of(world, superuser);
	const char *payload = good_payload(), *shared = "a shared secret of more than 32 bytes";
	const char *plain =
	    keep_printf("{\"alg\":\"none\",\"kid\":\"%s\",\"typ\":\"JWT\"}", key.kid);
	const char *hs = keep_printf("{\"alg\":\"HS256\",\"kid\":\"%s\",\"typ\":\"JWT\"}", key.kid);
	char hex[65];
	const struct forgery rows[] = {
		{ "none", jwt_unsigned(plain, payload) },
		{ "none with a signature", jwt_eddsa(plain, payload, &key) },
		{ "None", jwt_unsigned("{\"alg\":\"None\",\"typ\":\"JWT\"}", payload) },
		{ "HS256 with the public key", jwt_hs256(hs, payload, key.public_bytes, 32) },
		{ "HS256 with its text",
		    jwt_hs256(
			hs, payload, sodium_bin2hex(hex, sizeof(hex), key.public_bytes, 32), 64) },
		{ "HS256 with the JWKS's text",
		    jwt_hs256(hs, payload, jwt_encode(key.public_bytes, 32), 43) },
		{ "HS256 with a secret that is not configured",
		    jwt_hs256(SHARED, payload, shared, strlen(shared)) },
		{ "HS256 without a secret", jwt_hs256(SHARED, payload, "", 0) },
	};

	refuse_all(rows, SUITE_COUNT(rows));
}

static void
keys_are_ours(void)
{
	struct jwt_key key = jwt_key_of(world, superuser), forged = jwt_key_new();
	struct jwt_key copy = { .kid = key.kid };
	const char *payload = good_payload();
	const char *brought = keep_printf(
	    "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"%s\",\"jwk\":{\"kty\":\"OKP\","
	    "\"crv\":\"Ed25519\",\"x\":\"%s\"}}",
	    key.kid, jwt_encode(forged.public_bytes, 32));
	const struct forgery rows[] = {
		{ "EdDSA of an unknown key", jwt_eddsa(jwt_header(&forged), payload, &forged) },
		{ "EdDSA of another key under our kid",
		    jwt_eddsa(jwt_header(&copy), payload, &copy) },
		{ "no kid", jwt_eddsa("{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}", payload, &key) },
		{ "an empty kid", jwt_eddsa("{\"alg\":\"EdDSA\",\"kid\":\"\"}", payload, &key) },
		{ "a kid of another type",
		    jwt_eddsa("{\"alg\":\"EdDSA\",\"kid\":[1]}", payload, &key) },
		{ "a kid with SQL",
		    jwt_eddsa("{\"alg\":\"EdDSA\",\"kid\":\"' OR 1=1 --\"}", payload, &key) },
		{ "a key brought along", jwt_eddsa(brought, payload, &forged) },
	};

	refuse_all(rows, SUITE_COUNT(rows));
}

/* Signed by our key, with a header of this shape around its kid. */
static const char *
headed(const char *before, const struct jwt_key *key, const char *behind)
{
	return jwt_eddsa(
	    keep_printf("{%s\"kid\":\"%s\"%s}", before, key->kid, behind), good_payload(), key);
}

static void
headers_are_checked(void)
{
	struct jwt_key key = jwt_key_of(world, superuser);
	const struct forgery rows[] = {
		{ "no alg", headed("", &key, ",\"typ\":\"JWT\"") },
		{ "eddsa", headed("\"alg\":\"eddsa\",", &key, "") },
		{ "two algs", headed("\"alg\":\"EdDSA\",\"alg\":\"none\",", &key, "") },
		{ "crit", headed("\"alg\":\"EdDSA\",", &key, ",\"crit\":[\"x\"]") },
		{ "another type", headed("\"alg\":\"EdDSA\",", &key, ",\"typ\":\"at+jwt\"") },
		{ "a header that is no JSON", jwt_eddsa("alg=EdDSA", good_payload(), &key) },
		{ "a header that is no object", jwt_eddsa("\"EdDSA\"", good_payload(), &key) },
	};

	refuse_all(rows, SUITE_COUNT(rows));
	CHECK_INT(
	    get_as(headed("", &key, ",\"typ\":\"jwt\",\"alg\":\"EdDSA\""), ASKING_PATH)->status,
	    200, "the control: members in another order");
}

static void
payloads_are_checked(void)
{
	struct jwt_key key = jwt_key_of(world, superuser);
	const char *header = jwt_header(&key), *payload = good_payload();
	const struct forgery rows[] = {
		{ "a payload that is no JSON", jwt_eddsa(header, "sub=admin", &key) },
		{ "a payload that is no object", jwt_eddsa(header, "[]", &key) },
		{ "an empty payload", jwt_eddsa(header, "", &key) },
		{ "a payload cut short",
		    jwt_eddsa(header, keep_copy(payload, strlen(payload) - 1), &key) },
		{ "a payload and more", jwt_eddsa(header, keep_printf("%s{}", payload), &key) },
		{ "three dots", "..." },
		{ "two dots", ".." },
		{ "a dot", "." },
		{ "words", "not a token at all" },
		{ "a long one",
		    jwt_eddsa(
			header, keep_printf("{\"pad\":\"%0*d\",%s", 4200, 0, payload + 1), &key) },
	};

	refuse_all(rows, SUITE_COUNT(rows));
	CHECK_INT(
	    get_as(jwt_eddsa(header, payload, &key), ASKING_PATH)->status, 200, "the control");
}

/* --- Authorization ---------------------------------------------------------------------------- */

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
		CHECK_INT(a->status, rows[i].status, "row %zu: %.200s", i, a->body);
		if (rows[i].code != NULL)
			CHECK_TEXT(document_text(a->json, "code"), rows[i].code, "row %zu", i);
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
	{ "times are checked", times_are_checked },
	{ "names are checked", names_are_checked },
	{ "algorithms are the keys'", algorithms_are_the_keys },
	{ "keys are ours", keys_are_ours },
	{ "headers are checked", headers_are_checked },
	{ "payloads are checked", payloads_are_checked },
	{ "Authorization is read strictly", authorization_is_read_strictly },
	{ "no secret is kept", no_secret_is_kept },
	{ "10,000 random tokens crash nothing", random_tokens_crash_nothing },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "tokens", begin, asking_end, tests, SUITE_COUNT(tests) });
}
