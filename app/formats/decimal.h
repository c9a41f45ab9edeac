/* SPDX-License-Identifier: BSD-2-Clause */
/* decimal.h - a number as its digits
 *
 * Numbers come as JSON writes them (RFC 8259, 6) and are not doubles here: an id of 19 digits or a
 * price of 30 is what it was. The value is 0.d1 d2 d3 ... x 10^point, with neither a first nor a
 * last digit that is 0; so equal numbers have equal structs, however they were written. */
#ifndef FORMATS_DECIMAL_H
#define FORMATS_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/limits.h"

struct decimal {
	bool negative;                        /* never of 0 */
	char digits[LIMIT_JSON_NUMBER_BYTES]; /* '0' to '9' */
	size_t count;                         /* of digits; 0: the number is 0 */
	long point; /* at most LIMIT_JSON_NUMBER_BYTES + LIMIT_JSON_EXPONENT,
					       either way; 0 of 0 */
};

/* Read a number that fills the text. False when it is none, or passes LIMIT_JSON_NUMBER_BYTES or
 * LIMIT_JSON_EXPONENT. */
bool decimal_read(struct decimal *, const char *text) MUST_CHECK;

/* The number as an integer; false when it is not exactly one of 64 bits. 1.0 and 1e3 are. */
bool decimal_integer(const struct decimal *, int64_t *integer) MUST_CHECK;

/* Whether PostgreSQL's numeric(precision, scale) holds it after rounding to scale digits behind the
 * point, halves away from 0; scale may be negative. */
bool decimal_fits(const struct decimal *, int precision, int scale) MUST_CHECK;

/* Negative, 0 or positive, as a is below, equal to or above b. */
int decimal_compare(const struct decimal *a, const struct decimal *b);

#endif
