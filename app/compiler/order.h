/* SPDX-License-Identifier: BSD-2-Clause */
/* order.h - sortBy=createdAt:DESC, and the key that ends every sort */
#ifndef COMPILER_ORDER_H
#define COMPILER_ORDER_H

#include <stdbool.h>

#include "base/compiler.h"

struct arena;
struct column;
struct problem;
struct query;

/* The two halves of "createdAt:DESC"; ascending when nothing is said. A fault when the direction is
 * none. */
bool order_read(const char *text, const char **name, bool *descending, struct arena *,
    const char *pointer, struct problem *) MUST_CHECK;

/* Add the sort key that text asks for: column, column:ASC or column:DESC, any case of the
 * direction. Instead of a column of the model it may be one of a related row, author.name, or how
 * many rows a relation has, comments._count. pointer says where it stood. A fault when the column
 * is not sortable, is named twice, or the direction is no direction. */
bool order_add(struct query *, const char *text, const char *pointer, struct problem *) MUST_CHECK;

/* distinct=authorId,published: of rows that are equal in these columns, only the first. Columns
 * that are sortable, or filterable for equality; a fault otherwise. */
bool order_add_distinct(
    struct query *, const char *text, const char *pointer, struct problem *) MUST_CHECK;

/* Whether values of a column can be told apart: it is sortable, or filterable for equality. */
bool order_is_comparable(const struct column *);

/* The order is complete: the model's default when none was asked for, and the key behind it, so
 * that equal values still have one order. It runs in the direction of the last key, which one index
 * can serve. */
void order_finish(struct query *);

#endif
