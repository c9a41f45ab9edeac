/* SPDX-License-Identifier: BSD-2-Clause */
/* jwt.h - tokens as a forger would make them, and as the issuer would
 *
 * Written from RFC 7515 over libsodium, without a line of app/, so that the program is not asked
 * what is right. Header and payload are any bytes: nothing is checked. */
#ifndef SUPPORT_JWT_H
#define SUPPORT_JWT_H

#include <libpq-fe.h>
#include <stddef.h>
#include <stdint.h>

struct world;

struct jwt_key {
	const char *kid;
	unsigned char seed[32], public_bytes[32];
};

/* The key that signs now, opened as whoever has both the database and secret_file could; ends the
 * program when that fails. */
struct jwt_key jwt_key_of(const struct world *, PGconn *superuser);

/* A new one. */
struct jwt_key jwt_key_new(void);

const char *jwt_eddsa(const char *header, const char *payload, const struct jwt_key *)
    __attribute__((returns_nonnull));
const char *jwt_hs256(const char *header, const char *payload, const void *secret, size_t len)
    __attribute__((returns_nonnull));
const char *jwt_unsigned(const char *header, const char *payload) __attribute__((returns_nonnull));

/* {"alg":"EdDSA","kid":...,"typ":"JWT"} */
const char *jwt_header(const struct jwt_key *) __attribute__((returns_nonnull));

/* Claims as the program makes them, each of which a test may replace. */
struct jwt_claims {
	const char *issuer, *audience, *subject, *tenant, *session; /* NULL: not in it */
	int64_t issued_at, not_before, expires_at;                  /* INT64_MIN: not in it */
	const char *more; /* ",\"act\":\"x\"" or NULL: put in before the end */
};

/* Those of a real session: of the token given; expires ten minutes from now. */
struct jwt_claims jwt_claims_of(const char *token);

const char *jwt_payload(const struct jwt_claims *) __attribute__((returns_nonnull));

/* The i-th part, decoded; ends the program when the token has none. */
const char *jwt_part(const char *token, size_t i) __attribute__((returns_nonnull));

/* base64url without padding. */
const char *jwt_encode(const void *bytes, size_t len) __attribute__((returns_nonnull));

#endif
