/* SPDX-License-Identifier: BSD-2-Clause */
/* credential.h - refresh tokens and API keys: bytes that mean something only to the database
 *
 *	rhk_01234567890123456789abcdef012345_AAAAAAAAAAAAAAAAAAAAAA_BBBBBBBB...43
 *	kind         tenant                     id, for look-up          secret
 *
 * The tenant stands in clear because the context of the look-up needs it (DESIGN 5); the prefix is
 * for people and for scanners of leaked secrets. The database keeps id and hash, never the text:
 * 256 random bits need no slow hash. The process has called sodium_init(). */
#ifndef FORMATS_CREDENTIAL_H
#define FORMATS_CREDENTIAL_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/tenant.h"

enum {
	CREDENTIAL_ID_BYTES = 22 + 1,   /* base64url of 128 random bits, NUL */
	CREDENTIAL_HASH_BYTES = 64 + 1, /* SHA-256 of the secret's bytes, hexadecimal, NUL */
	CREDENTIAL_TEXT_BYTES = 3 + 1 + 32 + 1 + 22 + 1 + 43 + 1,
};

enum credential_kind { CREDENTIAL_NONE, CREDENTIAL_REFRESH, CREDENTIAL_API_KEY, CREDENTIAL__MAX };

/* What may be stored and logged, the hash only stored. */
struct credential {
	enum credential_kind kind;
	struct tenant tenant;
	char id[CREDENTIAL_ID_BYTES];
	char hash[CREDENTIAL_HASH_BYTES];
};

/* A new one; text is what its owner gets to see, once. */
void credential_make(struct credential *, enum credential_kind, const struct tenant *,
    char text[CREDENTIAL_TEXT_BYTES]);

/* What a text's prefix says it is, so that it is not taken for a JWT. */
enum credential_kind credential_kind(const char *text);

/* Read one; false when it is not, to the letter, what credential_make writes. */
bool credential_parse(struct credential *, const char *text) MUST_CHECK;

/* Whether its hash is the stored one; the time tells nothing about where they differ. */
bool credential_matches(const struct credential *, const char *stored_hash) MUST_CHECK;

#endif
