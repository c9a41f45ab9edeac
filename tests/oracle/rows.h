/* SPDX-License-Identifier: BSD-2-Clause */
/* rows.h - random rows of the tables, in memory and as SQL
 *
 * Two tenants with the same ids, so that a row that leaks has a twin; few different values, so that
 * ties, matches and NULLs are common; deleted rows at every level, also where the program would
 * never leave one (a live child of a deleted parent). */
#ifndef ORACLE_ROWS_H
#define ORACLE_ROWS_H

#include <stdio.h>

#include "oracle/values.h"

struct dice;

/* When the deleted rows were deleted, as answers show it. */
#define DELETED_AT "2024-02-01T00:00:00.000Z"

enum { TENANTS = 2, SHARED = -1, ASKERS = 3 };

/* Who asks: people of the sample. Two own diaries; the third reads all of them. */
enum asker { ASKER_USER, ASKER_MODERATOR, ASKER_ADMIN };

struct row {
	int tenant; /* SHARED: of all */
	bool deleted;
	const struct cell *cells; /* one per column of the model */
};

struct rows {
	struct pool *pool;
	const char *tenants[TENANTS];        /* ids, in text */
	const char *people[TENANTS][ASKERS]; /* ids of the sample's users */
	struct row *of[MODEL__MAX];
	size_t count[MODEL__MAX];
	uint64_t seed;
};

/* Fill of[] and count[] from the seed; tenants and people are set before. */
void rows_throw(struct rows *);

/* INSERT statements for all of it. */
void rows_write(const struct rows *, FILE *);

/* A value of the kind that a column has, to be asked for: mostly one of a row. */
struct cell
rows_pick(const struct rows *, struct pool *, struct dice *, const struct model *, size_t column);

#endif
