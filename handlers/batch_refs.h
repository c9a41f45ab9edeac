/* SPDX-License-Identifier: BSD-2-Clause */
/* batch_refs.h - {"$ref": "0.id"}: fields of rows that earlier operations have written; for
 * batch_read.c */
#ifndef HANDLERS_BATCH_REFS_H
#define HANDLERS_BATCH_REFS_H

#include <stdbool.h>
#include <stddef.h>

struct batch;
struct json_object;
struct jsonpointer;
struct model;
struct problem;

/* Whose references are resolved. */
struct refs {
	struct batch *batch;
	size_t index;              /* of the operation: those before it may be referred to */
	const struct model *model; /* values of its json columns are no place for references */
	struct problem *problem;
	bool known; /* false: some are of rows that were not written yet, and left as they are */
};

/* The value, with all references in it replaced, or what takes its place when it is one. One that
 * refers to nothing is a fault. */
struct json_object *
refs_resolve(struct refs *, struct json_object *, const struct jsonpointer *where);

#endif
