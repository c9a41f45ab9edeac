/* SPDX-License-Identifier: BSD-2-Clause */
/* sessions.h - signing in, refreshing, and ending it
 *
 * A session is a family: the sign-in, and all tokens refreshed from it. An access token is signed
 * and lives minutes; a refresh token is opaque, stored as a hash, and good for one use. Who uses
 * one twice ends the family, because one of the two is not who they say. */
#ifndef SERVE_SESSIONS_H
#define SERVE_SESSIONS_H

#include <stdbool.h>

#include "base/compiler.h"
#include "formats/credential.h"

struct problem;
struct request;
struct result;
struct tenant;
struct unit;

struct session_tokens {
	const char *access, *refresh;
	long expires_in_s; /* of the access token */
};

/* Why a session ends, as rowhouse.sessions has it. */
enum session_end {
	SESSION_LOGOUT,
	SESSION_REUSE,
	SESSION_PASSWORD,
	SESSION_OPERATOR,
	SESSION_END__MAX
};

/* Add to a write unit: a session for an account, with its first tokens. */
bool sessions_add_open(struct unit *, struct request *, const struct tenant *,
    const char *account_id, struct session_tokens *, struct problem *) MUST_CHECK;

/* New tokens for a refresh token; PROBLEM_UNAUTHENTICATED when it is not known, ended, expired or
 * used, and in the last case the family is revoked and that is logged. */
bool sessions_refresh(struct request *, const struct credential *, struct session_tokens *,
    struct problem *) MUST_CHECK;

/* The one answer to every text that is no refresh token, or not any more; always false. */
bool sessions_not_good(struct problem *);

/* End the session that a refresh token belongs to; an unknown one is no fault. Its access tokens
 * live out their minutes. */
bool sessions_logout(struct request *, const struct credential *, struct problem *) MUST_CHECK;

/* Add to a write unit: end all sessions of an account but one (NULL: all), and have workers look
 * again. */
bool sessions_add_end_others(struct unit *, struct request *, const struct tenant *,
    const char *account_id, const char *but_session, struct problem *) MUST_CHECK;

/* Add to a unit: whether a session is live, as its one row. */
bool sessions_add_check(struct unit *, struct request *, const struct tenant *, const char *session,
    struct problem *) MUST_CHECK;

/* The live sessions of an account as one JSON array of objects: id, operator (who acts as it),
 * createdAt, refreshedAt, expiresAt. NULL and a problem. */
const struct result *
sessions_list(struct request *, const char *account_id, struct problem *) MUST_CHECK;

/* End one session of an account, or all (NULL), from the next request on, with an entry in the log:
 * how many, in decimal. NULL and PROBLEM_NO_ROW when there is none to end. */
const char *sessions_sign_out(
    struct request *, const char *account_id, const char *session, struct problem *) MUST_CHECK;

#endif
