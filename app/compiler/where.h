/* SPDX-License-Identifier: BSD-2-Clause */
/* where.h - conditions as SQL; for the files that emit */
#ifndef COMPILER_WHERE_H
#define COMPILER_WHERE_H

struct column;
struct predicate;
struct query;
struct sqltext;

/* One condition, in parentheses, over the rows of a query. */
void where_put(struct sqltext *, const struct query *, const struct predicate *);

/*	(SELECT count(*) FROM ... WHERE ...) */
void where_count(struct sqltext *, const struct query *nested);

/*	(SELECT t1."name" FROM ... WHERE ...)
 *
 * What a nested query of SHAPE_VALUE or SHAPE_COUNT comes to; column is of the innermost one. */
void where_value(struct sqltext *, const struct query *nested, const struct column *);

#endif
