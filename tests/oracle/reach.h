/* SPDX-License-Identifier: BSD-2-Clause */
/* reach.h - which rows there are for whoever asks, and which belong together */
#ifndef ORACLE_REACH_H
#define ORACLE_REACH_H

#include "oracle/asked.h"
#include "oracle/faults.h"

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
	    visible[MODEL__MAX]; /* the tenant's, not deleted, one's own where it counts */
	struct row_list leaking[MODEL__MAX]; /* what the fault makes of it */
};

struct evaluation
evaluation_of(const struct rows *, enum fault, const struct asked *, struct pool *);

/* The rows that a request is about: as WAY_LIST, with those deleted ones that it asks for. False
 * where it may not ask: they are for who may restore, an ADMIN and of own rows the owner. */
bool rows_asked(const struct evaluation *, const struct asked *, struct row_list *);

/* The rows of a model, come to on this way (WAY_LIST and so on). */
struct row_list rows_of(const struct evaluation *, const struct model *, unsigned way);

/* Those of them that belong to a row. */
struct row_list rows_related(const struct evaluation *, const struct model *, const struct row *,
    const struct relation *, unsigned way);

/* The row of the join table that links the two; NULL when none does. */
const struct row *row_link(const struct evaluation *, const struct row *, const struct relation *,
    const struct row *other);

#endif
