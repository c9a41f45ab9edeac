/* SPDX-License-Identifier: BSD-2-Clause */
/* kinds.h - the texts of each kind of value
 *
 * As tight as PostgreSQL or tighter: what passes here is cast to the column's type without an
 * error, in a filter and in a write. Tighter where PostgreSQL guesses: no "yes" for true, no day
 * that is "now", no clock without its zone where there is one. Kinds that PostgreSQL alone reads
 * (KIND_OTHER) pass as they are; its refusal is of class 22 and becomes PROBLEM_VALUE. */
#ifndef COMPILER_KINDS_H
#define COMPILER_KINDS_H

#include <stdbool.h>

#include "base/compiler.h"

struct arena;
struct column;

/* Why a value is none of its column: the two halves of a fault. */
struct objection {
	const char *code; /* "type", "range", "enum", "length" */
	const char
	    *expected; /* behind "price is ": "a number"; the client's own bytes are not in it */
};

/* The text as PostgreSQL gets it: the client's own bytes, or one canonical form in the arena. NULL
 * and the objection when it is no value of the column. */
const char *
kind_read(const struct column *, const char *text, struct arena *, struct objection *) MUST_CHECK;

/* The same for a number of KIND_INT, KIND_NUMERIC or KIND_FLOAT in any of JSON's ways to write it:
 * an integer column takes 1.0 and 1e3, which are 1 and 1000. */
const char *kind_read_number(
    const struct column *, const char *text, struct arena *, struct objection *) MUST_CHECK;

/* Whether a text that was read fits the column's length or precision. PostgreSQL would cut, or
 * refuse by its own text, what does not; in a filter it is merely equal to nothing. */
bool
kind_fits(const struct column *, const char *bytes, struct arena *, struct objection *) MUST_CHECK;

#endif
