/* SPDX-License-Identifier: BSD-2-Clause */
/* values.h - one value of one column: compared, folded and written as PostgreSQL does
 *
 * The rules are those of PostgreSQL under LC_COLLATE C.UTF-8: text by its bytes, an enum by the
 * order of its labels, false before true, numeric exactly. */
#ifndef ORACLE_VALUES_H
#define ORACLE_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oracle/models.h"

struct pool;

struct cell {
	bool null;
	int64_t
	    number; /* int; numeric x 10000; enum's place; bool; microseconds or days since 1970 */
	const char *text; /* uuid, text; jsonb as it was written */
	const char *const *texts;
	size_t count;
};

enum { NUMERIC_SCALE = 10000, US_PER_MS = 1000 };
#define US_PER_DAY ((int64_t)86400 * 1000000)

/* Less than, equal to or greater than 0; neither is NULL. Not for text[] and jsonb. */
int cell_compare(enum type, const struct cell *, const struct cell *);
bool cell_equal(enum type, const struct cell *, const struct cell *);

/* As PostgreSQL and a URL take it: numbers exact, an instant with six digits and a Z. Not for
 * text[]. */
const char *
cell_text(struct pool *, enum type, const struct cell *) __attribute__((returns_nonnull));

/* An instant as answers show it: three digits, cut and not rounded. */
const char *instant_shown(struct pool *, int64_t us) __attribute__((returns_nonnull));

/* Lower case of ASCII and of the capital letters U+00C0 to U+00DE: the data has no others. */
const char *text_folded(struct pool *, const char *) __attribute__((returns_nonnull));

#endif
