/* SPDX-License-Identifier: BSD-2-Clause */
/* test_instant.c - RFC 3339 by hand, and the C library's calendar as the oracle */
#include "formats/instant.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "unit.h"

/* What each form makes of a text, written again; NULL: the verdict says why not. */
static const struct {
	const char *text;
	enum instant_form form;
	enum instant_verdict verdict;
	const char *written;
} rows[] = {
	{ "2024-05-17T09:30:00Z", INSTANT_ZONED, INSTANT_READ, "2024-05-17T09:30:00.000000Z" },
	{ "2024-05-17t09:30:00z", INSTANT_ZONED, INSTANT_READ, "2024-05-17T09:30:00.000000Z" },
	{ "2024-05-17T09:30:00+02:00", INSTANT_ZONED, INSTANT_READ, "2024-05-17T07:30:00.000000Z" },
	{ "2024-05-17T09:30:00-02:30", INSTANT_ZONED, INSTANT_READ, "2024-05-17T12:00:00.000000Z" },
	{ "2024-05-17T09:30:00-00:00", INSTANT_ZONED, INSTANT_READ, "2024-05-17T09:30:00.000000Z" },
	{ "2024-01-01T00:00:00+23:59", INSTANT_ZONED, INSTANT_READ, "2023-12-31T00:01:00.000000Z" },
	{ "2024-12-31T23:59:59-23:59", INSTANT_ZONED, INSTANT_READ, "2025-01-01T23:58:59.000000Z" },
	{ "2024-05-17", INSTANT_ZONED, INSTANT_READ, "2024-05-17T00:00:00.000000Z" },
	{ "2024-05-17T09:30:00.5Z", INSTANT_ZONED, INSTANT_READ, "2024-05-17T09:30:00.500000Z" },
	{ "2024-05-17T09:30:00.123456Z", INSTANT_ZONED, INSTANT_READ,
	    "2024-05-17T09:30:00.123456Z" },
	{ "2024-05-17T09:30:00.1234564Z", INSTANT_ZONED, INSTANT_READ,
	    "2024-05-17T09:30:00.123456Z" },
	{ "2024-05-17T09:30:00.1234565Z", INSTANT_ZONED, INSTANT_READ,
	    "2024-05-17T09:30:00.123457Z" },
	{ "2024-12-31T23:59:59.999999999Z", INSTANT_ZONED, INSTANT_READ,
	    "2025-01-01T00:00:00.000000Z" },
	{ "0001-01-01T00:00:00Z", INSTANT_ZONED, INSTANT_READ, "0001-01-01T00:00:00.000000Z" },
	{ "9999-12-31T23:59:59.999999Z", INSTANT_ZONED, INSTANT_READ,
	    "9999-12-31T23:59:59.999999Z" },
	{ "1969-12-31T23:59:59.999999Z", INSTANT_ZONED, INSTANT_READ,
	    "1969-12-31T23:59:59.999999Z" },
	{ "2024-02-29T00:00:00Z", INSTANT_ZONED, INSTANT_READ, "2024-02-29T00:00:00.000000Z" },
	{ "2000-02-29T00:00:00Z", INSTANT_ZONED, INSTANT_READ, "2000-02-29T00:00:00.000000Z" },

	{ "2024-05-17T09:30:00", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "2024-05-17T09:30:00.Z", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "2024-05-17T09:30:00,5Z", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "2024-05-17T09:30:00.1234567890Z", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "2024-05-17T09:30Z", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "2024-05-17 09:30:00Z", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "2024-05-17T09:30:00 Z", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "2024-05-17T09:30:00 02:00", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "2024-05-17T09:30:00+0200", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "2024-05-17T09:30:00+02", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "2024-05-17T09:30:00+2:00", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "2024-05-17T09:30:00ZZ", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "2024-05-17T09:30:00Z ", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ " 2024-05-17T09:30:00Z", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "2024-05-17Z", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "24-05-17T09:30:00Z", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "12024-05-17T09:30:00Z", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "-2024-05-17T09:30:00Z", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "2024-5-17T09:30:00Z", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "2024/05/17T09:30:00Z", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "20240517T093000Z", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "now", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "infinity", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "1715938200", INSTANT_ZONED, INSTANT_MALFORMED, NULL },
	{ "", INSTANT_ZONED, INSTANT_MALFORMED, NULL },

	{ "2023-02-29T00:00:00Z", INSTANT_ZONED, INSTANT_NO_DAY, NULL },
	{ "1900-02-29T00:00:00Z", INSTANT_ZONED, INSTANT_NO_DAY, NULL },
	{ "2024-04-31T00:00:00Z", INSTANT_ZONED, INSTANT_NO_DAY, NULL },
	{ "2024-00-10T00:00:00Z", INSTANT_ZONED, INSTANT_NO_DAY, NULL },
	{ "2024-13-10T00:00:00Z", INSTANT_ZONED, INSTANT_NO_DAY, NULL },
	{ "2024-05-00T00:00:00Z", INSTANT_ZONED, INSTANT_NO_DAY, NULL },
	{ "2024-05-32T00:00:00Z", INSTANT_ZONED, INSTANT_NO_DAY, NULL },
	{ "0000-01-01T00:00:00Z", INSTANT_ZONED, INSTANT_NO_DAY, NULL },
	{ "2024-05-17T24:00:00Z", INSTANT_ZONED, INSTANT_NO_TIME, NULL },
	{ "2024-05-17T23:60:00Z", INSTANT_ZONED, INSTANT_NO_TIME, NULL },
	{ "2024-05-17T23:59:61Z", INSTANT_ZONED, INSTANT_NO_TIME, NULL },
	{ "2024-05-17T23:59:00+24:00", INSTANT_ZONED, INSTANT_NO_TIME, NULL },
	{ "2024-05-17T23:59:00+01:60", INSTANT_ZONED, INSTANT_NO_TIME, NULL },
	{ "2016-12-31T23:59:60Z", INSTANT_ZONED, INSTANT_LEAP_SECOND, NULL },
	{ "2017-01-01T00:59:60+01:00", INSTANT_ZONED, INSTANT_LEAP_SECOND, NULL },
	{ "0001-01-01T00:59:59+01:00", INSTANT_ZONED, INSTANT_OUTSIDE, NULL },
	{ "9999-12-31T23:00:00-01:00", INSTANT_ZONED, INSTANT_OUTSIDE, NULL },
	{ "9999-12-31T23:59:59.9999995Z", INSTANT_ZONED, INSTANT_OUTSIDE, NULL },

	{ "2024-05-17T09:30:00", INSTANT_LOCAL, INSTANT_READ, "2024-05-17T09:30:00.000000" },
	{ "2024-05-17t09:30:00.25", INSTANT_LOCAL, INSTANT_READ, "2024-05-17T09:30:00.250000" },
	{ "2024-05-17", INSTANT_LOCAL, INSTANT_READ, "2024-05-17T00:00:00.000000" },
	{ "2024-05-17T09:30:00Z", INSTANT_LOCAL, INSTANT_MALFORMED, NULL },
	{ "2024-05-17T09:30:00+02:00", INSTANT_LOCAL, INSTANT_MALFORMED, NULL },
	{ "2016-12-31T23:59:60", INSTANT_LOCAL, INSTANT_LEAP_SECOND, NULL },
	{ "2023-02-29", INSTANT_LOCAL, INSTANT_NO_DAY, NULL },

	{ "2024-05-17", INSTANT_DATE, INSTANT_READ, "2024-05-17" },
	{ "0001-01-01", INSTANT_DATE, INSTANT_READ, "0001-01-01" },
	{ "9999-12-31", INSTANT_DATE, INSTANT_READ, "9999-12-31" },
	{ "2024-05-17T00:00:00", INSTANT_DATE, INSTANT_MALFORMED, NULL },
	{ "2024-05-17T00:00:00Z", INSTANT_DATE, INSTANT_MALFORMED, NULL },
	{ "2024-05-1", INSTANT_DATE, INSTANT_MALFORMED, NULL },
	{ "2024-05-170", INSTANT_DATE, INSTANT_MALFORMED, NULL },
	{ "17-05-2024", INSTANT_DATE, INSTANT_MALFORMED, NULL },
	{ "today", INSTANT_DATE, INSTANT_MALFORMED, NULL },
	{ "2023-02-29", INSTANT_DATE, INSTANT_NO_DAY, NULL },
	{ "0000-12-31", INSTANT_DATE, INSTANT_NO_DAY, NULL },
};

static void
texts_are_read_or_refused(void)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char written[INSTANT_BYTES];
		int64_t value = 0;
		enum instant_verdict verdict = instant_read(&value, rows[i].form, rows[i].text);

		ASSERT_ROW(rows[i].text, verdict == rows[i].verdict);
		if (verdict != INSTANT_READ)
			continue;
		instant_write(written, rows[i].form, value);
		ASSERT_ROW(rows[i].text, strcmp(written, rows[i].written) == 0);
	}
}

/* Days 28 to 31 of every month there is: a day exists when timegm does not carry it over. */
static void
the_calendar_is_the_librarys(void)
{
	unsigned long wrong = 0;

	for (int i = 0; i < 9999 * 12 * 4; i++) {
		int year = i / 48 + 1, month = i / 4 % 12 + 1, day = 28 + i % 4;
		struct tm tm = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
		time_t seconds = timegm(&tm);
		bool exists = tm.tm_mday == day;
		int64_t value = 0;
		char text[32];

		snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month, day);
		wrong += instant_read(&value, INSTANT_DATE, text) !=
		    (exists ? INSTANT_READ : INSTANT_NO_DAY);
		wrong += exists && value != (int64_t)seconds * 1000000;
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

/* Every 1,111,111th second of 9999 years, with a fraction, as gmtime_r has it. */
static void
what_is_written_is_read_again(void)
{
	const int64_t last = INT64_C(253402300799);
	unsigned long wrong = 0;

	for (int64_t s = INT64_C(-62135596800); s <= last; s += 1111111) {
		int64_t value = s * 1000000 + (s & 0xfffff) % 1000000, again = 0;
		time_t seconds = (time_t)s;
		char text[INSTANT_BYTES], oracle[64];
		struct tm tm;

		gmtime_r(&seconds, &tm);
		snprintf(oracle, sizeof(oracle), "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		    (int)((s & 0xfffff) % 1000000));
		instant_write(text, INSTANT_ZONED, value);
		wrong += strcmp(text, oracle) != 0;
		wrong += instant_read(&again, INSTANT_ZONED, oracle) != INSTANT_READ;
		wrong += again != value;
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

void
suite_instant(void)
{
	static const struct test_row tests[] = {
		{ "texts are read or refused", texts_are_read_or_refused },
		{ "the calendar is the library's", the_calendar_is_the_librarys },
		{ "what is written is read again", what_is_written_is_read_again },
	};

	unit_suite("instant", tests, COUNT_OF(tests));
}
