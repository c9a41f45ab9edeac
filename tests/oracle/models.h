/* SPDX-License-Identifier: BSD-2-Clause */
/* models.h - tables.sql once more, as a person reads it there
 *
 * Written by hand and without a header of app/: what columns, relations and settings the models
 * have is not asked of the program. */
#ifndef ORACLE_MODELS_H
#define ORACLE_MODELS_H

#include <stdbool.h>
#include <stddef.h>

enum type {
	TYPE_UUID,
	TYPE_INT,
	TYPE_BIGINT,
	TYPE_NUMERIC, /* numeric(18,4) */
	TYPE_TEXT,    /* and varchar */
	TYPE_ENUM,
	TYPE_BOOL,
	TYPE_INSTANT,    /* timestamptz, microseconds */
	TYPE_INSTANT_MS, /* timestamptz(3) */
	TYPE_DATE,
	TYPE_TEXTS, /* text[] */
	TYPE_JSON,  /* jsonb */
	TYPE__MAX,
};

enum model_number {
	REGIONS,
	WRITERS,
	CARDS,
	ARTICLES,
	REPLIES,
	LABELS,
	ARTICLE_LABELS,
	DIARIES,
	MODEL__MAX,
	USERS = MODEL__MAX, /* of the sample: only their ids are of interest */
	NO_TARGET,
};

/* What a client may do with a column besides reading it. */
enum { SORTABLE = 1, SEARCHABLE = 2, FILTERABLE = 4, HIDDEN = 8, KEY = 16 };

struct column {
	const char *name; /* in JSON */
	const char *sql;
	enum type type;
	unsigned null_percent; /* 0: NOT NULL */
	unsigned flags;
	enum model_number target; /* of a foreign key; else NO_TARGET */
};

/* How rows of two models belong together. A to-one relation gives one row or none. */
enum relation_kind { TO_ONE, TO_ONLY, TO_MANY, TO_MANY_THROUGH };

struct relation {
	const char *name;
	enum relation_kind kind;
	enum model_number target;
	const char *own, *other; /* SQL columns that are equal; through: of the join table */
	const char *far;         /* through: the join table's column that is the target's id */
};

enum null_order { NULLS_LARGEST, NULLS_FIRST, NULLS_LAST };

struct default_sort {
	const char *column;
	bool descending;
};

struct model {
	const char *table, *path;
	const struct column *columns;
	const struct relation *relations;
	size_t column_count, relation_count;
	bool shared, soft_delete;
	const char *owner; /* column: only the owner and an ADMIN read */
	enum null_order nulls;
	struct default_sort sort[2];
	long default_limit, max_limit;
};

extern const struct model models[MODEL__MAX];

/* Labels of the enum, in its order. */
extern const char *const moods[4];

/* By the name in SQL; the program ends when there is none. */
size_t model_column(const struct model *, const char *sql);
const struct relation *model_relation(const struct model *, const char *name);

#endif
