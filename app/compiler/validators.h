/* SPDX-License-Identifier: BSD-2-Clause */
/* validators.h - what the registration declares of a column's values (validate)
 *
 * For what clients write; a filter may ask for anything. The rules are those of
 * man/rowhouse.8, VALIDATION; PostgreSQL knows nothing of them. */
#ifndef COMPILER_VALIDATORS_H
#define COMPILER_VALIDATORS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct arena;
struct column;
struct objection;
struct principals;

/* Whether a text or number that the column can hold obeys its rules; the objection when not, with
 * the format's word, "length" or "range" as its code. */
bool validators_accept(
    const struct column *, const char *bytes, struct arena *, struct objection *) MUST_CHECK;

/* The same for an array of so many elements. */
bool validators_accept_elements(
    const struct column *, size_t count, struct arena *, struct objection *) MUST_CHECK;

/* Whether a new password obeys the rules of its registration, and is of the length that is always
 * asked for (formats/password.h). */
bool validators_accept_password(
    const struct principals *, const char *password, struct arena *, struct objection *) MUST_CHECK;

#endif
