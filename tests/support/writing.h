/* SPDX-License-Identifier: BSD-2-Clause */
/* writing.h - asking for writes, and looking at what they left, for the suites about writing
 *
 * Those suites share one world per program. Rows and log are read as superuser, so that what the
 * program says of itself is never believed. */
#ifndef SUPPORT_WRITING_H
#define SUPPORT_WRITING_H

#include <stdbool.h>

#include "support/asking.h"

/* The people of acme, signed in, and globex's admin. */
extern const char *as_user, *as_mod, *as_admin, *as_stranger;

/* Build the world with two roles; settings: more lines of rowhouse.conf, or NULL. */
bool writing_begin(const struct world_options *);
void writing_end(void);

/* A request with a JSON body (NULL: none) and one more header (NULL: none). */
const struct answer *ask(const char *method, const char *path, const char *token,
    const char *header, const char *body) __attribute__((returns_nonnull));

/* The same, where the status must be this. */
const struct answer *ask_for(int status, const char *method, const char *path, const char *token,
    const char *body) __attribute__((returns_nonnull));

/* Round trips to PostgreSQL that a request took, as its line in the log of the workers says; -1: it
 * has none. */
long round_trips_of(const struct answer *);

/* One value of the first row, as superuser; "(none)" when there is no row, "(null)" for a NULL. */
const char *look(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

/* The id of a person of acme: user@, mod@, admin@. */
const char *person_id(const char *who) __attribute__((returns_nonnull));

/* The entries of a row, oldest first: "created updated". */
const char *story(const char *table, const char *id) __attribute__((returns_nonnull));

/* The entries that a request has left, told by its X-Request-Id: "comments.created 2,
 * posts.created 1". */
const char *entries_of(const struct answer *) __attribute__((returns_nonnull));

/* In how many flushes a request was answered, where slow_unit = 0: each tells the statements of the
 * unit so far, so the first of them is told as often; words are of it alone. */
int flushes_of(const struct answer *, const char *words);

/* Check that an answer is a problem with this fault, and that PostgreSQL does not show through. */
void check_fault(
    const struct answer *, int status, const char *pointer, const char *code, const char *what);

/* What replaying the entries of a row from `created` gives is the row: "" or the first difference.
 */
const char *replayed(const char *table, const char *id) __attribute__((returns_nonnull));

#endif
