/* SPDX-License-Identifier: BSD-2-Clause */
/* jsonread.h - reading JSON that a client wrote
 *
 * RFC 8259 to the letter, and one step tighter where the letter leaves a choice: no duplicate
 * member names, no NUL, no half of a surrogate pair, no byte order mark; bounds on depth, members,
 * values and numbers are in limits.h. json-c's own parser accepts or quietly changes all of these
 * (reference/reliability.md 2.5), so it never sees the text: the tree is built through its object
 * API and belongs to the arena.
 *
 * A number keeps the characters it was sent with and is never a double here: only the type of the
 * column that it is meant for reads it. A null is a NULL pointer, as in json-c, so what may be
 * absent says so in another way. document.h reads what our own database wrote; its document_length
 * and document_element serve these trees too, its document_int does not. */
#ifndef FORMATS_JSONREAD_H
#define FORMATS_JSONREAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct arena;
struct json_object;
struct problem;

enum jsonread_kind {
	JSONREAD_NULL,
	JSONREAD_BOOL,
	JSONREAD_NUMBER,
	JSONREAD_STRING,
	JSONREAD_OBJECT,
	JSONREAD_ARRAY,
	JSONREAD__MAX,
};

/* A walk over the members of an object in the order they were sent; begin with { 0 }. */
struct jsonread_member {
	const char *key; /* UTF-8 without NUL */
	struct json_object *value;
	const void *place; /* of the walk */
};

/* Parse len bytes; *value is the tree, NULL where the document is null. PROBLEM_MALFORMED with the
 * byte, counted from 0, and what was expected there; never with what was found. Only the first
 * fault is told. */
bool jsonread_parse(struct json_object **value, const char *json, size_t len, struct arena *,
    struct problem *) MUST_CHECK;

enum jsonread_kind jsonread_kind(const struct json_object *);

/* For a detail: "an object", "a string", "null". */
const char *jsonread_kind_name(enum jsonread_kind) __attribute__((returns_nonnull));

/* A value of the kind that the name says; another kind is our mistake and aborts. Texts live as
 * long as the tree, end in NUL and hold none. */
bool jsonread_bool(struct json_object *);
const char *jsonread_number(struct json_object *) __attribute__((returns_nonnull));
const char *jsonread_string(struct json_object *, size_t *len) __attribute__((returns_nonnull));

/* Any value as JSON text again, for a column of type json: numbers as they were sent. Lives until
 * the next call for the same value. */
const char *jsonread_text(struct json_object *, size_t *len) __attribute__((returns_nonnull));

/* The next member of an object; false behind the last. */
bool jsonread_next(struct json_object *object, struct jsonread_member *);

/* Whether an object has a member, which may be null. */
bool jsonread_find(struct json_object *object, const char *key, struct json_object **value);

/* How many members an object has. */
size_t jsonread_count(struct json_object *object);

/* Put another value in the place of one that is there; NULL is null. A walk over the object may go
 * on. */
void jsonread_replace(struct json_object *object, const char *key, struct json_object *value);
void jsonread_replace_element(struct json_object *array, size_t index, struct json_object *value);

#endif
