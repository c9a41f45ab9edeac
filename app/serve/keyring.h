/* SPDX-License-Identifier: BSD-2-Clause */
/* keyring.h - the keys that tokens are signed with and verified against
 *
 * They lie in rowhouse.signing_keys, sealed with the secret that is not in the database, so every
 * worker of every host has the same ones and a rotation is seen with the epoch.
 *
 * Whoever verifies our tokens may keep the published keys for KEYRING_MAX_AGE_S; so a new key is
 * published for that long before it signs, and the clock, not an epoch, changes over. */
#ifndef SERVE_KEYRING_H
#define SERVE_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/limits.h"
#include "formats/token.h"

struct arena;
struct problem;
struct result;
struct secret;
struct settings;
struct text;

enum {
	KEYRING_SEALED_TEXT_BYTES = 2 * (24 + 32 + 16) + 1, /* hexadecimal */
	KEYRING_MAX_AGE_S = 300,
	KEYRING_LEAD_S = KEYRING_MAX_AGE_S + LIMIT_TOKEN_SKEW_S,
};

struct keyring_term;

struct keyring {
	const struct token_key *keys;
	size_t count;
	const struct keyring_term *terms; /* when each of keys signs */
};

/* The rows that keyring_load takes, the newest last. A retired key verifies for as long as a token
 * of its time may live: at most a day. */
#define KEYRING_ROWS                                                                               \
	"SELECT k.kid, encode(k.sealed_seed, 'hex'), "                                             \
	"floor(extract(epoch FROM k.signs_from))::int8, "                                          \
	"coalesce(floor(extract(epoch FROM k.retired_at))::int8, 9223372036854775807) "            \
	"FROM rowhouse.signing_keys AS k "                                                         \
	"WHERE k.retired_at IS NULL OR k.retired_at > now() - interval '1 day' "                   \
	"ORDER BY k.signs_from, k.created_at, k.kid"

/* From those rows and the shared secret of the settings. Secrets are wiped with the arena.
 * PROBLEM_UNSAFE when a key does not open: the secret file is not the one it was sealed with. */
const struct keyring *keyring_load(struct arena *, const struct result *, const struct secret *,
    const struct settings *, struct problem *) MUST_CHECK;

/* The key that signs at now_s. Where none does yet, since our clock is behind the database's and
 * there is no former one, the next. NULL: nobody can sign in. */
const struct token_key *keyring_signing(const struct keyring *, int64_t now_s);

/* A new pair: its kid and public key, and its seed, sealed, for rowhouse.signing_keys. */
void
keyring_make(const struct secret *, struct token_key *, char sealed[KEYRING_SEALED_TEXT_BYTES]);

#endif
