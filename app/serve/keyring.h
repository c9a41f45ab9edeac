/* SPDX-License-Identifier: BSD-2-Clause */
/* keyring.h - the keys that tokens are signed with and verified against
 *
 * They lie in rowhouse.signing_keys, sealed with the secret that is not in the database, so every
 * worker of every host has the same ones and a rotation is seen with the epoch. */
#ifndef SERVE_KEYRING_H
#define SERVE_KEYRING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "formats/token.h"

struct arena;
struct problem;
struct result;
struct secret;
struct settings;
struct text;

enum { KEYRING_SEALED_TEXT_BYTES = 2 * (24 + 32 + 16) + 1 }; /* hexadecimal */

struct keyring {
	const struct token_key *keys;
	size_t count;
	const struct token_key *signing; /* NULL: nobody can sign in */
};

/* From rows (kid, public key, sealed seed in hexadecimal, whether retired), the newest last, and
 * the shared secret of the settings. Secrets are wiped with the arena. PROBLEM_UNSAFE when a key
 * does not open: the secret file is not the one it was sealed with. */
const struct keyring *keyring_load(struct arena *, const struct result *, const struct secret *,
    const struct settings *, struct problem *) MUST_CHECK;

/* A new pair: its kid and public key, and its seed, sealed, for rowhouse.signing_keys. */
void
keyring_make(const struct secret *, struct token_key *, char sealed[KEYRING_SEALED_TEXT_BYTES]);

#endif
