/* SPDX-License-Identifier: BSD-2-Clause */
/* aggregate.h - values of all rows, or of groups of them
 *
 * NULLs are in no value but the count; a value of no rows is null, and a count 0. */
#ifndef ORACLE_AGGREGATE_H
#define ORACLE_AGGREGATE_H

#include "oracle/reach.h"

struct json_object;

enum aggregate_function {
	AGGREGATE_COUNT,
	AGGREGATE_SUM,
	AGGREGATE_AVG,
	AGGREGATE_MIN,
	AGGREGATE_MAX,
	AGGREGATE__MAX,
};

struct aggregate_value {
	enum aggregate_function function;
	size_t column; /* not of a count */
};

enum { HAVINGS = 2, VALUES = 6 };

/* What is asked of groups, or of all rows where there is no group column. */
struct aggregate {
	struct aggregate_value values[VALUES]; /* shown */
	size_t value_count;
	unsigned groups; /* columns, bits */
	struct having {
		struct aggregate_value value;
		struct condition comparison;
	} havings[HAVINGS];
	size_t having_count;
	struct group_sort {
		bool by_column; /* by a group column, else by a value */
		size_t column;
		struct aggregate_value value;
		bool descending;
	} sorts[SORTS];
	size_t sort_count;
};

/* A random one. */
const struct aggregate *aggregate_throw(const struct rows *, struct dice *, struct pool *,
    const struct model *) __attribute__((returns_nonnull));

/* Its members of an answer, by function and column: "sum" or, of a count, "count". */
const char *aggregate_word(enum aggregate_function) __attribute__((returns_nonnull));

/* Of an ungrouped one the object and *total 0; else the groups on the page and how many there are.
 * Averages are rounded as aggregate_round does. */
struct json_object *aggregate_shown(const struct evaluation *, const struct model *,
    const struct aggregate *, struct row_list, size_t first, size_t end, size_t *total);

/* Averages have as many digits as PostgreSQL finds right: in an answer they become texts of ten. */
void aggregate_round(struct json_object *answer);

#endif
