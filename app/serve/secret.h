/* SPDX-License-Identifier: BSD-2-Clause */
/* secret.h - the one secret that is not in the database
 *
 * A file that only the owner reads. What it seals (signing keys) may lie in the database and its
 * backups. Keys for each use are derived from it (libsodium's crypto_kdf), so that none tells
 * another. */
#ifndef SERVE_SECRET_H
#define SERVE_SECRET_H

#include <stdbool.h>

#include "base/compiler.h"

struct arena;
struct problem;
struct secret;

enum { SECRET_KEY_BYTES = 32 };

enum secret_use {
	SECRET_SEAL,   /* signing keys in rowhouse.signing_keys */
	SECRET_GUESS,  /* subjects in rowhouse.guesses */
	SECRET_CURSOR, /* where pages start */
	SECRET_BODIES, /* hashes of bodies in rowhouse.idempotency_keys */
	SECRET__MAX,
};

/* Read the file; PROBLEM_SETTING when it is missing, too short, or open to others. */
struct secret *secret_read(struct arena *, const char *path, struct problem *) MUST_CHECK;

/* Make a file with a new secret, mode 0600; PROBLEM_SETTING when one is there already. */
bool secret_create(const char *path, struct problem *) MUST_CHECK;

/* The key of a use. */
void secret_derive(const struct secret *, enum secret_use, unsigned char key[SECRET_KEY_BYTES]);

#endif
