/* SPDX-License-Identifier: BSD-2-Clause */
/* keyring.c - sealing and opening signing keys (libsodium's secretbox) */
#include "serve/keyring.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/settings.h"
#include "database/pg.h"
#include "serve/secret.h"

enum { SEALED_BYTES = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + TOKEN_SEED_BYTES };
static_assert(2 * SEALED_BYTES + 1 == KEYRING_SEALED_TEXT_BYTES, "nonce, tag and seed");
static_assert(SECRET_KEY_BYTES == crypto_secretbox_KEYBYTES, "a derived key is a box's key");

static const char shared_kid[] = "shared";

/* From one second to before another, since 1970; the shared secret's has none: it never signs. */
struct keyring_term {
	int64_t from_s, until_s;
};

static void
forget(void *key)
{
	token_key_forget(key);
}

/* The seed in a box; false when the box is not ours. */
static bool
open_seed(const struct secret *secret, const char *sealed, unsigned char seed[TOKEN_SEED_BYTES])
{
	unsigned char key[SECRET_KEY_BYTES], box[SEALED_BYTES];
	size_t len = 0;
	bool ok;

	secret_derive(secret, SECRET_SEAL, key);
	ok = sodium_hex2bin(box, sizeof(box), sealed, strlen(sealed), NULL, &len, NULL) == 0 &&
	    len == sizeof(box) &&
	    crypto_secretbox_open_easy(seed, box + crypto_secretbox_NONCEBYTES,
		sizeof(box) - crypto_secretbox_NONCEBYTES, box, key) == 0;
	sodium_memzero(key, sizeof(key));
	return ok;
}

static bool
load_key(struct token_key *key, const struct result *rows, size_t row, const struct secret *secret,
    struct problem *p)
{
	const char *kid = result_value(rows, row, 0, NULL);
	unsigned char seed[TOKEN_SEED_BYTES];
	bool ok = open_seed(secret, result_value(rows, row, 1, NULL), seed) &&
	    token_key_pair(key, kid, seed);

	sodium_memzero(seed, sizeof(seed));
	if (ok)
		return true;
	problem_cause(p, "signing key \"%s\" was not sealed with this secret_file", kid);
	return problem_raise(p, PROBLEM_UNSAFE, "the database does not pass its safety checks");
}

const struct keyring *
keyring_load(struct arena *arena, const struct result *rows, const struct secret *secret,
    const struct settings *settings, struct problem *p)
{
	struct keyring *ring = ARENA_NEW(arena, struct keyring);
	struct token_key *keys = arena_array(arena, result_rows(rows) + 1, sizeof(*keys));
	struct keyring_term *terms = arena_array(arena, result_rows(rows) + 1, sizeof(*terms));
	const char *shared = settings->shared_token_secret;

	ring->keys = keys;
	ring->terms = terms;
	for (size_t row = 0; row < result_rows(rows) && secret != NULL; row++) {
		if (!load_key(&keys[ring->count], rows, row, secret, p))
			return NULL;
		arena_defer(arena, forget, &keys[ring->count]);
		terms[ring->count].from_s = strtoll(result_value(rows, row, 2, NULL), NULL, 10);
		terms[ring->count].until_s = strtoll(result_value(rows, row, 3, NULL), NULL, 10);
		ring->count++;
	}
	if (shared[0] != '\0') {
		if (!token_key_shared(&keys[ring->count], shared_kid, (const unsigned char *)shared,
			strlen(shared))) {
			problem_cause(p, "setting shared_token_secret is too long");
			return problem_null(
			    p, PROBLEM_UNSAFE, "the service is not configured rightly");
		}
		arena_defer(arena, forget, &keys[ring->count++]);
	}
	return ring;
}

const struct token_key *
keyring_signing(const struct keyring *ring, int64_t now_s)
{
	const struct token_key *next = NULL;

	for (size_t i = ring->count; i > 0; i--) {
		if (ring->terms[i - 1].until_s <= now_s)
			continue;
		next = &ring->keys[i - 1];
		if (ring->terms[i - 1].from_s <= now_s)
			break;
	}
	return next;
}

void
keyring_make(
    const struct secret *secret, struct token_key *pair, char sealed[KEYRING_SEALED_TEXT_BYTES])
{
	unsigned char seed[TOKEN_SEED_BYTES], key[SECRET_KEY_BYTES], box[SEALED_BYTES];

	randombytes_buf(seed, sizeof(seed));
	if (!token_key_pair(pair, NULL, seed))
		abort(); /* a thumbprint is always a kid */
	secret_derive(secret, SECRET_SEAL, key);
	randombytes_buf(box, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, seed, sizeof(seed), box, key);
	sodium_bin2hex(sealed, KEYRING_SEALED_TEXT_BYTES, box, sizeof(box));
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(key, sizeof(key));
}
