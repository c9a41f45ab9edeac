/* SPDX-License-Identifier: BSD-2-Clause */
/* schema_values.h - bounds, examples, and writes under names of relations; for schema.c */
#ifndef COMPILER_SCHEMA_VALUES_H
#define COMPILER_SCHEMA_VALUES_H

#include <stdbool.h>

#include "compiler/schema.h"

/* The least or the most that the registration asks for, as a number is written; NULL: none. */
const char *schema_bound(const struct column *, bool low);

/* The most characters of a text, or elements of an array: of the type, and where values are written
 * of the registration's rule, whichever is less; 0: no bound. */
long schema_longest(const struct column *, enum schema_use);

/* A value that the column takes, but for what a CHECK may say. Of kinds that PostgreSQL alone reads
 * there is none. */
bool schema_has_example(const struct column *);
void schema_example(struct jsontext *, const struct column *);

/* The relation to one row that a column is the key of, which a body may name instead; NULL: it is
 * none's. */
const struct relation *schema_relation_of(const struct model *, const struct column *);

/* What a body takes under the names of relations: members of its properties. */
void schema_nested(
    struct jsontext *, const struct model *, enum schema_use, const struct schema_names *);

#endif
