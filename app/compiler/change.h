/* SPDX-License-Identifier: BSD-2-Clause */
/* change.h - the tree of writes: what a request wants done to a model's rows, before anybody has
 * said whether it may
 *
 * Built by the request's side (change_read.h), then passed through the stages (stages.h), each of
 * which fills its own part and takes the type that the one before returned. The action is that of
 * the access rules and says what is done: ACTION_CREATE, _UPDATE, _DELETE (soft where the model
 * is), _FORCE (physical), _RESTORE. */
#ifndef COMPILER_CHANGE_H
#define COMPILER_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "compiler/access.h"
#include "database/catalogue.h"

struct arena;
struct generations; /* emit_remove.c */
struct nested;      /* nested.h */
struct principal;
struct value;

/* What a column becomes. */
enum assign {
	ASSIGN_VALUE,     /* the value; bytes NULL is SQL NULL */
	ASSIGN_INCREMENT, /* what is stored, and the value added to it; and so on */
	ASSIGN_DECREMENT,
	ASSIGN_MULTIPLY,
	ASSIGN_DIVIDE,
	ASSIGN_NOW,      /* when the unit began */
	ASSIGN_DELETION, /* the id of the deletion that the row goes with */
	ASSIGN__MAX,
};

struct assignment {
	struct assignment *next;
	const struct column *column;
	enum assign how;
	const struct value *value; /* NULL: of the last two kinds */
};

/* One list is printed twice, into the log entry and into the write: so they cannot differ. */
struct assignments {
	struct assignment *first, **last;
};

/* A foreign key that gets the id of another row: of one that the same unit makes or changes, or of
 * one that the body names. It becomes an assignment when the id is known (change_tree.h). */
struct link {
	struct link *next;
	const struct column *column;
	const char *place;         /* where the body says so, as a pointer */
	const struct value *value; /* the id; NULL: the source's */
	struct change *source;     /* NULL: a row that the unit itself does not touch */
	bool idle;                 /* the column has it already */
};

/* A row that one of the changed rows will point to. It must be there, live and readable, and is
 * locked so that it stays so until COMMIT (DESIGN 3.6). */
struct parent {
	struct parent *next;
	const struct relation *relation; /* RELATION_ONE, of the change's model */
	/* In the order of the relation's pairs; NULL: not all of the key is said by the change (a
	 * default, a sum, a column that stays), so the row itself tells when it is written. */
	const struct value *const *values;
	enum reach readable;
};

/* What the caller says of the log entries of a request. */
struct audit_intent {
	const struct principal *who;
	const char *metadata; /* a JSON object of ours: request, route, reason */
	bool waived;          /* its route has opted out: no change leaves an entry */
};

/* Rows that go along with the changed one: users -> posts -> comments is three levels, and the same
 * model is several when it is reached by several ways. Those of one model stand together,
 * behind all that cascade to it. */
struct level {
	const struct level *above;       /* NULL: the changed row itself */
	const struct relation *relation; /* from above's model to this one's */
	const struct model *model;
	unsigned number;             /* its alias, t2 */
	const struct relation *self; /* NULL, or the cascade of the model to its own rows */

	/* by emit: the rows by name or by the deletion they went with; else by their foreign key */
	const struct value *ids, *deletion_ids; /* arrays side by side */
	const struct value *group;              /* ACTION_RESTORE */
	const struct value *except;             /* ids that are not meant; NULL: none */
};

/* Change the row of a unique key, or make it when there is none (DESIGN 3.4). The change that has
 * this is of ACTION_UPDATE and says what becomes of the row that is there. */
struct upsert {
	const struct unique_key *key;
	const struct value *const *values; /* in the order of the key's columns; none is NULL */
	struct change *create;             /* ACTION_CREATE: what is made */
	bool must_exist, must_be_new;      /* else PROBLEM_PRECONDITION */
	bool created;                      /* by emit: which of the two it became */
};

struct change {
	struct arena *arena;
	enum action action;
	const struct model *model;
	const char *place;     /* of its object in the body, as a pointer: "#", "#/3" */
	const char *authority; /* why the row rules of the action do not bind; NULL: they do */

	/* which rows; of a new one the id too, unless PostgreSQL makes it */
	const struct value *id;
	const char *const *keys; /* several instead, which are locked already; else NULL */
	size_t key_count;
	const struct value *ids; /* the same as an array */
	const struct value
	    *versions; /* If-Match: an array, one of which the row must have; NULL: any */
	struct assignments assignments;
	const char *password;  /* of a new row that signs in: what is to be hashed and assigned
			       * before the stages; NULL: nothing */
	struct upsert *upsert; /* NULL: none */
	const struct upsert *within; /* of the create of one: the upsert; else NULL */

	/* nested writes (nested.h) */
	struct nested *nested;        /* what its object says under names of relations */
	const struct change *part_of; /* NULL: the row is what the request is about */
	const struct change *behind;  /* whose statements come first; NULL: nobody's */
	const char *named;            /* where the body says which row it is */
	const struct nested *tied; /* by what the row must be related to the one above, or NULL */
	struct link *links;
	bool sought; /* a new row that was looked for and is not there: if it is now, run again */
	const struct unique_key *pair; /* a link that may be there already: the key that tells */

	/* by access */
	enum reach readable, permitted, restorable;
	const struct principal *who;

	/* by audit: the mark that what is added later gets as well */
	const struct audit_intent *intent;

	/* by soft delete */
	bool with_deleted; /* asked for: it may be */
	bool live;         /* the row must not be deleted */
	bool physical; /* rows go for good: ACTION_FORCE, or DELETE where the model is not soft */
	struct parent *parents;        /* locked before the write */
	struct parent *stored_parents; /* without values: locked behind it */
	struct level
	    *levels; /* _DELETE, _FORCE, _RESTORE: [0] is the row's own, then what goes along */
	size_t level_count;

	/* by tenancy */
	const struct value *tenant;

	/* by emit: how far it is, and where the statements stand whose results the caller reads */
	bool begun;
	enum change_lock {
		CHANGE_LOCKS,      /* the row, and goes on */
		CHANGE_LOCKS_ONLY, /* the row, and no more */
		CHANGE_LOCKED,     /* it is */
	} lock;
	unsigned progress;
	size_t written;      /* id and version of the row, as text */
	struct level *level; /* the one whose rows are being locked */
	struct generations *generations;
};

struct change *
change_new(struct arena *, enum action, const struct model *) __attribute__((returns_nonnull));

/* Make it one of several rows, which the caller has locked (SHAPE_KEYS); keys live as long. */
void change_select(struct change *, const char *const *keys, size_t count);

/* An upsert of a model's row, whose values are still to be read. */
struct change *change_new_upsert(struct arena *, const struct model *, const struct unique_key *)
    __attribute__((returns_nonnull));

/* The change of an upsert that was made; any other is the one. */
const struct change *change_made(const struct change *) __attribute__((returns_nonnull));

/* Whether what a change does to rows of a model, its own or one that it cascades to, is logged. */
bool change_is_logged(const struct change *, const struct model *);

/* Whether a row that has this relation goes along when the one that it points to is deleted. */
bool change_goes_along(const struct relation *);

void assignments_init(struct assignments *);

/* Add one at the end; each column once. value is NULL for kinds that have none. */
void assignments_add(
    struct assignments *, struct arena *, const struct column *, enum assign, const struct value *);

/* The assignment of a column; NULL when there is none. */
const struct assignment *assignments_find(const struct assignments *, const struct column *);

/* The link of a column; NULL when there is none. */
struct link *change_link(const struct change *, const struct column *);

/* Add one, a copy of it. */
struct link *change_tie(struct change *, const struct link *) __attribute__((returns_nonnull));

/* What every write to a row that is there does besides: version + 1, updated_at. */
void assignments_touch(struct assignments *, struct arena *, const struct model *);

#endif
