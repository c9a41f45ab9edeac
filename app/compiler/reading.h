/* SPDX-License-Identifier: BSD-2-Clause */
/* reading.h - one object of a body on its way into one change; for the files that read bodies
 *
 * change_read.c reads the members that are columns, nested_read.c those that are relations, each of
 * which brings further objects. No function stops at the first fault. */
#ifndef COMPILER_READING_H
#define COMPILER_READING_H

#include <stdbool.h>

#include "database/catalogue.h"

struct change;
struct change_reader;
struct json_object;
struct jsonpointer;
struct link;
struct problem;

struct reading {
	struct change *change;
	struct change_reader *reader;
	const struct jsonpointer *where; /* of the object; NULL: the whole body */
	struct problem *problem;
	unsigned depth;    /* relations passed */
	const char *aside; /* a member that somebody else reads; NULL: none */
};

/* All members of an object; false and a fault for everything else. */
bool reading_members(struct reading *, struct json_object *);

/* A new row gets its owner and id, and what must be given is looked for; NULL has no members. */
void reading_finish(struct reading *, struct json_object *);

/* All members; a new row then gets its owner and id, and what must be given is looked for. NULL is
 * JSON's null, and a fault like everything else that is no object. */
void reading_object(struct reading *, struct json_object *);

/* The same of an object without members. */
void reading_nothing(struct reading *);

/* A fault at the pointer if who writes reaches no row of a model by an action. */
void reading_may(struct reading *, const struct model *, enum action, const char *pointer);

/* Let a column get the id of another row; value and source as in struct link, both NULL while it is
 * not known whose. A fault at the place when the column has a value already, or is not written by
 * clients, or by this one. The link is never NULL. */
struct link *reading_link(struct reading *, const struct column *, const struct link *)
    __attribute__((returns_nonnull));

/* A member that names a relation (nested_read.c). */
void nested_read(struct reading *, const struct relation *, struct json_object *);

#endif
