/* SPDX-License-Identifier: BSD-2-Clause */
/* aggregate.h - count&sum=price,stock&groupBy=status&having.count=$gte:2
 *
 *	parameter = "count" | function "=" column *("," column) | "groupBy=" column *("," column)
 *	          | "having." value "=" comparison | "sortBy=" ( value | column ) [ ":" direction ]
 *	function  = "sum" | "avg" | "min" | "max"
 *	value     = "count" | function "." column
 *
 * Without groupBy all rows are one group. Values are of the rows that may be read, as a list has
 * them; NULLs are in none but count. */
#ifndef COMPILER_AGGREGATE_H
#define COMPILER_AGGREGATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/limits.h"
#include "compiler/query.h"

struct problem;

enum aggregate_function {
	AGGREGATE_COUNT,
	AGGREGATE_SUM,
	AGGREGATE_AVG,
	AGGREGATE_MIN,
	AGGREGATE_MAX,
	AGGREGATE__MAX
};

/* Whether the function is of columns like this one; AGGREGATE_COUNT is of none. */
bool aggregate_takes(enum aggregate_function, const struct column *);

/* One value of a group. */
struct aggregate {
	enum aggregate_function function;
	const struct column *column; /* NULL of AGGREGATE_COUNT */
	bool shown;                  /* else only having or sortBy ask for it */
};

/* What SHAPE_GROUPS and SHAPE_TOTALS show. */
struct grouping {
	const struct column *columns[LIMIT_SORT_KEYS]; /* SHAPE_GROUPS: groups are equal in these */
	size_t column_count;
	struct aggregate values[LIMIT_AGGREGATES];
	size_t value_count;
	struct predicate having; /* PREDICATE_ALL */
	/* The order, beside sort of the query, which tells it: an index into values, or with
	 * LIMIT_AGGREGATES added into columns. */
	size_t order[LIMIT_SORT_KEYS + 1];
};

/* Make a query one for groups. */
void aggregate_begin(struct query *);

/* Whether a parameter of this name is read here. */
bool aggregate_is(const char *name);

/* Read one; false and a fault at pointer. */
bool aggregate_add(struct query *, const char *name, const char *value, const char *pointer,
    struct problem *) MUST_CHECK;

/* sortBy, after all the others. */
bool
aggregate_sort(struct query *, const char *text, const char *pointer, struct problem *) MUST_CHECK;

/* The shape, and an order that is whole; a fault when nothing was asked for. */
bool aggregate_finish(struct query *, struct problem *) MUST_CHECK;

#endif
