/* SPDX-License-Identifier: BSD-2-Clause */
/* test_token.c - one right token, and every known way to be wrong */
#include "formats/token.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "token_keys.h"
#include "unit.h"

#define NOW 1700000000

static struct token_keys keys;
static struct token_policy policy;

static void
set_up(void)
{
	token_keys_init(&keys);
	policy = (struct token_policy){ keys.known, COUNT_OF(keys.known), "rowhouse", "api", 600 };
}

static void
put_base64(struct text *out, const void *bytes, size_t len)
{
	char encoded[8192];

	CU_ASSERT_FATAL(len < 6000);
	sodium_bin2base64(
	    encoded, sizeof(encoded), bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	text_string(out, encoded);
}

/* Any header over any payload, signed by any key. */
static const char *
forge(struct arena *a, const char *header, const char *payload, const struct token_key *key)
{
	unsigned char signature[TOKEN_SIGNATURE_MAX_BYTES];
	struct text out;
	size_t len;

	text_init(&out, a, 16384);
	put_base64(&out, header, strlen(header));
	text_byte(&out, '.');
	put_base64(&out, payload, strlen(payload));
	len = token_signature(key, out.bytes, out.len, signature);
	text_byte(&out, '.');
	put_base64(&out, signature, len);
	CU_ASSERT_FATAL(!out.failed);
	return out.bytes;
}

static enum token_verdict
verify(struct arena *a, const char *token)
{
	struct token_claims claims;

	return token_verify(&claims, token, &policy, NOW, a);
}

static const struct token_claims whole = {
	.issuer = "rowhouse",
	.audience = "api",
	.subject = "018c0000-0000-7000-8000-000000000001",
	.tenant = "11111111-1111-7111-8111-111111111111",
	.session = "family",
	.operator= "op\"\\\n\xc3\xa9",
	.token_id = "id",
	.kind = "user",
	.issued_at = NOW,
	.not_before = NOW,
	.expires_at = NOW + 600,
};

static const char *
sign(struct arena *a, const struct token_claims *claims)
{
	struct text out;

	text_init(&out, a, 16384);
	CU_ASSERT_FATAL(token_sign(&out, claims, &keys.known[0]));
	return out.bytes;
}

static void
what_is_signed_is_read_back(void)
{
	struct arena *a = arena_new(8 << 20);
	struct token_claims claims = { 0 }, few = whole;

	set_up();
	CU_ASSERT_EQUAL(token_verify(&claims, sign(a, &whole), &policy, NOW, a), TOKEN_OK);
	CU_ASSERT_STRING_EQUAL(claims.issuer, whole.issuer);
	CU_ASSERT_STRING_EQUAL(claims.audience, whole.audience);
	CU_ASSERT_STRING_EQUAL(claims.subject, whole.subject);
	CU_ASSERT_STRING_EQUAL(claims.tenant, whole.tenant);
	CU_ASSERT_STRING_EQUAL(claims.session, whole.session);
	CU_ASSERT_STRING_EQUAL(claims.operator, whole.operator);
	CU_ASSERT_STRING_EQUAL(claims.token_id, whole.token_id);
	CU_ASSERT_STRING_EQUAL(claims.kind, whole.kind);
	CU_ASSERT_EQUAL(claims.issued_at, NOW);
	CU_ASSERT_EQUAL(claims.not_before, NOW);
	CU_ASSERT_EQUAL(claims.expires_at, NOW + 600);
	few.tenant = few.session = few.operator= few.token_id = few.kind = NULL;
	CU_ASSERT_EQUAL(token_verify(&claims, sign(a, &few), &policy, NOW, a), TOKEN_OK);
	CU_ASSERT(claims.tenant == NULL && claims.session == NULL && claims.operator== NULL);
	CU_ASSERT(claims.token_id == NULL && claims.kind == NULL);
	arena_free(a);
}

static void
ids_differ(void)
{
	char ids[2][TOKEN_ID_BYTES];

	for (size_t i = 0; i < COUNT_OF(ids); i++) {
		token_make_id(ids[i]);
		CU_ASSERT_EQUAL(strspn(ids[i],
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-_"),
		    22);
		CU_ASSERT_EQUAL(strlen(ids[i]), 22);
	}
	CU_ASSERT_STRING_NOT_EQUAL(ids[0], ids[1]);
}

#define HEAD     "{\"alg\":\"EdDSA\",\"kid\":\"new\",\"typ\":\"JWT\"}"
#define WHO      "\"iss\":\"rowhouse\",\"aud\":\"api\",\"sub\":\"u\""
#define WHEN     "\"iat\":1700000000,\"exp\":1700000600"
#define CLAIMS   "{" WHO "," WHEN "}"
#define AUD(aud) "{\"iss\":\"rowhouse\",\"sub\":\"u\",\"aud\":" aud "," WHEN "}"
#define TIMES(t) "{" WHO "," t "}"

enum signer { OURS, SHARED, STRANGER };

static const struct {
	const char *header, *payload;
	enum signer signer;
	enum token_verdict verdict;
} forged[] = {
	/* right ones: what a rule must not refuse */
	{ HEAD, CLAIMS, OURS, TOKEN_OK },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"new\"}", CLAIMS, OURS, TOKEN_OK },
	{ "{\"typ\":\"jwt\",\"x\":[1],\"kid\":\"new\",\"alg\":\"EdDSA\"}", CLAIMS, OURS, TOKEN_OK },
	{ "{\"alg\":\"HS256\",\"kid\":\"shared\"}", CLAIMS, SHARED, TOKEN_OK },
	{ HEAD, " { " WHO ", " WHEN ", \"role\":[\"ADMIN\"], \"x\":1.5 } ", OURS, TOKEN_OK },
	{ HEAD, AUD("[\"api\"]"), OURS, TOKEN_OK },
	{ HEAD, AUD("[\"x\",\"api\",\"y\"]"), OURS, TOKEN_OK },
	/* the algorithm is the key's */
	{ "{\"alg\":\"none\",\"kid\":\"new\"}", CLAIMS, OURS, TOKEN_ALGORITHM },
	{ "{\"alg\":\"None\",\"kid\":\"new\"}", CLAIMS, OURS, TOKEN_ALGORITHM },
	{ "{\"alg\":\"\",\"kid\":\"new\"}", CLAIMS, OURS, TOKEN_ALGORITHM },
	{ "{\"alg\":\"eddsa\",\"kid\":\"new\"}", CLAIMS, OURS, TOKEN_ALGORITHM },
	{ "{\"alg\":\"Ed25519\",\"kid\":\"new\"}", CLAIMS, OURS, TOKEN_ALGORITHM },
	{ "{\"alg\":\"ES256\",\"kid\":\"new\"}", CLAIMS, OURS, TOKEN_ALGORITHM },
	{ "{\"kid\":\"new\"}", CLAIMS, OURS, TOKEN_ALGORITHM },
	{ "{\"alg\":\"HS256\",\"kid\":\"new\"}", CLAIMS, OURS, TOKEN_ALGORITHM },
	{ "{\"alg\":\"HS256\",\"kid\":\"new\"}", CLAIMS, SHARED, TOKEN_ALGORITHM },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"shared\"}", CLAIMS, OURS, TOKEN_ALGORITHM },
	{ "{\"alg\":\"HS512\",\"kid\":\"shared\"}", CLAIMS, SHARED, TOKEN_ALGORITHM },
	{ "{\"alg\":\"none\",\"kid\":\"shared\"}", CLAIMS, SHARED, TOKEN_ALGORITHM },
	{ "{\"alg\":1,\"kid\":\"new\"}", CLAIMS, OURS, TOKEN_HEADER },
	{ "{\"alg\":null,\"kid\":\"new\"}", CLAIMS, OURS, TOKEN_HEADER },
	{ "{\"alg\":[\"EdDSA\"],\"kid\":\"new\"}", CLAIMS, OURS, TOKEN_HEADER },
	/* the key is one of ours */
	{ "{\"alg\":\"EdDSA\"}", CLAIMS, OURS, TOKEN_UNKNOWN_KEY },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"\"}", CLAIMS, OURS, TOKEN_UNKNOWN_KEY },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"NEW\"}", CLAIMS, OURS, TOKEN_UNKNOWN_KEY },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"new \"}", CLAIMS, OURS, TOKEN_UNKNOWN_KEY },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"../new\"}", CLAIMS, OURS, TOKEN_UNKNOWN_KEY },
	{ "{\"alg\":\"none\"}", CLAIMS, OURS, TOKEN_UNKNOWN_KEY },
	{ "{\"alg\":\"EdDSA\",\"kid\":0}", CLAIMS, OURS, TOKEN_HEADER },
	{ "{\"alg\":\"EdDSA\",\"kid\":null}", CLAIMS, OURS, TOKEN_HEADER },
	{ HEAD, CLAIMS, STRANGER, TOKEN_SIGNATURE },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"old\"}", CLAIMS, OURS, TOKEN_SIGNATURE },
	{ HEAD, CLAIMS, SHARED, TOKEN_SIGNATURE },
	/* what a header may not bring */
	{ "{\"alg\":\"EdDSA\",\"kid\":\"new\",\"crit\":[\"exp\"]}", CLAIMS, OURS, TOKEN_EXTENSION },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"new\",\"crit\":null}", CLAIMS, OURS, TOKEN_EXTENSION },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"new\",\"jku\":\"https://x\"}", CLAIMS, OURS,
	    TOKEN_EXTENSION },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"new\",\"jwk\":{}}", CLAIMS, OURS, TOKEN_EXTENSION },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"new\",\"x5u\":\"https://x\"}", CLAIMS, OURS,
	    TOKEN_EXTENSION },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"new\",\"x5c\":[]}", CLAIMS, OURS, TOKEN_EXTENSION },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"new\",\"b64\":false}", CLAIMS, OURS, TOKEN_EXTENSION },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"new\",\"zip\":\"DEF\"}", CLAIMS, OURS, TOKEN_EXTENSION },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"new\",\"cty\":\"JWT\"}", CLAIMS, OURS, TOKEN_EXTENSION },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"new\",\"\\u0063rit\":[]}", CLAIMS, OURS, TOKEN_EXTENSION },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"new\",\"typ\":\"JWE\"}", CLAIMS, OURS, TOKEN_HEADER },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"new\",\"typ\":1}", CLAIMS, OURS, TOKEN_HEADER },
	{ "{\"alg\":\"none\",\"alg\":\"EdDSA\",\"kid\":\"new\"}", CLAIMS, OURS, TOKEN_HEADER },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"x\",\"\\u006bid\":\"new\"}", CLAIMS, OURS, TOKEN_HEADER },
	{ "{\"alg\":\"EdDSA\",\"kid\":\"new\"} ,", CLAIMS, OURS, TOKEN_HEADER },
	{ "[\"EdDSA\",\"new\"]", CLAIMS, OURS, TOKEN_HEADER },
	{ "null", CLAIMS, OURS, TOKEN_HEADER },
	{ "\"EdDSA\"", CLAIMS, OURS, TOKEN_HEADER },
	{ "", CLAIMS, OURS, TOKEN_HEADER },
	/* the payload is an object, read strictly */
	{ HEAD, "", OURS, TOKEN_PAYLOAD },
	{ HEAD, "null", OURS, TOKEN_PAYLOAD },
	{ HEAD, "[]", OURS, TOKEN_PAYLOAD },
	{ HEAD, "\"x\"", OURS, TOKEN_PAYLOAD },
	{ HEAD, CLAIMS "x", OURS, TOKEN_PAYLOAD },
	{ HEAD, "{" WHO "," WHEN ",}", OURS, TOKEN_PAYLOAD },
	{ HEAD, "{" WHO "," WHEN ",\"sub\":\"v\"}", OURS, TOKEN_PAYLOAD },
	{ HEAD, "{" WHO "," WHEN ",\"\\u0073ub\":\"v\"}", OURS, TOKEN_PAYLOAD },
	{ HEAD, "{" WHO "," WHEN ",\"exp\":1700000600}", OURS, TOKEN_PAYLOAD },
	{ HEAD, "{" WHO "," WHEN ",\"tid\":\"a\",\"tid\":\"b\"}", OURS, TOKEN_PAYLOAD },
	{ HEAD, "{" WHO "," WHEN ",\"tid\":\"a\\u0000b\"}", OURS, TOKEN_PAYLOAD },
	{ HEAD, "{" WHO "," WHEN ",\"tid\":\"\xff\"}", OURS, TOKEN_PAYLOAD },
	{ HEAD, "{" WHO ",\"iat\":1700000000,\"exp\":01700000600}", OURS, TOKEN_PAYLOAD },
	/* claims: there, and of their type */
	{ HEAD, "{}", OURS, TOKEN_CLAIM },
	{ HEAD, "{\"aud\":\"api\",\"sub\":\"u\"," WHEN "}", OURS, TOKEN_CLAIM },
	{ HEAD, "{\"iss\":\"rowhouse\",\"sub\":\"u\"," WHEN "}", OURS, TOKEN_CLAIM },
	{ HEAD, "{\"iss\":\"rowhouse\",\"aud\":\"api\"," WHEN "}", OURS, TOKEN_CLAIM },
	{ HEAD, "{\"iss\":\"rowhouse\",\"aud\":\"api\",\"sub\":\"\"," WHEN "}", OURS, TOKEN_CLAIM },
	{ HEAD, "{\"iss\":\"rowhouse\",\"aud\":\"api\",\"sub\":1," WHEN "}", OURS, TOKEN_CLAIM },
	{ HEAD, "{\"iss\":\"rowhouse\",\"aud\":\"api\",\"sub\":null," WHEN "}", OURS, TOKEN_CLAIM },
	{ HEAD, "{\"iss\":[\"rowhouse\"],\"aud\":\"api\",\"sub\":\"u\"," WHEN "}", OURS,
	    TOKEN_CLAIM },
	{ HEAD, "{" WHO "," WHEN ",\"tid\":1}", OURS, TOKEN_CLAIM },
	{ HEAD, "{" WHO "," WHEN ",\"tid\":null}", OURS, TOKEN_CLAIM },
	{ HEAD, "{" WHO "," WHEN ",\"tid\":[\"t\"]}", OURS, TOKEN_CLAIM },
	{ HEAD, "{" WHO "," WHEN ",\"sid\":true}", OURS, TOKEN_CLAIM },
	{ HEAD, "{" WHO "," WHEN ",\"act\":{\"sub\":\"o\"}}", OURS, TOKEN_CLAIM },
	{ HEAD, "{" WHO "," WHEN ",\"jti\":7}", OURS, TOKEN_CLAIM },
	{ HEAD, "{" WHO "," WHEN ",\"knd\":{}}", OURS, TOKEN_CLAIM },
	{ HEAD, TIMES("\"exp\":1700000600"), OURS, TOKEN_CLAIM },
	{ HEAD, TIMES("\"iat\":1700000000"), OURS, TOKEN_CLAIM },
	{ HEAD, TIMES("\"iat\":1700000000,\"exp\":\"1700000600\""), OURS, TOKEN_CLAIM },
	{ HEAD, TIMES("\"iat\":1700000000,\"exp\":1700000600.0"), OURS, TOKEN_CLAIM },
	{ HEAD, TIMES("\"iat\":1700000000,\"exp\":17e8"), OURS, TOKEN_CLAIM },
	{ HEAD, TIMES("\"iat\":-0,\"exp\":1700000600"), OURS, TOKEN_CLAIM },
	{ HEAD, TIMES("\"iat\":-1700000000,\"exp\":1700000600"), OURS, TOKEN_CLAIM },
	{ HEAD, TIMES("\"iat\":1700000000,\"exp\":null"), OURS, TOKEN_CLAIM },
	{ HEAD, TIMES("\"iat\":1700000000,\"exp\":true"), OURS, TOKEN_CLAIM },
	{ HEAD, TIMES("\"iat\":1700000000,\"exp\":1000000000000000"), OURS, TOKEN_CLAIM },
	{ HEAD, TIMES("\"iat\":1700000000,\"exp\":18446744073709551616"), OURS, TOKEN_CLAIM },
	{ HEAD, TIMES("\"iat\":1700000000,\"exp\":1700000600,\"nbf\":\"0\""), OURS, TOKEN_CLAIM },
	/* from whom and for whom */
	{ HEAD, "{\"iss\":\"rowhouse/\",\"aud\":\"api\",\"sub\":\"u\"," WHEN "}", OURS,
	    TOKEN_ISSUER },
	{ HEAD, "{\"iss\":\"Rowhouse\",\"aud\":\"api\",\"sub\":\"u\"," WHEN "}", OURS,
	    TOKEN_ISSUER },
	{ HEAD, AUD("\"apis\""), OURS, TOKEN_AUDIENCE },
	{ HEAD, AUD("\"\""), OURS, TOKEN_AUDIENCE },
	{ HEAD, AUD("[]"), OURS, TOKEN_AUDIENCE },
	{ HEAD, AUD("[\"x\",\"y\"]"), OURS, TOKEN_AUDIENCE },
	{ HEAD, AUD("[\"api\",1]"), OURS, TOKEN_CLAIM },
	{ HEAD, AUD("[[\"api\"]]"), OURS, TOKEN_CLAIM },
	{ HEAD, AUD("null"), OURS, TOKEN_CLAIM },
	{ HEAD, AUD("{\"api\":1}"), OURS, TOKEN_CLAIM },
	/* when; NOW is 1700000000, the skew 30 and the longest life 600 seconds */
	{ HEAD, TIMES("\"iat\":1699999500,\"exp\":1699999971"), OURS, TOKEN_OK },
	{ HEAD, TIMES("\"iat\":1699999500,\"exp\":1699999970"), OURS, TOKEN_EXPIRED },
	{ HEAD, TIMES("\"iat\":0,\"exp\":600"), OURS, TOKEN_EXPIRED },
	{ HEAD, TIMES("\"iat\":1700000030,\"exp\":1700000600"), OURS, TOKEN_OK },
	{ HEAD, TIMES("\"iat\":1700000031,\"exp\":1700000600"), OURS, TOKEN_EARLY },
	{ HEAD, TIMES("\"iat\":1700000031,\"exp\":1700000600,\"nbf\":0"), OURS, TOKEN_EARLY },
	{ HEAD, TIMES("\"iat\":1700000000,\"exp\":1700000600,\"nbf\":1700000030"), OURS, TOKEN_OK },
	{ HEAD, TIMES("\"iat\":1700000000,\"exp\":1700000600,\"nbf\":1700000031"), OURS,
	    TOKEN_EARLY },
	{ HEAD, TIMES("\"iat\":1700000000,\"exp\":1700000600,\"nbf\":999999999999999"), OURS,
	    TOKEN_EARLY },
	{ HEAD, TIMES("\"iat\":1700000000,\"exp\":1700000601"), OURS, TOKEN_LIFE },
	{ HEAD, TIMES("\"iat\":0,\"exp\":1700000600"), OURS, TOKEN_LIFE },
	{ HEAD, TIMES("\"iat\":1700000000,\"exp\":999999999999999"), OURS, TOKEN_LIFE },
	{ HEAD, TIMES("\"iat\":1700000000,\"exp\":1700000000"), OURS, TOKEN_LIFE },
	{ HEAD, TIMES("\"iat\":1700000000,\"exp\":1699999999"), OURS, TOKEN_LIFE },
};

static void
every_fault_has_its_verdict(void)
{
	struct arena *a = arena_new(8 << 20);
	const struct token_key *signers[] = {
		[OURS] = &keys.known[0], [SHARED] = &keys.known[2], [STRANGER] = &keys.stranger
	};
	bool seen[TOKEN_VERDICT__MAX] = { false };

	set_up();
	for (size_t i = 0; i < COUNT_OF(forged); i++) {
		const char *token =
		    forge(a, forged[i].header, forged[i].payload, signers[forged[i].signer]);
		enum token_verdict verdict = verify(a, token);
		const char *row = arena_printf(a, "%s %s", forged[i].header, forged[i].payload);

		ASSERT_ROW(row, verdict == forged[i].verdict);
		seen[forged[i].verdict] = true;
	}
	for (int v = 0; v < TOKEN_VERDICT__MAX; v++) {
		CU_ASSERT(token_verdict_word((enum token_verdict)v)[0] != '\0');
		CU_ASSERT(seen[v] || v == TOKEN_TOO_LONG || v == TOKEN_SHAPE);
	}
	arena_free(a);
}

/* The attack which made the rule: a public key, as everybody may have it, taken for a secret. */
static void
a_public_key_is_no_secret(void)
{
	static const char *const headers[] = {
		"{\"alg\":\"HS256\",\"kid\":\"new\"}",
		"{\"alg\":\"EdDSA\",\"kid\":\"new\"}",
		"{\"alg\":\"HS256\"}",
		"{\"alg\":\"HS256\",\"kid\":\"shared\"}",
	};
	struct arena *a = arena_new(1 << 20);
	struct token_key confused;

	set_up();
	CU_ASSERT_FATAL(token_key_shared(&confused, "new", keys.known[0].public_bytes, 32));
	for (size_t i = 0; i < COUNT_OF(headers); i++)
		ASSERT_ROW(
		    headers[i], verify(a, forge(a, headers[i], CLAIMS, &confused)) != TOKEN_OK);
	arena_free(a);
}

static void
shapes_that_are_no_token(void)
{
	static const char *const rows[] = { "", ".", "..", "...", "a", "a.b", "a.b.c", "a.b.c.d",
		"eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJub25lIn0.e30", "Bearer a.b.c", "a..c",
		".b.", "\xff.\xfe.\xfd", "rhk_" };
	struct arena *a = arena_new(8 << 20);
	const char *token, *point;
	struct text t;

	set_up();
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		ASSERT_ROW(rows[i], verify(a, rows[i]) != TOKEN_OK);
	CU_ASSERT_EQUAL(verify(a, "a.b"), TOKEN_SHAPE);
	CU_ASSERT_EQUAL(verify(a, "a.b.c.d"), TOKEN_SHAPE);
	token = sign(a, &whole);
	point = strrchr(token, '.');
	CU_ASSERT_EQUAL(
	    verify(a, arena_copy(a, token, (size_t)(point - token) + 1)), TOKEN_SIGNATURE);
	CU_ASSERT_EQUAL(verify(a, arena_printf(a, "%s=", token)), TOKEN_SIGNATURE);
	CU_ASSERT_EQUAL(verify(a, arena_printf(a, "%s==", token)), TOKEN_SIGNATURE);
	CU_ASSERT_EQUAL(verify(a, arena_printf(a, "%s\n", token)), TOKEN_SIGNATURE);
	CU_ASSERT_EQUAL(verify(a, arena_printf(a, " %s", token)), TOKEN_HEADER);
	CU_ASSERT_EQUAL(verify(a, arena_printf(a, "%s.", token)), TOKEN_SHAPE);
	text_init(&t, a, 16384);
	while (t.len < LIMIT_TOKEN_BYTES)
		text_byte(&t, 'a');
	CU_ASSERT_EQUAL(verify(a, t.bytes), TOKEN_SHAPE);
	text_byte(&t, 'a');
	CU_ASSERT_EQUAL(verify(a, t.bytes), TOKEN_TOO_LONG);
	arena_free(a);
}

/* A right token of exactly the limit, and one that would be longer. */
static void
length_is_bounded_both_ways(void)
{
	struct arena *a = arena_new(8 << 20);
	struct token_claims claims = whole;
	char subject[LIMIT_TOKEN_BYTES];
	size_t longest = 0;
	struct text out;

	set_up();
	for (size_t len = 2600; len < sizeof(subject); len++) {
		arena_reset(a);
		text_init(&out, a, 1 << 20);
		memset(subject, 's', len);
		subject[len] = '\0';
		claims.subject = subject;
		if (!token_sign(&out, &claims, &keys.known[0])) {
			CU_ASSERT_EQUAL(out.len, 0);
			break;
		}
		longest = out.len;
		CU_ASSERT_EQUAL(verify(a, out.bytes), TOKEN_OK);
	}
	CU_ASSERT(longest > LIMIT_TOKEN_BYTES - 4 && longest <= LIMIT_TOKEN_BYTES);
	arena_free(a);
}

static void
no_byte_may_change(void)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	struct arena *a = arena_new(8 << 20), *scratch = arena_new(8 << 20);
	const char *token;
	unsigned accepted = 0;
	size_t len;
	char *copy;

	set_up();
	token = sign(a, &whole);
	len = strlen(token);
	copy = arena_copy(a, token, len);
	for (size_t i = 0; i < len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			copy[i] = (char)(token[i] ^ (1 << bit));
			accepted += verify(scratch, copy) == TOKEN_OK;
			arena_reset(scratch);
		}
		copy[i] = token[i];
	}
	/* The last digits of the parts have bits to spare: try every other digit. */
	for (size_t i = 0; i < len; i++) {
		if (token[i + 1] != '.' && token[i + 1] != '\0')
			continue;
		for (const char *c = alphabet; *c != '\0'; c++) {
			copy[i] = *c;
			accepted += *c != token[i] && verify(scratch, copy) == TOKEN_OK;
			arena_reset(scratch);
		}
		copy[i] = token[i];
	}
	/* Nor may one be missing, or be there twice. */
	for (size_t i = 0; i < len; i++) {
		char *longer =
		    arena_printf(scratch, "%.*s%c%s", (int)i, token, token[i], token + i);
		char *shorter = arena_printf(scratch, "%.*s%s", (int)i, token, token + i + 1);

		accepted += verify(scratch, longer) == TOKEN_OK;
		accepted += verify(scratch, shorter) == TOKEN_OK;
		arena_reset(scratch);
	}
	CU_ASSERT_EQUAL(accepted, 0);
	CU_ASSERT_EQUAL(verify(a, copy), TOKEN_OK);
	arena_free(scratch);
	arena_free(a);
}

static void
random_tokens_are_refused(void)
{
	enum { TOKENS = 10000 };
	struct arena *a = arena_new(8 << 20);
	unsigned accepted = 0;

	set_up();
	for (unsigned i = 0; i < TOKENS; i++) {
		char token[600];
		size_t len = randombytes_uniform(sizeof(token));

		randombytes_buf(token, len);
		token[len] = '\0';
		if (i % 2 == 0) /* with the shape of one */
			for (size_t j = 0; j < len; j++)
				token[j] =
				    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
				    "6789-_"[(unsigned char)token[j] % 64];
		if (i % 2 == 0 && len > 50)
			token[len / 4] = token[len / 2] = '.';
		accepted += verify(a, token) == TOKEN_OK;
		arena_reset(a);
	}
	CU_ASSERT_EQUAL(accepted, 0);
	arena_free(a);
}

void
suite_token(void)
{
	static const struct test_row tests[] = {
		{ "what is signed is read back", what_is_signed_is_read_back },
		{ "ids differ", ids_differ },
		{ "every fault has its verdict", every_fault_has_its_verdict },
		{ "a public key is no secret", a_public_key_is_no_secret },
		{ "shapes that are no token", shapes_that_are_no_token },
		{ "length is bounded both ways", length_is_bounded_both_ways },
		{ "no byte may change", no_byte_may_change },
		{ "random tokens are refused", random_tokens_are_refused },
	};

	unit_suite("token", tests, COUNT_OF(tests));
}
