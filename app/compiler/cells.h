/* SPDX-License-Identifier: BSD-2-Clause */
/* cells.h - a row as a line of cells, for formats that have no nesting
 *
 * Its columns come first, then those of each related row that is shown beside it (author.name), and
 * how many rows a relation has (_count.comments). Many related rows have no place in a line. */
#ifndef COMPILER_CELLS_H
#define COMPILER_CELLS_H

#include <stddef.h>

struct arena;
struct column;
struct query;
struct sqltext;

struct cell {
	const struct query *query;   /* whose column; of SHAPE_COUNT how many rows it has */
	const struct column *column; /* NULL of SHAPE_COUNT */
};

/* The cells of a query of SHAPE_CELLS, in their order, in its arena; *count of them. */
const struct cell *cells_of(const struct query *, size_t *count) __attribute__((returns_nonnull));

/* The name of a cell: title, author.name, author._count.posts. */
const char *cells_name(const struct cell *, struct arena *) __attribute__((returns_nonnull));

/* What is shown that is no cell: the first query within for many rows; NULL when there is none. */
const struct query *cells_misfit(const struct query *);

/*	t0."id" AS "id", to_json(t0."tags"), (SELECT t1."name" AS "name" FROM ... WHERE ...), ... */
void cells_put(struct sqltext *, const struct query *);

#endif
