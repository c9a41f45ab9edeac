/* SPDX-License-Identifier: BSD-2-Clause */
/* nested.h - writes that a body asks for under the name of a relation
 *
 *	{"title": "A", "author": {"connect": {"id": "..."}}, "comments": {"create": [{...}, {...}]}}
 *
 * Each operation upon one row is a struct nested of the change that it stands in, and brings the
 * changes that it may come to. They go through all stages like any other, with the rules of their
 * own models; change_tree.h puts them into order. The foreign key that ties a row to the one above
 * is a struct link of the row that has it.
 *
 * Which row an operation is upon is known from the body when that gives its id. Else, and where it
 * matters whether the row is there, it is sought (nested_seek.h), for which the unit is held. */
#ifndef COMPILER_NESTED_H
#define COMPILER_NESTED_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler/change.h"
#include "database/catalogue.h"

struct query;
struct value;

/* In the order in which those of a row are done, each kind by the ids of its rows, and new rows as
 * they stand in the body: so two requests that change the same rows meet them in the same order. */
enum nested_verb {
	NESTED_DELETE,
	NESTED_DISCONNECT,
	NESTED_SET, /* what is not in its list goes; each element of the list is connected */
	NESTED_UPDATE,
	NESTED_UPSERT,
	NESTED_CONNECT,
	NESTED_CONNECT_OR_CREATE,
	NESTED_CREATE,
	NESTED__MAX,
};

/* How far it is known what an operation comes to. */
enum nested_stage {
	NESTED_READ,
	NESTED_ROW_SOUGHT,
	NESTED_TIES_SOUGHT,
	NESTED_SETTLED,
};

struct nested {
	struct nested *next;
	enum nested_verb verb;
	const struct relation *relation; /* of the model of the change above */
	struct change *above;            /* that it stands in */
	const char *place;               /* where the body says which row, as a pointer */
	const struct nested *set;        /* the list that it is an element of; NULL: none */

	/* which row: the id, or the columns of a unique key; else the one that is related */
	const struct value *id;
	struct assignments key;
	bool implied; /* the key has the foreign key to the row above as well */

	/* what may become of it; NULL: that cannot be */
	struct change *make; /* it is made */
	struct change *row;  /* it is there, and changed or deleted */
	struct change *join; /* RELATION_THROUGH: of the join table, a row made */
	struct change *
	    *gone; /* or rows that go: of the join table, or of what is no more in a set */
	size_t gone_count;
	struct link *link; /* RELATION_ONE: of the change above; RELATION_THROUGH: of join */

	/* by nested_seek.h */
	enum nested_stage stage;
	size_t statement;

	struct nested *next_missing; /* by change_tree.c */
};

/* The word of a verb in a body; NULL where it does not stand: by the kind of the relation, or
 * fresh, under a row that is new, or upon rows that all tenants share. */
const char *nested_word(enum nested_verb, const struct relation *, bool fresh);

#endif
