/* SPDX-License-Identifier: BSD-2-Clause */
/* test_log.c - what a value becomes in a line, and what a full line leaves out */
#include "base/log.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

static int ends[2];

/* The line that was just written, behind its key "k" or from where it stands in text format. */
static const char *
line_from(const char *begin)
{
	static char line[LIMIT_LOG_LINE_BYTES + 1];
	ssize_t n = read(ends[0], line, sizeof(line) - 1);
	const char *at;

	CU_ASSERT_FATAL(n > 0 && line[n - 1] == '\n');
	line[n - 1] = '\0';
	at = strstr(line, begin);
	return at != NULL ? at : line;
}

static int
set_up(void)
{
	log_name("unit");
	return pipe(ends);
}

static int
tear_down(void)
{
	log_open(STDERR_FILENO, LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void
values_are_escaped(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *escaped;
	} rows[] = {
		{ "", 0, "" },
		{ "plain text, {}[]'/", 18, "plain text, {}[]'/" },
		{ "\"", 1, "\\\"" },
		{ "\\", 1, "\\\\" },
		{ "a\"b\\c", 5, "a\\\"b\\\\c" },
		{ "\"\"", 2, "\\\"\\\"" },
		{ "line\nbreak\r", 11, "line\\u000abreak\\u000d" },
		{ "\0end", 4, "\\u0000end" },
		{ "\x1b[31m", 5, "\\u001b[31m" },
		{ "\x1f ~\x7f\x80\xff", 6, "\\u001f ~\\u007f\\u0080\\u00ff" },
		{ "\xc3\xa9", 2, "\\u00c3\\u00a9" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct log_line line;
		char expected[256];

		log_open(ends[1], LOG_FORMAT_JSON, LOG_LEVEL_INFO);
		log_begin(&line, LOG_LEVEL_INFO, "event");
		log_text(&line, "k", rows[i].bytes, rows[i].len);
		log_int(&line, "n", 7);
		log_end(&line);
		snprintf(expected, sizeof(expected), "\"event\":\"event\",\"k\":\"%s\",\"n\":7}",
		    rows[i].escaped);
		CU_ASSERT_STRING_EQUAL(line_from("\"event\":"), expected);

		log_open(ends[1], LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
		log_begin(&line, LOG_LEVEL_WARN, "event");
		log_text(&line, "k", rows[i].bytes, rows[i].len);
		log_end(&line);
		snprintf(expected, sizeof(expected), "warn unit: event k=\"%s\"", rows[i].escaped);
		CU_ASSERT_STRING_EQUAL(line_from("warn"), expected);
	}
}

static void
numbers_are_whole(void)
{
	static const struct {
		int64_t number;
		const char *digits;
	} rows[] = {
		{ 0, "0" },
		{ -1, "-1" },
		{ 1000, "1000" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};

	log_open(ends[1], LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct log_line line;
		char expected[64];

		log_begin(&line, LOG_LEVEL_INFO, "event");
		log_int(&line, "n", rows[i].number);
		log_end(&line);
		snprintf(expected, sizeof(expected), "event n=%s", rows[i].digits);
		CU_ASSERT_STRING_EQUAL(line_from("event"), expected);
	}
}

/* A value that does not fit is left out whole, with all that follows; the line says so and stays
 * one that a JSON reader takes. */
static void
a_full_line_says_so(void)
{
	static char large[LIMIT_LOG_LINE_BYTES];
	struct log_line line;

	memset(large, '\n', sizeof(large));
	log_open(ends[1], LOG_FORMAT_JSON, LOG_LEVEL_INFO);
	for (size_t len = LIMIT_LOG_LINE_BYTES / 6 - 60; len < sizeof(large); len += 131) {
		const char *got;
		bool fits;

		log_begin(&line, LOG_LEVEL_INFO, "event");
		log_text(&line, "k", large, len);
		log_int(&line, "n", 7);
		log_end(&line);
		got = line_from("\"event\":");
		fits = strstr(got, "\"k\":\"\\u000a") != NULL;
		CU_ASSERT_STRING_EQUAL(fits ? got + strlen(got) - 8 : got,
		    fits ? "\",\"n\":7}" : "\"event\":\"event\",\"truncated\":true}");
		CU_ASSERT_EQUAL(fits, 6 * len < LIMIT_LOG_LINE_BYTES - 200);
	}
}

void
suite_log(void)
{
	CU_pSuite suite = CU_add_suite("log", set_up, tear_down);

	if (suite == NULL || CU_add_test(suite, "values are escaped", values_are_escaped) == NULL ||
	    CU_add_test(suite, "numbers are whole", numbers_are_whole) == NULL ||
	    CU_add_test(suite, "a full line says so", a_full_line_says_so) == NULL)
		abort();
}
