/* SPDX-License-Identifier: BSD-2-Clause */
/* instant.c - one function per rule of the grammar, and the calendar as arithmetic */
#include "formats/instant.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/compiler.h"

enum { SECOND = 1000000, DAY_SECONDS = 86400, FRACTION_DIGITS = 9 };

/* 0001-01-01T00:00:00 and 10000-01-01T00:00:00. */
static const int64_t first = INT64_C(-62135596800) * SECOND,
		     behind = INT64_C(253402300800) * SECOND;

/* What the digits say, before it is asked whether the calendar has it. */
struct fields {
	int year, month, day;
	int hour, minute, second, microsecond; /* 1000000 when the fraction was rounded up to it */
	int offset_hour, offset_minute;
	bool west; /* of Greenwich: the offset is subtracted from UTC to give the clock's time */
};

/* count digits; *at moves behind them. */
static bool
take_number(const char **at, int count, int *number)
{
	*number = 0;
	for (; count > 0; count--, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*number = *number * 10 + (**at - '0');
	}
	return true;
}

static bool
take(const char **at, char byte)
{
	if (**at != byte)
		return false;
	(*at)++;
	return true;
}

static bool
take_letter(const char **at, char upper)
{
	return take(at, upper) || take(at, (char)(upper - 'A' + 'a'));
}

static bool
take_date(const char **at, struct fields *f)
{
	return take_number(at, 4, &f->year) && take(at, '-') && take_number(at, 2, &f->month) &&
	    take(at, '-') && take_number(at, 2, &f->day);
}

/* Behind the point. */
static bool
take_fraction(const char **at, int *microsecond)
{
	int digit, nanosecond = 0, count = 0;

	for (; count < FRACTION_DIGITS && take_number(at, 1, &digit); count++)
		nanosecond = nanosecond * 10 + digit;
	if (count == 0)
		return false;
	for (; count < FRACTION_DIGITS; count++)
		nanosecond *= 10;
	*microsecond = (nanosecond + 500) / 1000;
	return true;
}

static bool
take_time(const char **at, struct fields *f)
{
	return take_number(at, 2, &f->hour) && take(at, ':') && take_number(at, 2, &f->minute) &&
	    take(at, ':') && take_number(at, 2, &f->second) &&
	    (!take(at, '.') || take_fraction(at, &f->microsecond));
}

/* -00:00, an unknown offset (RFC 3339, 4.3), is UTC. */
static bool
take_offset(const char **at, struct fields *f)
{
	if (take_letter(at, 'Z'))
		return true;
	f->west = **at == '-';
	return (take(at, '+') || take(at, '-')) && take_number(at, 2, &f->offset_hour) &&
	    take(at, ':') && take_number(at, 2, &f->offset_minute);
}

static bool
take_fields(const char *at, enum instant_form form, struct fields *f)
{
	if (!take_date(&at, f))
		return false;
	if (*at == '\0')
		return true;
	return form != INSTANT_DATE && take_letter(&at, 'T') && take_time(&at, f) &&
	    (form != INSTANT_ZONED || take_offset(&at, f)) && *at == '\0';
}

static bool
is_day(const struct fields *f)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (f->year % 4 == 0 && f->year % 100 != 0) || f->year % 400 == 0;

	return f->year >= 1 && f->month >= 1 && f->month <= 12 && f->day >= 1 &&
	    f->day <= lengths[f->month - 1] + (leap && f->month == 2);
}

/* Years that begin in March have their leap day last, so a day's number in its year depends on the
 * month alone; 719468 days lie between 0000-03-01 and 1970-01-01 (Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms", days_from_civil; here without the years before 0). */
static int64_t
days_of(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 + day_of_year - 719468;
}

/* The inverse (civil_from_days). */
static void
date_of(int64_t days, struct fields *f)
{
	int64_t shifted = days + 719468, era = shifted / 146097, in_era = shifted % 146097;
	int64_t y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t day_of_year = in_era - (365 * y + y / 4 - y / 100);
	int month = (int)((5 * day_of_year + 2) / 153);

	f->day = (int)(day_of_year - (153 * month + 2) / 5) + 1;
	f->month = month < 10 ? month + 3 : month - 9;
	f->year = (int)(y + era * 400) + (f->month <= 2);
}

enum instant_verdict
instant_read(int64_t *microseconds, enum instant_form form, const char *text)
{
	struct fields f = { 0 };
	int64_t seconds, value;
	int of_day, offset;

	assert(form < INSTANT_FORM__MAX);
	if (!take_fields(text, form, &f))
		return INSTANT_MALFORMED;
	if (!is_day(&f))
		return INSTANT_NO_DAY;
	if (f.second == 60)
		return INSTANT_LEAP_SECOND;
	if (f.hour > 23 || f.minute > 59 || f.second > 59 || f.offset_hour > 23 ||
	    f.offset_minute > 59)
		return INSTANT_NO_TIME;
	of_day = f.hour * 3600 + f.minute * 60 + f.second;
	offset = f.offset_hour * 3600 + f.offset_minute * 60;
	seconds =
	    days_of(f.year, f.month, f.day) * DAY_SECONDS + of_day - (f.west ? -offset : offset);
	value = seconds * SECOND + f.microsecond;
	if (value < first || value >= behind)
		return INSTANT_OUTSIDE;
	*microseconds = value;
	return INSTANT_READ;
}

void
instant_write(char out[INSTANT_BYTES], enum instant_form form, int64_t microseconds)
{
	struct fields f;
	int64_t since, seconds; /* since the first instant: never negative, so / and % are plain */
	int length;

	assert(form < INSTANT_FORM__MAX && microseconds >= first && microseconds < behind);
	since = microseconds - first;
	seconds = since / SECOND % DAY_SECONDS;
	date_of(since / SECOND / DAY_SECONDS + first / SECOND / DAY_SECONDS, &f);
	length = form == INSTANT_DATE
	    ? snprintf(out, INSTANT_BYTES, "%04d-%02d-%02d", f.year, f.month, f.day)
	    : snprintf(out, INSTANT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d.%06d%s", f.year, f.month,
		  f.day, (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60),
		  (int)(since % SECOND), form == INSTANT_ZONED ? "Z" : "");
	assert(length > 0 && length < INSTANT_BYTES);
}
