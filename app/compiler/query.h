/* SPDX-License-Identifier: BSD-2-Clause */
/* query.h - the tree: what a request asks of the database, before anybody has said whether it may
 *
 * Built by the request's side, then passed through the stages (stages.h), each of which takes the
 * type that the one before returned; only the last type can be emitted.
 *
 * A query reads one model. What it says of related rows (an include, a count, a condition) is a
 * query of its own within it, which the stages treat as they treat the first: own access rule, own
 * soft-delete filter, own tenant. So nothing can be learnt through a relation that could not be
 * read by itself. */
#ifndef COMPILER_QUERY_H
#define COMPILER_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/limits.h"
#include "database/catalogue.h"
#include "database/operators.h"

struct aggregate;
struct arena;
struct grouping;
struct problem;
struct query;
struct value;

enum shape {
	SHAPE_ROW,  /* one row as a JSON object; none is no row of the result, or null when nested.
		      * The first query's also gives its version where the model shows one */
	SHAPE_PAGE, /* how many there are, and one page as a JSON array */
	SHAPE_ROWS, /* rows from a place in the order on: each as a JSON object, then the text of
		      * each of its sort keys as it is stored */
	SHAPE_OBJECTS, /* all rows in order, each as a JSON object */
	SHAPE_CELLS,   /* all rows in order, each as its cells (cells.h) */
	SHAPE_KEYS,    /* all rows in the order of their ids, of each one or two columns as text */
	SHAPE_GROUPS,  /* how many groups there are, and a page of them as a JSON array */
	SHAPE_TOTALS,  /* the values of all rows as one JSON object */
	SHAPE_LIST,    /* nested: the first of them, as a JSON array */
	SHAPE_TEST,    /* nested: is there such a row; emits no columns */
	SHAPE_COUNT,   /* nested: how many there are */
	SHAPE_VALUE,   /* nested: one column of the one row there is, or of what is within; NULL
		       * without the row */
	SHAPE_LINK, /* nested: rows of the join table of a RELATION_THROUGH, beside its target's */
};

/* How many rows there are besides those that are shown. */
enum counting {
	COUNTING_EXACT,
	COUNTING_ESTIMATED, /* exact up to LIMIT_COUNTED, above it as the planner thinks */
	COUNTING_NONE,
	COUNTING__MAX,
};

/* What the transaction does with the rows that it reads. */
enum locking {
	LOCKING_NONE,
	LOCKING_POINT,  /* points to them: they must stay */
	LOCKING_CHANGE, /* changes them */
	LOCKING_DELETE, /* deletes them */
};

/* Which rows of a soft-deletable model. Those of queries within are always live ones. */
enum deleted {
	DELETED_HIDDEN,
	DELETED_SHOWN, /* withDeleted: live and deleted ones */
	DELETED_ONLY,  /* onlyDeleted */
};

/* A condition, or several that are joined. */
struct predicate {
	struct predicate *next; /* in the same group */
	enum predicate_kind {
		PREDICATE_COMPARE,    /* what is compared, operator, value */
		PREDICATE_MATCH,      /* the words of value are in column, a text search vector */
		PREDICATE_FALSE,      /* no row at all */
		PREDICATE_ALL,        /* members, joined by AND; true when there is none */
		PREDICATE_ANY,        /* members, joined by OR */
		PREDICATE_NOT,        /* members, joined by AND, are not true: false or unknown */
		PREDICATE_EXISTS,     /* nested has a row */
		PREDICATE_EXISTS_NOT, /* nested has no row */
	} kind;
	enum subject {
		SUBJECT_COLUMN,    /* the column */
		SUBJECT_TEXT,      /* text at a path of a jsonb column */
		SUBJECT_NUMBER,    /* a number at a path of it; any other value there is NULL */
		SUBJECT_STRING,    /* a string at a path of it, in byte order; else NULL */
		SUBJECT_COUNT,     /* how many rows nested has */
		SUBJECT_AGGREGATE, /* a value of a group */
	} subject;
	const struct column *column;
	const struct value *path;
	enum operator operator;
	const struct value *value, *high; /* high: the other end of OPERATOR_BTW */
	struct query *nested;
	const struct aggregate *aggregate;
	struct predicate *members, **last_member;
	const char *name; /* of a group that a client named, or of a quantifier; to find it again */
};

struct query {
	struct arena *arena;
	enum action action;
	enum shape shape;
	const struct model *model;
	unsigned number;         /* of the alias: t0 */
	struct predicate *where; /* what the stages add, newest first */
	struct predicate asked;  /* what the client asked for: PREDICATE_ALL or _NOT */
	struct sort_key sort[LIMIT_SORT_KEYS + 1]; /* SHAPE_PAGE, SHAPE_ROWS */
	size_t sort_count;
	bool tie_breaker;                    /* the last key is ours, not asked for */
	const struct value *const *position; /* SHAPE_ROWS: behind these, one per sort key; NULL:
					      * from the end of the order where it begins */
	bool backward;                       /* SHAPE_ROWS: against the order, nearest first */
	const struct value *limit, *offset;  /* SHAPE_PAGE; SHAPE_ROWS has an offset or a position,
					     * and keys only without an offset */
	enum counting counting;              /* SHAPE_ROWS: in statements behind that of the rows */
	const struct value *tenant;          /* set by tenancy: $n of each table reference */
	enum deleted deleted;
	const char *authority; /* why the access rule of the first model does not bind; or NULL */
	bool locked;           /* SHAPE_CELLS: the rows, in their order, until the unit ends */
	const struct column *distinct[LIMIT_SORT_KEYS]; /* the first row of each */
	size_t distinct_count;
	struct grouping *grouping;    /* SHAPE_GROUPS, SHAPE_TOTALS; else NULL */
	const struct column *keys[2]; /* SHAPE_KEYS */
	enum locking locking;         /* SHAPE_KEYS */
	bool *chosen; /* which of the model's columns are shown; NULL: those that are unasked */

	/* of what is within another query */
	struct query *outer; /* NULL: it is the first */
	const struct relation
	    *relation;      /* from the model of outer, or of SHAPE_LINK the same one */
	struct query *link; /* RELATION_THROUGH: the join table's rows; else NULL */
	unsigned depth;     /* relations passed since the first */
	bool shown;         /* it is a field of outer: an include, or SHAPE_COUNT beneath _count */
	bool link_shown;    /* the join table's own columns, too: _link */

	struct query *nested, **last_nested, *next_nested; /* every query within, for the stages */
	struct query_bounds *bounds;                       /* one for the whole tree */
};

/* What a tree may come to. */
struct query_bounds {
	unsigned max_depth, max_nested; /* relations in a row; queries within, of any kind */
	unsigned nested;                /* so far; the alias of the next is one more */
	unsigned numbers;               /* aliases given */
};

/* A query for the rows of a model: no condition, no order yet. */
struct query *query_new(struct arena *, enum action, enum shape, const struct model *)
    __attribute__((returns_nonnull));

/* "exact", "estimated", "none"; false for any other word. */
bool counting_find(const char *word, enum counting *) MUST_CHECK;

/* How deep and how wide the queries within may be; for the first query, before any is made. */
void query_bound(struct query *, long max_depth, long max_nested);

/* A query for the rows that are related to those of outer. NULL and a fault at pointer when there
 * would be too many of them, or too deep. */
struct query *query_nest(struct query *outer, enum shape, const struct relation *,
    const char *pointer, struct problem *) MUST_CHECK;

/* Add a condition (AND). */
void query_compare(struct query *, const struct column *, enum operator, const struct value *);
void query_null(struct query *, const struct column *);
void query_false(struct query *);

/* Add a group, to be filled in by predicate_add. */
struct predicate *query_group(struct query *, enum predicate_kind) __attribute__((returns_nonnull));

/* An empty group, in the caller's struct. */
void predicate_open(struct predicate *group, enum predicate_kind);

/* A condition at the end of a group, to be filled in. */
struct predicate *predicate_add(struct predicate *group, enum predicate_kind, struct arena *)
    __attribute__((returns_nonnull));

#endif
