/* SPDX-License-Identifier: BSD-2-Clause */
/* guesses.h - how often a wrong password was sent, per account and per address
 *
 * Counted in the database, so that all workers of all hosts count together. Subjects are keyed
 * hashes. */
#ifndef SERVE_GUESSES_H
#define SERVE_GUESSES_H

#include <stdbool.h>

#include "base/compiler.h"

struct problem;
struct request;
struct tenant;
struct unit;

enum { GUESS_SUBJECT_BYTES = 64 + 1 };

struct guesses {
	char account[GUESS_SUBJECT_BYTES], address[GUESS_SUBJECT_BYTES];
};

/* The subjects of a sign-in: tenant and login (without case), and where it comes from. */
void
guesses_name(struct guesses *, const struct request *, const struct tenant *, const char *login);

/* PROBLEM_RATE_LIMITED when either has guessed too often in login_window. */
bool guesses_check(struct request *, const struct guesses *, struct problem *) MUST_CHECK;

/* One more wrong one for both. */
bool guesses_note(struct request *, const struct guesses *, struct problem *) MUST_CHECK;

/* Add to a write unit: the account's count begins anew. The address's stays: one right password
 * among many wrong ones is what a guesser has, too. */
bool guesses_add_clear(
    struct unit *, struct request *, const struct guesses *, struct problem *) MUST_CHECK;

#endif
