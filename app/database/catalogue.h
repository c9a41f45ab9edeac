/* SPDX-License-Identifier: BSD-2-Clause */
/* catalogue.h - what the database says the models are
 *
 * Registry and pg_catalog, read by rowhouse.catalogue() in one query, as structs. Names are quoted
 * once, here, and become struct sqlname, the only run-time text that SQL may be made of. Immutable
 * after loading; a new epoch loads a new one. Tables nobody registered are not in it, so they do
 * not exist. */
#ifndef DATABASE_CATALOGUE_H
#define DATABASE_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "database/action.h"
#include "formats/decimal.h"

struct arena;
struct problem;
struct sqlname;
struct textformat;

enum tenancy {
	TENANCY_UNDECLARED, /* compiles to false: no row is ever seen */
	TENANCY_TENANT,
	TENANCY_SHARED,
};

/* What an action needs of the principal; a list is joined by "or". */
enum rule_kind { RULE_ANYONE, RULE_MEMBER, RULE_OWNER, RULE_ROLE };

struct rule {
	const struct rule *next;
	enum rule_kind kind;
	const char *role; /* RULE_ROLE */
};

/* How values of a column are read from and shown in JSON. */
enum kind {
	KIND_UUID,
	KIND_BOOL,
	KIND_INT, /* int2, int4, int8 */
	KIND_NUMERIC,
	KIND_FLOAT,
	KIND_TEXT,
	KIND_ENUM,
	KIND_INSTANT,   /* timestamptz: RFC 3339, milliseconds, Z */
	KIND_TIMESTAMP, /* timestamp without time zone: the same without Z */
	KIND_DATE,
	KIND_JSON,
	KIND_ARRAY,
	KIND_OTHER,  /* PostgreSQL writes its text, and reads it: inet, interval, ranges */
	KIND_OPAQUE, /* PostgreSQL writes its text, and no client's is read: tsvector, regclass */
	KIND__MAX,
};

/* What the platform itself does with a column. */
enum role {
	ROLE_NONE,
	ROLE_TENANT,
	ROLE_ID,
	ROLE_CREATED_AT,
	ROLE_UPDATED_AT,
	ROLE_VERSION,
	ROLE_DELETED_AT,
	ROLE_DELETED_BY,
	ROLE_DELETION_ID,
	ROLE_SEARCH, /* made of the searchable columns, for full text search */
	ROLE__MAX,
};

struct bound {
	const char *text; /* as a number is written: 0.01 */
	struct decimal value;
};

/* What the registration asks of values that are written (compiler/validators.h checks it). */
struct validation {
	const struct textformat *format; /* of a text; NULL: any */
	const struct bound *min, *max; /* of a number, or of how many characters a text or elements
					  * an array has; NULL: none */
};

struct column {
	const char *name;                 /* in SQL, bare: created_at */
	const char *json;                 /* in JSON: createdAt */
	const struct sqlname *sql;        /* quoted: "created_at" */
	const struct sqlname *label;      /* quoted: "createdAt" */
	const struct sqlname *type;       /* base type without modifier, for casts */
	const struct sqlname *array_type; /* of arrays of it; NULL: there is none */
	const struct column
	    *element; /* KIND_ARRAY: an element's type, kind, labels, bounds and, as its
		       * name in JSON, "an element of tags" for messages; else NULL */
	enum kind kind;
	enum role role;
	bool not_null, has_default, generated, identity_always;
	const char *initial; /* the default's SQL, to be described; NULL: none, or an identity */
	bool hidden, read_only, sortable, searchable;
	bool sensitive;             /* logged as [REDACTED]; hidden implies it */
	unsigned operators;         /* what it may be filtered by: bits of 1 << enum operator */
	const struct rule *writers; /* who may write it; NULL: whoever may write the row */
	bool smallint, integer;     /* narrower than int8: the range of KIND_INT */
	bool real;                  /* narrower than float8: the range of KIND_FLOAT */
	const char *const *labels;  /* of an enum, NULL-terminated; else NULL */
	long max_length;            /* characters; 0: no bound */
	int precision, scale; /* digits of KIND_NUMERIC, all and behind the point; 0, 0: no bound */
	const struct validation *validation; /* NULL: whatever it can hold */
};

struct principals;
struct query;

struct sort_key {
	const struct column *column;
	bool descending;
	const struct query *related; /* whose column it is, of the outermost relation on the way;
				      * NULL: a column of the model */
	const char *name;            /* in messages and answers; NULL: the column's */
};

/* Columns of two models that are equal in related rows; tenant_id is not among them. */
struct column_pair {
	const struct column *own, *other;
};

enum relation_kind {
	RELATION_ONE,     /* a foreign key of ours: author */
	RELATION_ONLY,    /* one of theirs that is unique among live rows: profile */
	RELATION_MANY,    /* one of theirs: comments */
	RELATION_THROUGH, /* two of a join table's: categories */
	RELATION__MAX,
};

struct relation {
	const char *json;            /* author */
	const struct sqlname *label; /* quoted: "author" */
	enum relation_kind kind;
	const struct model *target;
	const char *constraint;          /* the foreign key's name, bare */
	const struct column_pair *pairs; /* own of this model, other of target, or of through */
	size_t pair_count;
	const struct model *through;         /* RELATION_THROUGH: the join table; else NULL */
	const struct column_pair *far_pairs; /* own of through, other of target */
	size_t far_pair_count;
	bool cascade; /* RELATION_ONLY, RELATION_MANY: its rows are deleted with this one's */
};

/* A unique index over plain columns. */
struct unique_key {
	const char *name;                    /* of the index, bare */
	const struct column *const *columns; /* without tenant_id */
	size_t column_count;
	const struct column *const *touched; /* also those of its expressions */
	size_t touched_count;
	bool primary;
	bool live_only; /* unique among rows that are not deleted */
	bool names_row; /* its values are those of one row at most: no part of it is an expression,
			 * and no condition but live_only holds */
};

/* A CHECK, or an exclusion constraint. */
struct check {
	const char *name;
	const struct column *const *columns;
	size_t column_count;
};

enum nulls { NULLS_STANDARD, NULLS_FIRST, NULLS_LAST }; /* standard: PostgreSQL's, as largest */

struct model {
	const char *name;           /* in URLs: order-items */
	const char *schema, *table; /* bare: public, order_items */
	const struct sqlname *sql;  /* qualified and quoted: "public"."order_items" */
	enum tenancy tenancy;
	bool soft_delete, audit, require_match, client_ids;
	const struct column *columns;
	size_t column_count;
	const struct column *id;                                /* never NULL */
	const struct column *tenant;                            /* NULL unless TENANCY_TENANT */
	const struct column *deleted_at;                        /* NULL unless soft_delete */
	const struct column *deleted_by, *deletion_id;          /* the same */
	const struct column *created_at, *updated_at, *version; /* NULL: it has none */
	const struct column *owner;                             /* NULL: nobody owns rows */
	const struct column *search;      /* full text; NULL: the searchable columns themselves */
	const struct relation *relations; /* own keys first, then those of others, then through */
	size_t relation_count;
	const struct unique_key *keys;
	size_t key_count;
	const struct check *checks;
	size_t check_count;
	const struct rule *access[ACTION__MAX];
	const struct principals *principals; /* NULL: its rows do not sign in */
	const struct sort_key *default_sort;
	size_t default_sort_count;
	enum nulls nulls;
	long default_limit, max_limit;
};

/* The model whose rows sign in. */
struct principals {
	const struct model *model;
	const struct column *login, *password;
	const struct column *input; /* what clients give of a password: a member of the body, with
				     * the rules of the registration; of no table */
	const struct column *role;  /* NULL: there are no roles */
	const char *const *roles;   /* NULL-terminated; of the enum, or of the CHECK; NULL: none */
};

struct catalogue {
	const struct principals *principals; /* NULL: nobody signs in */
	const struct model *models;
	size_t model_count;
	bool single_role, demo;
};

/* Build from the text of rowhouse.catalogue(). Everything lives in arena (the problem's is
 * scratch). A shape that our own SQL cannot have written aborts; a catalogue that this program does
 * not understand is a problem. */
const struct catalogue *
catalogue_load(struct arena *, const char *json, size_t len, struct problem *) MUST_CHECK;

/* What is compared as a column is but belongs to no table: a number of rows; text and a number in
 * json. */
extern const struct column column_count, column_text, column_number;

/* By the name in URLs; NULL when there is none. */
const struct model *catalogue_model(const struct catalogue *, const char *name);

/* By the name in JSON; NULL when there is none or it is hidden: what may not be seen does not
 * exist. */
const struct column *model_column(const struct model *, const char *json);

/* By the name in JSON; NULL when there is none, or a column of its keys is hidden. */
const struct relation *model_relation(const struct model *, const char *json);

/* Whether it leads to any number of rows. */
static inline bool
relation_is_many(const struct relation *relation)
{
	return relation->kind == RELATION_MANY || relation->kind == RELATION_THROUGH;
}

/* The unique key of these columns, in whatever order, by which a row can be named; NULL when there
 * is none. */
const struct unique_key *
model_key(const struct model *, const struct column *const *columns, size_t count);

static inline bool
column_is_number(const struct column *column)
{
	return column->kind == KIND_INT || column->kind == KIND_NUMERIC ||
	    column->kind == KIND_FLOAT;
}

/* By the name in SQL, hidden ones too. For what our own SQL names; clients say model_column. */
const struct column *model_sql_column(const struct model *, const char *name);

/* The names in JSON of all columns that are sortable, or that may be filtered by, joined by ", ",
 * for messages. */
const char *model_sortable(const struct model *, struct arena *) __attribute__((returns_nonnull));
const char *model_filterable(const struct model *, struct arena *) __attribute__((returns_nonnull));

/* Whether a column may be asked for: it is not hidden, nor the tenant's, which is the request's. */
bool column_is_visible(const struct column *);

/* The same of all visible columns, and of all relations. */
const char *model_columns(const struct model *, struct arena *) __attribute__((returns_nonnull));
const char *model_relations(const struct model *, struct arena *) __attribute__((returns_nonnull));

/* The keys by which rows can be named, other than the id: "slug; postId,categoryId". */
const char *model_keys(const struct model *, struct arena *) __attribute__((returns_nonnull));

#endif
