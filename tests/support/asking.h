/* SPDX-License-Identifier: BSD-2-Clause */
/* asking.h - signing in and asking as somebody, for the suites about who asks
 *
 * Those suites share one world per program. Every secret that comes by is remembered, and
 * no_secret_is_kept, the last test but those that make noise, looks for all of them in every
 * log and in every row. */
#ifndef SUPPORT_ASKING_H
#define SUPPORT_ASKING_H

#include <stdbool.h>

#include "support/refusal.h"
#include "support/world.h"

enum { ASKING_WORKERS = 4 };

#define ASKING_PATH "/api/posts?limit=1"
#define ACME_USER   "user@acme.test"
#define CANARY      "canary-of-a-password-" /* what passwords of tests begin with */

extern struct world *world;
extern PGconn *superuser;

/* Every statement and parameter is in PostgreSQL's log, and each unit in Rowhouse's. settings: more
 * lines of rowhouse.conf. */
bool asking_begin(const char *settings);
void asking_end(void);

/* A secret to be looked for in the end; it is given back. */
const char *remember(const char *secret) __attribute__((returns_nonnull));

struct session {
	const char *access, *refresh;
};

/* Sign in; acme's and globex's people with the sample's password. */
struct session sign_in(const char *login);
struct session sign_in_with(const char *tenant, const char *login, const char *password);

/* The tokens of an answer that should be 200. */
struct session session_of(const struct answer *, const char *what);

const char *refresh_body(const char *token) __attribute__((returns_nonnull));
const struct answer *refresh(const char *token) __attribute__((returns_nonnull));
const struct answer *post(const char *path, const char *body) __attribute__((returns_nonnull));
const struct answer *get_as(const char *token, const char *path) __attribute__((returns_nonnull));
const struct answer *change_password(const char *token, const char *current, const char *wanted)
    __attribute__((returns_nonnull));

/* POST /api/auth/keys of a body that should be good: the key; *id may be NULL. */
const char *
make_key(const char *admin, const char *body, const char **id) __attribute__((returns_nonnull));

/* `rowhouse token`; operator_name may be NULL. */
const char *cli_token(const char *tenant, const char *login, const char *operator_name)
    __attribute__((returns_nonnull));

/* A token is answered alike by every worker: it is asked more often than there are workers. */
bool all_answer(const char *token, int status, const char *what);

const char *account_id(const char *tenant, const char *login);

/* SQL as superuser, seen by every worker at its next request. */
bool raise_epoch_after(const char *sql);

/* How often words stand in the log of the workers. */
size_t count_in_log(const char *words);

/* A test: nothing remembered is in a log or a row. */
void no_secret_is_kept(void);

#endif
