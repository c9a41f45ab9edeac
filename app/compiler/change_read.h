/* SPDX-License-Identifier: BSD-2-Clause */
/* change_read.h - a body's members as assignments
 *
 * Everything that can be known without the database is checked here, and every fault of a body is
 * reported, each with its JSON pointer (DESIGN 4):
 *
 *	unknown     no such column, or a hidden one; left out instead where the setting says so
 *	read_only   a system column, a generated one, one that the model declares read-only
 *	required    missing on create, or null where the column takes none
 *	conflict    a foreign key and its relation, or two operations that exclude each other
 *	limit       more or deeper operations under names of relations than there may be
 *	length      a password that is too short or too long
 *	restricted  a column that other roles may write
 *	owner       another owner than oneself, without the right to update every row
 *	forbidden   a row under the name of a relation (nested.h) of a model that is not theirs
 *
 * and what values.h says of a value. Faults of the last three kinds alone are a 403, as the request
 * is well formed; with any other fault it is a 400.
 *
 *	change_read(change, &reader, object, &place, p);	for each object of the body
 *	return change_read_end(&reader, p);
 */
#ifndef COMPILER_CHANGE_READ_H
#define COMPILER_CHANGE_READ_H

#include <stdbool.h>

#include "base/compiler.h"
#include "database/catalogue.h"

struct change;
struct json_object;
struct jsonpointer;
struct principal;
struct problem;

/* Who writes, how strictly, and what was found so far. */
struct change_reader {
	const struct principal *who;
	bool strip;          /* unknown members are left out */
	unsigned forbidden;  /* faults that are a 403 by themselves */
	unsigned operations; /* under names of relations */
	bool anonymous;      /* one was forbidden to somebody who did not sign in: a 401 then */
};

/* Fill a change of ACTION_CREATE or ACTION_UPDATE, and those nested in it, from an object; where is
 * its place in the body, NULL the whole. A create gets its id and its owner. What is wrong becomes
 * faults. */
void change_read(struct change *, struct change_reader *, struct json_object *,
    const struct jsonpointer *where, struct problem *);

/* The same for an upsert, whose update and create come from one object: the create gets all that a
 * new row gets, the update the members that were given. The key's values are the create's. */
void change_read_upsert(struct change *, struct change_reader *, struct json_object *,
    const struct jsonpointer *where, struct problem *);

/* Behind all objects of a body: false when any had a fault. */
bool change_read_end(const struct change_reader *, struct problem *) MUST_CHECK;

/* Whether a client may say what a column is to be, its own rule (column->writers) apart; and
 * whether somebody must when a row is made. The owner's column is filled with who asks. */
bool change_takes(const struct model *, const struct column *, enum action);
bool change_needs(const struct column *);

#endif
