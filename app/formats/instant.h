/* SPDX-License-Identifier: BSD-2-Clause */
/* instant.h - dates and times as text (RFC 3339, 5.6)
 *
 * A point in time is a count of microseconds, as PostgreSQL keeps it: from 1970-01-01T00:00:00 in
 * UTC, or on the clock of whoever wrote it where there is no zone. Days are of the Gregorian
 * calendar, in years 0001 to 9999. Pure: no clock and no time zone database is asked. */
#ifndef FORMATS_INSTANT_H
#define FORMATS_INSTANT_H

#include <stdint.h>

#include "base/compiler.h"

/* What may be written. A date alone stands for its midnight. */
enum instant_form {
	INSTANT_ZONED, /* date-time with its offset, "Z" or "+02:00"; or a date, then in UTC */
	INSTANT_LOCAL, /* date-time without an offset, or a date */
	INSTANT_DATE,  /* a date and nothing else */
	INSTANT_FORM__MAX,
};

enum instant_verdict {
	INSTANT_READ,
	INSTANT_MALFORMED,
	INSTANT_NO_DAY,      /* 2023-02-29 */
	INSTANT_NO_TIME,     /* hour 24, minute 60, an offset of 24 hours */
	INSTANT_LEAP_SECOND, /* second 60: RFC 3339 has it, the count has not; the next second is
				another one */
	INSTANT_OUTSIDE,     /* the offset leads out of the years 0001 to 9999 */
	INSTANT_VERDICT__MAX,
};

enum { INSTANT_BYTES = sizeof("2026-11-20T18:09:46.123456Z") };

/* Read a text of a form: 4-2-2 digits, then T and 2:2:2 digits and a fraction of 1 to 9, which is
 * rounded to microseconds (halves up). T and Z may be small. The value is set with INSTANT_READ
 * only. */
enum instant_verdict
instant_read(int64_t *microseconds, enum instant_form, const char *text) MUST_CHECK;

/* Write the one text that each value has, with six digits of fraction; out of the years 0001 to
 * 9999 is our own mistake. */
void instant_write(char out[INSTANT_BYTES], enum instant_form, int64_t microseconds);

#endif
