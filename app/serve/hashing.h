/* SPDX-License-Identifier: BSD-2-Clause */
/* hashing.h - passwords, at most so many at a time over the whole pool
 *
 * Argon2id takes milliseconds of a core and megabytes of memory on purpose, so a flood of requests
 * that hash would take the machine. login_workers places in shared memory bound it; who finds none
 * is told to come again (PROBLEM_RATE_LIMITED, with Retry-After) and waits for nobody. */
#ifndef SERVE_HASHING_H
#define SERVE_HASHING_H

#include <stdbool.h>

#include "base/compiler.h"

struct problem;
struct request;

/* Whether a password is that of a stored hash; NULL is nobody's and takes as long. False and a
 * problem only when there is no place. */
bool hashing_verify(const struct request *, const char *stored, const char *password, bool *good,
    struct problem *) MUST_CHECK;

/* A new hash, in the request's arena; NULL and a problem when there is no place, or no memory. */
const char *hashing_make(const struct request *, const char *password, struct problem *) MUST_CHECK;

#endif
