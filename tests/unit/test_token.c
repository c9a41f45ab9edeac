/* SPDX-License-Identifier: BSD-2-Clause */
/* test_token.c - the vectors of the RFCs, one right token, and every known way to be wrong */
#include "formats/token.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "formats/base64url.h"
#include "unit.h"

#define NOW 1700000000

/* RFC 8037, A.1 */
static const char seed_8037[] = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
static const char public_8037[] = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
/* RFC 7515, A.1.1 */
static const char secret_7515[] =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

/* 0 ours, 1 ours before it (verifies only), 2 shared; and a key which nobody knows. */
static struct token_key keys[3], stranger;
static struct token_policy policy;

static size_t
unbase64(unsigned char *out, size_t size, const char *text)
{
	size_t len;

	if (sodium_base642bin(out, size, text, strlen(text), NULL, &len, NULL,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return 0;
	return len;
}

static void
set_up(void)
{
	unsigned char seed[TOKEN_SEED_BYTES], secret[TOKEN_SECRET_MAX_BYTES];
	struct token_key old;
	size_t len;

	CU_ASSERT_FATAL(sodium_init() >= 0);
	CU_ASSERT_FATAL(unbase64(seed, sizeof(seed), seed_8037) == sizeof(seed));
	CU_ASSERT_FATAL(token_key_pair(&keys[0], "new", seed));
	seed[0] ^= 1;
	CU_ASSERT_FATAL(token_key_pair(&old, "old", seed));
	CU_ASSERT_FATAL(token_key_public(&keys[1], "old", old.public_bytes));
	seed[0] ^= 2;
	CU_ASSERT_FATAL(token_key_pair(&stranger, "new", seed));
	CU_ASSERT_FATAL((len = unbase64(secret, sizeof(secret), secret_7515)) == 64);
	CU_ASSERT_FATAL(token_key_shared(&keys[2], "shared", secret, len));
	policy = (struct token_policy){ keys, COUNT_OF(keys), "rowhouse", "api", 600 };
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
	CU_ASSERT_FATAL(token_sign(&out, claims, &keys[0]));
	return out.bytes;
}

static void
vectors_of_rfc_8037(void)
{
	static const char input[] = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
	static const char signed_8037[] =
	    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iy"
	    "lGjg5BhVsPt9g7sVvpAr_MuM0KAg";
	unsigned char seed[32], bytes[64], signature[TOKEN_SIGNATURE_MAX_BYTES];
	struct token_key key;

	set_up();
	CU_ASSERT_EQUAL(unbase64(bytes, 32, public_8037), 32);
	CU_ASSERT(memcmp(bytes, keys[0].public_bytes, 32) == 0); /* A.1 */
	CU_ASSERT_EQUAL(unbase64(seed, 32, seed_8037), 32);
	CU_ASSERT(token_key_pair(&key, NULL, seed));
	CU_ASSERT_STRING_EQUAL(key.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"); /* A.3 */
	CU_ASSERT_EQUAL(token_signature(&key, input, sizeof(input) - 1, signature), 64);
	CU_ASSERT_EQUAL(unbase64(bytes, 64, signed_8037), 64);
	CU_ASSERT(memcmp(bytes, signature, 64) == 0);                 /* A.4 */
	CU_ASSERT(token_key_public(&key, "x", keys[0].public_bytes)); /* A.5 */
	CU_ASSERT(token_signature_ok(&key, input, sizeof(input) - 1, bytes, 64));
	CU_ASSERT(!token_signature_ok(&key, input, sizeof(input) - 2, bytes, 64));
	CU_ASSERT(!token_signature_ok(&key, input, sizeof(input) - 1, bytes, 63));
	bytes[63] ^= 1;
	CU_ASSERT(!token_signature_ok(&key, input, sizeof(input) - 1, bytes, 64));
}

static void
vector_of_rfc_7515(void)
{
	static const char input[] =
	    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsD"
	    "QogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
	unsigned char signature[64];

	set_up();
	CU_ASSERT_EQUAL(unbase64(signature, 64, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), 32);
	CU_ASSERT(token_signature_ok(&keys[2], input, sizeof(input) - 1, signature, 32));
	CU_ASSERT(!token_signature_ok(&keys[2], input, sizeof(input) - 2, signature, 32));
	CU_ASSERT(!token_signature_ok(&keys[2], input, sizeof(input) - 1, signature, 31));
	signature[0] ^= 1;
	CU_ASSERT(!token_signature_ok(&keys[2], input, sizeof(input) - 1, signature, 32));
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
		[OURS] = &keys[0], [SHARED] = &keys[2], [STRANGER] = &stranger
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
	CU_ASSERT_FATAL(token_key_shared(&confused, "new", keys[0].public_bytes, 32));
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
		if (!token_sign(&out, &claims, &keys[0])) {
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

/* A token has one spelling because its digits have. */
static void
base64url_is_canonical(void)
{
	static const struct {
		const char *text;
		size_t len;
		bool ok;
	} rows[] = {
		{ "", 0, true },
		{ "A", 0, false },
		{ "AA", 1, true },
		{ "AB", 0, false },
		{ "AP", 0, false },
		{ "AQ", 1, true },
		{ "AAA", 2, true },
		{ "AAB", 0, false },
		{ "AAD", 0, false },
		{ "AAE", 2, true },
		{ "AAAA", 3, true },
		{ "AAAAA", 0, false },
		{ "AA==", 0, false },
		{ "AAA=", 0, false },
		{ "AA A", 0, false },
		{ "AA\nA", 0, false },
		{ " AA", 0, false },
		{ "AA ", 0, false },
		{ "+/AA", 0, false },
		{ "-_AA", 3, true },
		{ "AA\xc3\xa9", 0, false },
	};
	unsigned right = 0;

	CU_ASSERT_FATAL(sodium_init() >= 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		unsigned char out[8];
		size_t len = 0;
		bool ok =
		    base64url_decode(out, sizeof(out), &len, rows[i].text, strlen(rows[i].text));

		ASSERT_ROW(rows[i].text, ok == rows[i].ok);
		ASSERT_ROW(rows[i].text, !ok || len == rows[i].len);
	}
	/* 64 digits and no other byte; libsodium 1.0.18 alone takes 192. */
	for (int byte = 0; byte < 256; byte++) {
		const char digits[] = { 'A', (char)byte, 'A', 'A' };
		unsigned char out[3];
		size_t len;

		right += base64url_decode(out, sizeof(out), &len, digits, sizeof(digits));
	}
	CU_ASSERT_EQUAL(right, 64);
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

static void
names_and_secrets_have_bounds(void)
{
	static const char *const kids[] = { "", "a b", "a/b", "\xc3\xa9", "a\"b",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	unsigned char bytes[TOKEN_SECRET_MAX_BYTES + 1] = { 1 };
	struct token_key key;

	set_up();
	for (size_t i = 0; i < COUNT_OF(kids); i++)
		ASSERT_ROW(kids[i], !token_key_pair(&key, kids[i], bytes));
	CU_ASSERT(!token_key_shared(&key, "k", bytes, 31));
	CU_ASSERT(token_key_shared(&key, "k", bytes, 32));
	CU_ASSERT(token_key_shared(&key, "k", bytes, TOKEN_SECRET_MAX_BYTES));
	CU_ASSERT(!token_key_shared(&key, "k", bytes, sizeof(bytes)));
	CU_ASSERT(!token_key_shared(&key, NULL, bytes, 32));
	CU_ASSERT(token_key_pair(&key, NULL, bytes));
	token_key_forget(&key);
	CU_ASSERT(sodium_is_zero((const unsigned char *)&key, sizeof(key)));
}

static void
only_public_keys_are_published(void)
{
	struct arena *a = arena_new(1 << 20);
	struct text out;

	set_up();
	text_init(&out, a, 10000);
	token_jwks(&out, &keys[2], 1);
	CU_ASSERT_STRING_EQUAL(out.bytes, "{\"keys\":[]}");
	text_clear(&out);
	token_jwks(&out, keys, 1);
	CU_ASSERT_STRING_EQUAL(out.bytes,
	    "{\"keys\":[{\"crv\":\"Ed25519\",\"kty\":\"OKP\","
	    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\",\"kid\":\"new\","
	    "\"use\":\"sig\",\"alg\":\"EdDSA\"}]}");
	text_clear(&out);
	token_jwks(&out, keys, COUNT_OF(keys));
	CU_ASSERT(strstr(out.bytes, "\"old\"") != NULL);
	CU_ASSERT(strstr(out.bytes, "shared") == NULL && strstr(out.bytes, seed_8037) == NULL);
	CU_ASSERT(strstr(out.bytes, secret_7515) == NULL);
	arena_free(a);
}

void
suite_token(void)
{
	static const struct test_row tests[] = {
		{ "vectors of RFC 8037", vectors_of_rfc_8037 },
		{ "vector of RFC 7515", vector_of_rfc_7515 },
		{ "what is signed is read back", what_is_signed_is_read_back },
		{ "ids differ", ids_differ },
		{ "every fault has its verdict", every_fault_has_its_verdict },
		{ "a public key is no secret", a_public_key_is_no_secret },
		{ "shapes that are no token", shapes_that_are_no_token },
		{ "length is bounded both ways", length_is_bounded_both_ways },
		{ "no byte may change", no_byte_may_change },
		{ "base64url is canonical", base64url_is_canonical },
		{ "random tokens are refused", random_tokens_are_refused },
		{ "names and secrets have bounds", names_and_secrets_have_bounds },
		{ "only public keys are published", only_public_keys_are_published },
	};

	unit_suite("token", tests, COUNT_OF(tests));
}
