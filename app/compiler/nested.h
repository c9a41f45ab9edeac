/* SPDX-License-Identifier: BSD-2-Clause */
/* nested.h - writes that a body asks for under the name of a relation
 *
 *	{"title": "A", "author": {"connect": {"id": "..."}}, "comments": {"create": [{...}, {...}]}}
 *
 * Each operation upon one row is a struct nested of the change that it stands in, and brings the
 * changes that it may come to. They go through all stages like any other, with the rules of their
 * own models; change_tree.h puts them into order. The foreign key that ties a row to the one above
 * is a struct link of the row that has it. */
#ifndef COMPILER_NESTED_H
#define COMPILER_NESTED_H

#include "database/catalogue.h"

struct change;
struct value;

enum nested_verb {
	NESTED_CREATE,
	NESTED_CONNECT,
	NESTED__MAX,
};

struct nested {
	struct nested *next;
	enum nested_verb verb;
	const struct relation *relation; /* of the model of the change that it stands in */
	const struct value *id;          /* of the row, where the body names it; else NULL */
	struct change *row;              /* of the relation's target; NULL: it is not touched */
	struct change *join;             /* RELATION_THROUGH: of the join table */
};

#endif
