/* SPDX-License-Identifier: BSD-2-Clause */
/* nesting.h - one relation's member of an object on its way into operations; for the files that
 * read them
 *
 * nested_read.c reads the member and knows the words, nested_verbs.c reads what stands under each,
 * nested_which.c which row is meant. */
#ifndef COMPILER_NESTING_H
#define COMPILER_NESTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "compiler/nested.h"
#include "formats/jsonpointer.h"

struct arena;
struct json_object;
struct reading;

/* The own columns of a join table's row, as reads show them. */
#define NESTING_LINK "_link"

struct nesting {
	struct reading *outer; /* the object */
	const struct relation *relation;
	enum nested_verb verb;
};

struct arena *nesting_arena(const struct nesting *) __attribute__((returns_nonnull));

/* A fault of the body. Always false. */
bool nesting_fault(
    const struct nesting *, const struct jsonpointer *, const char *code, const char *detail);

/* What stands under a word, of one row. */
typedef void nesting_fn(struct nesting *, struct json_object *, const struct jsonpointer *);

nesting_fn nesting_create, nesting_connect, nesting_connect_or_create, nesting_update,
    nesting_upsert, nesting_delete, nesting_disconnect;

/* All rows that the relation shall have: an array, or one. */
nesting_fn nesting_set;

/* Read a value, or each element of an array where the relation has many rows; as many as a body may
 * have operations. */
void nesting_each(struct nesting *, struct json_object *, const struct jsonpointer *, nesting_fn *);

/* A member that must be there. */
struct nesting_part {
	const char *name;
	struct json_object *value;
	struct jsonpointer at;
};

/* Find all of an object's members, which are to be these; at outlives them. False and faults. */
bool nesting_parts(struct nesting *, struct json_object *, const struct jsonpointer *at,
    struct nesting_part *, size_t count) MUST_CHECK;

/* A new operation behind those that there are. */
struct nested *
nesting_add(struct nesting *, const struct jsonpointer *at) __attribute__((returns_nonnull));

/* Which row of the relation's target is meant: {"id": ...}, or the columns of a unique key, and
 * _link where that is read. NULL and a fault; else a new operation. */
struct nested *nesting_which(
    struct nesting *, struct json_object *, const struct jsonpointer *, bool linked) MUST_CHECK;

#endif
