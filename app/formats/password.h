/* SPDX-License-Identifier: BSD-2-Clause */
/* password.h - hashing passwords with Argon2id (RFC 9106), and comparing them
 *
 * Slow and hungry on purpose: callers bound how many run at a time (DESIGN 5). There is one way to
 * compare, and it spends the same work whether or not there is a hash to compare with, so a login
 * that does not exist cannot be told from a wrong password by its time.
 *
 * Passwords are bytes with a length; the process has called sodium_init(). */
#ifndef FORMATS_PASSWORD_H
#define FORMATS_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

enum {
	PASSWORD_MIN_BYTES = 12,   /* of a new one (NIST SP 800-63B-4 asks for 8, recommends 15) */
	PASSWORD_HASH_BYTES = 128, /* "$argon2id$v=19$m=...", NUL and padding included */
};

/* What one hash costs; from the settings. */
struct password_cost {
	unsigned long long passes; /* t; at least 1 */
	size_t memory_bytes;       /* m; at least 8 KiB */
};

/* One per process, made before it forks. */
struct password_policy {
	struct password_cost cost;
	char nobody[PASSWORD_HASH_BYTES]; /* of random bytes, at this cost */
};

/* False when the cost is out of libsodium's bounds or the memory is not there. */
bool password_init(struct password_policy *, struct password_cost) MUST_CHECK;

/* 1 to LIMIT_PASSWORD_BYTES bytes; asked before anything is hashed. */
bool password_length_ok(size_t len) MUST_CHECK;

/* A new hash with a salt of its own; false when the memory is not there. */
bool password_hash(const struct password_policy *, const char *password, size_t len,
    char out[PASSWORD_HASH_BYTES]) MUST_CHECK;

/* Whether the password is that of a stored hash. NULL, and what is no Argon2id hash, are compared
 * with nobody's: the answer is false and comes no sooner. */
bool password_verify(const struct password_policy *, const char *stored, const char *password,
    size_t len) MUST_CHECK;

/* Whether a stored hash was made at another cost, to be asked after it was verified. */
bool password_needs_rehash(const struct password_policy *, const char *stored) MUST_CHECK;

#endif
