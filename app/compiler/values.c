/* SPDX-License-Identifier: BSD-2-Clause */
/* values.c - the syntax of each kind of key
 *
 * Ids are uuid, bigint or text (DESIGN 2); those are the kinds that are read so far. */
#include "compiler/values.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/problem.h"
#include "database/catalogue.h"
#include "database/sqltext.h"

/* 8-4-4-4-12 hexadecimal digits (RFC 9562, 4); PostgreSQL would take other forms, links would not
 * match. */
static bool
uuid_ok(const struct column *column, const char *text)
{
	(void)column;
	if (strlen(text) != 36)
		return false;
	for (size_t i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : strchr("0123456789abcdefABCDEF", text[i]) == NULL)
			return false;
	}
	return true;
}

/* A canonical number within its column: no sign but -, no leading zero, so that one row has one
 * address. */
static bool
int_ok(const struct column *column, const char *text)
{
	const char *digits = text[0] == '-' ? text + 1 : text;
	char *end;
	long long n;

	if (digits[0] < '0' || digits[0] > '9' ||
	    (digits[0] == '0' && (digits[1] != '\0' || digits != text)))
		return false;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno != 0 || *end != '\0')
		return false;
	if (column->smallint)
		return n >= INT16_MIN && n <= INT16_MAX;
	return !column->integer || (n >= INT32_MIN && n <= INT32_MAX);
}

static bool
text_ok(const struct column *column, const char *text)
{
	(void)column;
	return text[0] != '\0';
}

static const struct {
	bool (*ok)(const struct column *, const char *text);
	const char *expected;
} readers[KIND__MAX] = {
	[KIND_UUID] = { uuid_ok, "a uuid" },
	[KIND_INT] = { int_ok, "a whole number that fits it" },
	[KIND_TEXT] = { text_ok, "text" },
};

const struct value *
value_read(const struct column *column, const char *text, const char *pointer, struct arena *arena,
    struct problem *p)
{
	/* The registration admits no key of another kind. */
	assert(column->kind < KIND__MAX && readers[column->kind].ok != NULL);
	if (!readers[column->kind].ok(column, text)) {
		problem_fault(p, pointer, "type", "%s is %s, not \"%s\"", column->json,
		    readers[column->kind].expected, text);
		return NULL;
	}
	return value_typed(arena, column->type, text);
}
