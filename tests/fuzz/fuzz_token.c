/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_token.c - no bytes make a token that nobody signed, and any signed payload has a verdict
 *
 * The first byte says how the rest is taken: as a whole token, as a payload or as a header to be
 * signed with our own key (else no fuzzer would get behind the signature), or as a credential. */
#include "formats/token.h"

#include <assert.h>
#include <sodium.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "formats/credential.h"

enum { NOW = 1700000000, WAYS = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char header[] = "{\"alg\":\"EdDSA\",\"kid\":\"k\"}";
static const char payload[] =
    "{\"iss\":\"rowhouse\",\"aud\":\"api\",\"sub\":\"u\",\"iat\":1700000000,"
    "\"exp\":1700000600}";

static void
put_base64(struct text *out, const void *bytes, size_t len)
{
	size_t size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *encoded = arena_alloc(out->arena, size);

	sodium_bin2base64(encoded, size, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	text_string(out, encoded);
}

/* One of the two parts is the fuzzer's. */
static const char *
forge(struct arena *arena, const struct token_key *key, const char *bytes, size_t len, bool head)
{
	unsigned char signature[TOKEN_SIGNATURE_MAX_BYTES];
	struct text out;

	text_init(&out, arena, 1 << 20);
	put_base64(&out, head ? bytes : header, head ? len : sizeof(header) - 1);
	text_byte(&out, '.');
	put_base64(&out, head ? payload : bytes, head ? sizeof(payload) - 1 : len);
	len = token_signature(key, out.bytes, out.len, signature);
	text_byte(&out, '.');
	put_base64(&out, signature, len);
	return out.bytes;
}

static void
try(struct arena *arena, const struct token_key *key, unsigned way, const char *bytes, size_t len)
{
	const struct token_policy policy = { key, 1, "rowhouse", "api", 600 };
	const char *token = arena_copy(arena, bytes, len);
	struct token_claims claims = { 0 };
	struct credential credential;
	enum token_verdict verdict;

	if (way == 3) {
		if (credential_parse(&credential, token))
			assert(strlen(token) == CREDENTIAL_TEXT_BYTES - 1);
		return;
	}
	if (way > 0)
		token = forge(arena, key, bytes, len, way == 2);
	verdict = token_verify(&claims, token, &policy, NOW, arena);
	assert(token_verdict_word(verdict)[0] != '\0');
	assert((verdict == TOKEN_OK) == (claims.subject != NULL));
	assert(way != 0 || verdict != TOKEN_OK); /* the key is not the fuzzer's */
	if (verdict == TOKEN_OK)
		assert(strcmp(claims.issuer, "rowhouse") == 0 && claims.expires_at > NOW - 31 &&
		    claims.issued_at <= NOW + 30 && claims.subject[0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	static struct token_key key;

	if (arena == NULL) {
		unsigned char seed[TOKEN_SEED_BYTES];

		assert(sodium_init() >= 0);
		randombytes_buf(seed, sizeof(seed));
		assert(token_key_pair(&key, "k", seed));
		arena = arena_new(LIMIT_ARENA_BYTES);
	}
	if (size > 0 && size <= 2 * LIMIT_TOKEN_BYTES)
		try(arena, &key, data[0] % WAYS, (const char *)data + 1, size - 1);
	arena_reset(arena);
	return 0;
}
