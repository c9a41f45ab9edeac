/* SPDX-License-Identifier: BSD-2-Clause */
/* judge.h - whether rows, log and what clients were told agree
 *
 * For suites that write at random: each row is replayed from its entries (replay.h), each
 * acknowledged request must have its entry, and a refused one none. All of tenant acme. Requests
 * are told apart by their X-Request-Id, which begins with "r-". */
#ifndef ORACLE_JUDGE_H
#define ORACLE_JUDGE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

enum { JUDGE_UNCOUNTED = -1 };

/* A request that the program said it carried out. */
struct acknowledged {
	const char *request, *action; /* "posts.created" */
	const char *target;           /* NULL: several */
	int entries;                  /* JUDGE_UNCOUNTED: the rows alone tell */
};

struct verdict {
	size_t rows, faults;
	const char *first; /* "" */
};

/* Make the place where acknowledged requests are kept. */
bool judge_prepare(PGconn *superuser);
bool judge_keep(PGconn *superuser, const struct acknowledged *, size_t count);

/* Everything since an instant (as PostgreSQL writes it): rows of these tables (NULL-terminated),
 * entries and requests. Kept memory. */
struct verdict judge(PGconn *superuser, const char *const *tables, const char *since);

/* The same but for requests that nobody knows the outcome of: a refusal has lost its meaning where
 * the program or PostgreSQL was killed. */
struct verdict judge_survivors(PGconn *superuser, const char *const *tables, const char *since);

#endif
