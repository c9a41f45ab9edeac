/* SPDX-License-Identifier: BSD-2-Clause */
/* test_token_key.c - the vectors of the RFCs, names of keys, and what is published */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "token_keys.h"
#include "unit.h"

static struct token_keys keys;

static void
vectors_of_rfc_8037(void)
{
	static const char input[] = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
	static const char signed_8037[] =
	    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iy"
	    "lGjg5BhVsPt9g7sVvpAr_MuM0KAg";
	unsigned char seed[32], bytes[64], signature[TOKEN_SIGNATURE_MAX_BYTES];
	struct token_key key;

	token_keys_init(&keys);
	CU_ASSERT_EQUAL(unbase64(bytes, 32, PUBLIC_8037), 32);
	CU_ASSERT(memcmp(bytes, keys.known[0].public_bytes, 32) == 0); /* A.1 */
	CU_ASSERT_EQUAL(unbase64(seed, 32, SEED_8037), 32);
	CU_ASSERT(token_key_pair(&key, NULL, seed));
	CU_ASSERT_STRING_EQUAL(key.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"); /* A.3 */
	CU_ASSERT_EQUAL(token_signature(&key, input, sizeof(input) - 1, signature), 64);
	CU_ASSERT_EQUAL(unbase64(bytes, 64, signed_8037), 64);
	CU_ASSERT(memcmp(bytes, signature, 64) == 0);                       /* A.4 */
	CU_ASSERT(token_key_public(&key, "x", keys.known[0].public_bytes)); /* A.5 */
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

	token_keys_init(&keys);
	CU_ASSERT_EQUAL(unbase64(signature, 64, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), 32);
	CU_ASSERT(token_signature_ok(&keys.known[2], input, sizeof(input) - 1, signature, 32));
	CU_ASSERT(!token_signature_ok(&keys.known[2], input, sizeof(input) - 2, signature, 32));
	CU_ASSERT(!token_signature_ok(&keys.known[2], input, sizeof(input) - 1, signature, 31));
	signature[0] ^= 1;
	CU_ASSERT(!token_signature_ok(&keys.known[2], input, sizeof(input) - 1, signature, 32));
}

static void
names_and_secrets_have_bounds(void)
{
	static const char *const kids[] = { "", "a b", "a/b", "\xc3\xa9", "a\"b",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	unsigned char bytes[TOKEN_SECRET_MAX_BYTES + 1] = { 1 };
	struct token_key key;

	token_keys_init(&keys);
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

	token_keys_init(&keys);
	text_init(&out, a, 10000);
	token_jwks(&out, &keys.known[2], 1);
	CU_ASSERT_STRING_EQUAL(out.bytes, "{\"keys\":[]}");
	text_clear(&out);
	token_jwks(&out, keys.known, 1);
	CU_ASSERT_STRING_EQUAL(out.bytes,
	    "{\"keys\":[{\"crv\":\"Ed25519\",\"kty\":\"OKP\","
	    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\",\"kid\":\"new\","
	    "\"use\":\"sig\",\"alg\":\"EdDSA\"}]}");
	text_clear(&out);
	token_jwks(&out, keys.known, COUNT_OF(keys.known));
	CU_ASSERT(strstr(out.bytes, "\"old\"") != NULL);
	CU_ASSERT(strstr(out.bytes, "shared") == NULL && strstr(out.bytes, SEED_8037) == NULL);
	CU_ASSERT(strstr(out.bytes, SECRET_7515) == NULL);
	arena_free(a);
}

void
suite_token_key(void)
{
	static const struct test_row tests[] = {
		{ "vectors of RFC 8037", vectors_of_rfc_8037 },
		{ "vector of RFC 7515", vector_of_rfc_7515 },
		{ "names and secrets have bounds", names_and_secrets_have_bounds },
		{ "only public keys are published", only_public_keys_are_published },
	};

	unit_suite("token_key", tests, COUNT_OF(tests));
}
