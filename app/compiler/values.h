/* SPDX-License-Identifier: BSD-2-Clause */
/* values.h - a client's text as a parameter of a column's type
 *
 * Checked here so that PostgreSQL never sees what it would refuse: its error texts name values and
 * cost a rolled back unit. */
#ifndef COMPILER_VALUES_H
#define COMPILER_VALUES_H

#include "base/compiler.h"

struct arena;
struct column;
struct problem;
struct value;

/* NULL and a fault at pointer when the column cannot hold the text. bytes are not copied. */
const struct value *value_read(const struct column *, const char *text, const char *pointer,
    struct arena *, struct problem *) MUST_CHECK;

#endif
