/* SPDX-License-Identifier: BSD-2-Clause */
/* accounts.h - rows of the principal model, as those who sign in
 *
 * The statements name the model that rowhouse.principals() registered, with its own tenant
 * predicate and without deleted rows, as every statement does. Passwords and their hashes are on
 * the caller's side. */
#ifndef SERVE_ACCOUNTS_H
#define SERVE_ACCOUNTS_H

#include <stdbool.h>

#include "base/compiler.h"

struct problem;
struct request;
struct tenant;
struct unit;

struct account {
	const char *id, *role;     /* id NULL: there is none; role NULL: it has none */
	const char *password_hash; /* NULL: it cannot sign in */
};

/* The live account with a login, compared without case; an account without an id when there is
 * none. The same statement runs in both cases. */
bool accounts_find(struct request *, const struct tenant *, const char *login, struct account *,
    struct problem *) MUST_CHECK;

/* The live account with an id. */
bool accounts_get(struct request *, const struct tenant *, const char *id, struct account *,
    struct problem *) MUST_CHECK;

/* Add to a write unit: the account is live (else the unit refuses with PROBLEM_UNAUTHENTICATED),
 * and its role is the statement's one value. */
bool accounts_add_check(struct unit *, struct request *, const struct tenant *, const char *id,
    struct problem *) MUST_CHECK;

/* Add to a write unit: lock, log (where the model is audited) and write a new password hash. reason
 * goes into the log's metadata. */
bool accounts_add_password(struct unit *, struct request *, const struct tenant *, const char *id,
    const char *hash, const char *reason, struct problem *) MUST_CHECK;

#endif
