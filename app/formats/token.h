/* SPDX-License-Identifier: BSD-2-Clause */
/* token.h - signed statements about who asks (JWT: RFC 7515, 7519, 8037, 8725)
 *
 * We sign with EdDSA (Ed25519); HS256 is only verified, for issuers that share a secret with us.
 * The algorithm belongs to the key, which the token names by kid; what the token's header says
 * about it is merely compared. So "none", a public key used as a secret, and keys brought along are
 * no cases to think of. Nothing of the payload is read before the signature holds.
 *
 * A verdict is for the log: a client gets the same 401 for all of them. Role, state and family of a
 * principal are not here; they are read from the database (DESIGN 2).
 *
 * The process has called sodium_init(). Keys hold secrets: who owns them forgets them. */
#ifndef FORMATS_TOKEN_H
#define FORMATS_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct arena;
struct text;

enum {
	TOKEN_KID_BYTES = 64 + 1,
	TOKEN_PUBLIC_BYTES = 32,
	TOKEN_SEED_BYTES = 32,
	TOKEN_SECRET_MIN_BYTES = 32, /* RFC 7518, 3.2: no shorter than the hash */
	TOKEN_SECRET_MAX_BYTES = 128,
	TOKEN_SIGNATURE_MAX_BYTES = 64,
	TOKEN_ID_BYTES = 22 + 1, /* 128 bits in base64url */
};

enum token_algorithm { TOKEN_EDDSA, TOKEN_HS256, TOKEN_ALGORITHM__MAX };

struct token_key {
	char kid[TOKEN_KID_BYTES];
	enum token_algorithm algorithm;
	unsigned char public_bytes[TOKEN_PUBLIC_BYTES]; /* Ed25519 */
	/* HS256: the secret. Ed25519: libsodium's secret key, or none when it only verifies. */
	unsigned char secret[TOKEN_SECRET_MAX_BYTES];
	size_t secret_len;
};

/* Strings are NULL where the token has no such claim; the first six are never NULL or absent. */
struct token_claims {
	const char *issuer;   /* iss */
	const char *audience; /* aud; after verifying it is ours */
	const char *subject;  /* sub */
	int64_t issued_at;    /* iat; seconds since 1970, as the next two */
	int64_t expires_at;   /* exp */
	int64_t not_before;   /* nbf; issued_at where it is absent */
	const char *tenant;   /* tid */
	const char *session;  /* sid: the family of refresh tokens */
	const char *operator; /* act: who acts for the subject */
	const char *token_id; /* jti */
	const char *kind;     /* knd: of principal */
};

struct token_policy {
	const struct token_key *keys; /* kids differ */
	size_t key_count;
	const char *issuer, *audience;
	int64_t life_max_s; /* a token that claims to live longer is refused */
};

enum token_verdict {
	TOKEN_OK,
	TOKEN_TOO_LONG,
	TOKEN_SHAPE,
	TOKEN_HEADER,
	TOKEN_EXTENSION,
	TOKEN_UNKNOWN_KEY,
	TOKEN_ALGORITHM,
	TOKEN_SIGNATURE,
	TOKEN_PAYLOAD,
	TOKEN_CLAIM,
	TOKEN_ISSUER,
	TOKEN_AUDIENCE,
	TOKEN_LIFE,
	TOKEN_EARLY,
	TOKEN_EXPIRED,
	TOKEN_VERDICT__MAX,
};

/* Keys: an Ed25519 pair from its seed (random bytes make a new one), an Ed25519 public key, a
 * shared secret. kid NULL is the thumbprint of RFC 7638, so that two pairs never share one. False
 * when the kid is not 1 to 64 of [A-Za-z0-9._-], or the secret's length is out of bounds. */
bool token_key_pair(
    struct token_key *, const char *kid, const unsigned char seed[TOKEN_SEED_BYTES]) MUST_CHECK;
bool token_key_public(
    struct token_key *, const char *kid, const unsigned char bytes[TOKEN_PUBLIC_BYTES]) MUST_CHECK;
bool token_key_shared(
    struct token_key *, const char *kid, const unsigned char *secret, size_t len) MUST_CHECK;

/* As the header of a token has it: "EdDSA" (RFC 7515, 4.1.1; RFC 8037, 3.1). */
const char *token_algorithm_name(enum token_algorithm) __attribute__((returns_nonnull));

/* Wipe it. */
void token_key_forget(struct token_key *);

/* A new token_id, at random: what else a token says may be said twice within a second. */
void token_make_id(char out[TOKEN_ID_BYTES]);

/* Append a token signed with an Ed25519 pair; issuer, audience and subject are set. False when it
 * would be longer than LIMIT_TOKEN_BYTES. */
bool token_sign(struct text *, const struct token_claims *, const struct token_key *) MUST_CHECK;

/* Whether to believe a token at now_s. The claims live in the arena, and are only set by TOKEN_OK.
 */
enum token_verdict token_verify(struct token_claims *, const char *token,
    const struct token_policy *, int64_t now_s, struct arena *) MUST_CHECK;

/* For the log: "expired". */
const char *token_verdict_word(enum token_verdict) __attribute__((returns_nonnull));

/* Append the JWK set (RFC 7517, 5; RFC 8037, 2) of the Ed25519 public keys; shared secrets are left
 * out. */
void token_jwks(struct text *, const struct token_key *keys, size_t count);

/* The layer below, RFC 7515, 5: the signature of any bytes. */
size_t token_signature(const struct token_key *, const char *bytes, size_t len,
    unsigned char signature[TOKEN_SIGNATURE_MAX_BYTES]);
bool token_signature_ok(const struct token_key *, const char *bytes, size_t len,
    const unsigned char *signature, size_t signature_len) MUST_CHECK;

#endif
