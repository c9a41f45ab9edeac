/* SPDX-License-Identifier: BSD-2-Clause */
/* apikeys.h - credentials of machines
 *
 * A key acts with a role, within its scopes, for nobody in particular. Its secret is shown once and
 * kept as a hash; a revoked one fails on the next request, because revoking raises the epoch. */
#ifndef SERVE_APIKEYS_H
#define SERVE_APIKEYS_H

#include <stdbool.h>

#include "base/compiler.h"
#include "formats/credential.h"

struct bearer;
struct problem;
struct request;
struct result;

struct apikey_request {
	const char *name;
	const char *const *scopes; /* NULL-terminated, at least one */
	const char *role;          /* NULL: none */
	const char *expires_at;    /* RFC 3339, or NULL: never */
};

/* Make a key in the request's tenant; its text, which nobody can see again, and its id. Faults for
 * scopes and roles that do not exist. */
bool apikeys_create(struct request *, const struct apikey_request *, const char **text,
    const char **id, struct problem *) MUST_CHECK;

/* One row of one column: a JSON array of the tenant's keys, without their hashes. */
const struct result *apikeys_list(struct request *, struct problem *) MUST_CHECK;

/* PROBLEM_NO_ROW when there is no such live key. */
bool apikeys_revoke(struct request *, const char *id, struct problem *) MUST_CHECK;

/* Whom a key speaks for; PROBLEM_UNAUTHENTICATED when it is not known, revoked or expired. Notes
 * its use, at most once a minute. */
bool apikeys_use(
    struct request *, const struct credential *, struct bearer *, struct problem *) MUST_CHECK;

#endif
