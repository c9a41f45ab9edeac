/* SPDX-License-Identifier: BSD-2-Clause */
/* document.h - reading JSON that our own database made
 *
 * A thin door to json-c: parsed once, tied to an arena, read by typed getters that abort on a shape
 * which our own SQL cannot have written. Text from clients goes through the strict scanner before
 * it comes here; json-c alone clamps numbers and accepts what RFC 8259 forbids
 * (reference/reliability.md 2.5). */
#ifndef FORMATS_DOCUMENT_H
#define FORMATS_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct arena;
struct json_object; /* json-c; nobody above this file looks inside */
struct problem;

/* Parse len bytes; the tree goes with the arena. PROBLEM_INTERNAL when it is no JSON. */
struct json_object *
document_parse(struct arena *, const char *json, size_t len, struct problem *) MUST_CHECK;

/* A member; NULL when it is absent or null, or the object is. */
struct json_object *document_member(struct json_object *object, const char *key);

/* Members by type; the standard value when absent or null. Strings live as long as the tree. */
const char *document_string(struct json_object *object, const char *key, const char *standard);
int64_t document_int(struct json_object *object, const char *key, int64_t standard);
bool document_bool(struct json_object *object, const char *key, bool standard);

/* Arrays; NULL has no elements. */
size_t document_length(struct json_object *array);
struct json_object *document_element(struct json_object *array, size_t index);

/* A string element; NULL when it is null. */
const char *document_text(struct json_object *array, size_t index);

/* Whether an array of strings holds one. */
bool document_contains(struct json_object *array, const char *string);

/* Call visit(context, key, value) for each member. */
void document_each(struct json_object *object,
    void (*visit)(void *, const char *key, struct json_object *), void *context);

#endif
