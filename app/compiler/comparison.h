/* SPDX-License-Identifier: BSD-2-Clause */
/* comparison.h - $gte:5, $in:a,b, $null: an operator and what it compares with
 *
 *	comparison = operand                       equal to it
 *	           | "$null" | "$not:null" | "$isEmpty"
 *	           | operator ":" operand
 *	           | ("$in" | "$nin" | "$btw" | "$hasSome" | "$hasEvery") ":" operand *("," operand)
 *
 * In a list a comma that belongs to a value is written \, and a backslash before a comma or a
 * backslash is written \\. Elsewhere every byte is the value's: % and _ are themselves. */
#ifndef COMPILER_COMPARISON_H
#define COMPILER_COMPARISON_H

#include <stdbool.h>

#include "base/compiler.h"

struct arena;
struct column;
struct predicate;
struct problem;
struct value;

/* What may be compared, and how it is called in messages. */
struct comparand {
	const struct column *column; /* its kind reads the values */
	const char *name;            /* price, or _count */
	unsigned operators;          /* allowed: bits of 1 << enum operator */
};

/* Read text into the operator and the values of a PREDICATE_COMPARE whose column or path is set. A
 * comparand of KIND_JSON is compared at the path of the predicate, which this sets the subject of.
 * False and a fault at pointer otherwise. */
bool comparison_read(struct predicate *, const struct comparand *, const char *text,
    const char *pointer, struct arena *, struct problem *) MUST_CHECK;

/* A parameter for LIKE and ILIKE: whatever has the text in it. */
const struct value *
comparison_pattern(const char *text, struct arena *) __attribute__((returns_nonnull));

/* The words of operators, joined by ", ". */
const char *
comparison_operators(unsigned operators, struct arena *) __attribute__((returns_nonnull));

/* text at its commas, but those behind a backslash; NULL-terminated, *count of them. The empty text
 * is one empty piece. */
const char *const *comparison_split(const char *text, struct arena *, unsigned *count)
    __attribute__((returns_nonnull));

#endif
