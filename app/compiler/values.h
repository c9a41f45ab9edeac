/* SPDX-License-Identifier: BSD-2-Clause */
/* values.h - a client's text as a parameter of a column's type
 *
 * Checked here so that PostgreSQL never sees what it would refuse: its error texts name values and
 * cost a rolled back unit. What is checked of each kind is in kinds.h. A fault lies at the pointer,
 * quotes the text unless the column is sensitive, and says what would be right. */
#ifndef COMPILER_VALUES_H
#define COMPILER_VALUES_H

#include <stddef.h>

#include "base/compiler.h"

struct arena;
struct column;
struct problem;
struct sqlname;
struct value;

/* The value of a text in a filter. NULL and a fault when the column can hold no such value; a value
 * that is merely too long or too precise for it is equal to none of its. bytes are not copied. */
const struct value *value_read(const struct column *, const char *text, const char *pointer,
    struct arena *, struct problem *) MUST_CHECK;

/* The same for a key in a path, which is never empty. */
const struct value *value_read_key(const struct column *, const char *text, const char *pointer,
    struct arena *, struct problem *) MUST_CHECK;

/* All texts up to the NULL as one parameter, an array of the column's type, so that `= ANY ($n)`
 * has one text for any number of them; of a column that is an array itself, of its elements' type,
 * for `&&` and `@>`. Every text that is no value is a fault. */
const struct value *value_list(const struct column *, const char *const *texts, const char *pointer,
    struct arena *, struct problem *) MUST_CHECK;

/* A parameter of an array type from elements that were read; a NULL among them is SQL NULL. */
const struct value *value_array(struct arena *, const struct sqlname *type,
    const char *const *elements, size_t count) __attribute__((returns_nonnull));

#endif
