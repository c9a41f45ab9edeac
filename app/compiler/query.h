/* SPDX-License-Identifier: BSD-2-Clause */
/* query.h - the tree: what a request asks of the database, before anybody has said whether it may
 *
 * Built by the request's side, then passed through the stages (stages.h), each of which takes the
 * type that the one before returned; only the last type can be emitted. */
#ifndef COMPILER_QUERY_H
#define COMPILER_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/limits.h"
#include "database/catalogue.h"
#include "database/operators.h"

struct arena;
struct value;

enum shape {
	SHAPE_ROW,  /* one row by its key, as a JSON object, and its version where the model shows
		     * one; none is no row of the result */
	SHAPE_PAGE, /* how many there are, and one page as a JSON array */
};

/* A condition; a list is joined by AND. */
struct predicate {
	const struct predicate *next;
	enum predicate_kind {
		PREDICATE_COMPARE, /* column operator value */
		PREDICATE_NULL,    /* column IS NULL */
		PREDICATE_FALSE,   /* no row at all */
	} kind;
	const struct column *column;
	enum operator operator;
	const struct value *value;
};

struct query {
	struct arena *arena;
	enum action action;
	enum shape shape;
	const struct model *model;
	unsigned number;               /* of the alias: t0 */
	const struct predicate *where; /* what the client asked for, then what the stages add */
	struct sort_key sort[LIMIT_SORT_KEYS + 1]; /* SHAPE_PAGE */
	size_t sort_count;
	bool tie_breaker;                   /* the last key is ours, not asked for */
	const struct value *limit, *offset; /* SHAPE_PAGE */
	const struct value *tenant;         /* set by tenancy: $n of each table reference */
};

/* A query for the rows of a model: no condition, no order yet. */
struct query *query_new(struct arena *, enum action, enum shape, const struct model *)
    __attribute__((returns_nonnull));

/* Add a condition (AND). */
void query_compare(struct query *, const struct column *, enum operator, const struct value *);
void query_null(struct query *, const struct column *);
void query_false(struct query *);

#endif
