/* SPDX-License-Identifier: BSD-2-Clause */
/* typescript.h - JSON Schema as types of TypeScript
 *
 * Of JSON Schema what our own description has: $ref to a component, anyOf, enum, const, type,
 * properties, patternProperties, items. Bounds and formats have no type and are left out. */
#ifndef FORMATS_TYPESCRIPT_H
#define FORMATS_TYPESCRIPT_H

#include <stdbool.h>

struct json_object;
struct text;

/* The type of a schema, indented by so many tabs where it takes several lines; NULL is unknown. */
void typescript_type(struct text *, struct json_object *schema, unsigned depth);

/* export type Name = ...; */
void typescript_declare(struct text *, const char *name, struct json_object *schema);

/* A member's line up to its colon: "filter.title"?: */
void typescript_member(struct text *, const char *name, bool required, unsigned depth);

/* A string literal. */
void typescript_literal(struct text *, const char *string);

#endif
