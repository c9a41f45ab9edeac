/* SPDX-License-Identifier: BSD-2-Clause */
/* batch_read.h - the operations of a batch, from JSON to changes; for batch.c
 *
 *	[{"op": "create", "model": "posts", "data": {"title": "A", ...}},
 *	 {"op": "create", "model": "comments", "data": {"postId": {"$ref": "0.id"}, ...}},
 *	 {"op": "update", "model": "posts", "id": {"$ref": "0.id"}, "data": {...}, "version": 1}]
 *
 * {"$ref": "0.id"} stands for a field of the row that an operation before has written. Where that
 * is an id which is known already the change is made at once, and its faults are told with all
 * others before anything is sent; else the operation waits for the rows of those before it. */
#ifndef HANDLERS_BATCH_READ_H
#define HANDLERS_BATCH_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "compiler/change_read.h"

struct change;
struct json_object;
struct model;
struct problem;
struct request;
struct writing;

enum batch_member {
	BATCH_OP,
	BATCH_MODEL,
	BATCH_ID,
	BATCH_BY,
	BATCH_DATA,
	BATCH_VERSION,
	BATCH_FORCE,
	BATCH_MEMBER__MAX,
};

struct operation {
	const struct batch_kind *kind;                  /* NULL: it has faults */
	const struct model *model;                      /* NULL: it has faults */
	struct json_object *members[BATCH_MEMBER__MAX]; /* NULL: absent, or null */
	bool given[BATCH_MEMBER__MAX];
	struct change *change; /* NULL: it waits for results */
	bool wanted;           /* another waits for a field of its row */
	size_t shown;          /* the statement that reads its row, or WRITING_HIDDEN */
};

struct batch {
	struct request *request;
	struct change_reader reader;
	struct operation *operations;
	size_t count;
	const struct writing *writing; /* NULL: nothing was sent yet */
};

/* All operations, and the changes of those that wait for nothing. False when there are faults. */
bool batch_read(struct batch *, struct request *, struct problem *) MUST_CHECK;

/* The change of one that has waited; what was sent by now has been run. */
bool batch_read_late(struct batch *, size_t index, struct problem *) MUST_CHECK;

#endif
