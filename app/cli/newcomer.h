/* SPDX-License-Identifier: BSD-2-Clause */
/* newcomer.h - a new row of the model that signs in, from a command line
 *
 * It is written with its log entry in one unit, in the tenant's context and as the application
 * role, as a request would. Names of columns come from the catalogue, values are parameters, and
 * PostgreSQL is left to judge what a column's type takes. */
#ifndef CLI_NEWCOMER_H
#define CLI_NEWCOMER_H

#include <stdbool.h>

#include "base/compiler.h"

struct acting;
struct problem;

struct newcomer {
	const char *login;
	const char *role;          /* NULL: what the column's default says */
	const char *password_hash; /* NULL: invited */
	const char *const *set;    /* "column=value", NULL-terminated; or NULL */
};

/* Write it; its id. All that is wrong with it is told at once (PROBLEM_INVALID); PROBLEM_CONFLICT
 * when the login is taken. */
bool newcomer_create(
    struct acting *, const struct newcomer *, const char **id, struct problem *) MUST_CHECK;

#endif
