/* SPDX-License-Identifier: BSD-2-Clause */
/* matching.h - which rows there are for whoever asks, and which of them a condition is true of
 *
 * A condition is true of a row or it is not; there is no third way. NULL is a value like others for
 * $ne and $nin, and no comparison but these is true of it. */
#ifndef ORACLE_MATCHING_H
#define ORACLE_MATCHING_H

#include "oracle/asked.h"
#include "oracle/evaluate.h"

/* Rows in any order, as pointers. */
struct row_list {
	const struct row **rows;
	size_t count;
};

/* One evaluation: what does not change while it goes on. */
struct evaluation {
	const struct rows *rows;
	enum fault fault;
	int tenant;
	enum asker asker;
	struct pool *pool;
	struct row_list
	    visible[MODEL__MAX]; /* of the tenant, not deleted, one's own where it counts */
};

struct evaluation
evaluation_of(const struct rows *, enum fault, const struct asked *, struct pool *);

/* The visible rows that belong to a row. */
struct row_list rows_related(
    const struct evaluation *, const struct model *, const struct row *, const struct relation *);

/* condition may be NULL: true. */
bool row_matches(
    const struct evaluation *, const struct model *, const struct row *, const struct condition *);

/* A searchable column has the text in it, whatever the case. text may be NULL: true. */
bool
row_is_found(const struct evaluation *, const struct model *, const struct row *, const char *text);

/* As cell_compare, with the faults of an evaluation. */
int compare_values(const struct evaluation *, enum type, const struct cell *, const struct cell *);

#endif
