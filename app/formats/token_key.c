/* SPDX-License-Identifier: BSD-2-Clause */
/* token_key.c - keys: made, named, published, and the signatures that they make */
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "formats/base64url.h"
#include "formats/jsontext.h"
#include "formats/token.h"

static_assert(TOKEN_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519");
static_assert(TOKEN_SEED_BYTES == crypto_sign_SEEDBYTES, "Ed25519");
static_assert((size_t)TOKEN_SECRET_MAX_BYTES >= crypto_sign_SECRETKEYBYTES, "either fits");
static_assert(TOKEN_SIGNATURE_MAX_BYTES == crypto_sign_BYTES, "the longer of the two");

/* RFC 7515, 4.1.1; RFC 8037, 3.1. */
static const char *const algorithms[] = {
	[TOKEN_EDDSA] = "EdDSA",
	[TOKEN_HS256] = "HS256",
};
static_assert(COUNT_OF(algorithms) == TOKEN_ALGORITHM__MAX, "a name per algorithm");

const char *
token_algorithm_name(enum token_algorithm algorithm)
{
	assert(algorithm < TOKEN_ALGORITHM__MAX);
	return algorithms[algorithm];
}

/* The members of a public key in the order of RFC 7638, 3.2. */
static void
put_jwk(struct jsontext *j, const struct token_key *key)
{
	char x[sodium_base64_ENCODED_LEN(
	    TOKEN_PUBLIC_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];

	base64url_encode(x, sizeof(x), key->public_bytes, sizeof(key->public_bytes));
	jsontext_key(j, "crv");
	jsontext_string(j, "Ed25519");
	jsontext_key(j, "kty");
	jsontext_string(j, "OKP");
	jsontext_key(j, "x");
	jsontext_string(j, x);
}

/* RFC 7638, 3; RFC 8037, A.3. */
static void
thumbprint(struct token_key *key)
{
	struct arena *arena = arena_new(LIMIT_TOKEN_BYTES);
	unsigned char hash[crypto_hash_sha256_BYTES];
	struct jsontext j;
	struct text jwk;

	text_init(&jwk, arena, 1024);
	jsontext_init(&j, &jwk);
	jsontext_begin_object(&j);
	put_jwk(&j, key);
	jsontext_end_object(&j);
	assert(!jwk.failed);
	crypto_hash_sha256(hash, (const unsigned char *)jwk.bytes, jwk.len);
	base64url_encode(key->kid, sizeof(key->kid), hash, sizeof(hash));
	arena_free(arena);
}

static bool
name_key(struct token_key *key, const char *kid)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "-._";
	size_t len;

	if (kid == NULL) {
		assert(key->algorithm == TOKEN_EDDSA); /* that of a secret would tell about it */
		thumbprint(key);
		return true;
	}
	len = strlen(kid);
	if (len == 0 || len >= sizeof(key->kid) || strspn(kid, plain) != len)
		return false;
	memcpy(key->kid, kid, len + 1);
	return true;
}

bool
token_key_pair(struct token_key *key, const char *kid, const unsigned char seed[TOKEN_SEED_BYTES])
{
	*key = (struct token_key){ .algorithm = TOKEN_EDDSA };
	crypto_sign_seed_keypair(key->public_bytes, key->secret, seed);
	key->secret_len = crypto_sign_SECRETKEYBYTES;
	return name_key(key, kid);
}

bool
token_key_public(
    struct token_key *key, const char *kid, const unsigned char bytes[TOKEN_PUBLIC_BYTES])
{
	*key = (struct token_key){ .algorithm = TOKEN_EDDSA };
	memcpy(key->public_bytes, bytes, sizeof(key->public_bytes));
	return name_key(key, kid);
}

bool
token_key_shared(struct token_key *key, const char *kid, const unsigned char *secret, size_t len)
{
	*key = (struct token_key){ .algorithm = TOKEN_HS256 };
	if (len < TOKEN_SECRET_MIN_BYTES || len > TOKEN_SECRET_MAX_BYTES || kid == NULL)
		return false;
	memcpy(key->secret, secret, len);
	key->secret_len = len;
	return name_key(key, kid);
}

void
token_key_forget(struct token_key *key)
{
	sodium_memzero(key, sizeof(*key));
}

size_t
token_signature(const struct token_key *key, const char *bytes, size_t len,
    unsigned char signature[TOKEN_SIGNATURE_MAX_BYTES])
{
	crypto_auth_hmacsha256_state state;

	assert(key->secret_len > 0);
	if (key->algorithm == TOKEN_EDDSA) {
		crypto_sign_detached(
		    signature, NULL, (const unsigned char *)bytes, len, key->secret);
		return crypto_sign_BYTES;
	}
	crypto_auth_hmacsha256_init(&state, key->secret, key->secret_len);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)bytes, len);
	crypto_auth_hmacsha256_final(&state, signature);
	return crypto_auth_hmacsha256_BYTES;
}

bool
token_signature_ok(const struct token_key *key, const char *bytes, size_t len,
    const unsigned char *signature, size_t signature_len)
{
	unsigned char ours[TOKEN_SIGNATURE_MAX_BYTES];

	if (key->algorithm == TOKEN_EDDSA)
		return signature_len == crypto_sign_BYTES &&
		    crypto_sign_verify_detached(
			signature, (const unsigned char *)bytes, len, key->public_bytes) == 0;
	return signature_len == token_signature(key, bytes, len, ours) &&
	    sodium_memcmp(signature, ours, signature_len) == 0;
}

void
token_jwks(struct text *out, const struct token_key *keys, size_t count)
{
	struct jsontext j;

	jsontext_init(&j, out);
	jsontext_begin_object(&j);
	jsontext_key(&j, "keys");
	jsontext_begin_array(&j);
	for (size_t i = 0; i < count; i++) {
		if (keys[i].algorithm != TOKEN_EDDSA)
			continue;
		jsontext_begin_object(&j);
		put_jwk(&j, &keys[i]);
		jsontext_key(&j, "kid");
		jsontext_string(&j, keys[i].kid);
		jsontext_key(&j, "use");
		jsontext_string(&j, "sig");
		jsontext_key(&j, "alg");
		jsontext_string(&j, algorithms[TOKEN_EDDSA]);
		jsontext_end_object(&j);
	}
	jsontext_end_array(&j);
	jsontext_end_object(&j);
	jsontext_done(&j);
}
