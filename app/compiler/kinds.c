/* SPDX-License-Identifier: BSD-2-Clause */
/* kinds.c - a reader per kind */
#include "compiler/kinds.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/uuid.h"
#include "database/catalogue.h"
#include "formats/decimal.h"
#include "formats/instant.h"
#include "formats/utf8.h"

enum { EXPECTED_BYTES = 512 }; /* of the labels of an enum, in a message */

static const char *
object(struct objection *wrong, const char *code, const char *expected)
{
	*wrong = (struct objection){ code, expected };
	return NULL;
}

static const char *
read_uuid(
    const struct column *column, const char *text, struct arena *arena, struct objection *wrong)
{
	(void)column, (void)arena;
	return uuid_ok(text) ? text : object(wrong, "type", "a uuid");
}

static const char *
read_bool(
    const struct column *column, const char *text, struct arena *arena, struct objection *wrong)
{
	(void)column, (void)arena;
	if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return object(wrong, "type", "true or false");
	return text;
}

static const char *
read_integer(const struct column *column, const struct decimal *d, struct arena *arena,
    struct objection *wrong)
{
	static const struct {
		int64_t low, high;
		const char *expected;
	} widths[] = {
		{ INT64_MIN, INT64_MAX,
		    "a whole number from -9223372036854775808 to 9223372036854775807" },
		{ INT32_MIN, INT32_MAX, "a whole number from -2147483648 to 2147483647" },
		{ INT16_MIN, INT16_MAX, "a whole number from -32768 to 32767" },
	};
	size_t width = column->smallint ? 2 : column->integer;
	int64_t number;

	if (d->point < (long)d->count)
		return object(wrong, "type", "a whole number");
	if (!decimal_integer(d, &number) || number < widths[width].low ||
	    number > widths[width].high)
		return object(wrong, "range", widths[width].expected);
	return arena_printf(arena, "%" PRId64, number);
}

/* A canonical number: no sign but -, no leading zero, no fraction and no exponent, so that one row
 * has one address. */
static const char *
read_plain_integer(
    const struct column *column, const char *text, struct arena *arena, struct objection *wrong)
{
	struct decimal d;

	if (!decimal_read(&d, text) || strpbrk(text, ".eE") != NULL || strcmp(text, "-0") == 0)
		return object(wrong, "type", "a whole number");
	return read_integer(column, &d, arena, wrong);
}

static const char *
read_numeric(
    const struct column *column, const char *text, struct arena *arena, struct objection *wrong)
{
	struct decimal d;

	(void)column, (void)arena;
	if (!decimal_read(&d, text))
		return object(wrong, "type", "a number, such as -12.50");
	return text;
}

/* PostgreSQL asks the same functions of the C library, and refuses what is infinite or becomes 0 in
 * them. */
static const char *
read_float(
    const struct column *column, const char *text, struct arena *arena, struct objection *wrong)
{
	struct decimal d;
	double number;

	(void)arena;
	if (!decimal_read(&d, text))
		return object(wrong, "type", "a number, such as -12.50");
	number = column->real ? (double)strtof(text, NULL) : strtod(text, NULL);
	if (isinf(number) || (number == 0 && d.count > 0))
		return object(wrong, "range",
		    column->real ? "a number within single precision"
				 : "a number within double precision");
	return text;
}

static const char *
read_text(
    const struct column *column, const char *text, struct arena *arena, struct objection *wrong)
{
	(void)column, (void)arena, (void)wrong;
	return text;
}

static const char *
read_enum(
    const struct column *column, const char *text, struct arena *arena, struct objection *wrong)
{
	struct text labels;

	text_init(&labels, arena, EXPECTED_BYTES);
	for (size_t i = 0; column->labels != NULL && column->labels[i] != NULL; i++) {
		if (strcmp(column->labels[i], text) == 0)
			return text;
		text_printf(&labels, "%s%s", i > 0 ? ", " : "one of ", column->labels[i]);
	}
	return object(wrong, "enum", labels.failed ? "one of its labels" : labels.bytes);
}

/* The three kinds of time. What is read goes on in one form, whatever the client's was: PostgreSQL
 * knows no offsets of 16 hours and more. */
static const char *
read_instant(
    const struct column *column, const char *text, struct arena *arena, struct objection *wrong)
{
	static const struct {
		enum instant_form form;
		const char *expected;
	} forms[KIND__MAX] = {
		[KIND_INSTANT] = { INSTANT_ZONED,
		    "a date, or a date and time with its zone, such as 2024-05-17T09:30:00Z" },
		[KIND_TIMESTAMP] = { INSTANT_LOCAL,
		    "a date, or a date and time without a zone, such as 2024-05-17T09:30:00" },
		[KIND_DATE] = { INSTANT_DATE, "a date, such as 2024-05-17" },
	};
	static const char *const expected[] = {
		[INSTANT_NO_DAY] = "a day of the calendar, from 0001-01-01 to 9999-12-31",
		[INSTANT_NO_TIME] = "a time up to 23:59:59, with an offset up to 23:59",
		[INSTANT_LEAP_SECOND] = "a time of seconds from 0 to 59: leap seconds are not kept",
		[INSTANT_OUTSIDE] = "a time in the years 0001 to 9999 of UTC",
	};
	static_assert(COUNT_OF(expected) == INSTANT_VERDICT__MAX, "a phrase per verdict");
	enum instant_form form = forms[column->kind].form;
	enum instant_verdict verdict;
	int64_t microseconds;
	char *bytes;

	verdict = instant_read(&microseconds, form, text);
	if (verdict == INSTANT_MALFORMED)
		return object(wrong, "type", forms[column->kind].expected);
	if (verdict != INSTANT_READ)
		return object(wrong, "range", expected[verdict]);
	bytes = arena_alloc(arena, INSTANT_BYTES);
	instant_write(bytes, form, microseconds);
	return bytes;
}

static const char *
read_none(
    const struct column *column, const char *text, struct arena *arena, struct objection *wrong)
{
	static const char *const expected[KIND__MAX] = {
		[KIND_JSON] = "json, which no single text is",
		[KIND_ARRAY] = "an array, which no single text is",
		[KIND_OPAQUE] = "of a type that takes no value from outside",
	};

	(void)text, (void)arena;
	return object(wrong, "type", expected[column->kind]);
}

const char *
kind_read(
    const struct column *column, const char *text, struct arena *arena, struct objection *wrong)
{
	static const char *(*const readers[])(
	    const struct column *, const char *, struct arena *, struct objection *) = {
		[KIND_UUID] = read_uuid,
		[KIND_BOOL] = read_bool,
		[KIND_INT] = read_plain_integer,
		[KIND_NUMERIC] = read_numeric,
		[KIND_FLOAT] = read_float,
		[KIND_TEXT] = read_text,
		[KIND_ENUM] = read_enum,
		[KIND_INSTANT] = read_instant,
		[KIND_TIMESTAMP] = read_instant,
		[KIND_DATE] = read_instant,
		[KIND_JSON] = read_none,
		[KIND_ARRAY] = read_none,
		[KIND_OTHER] = read_text,
		[KIND_OPAQUE] = read_none,
	};
	static_assert(COUNT_OF(readers) == KIND__MAX, "a reader per kind");

	assert(column->kind < KIND__MAX);
	return readers[column->kind](column, text, arena, wrong);
}

const char *
kind_read_number(
    const struct column *column, const char *text, struct arena *arena, struct objection *wrong)
{
	struct decimal d;

	if (column->kind != KIND_INT)
		return kind_read(column, text, arena, wrong);
	if (!decimal_read(&d, text))
		return object(wrong, "type", "a whole number");
	return read_integer(column, &d, arena, wrong);
}

bool
kind_fits(
    const struct column *column, const char *bytes, struct arena *arena, struct objection *wrong)
{
	struct decimal d;

	if (column->kind == KIND_TEXT && column->max_length > 0 &&
	    utf8_characters(bytes) > (size_t)column->max_length) {
		object(wrong, "length",
		    arena_printf(arena, "text of at most %ld characters", column->max_length));
		return false;
	}
	if (column->kind == KIND_NUMERIC && column->precision > 0 && decimal_read(&d, bytes) &&
	    !decimal_fits(&d, column->precision, column->scale)) {
		object(wrong, "range",
		    arena_printf(arena, "a number under 1e%d in absolute value",
			column->precision - column->scale));
		return false;
	}
	return true;
}
