/* SPDX-License-Identifier: BSD-2-Clause */
/* include.h - include=author,comments(limit:20,sortBy:createdAt:DESC).author
 *
 *	includes = item *("," item)
 *	item     = relation [ "(" option *("," option) ")" ] [ "." item ]
 *	         | "_count" [ "." to-many ]
 *	option   = ("limit" ":" number) | ("sortBy" ":" sort) | filter-name ":" comparison
 *
 * Options are for relations to many rows. In an option a comma, a closing parenthesis and a
 * backslash that belong to the value have a backslash before them. */
#ifndef COMPILER_INCLUDE_H
#define COMPILER_INCLUDE_H

#include <stdbool.h>

#include "base/compiler.h"

struct problem;
struct query;
struct relation;

/* Read one parameter; false and a fault at pointer when it cannot be followed. */
bool
include_add(struct query *, const char *text, const char *pointer, struct problem *) MUST_CHECK;

/* The include of a relation, made when it is not there yet. */
struct query *include_relation(
    struct query *, const struct relation *, const char *pointer, struct problem *) MUST_CHECK;

/* Show how many rows a relation has (name is the relation's, to many), or all such relations (name
 * is NULL). */
bool
include_count(struct query *, const char *name, const char *pointer, struct problem *) MUST_CHECK;

/* Limits and orders of all includes that asked for none. */
void include_finish(struct query *);

#endif
