/* SPDX-License-Identifier: BSD-2-Clause */
/* explain.h - a failed write in the client's words
 *
 * PostgreSQL names a constraint or one of our own codes; the plan knows what the statement was for.
 * Together they give status, pointer and detail (DESIGN 4): a CHECK is a 400 at its field,
 * unique and foreign key are a 409 at theirs. PostgreSQL's own text stays in the log. */
#ifndef COMPILER_EXPLAIN_H
#define COMPILER_EXPLAIN_H

#include <stddef.h>

struct pg_failure;
struct plan;
struct problem;

/* The statement of that number failed; make the problem that was raised of it a better one. Where
 * nothing better is known it stays as it is. */
void
explain_failure(const struct plan *, size_t statement, const struct pg_failure *, struct problem *);

#endif
