/* SPDX-License-Identifier: BSD-2-Clause */
/* values.h - what a client sent as a parameter of a column's type
 *
 * Checked here so that PostgreSQL never sees what it would refuse: its error texts name values and
 * cost a rolled back unit. What is checked of each kind is in kinds.h. A fault lies at the pointer,
 * quotes the text unless the column is sensitive, and says what would be right. No function stops
 * at the first fault. */
#ifndef COMPILER_VALUES_H
#define COMPILER_VALUES_H

#include <stddef.h>

#include "base/compiler.h"

struct arena;
struct column;
struct json_object;
struct jsonpointer;
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

/* The value that a member of a body gives its column, which must hold it: lengths, numeric's
 * precision and, in an array, every element are checked, and the rules of its registration. NULL
 * and one or more faults when it does not.
 *
 *	true, false	boolean
 *	a number	int, numeric, float; 1.0 and 1e3 are the integers 1 and 1000 (RFC 8259, 6)
 *	a string	the rest; also bigint and numeric, for clients whose numbers are doubles
 *	an array	an array, of values of its element type and nulls, not of arrays
 *	anything	json and jsonb
 *	null		SQL NULL (bytes is NULL), of json and jsonb too; a fault where NOT NULL
 *
 * PostgreSQL rounds a numeric to its scale and a time to its precision, as it always does. */
const struct value *value_from_json(const struct column *, struct json_object *,
    const struct jsonpointer *, struct arena *, struct problem *) MUST_CHECK;

#endif
