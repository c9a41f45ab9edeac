/* SPDX-License-Identifier: BSD-2-Clause */
/* asked.h - what a request asks, as a structure and as a URL
 *
 * The structure is what the oracle answers; the URL is what the program is asked. Nothing reads the
 * URL back, so that a mistake of one reader is not made by both. */
#ifndef ORACLE_ASKED_H
#define ORACLE_ASKED_H

#include "oracle/rows.h"

struct aggregate;
struct asked;
struct dice;

enum comparator {
	OP_EQ,
	OP_NE,
	OP_GT,
	OP_GTE,
	OP_LT,
	OP_LTE,
	OP_IN,
	OP_NIN,
	OP_ILIKE,
	OP_BTW,
	OP_NULL,
	OP_NOT_NULL,
	OP_LIKE,
	OP_STARTS,
	OP_ENDS,
	OP_CONTAINS,
	OP_HAS,
	OP_HAS_SOME,
	OP_HAS_EVERY,
	OP_IS_EMPTY,
	OP__MAX,
};

/* What stands behind a comparator. */
enum takes { TAKES_ONE, TAKES_NONE, TAKES_TWO, TAKES_LIST };
enum takes comparator_takes(enum comparator);

enum { OPERANDS = 4, SORTS = 4 };

/* What must be true of a row; parts are joined. */
struct condition {
	enum condition_kind {
		CONDITION_ALL,     /* every part; true without any */
		CONDITION_ANY,     /* one part */
		CONDITION_NOT,     /* not every part */
		CONDITION_COMPARE, /* column, comparator, operands */
		CONDITION_IS,      /* the related row is there, and every part is true of it */
		CONDITION_ABSENT,  /* there is no related row */
		CONDITION_SOME,    /* every part is true of a related row */
		CONDITION_EVERY,   /* of each */
		CONDITION_NONE,    /* of none */
		CONDITION_COUNT,   /* number of related rows, comparator, operands */
	} kind;
	struct condition *next, *parts;
	const struct relation *relation;
	size_t column;
	const char *path; /* in a jsonb column: "deep.n"; else NULL */
	enum comparator comparator;
	struct cell operands[OPERANDS];
	const char *spelled[OPERANDS]; /* the operands as the URL has them */
	size_t operand_count;
};

struct sort {
	const struct relation *counted; /* by how many related rows there are; else by column */
	const struct relation *of;      /* the column is of the one related row; else NULL */
	size_t column;
	bool descending;
};

/* Which rows of a list, and in which order. */
struct listed {
	struct condition *where; /* NULL, or a CONDITION_ALL */
	struct sort sorts[SORTS];
	size_t sort_count; /* 0: the model's order */
	long limit;        /* 0: the model's */
};

/* What is shown of a row. */
struct view {
	bool chosen;      /* only these columns, by select=; else all */
	unsigned columns; /* bits */
	unsigned counts;  /* of relations, bits: in _count */
	bool link;        /* chosen: _link is, too */
	struct include *includes;
};

struct include {
	struct include *next;
	const struct relation *relation;
	struct view view;
	struct listed listed; /* of a relation to many rows */
};

struct asked {
	enum { ASKED_ROW, ASKED_PAGE, ASKED_AGGREGATE } shape;
	const struct model *model;
	int tenant;
	enum asker asker;
	struct cell id; /* ASKED_ROW */
	struct listed listed;
	bool body;  /* asked by QUERY: in a body, not in the URL */
	bool whole; /* every row, as NDJSON or: */
	bool csv;
	long page; /* 0: not given */
	const char
	    *count;       /* "exact", "estimated" (of so few rows exact), "none"; NULL: not given */
	const char *walk; /* NULL, or pages by cursor: 'a' the next one, 'b' the one before */
	size_t first, end;  /* of a walk: the rows of the page among all rows in order */
	const char *search; /* NULL: none */
	enum deleted { DELETED_LEFT_OUT, DELETED_TOO, DELETED_ONLY } deleted;
	const struct aggregate *aggregate; /* ASKED_AGGREGATE */
	unsigned distinct; /* columns, bits: the first row of those that are equal in them */
	struct view view;
};

/* Throw a query. */
const struct asked *
asked_throw(const struct rows *, struct dice *, struct pool *) __attribute__((returns_nonnull));

/* Parts of one. */
struct condition *condition_throw(const struct rows *, struct dice *, struct pool *,
    const struct model *) __attribute__((returns_nonnull));
void sorts_throw(struct listed *, struct dice *, const struct model *);

/* Rows on a page: what was asked, or else the model's. */
long asked_limit(const struct asked *);

/* It is answered by an envelope with a list. */
bool asked_is_list(const struct asked *);

/* Path and query string; of a walk without its cursor. */
const char *asked_url(const struct asked *, struct pool *) __attribute__((returns_nonnull));

/* The same parameters as members of a JSON object, of those that were asked by QUERY; else NULL. */
const char *asked_body(const struct asked *, struct pool *);

#endif
